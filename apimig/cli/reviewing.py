"""Goes through the candidates beside a learned pack, at a terminal: a person says what becomes of each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from apimig.cli import colored
from apimig.errors import ApimigError, UsageError

_KEYS = "[a]ccept as unsafe, [s]afe, [r]eject, [e]dit, [k]eep for later, [q]uit"


def check(folder: Path | None) -> None:
    """Raise UsageError where nobody can be asked, or no pack is named."""
    if folder is None:
        raise UsageError("--review goes through the candidates of a pack", help="Name its folder with -o DIR.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "--review asks at a terminal, and this is none", help="The candidates are files; move those you want."
        )


def walk(folder: Path) -> None:
    """Show each candidate, and do what is said."""
    from apimig.pipeline.candidates import candidates_in
    from apimig.rulebook.problems import counted

    left = candidates_in(folder)
    if not left:
        click.echo(f"no candidate is left in {folder}")
        return
    for number, path in enumerate(left, start=1):
        _show(path, f"{number} of {len(left)}")
        if not _decided(path):
            break
    click.echo(f"{counted(len(candidates_in(folder)), 'candidate')} left in {folder}")


def _decided(path: Path) -> bool:
    """Ask until something is said; whether to go on."""
    from apimig.pipeline.candidates import accept, reject

    while True:
        match click.prompt(_KEYS, prompt_suffix=" ", default="k", show_default=False).strip().lower()[:1]:
            case "a" | "s" as key:
                click.echo(f"  {accept(path, safe=key == 's')}")
                return True
            case "r":
                reject(path)
                return True
            case "e":
                click.edit(filename=str(path))
                _show(path, "now")
            case "k":
                return True
            case "q":
                return False


def _show(path: Path, where: str) -> None:
    from apimig.pipeline.candidates import shown

    color = colored(sys.stdout)
    click.echo(
        click.style(f"\n{path.stem}  ({where})", bold=True) if color else f"\n{path.stem}  ({where})", color=color
    )
    try:
        lines = shown(path)
    except ApimigError as error:
        click.echo(f"  {error.title}")
        return
    for line, kind in lines:
        shade = {"old": "red", "new": "green", "reason": "yellow"}.get(kind)
        click.echo(click.style(line, fg=shade) if color and shade else line, color=color)
