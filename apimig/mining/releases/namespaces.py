"""Modules that only answer for names that are elsewhere now: ``scipy.signal.filter_design``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from packaging.version import Version

from apimig.mining.candidate import Evidence, Kind
from apimig.mining.releases.drafts import Draft
from apimig.mining.releases.release import Release, at, squeezed
from apimig.mining.releases.sources import Module
from apimig.mining.releases.versions import version_of
from apimig.rulebook.problems import counted
from apimig.surface.model import Kind as What
from apimig.surface.model import Surface
from apimig.surface.wording import module_in, since_in


def namespaces(release: Release, oldest: str, newest: str) -> Iterator[Draft]:
    """A move for each module of the release whose ``__getattr__`` warns, and says where its names are.

    Where it does not say since when, that is taken to be ``oldest``.
    """
    sources = release.sources
    for module in sources.modules_with("__getattr__", "eprecat") if sources is not None else ():
        answers = [e for e in module.tree.body if isinstance(e, ast.FunctionDef) and e.name == "__getattr__"]
        text = " ".join(ast.unparse(node) for node in answers)
        target = module_in(text) or _subpackage(answers, release.surface)
        there = (name for name in _exported(module.tree) if at(release.surface, f"{target}.{name}") is not None)
        names = list(there) if target and target != module.name else []
        if names and sources is not None:
            place = f"{sources.release}: {module.path.relative_to(sources.folder).as_posix()}"
            yield _move(module, target, names, _said(answers), (oldest, newest), place)


def _move(module: Module, target: str, names: Sequence[str], said: str, between: tuple[str, str], place: str) -> Draft:
    oldest, newest = between
    since = version_of(since_in(said)) or oldest
    parent, _, last = module.name.rpartition(".")
    return Draft(
        {"move": [{"from": module.name, "to": target, "names": list(names)}]},
        f"{counted(len(names), 'name')} of {module.name} {'is' if len(names) == 1 else 'are'} in {target}",
        Kind.MOVE,
        {"deprecated": since if Version(since) <= Version(newest) else newest},
        f"{last}_namespace",
        owner=parent.rpartition(".")[2],
        evidence=(Evidence("definition", said or f"__getattr__ of {module.name}", place),),
        names=tuple(f"{module.name}.{name}" for name in names),
    )


def _said(answers: Sequence[ast.FunctionDef]) -> str:
    constants = (each.value for node in answers for each in ast.walk(node) if isinstance(each, ast.Constant))
    return squeezed(" ".join(each for each in constants if isinstance(each, str)))


def _subpackage(answers: Sequence[ast.FunctionDef], surface: Surface) -> str:
    """The package that a helper is told of: ``_sub_module_deprecation(sub_package="signal", …)``, or a module of it."""
    for call in (each for node in answers for each in ast.walk(node) if isinstance(each, ast.Call)):
        said = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
        if said.get("sub_package"):
            parts = (surface.roots[0], said["sub_package"], said.get("correct_module"))
            return ".".join(str(each) for each in parts if each)
    return ""


def _is_there(surface: Surface, name: str) -> bool:
    """Whether a name is of something; a module of that name is what the others have moved out of."""
    found = at(surface, name)
    return found is not None and found.kind is not What.MODULE


def _exported(tree: ast.Module) -> list[str]:
    for each in tree.body:
        if isinstance(each, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in each.targets):
            try:
                return list(dict.fromkeys(name for name in ast.literal_eval(each.value) if isinstance(name, str)))
            except (ValueError, SyntaxError):
                return []
    return []
