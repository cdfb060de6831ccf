"""Building and joining abstract values."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from io import FileIO, TextIOWrapper
from types import FunctionType, GeneratorType

from apimig.records import UNKNOWN_VALUE, Certainty, Type, TypeKind, Value

NONE = Type(TypeKind.INSTANCE, "builtins.NoneType")
_MOST_TYPES = 8  # a union of more says nothing that a reader could check
_DEEPEST = 4  # nesting of element types that is kept: bounds loops such as `x = [x]`

_PYTHON_2 = frozenset(("iteritems", "iterkeys", "itervalues", "has_key", "decode", "encode", "next", "sort"))


def in_order(types: Collection[Type]) -> Collection[Type]:
    """Types in an order that does not hang on hashing, so that a reason reads the same in every run."""
    return types if len(types) < 2 else sorted(types, key=lambda one: (one.name, one.kind, len(one.args)))


def weaker(*certainties: Certainty) -> Certainty:
    """The least certain of several."""
    if Certainty.UNKNOWN in certainties:
        return Certainty.UNKNOWN
    return Certainty.INFERRED if Certainty.INFERRED in certainties else Certainty.PROVEN


@lru_cache(maxsize=4096)
def _only(kind: TypeKind, name: str) -> frozenset[Type]:
    return frozenset({Type(kind, name)})


def instance(name: str, *args: Value, certainty: Certainty = Certainty.PROVEN, reason: str = "") -> Value:
    """An instance of the class ``name``."""
    if not args:
        return Value(_only(TypeKind.INSTANCE, name), certainty, reason)
    kept = tuple(UNKNOWN_VALUE if _depth(arg) >= _DEEPEST else arg for arg in args)
    return Value(frozenset({Type(TypeKind.INSTANCE, name, kept)}), certainty, reason)


def thing(name: str, kind: TypeKind = TypeKind.OBJECT, reason: str = "") -> Value:
    """A module, function, class or constant itself."""
    return Value(_only(kind, name), Certainty.PROVEN, reason)


NONE_VALUE = Value(frozenset({NONE}), Certainty.PROVEN, "None")


def builtin(name: str, *args: Value) -> Value:
    """An instance of a builtin class."""
    return _filled(name, *args) if args else _plain(name)


@lru_cache(maxsize=256)
def _plain(name: str) -> Value:
    return instance(f"builtins.{name}", reason=f"a {name}")


def _filled(name: str, *args: Value) -> Value:
    return instance(f"builtins.{name}", *args, reason=f"a {name}")


def join(values: Iterable[Value]) -> Value:
    """What an expression is when it may be any of ``values``."""
    given = list(values)
    first = given[0] if given else UNKNOWN_VALUE
    if all(value is first for value in given):  # most joins are of one value: that needs no hashing
        return first if first.types else UNKNOWN_VALUE
    found = list(dict.fromkeys(given))
    known = [value for value in found if value.types]
    if not known:
        return UNKNOWN_VALUE
    if len(found) == 1:
        return found[0]
    types = frozenset().union(*(value.types for value in known))
    if len(types) > _MOST_TYPES:
        return UNKNOWN_VALUE
    is_open = len(known) < len(found) or any(value.open for value in known)
    telling = [value for value in known if value.types != NONE_VALUE.types] or known
    certainty = weaker(*(value.certainty for value in telling))
    reason = " or ".join(dict.fromkeys(value.reason for value in telling if value.reason))
    return Value(_merge_containers(types), Certainty.INFERRED if is_open else certainty, reason[:400], is_open)


def _merge_containers(types: frozenset[Type]) -> frozenset[Type]:
    """Lists of different element types become one list of their join."""
    by_name: dict[tuple[TypeKind, str, int], list[Type]] = {}
    for one in in_order(types):
        by_name.setdefault((one.kind, one.name, len(one.args) if one.name == "builtins.tuple" else 0), []).append(one)
    if all(len(group) == 1 for group in by_name.values()):
        return types
    merged = set()
    for (kind, name, _), group in by_name.items():
        width = max(len(one.args) for one in group)
        args = tuple(join(one.args[i] for one in group if i < len(one.args)) for i in range(width))
        merged.add(Type(kind, name, args))
    return frozenset(merged)


_KINDS: Mapping[str, tuple[type, ...]] = {
    "NoneType": (type(None),), "ellipsis": (type(...),), "file": (TextIOWrapper, FileIO), "function": (FunctionType,),
    "iterator": (GeneratorType, list),
}  # fmt: skip


def has_member(name: str, member: str) -> bool:
    """Whether instances of a builtin class have a member: where they have none, what is known of them is wrong."""
    short = name.removeprefix("builtins.")
    kinds = _KINDS.get(short) or (getattr(builtins, short, object),)
    return short != name and (member in _PYTHON_2 or any(hasattr(kind, member) for kind in kinds))


def without_none(value: Value) -> Value:
    """The value when it is not None; None alone stays."""
    if NONE not in value.types or len(value.types) == 1:
        return value
    return Value(value.types - {NONE}, value.certainty, value.reason, value.open)


def having(value: Value, name: str) -> Value:
    """The value where its attribute ``name`` is used: what would raise AttributeError there is ruled out."""
    if len(value.types) < 2 or name in _PYTHON_2:
        return value
    kept = frozenset(one for one in value.types if not _lacks(one, name))
    if not kept or len(kept) == len(value.types):
        return value
    return Value(kept, weaker(value.certainty, Certainty.INFERRED), value.reason, value.open)


def _lacks(one: Type, name: str) -> bool:
    return one.kind is TypeKind.INSTANCE and one.name.startswith("builtins.") and not has_member(one.name, name)


def at_most(value: Value, certainty: Certainty, reason: str = "") -> Value:
    """The same types, no more certain than ``certainty``."""
    if not value.types:
        return value
    least = weaker(value.certainty, certainty)
    if least is value.certainty and not reason:
        return value
    return Value(value.types, least, reason or value.reason, value.open)


def because(value: Value, reason: str) -> Value:
    """The same value with another reason."""
    return value if value.is_unknown else Value(value.types, value.certainty, reason, value.open)


def opened(value: Value) -> Value:
    """The same value, where something else is possible too."""
    if not value.types:
        return value
    return Value(value.types, weaker(value.certainty, Certainty.INFERRED), value.reason, open=True)


def element(value: Value) -> Value:
    """The join of the element types of builtin containers; of a dict, its keys."""
    found = []
    for one in in_order(without_none(value).types):
        if one.kind is not TypeKind.INSTANCE or not one.args:
            return UNKNOWN_VALUE
        found.append(join(one.args) if one.name == "builtins.tuple" else one.args[0])
    return at_most(join(found), value.certainty) if found else UNKNOWN_VALUE


def _depth(value: Value) -> int:
    return max((1 + max((_depth(arg) for arg in one.args), default=0) for one in value.types), default=0)
