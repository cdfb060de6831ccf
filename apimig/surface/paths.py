"""Every public path of a release, and the objects that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import griffe

from apimig.surface.annotations import Names
from apimig.surface.exports import EVERYTHING
from apimig.surface.publicity import Conventions, is_public_name
from apimig.surface.reading import Tree


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
    """Walk the public modules of the release."""
    found = Paths()
    for package in tree.packages:
        for module in _public_modules(package, conventions):
            found.modules[module.path] = module
            _walk(module, found, names)
    return found


def _public_modules(module: griffe.Module, conventions: Conventions) -> Iterator[griffe.Module]:
    if conventions.is_public_module(module.path):
        yield module
    for member in module.members.values():
        if isinstance(member, griffe.Module) and _worth_entering(member.path, conventions):
            yield from _public_modules(member, conventions)


def _worth_entering(path: str, conventions: Conventions) -> bool:
    return conventions.is_public_module(path) or any(each.startswith(path + ".") for each in conventions.public)


def _walk(module: griffe.Module, found: Paths, names: Names) -> None:
    stub = names.tree.stubs.get(module.path)
    stubbed = frozenset() if stub is None else stub.published
    exports = exported(module)
    if exports is not None:
        exports |= stubbed
    for name, member in module.members.items():
        path = f"{module.path}.{name}"
        target = _leads_to(module, name, member, names)
        if target is None:
            continue
        home = target.path
        if not is_public_name(name):
            continue
        meant = name in exports if exports is not None else name in stubbed or _published(module, member)
        if isinstance(target, griffe.Module):
            if home != path and meant and _own(home, module):
                found.add(home, path, listed=exports is not None)
        elif not _own(home, module) or _noise(target, name, module, listed=exports is not None or name in stubbed):
            continue
        elif meant:
            found.add(home, path, listed=exports is not None)
        else:
            found.implicit[path] = home


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
    module: griffe.Module, name: str, member: griffe.Object | griffe.Alias, names: Names
) -> griffe.Object | None:
    if isinstance(member, griffe.Module):
        # `from .thing import thing` binds the function, whatever griffe makes of the two.
        imported = module.imports.get(name, "")
        if not imported or imported == member.path:
            return member
        return names.object(imported) or member
    stub = names.tree.stubs.get(module.path)
    if getattr(member, "runtime", True) is False and (stub is None or name not in stub.members):
        return None  # imported for type checkers alone
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
