"""Two surfaces -> changes: what can affect a caller."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from apimig.surface.model import Deprecation, Kind, Surface, Symbol
from apimig.surface.returns import returned_otherwise
from apimig.surface.signatures import ParameterChange, is_called_alike, parameter_changes, renamed_to
from apimig.surface.standard import standard_members


class ChangeKind(enum.StrEnum):
    """How two releases differ in one place."""

    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    CLASS_TO_FUNCTION = "class became function"
    FUNCTION_TO_CLASS = "function became class"
    PROPERTY_TO_METHOD = "property became method"
    METHOD_TO_PROPERTY = "method became property"
    PARAMETER_REMOVED = "parameter removed"
    PARAMETER_RENAMED = "parameter renamed"
    PARAMETER_ADDED = "parameter added"
    PARAMETER_REORDERED = "parameter reordered"
    PARAMETER_KIND = "parameter kind changed"
    PARAMETER_DEFAULT = "default changed"
    PARAMETER_DEPRECATED = "parameter deprecated"
    DEPRECATED = "deprecated"
    RETURNS = "return type changed"


_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_SPECIAL = re.compile(r"^__(?!call__)\w+__$")  # operators call these, by position


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``name`` is how the old release's users know the thing, ``names`` all names that it concerns.

    ``before`` and ``after`` say what changed: names, signatures, defaults or types. ``breaking`` when code that
    worked can fail or mean something else; a deprecation or a new optional parameter is not.
    """

    kind: ChangeKind
    name: str
    symbol: Kind
    before: str = ""
    after: str = ""
    parameter: str = ""
    text: str = ""
    since: str = ""
    replacement: str = ""
    breaking: bool = True
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        parameter = f"({self.parameter})" if self.parameter else ""
        more = f" (and {len(self.names) - 1} more)" if len(self.names) > 1 else ""
        what = (
            f"{self.before} -> {self.after}" if self.before and self.after else self.after or self.before or self.text
        )
        return f"{self.name}{parameter}{more} {self.kind}{': ' + what if what else ''}"


def diff(old: Surface, new: Surface) -> tuple[Change, ...]:
    """Every change from one surface to the other, each once, in the order of names."""
    found = _Differ(old, new).run()
    order = list(ChangeKind)
    return tuple(sorted(found, key=lambda each: (each.name, order.index(each.kind), each.parameter, each.after)))


class _Differ:
    def __init__(self, old: Surface, new: Surface) -> None:
        self.old = old
        self.new = new
        self.gone_modules = {
            name for name, entry in old.entries.items() if entry["k"] == "M" and not self._module_in_new(name)
        }
        # What is handed out under a base is one of its public classes, and these are looked at themselves.
        public = [name for name, entry in old.entries.items() if entry["k"] == "c" and "i" not in entry]
        self.bases = {base for name in public for base in old.mro(name)[1:]}
        self.heirs: dict[str, list[str]] = {}
        for name in public:
            for base in old.mro(name)[1:]:
                self.heirs.setdefault(base, []).append(name)
        self.mixed = old.probed != new.probed
        self.shared: dict[tuple[object, ...], Change] = {}

    def run(self) -> list[Change]:
        changes: list[Change] = []
        for name in self.old.entries:
            symbol = self.old.find(name)
            assert symbol is not None  # noqa: S101 - it is an entry
            if self.mixed and symbol.generated:
                continue
            if symbol.kind is Kind.MODULE:
                changes += self._module(symbol)
            elif symbol.public:
                changes += self._object(symbol)
            elif symbol.held and symbol.name not in self.bases:
                self._held(symbol)
        return changes + [each for each in self.shared.values() if not self._mirrors_a_parameter(each)]

    def _mirrors_a_parameter(self, change: Change) -> bool:
        """Whether an attribute is gone because the constructor's parameter that it keeps is gone: that says it."""
        if change.symbol is not Kind.ATTRIBUTE or change.kind not in (ChangeKind.REMOVED, ChangeKind.RENAMED):
            return False
        owner, _, last = change.name.rpartition(".")
        made = self.old.constructor(self.old.canonical(owner) or owner)
        return made is not None and last in made.names

    # ----------------------------------------------------------------- objects of modules

    def _module_in_new(self, name: str) -> bool:
        return self.new.offers(name) is not None or any(path.startswith(name + ".") for path in self.new.entries)

    def _module(self, symbol: Symbol) -> Iterator[Change]:
        if symbol.name in self.gone_modules:
            if symbol.name.rpartition(".")[0] not in self.gone_modules:
                yield Change(ChangeKind.REMOVED, symbol.name, Kind.MODULE, names=(symbol.name,))
            return
        now = self.new.find(symbol.name)
        if now is not None:
            yield from _deprecated(symbol, now)

    def _object(self, symbol: Symbol) -> Iterator[Change]:
        paths = (symbol.name, *symbol.paths)
        there = {path: target for path in paths if (target := self.new.offers(path)) is not None}
        lost = tuple(path for path in paths if path not in there)
        if not there:
            yield from self._gone(symbol, paths)
            return
        if lost and (kept := self._outside_gone_modules(lost)):
            yield self._moved(symbol, kept, next(iter(there.values())))
        for path, target in self._distinct(there).items():
            now = self.new.find(target)
            if now is not None:
                yield from self._compare(symbol, now, path)

    @staticmethod
    def _distinct(there: dict[str, str]) -> dict[str, str]:
        """One path for each object of the new release that the old object's paths lead to."""
        first: dict[str, str] = {}
        for path, target in there.items():
            first.setdefault(target, path)
        return {path: target for target, path in first.items()}

    def _outside_gone_modules(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in paths if path.rpartition(".")[0] not in self.gone_modules)

    def _moved(self, symbol: Symbol, lost: tuple[str, ...], target: str) -> Change:
        same_place = all(path.rpartition(".")[0] == target.rpartition(".")[0] for path in lost)
        kind = ChangeKind.RENAMED if same_place else ChangeKind.MOVED
        return Change(kind, lost[0], symbol.kind, lost[0], target, replacement=target, names=lost)

    def _gone(self, symbol: Symbol, paths: tuple[str, ...]) -> Iterator[Change]:
        target, sure = self._successor(symbol)
        kept = self._outside_gone_modules(paths)
        if target and sure:
            yield self._moved(symbol, paths, target)
        elif kept:
            said = symbol.deprecated
            yield Change(
                ChangeKind.REMOVED,
                kept[0],
                symbol.kind,
                text=said.text if said else "",
                since=said.since if said else "",
                replacement=(said.replacement if said else "") or target or self._successor_of_calls(symbol),
                names=kept,
            )

    def _successor(self, symbol: Symbol) -> tuple[str, bool]:
        """Where the object went, and whether that is sure: same place of definition, or same name and only one such.

        A function that only handed its arguments on went where it handed them.
        """
        if handed := self._handed_on(symbol):
            return handed, True
        if (by_home := self.new.homes.get(symbol.home) or self.new.offers(symbol.home)) and self.new.offers(by_home):
            return by_home, True
        alike = [
            name
            for name, entry in self.new.entries.items()
            if name.rpartition(".")[2] == symbol.last and "i" not in entry and self.old.offers(name) is None
        ]
        same = [each for each in map(self.new.find, alike) if each is not None and _alike(symbol, each)]
        if len(same) == 1:
            return same[0].name, True
        owner = symbol.name.rpartition(".")[0]
        fresh = [
            each
            for name in self.new.entries
            if name.rpartition(".")[0] == owner and self.old.offers(name) is None
            if (each := self.new.find(name)) is not None and each.public
        ]
        return renamed_to(symbol, fresh), True

    def _successor_of_calls(self, symbol: Symbol) -> str:
        return (self.old.canonical(symbol.hands_on) or "") if symbol.hands_on else ""

    def _handed_on(self, symbol: Symbol) -> str:
        """The public name of what a function only handed its arguments on to, if its calls can be calls of that."""
        known = self._successor_of_calls(symbol)
        target = self.new.offers(known) if known else None
        now = None if target is None else self.new.find(target)
        return now.name if now is not None and is_called_alike(symbol, now) else ""

    # ----------------------------------------------------------------- one object, before and now

    def _compare(self, was: Symbol, now: Symbol, path: str) -> Iterator[Change]:
        named = replace(was, name=path)
        if was.kind is Kind.CLASS and now.kind is Kind.CLASS:
            yield from _deprecated(named, now)
            self._constructor(named, was, now)
            self._members(was.name, now.name, path)
        else:
            yield from self._compared(named, now)

    def _compared(self, was: Symbol, now: Symbol) -> Iterator[Change]:
        """The changes of one callable or value; the old one's types under the names that the new release gives them."""
        if was.returns:
            renamed = _DOTTED.sub(lambda match: self.new.canonical(match.group()) or match.group(), was.returns)
            was = replace(was, returns=renamed)
        for change in _compared(was, now):
            if not (_SPECIAL.match(was.last) and change.parameter):
                yield change

    def _held(self, symbol: Symbol) -> None:
        now = self.new.entries.get(symbol.name) or self.new.entries.get(self.new.homes.get(symbol.home, ""))
        if now is not None and now["k"] == "c":
            self._members(symbol.name, self.new.homes.get(symbol.home, symbol.name), symbol.name)

    def _constructor(self, named: Symbol, was: Symbol, now: Symbol) -> None:
        before, after = self.old.constructor_of(was.name), self.new.constructor_of(now.name)
        if before[1] and after[1] and before[1] != after[1]:
            made, makes = self._made(self.old, before[0]), self._made(self.new, after[0])
            was_made = replace(made or was, name=named.name, kind=Kind.CLASS, signature=was.signature)
            now_made = replace(makes or now, kind=Kind.CLASS, signature=now.signature)
            documented = {**was.documentation, **was_made.documentation}
            told = {**now.documentation, **now_made.documentation}
            changes = _parameters(
                replace(was_made, documentation=documented, parameters_deprecated=_all_said(was, was_made)),
                replace(
                    now_made,
                    documentation=told,
                    parameters_deprecated=_all_said(now, now_made),
                    stands_for={**now.stands_for, **now_made.stands_for},
                ),
            )
            self._share(changes, before[0], after[0])

    @staticmethod
    def _made(surface: Surface, owner: str) -> Symbol | None:
        return surface.find(f"{owner}.__init__") or surface.find(f"{owner}.__new__")

    # ----------------------------------------------------------------- members

    def _members(self, was: str, now: str, path: str) -> None:
        before, after = self.old.members(was), self.new.members(now)
        for last, definer in before.items():
            if last in ("__init__", "__new__"):
                continue
            old = self.old.find(f"{definer}.{last}")
            assert old is not None  # noqa: S101 - it is a member
            if self.mixed and old.generated:
                continue
            named = replace(old, name=f"{path}.{last}")
            if last in after:
                new = self.new.find(f"{after[last]}.{last}")
                assert new is not None  # noqa: S101 - it is a member
                self._share(self._compared(named, new), old.home, new.home)
            elif not (
                self._inherited_from_outside(was, now, last)
                or self._only_prose_of_a_base(was, definer, last)
                or self._kept_by_heirs(was, last)
            ):
                fresh = [name for name in after if name not in before]
                self._share([self._gone_member(named, after, fresh)], old.home, "")

    def _kept_by_heirs(self, owner: str, last: str) -> bool:
        """Whether every public class that derives from the owner still has the member: instances are of those.

        One of the owner's name is the owner itself, as another module shows it.
        """
        name = owner.rpartition(".")[2]
        heirs = [each for each in self.heirs.get(owner, ()) if each.rpartition(".")[2] != name]
        there = [now for each in heirs if (now := self.new.offers(each)) is not None]
        return bool(there) and all(last in self.new.members(each) for each in there)

    def _only_prose_of_a_base(self, owner: str, definer: str, last: str) -> bool:
        """Whether only the documentation of a base tells of the attribute: the class itself may never have had it."""
        entry = self.old.entries[definer]["m"][last]
        return definer != owner and entry["k"] == "a" and entry.get("f") == "d"

    def _inherited_from_outside(self, was: str, now: str, last: str) -> bool:
        """Whether a base outside the library gives the member, or may: one that is new and unknown."""
        known_before = set(self.old.foreign_bases(was))
        for base in self.new.foreign_bases(now):
            members = standard_members(base)
            if members is None:
                if base not in known_before:
                    return True
            elif last in members:
                return True
        return False

    def _gone_member(self, named: Symbol, after: dict[str, str], fresh: list[str]) -> Change:
        if (handed := self._handed_on_member(named, after)) != "":
            return Change(ChangeKind.RENAMED, named.name, named.kind, named.name, handed, replacement=handed)
        candidates = [found for last in fresh if (found := self.new.find(f"{after[last]}.{last}")) is not None]
        owner = named.name.rpartition(".")[0]
        if target := renamed_to(named, candidates):
            renamed = f"{owner}.{target.rpartition('.')[2]}"
            return Change(ChangeKind.RENAMED, named.name, named.kind, named.name, renamed, replacement=renamed)
        said = named.deprecated
        text, since, instead = (said.text, said.since, said.replacement) if said else ("", "", "")
        return Change(ChangeKind.REMOVED, named.name, named.kind, text=text, since=since, replacement=instead)

    def _handed_on_member(self, named: Symbol, after: dict[str, str]) -> str:
        owner, last = named.name.rpartition(".")[0], named.hands_on.rpartition(".")[2]
        now = self.new.find(f"{after[last]}.{last}") if last in after else None
        return f"{owner}.{last}" if now is not None and is_called_alike(named, now) else ""

    def _share(self, changes: Iterator[Change] | list[Change], old_home: str, new_home: str) -> None:
        """Count what several classes inherit once, under the name of the class that comes first."""
        for change in changes:
            last = "" if change.symbol is Kind.CLASS else change.name.rpartition(".")[2]
            origin = "" if change.kind is ChangeKind.DEPRECATED else old_home  # what counts is where it is said
            key = (
                *(origin, new_home, change.kind, change.parameter, change.text),
                *((change.before, change.after) if change.kind is not ChangeKind.RENAMED else ()),
                last if not old_home.endswith(last) else "",
            )
            known = self.shared.get(key)
            names = sorted({*(known.names if known else ()), change.name}, key=lambda n: (n.count("."), n))
            first = self._defining(names, old_home)
            self.shared[key] = replace(change if known is None else known, name=first, names=tuple(names))

    def _defining(self, names: list[str], home: str) -> str:
        preferred = self.old.canonical(home)
        return preferred if preferred in names else names[0]


def _all_said(*symbols: Symbol) -> dict[str, Deprecation]:
    return {key: value for each in symbols for key, value in each.parameters_deprecated.items()}


def _alike(was: Symbol, now: Symbol) -> bool:
    """Whether two objects of one name can be the same object, moved."""
    if was.kind is not now.kind:
        return False
    documented, told = was.documentation.get(""), now.documentation.get("")
    if documented and told:
        return documented == told or was.signature == now.signature
    return was.signature == now.signature


_VALUES = (Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)
_CALLED = (Kind.FUNCTION, Kind.METHOD, Kind.CLASS_METHOD, Kind.STATIC_METHOD)


def _compared(was: Symbol, now: Symbol) -> Iterator[Change]:
    if (kind := _kind_changed(was, now)) is not None:
        yield Change(kind, was.name, was.kind, str(was.kind), str(now.kind))
        return
    yield from _deprecated(was, now)
    if was.kind in _CALLED and now.kind in _CALLED:
        yield from _parameters(was, now)
    if (types := returned_otherwise(was, now)) is not None:
        yield Change(ChangeKind.RETURNS, was.name, was.kind, *types)


def _kind_changed(was: Symbol, now: Symbol) -> ChangeKind | None:
    match was.kind, now.kind:
        case Kind.CLASS, Kind.FUNCTION:
            return ChangeKind.CLASS_TO_FUNCTION
        case Kind.FUNCTION, Kind.CLASS:
            return ChangeKind.FUNCTION_TO_CLASS
        case Kind.PROPERTY, (Kind.METHOD | Kind.CLASS_METHOD | Kind.STATIC_METHOD):
            if (was.generated and not was.returns) or now.signature is None:
                return None  # a wrapper whose value may be called
            return ChangeKind.PROPERTY_TO_METHOD
        case ((Kind.METHOD | Kind.CLASS_METHOD | Kind.STATIC_METHOD), Kind.PROPERTY):
            return ChangeKind.METHOD_TO_PROPERTY
    return None


def _deprecated(was: Symbol, now: Symbol) -> Iterator[Change]:
    if now.deprecated is not None and was.deprecated is None:
        said = now.deprecated
        yield Change(
            ChangeKind.DEPRECATED,
            was.name,
            was.kind,
            text=said.text,
            since=said.since,
            replacement=said.replacement,
            breaking=False,
            names=(was.name,),
        )


def _parameters(was: Symbol, now: Symbol) -> Iterator[Change]:
    for each in parameter_changes(was, now):
        yield _as_change(was, each)


def _as_change(was: Symbol, each: ParameterChange) -> Change:
    return Change(
        ChangeKind(each.kind),
        was.name,
        was.kind,
        each.before,
        each.after,
        each.parameter,
        each.text,
        each.since,
        each.replacement,
        each.breaking,
        (was.name,),
    )
