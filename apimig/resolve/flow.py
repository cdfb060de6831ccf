"""What names and attribute paths stand for at one point of the control flow."""

from __future__ import annotations

from collections.abc import Iterable

from apimig.records import UNKNOWN_VALUE, Value
from apimig.resolve.values import join


class Flow:
    """An environment: name or path (``self.df``) to value. ``dead`` after return, raise, break, continue."""

    __slots__ = ("dead", "names")

    def __init__(self, names: dict[str, Value] | None = None, *, dead: bool = False) -> None:
        self.names = {} if names is None else names
        self.dead = dead

    def get(self, path: str) -> Value | None:
        """The value stored under a name or path."""
        return self.names.get(path)

    def set(self, path: str, value: Value) -> None:
        """Store a value and forget everything known below the path."""
        self.forget(path)
        self.names[path] = value

    def forget(self, path: str) -> None:
        """Forget paths that begin with ``path``."""
        below = (f"{path}.", f"{path}[")
        for stale in [name for name in self.names if name.startswith(below)]:
            del self.names[stale]
        self.names.pop(path, None)

    def copy(self) -> Flow:
        """An independent copy."""
        return Flow(dict(self.names), dead=self.dead)

    def restore(self, saved: Flow) -> None:
        """Become ``saved``."""
        self.names, self.dead = saved.names, saved.dead


def merged(flows: Iterable[Flow]) -> Flow:
    """Where several paths meet: names join; a path of attributes must be known on all of them."""
    every = list(flows)
    living = [flow for flow in every if not flow.dead] or every
    if len(living) == 1:
        return living[0].copy()
    names: dict[str, Value] = {}
    for name in dict.fromkeys(name for flow in living for name in flow.names):
        found = [flow.names.get(name, UNKNOWN_VALUE) for flow in living if name in flow.names]
        if len(found) < len(living) and ("." in name or "[" in name):
            continue
        names[name] = join(found)
    return Flow(names, dead=all(flow.dead for flow in every))
