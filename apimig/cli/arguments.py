"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

TYPES = ("auto", "off", "pyrefly", "basedpyright", "ty")  # those of apimig.pipeline.options, which --help does not load

_OPTIONS = (
    click.option(
        "--lib",
        "lib",
        multiple=True,
        metavar="NAME==VERSION",
        help="The library and the version to move to; repeat it for several. 2.0 means the newest 2.0.x.",
    ),
    click.option(
        "--from",
        "from_",
        multiple=True,
        metavar="[NAME==]VERSION",
        help="The version the code was written for. Default: what the project pins, else the oldest known.",
    ),
    click.option("--unsafe", is_flag=True, default=None, help="Also make edits that may change behaviour."),
    click.option("--only-required", is_flag=True, default=None, help="Leave what is deprecated but still works."),
    click.option(
        "--ask-all", is_flag=True, default=None, help="List unknown receivers of members that many objects have, too."
    ),
    click.option(
        "--include",
        multiple=True,
        metavar="GLOB",
        help="Also take files and folders that match, though they are ignored or vendored.",
    ),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Leave out files and folders that match."),
    click.option("--no-pins", is_flag=True, help="Leave requirement files alone."),
    click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Processes; default: one a core."),
    click.option(
        "--report",
        "reports",
        multiple=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write a report; the suffix says how: .json, .sarif, .md, .html or .txt. Repeatable.",
    ),
    click.option(
        "--rules",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="A folder of more rules; one with the id of a shipped rule replaces it.",
    ),
    click.option(
        "--allow-codemods", is_flag=True, default=None, help="Run the Python code of rules not shipped with apimig."
    ),
    click.option(
        "--types",
        type=click.Choice(TYPES),
        default=None,
        help="The type checker that is asked about receivers nothing else types. auto: the one that `apimig[types]` "
        "installs, where the old release is at hand; by its name, the release is downloaded.",
    ),
    click.option("--no-cache", is_flag=True, help="Read the rule files again instead of their compiled form."),
    click.option("--no-surfaces", is_flag=True, help="Apply the rules alone: compare no releases."),
    click.option(
        "--offline", is_flag=True, default=None, help="Never download a release: only what is shipped or cached."
    ),
    click.option(
        "--introspect",
        is_flag=True,
        default=None,
        help="Look at releases from inside, too: imports them in environments of their own.",
    ),
    click.option("--snippet", is_flag=True, default=None, help="Code without its imports: np, pd, df mean the usual."),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
    click.option(
        "--verbose", "-v", "--explain", "verbose", is_flag=True, help="List every site, and how it is known to be one."
    ),
)


def run_options(command: Decorated) -> Decorated:
    """Add the options of a run to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_VALIDATION = (
    click.option(
        "--validate",
        is_flag=True,
        default=None,
        help="Let the repository's tests decide, run under the old and the new version in a sandbox.",
    ),
    click.option(
        "--tests", metavar="CMD", help="The command that runs the tests. Default: what the project's files say."
    ),
    click.option("--extra", "extras", multiple=True, metavar="NAME", help="An extra or a dependency group to install."),
    click.option("--test-deps", multiple=True, metavar="REQUIREMENT", help="A further requirement of the tests."),
    click.option("--leave", multiple=True, metavar="NAME", help="A distribution that is not to be installed."),
    click.option("--python", metavar="VERSION", help="The Python to run the tests with."),
    click.option("--exclude-newer", metavar="DATE", help="Install packages as they were on this day (2023-06-01)."),
    click.option("--keep-old", is_flag=True, default=None, help="The new code must work under the old version, too."),
    click.option("--require-sandbox", is_flag=True, default=None, help="Run nothing where there is no bubblewrap."),
    click.option("--test-timeout", type=click.IntRange(min=1), metavar="S", help="Seconds for one run (1800)."),
    click.option("--test-memory", type=click.IntRange(min=64), metavar="MIB", help="Memory for one run (8192)."),
)


def validation_options(command: Decorated) -> Decorated:
    """Add the options of ``--validate`` to a command."""
    for option in reversed(_VALIDATION):
        command = option(command)
    return command


PATHS = click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
