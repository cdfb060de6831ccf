"""Every public path of a release, and the objects that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import griffe

from apimig.surface.annotations import Names
from apimig.surface.exports import EVERYTHING
from apimig.surface.publicity import Conventions, is_public_name
from apimig.surface.reading import Tree

_DEEPEST = 3  # dots of a place below which private modules are still followed


@dataclass
class Paths:
    """``objects`` maps homes to their public paths, each with whether its module lists it in ``__all__``."""

    objects: dict[str, dict[str, bool]] = field(default_factory=dict)
    implicit: dict[str, str] = field(default_factory=dict)
    modules: dict[str, griffe.Module] = field(default_factory=dict)

    def add(self, home: str, path: str, *, listed: bool) -> None:
        """Note that ``path`` is a public name of what is defined at ``home``."""
        self.objects.setdefault(home, {})[path] = listed


def find_paths(tree: Tree, names: Names, conventions: Conventions) -> Paths:
    """Walk the public modules of the release, and private ones that a public module shows under a name of its own."""
    found = Paths()
    waiting = [(m.path, m) for package in tree.packages for m in _public_modules(package, conventions)]
    while waiting:
        place, module = waiting.pop(0)
        if place not in found.modules:
            found.modules[place] = module
            waiting += _walk(place, module, found, names, conventions)
    return found


def _public_modules(module: griffe.Module, conventions: Conventions) -> Iterator[griffe.Module]:
    if conventions.is_public_module(module.path):
        yield module
    for member in module.members.values():
        if isinstance(member, griffe.Module) and _worth_entering(member.path, conventions):
            yield from _public_modules(member, conventions)


def _worth_entering(path: str, conventions: Conventions) -> bool:
    return conventions.is_public_module(path) or any(each.startswith(path + ".") for each in conventions.public)


def _walk(
    place: str, module: griffe.Module, found: Paths, names: Names, conventions: Conventions
) -> Iterator[tuple[str, griffe.Module]]:
    """Note the public names of a module that users know as ``place``; yields modules that it shows as its own."""
    stub = names.tree.stubs.get(module.path)
    stubbed = frozenset() if stub is None else stub.published
    exports = exported(module)
    if exports is not None:
        exports |= stubbed
    listed = exports is not None
    for name, member in module.members.items():
        stated = exports is not None and name in exports
        target = _leads_to(module, name, member, names, stated=stated) if is_public_name(name) else None
        if target is None or not _own(target.path, module):
            continue
        path = f"{place}.{name}"
        meant = name in exports if exports is not None else name in stubbed or _published(module, member)
        if isinstance(target, griffe.Module):
            if target.path == path:
                continue
            if not meant:
                found.implicit[path] = target.path  # `from matplotlib.pyplot import cm`: users do it
            elif conventions.is_public_module(target.path):
                found.add(target.path, path, listed=listed)
            elif place.count(".") < _DEEPEST:
                yield path, target
        elif _noise(target, name, module, listed=listed or name in stubbed):
            continue
        elif meant:
            found.add(target.path, path, listed=listed)
        else:
            found.implicit[path] = target.path


def exported(module: griffe.Module) -> frozenset[str] | None:
    """The names in ``__all__``; None when the module has none."""
    if module.exports is None:
        return None
    names = frozenset(each if isinstance(each, str) else each.name for each in module.exports)
    return names | {name for name in module.members if is_public_name(name)} if EVERYTHING in names else names


def _published(module: griffe.Module, member: griffe.Object | griffe.Alias) -> bool:
    """Without ``__all__``: what a module defines is published, what it imports only where it is a package."""
    return not member.is_alias or module.is_init_module


def _leads_to(
    module: griffe.Module, name: str, member: griffe.Object | griffe.Alias, names: Names, *, stated: bool
) -> griffe.Object | None:
    if isinstance(member, griffe.Module):
        # `from .thing import thing` binds the function, whatever griffe makes of the two.
        imported = module.imports.get(name, "")
        if not imported or imported == member.path:
            return member
        return names.object(imported) or member
    stub = names.tree.stubs.get(module.path)
    unstubbed = stub is None or name not in stub.members
    if getattr(member, "runtime", True) is False and unstubbed and not stated:
        return None  # imported for type checkers alone; what `__all__` names is brought by a `__getattr__`
    return names.object(f"{module.path}.{name}")


def _own(home: str, module: griffe.Module) -> bool:
    return home.split(".", 1)[0] == module.path.split(".", 1)[0] or not home


def _noise(target: griffe.Object, name: str, module: griffe.Module, *, listed: bool) -> bool:
    """Values that a module holds at its top without meaning them for users: type variables, loggers, texts for docs."""
    if not target.is_attribute:
        return False
    value = getattr(target, "value", None)
    maker = str(value.function).rpartition(".")[2] if isinstance(value, griffe.ExprCall) else ""
    if maker in ("TypeVar", "ParamSpec", "TypeVarTuple", "getLogger", "get_logger", "NewType", "local"):
        return True
    meant = listed or module.is_init_module or name.isupper() or name[:1].isupper()
    return not meant and getattr(target, "annotation", None) is None
