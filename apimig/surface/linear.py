"""The order in which Python looks a member up in a class and its bases (C3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def linearise(name: str, bases: Callable[[str], Iterable[str]]) -> list[str]:
    """``name`` and its bases in order of lookup; a hierarchy that has none comes depth first, each once."""
    try:
        return _c3(name, bases, ())
    except _NoOrderError:
        return _depth_first(name, bases, {})


class _NoOrderError(Exception):
    pass


def _c3(name: str, bases: Callable[[str], Iterable[str]], above: tuple[str, ...]) -> list[str]:
    if name in above:
        raise _NoOrderError
    direct = list(dict.fromkeys(bases(name)))
    lines = [_c3(base, bases, (*above, name)) for base in direct]
    return [name, *_merge([*lines, direct])]


def _merge(lines: Sequence[list[str]]) -> list[str]:
    merged: list[str] = []
    remaining = [list(line) for line in lines if line]
    while remaining:
        head = next((line[0] for line in remaining if not any(line[0] in other[1:] for other in remaining)), None)
        if head is None:
            raise _NoOrderError
        merged.append(head)
        remaining = [kept for line in remaining if (kept := [each for each in line if each != head])]
    return merged


def _depth_first(name: str, bases: Callable[[str], Iterable[str]], seen: dict[str, None]) -> list[str]:
    if name not in seen:
        seen[name] = None
        for base in bases(name):
            _depth_first(base, bases, seen)
    return list(seen)
