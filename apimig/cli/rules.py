"""``apimig rules``: list, show, test and verify the rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apimig.cli import colored, rules_verify

if TYPE_CHECKING:
    from apimig.pipeline.cases import CaseResult
    from apimig.rulebook import Rulebook
    from apimig.rulebook.rule import Rule

_FOLDERS = click.option(
    "--rules",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of more rules; one with the id of a shipped rule replaces it.",
)
_NO_CACHE = click.option("--no-cache", is_flag=True, help="Read the rule files again.")


@click.group("rules")
def command() -> None:
    """List, show, test and verify the rules."""


@command.command()
@click.option("--library", is_flag=True, help="The schema of _library.yaml instead.")
def schema(*, library: bool) -> None:
    """Print the JSON Schema of rule files, for editors that complete and check YAML."""
    import json

    from apimig.rulebook.schema import json_schema

    click.echo(json.dumps(json_schema(library=library), indent=2))


@command.command("list")
@click.option("--lib", default="", metavar="NAME[==VERSION]", help="Only rules of this library.")
@click.option("--from", "start", default="", metavar="VERSION", help="Only rules that a migration from here applies.")
@click.option("--to", "end", default="", metavar="VERSION", help="Only rules that a migration to here applies.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_FOLDERS
@_NO_CACHE
def list_(*, lib: str, start: str, end: str, as_json: bool, folders: tuple[Path, ...], no_cache: bool) -> None:
    """List the rules: a table at a terminal, tab-separated in a pipe."""
    import json

    from apimig.rulebook import listing

    choice = listing.choose(_rulebook(folders, no_cache=no_cache), lib=lib, start=start, end=end)
    if as_json:
        click.echo(json.dumps(listing.data(choice), indent=2, ensure_ascii=False))
    elif sys.stdout.isatty():
        _table(listing.COLUMNS, listing.rows(choice), title=str(choice.migration or ""))
    else:
        for row in listing.rows(choice):
            click.echo("\t".join(" ".join(cell.split()) for cell in row))


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@_FOLDERS
@_NO_CACHE
def show(names: tuple[str, ...], *, folders: tuple[Path, ...], no_cache: bool) -> None:
    """Show what a rule does, with its cases and its reference."""
    from apimig.rulebook.listing import find_rules

    for rule in find_rules(names, _rulebook(folders, no_cache=no_cache)):
        _show(rule)


@command.command()
@click.argument("names", nargs=-1, metavar="[ID...]")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Processes; default: one a core.")
@click.option("--allow-codemods", is_flag=True, help="Run the Python code of rules not shipped with apimig.")
@_FOLDERS
@_NO_CACHE
def test(
    names: tuple[str, ...], *, jobs: int | None, allow_codemods: bool, folders: tuple[Path, ...], no_cache: bool
) -> None:
    """Run the cases of the rules, all or the ones named; no library needs to be installed.

    Each case is run twice and compared exactly. Exits with 1 when one fails.
    """
    from apimig.rulebook.casebook import cases_of
    from apimig.rulebook.listing import find_rules
    from apimig.rulebook.problems import counted

    rulebook = _rulebook(folders, no_cache=no_cache)
    rules = find_rules(names, rulebook)
    cases = [case for rule in rules for case in cases_of(rule)]

    from apimig.pipeline.cases import run_cases
    from apimig.pipeline.pool import cores

    results = run_cases(cases, rules, rulebook.libraries, jobs=jobs or cores(), allow_codemods=allow_codemods)
    failed = sorted((result for result in results if result.failures), key=lambda r: (r.case.path, r.case.line))
    for result in failed:
        _failure(result)
    click.echo(f"{counted(len(rules), 'rule')}, {counted(len(cases), 'case')}, {len(failed)} failed")
    sys.exit(1 if failed else 0)


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_FOLDERS
@_NO_CACHE
def docs(folder: Path, *, folders: tuple[Path, ...], no_cache: bool) -> None:
    """Write the rule reference, a Markdown page a library, into FOLDER."""
    from apimig.errors import WriteError
    from apimig.rulebook.reference import pages

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages(_rulebook(folders, no_cache=no_cache)).items():
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(str(folder / name))
    except OSError as error:
        raise WriteError(f"{error.filename} cannot be written: {error.strerror}") from error


command.add_command(rules_verify.command)

# --------------------------------------------------------------------------- output

_COLORS = {"new": "green", "old": "red", "place": "cyan"}


def _rulebook(folders: tuple[Path, ...], *, no_cache: bool) -> Rulebook:
    from apimig.rulebook import load

    rulebook = load(folders, use_cache=not no_cache)
    for note in rulebook.notes:
        click.echo(f"note: {note}", err=True)
    return rulebook


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]], *, title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from apimig.rulebook.problems import counted

    table = Table(title=title or None, box=None, header_style="bold", pad_edge=False)
    used = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    for index in used:
        table.add_column(columns[index], overflow="fold", no_wrap=columns[index] in ("since", "need"))
    for row in rows:
        table.add_row(*(Text(row[index]) for index in used))
    Console().print(table, Text(counted(len(rows), "rule")))


def _show(rule: Rule) -> None:
    from apimig import shipped
    from apimig.pipeline import verified
    from apimig.rulebook.casebook import cases_of
    from apimig.rulebook.describing import report

    color = colored(sys.stdout)
    for line, role in report(rule, cases_of(rule)):
        click.echo(
            click.style(line, fg=_COLORS.get(role), bold=role == "title") if color and role else line, color=color
        )
    if said := verified.told(rule, verified.read(shipped.folder("rules") / verified.FILE)):
        click.echo(f"\n{said}")


def _failure(result: CaseResult) -> None:
    from apimig.rulebook.problems import shown

    click.echo(f"{shown(result.case.path)}:{result.case.line}: {result.case.id}")
    for failure in result.failures:
        click.echo("  " + failure.replace("\n", "\n  "))
