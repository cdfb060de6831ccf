"""Two signatures of one callable -> what of the difference a caller can notice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from apimig.rulebook.signature import Parameter, Signature
from apimig.surface.model import Deprecation, Symbol
from apimig.surface.parameters import write_signature

_SAME_THING = re.compile(r"\brenamed\b|\bbecame\b|\balias\b|\bsynonym\b", re.IGNORECASE)
_CLOSE = 0.75  # likeness of names from which two undocumented parameters in one place are the same
_EQUAL = ({"0", "False"}, {"1", "True"})
_DEPRECATED_DEFAULTS = ("'deprecated'", "'hidden'", "deprecated", "_deprecated_parameter")
_KIND_WORDS = {"positional": "positional-only", "either": "positional or keyword", "keyword": "keyword-only"}
_AMONG_OTHERS = "among ** arguments, if at all"


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """What happened to one parameter; ``kind`` is the value of a ``ChangeKind``."""

    kind: str
    parameter: str
    before: str = ""
    after: str = ""
    text: str = ""
    since: str = ""
    replacement: str = ""
    breaking: bool = True


def parameter_changes(was: Symbol, now: Symbol) -> Iterator[ParameterChange]:
    """The changes of parameters that calls can notice; nothing where either side takes whatever comes."""
    if was.signature is None or now.signature is None:
        return
    found: list[ParameterChange] = []
    if not (_takes_anything(was.signature) or _takes_anything(now.signature)):
        found = list(_Pairing(was, now).changes())
    renamed = {each.parameter for each in found if each.kind == "parameter renamed"}
    yield from (each for each in _deprecated(was, now) if each.parameter not in renamed)
    yield from found


def _takes_anything(signature: Signature) -> bool:
    """``(*args, **kwargs)``: what is really taken is said elsewhere."""
    return bool(signature.parameters) and all(p.kind in ("*", "**") for p in signature.parameters)


def _deprecated(was: Symbol, now: Symbol) -> Iterator[ParameterChange]:
    for name, said in now.parameters_deprecated.items():
        known = name in was.parameters_deprecated
        if known or (name != "*" and was.signature is not None and name not in was.signature.names):
            continue
        yield ParameterChange(
            "parameter deprecated", name, text=said.text, since=said.since, replacement=said.replacement, breaking=False
        )


class _Pairing:
    """Which parameter of the new signature each one of the old became."""

    def __init__(self, was: Symbol, now: Symbol) -> None:
        assert was.signature is not None  # noqa: S101 - the caller looked
        assert now.signature is not None  # noqa: S101 - the caller looked
        self.was, self.now = was, now
        self.old, self.new = was.signature, now.signature
        self.fresh = [p for p in self.new.parameters if p.name not in self.old.names and _named(p)]
        self.gone = [p for p in self.old.parameters if _named(p) and self._is_gone(p)]
        self.renamed = self._renamed()

    def _is_gone(self, old: Parameter) -> bool:
        """Not there any more, or only there to say that it has become a new one."""
        if old.name not in self.new.names:
            return True
        said = self.now.parameters_deprecated.get(old.name)
        return said is not None and any(_successor(said, old, new) for new in self.fresh)

    def changes(self) -> Iterator[ParameterChange]:
        yield from self._removed_and_renamed()
        yield from self._added()
        yield from self._reordered()
        for old, new in self._kept():
            yield from (self._weighed(each, old) for each in _one_parameter(old, new))
        yield from self._catch_all()

    def _weighed(self, change: ParameterChange, old: Parameter) -> ParameterChange:
        """A default that became a sign for what it was (``n_init="warn"``) only announces that it will change."""
        stands_for = self.now.stands_for.get(old.name)
        if change.kind != "default changed" or stands_for is None or old.default is None:
            return change
        return replace(change, breaking=not same_default(old.default, stands_for))

    def _kept(self) -> Iterator[tuple[Parameter, Parameter]]:
        for old in self.old.parameters:
            if old.name in self.renamed and old.name in self.new.names:
                continue  # taken under both names; what holds for the old one is said by its deprecation
            new = self.new.names.get(self.renamed.get(old.name, old.name))
            if new is not None and _named(old) and _named(new):
                yield old, new

    # ----------------------------------------------------------------- names

    def _renamed(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for old in self.gone:
            for new in self.fresh:
                if new.name not in found.values() and self._same(old, new):
                    found[old.name] = new.name
                    break
        return found

    def _same(self, old: Parameter, new: Parameter) -> bool:
        said = self._said(old.name)
        if said is not None and said.replacement:
            return _successor(said, old, new)
        if old.default != new.default or old.kind != new.kind:
            return False
        documented, told = self.was.documentation.get(old.name), self.now.documentation.get(new.name)
        same_place = _place(self.old, old) == _place(self.new, new)
        if documented and told and documented == told:
            return True
        if old.kind == "positional":
            return same_place
        return same_place and len(self.gone) == len(self.fresh) == 1 and _close(old.name, new.name)

    def _said(self, name: str) -> Deprecation | None:
        return self.now.parameters_deprecated.get(name) or self.was.parameters_deprecated.get(name)

    def _removed_and_renamed(self) -> Iterator[ParameterChange]:
        for old in self.gone:
            said = self._said(old.name)
            text, since, instead = (said.text, said.since, said.replacement) if said else ("", "", "")
            still_taken = old.name in self.now.parameters_deprecated or old.name in self.new.names
            if new := self.renamed.get(old.name):
                if old.kind != "positional":
                    yield ParameterChange(
                        "parameter renamed", old.name, old.name, new, text, since, new, not still_taken
                    )
            elif self._swallowed(old):
                if old.kind == "either" and not any(p.kind == "*" for p in self.new.parameters):
                    yield ParameterChange("parameter kind changed", old.name, _KIND_WORDS[old.kind], _AMONG_OTHERS)
            elif not still_taken:
                yield ParameterChange("parameter removed", old.name, _spelled(old), "", text, since, instead)

    def _swallowed(self, old: Parameter) -> bool:
        """Whether ``*args`` or ``**kwargs`` of the new signature may still take it, so that nobody can say it is gone.

        What was announced to go did go.
        """
        if old.name in self.was.parameters_deprecated:
            return False
        kinds = {p.kind for p in self.new.parameters}
        return "**" in kinds or (old.kind == "positional" and "*" in kinds)

    def _added(self) -> Iterator[ParameterChange]:
        taken = set(self.renamed.values())
        swallowed = any(p.kind == "**" for p in self.old.parameters)
        for new in self.fresh:
            if new.name in taken:
                continue
            required = new.default is None and not (swallowed and new.kind == "keyword")
            yield ParameterChange("parameter added", new.name, "", _spelled(new), breaking=required)

    # ----------------------------------------------------------------- places

    def _reordered(self) -> Iterator[ParameterChange]:
        """Parameters that a positional argument no longer reaches, though they still take one elsewhere."""
        for old, new in self._kept():
            before, after = _place(self.old, old), _place(self.new, new)
            if before is None or after is None or before == after:
                continue
            yield ParameterChange("parameter reordered", old.name, f"position {before + 1}", f"position {after + 1}")

    def _catch_all(self) -> Iterator[ParameterChange]:
        for star in ("*", "**"):
            had = next((p for p in self.old.parameters if p.kind == star), None)
            if had is not None and all(p.kind != star for p in self.new.parameters):
                yield ParameterChange("parameter removed", had.name, f"{star}{had.name}", "")


def _one_parameter(old: Parameter, new: Parameter) -> Iterator[ParameterChange]:
    if _narrowed(old, new):
        before, after = _KIND_WORDS[old.kind], _KIND_WORDS[new.kind]
        yield ParameterChange("parameter kind changed", old.name, before, after)
    if old.default is not None and new.default is None:
        yield ParameterChange("default changed", old.name, old.default, "required")
    elif old.default is not None and new.default is not None and not same_default(old.default, new.default):
        if new.default in _DEPRECATED_DEFAULTS:
            return
        yield ParameterChange("default changed", old.name, old.default, new.default)


def _successor(said: Deprecation, old: Parameter, new: Parameter) -> bool:
    """Whether the deprecation means the new parameter to be the old one: "use x" alone may mean something like it."""
    if said.replacement != new.name:
        return False
    return bool(_SAME_THING.search(said.text)) or (old.default == new.default and old.default is not None)


def _narrowed(old: Parameter, new: Parameter) -> bool:
    return old.kind != new.kind and (old.kind == "either" or {old.kind, new.kind} == {"positional", "keyword"})


def _named(parameter: Parameter) -> bool:
    return parameter.kind not in ("*", "**")


def _place(signature: Signature, parameter: Parameter) -> int | None:
    for index, each in enumerate(signature.positional):
        if each.name == parameter.name:
            return index
    return None


def _spelled(parameter: Parameter) -> str:
    return parameter.name if parameter.default is None else f"{parameter.name}={parameter.default}"


def _close(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _CLOSE


def same_default(one: str, other: str) -> bool:
    """Whether two defaults are the same value, as far as text tells: ``lib.no_default`` is ``no_default``."""
    return one == other or "..." in (one, other) or _reduced(one) == _reduced(other) or {one, other} in _EQUAL


def _reduced(text: str) -> str:
    tree = ast.parse(text, mode="eval").body
    return ast.unparse(_LastNames().visit(tree))


class _LastNames(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.Name(node.attr, ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        return ast.Constant(int(value)) if whole and isinstance(value, float) else node


def renamed_to(was: Symbol, candidates: Sequence[Symbol]) -> str:
    """The one candidate that is ``was`` under another name; empty when none or several could be."""
    said = was.deprecated.replacement.rpartition(".")[2] if was.deprecated is not None else ""
    same_kind = [each for each in candidates if each.kind is was.kind]
    if said:
        named = [each for each in same_kind if each.last == said and _callable_alike(was, each)]
        return named[0].name if len(named) == 1 else ""
    alike = [each for each in same_kind if _same_thing(was, each)]
    return alike[0].name if len(alike) == 1 else ""


def _callable_alike(was: Symbol, now: Symbol) -> bool:
    """Whether a call of the one can be a call of the other: the same parameters, by name."""
    if was.signature is None or now.signature is None:
        return was.signature is now.signature
    return set(was.signature.names) <= set(now.signature.names)


def differ_in_parameters(symbol: Symbol) -> bool:
    """Whether a callable has overloads of which some take other parameters: then each call may mean another one."""
    alike = "" if symbol.signature is None else write_signature(symbol.signature.parameters)
    return any(not each.startswith(f"{alike} ->") for each in symbol.overloads)


def is_called_alike(was: Symbol, now: Symbol) -> bool:
    """Whether every call of the one is a call of the other, and means the same where arguments are left out."""
    if was.signature is None or now.signature is None or differ_in_parameters(now):
        return False
    old, new = was.signature, now.signature
    places = zip(old.positional, new.positional[: len(old.positional)], strict=False)
    if len(new.positional) < len(old.positional) or any(one.name != other.name for one, other in places):
        return False
    pairs = [(each, new.names.get(each.name)) for each in old.parameters]
    if any(other is None or _narrowed(one, other) or not _defaults_alike(one, other) for one, other in pairs):
        return False
    return all(each.default is not None or each.name in old.names for each in new.parameters if _named(each))


def _defaults_alike(old: Parameter, new: Parameter) -> bool:
    if old.default is None or new.default is None:
        return old.default is None
    return same_default(old.default, new.default)


def _same_thing(was: Symbol, now: Symbol) -> bool:
    documented, told = was.documentation, now.documentation
    shared: Mapping[str, str] = {key: value for key, value in documented.items() if told.get(key) == value}
    if was.signature is None or now.signature is None or not was.signature.parameters:
        return bool(documented.get("")) and documented.get("") == told.get("") and was.signature == now.signature
    return was.signature == now.signature and ("" in shared or len(shared) >= 2 or _close(was.last, now.last))
