"""Whether a receiver of which nothing is known can be of a rule's class: a report that asks about all is not read.

Four things rule a class out without a type. The class comes only from attributes of certain names (``series.str``);
only from names that the code base does not mention (``ExcelWriter``); the receiver is what a method gives that only
other classes of the library have (``x.groupby(...)``); or the member is an everyday name, which the pack lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from tree_sitter import Node

from apimig import syntax
from apimig.match.index import Target
from apimig.records import Use
from apimig.rulebook.calls import Facts
from apimig.rulebook.rule import ClassTypes, Library, Returns

_WORDS = re.compile(r"[\w.]+")
_BUILTIN = frozenset(name for kind in (list, dict, set, str, tuple, bytes) for name in dir(kind))


class Plausible:
    """What the packs say of where instances come from; ``mentioned`` are the words of the code base that count."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self._classes: dict[str, ClassTypes] = {k: v for library in libraries for k, v in library.classes.items()}
        self._everyday = frozenset(name for library in libraries for name in library.everyday)
        self._accessors = accessors(libraries)
        self.mentioned: frozenset[str] | None = None

    def may_be(self, use: Use, target: Target, node: Node | None, facts: Facts, *, everyday: bool = False) -> bool:
        """Whether the receiver of a member can be an instance of one of the target's classes and is asked about.

        ``everyday``: members that many objects have are asked about as well.
        """
        owners = target.owners
        known = use.receiver.instance_names() if use.receiver is not None else frozenset()
        if not owners or any(facts.is_class(name, owners) for name in known):
            return True
        if not (target.rule.ask or everyday):
            return False
        receiver = None if node is None else node.child_by_field_name("object")
        return any(self._may_be_one(owner, use.symbol, receiver, facts, everyday=everyday) for owner in owners)

    def sources(self, owner: str) -> frozenset[str]:
        """The words of which a code base has at least one where it has an instance of the class; empty: any may do."""
        types = self._classes.get(owner)
        return frozenset(types.made_by if types is not None else ())

    def _may_be_one(self, owner: str, member: str, receiver: Node | None, facts: Facts, *, everyday: bool) -> bool:
        words = self.sources(owner)
        if words and self.mentioned is not None and not words & self.mentioned:
            return False
        if owner in self._accessors:
            attribute = None if receiver is None else receiver.child_by_field_name("attribute")
            return attribute is not None and syntax.text_of(attribute) in self._accessors[owner]
        if not everyday and (member in self._everyday or f"{owner}.{member}" in self._everyday):
            return False
        given = None if receiver is None else self._given_by(receiver)
        return given is None or any(facts.is_class(name, [owner]) or facts.is_class(owner, [name]) for name in given)

    def _given_by(self, receiver: Node) -> frozenset[str] | None:
        """Classes of what ``x.groupby(...)`` or ``x.str`` gives, whatever ``x`` is; None where that says nothing."""
        called = receiver.type == "call"
        node = receiver.child_by_field_name("function") if called else receiver
        attribute = None if node is None else node.child_by_field_name("attribute")
        name = "" if attribute is None else syntax.text_of(attribute)
        given = self._results.get((name, called), frozenset(("unknown",)))
        return None if name in _BUILTIN or name in self._everyday or "unknown" in given else given

    @cached_property
    def _results(self) -> Mapping[tuple[str, bool], frozenset[str]]:
        """Name of a member, and whether it is called, to the classes of what the library's members of the name give."""
        found: dict[tuple[str, bool], set[str]] = {}
        for owner, types in self._classes.items():
            said = [((name, True), text) for name, returns in types.returns.items() for text in _texts(returns)]
            said += [((name, False), text) for name, text in types.attributes.items()]
            for member, text in said:
                words = {owner if word == "self" else word for word in _WORDS.findall(text)}
                found.setdefault(member, set()).update(words)
        return {member: frozenset(words) for member, words in found.items()}


def accessors(libraries: Sequence[Library]) -> dict[str, frozenset[str]]:
    """Classes like that of ``series.str``: attributes give them, no call and no constructor does."""
    through: dict[str, set[str]] = {}
    called = set()
    for library in libraries:
        for name, types in library.classes.items():
            called |= {name} if any("self" in _texts(one) for one in types.returns.values()) else set()
            for attribute, said in types.attributes.items():
                through.setdefault(said.lstrip("~"), set()).add(attribute)
            called |= {text for one in types.returns.values() for text in _texts(one)} | set(types.items.values())
        called |= {text for one in library.functions.values() for text in _texts(one)}
    named = set(_WORDS.findall(" ".join(called)))
    return {
        name: frozenset(through[name])
        for library in libraries
        for name in library.classes
        if name in through and name not in named and "." in name
    }


def _texts(returns: Returns) -> list[str]:
    return [returns.default, *(text for _, text in returns.alternatives)]
