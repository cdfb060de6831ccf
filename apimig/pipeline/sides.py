"""The environments that cases run in: two releases of a library, and beside it what the pack and the cases name."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from apimig import sandbox
from apimig.environments import Choices, Environment, Need, Needs, Request, Why, build
from apimig.environments.tools import tools
from apimig.errors import ApimigError
from apimig.mining.trials.running import Release
from apimig.mining.trials.trial import Conventions, Trial
from apimig.rulebook.cache import folder as cache_folder
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library

_FORMAT = 2  # changes with how environments are chosen, so that those of an earlier way are not found again


@dataclass(frozen=True, slots=True)
class Pair:
    """Two releases of a library that rules are tried between."""

    library: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.library} {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Sides:
    """Two environments to run cases in."""

    old: Release
    new: Release
    python: str


def environments(
    pair: Pair,
    library: Library,
    trials: Sequence[Trial],
    conventions: Conventions,
    *,
    tell: Callable[[str], None] | None = None,
    choices: Choices | None = None,
) -> Sides:
    """Environments with the two releases and what the cases import, alike but for the library. Raises ApimigError.

    Those that were made for the same before are found again without asking the index.
    """
    needs = Needs(tuple(_needs(library, trials, conventions)))
    choices = choices or Choices()
    old, new = _kept(pair, needs, choices) or _built(pair, needs, choices, library.imports, tell)
    return Sides(
        _release(f"{pair.library} {pair.old}", old, library),
        _release(f"{pair.library} {pair.new}", new, library),
        old.interpreter if old.interpreter == new.interpreter else f"{old.interpreter}, {new.interpreter}",
    )


def _built(
    pair: Pair, needs: Needs, choices: Choices, modules: Sequence[str], tell: Callable[[str], None] | None
) -> tuple[Environment, Environment]:
    """The environments; where the old release cannot be imported with packages of today, with those of its own time."""
    old, new = _made(pair, needs, choices, tell)
    for day in old.others:
        if _imports(old, modules):
            break
        with contextlib.suppress(ApimigError):
            other = _made(pair, needs, replace(choices, first=day), tell)
            old, new = other if _imports(other[0], modules) else (old, new)
    path = _record(pair, needs, choices)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(old), asdict(new)], default=str), encoding="utf-8")
    return old, new


def _made(
    pair: Pair, needs: Needs, choices: Choices, tell: Callable[[str], None] | None
) -> tuple[Environment, Environment]:
    with tempfile.TemporaryDirectory(prefix="apimig-verify-") as name:
        request = Request(Path(name).resolve(), pair.library, (pair.old, pair.new), needs, choices)
        old, new = build(request, tell=tell)
    return old, new


def _imports(environment: Environment, modules: Sequence[str]) -> bool:
    """Whether the library can be imported there at all."""
    with tempfile.TemporaryDirectory(prefix="apimig-import-") as name:
        ran = sandbox.run(
            [str(environment.python), "-c", f"import {', '.join(modules)}"],
            folder=Path(name).resolve(),
            readable=[_home(environment)],
            limits=sandbox.Limits(wall_seconds=120),
        )
    return ran.exit_code == 0


def _kept(pair: Pair, needs: Needs, choices: Choices) -> tuple[Environment, Environment] | None:
    """The environments that were made for this before; None where there are none, or they are gone."""
    try:
        said = json.loads(_record(pair, needs, choices).read_text(encoding="utf-8"))
        old, new = (Environment(**{**e, "python": Path(e["python"]), "site": Path(e["site"])}) for e in said)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (old, new) if old.python.exists() and new.python.exists() and old.site.is_dir() else None


def _record(pair: Pair, needs: Needs, choices: Choices) -> Path:
    text = json.dumps(
        [_FORMAT, str(pair), [str(need.requirement) for need in needs.needs], repr(choices), sys.platform]
    )
    return cache_folder() / "trials" / "pairs" / f"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}.json"


def _release(name: str, environment: Environment, library: Library) -> Release:
    modules = (*library.imports, *library.conventional.values())
    home = _home(environment)
    return Release(name, environment.python, (home,), library.imports, tuple(dict.fromkeys(modules)), environment.key)


def _home(environment: Environment) -> Path:
    return environment.site.parents[0 if environment.site.parent.name == "Lib" else 1].parent


def _needs(library: Library, trials: Sequence[Trial], conventions: Conventions) -> Iterator[Need]:
    """What the pack names, and the distributions of what cases import; all may be given up where they cannot be had."""
    named = [Requirement(text) for text in library.companions]
    for requirement in named:
        yield Need(requirement, "companions", Why.SOFT)
    ours = {normalise(library.distribution), *(canonicalize_name(each.name) for each in named)}
    for module in sorted(_modules(trials, conventions) - {*library.imports} - sys.stdlib_module_names):
        name = conventions.distributions.get(module) or tools().distribution_of(module)
        if name and normalise(name) not in ours:
            yield Need(Requirement(name), "imported by cases", Why.SOFT)


def _modules(trials: Sequence[Trial], conventions: Conventions) -> set[str]:
    """The top-level names of modules that cases name."""
    found: set[str] = set()
    for trial in trials:
        for text in (trial.before, trial.after, trial.setup, *trial.given.values()):
            found |= _named(text, conventions.aliases)
    return found


def _named(text: str, aliases: Mapping[str, str]) -> set[str]:
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except SyntaxError:
        return set()
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    used = {node.value.id for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    return {each.partition(".")[0] for each in (*found, *(aliases.get(name, name) for name in used))}
