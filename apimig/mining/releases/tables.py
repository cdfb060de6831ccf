"""What a release says of names that it no longer has: tables of names and texts that a ``__getattr__`` looks into."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from apimig.mining.releases.release import Release, squeezed
from apimig.mining.releases.sources import Module
from apimig.surface.deprecations import string_of
from apimig.surface.model import Deprecation
from apimig.surface.wording import replacement_in

_TABLE = re.compile(r"(?i)expired|deprecat|removed|former")
_ASSIGNED = re.compile(r"(?im)^\w*(?:expired|deprecat|removed|former)\w*(?::[^=\n]+)? = \{")
_FEWEST = 3  # names of a table


def stated_in_tables(release: Release) -> dict[str, Deprecation]:
    """Texts by the public names of what is gone: ``{"numpy.float_": "Use `np.float64` instead."}``."""
    found: dict[str, Deprecation] = {}
    for module in release.sources.modules_where(_ASSIGNED.search) if release.sources is not None else ():
        package = module.name if module.package else module.name.rpartition(".")[0]
        for name, text in _tables(module):
            found[f"{package}.{name}"] = Deprecation(text, "", replacement_in(text))
    return found


def _tables(module: Module) -> Iterator[tuple[str, str]]:
    for statement in module.tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as table)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as table)
            ) if _TABLE.search(name):
                pairs = [(string_of(key), string_of(each)) for key, each in zip(table.keys, table.values, strict=True)]
                told = [(key, squeezed(text)) for key, text in pairs if key and key.isidentifier() and text]
                yield from told if len(told) >= _FEWEST else ()
