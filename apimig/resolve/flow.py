"""What names and attribute paths stand for at one point of the control flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apimig.records import Value
from apimig.resolve.values import join


class Flow:
    """An environment: name or path (``self.df``) to value. ``dead`` after return, raise, break, continue.

    Copies share one dict until one of them is written to: most branches write little, and many nothing.
    """

    __slots__ = ("_has_paths", "_names", "_shared", "dead")

    def __init__(self, names: dict[str, Value] | None = None, *, dead: bool = False) -> None:
        self._names = {} if names is None else names
        self._shared = False
        self._has_paths = names is not None and any(map(_is_path, names))
        self.dead = dead

    @property
    def names(self) -> Mapping[str, Value]:
        """Everything that is known."""
        return self._names

    @property
    def has_paths(self) -> bool:
        """Whether there may be a value for a path; where there is none, no path need be spelled out."""
        return self._has_paths

    def get(self, path: str) -> Value | None:
        """The value stored under a name or path."""
        return self._names.get(path)

    def set(self, path: str, value: Value) -> None:
        """Store a value and forget everything known below the path."""
        if self._has_paths:
            self.forget(path)
        self.put(path, value)

    def put(self, path: str, value: Value) -> None:
        """Store a value; what is known below the path stays."""
        self._own()[path] = value
        self._has_paths = self._has_paths or _is_path(path)

    def forget(self, path: str) -> None:
        """Forget a path and those that begin with it."""
        below = (f"{path}.", f"{path}[")
        stale = [name for name in self._names if name.startswith(below)] if self._has_paths else []
        if path in self._names:
            stale.append(path)
        for name in stale:
            del self._own()[name]

    def copy(self) -> Flow:
        """An independent copy."""
        made = Flow(dead=self.dead)
        made.restore(self)
        return made

    def living(self) -> Flow:
        """A copy that is not dead."""
        made = self.copy()
        made.dead = False
        return made

    def restore(self, saved: Flow) -> None:
        """Become ``saved``."""
        self._names, self._has_paths, self.dead = saved._names, saved._has_paths, saved.dead
        self._shared = saved._shared = True

    def _own(self) -> dict[str, Value]:
        if self._shared:
            self._names = dict(self._names)
            self._shared = False
        return self._names


def merged(flows: Iterable[Flow]) -> Flow:
    """Where several paths meet: names join; a path of attributes must be known on all of them."""
    every = list(flows)
    living = [flow for flow in every if not flow.dead] or every
    first, *others = (flow.names for flow in living)
    same = all(names is first for names in others)
    made = living[0].copy() if same else Flow(_joined([first, *others]))
    made.dead = all(flow.dead for flow in every)
    return made


def _joined(every: list[Mapping[str, Value]]) -> dict[str, Value]:
    joined: dict[str, Value] = {}
    for name in {name: None for names in every for name in names}:
        found = [names[name] for names in every if name in names]
        if len(found) == len(every) or not _is_path(name):
            joined[name] = join(found)
    return joined


def _is_path(name: str) -> bool:
    return "." in name or "[" in name
