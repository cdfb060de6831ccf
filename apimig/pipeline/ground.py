"""What a validation runs on: the environments of both sides, and how the repository's tests are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apimig import environments, sandbox
from apimig.errors import UsageError
from apimig.pipeline.options import Options
from apimig.pipeline.plan import Plan
from apimig.rulebook import Migration
from apimig.validation.bench import Side, Suite


@dataclass(frozen=True, slots=True)
class Ground:
    """The two sides and the tests; ``sandbox`` says how they are contained, ``notes`` what people should know."""

    old: Side
    new: Side
    suite: Suite
    sandbox: str = ""
    notes: tuple[str, ...] = ()


def prepared(root: Path, plan: Plan, options: Options, tell: Callable[[str], None] | None) -> Ground:
    """Build the environments for the project in ``root``, and find out how its tests are run.

    Raises ApimigError where an environment cannot be built, and where ``require_sandbox`` asks for what is not there.
    """
    kind = sandbox.kind()
    if options.require_sandbox and not kind.name:
        raise sandbox.SandboxError(f"There is no sandbox here: {kind.reason}", help=kind.help)
    choices = environments.Choices(
        python=options.python,
        exclude_newer=options.exclude_newer,
        extras=options.extras,
        test_deps=options.test_deps,
        leave_out=options.leave,
        offline=options.offline,
    )
    needs = environments.needs_of(root, choices)
    tests = environments.plan_of(root, tests=options.tests)
    old, new = environments.build(_request(root, plan.migrations, needs, choices), tell=tell)
    return Ground(
        _side(old, [f"{m.library} {m.from_version}" for m in plan.migrations]),
        _side(new, [f"{m.library} {m.to_version}" for m in plan.migrations]),
        Suite(
            str(tests.runner),
            tests.arguments,
            tests.folder,
            needs.layout,
            _imported(plan),
            sandbox.Limits(
                memory=options.test_memory << 20,
                cpu_seconds=4 * options.test_timeout,
                wall_seconds=options.test_timeout,
            ),
            require=options.require_sandbox,
        ),
        kind.name or "limits alone",
        tuple(_notes(kind, needs, tests, (old, new))),
    )


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


def _imported(plan: Plan) -> frozenset[str]:
    """The import names of the libraries."""
    moved = {migration.library for migration in plan.migrations}
    return frozenset(name for each in plan.libraries if each.distribution in moved for name in each.imports)


def _notes(
    kind: sandbox.Kind, needs: environments.Needs, tests: environments.Plan, made: Sequence[environments.Environment]
) -> list[str]:
    how = f"tests are run by {' '.join(tests.command).replace('{python}', 'python')} ({tests.why})"
    said = [kind.warning, how, *needs.notes, *(each.attempt for each in made), *(n for e in made for n in e.notes)]
    return list(dict.fromkeys(filter(None, said)))
