"""How often Python looks for cyclic garbage while a run works."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Nodes and values are allocated by the million and nearly all freed by their reference counts: with Python's
# threshold of 700 much of the looking for cycles is in vain. What is full of cycles is collected where it is let go
# (Workshop). Measured in docs/decisions/0008-speed.md.
_ALLOCATIONS = 100_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage after many allocations instead of a few; processes forked meanwhile do so too."""
    before = gc.get_threshold()
    collect_seldom()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def collect_seldom() -> None:
    """From now on look for garbage after many allocations."""
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
