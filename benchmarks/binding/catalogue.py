"""What can be called in the old release, and what each callable is in the new one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.binding.binds import signature


@dataclass(frozen=True)
class Callable:
    """A function, class or method under its public path; ``api`` names what defines it, for all that inherit it.

    ``old`` and ``new`` are signatures from the outermost wrapper inwards; empty where nothing tells. ``owner`` is the
    class of a method that needs an instance.
    """

    path: str
    kind: str
    api: str
    old: tuple[inspect.Signature, ...]
    new: tuple[inspect.Signature, ...]
    gone: bool
    owner: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    mro: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def foreign(self) -> bool:
        """Whether another library defines it, and this one only lets it through."""
        root = self.api.split(".", 1)[0]
        return root != self.path.split(".", 1)[0] and root in _OTHERS

    @property
    def widest(self) -> inspect.Signature | None:
        """Of the old signatures the one that names most parameters, and takes most of them by position."""
        return max(self.old, key=_width, default=None)

    @property
    def changed(self) -> bool:
        return self.gone or [str(each) for each in self.old] != [str(each) for each in self.new]

    def touched(self) -> list[str]:
        """The parameters of which the two releases say different things."""
        now = max(self.new, key=_width, default=None)
        was = self.widest
        if was is None or now is None:
            return []
        places = {name: at for at, name in enumerate(now.parameters)}
        return [
            name
            for at, (name, one) in enumerate(was.parameters.items())
            if (other := now.parameters.get(name)) is None
            or (one.kind, one.default) != (other.kind, other.default)
            or (one.kind is not one.KEYWORD_ONLY and places[name] != at)
        ]

    def before_touched(self) -> list[str]:
        """The parameters that are given, too, where one of which the releases differ is given by position."""
        touched = self.touched()
        places = [p.name for p in self.widest.parameters.values() if p.kind in _PLACED] if self.widest else []
        last = max((at for at, name in enumerate(places) if name in touched), default=0)
        return [name for name in places[:last] if name not in touched]


_PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_OTHERS = frozenset(
    ("numpy", "scipy", "pandas", "matplotlib", "functools", "itertools", "collections", "warnings", "math")
)


def _width(each: inspect.Signature) -> tuple[int, int]:
    named = [p for p in each.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return len(named), sum(p.kind is not p.KEYWORD_ONLY for p in named)


def callables(old: Mapping[str, Any], new: Mapping[str, Any], root: str) -> Iterator[Callable]:
    """Every callable of the old release: functions, classes, and what classes and instances of the library have."""
    for path, said in old.items():
        now = new.get(path, {"kind": "missing"})
        if said["kind"] in ("function", "class"):
            yield _callable(path, said, now, gone=now["kind"] not in ("function", "class"))
        if said["kind"] in ("class", "instance") and said["home"].split(".")[0] == root:
            yield from _members(path, said, now)


def _members(path: str, said: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Callable]:
    owner_gone = now["kind"] == "missing"
    if owner_gone and said["kind"] == "class":
        return  # its constructor says it
    for name, member in said["members"].items():
        there = now.get("members", {}).get(name, {"kind": "missing"})
        owner = path if member["kind"] == "method" and said["kind"] == "class" else ""
        found = _callable(f"{path}.{name}", member, there, gone=there["kind"] == "missing", owner=owner)
        mro = (said.get("home", ""), *said.get("bases", ()))
        api = path if owner_gone else found.api
        yield Callable(**{**vars(found), "mro": mro, "api": api})


def _callable(path: str, said: Mapping[str, Any], now: Mapping[str, Any], *, gone: bool, owner: str = "") -> Callable:
    home = said.get("home", "")
    api = home if home.rpartition(".")[2] == path.rpartition(".")[2] and "<locals>" not in home else path
    return Callable(
        path,
        "method" if owner else said["kind"],
        api if said["kind"] != "class" else path,
        _signatures(said),
        () if gone else _signatures(now),
        gone,
        owner,
        said.get("types", {}),
        tuple(said.get("examples", ())),
    )


def _signatures(said: Mapping[str, Any]) -> tuple[inspect.Signature, ...]:
    return tuple(signature(each) for each in said.get("signatures") or ())


def spread(found: Sequence[Callable]) -> list[Callable]:
    """The callables in an order that takes one of each API before the second of any."""
    seen: dict[str, int] = {}
    ranked = []
    for each in found:
        rank = seen.get(each.api, 0)
        seen[each.api] = rank + 1
        ranked.append((rank, each))
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]
