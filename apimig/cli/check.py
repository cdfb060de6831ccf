"""``apimig check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from apimig.cli.arguments import PATHS, run_options


@click.command("check")
@PATHS
@run_options
def command(paths: tuple[str, ...], *, reports: tuple[Path, ...], quiet: bool, verbose: bool, **given: Any) -> None:
    """Report what an upgrade would change and what it leaves to do; write nothing.

    Exits with 1 when there is something to do: a site to rewrite or one that needs a person. Sites
    whose receiver is unknown are listed, and do not count.
    """
    from apimig.cli.running import run

    run(paths, given, write=False, diff=False, check=True, reports=reports, quiet=quiet, verbose=verbose, whole=True)
