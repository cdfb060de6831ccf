"""Reads an unpacked release with griffe: nothing of it is imported or run."""

from __future__ import annotations

import ast
import copy
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import griffe

from apimig.surface.deprecations import NOTHING, Stated, stated_by
from apimig.surface.exports import answers_for_names, published_by_stub, stated_exports
from apimig.surface.made import made_by
from apimig.surface.shims import handed_on
from apimig.surface.wrappers import takes_first_by_place

_KEY = "apimig"


@dataclass(frozen=True, slots=True)
class Stub:
    """What a stub file says: the names it publishes (none where it has ``__all__``), and its members."""

    published: frozenset[str]
    members: Mapping[str, griffe.Object | griffe.Alias]


@dataclass(frozen=True, slots=True)
class Tree:
    """The packages of a release.

    ``unread`` are files that do not parse, with the reason; ``stubs`` are the stub files by their modules;
    ``guesses`` are names that a module's ``__getattr__`` may know, for whoever can ask it.
    """

    packages: tuple[griffe.Module, ...]
    collection: griffe.ModulesCollection
    unread: tuple[str, ...] = ()
    stubs: Mapping[str, Stub] = field(default_factory=dict)
    guesses: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def get(self, path: str) -> griffe.Object | griffe.Alias | None:
        """What lies at a path of the release, imports followed on the way; None when nothing does."""
        if not path:
            return None
        try:
            return self.collection[path]  # type: ignore[no-any-return]
        except (KeyError, ValueError, griffe.AliasResolutionError, griffe.CyclicAliasError):
            return None


class _Definitions(griffe.Extension):
    """Keeps what only the syntax tree shows: stated deprecations, ``__all__``, what stubs publish."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stub] = {}
        self.guesses: dict[str, frozenset[str]] = {}

    def on_instance(self, *, node: object, obj: griffe.Object, **_: object) -> None:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return
        if takes_first_by_place(node):
            obj.extra[_KEY]["by place"] = True
        if isinstance(node, ast.FunctionDef) and (target := handed_on(node)):
            obj.extra[_KEY]["hands on"] = target
        if isinstance(node, ast.FunctionDef) and (made := made_by(node)):
            obj.extra[_KEY]["made"] = made
        private = node.name.startswith("_") and not node.name.startswith("__")
        if not private and (stated := stated_by(node)) is not NOTHING:
            obj.extra[_KEY]["stated"] = stated

    def on_members(self, *, obj: griffe.Object, **_: object) -> None:
        """Make members of functions that have overloads alone, as stubs do; griffe drops them."""
        for name, overloads in list(getattr(obj, "overloads", {}).items()):
            if name not in obj.members and overloads:
                widest = max(overloads, key=lambda each: len(list(each.parameters)))
                widest.overloads = list(overloads)
                obj.set_member(name, widest)
        if isinstance(obj, griffe.Module) and str(obj.filepath).endswith(".pyi"):
            _copy_signatures(obj)

    def on_module_members(self, *, node: object, mod: griffe.Module, **_: object) -> None:
        """Read ``__all__`` ourselves: griffe follows assignments and ``+=``, and takes a bare annotation for empty."""
        if not isinstance(node, ast.Module):
            return
        if answers_for_names(node):
            self.guesses[mod.path] = frozenset(_identifiers(node))
        found = stated_exports(node)
        if str(mod.filepath).endswith(".pyi"):
            published = () if found.stated else published_by_stub(node)
            self.stubs[mod.path] = Stub(frozenset(published), dict(mod.members))
        if not found.stated or not found.understood:
            mod.exports = None
            return
        mod.exports = [*found.names, *(_exports_of(name, mod) for name in found.modules)]


def _identifiers(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.isidentifier():
            yield each.value


def _copy_signatures(stub: griffe.Module) -> None:
    """In a stub ``nansum = sum`` says that the two are called alike, not that they are one object."""
    for name, member in list(stub.members.items()):
        value = getattr(member, "value", None) if not member.is_alias else None
        like = stub.members.get(value.name) if isinstance(value, griffe.ExprName) else None
        if isinstance(like, griffe.Function):
            same = copy.copy(like)
            same.name = name
            stub.set_member(name, same)
        elif like is not None and like.is_alias and Path(str(stub.filepath)).with_suffix(".py").is_file():
            del stub.members[name]  # the module itself says what it is


def _exports_of(name: str, module: griffe.Module) -> griffe.ExprName:
    """``name.__all__`` as griffe's expansion of exports wants it."""
    inner: griffe.ExprName | griffe.Module = module
    for part in [*name.split("."), "__all__"]:
        inner = griffe.ExprName(part, parent=inner)
    assert isinstance(inner, griffe.ExprName)  # noqa: S101 - the loop ran
    return inner


def takes_by_place(obj: griffe.Object) -> bool:
    """Whether what a function decorates takes its first argument by position alone."""
    return _KEY in obj.extra and bool(obj.extra[_KEY].get("by place"))


def makes(obj: griffe.Object) -> str:
    """The name that a function calls for what it returns, as its module spells it; empty where nobody can tell."""
    return str(obj.extra[_KEY].get("made", "")) if _KEY in obj.extra else ""


def hands_on_to(obj: griffe.Object) -> str:
    """What a function only hands its arguments on to, as it calls it; empty for any other function."""
    return str(obj.extra[_KEY].get("hands on", "")) if _KEY in obj.extra else ""


def stated(obj: griffe.Object) -> Stated:
    """The deprecations that the definition of an object states."""
    found: Stated = obj.extra[_KEY].get("stated", NOTHING) if _KEY in obj.extra else NOTHING
    return found


def read_tree(folder: Path, roots: Sequence[str]) -> Tree:
    """Load the packages ``roots`` that lie in ``folder``; a file that cannot be read is listed, not raised."""
    definitions = _Definitions()
    extensions = griffe.load_extensions(definitions)
    loader = griffe.GriffeLoader(
        search_paths=[folder], allow_inspection=False, store_source=False, extensions=extensions
    )
    with _complaints() as unread:
        packages = []
        for root in roots:
            try:
                loaded = loader.load(root, try_relative_path=False)
            except (griffe.GriffeError, ImportError, SyntaxError, ValueError) as error:
                unread.append(f"{root}: {error}")
                continue
            if isinstance(loaded, griffe.Module):
                packages.append(loaded)
        loader.resolve_aliases(implicit=True, external=False)
    return Tree(tuple(packages), loader.modules_collection, tuple(unread), definitions.stubs, definitions.guesses)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what griffe logs of files that it cannot read, and keep it off the terminal."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if "Syntax error" in message or ("Could not" in message and "load" in message):
                found.append(message)

    logger = logging.getLogger("griffe")
    handler, level, propagate = Keep(), logger.level, logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate, logger.level = propagate, level
        logger.setLevel(level)
