"""What a learned pack says of its library beside its rules: names, releases, and the classes that receivers are of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from apimig.mining.candidate import Candidate
from apimig.rulebook.rule import ClassTypes, Library
from apimig.surface.libraries import library_of
from apimig.surface.model import Surface

_WORD = re.compile(r"[A-Za-z_][\w.]*")


def library_facts(
    candidates: Sequence[Candidate],
    old: Surface,
    releases: Sequence[str],
    conventional: Mapping[str, str],
    known: Library | None = None,
) -> dict[str, Any]:
    """The content of ``_library.yaml``: only of classes that a rule or a case needs, and of what gives instances.

    What existing packs tell (``known``) is left to them.
    """
    whole = library_of(old)
    needed = _closed({name for each in candidates for name in _classes(each, whole)}, whole)
    facts: dict[str, Any] = {
        "library": old.distribution,
        "imports": list(old.roots),
        "oldest": old.version,
        "releases": list(releases) or [old.version],
    }
    if conventional:
        facts["conventional"] = dict(conventional)
    told = {*known.classes, *known.functions, *known.aliases} if known is not None else set()
    makers = ((name, each.default) for name, each in whole.functions.items() if name not in told)
    functions = {name: given for name, given in makers if _words(given) & needed}
    if functions:
        facts["functions"] = dict(sorted(functions.items()))
    if fresh := sorted(needed - told):
        facts["classes"] = {name: _class(whole.classes[name], needed) for name in fresh}
    return facts


def _several(said: str | Sequence[str]) -> Sequence[str]:
    return [said] if isinstance(said, str) else said


def _classes(candidate: Candidate, whole: Library) -> Iterator[str]:
    """The classes that a rule names: in ``where``, as owners of members, and in what its cases assume."""
    rule = candidate.rule
    names: list[str] = [each for types in rule.get("where", {}).values() for each in _several(types)]
    for key in ("api", "property_to_method", "method_to_property"):
        names += _several(rule.get(key, ()))
    for key in ("rename", "rename_member", "function_to_method", "method_to_function"):
        names += rule.get(key, {})
    for case in (*rule.get("cases", ()), *rule.get("unchanged", ())):
        given = {} if isinstance(case, str) else case.get("given", {})
        names += [word for text in given.values() for word in _WORD.findall(text)]
    for name in names:
        found = next((part for part in (name, name.rpartition(".")[0]) if part in whole.classes), None)
        if found is not None:
            yield found
        elif name in whole.functions:
            yield from _words(whole.functions[name].default) & whole.classes.keys()


def _closed(names: Iterable[str], whole: Library) -> set[str]:
    """The classes with those that they derive from."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in whole.classes and name not in found:
            found.add(name)
            waiting += whole.classes[name].bases
    return found


def _class(types: ClassTypes, needed: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if bases := [each for each in types.bases if each in needed]:
        found["bases"] = bases
    telling = needed | {"self"}
    attributes = {name: text for name, text in types.attributes.items() if _words(text) & telling}
    returns = {name: each.default for name, each in types.returns.items() if _words(each.default) & telling}
    if attributes:
        found["attributes"] = dict(sorted(attributes.items()))
    if returns:
        found["returns"] = dict(sorted(returns.items()))
    return found


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def in_words_of(library: Library, rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with classes under the names that the library is known to give them: one class may have several."""
    found = dict(rule)
    for key in ("api", "property_to_method", "method_to_property"):
        if key in rule:
            found[key] = list(dict.fromkeys(_preferred(each, library) for each in _several(rule[key])))
    if "rename_member" in rule:
        found["rename_member"] = {_preferred(old, library): new for old, new in rule["rename_member"].items()}
    if "where" in rule:
        found["where"] = {
            name: library.aliases.get(classes, classes)
            if isinstance(classes, str)
            else list(dict.fromkeys(library.aliases.get(each, each) for each in classes))
            for name, classes in rule["where"].items()
        }
    return found


def _preferred(name: str, library: Library) -> str:
    owner, _, last = name.rpartition(".")
    return f"{library.aliases[owner]}.{last}" if owner in library.aliases else name
