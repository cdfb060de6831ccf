"""Changes of a library -> rules that nobody wrote: each names the change, and obeys what holds for every rule.

What a call binds on the old side must be bound by the same arguments on the new one. Where that can be written with
certainty (by keyword, under the new name, without what holds its default) the rule is safe; where the new call keeps
the old meaning only if the library still means it (a default that changed) it is unsafe; the rest is for a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from apimig.records import Applicability
from apimig.rulebook.rule import (
    Advise,
    Body,
    ChangeCall,
    ParameterOp,
    Rename,
    RenameMember,
    Rule,
)
from apimig.rulebook.signature import Parameter, Signature
from apimig.surface.changes import Change, ChangeKind, diff
from apimig.surface.model import Kind, Surface, Symbol
from apimig.surface.parameters import write_signature
from apimig.surface.publicity import release_notes
from apimig.surface.signatures import differ_in_parameters

_PARAMETERS = frozenset(
    (
        ChangeKind.PARAMETER_REMOVED,
        ChangeKind.PARAMETER_RENAMED,
        ChangeKind.PARAMETER_ADDED,
        ChangeKind.PARAMETER_REORDERED,
        ChangeKind.PARAMETER_KIND,
        ChangeKind.PARAMETER_DEFAULT,
        ChangeKind.PARAMETER_DEPRECATED,
    )
)
_MEMBERS = (Kind.METHOD, Kind.CLASS_METHOD, Kind.STATIC_METHOD, Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)
Documented = tuple[Mapping[str, str], Mapping[str, str]]  # hashes of what is written of parameters, before and now
_RECEIVERS = {Kind.METHOD: "self", Kind.CLASS_METHOD: "cls"}
_ANNOUNCEMENTS = ("'warn'", "'deprecated'", "'hidden'")  # as a default: the call warns that it will change
_LIKELY = "`{}` may be called `{}` now"
_TEXT_SHOWN = 300
_CHANGES_SHOWN = 3


def derive(old: Surface, new: Surface) -> tuple[Rule, ...]:
    """The rules that follow from what changed between two releases, each with an id that no rule file can have.

    A callable has up to three: of calls that the new release refuses or binds otherwise, of defaults that changed
    (``:default``), and of deprecations (``:deprecated``). Callables with the same change share one.
    """
    work = _Deriver(old, new)
    return tuple(work.rules(diff(old, new)))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rule without its names: those of the same draft become one rule."""

    aspect: str
    signature: str
    ops: tuple[ParameterOp, ...]


class _Deriver:
    def __init__(self, old: Surface, new: Surface) -> None:
        self.old, self.new = old, new
        self.reference = release_notes(new.roots, new.version)

    def rules(self, changes: Sequence[Change]) -> Iterator[Rule]:
        called: dict[str, list[Change]] = {}
        for change in changes:
            if change.kind in _PARAMETERS:
                for name in change.names:
                    called.setdefault(name, []).append(change)
            elif (body := self._body(change)) is not None:
                yield self._rule(change.name, _aspect(change), body, [change])
        yield from self._calls(called)

    def _rule(self, name: str, aspect: str, body: Body, changes: Sequence[Change]) -> Rule:
        deprecated = all(not change.breaking for change in changes)
        unsafe = aspect == "default"
        return Rule(
            id=f"{self.old.distribution}/{name}{':' + aspect if aspect else ''}",
            library=self.old.distribution,
            body=body,
            summary=_summary(changes),
            reference=self.reference,
            applicability=Applicability.UNSAFE if unsafe else Applicability.SAFE,
            deprecated=self.new.version if deprecated else "",
            changed="" if deprecated else self.new.version,
            advise=_advice(changes, told=not isinstance(body, Advise)),
            ask=isinstance(body, (Advise, RenameMember)) and _is_telling(name),
            derived=True,
            prose=False,
        )

    # ----------------------------------------------------------------- what is not about calls

    def _body(self, change: Change) -> Body | None:
        match change.kind:
            case ChangeKind.RENAMED | ChangeKind.MOVED:
                return self._renamed(change) if self._is_same(change) else Advise(change.names)
            case ChangeKind.CLASS_TO_FUNCTION | ChangeKind.FUNCTION_TO_CLASS:
                return None  # a call of the one is a call of the other
        return Advise(change.names)

    def _is_same(self, change: Change) -> bool:
        was, now = self._both(change.name)[0], self._after(change)
        return was is not None and now is not None and is_same(was, now)

    def _after(self, change: Change) -> Symbol | None:
        owner, _, last = change.after.rpartition(".")
        known = self.new.canonical(owner)
        return self.new.find(change.after) or (None if known is None else self.new.member(known, last))

    def _renamed(self, change: Change) -> Body:
        last = change.after.rpartition(".")[2]
        if change.symbol in _MEMBERS and self._is_class(change.name.rpartition(".")[0]):
            return RenameMember(tuple((name, last) for name in change.names))
        return Rename(tuple((name, change.after) for name in change.names))

    def _is_class(self, name: str) -> bool:
        found = self.old.find(name)
        return found is not None and found.kind is Kind.CLASS

    # ----------------------------------------------------------------- calls

    def _calls(self, called: Mapping[str, list[Change]]) -> Iterator[Rule]:
        grouped: dict[_Draft, list[str]] = {}
        for name, changes in called.items():
            was, now = self._both(name)
            if was is None or now is None:
                continue
            for draft in _drafts(self._whole(self.old, was), self._whole(self.new, now), changes):
                grouped.setdefault(draft, []).append(name)
        for draft, names in grouped.items():
            made = [f"{name}.__init__" for name in names if self._is_class(name)]  # as a subclass calls it
            body = ChangeCall((*names, *made), draft.signature, draft.ops)
            yield self._rule(names[0], draft.aspect, body, _of_aspect(called[names[0]], draft.aspect))

    @staticmethod
    def _whole(surface: Surface, symbol: Symbol) -> Symbol:
        """A class with what its constructor's documentation says of parameters."""
        made = surface.find(f"{symbol.name}.__init__") if symbol.kind is Kind.CLASS else None
        return symbol if made is None else replace(symbol, documentation={**symbol.documentation, **made.documentation})

    def _both(self, name: str) -> tuple[Symbol | None, Symbol | None]:
        was = self.old.find(name)
        if was is None or was.kind not in _MEMBERS:
            return was, self.new.find(name)
        owner, _, last = name.rpartition(".")
        known = self.new.canonical(owner)
        return was, None if known is None else self.new.member(known, last)


def _is_telling(name: str) -> bool:
    """Whether few other objects have a member of the name, so that unknown receivers are worth a look."""
    last = name.rpartition(".")[2].strip("_")
    return "_" in last or len(last) >= 12


def _aspect(change: Change) -> str:
    if change.kind is ChangeKind.DEPRECATED:
        return "deprecated"
    return "returns" if change.kind is ChangeKind.RETURNS else ""


def _of_aspect(changes: Iterable[Change], aspect: str) -> list[Change]:
    """The changes that a rule of this aspect is about."""
    changes = list(changes)
    if aspect == "default":
        return [c for c in changes if c.kind is ChangeKind.PARAMETER_DEFAULT and c.breaking and _matters(c)]
    if aspect == "deprecated":
        return [c for c in changes if not c.breaking and c.kind is not ChangeKind.PARAMETER_ADDED]
    return [c for c in changes if c.breaking and (c.kind is not ChangeKind.PARAMETER_DEFAULT or c.after == "required")]


# --------------------------------------------------------------------------- calls


def _drafts(was: Symbol, now: Symbol, changes: Sequence[Change]) -> Iterator[_Draft]:
    old, new = was.signature, now.signature
    if old is None or new is None:
        return
    if not _is_telling_pair(was, now):
        alike = was.overloads == now.overloads and was.overloads
        if _of_aspect(changes, "") and not alike:
            yield _Draft("", "(*args, **kwargs)", (ParameterOp("undecided"),))
        return
    receiver = _RECEIVERS.get(was.kind, "")
    text = write_signature(old.parameters)
    signature = f"({receiver}{', ' if receiver and old.parameters else ''}{text[1:]}" if receiver else text
    for aspect, ops in (
        ("", _binding(was, now, changes)),
        ("default", _defaults(new, changes)),
        ("deprecated", _deprecations(changes)),
    ):
        if ops and _of_aspect(changes, aspect):
            yield _Draft(aspect, signature, tuple(ops))


def _is_telling_pair(was: Symbol, now: Symbol) -> bool:
    """Whether the two signatures are all there is to know: of overloads alone, each call may mean another one."""
    starred = [any(p.kind == "*" for p in each.signature.parameters) for each in (was, now) if each.signature]
    if not (_is_implemented(was) and _is_implemented(now)):
        return False
    return starred in ([False, False], [True, True], [True, False])


def _is_implemented(symbol: Symbol) -> bool:
    """Whether a signature binds every call, as that of an implementation does, whatever overloads stand beside it."""
    if not differ_in_parameters(symbol) or symbol.signature is None:
        return True
    text = write_signature(symbol.signature.parameters)
    return "..." not in text and not any(each.startswith(text) for each in symbol.overloads)


def is_same(was: Symbol, now: Symbol) -> bool:
    """Whether two names are of the same thing for sure: defined in one place, documented alike, or said."""
    documented = was.documentation.get("")
    if was.hands_on and was.hands_on.rpartition(".")[2] == now.home.rpartition(".")[2]:
        return True
    said = was.deprecated.replacement.rpartition(".")[2] if was.deprecated is not None else ""
    return was.home == now.home or said == now.last or bool(documented and documented == now.documentation.get(""))


def _binding(was: Symbol, now: Symbol, changes: Sequence[Change]) -> list[ParameterOp]:
    """What makes a call that the old signature binds one that the new signature binds alike."""
    old, new = was.signature, now.signature
    assert old is not None  # noqa: S101 - the caller looked
    assert new is not None  # noqa: S101 - the caller looked
    documented = was.documentation, now.documentation
    renamed = {c.parameter: c.after for c in changes if c.kind is ChangeKind.PARAMETER_RENAMED}
    gone = [c.parameter for c in changes if c.kind is ChangeKind.PARAMETER_REMOVED]
    ops = [_renaming(c, documented) for c in changes if c.kind is ChangeKind.PARAMETER_RENAMED and c.breaking]
    placed = _in_place(old, new, gone)
    told = _replaced(old, new, changes)
    likely = placed | {name: other for name, other in told.items() if _shares_a_word(name, other)}
    renamed |= likely
    ops += [each for name, other in likely.items() for each in _likely(old.names[name], other)]
    for name in gone:
        if name in told and name not in likely:
            ops += _instead(old.names[name], told[name])
        elif name not in likely:
            ops.append(_removal(old, new, name, was.stands_for.get(name)))
    shared = _shared(old, new, renamed)
    if shared < len(old.positional):
        ops += [_no_keyword(new.names[name]) for name in _moved(old, new, renamed, shared)]
        ops += [_swallowed(p) for p in old.positional[shared:] if _vanished(p.name, new, renamed, gone)]
        ops.append(ParameterOp("keyword_only", count=shared))
    if first := tuple(_by_place(old, new, shared)):
        ops.append(ParameterOp("positional", names=first))
    for change in changes:
        if change.kind is ChangeKind.PARAMETER_DEFAULT and change.after == "required":
            ops.append(_required(renamed.get(change.parameter, change.parameter), change.before))
        elif change.kind is ChangeKind.PARAMETER_ADDED and change.breaking and change.parameter not in placed.values():
            ops.append(ParameterOp("require", change.parameter))
    return ops


def _renaming(change: Change, documented: Documented) -> ParameterOp:
    """A rename, where the library says so or documents both alike; a likely one is for a person."""
    if change.replacement == change.after and change.text:
        return ParameterOp("rename", change.parameter, new=change.after)
    before, after = documented[0].get(change.parameter), documented[1].get(change.after)
    if before and before == after:
        return ParameterOp("rename", change.parameter, new=change.after)
    told = _LIKELY.format(change.parameter, change.after)
    return ParameterOp("rename", change.parameter, new=change.after, value=told)


def _in_place(old: Signature, new: Signature, gone: Sequence[str]) -> dict[str, str]:
    """Required parameters in whose place stands another one now: by position, nothing changed for all we know."""
    pairs = zip(old.positional, new.positional, strict=False)
    both = [(one, other) for one, other in pairs if one.name in gone and other.name not in old.names]
    return {one.name: other.name for one, other in both if one.default is None and other.default is None}


def _replaced(old: Signature, new: Signature, changes: Sequence[Change]) -> dict[str, str]:
    """Parameters that are gone, for which the library names another one that both releases have.

    It need not mean the same (``error_bad_lines`` and ``on_bad_lines``), so that this is no more than likely.
    """
    said = {c.parameter: c.replacement for c in changes if c.kind is ChangeKind.PARAMETER_REMOVED and c.text}
    ordinary = {p.name for p in new.parameters if p.kind not in ("*", "**", "positional")}
    return {name: other for name, other in said.items() if other in ordinary and other in old.names and name != other}


def _shares_a_word(name: str, other: str) -> bool:
    """Whether a name may be another one's new form: scipy's ``nyq`` is half of ``fs``, which it names instead."""
    return not set(name.split("_")).isdisjoint(other.split("_"))


def _instead(parameter: Parameter, other: str) -> Iterator[ParameterOp]:
    """What is not said by default is for a person, who has to find what says the same."""
    if parameter.default is not None:
        yield ParameterOp("omit", parameter.name, holds=(parameter.default,))
    yield ParameterOp("gone", parameter.name, value=f"`{parameter.name}` no longer exists; see `{other}`")


def _likely(parameter: Parameter, other: str) -> Iterator[ParameterOp]:
    """What is said by default has no place under another name."""
    if parameter.default is not None:
        yield ParameterOp("omit", parameter.name, holds=(parameter.default,))
    yield ParameterOp("rename", parameter.name, new=other, value=_LIKELY.format(parameter.name, other))


def _by_place(old: Signature, new: Signature, shared: int) -> Iterator[str]:
    """The leading parameters that a keyword no longer reaches, under their new names."""
    leading = list(new.positional[:shared])
    if any(one.kind != "positional" == other.kind for one, other in zip(old.positional, leading, strict=False)):
        yield from (each.name for each in leading if each.kind == "positional")


def _removal(old: Signature, new: Signature, name: str, documented: str | None) -> ParameterOp:
    """The parameter goes; for certain only where it holds its default, or what that stands for."""
    parameter, gone = old.names[name], f"`{name}` no longer exists"
    if parameter.kind in ("*", "**"):
        both = dict.fromkeys((*old.parameters, *new.parameters))
        known = tuple(p.name for p in both if p.kind not in ("*", "**"))
        more = len(new.positional) - len(old.positional) if parameter.kind == "*" else 0
        return ParameterOp("gone", parameter.kind + name, names=known, count=max(more, 0))
    if parameter.default is None or parameter.default == "...":
        return ParameterOp("remove", name, value=gone)
    holds = (parameter.default, *(() if documented is None else (documented,)))
    return ParameterOp("remove", name, holds=holds, value=gone)


def _shared(old: Signature, new: Signature, renamed: Mapping[str, str]) -> int:
    """How many positional arguments reach the same parameters on both sides."""
    pairs = zip(old.positional, new.positional, strict=False)
    count = 0
    for one, other in pairs:
        if renamed.get(one.name, one.name) != other.name:
            return count
        count += 1
    takes_more = len(new.positional) == count and any(p.kind == "*" for p in new.parameters)
    return len(old.positional) if takes_more and _only_loses(old, new, count) else count


def _only_loses(old: Signature, new: Signature, count: int) -> bool:
    """Whether what positional arguments reached beyond a place is taken by ``*args`` now, for all that text tells."""
    return all(parameter.name not in new.names for parameter in old.positional[count:])


def _moved(old: Signature, new: Signature, renamed: Mapping[str, str], shared: int) -> Iterator[str]:
    for parameter in old.positional[shared:]:
        name = renamed.get(parameter.name, parameter.name)
        if name in new.names and new.names[name].kind == "positional":
            yield name


def _vanished(name: str, new: Signature, renamed: Mapping[str, str], gone: Sequence[str]) -> bool:
    """Whether nothing says what became of a parameter, since ``**kwargs`` would take its name."""
    return renamed.get(name, name) not in new.names and name not in gone


def _swallowed(parameter: Parameter) -> ParameterOp:
    """Not to give it is what giving its default was; anything else ``**`` arguments may take or refuse."""
    told = f"`{parameter.name}` is no parameter any more; `**` arguments may take it, by name"
    holds = () if parameter.default in (None, "...") else (parameter.default,)
    return ParameterOp("unplaced", parameter.name, value=told, holds=holds)


def _no_keyword(parameter: Parameter) -> ParameterOp:
    return ParameterOp("gone", parameter.name, value=f"`{parameter.name}` is passed by position elsewhere now")


def _required(name: str, default: str) -> ParameterOp:
    """The old default is written; None said "not given", and that is what the new release does not take."""
    if _is_literal(default) and default != "None":
        return ParameterOp("add", name, value=default)
    return ParameterOp("require", name)


def _defaults(new: Signature, changes: Sequence[Change]) -> list[ParameterOp]:
    """The old defaults, written where the call leaves them to the library; only such as mean the same anywhere."""
    ops = []
    for change in _of_aspect(changes, "default"):
        parameter = new.names.get(change.parameter)
        if parameter is None or parameter.kind == "positional":
            continue
        if change.before in _ANNOUNCEMENTS:
            told = f"the default of `{change.parameter}` is {change.after} now, as the old release announced"
            ops.append(ParameterOp("require", change.parameter, value=told))
        else:
            ops.append(ParameterOp("explicit", change.parameter, value=change.before))
    return ops


def _matters(change: Change) -> bool:
    """Whether both defaults are values that say what they mean; ``None`` and sentinels only say "not given"."""
    if "None" in (change.before, change.after) or not (_is_literal(change.before) and _is_literal(change.after)):
        return False
    return not (_is_empty(change.before) and _is_empty(change.after))


def _is_empty(text: str) -> bool:
    """Whether a default is a collection of nothing: ``()``, and ``(None, None)`` as well."""
    value = ast.literal_eval(text)
    return isinstance(value, tuple | list | dict | str) and all(each is None for each in value)


def _deprecations(changes: Sequence[Change]) -> list[ParameterOp]:
    ops = []
    for change in _of_aspect(changes, "deprecated"):
        if change.kind is ChangeKind.PARAMETER_RENAMED:
            ops.append(ParameterOp("rename", change.parameter, new=change.after))
        elif change.kind is ChangeKind.PARAMETER_DEPRECATED and change.parameter != "*":
            ops.append(ParameterOp("gone", change.parameter, value=_told(change)))
        elif change.kind is ChangeKind.PARAMETER_DEFAULT:
            told = f"the default of `{change.parameter}` is announced to change; it still means {change.before}"
            ops.append(ParameterOp("require", change.parameter, value=told))
    return ops


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return False
    return True


# --------------------------------------------------------------------------- words


def _summary(changes: Sequence[Change]) -> str:
    first, more = _told(changes[0]), len(changes) - 1
    return f"{first} (and {more} more)" if more else first


def _told(change: Change) -> str:
    """The change in one line."""
    parameter = f"({change.parameter})" if change.parameter else ""
    what = f"{change.before} -> {change.after}" if change.before and change.after else change.after or change.before
    return f"{change.name}{parameter}: {change.kind}{', ' + what if what and what != change.parameter else ''}"


def _advice(changes: Sequence[Change], *, told: bool) -> str:
    """What the library says to do; ``told``: after what changed, where the report says only why no edit was made."""
    texts = [". ".join(filter(None, (_told(c) if told else "", _said(c)))) for c in changes[:_CHANGES_SHOWN]]
    more = len(changes) - _CHANGES_SHOWN
    return "\n".join(dict.fromkeys(filter(None, texts))) + (f"\n... and {more} more" if more > 0 else "")


def _said(change: Change) -> str:
    if change.kind is ChangeKind.RETURNS:
        return f"It gives {change.after} now, and gave {change.before}."
    text = " ".join(re.sub(r"(:\w+:)?`+", "`", change.text).split())
    text = text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 3] + "..."
    if change.replacement and change.replacement not in text:
        text = f"{text} Use {change.replacement}.".strip()
    return text
