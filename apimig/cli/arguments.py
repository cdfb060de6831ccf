"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

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
        help="Write a report; the suffix says how: .json, .sarif, .md or .txt. Repeatable.",
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


PATHS = click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
