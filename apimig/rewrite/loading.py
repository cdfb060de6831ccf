"""Loads codemods by path. Those that are not shipped with apimig are code of strangers: only on request."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from apimig import shipped
from apimig.records import Edit
from apimig.rewrite.codemod import Site
from apimig.rewrite.templates import Refused
from apimig.rulebook.rule import Codemod, Rule

Function = Callable[[Site], "Edit | Refused | None"]

_RESERVED = "_apimig_codemods"


def codemod(rule: Rule, body: Codemod, *, allowed: bool) -> Function:
    """The function of a rule's codemod; Refused names the file where it may not be run or is no codemod."""
    own = shipped.folder("codemods") / f"{body.id}.py"
    if own.is_file():
        return _load(str(own))
    path = _beside(rule, body.id)
    if path is None:
        raise Refused(f"its codemod codemods/{body.id}.py does not exist")
    if not allowed:
        raise Refused(f"its codemod {path} is not part of apimig and runs only with --allow-codemods")
    return _load(str(path))


def _beside(rule: Rule, name: str) -> Path | None:
    """The codemod in a ``codemods`` folder beside the rule's file or above it."""
    if not rule.path:
        return None
    folders = list(Path(rule.path).resolve().parents)[:4]
    return next((p for f in folders if (p := f / "codemods" / f"{name}.py").is_file()), None)


@lru_cache(maxsize=512)
def _load(path: str) -> Function:
    name = f"{_RESERVED}.{path.removesuffix('.py').replace('/', '_').replace('.', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Refused(f"its codemod {path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    function = getattr(module, "rewrite", None)
    if not callable(function):
        raise Refused(f"its codemod {path} has no function rewrite(site)")
    return function  # type: ignore[no-any-return]
