"""Cases for a rule: code that it changes, with what comes out, and code that it leaves alone.

What comes out is made here, from the rule's data alone; that the engine comes to the same is checked by whoever has an
engine. Two in five pieces of code stay as they are: the new spelling, and a namesake of the code's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apimig.mining.calls import Given, changed, same, written
from apimig.mining.releases.drafts import Draft
from apimig.mining.releases.examples import Examples, is_literal
from apimig.rulebook.signature import Parameter, Signature, SignatureError, parse_signature
from apimig.surface.model import Kind, Surface, Symbol

_MOST = 3  # cases of a rule that many names share
_HOLE = re.compile(r"\$(?P<sigil>[?*]?)(?P<name>[A-Za-z_]\w*)")
_ABSENT = re.compile(r"(?P<before>, )?(?:[A-Za-z_]\w*=)?\$\?[A-Za-z_]\w*(?P<after>, )?")
_REST = re.compile(r"(?P<before>, )?\$\*[A-Za-z_]\w*")
_DOTTED = re.compile(r"(?<![\w.$'\"])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_NAMESAKES = {  # by whether it is a member, and whether it is a value
    (False, False): "def {name}(*args, **kwargs):\n    return args\n\nresult = {name}(1)",
    (False, True): "{name} = 1\nvalue = {name}",
    (True, False): (
        "class Other:\n    def {name}(self, *args, **kwargs):\n        return args\n\nresult = Other().{name}()"
    ),
    (True, True): "class Other:\n    {name} = None\n\nvalue = Other().{name}",
}
_HELD = (Kind.PROPERTY, Kind.ATTRIBUTE, Kind.ENUM_MEMBER)


@dataclass(frozen=True, slots=True)
class _Code:
    """A statement with its imports; ``given`` is what it assumes."""

    text: str
    imports: tuple[str, ...]
    given: Mapping[str, str]

    def whole(self) -> str:
        return "\n".join([*self.imports, "", self.text]) if self.imports else self.text


class Casing:
    """Makes cases for drafts of one migration."""

    def __init__(self, old: Surface, new: Surface, examples: Examples) -> None:
        self.old, self.new, self.examples = old, new, examples
        self.told: dict[str, str] = {}  # variables of a draft whose class the code itself must say

    def cases(self, draft: Draft) -> dict[str, Any]:
        """``cases`` and ``unchanged`` of a rule."""
        self.told = {}
        pairs = [(self._telling(before), self._telling(after)) for before, after in self._pairs(draft)]
        unsafe = draft.applicability == "unsafe"
        changing = [(before, after) for before, after in pairs if before.whole() != after.whole()]
        cases = [_case(before, after, unsafe=unsafe) for before, after in changing]
        strange = [_kept(each, reported=False) for each in self._namesakes(draft)]
        most = max(1, -(-2 * len(cases) // 3) - len(strange))  # two in five stay as they are
        kept = [*(_kept(after, reported=False) for _, after in changing[:most]), *strange]
        if not pairs and "advise" in draft.body:
            kept = [*(_kept(self._telling(each), reported=True) for each in self._uses(draft)), *kept]
        found: dict[str, Any] = {"cases": _distinct(cases)} if cases else {}
        return {**found, "unchanged": _distinct(kept)}

    def _pairs(self, draft: Draft) -> Iterator[tuple[_Code, _Code]]:
        body = draft.body
        if "rename" in body:
            shown = {(old.rpartition(".")[2], new): old for old, new in reversed(body["rename"].items())}
            yield from (self._renamed(old, new) for (_, new), old in list(reversed(shown.items()))[:_MOST])
        elif "move" in body:
            move = body["move"][0]
            for name in move["names"][:_MOST]:
                yield self._renamed(f"{move['from']}.{name}", f"{move['to']}.{name}")
        elif "rename_member" in body:
            yield from (self._member(old, new) for old, new in list(body["rename_member"].items())[:_MOST])
        elif "parameters" in body:
            yield from self._calls(draft)
        elif "rewrite" in body:
            yield from self._patterns(draft)
        elif "property_to_method" in body or "method_to_property" in body:
            yield from self._accesses(draft)

    def _receiver(self, owner: str, last: str) -> tuple[str, dict[str, str]]:
        """A variable of a class, made so that the member can be used."""
        variable, made = self.examples.receiver(owner, f"{owner}.{last}")
        if self.examples.is_told(owner):
            self.told[variable] = owner
        return variable, made

    def _telling(self, code: _Code) -> _Code:
        """The code with the class of a receiver where nobody could see it from what makes the receiver."""
        for variable, owner in self.told.items():
            if variable not in code.given:
                continue
            spelled, needed = self.examples.spelled(owner, plain=True)
            given = {f"made_{name}" if name == variable else name: each for name, each in code.given.items()}
            text = f"{variable}: {spelled} = made_{variable}\n{code.text}"
            code = _Code(text, tuple(dict.fromkeys((*code.imports, *([needed] if needed else [])))), given)
        return code

    # ----------------------------------------------------------------- names

    def _renamed(self, old: str, new: str) -> tuple[_Code, _Code]:
        was = self.old.find(old)
        arguments, given = self._arguments(old, was, self.new.find(new))
        held = was is None or was.kind in _HELD or was.kind is Kind.MODULE
        held = held or (was is not None and was.kind is Kind.CLASS and not self.examples.is_made(old))
        before = self._use(old, self.old, None if held else arguments, given)
        return before, self._use(new, self.new, None if held else arguments, given, plain=bool(before.imports))

    def _arguments(self, name: str, was: Symbol | None, now: Symbol | None) -> tuple[tuple[Given, ...], dict[str, str]]:
        """The arguments of a call; one that hands on whatever it gets wants what its successor wants."""
        signature = was.signature if was else None
        if signature is not None and all(each.kind in ("*", "**") for each in signature.parameters):
            signature = now.signature if now is not None and now.signature is not None else signature
        return self.examples.code(self.examples.required(name, signature))

    def _use(
        self,
        name: str,
        surface: Surface,
        arguments: Sequence[Given] | None,
        given: Mapping[str, str],
        *,
        plain: bool = False,
    ) -> _Code:
        """A call, or a name that is only held; ``plain``: with an import line even where everybody has an alias."""
        spelled, needed = self.examples.spelled(name, surface, plain=plain)
        imports = (needed,) if needed else ()
        if arguments is None:
            return _Code(f"value = {spelled}", imports, {})
        return _Code(f"result = {written(spelled, arguments)}", imports, given)

    def _member(self, old: str, new: str) -> tuple[_Code, _Code]:
        owner, _, last = old.rpartition(".")
        learned = last.endswith("_") and not last.endswith("__")
        variable, made = self.examples.fitted(owner) if learned else self._receiver(owner, last)
        was = self._symbol(old)
        if was is None or was.kind in _HELD:
            return tuple(_Code(f"value = {variable}.{each}", (), made) for each in (last, new))  # type: ignore[return-value]
        now = self.new.member(self.new.canonical(owner) or owner, new)
        arguments, given = self._arguments(old, was, now)
        both = {**made, **given}
        before, after = (
            _Code(f"result = {written(f'{variable}.{each}', arguments)}", (), both) for each in (last, new)
        )
        return before, after

    def _symbol(self, name: str) -> Symbol | None:
        owner, _, last = name.rpartition(".")
        known = self.old.canonical(owner) if owner else None
        member = self.old.member(known, last) if known is not None and self._is_class(known) else None
        return member or self.old.find(name)

    def _is_class(self, name: str) -> bool:
        return self.old.entries.get(name, {}).get("k") == "c"

    # ----------------------------------------------------------------- calls

    def _calls(self, draft: Draft) -> Iterator[tuple[_Code, _Code]]:
        operations = draft.body["parameters"]
        try:
            signature = parse_signature(draft.body.get("signature", ""))
        except SignatureError:
            return
        apis = draft.body["api"]
        for api in apis[:2] if len(operations) == 1 else apis[:1]:
            for operation in operations[:_MOST]:
                for arguments in self._tried(api, signature, operation):
                    shown, given = self.examples.code(arguments)
                    yield self._called(api, shown, given), self._called(api, changed(shown, operations), given)

    def _called(self, api: str, arguments: Sequence[Given], given: Mapping[str, str]) -> _Code:
        owner, _, last = api.rpartition(".")
        was = self._symbol(api)
        if was is not None and was.kind is Kind.METHOD:
            variable, made = self._receiver(owner, last)
            return _Code(f"result = {written(f'{variable}.{last}', arguments)}", (), {**made, **given})
        spelled, needed = self.examples.spelled(api)
        return _Code(f"result = {written(spelled, arguments)}", (needed,) if needed else (), given)

    def _tried(self, api: str, signature: Signature, operation: Mapping[str, Any]) -> Iterator[tuple[Given, ...]]:
        """The arguments of calls that an operation changes."""
        required = self.examples.required(api, signature)
        ((kind, said),) = operation.items()
        match kind:
            case "rename":
                for name in said:
                    yield self._with(api, signature, required, name)
            case "remove":
                name, holds = (said, []) if isinstance(said, str) else (said["name"], said.get("holds", []))
                yield self._with(api, signature, required, name, *holds[:1])
            case "add" | "explicit":
                yield tuple(each for each in required if each.name not in said)
            case "keyword_only":
                places = signature.positional
                if said < len(places):
                    needed = max((at for at, each in enumerate(places, start=1) if each.default is None), default=0)
                    shown = places[: max(said + 1, needed)]
                    yield tuple(self.examples.given(api, each, keyword=False) for each in shown)
                    yield from self._plainly(api, shown)
            case "values":
                for old in list(said["map"])[:_MOST]:
                    yield self._with(api, signature, required, said["name"], old)
            case "replace":
                for old in list(said["values"])[:_MOST]:
                    yield self._with(api, signature, required, said["name"], old)

    def _plainly(self, api: str, places: Sequence[Parameter]) -> Iterator[tuple[Given, ...]]:
        """Arguments by place where those that may be left out are given as what they are then: that always fits."""
        if all(each.default is None or is_literal(each.default) for each in places):
            yield tuple(
                Given(each.name, each.default or self.examples.value(api, each), keyword=False) for each in places
            )

    def _with(
        self, api: str, signature: Signature, required: Sequence[Given], name: str, value: str = ""
    ) -> tuple[Given, ...]:
        """The required arguments and one more, by keyword."""
        rest = tuple(each for each in required if each.name != name)
        before = _before(required, rest, name)
        if before < len(rest):  # the one stands among those by place: all that follow go by keyword
            rest = (*rest[:before], *(Given(e.name, e.value, keyword=True) for e in rest[before:]))
        parameter = signature.names.get(name) or Parameter(name, "keyword", "None")
        return (*rest, Given(name, value or self.examples.value(api, parameter), keyword=True))

    # ----------------------------------------------------------------- patterns

    def _patterns(self, draft: Draft) -> Iterator[tuple[_Code, _Code]]:
        match, rewrite = draft.body["match"], draft.body["rewrite"]
        where: Mapping[str, Sequence[str]] = draft.body.get("where", {})
        for full in (False, True):
            values, given = self._values(draft, match, where, full=full)
            before, after = _filled(match, values), _filled(rewrite, values)
            aliased = _aliased(after, draft.body.get("imports", ()), self.examples.usual)
            yield self._statement(before, given, self.old), self._statement(aliased, given, self.new)
            if "$?" not in match:
                return

    def _values(
        self, draft: Draft, match: str, where: Mapping[str, Sequence[str]], *, full: bool
    ) -> tuple[dict[str, str], dict[str, str]]:
        name = draft.names[0]
        was = self._symbol(name)
        signature = was.signature if was else None
        values: dict[str, str] = {}
        given: dict[str, str] = {}
        for hole in _HOLE.finditer(match):
            each = hole["name"]
            if each in where:
                values[each], made = self._receiver(where[each][0], name.rpartition(".")[2])
                given.update(made)
            elif hole["sigil"] == "" or (hole["sigil"] == "?" and full):
                parameter = (signature.names.get(each) if signature else None) or Parameter(each, "either")
                (shown,), more = self.examples.code([self.examples.given(name, parameter)])
                values[each] = shown.value
                given.update(more)
        return values, given

    def _statement(self, expression: str, given: Mapping[str, str], surface: Surface) -> _Code:
        imports: list[str] = []

        def spelled(match: re.Match[str]) -> str:
            if match.group().partition(".")[0] not in surface.roots:
                return match.group()
            text, needed = self.examples.spelled(match.group(), surface)
            imports.extend([needed] if needed and needed not in imports else [])
            return text

        return _Code(f"result = {_DOTTED.sub(spelled, expression)}", tuple(imports), given)

    def _accesses(self, draft: Draft) -> Iterator[tuple[_Code, _Code]]:
        key = "property_to_method" if "property_to_method" in draft.body else "method_to_property"
        for name in draft.body[key][:_MOST]:
            owner, _, last = name.rpartition(".")
            variable, made = self._receiver(owner, last)
            held = _Code(f"value = {variable}.{last}", (), made)
            called = _Code(f"{held.text}()", (), made)
            yield (held, called) if key == "property_to_method" else (called, held)

    # ----------------------------------------------------------------- what stays

    def _uses(self, draft: Draft) -> Iterator[_Code]:
        """Code with what a rule only reports."""
        for name in draft.body.get("api", ())[:2]:
            was = self._symbol(name)
            if was is not None and was.kind in (Kind.METHOD, Kind.PROPERTY):
                yield self._member(name, name.rpartition(".")[2])[0]
            elif was is not None and "when" in draft.body:
                continue
            else:
                yield self._renamed(name, name)[0]

    def _namesakes(self, draft: Draft) -> Iterator[_Code]:
        """The same name, of something that the code itself defines, and as a key."""
        name = draft.names[0]
        owner, _, last = name.rpartition(".")
        was = self._symbol(name)
        held = was is not None and was.kind in (*_HELD, Kind.MODULE)
        member = was is not None and was.kind in (Kind.METHOD, *_HELD) and self._is_class_at(owner)
        text = _NAMESAKES[member, held].format(name=last)
        yield _Code(text, (), {})
        if member:
            yield _Code(f"mine = {{}}\nvalue = mine[{last!r}]", (), {})

    def _is_class_at(self, name: str) -> bool:
        return self._is_class(self.old.canonical(name) or name)


def _before(required: Sequence[Given], rest: Sequence[Given], name: str) -> int:
    """How many of the rest come before the named one, where that is itself required."""
    names = [each.name for each in required]
    return names.index(name) if name in names else len(rest)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A pattern or template with values in its holes; what has none is left out."""
    known = {f"$?{name}" for name in values}

    def absent(match: re.Match[str]) -> str:
        hole = _HOLE.search(match.group())
        if hole is None or hole.group() in known:
            return match.group()
        return ", " if match["before"] and match["after"] else ""

    text = _REST.sub("", _ABSENT.sub(absent, text))
    return (
        _HOLE.sub(lambda hole: _bracketed(values.get(hole["name"], ""), text, hole.end()), text)
        .replace("(, ", "(")
        .replace(", )", ")")
    )


def _aliased(text: str, modules: Sequence[str], usual: Mapping[str, str]) -> str:
    """A template with the aliases of other libraries that everybody uses."""
    for alias, module in usual.items():
        if module in modules:
            text = re.sub(rf"(?<![\w.$'\"]){re.escape(module)}(?=\.)", alias, text)
    return text


def _bracketed(value: str, text: str, end: int) -> str:
    """A value in parentheses where something is done with it that binds closer."""
    plain = re.fullmatch(r"[A-Za-z_][\w.]*(\(.*\))?|\[.*\]|'[^']*'|\(.*\)|\{.*\}", value, re.DOTALL) is not None
    return value if plain or text[end : end + 1] not in (".", "[", "(") else f"({value})"


def _case(before: _Code, after: _Code, *, unsafe: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"before": before.whole(), "after": after.whole()}
    if before.given:
        found["given"] = dict(before.given)
    return {**found, "unsafe": True} if unsafe else found


def _kept(code: _Code, *, reported: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"code": code.whole()}
    if code.given:
        found["given"] = dict(code.given)
    return {**found, "reported": reported}


def _distinct(cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found = {same(each.get("before", each.get("code", ""))): each for each in reversed(cases)}
    return list(reversed(found.values()))
