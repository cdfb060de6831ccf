"""The public surface of a release, and what changed between two.

``apimig.surface`` is this room and, called, the function that gives a surface: ``apimig.surface("pandas==1.5.3")``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apimig.surface.model import Surface


class _Room(ModuleType):
    """A module that can be called: Python binds a room's name in the package, whatever else has that name."""

    def __call__(self, *arguments: Any, **options: Any) -> Surface:
        from apimig.surface.loading import surface

        return surface(*arguments, **options)


sys.modules[__name__].__class__ = _Room
