"""``apimig upgrade``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from apimig.cli.arguments import PATHS, run_options, validation_options


@click.command("upgrade")
@PATHS
@run_options
@validation_options
@click.option("--diff", is_flag=True, help="Print the changes as a diff to stdout; write nothing.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file would change.")
@click.option("--annotate", is_flag=True, default=None, help="Leave a TODO comment where a person is needed.")
@click.option("--allow-dirty", is_flag=True, default=None, help="Go ahead with uncommitted changes in the git tree.")
def command(
    paths: tuple[str, ...],
    *,
    diff: bool,
    check: bool,
    reports: tuple[Path, ...],
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> None:
    """Rewrite a code base for new versions of its libraries.

    What is certain is rewritten; everything else is listed with the reason. PATH - reads code from
    stdin and writes it to stdout. `apimig undo` brings the files back.
    """
    from apimig.cli.running import run, run_stream

    if paths == ("-",):
        run_stream(given, diff=diff, check=check, quiet=quiet, verbose=verbose)
    else:
        run(
            paths,
            given,
            write=not (diff or check),
            diff=diff,
            check=check,
            reports=reports,
            quiet=quiet,
            verbose=verbose,
        )
