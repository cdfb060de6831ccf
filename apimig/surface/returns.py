"""Whether a callable hands out something else than before, as far as what is written tells."""

from __future__ import annotations

import re

from apimig.surface.model import Symbol
from apimig.surface.unions import split_union

# Names that say how a value is used, not what it is: one of them in place of a class is a note, not a change.
_VAGUE = re.compile(r"^(Any|object|Self|~.*|Literal\[.*|.*(Like|Type|Types|T|Protocol|ArrayLike|Scalar|Callable.*))$")
_FAMILIES = (
    {"float", "int", "complex", "bool"},
    {"list", "List", "Sequence", "Iterable", "Iterator", "Generator", "tuple", "Tuple", "Collection"},
    {"dict", "Dict", "Mapping", "MutableMapping"},
    {"str", "bytes"},
    {"set", "Set", "frozenset", "FrozenSet", "AbstractSet"},
)


def returned_otherwise(was: Symbol, now: Symbol) -> tuple[str, str] | None:
    """The types before and now, when each side has one that the other cannot be; None when nobody can tell."""
    if not was.returns or not now.returns or was.returns == now.returns or was.returns_from != now.returns_from:
        return None
    if was.returns_from in ("docstring", "body"):
        return None  # prose is corrected, and bodies are rewritten, more often than types change
    before, after = _outer(was.returns), _outer(now.returns)
    if any(_VAGUE.match(each) for each in before | after):
        return None
    before, after = {_family(each) for each in before}, {_family(each) for each in after}
    if before - after and after - before and not (before & after) - {"None"}:
        return was.returns, now.returns
    return None


def _outer(text: str) -> set[str]:
    """The classes of a union, without what they contain and where they live."""
    return {re.split(r"[\[(]", each, maxsplit=1)[0].rpartition(".")[2] or each for each in split_union(text)}


def _family(name: str) -> str:
    return next((min(family) for family in _FAMILIES if name in family), name)
