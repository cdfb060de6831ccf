"""Compares what code gives under two releases: the descriptions that the probe makes of its values.

Equal is what means the same: numbers within rounding, classes by their last name, missing values among each other. What
the two releases spell differently whatever the code does (the dtype of texts, the unit of times, the class of an
index) is no difference.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Description = Sequence[Any]  # a kind and what belongs to it, see probe/apimig_describing.py
Result = Mapping[str, Any]  # what came of a piece of code, see probe/apimig_trial.py

_ROUNDING = 1e-9
_SINGLE = 1e-5  # of numbers of single precision
_COARSE = re.compile(r"float(16|32)|complex64")
_UNIT = re.compile(r"(datetime64|timedelta64)(\[\w+(?P<zone>,[^\]]*)?\])?")
_TEXTS = re.compile(r"object|str|string(\[\w+\])?")
_MISSING = ("NaTType", "NAType")
_RENAMED = {
    "AxesSubplot": "Axes",
    "LegacyRow": "Row",
    "RowProxy": "Row",
    "FrozenNDArray": "ndarray",
}  # one thing in every release
_SHOWN = 60  # characters of a value
_UNTOLD = frozenset({"deep", "failed", "again"})  # what could not be described


def differences(old: Result, new: Result, *, discards: bool = False) -> list[str]:
    """What is not the same in two results that raised nothing, in words; ``discards`` leaves out the last value."""
    found = [*_names(old, new), *_calls(old, new)]
    if not discards and old["value"] is not None and new["value"] is not None:
        found += _differ(old["value"], new["value"], "the value")
    return [*found, *_printed(old, new), *_files(old["files"], new["files"])]


def compared(old: Result, new: Result) -> bool:
    """Whether there was anything to compare beside definitions and imports of other names."""
    if old["value"] is not None or old["text"] or old["files"] or old["calls"]:
        return True
    if any(_says(old["names"][name]) for name in _bound(old) if name in new["names"]):
        return True
    both = [name for name in old["imported"] if name in new["names"] and name in new["imported"]]
    return any(old["names"].get(name, ["named", "module"])[:2] != ["named", "module"] for name in both) or (
        not old["acts"] and [*_only(old, new)] == [*_only(new, old)] != []
    )


def _says(description: Description) -> bool:
    return not (description[0] == "named" and (description[3] or description[1] == "function"))


def _only(result: Result, other: Result) -> Iterator[Description]:
    """What is imported under names that the other does not have."""
    for name in result["imported"]:
        if name not in other["imported"] and name in result["names"]:
            yield result["names"][name]


def _bound(result: Result) -> list[str]:
    """The names that the code gives, and those it was given, but for what is imported."""
    return [name for name in result["names"] if name not in result["imported"]]


def _names(old: Result, new: Result) -> Iterator[str]:
    for name in _bound(old):
        if name not in new["names"]:
            yield f"{name} is not bound any more"
        else:
            yield from _differ(old["names"][name], new["names"][name], name)
    for name in old["imported"]:
        before, after = old["names"].get(name, ["deep"]), new["names"].get(name, ["deep"])
        if name in new["imported"] and not before[0] == after[0] == "named":
            yield from _differ(before, after, name)


def _calls(old: Result, new: Result) -> Iterator[str]:
    for name, value in old["calls"].items():
        if name in new["calls"]:
            yield from _differ(value, new["calls"][name], f"{name}(…)")


def _printed(old: Result, new: Result) -> Iterator[str]:
    """The same text, or the same values: their reprs differ between releases."""
    if _words(old["text"]) == _words(new["text"]):
        return
    if len(old["printed"]) == len(new["printed"]) and _words(old["written"]) == _words(new["written"]):
        for before, after in zip(old["printed"], new["printed"], strict=True):
            yield from _differ(["items", "", before, len(before)], ["items", "", after, len(after)], "what is printed")
    else:
        yield f"what is printed: {_short(old['text'])!r}, then {_short(new['text'])!r}"


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    if old.keys() != new.keys():
        yield f"the files are {', '.join(old) or 'none'}, then {', '.join(new) or 'none'}"
    for name in old.keys() & new.keys():
        if _words(old[name]) != _words(new[name]):
            yield f"the file {name} is {_short(old[name])!r}, then {_short(new[name])!r}"


def _words(text: str) -> list[str]:
    return text.split()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


# --------------------------------------------------------------------------- two descriptions


def same(old: Description, new: Description) -> bool:
    """Whether two descriptions are of the same value."""
    return next(iter(_differ(old, new, "")), None) is None


def _differ(old: Description, new: Description, where: str) -> Iterator[str]:
    """The first difference of two values, in words, or nothing."""
    kind = old[0]
    if kind in _UNTOLD or new[0] in _UNTOLD:
        return
    if "scalar" in (kind, new[0]) and kind != new[0]:
        old, new = _number(old), _number(new)
        kind = old[0]
    if _is_missing(old) and _is_missing(new):
        return
    if kind != new[0]:
        yield f"{where}: {show(old)}, then {show(new)}"
    else:
        yield from _BY_KIND.get(kind, _leaf)(old, new, where)


def _number(value: Description) -> Description:
    """A number of numpy's as the number that it is: a function may give either."""
    inner: Description = value[2] if value[0] == "scalar" else value
    return inner


def _is_missing(value: Description) -> bool:
    return (
        value[0] == "none"
        or (value[0] == "float" and value[1] == "nan")
        or (value[0] == "text" and value[1] in _MISSING)
        or (value[0] == "text" and value[2] == "NaT")
    )


def _leaf(old: Description, new: Description, where: str, tolerance: float = _ROUNDING) -> Iterator[str]:
    if old[0] in ("float", "complex") and old[0] == new[0]:
        equal = all(_close(float(a), float(b), tolerance) for a, b in zip(old[1:], new[1:], strict=True))
    elif old[0] == "text":
        equal = _renamed(old[1]) == _renamed(new[1]) and old[2] == new[2]
    else:
        equal = list(old) == list(new)
    if not equal:
        yield f"{where}: {show(old)}, then {show(new)}"


def _close(old: float, new: float, tolerance: float) -> bool:
    return (math.isnan(old) and math.isnan(new)) or math.isclose(old, new, rel_tol=tolerance, abs_tol=1e-12)


def _named(old: Description, new: Description, where: str) -> Iterator[str]:
    """Modules and classes are the same when their last names are; a library's function may have got another name.

    ``bool`` and a library's ``bool_`` are two classes, though.
    """
    if old[1] == new[1] == "function" and not (old[3] or new[3]):
        return
    if (old[1], *old[4:]) != (new[1], *new[4:]) or (not (old[3] or new[3]) and _renamed(old[2]) != _renamed(new[2])):
        yield f"{where}: {show(old)}, then {show(new)}"


def _scalar(old: Description, new: Description, where: str) -> Iterator[str]:
    if not _same_dtype(old[1], new[1]):
        yield f"{where}: a number of {old[1]}, then of {new[1]}"
    elif _COARSE.fullmatch(old[1]):
        yield from _leaf(old[2], new[2], where, _SINGLE)
    else:
        yield from _differ(old[2], new[2], where)


def _items(old: Description, new: Description, where: str) -> Iterator[str]:
    if _renamed(old[1]) != _renamed(new[1]):
        yield f"{where}: a {old[1]}, then a {new[1]}"
    elif len(old[2]) != len(new[2]) or old[3] != new[3]:
        yield f"{where}: {max(old[3], len(old[2]))} items, then {max(new[3], len(new[2]))}"
    else:
        yield from _each(old[2], new[2], where)


def _each(old: Sequence[Description], new: Sequence[Description], where: str) -> Iterator[str]:
    if len(old) != len(new):
        yield f"{where}: {len(old)}, then {len(new)}"
        return
    for at, (before, after) in enumerate(zip(old, new, strict=True)):
        for text in _differ(before, after, f"{where}[{at}]"):
            yield text
            return


def _map(old: Description, new: Description, where: str) -> Iterator[str]:
    if _renamed(old[1]) != _renamed(new[1]) or len(old[2]) != len(new[2]):
        yield f"{where}: a {old[1]} of {len(old[2])}, then a {new[1]} of {len(new[2])}"
        return
    for (key, before), (other, after) in zip(old[2], new[2], strict=True):
        for text in (*_differ(key, other, f"a key of {where}"), *_differ(before, after, f"{where}[{show(key)}]")):
            yield text
            return


def _thing(old: Description, new: Description, where: str) -> Iterator[str]:
    """Objects: of the code's own classes all attributes, of others those that both have."""
    if _renamed(old[1]) != _renamed(new[1]):
        yield f"{where}: a {old[1]}, then a {new[1]}"
        return
    before, after = dict(old[2]), dict(new[2])
    for name in before.keys() & after.keys() if not old[3] else before.keys() | after.keys():
        if name not in before or name not in after:
            yield f"{where}.{name} is there only {'before' if name in before else 'after'}"
        else:
            yield from _differ(before[name], after[name], f"{where}.{name}")


def _array(old: Description, new: Description, where: str) -> Iterator[str]:
    if _renamed(old[1]) != _renamed(new[1]):
        yield f"{where}: a {old[1]}, then a {new[1]}"
    elif not _same_dtype(old[2], new[2]):
        yield f"{where}: an array of {old[2]}, then of {new[2]}"
    elif list(old[3]) != list(new[3]):
        yield f"{where}: an array of shape {tuple(old[3])}, then {tuple(new[3])}"
    elif old[4] and _COARSE.fullmatch(old[2]):
        for before, after in zip(old[4], new[4], strict=True):
            yield from _leaf(before, after, where, _SINGLE)
    else:
        yield from _each(old[4], new[4], where)


def _cells(old: Description, new: Description, where: str) -> Iterator[str]:
    if not (_same_dtype(old[1], new[1]) or old[3] == new[3] == 0 or (_all_texts(old) and _all_texts(new))):
        yield f"{where}: dtype {old[1]}, then {new[1]}"
    elif old[3] != new[3]:
        yield f"{where}: {old[3]} elements, then {new[3]}"
    else:
        yield from _each(old[2], new[2], where)


def _all_texts(cells: Description) -> bool:
    """Whether cells are of one of the dtypes that texts have, and texts or missing."""
    return bool(_TEXTS.fullmatch(cells[1])) and all(each[0] == "str" or _is_missing(each) for each in cells[2])


def _frame(old: Description, new: Description, where: str) -> Iterator[str]:
    yield from _first(
        _differ(old[1], new[1], f"the index of {where}"),
        _differ(old[2], new[2], f"the columns of {where}"),
        _each(old[3], new[3], f"column {where}"),
    )


def _series(old: Description, new: Description, where: str) -> Iterator[str]:
    yield from _first(
        _differ(old[1], new[1], f"the index of {where}"),
        _differ(old[2], new[2], f"the name of {where}"),
        _differ(old[3], new[3], where),
    )


def _index(old: Description, new: Description, where: str) -> Iterator[str]:
    yield from _first(
        _differ(old[1], new[1], f"the names of {where}"),
        _differ(old[2], new[2], where),
        _differ(old[3], new[3], f"the frequency of {where}"),
    )


def _first(*found: Iterator[str]) -> Iterator[str]:
    for each in found:
        for text in each:
            yield text
            return


_BY_KIND = {
    "named": _named, "scalar": _scalar, "items": _items, "map": _map, "thing": _thing, "array": _array,
    "cells": _cells, "frame": _frame, "series": _series, "index": _index,
}  # fmt: skip


def _same_dtype(old: str, new: str) -> bool:
    """Whether two dtypes are one; later releases of pandas choose other units for times."""
    if old == new:
        return True
    before, after = _UNIT.fullmatch(old), _UNIT.fullmatch(new)
    return bool(before and after and before[1] == after[1] and before["zone"] == after["zone"])


def _renamed(name: str) -> str:
    return _RENAMED.get(name, name).strip("_")


# --------------------------------------------------------------------------- words


def show(value: Description) -> str:
    """A description in a few words for people."""
    kind = value[0]
    if kind == "none":
        return "None"
    if kind == "str":
        return repr(_short(value[1]))
    if kind in ("bool", "int", "float"):
        return str(value[1])
    if kind == "scalar":
        return show(value[2])
    if kind == "text":
        return f"{value[1]} {_short(value[2])!r}"
    if kind == "named":
        return f"the {'builtin ' if value[4:] == [True] else ''}{value[1]} {value[2]}"
    if kind == "items":
        return f"a {value[1]} of {len(value[2])}"
    return {"array": "an array", "index": "an index", "frame": "a data frame"}.get(kind) or f"a {_what(value)}"


def _what(value: Description) -> str:
    return str(value[1]) if value[0] in ("thing", "map", "array") else str(value[0])
