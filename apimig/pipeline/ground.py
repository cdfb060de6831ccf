"""What a validation runs on: the environments of both sides, and how the repository's tests are run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from apimig import environments, sandbox
from apimig.errors import UsageError
from apimig.pipeline.options import Options
from apimig.pipeline.plan import Plan
from apimig.rulebook import Migration
from apimig.validation.bench import Side, Suite


@dataclass(frozen=True, slots=True)
class Ground:
    """The two sides and the tests; ``sandbox`` says how they are contained, ``notes`` what people should know.

    ``others`` prepare the same with packages as of other days, by the words for them.
    """

    old: Side
    new: Side
    suite: Suite
    sandbox: str = ""
    notes: tuple[str, ...] = ()
    others: Mapping[str, Callable[[], Ground]] = field(default_factory=dict)


def prepared(
    root: Path,
    paths: Sequence[Path],
    plan: Plan,
    options: Options,
    tell: Callable[[str], None] | None,
    first: str = "",
) -> Ground:
    """Build the environments for the project in ``root`` that the paths are of, and find out how its tests are run.

    ``first`` is a day, or "none", as of which packages are taken where that is possible.

    Raises ApimigError where an environment cannot be built, and where ``require_sandbox`` asks for what is not there.
    """
    kind = sandbox.kind()
    if options.require_sandbox and not kind.name:
        raise sandbox.SandboxError(f"There is no sandbox here: {kind.reason}", help=kind.help)
    choices = environments.Choices(
        python=options.python,
        exclude_newer=options.exclude_newer,
        first=first,
        extras=options.extras,
        test_deps=options.test_deps,
        leave_out=options.leave,
        offline=options.offline,
    )
    project = environments.project_of(root, paths)
    needs = environments.needs_of(project, choices, top=root)
    tests = environments.plan_of(project, tests=options.tests, top=root)
    old, new = environments.build(_request(project, plan.migrations, needs, choices), tell=tell)
    return Ground(
        _side(old, [f"{m.library} {m.from_version}" for m in plan.migrations]),
        _side(new, [f"{m.library} {m.to_version}" for m in plan.migrations]),
        Suite(
            str(tests.runner),
            tests.arguments,
            _folder(root, project, tests),
            tuple(_below(root, project / each) for each in needs.layout),
            _imported(plan),
            sandbox.Limits(
                memory=options.test_memory << 20,
                cpu_seconds=4 * options.test_timeout,
                wall_seconds=options.test_timeout,
            ),
            require=options.require_sandbox,
            variables=tests.variables,
        ),
        kind.name or "limits alone",
        (*_place(root, project), *_notes(kind, needs, tests, (old, new))),
        {
            "the newest packages" if day == "none" else f"packages as of {day}": partial(
                prepared, root, paths, plan, options, tell, day
            )
            for day in old.others
        },
    )


def _folder(root: Path, project: Path, tests: environments.Plan) -> str:
    """Where the tests are run: in the project, unless a command names files as seen from the repository's root."""
    paths = [each.partition("::")[0] for each in tests.arguments if not each.startswith("-")]
    elsewhere = any((root / each).exists() and not (project / each).exists() for each in paths if each)
    return "" if elsewhere else _below(root, project / tests.folder)


def _below(root: Path, folder: Path) -> str:
    """A folder's path below the root, "" for the root itself; a folder outside of it is none of the copy."""
    name = os.path.relpath(os.path.normpath(folder), os.path.realpath(root)).replace(os.sep, "/")
    return "" if name == "." else name


def _place(root: Path, project: Path) -> list[str]:
    name = _below(root, project)
    return [f"{name} is a project of its own: its requirements and tests count, not those around it"] if name else []


def _request(
    root: Path, migrations: Sequence[Migration], needs: environments.Needs, choices: environments.Choices
) -> environments.Request:
    """Environments with the first library's two releases, and beside each the others'."""
    for migration in migrations:
        if migration.from_version == "0":
            raise UsageError(
                f"Nothing says for which version of {migration.library} the code was written",
                help=f"Name it: --from {migration.library}==VERSION",
            )
    first, *others = migrations
    beside: tuple[Mapping[str, str], ...] = (
        {m.library: m.from_version for m in others},
        {m.library: m.to_version for m in others},
    )
    versions = (first.from_version, first.to_version)
    return environments.Request(root, first.library, versions, needs, choices, beside if others else ())


def _side(environment: environments.Environment, names: Sequence[str]) -> Side:
    home = environment.python.parent.parent
    return Side(", ".join(names), environment.interpreter, environment.python, (home, environment.site))


def _imported(plan: Plan) -> tuple[str, ...]:
    """The import names of the libraries."""
    moved = {migration.library for migration in plan.migrations}
    return tuple(sorted(name for each in plan.libraries if each.distribution in moved for name in each.imports))


def _notes(
    kind: sandbox.Kind, needs: environments.Needs, tests: environments.Plan, made: Sequence[environments.Environment]
) -> list[str]:
    how = f"tests are run by {' '.join(tests.command).replace('{python}', 'python')} ({tests.why})"
    said = [kind.warning, how, *needs.notes, *(each.attempt for each in made), *(n for e in made for n in e.notes)]
    return list(dict.fromkeys(filter(None, said)))
