"""``apimig rules verify``: runs the cases of rules under two releases each."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from apimig.pipeline.verifying import Verified, Watcher
    from apimig.rulebook import Rulebook
    from apimig.rulebook.rule import Rule

_SHOWN = 5  # kinds of reasons in the table
_KINDS = (
    ("no case shows", "no case"),
    ("nobody gives", "names that nobody gives"),
    ("what is given fails", "what is given fails"),
    ("the old code fails", "the old code fails"),
    ("there is no environment", "no environment"),
    ("nothing is run", "nothing to compare"),
    ("the old code does not give", "not the same twice"),
)


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[ID...]")
@click.option("--lib", default="", metavar="NAME", help="Only rules of this library.")
@click.option("--from", "start", default="", metavar="VERSION", help="With --lib: the old release, for all its rules.")
@click.option("--to", "end", default="", metavar="VERSION", help="With --lib: the new release.")
@click.option(
    "--record", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep the results there."
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Processes; default: one a core.")
@click.option(
    "--rules", "folders", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="A folder of more rules."
)
@click.option("--again", is_flag=True, help="Run also what was run before.")
@click.option("--verbose", "-v", is_flag=True, help="Show every rule and case.")
def command(
    names: tuple[str, ...],
    *,
    lib: str,
    start: str,
    end: str,
    record: Path | None,
    jobs: int | None,
    folders: tuple[Path, ...],
    again: bool,
    verbose: bool,
) -> None:
    """Run the cases of the rules, all or the ones named, under the releases before and after each change.

    The old code runs under the old release, the new code under the new one, in the sandbox, and what they give is
    compared by value. Environments are built with uv. Exits with 1 when a case of a safe rule gives something else.
    """
    from datetime import date

    from apimig.mining.trials.running import Runner
    from apimig.pipeline import verified
    from apimig.pipeline.pool import cores
    from apimig.pipeline.verifying import verify
    from apimig.rulebook import load

    rulebook = load(folders)
    rules, pair = _chosen(rulebook, names, lib, start, end)
    if record is not None:
        verified.read(record)  # a file that is none is refused before anything runs
    found: list[Verified] = []
    runner = Runner.keeping(jobs=jobs or cores(), again=again)
    try:
        with _watched() as watcher:
            for each in verify(rules, rulebook.libraries, pair=pair, runner=runner, watcher=watcher):
                found.append(each)  # noqa: PERF402 - what was found counts when this is interrupted
    finally:
        if record is not None and found:
            verified.record(record, found, day=date.today())  # noqa: DTZ011 - the day here
    for each in found:
        _show(each, verbose=verbose)
    for line in table(found):
        click.echo(line)
    sys.exit(1 if any(map(verified.fails, found)) else 0)


def _chosen(
    rulebook: Rulebook, names: tuple[str, ...], lib: str, start: str, end: str
) -> tuple[tuple[Rule, ...], tuple[str, str] | None]:
    from apimig.errors import UsageError
    from apimig.rulebook import listing

    if bool(start) != bool(end):
        raise UsageError("--from and --to are given together", help="Without both, each rule has its own releases.")
    choice = listing.choose(rulebook, lib=lib, start=start, end=end)
    named = {rule.id for rule in listing.find_rules(names, rulebook)}
    pair = (choice.migration.from_version, choice.migration.to_version) if choice.migration else None
    return tuple(rule for rule in choice.rules if rule.id in named), pair


@contextlib.contextmanager
def _watched() -> Iterator[Watcher]:
    from apimig.cli.waiting import waiting
    from apimig.pipeline.verifying import Watcher

    with waiting() as shown:
        yield Watcher() if shown is None else Watcher(shown.tell, shown.advance)


def _show(found: Verified, *, verbose: bool) -> None:
    from apimig.mining.candidate import Status

    seen = found.verification
    if seen.status is Status.VERIFIED and not verbose:
        return
    between = f", {seen.old} -> {seen.new.rpartition(' ')[2]}" if seen.old else ""
    click.echo(f"{found.rule.id}: {seen.status}{between}")
    if not seen.tried and seen.reason:
        click.echo(f"  {seen.reason}")
    for each in seen.tried:
        said = f": {each.reason}" if each.reason else ""
        needed = f" (the old code {each.needed} under the new release)" if each.needed else ""
        click.echo(f"  {each.case}: {each.status}{said}{needed if verbose else ''}")


# --------------------------------------------------------------------------- the table


def table(found: Sequence[Verified]) -> list[str]:
    """The numbers of rules by library, and why some were not run."""
    rows: list[tuple[str, ...]] = [("library", "rules", "verified", "differs", "unrun", "why unrun")]
    for library in sorted({each.rule.library for each in found}, key=str.lower):
        ours = [each for each in found if each.rule.library == library]
        counts = Counter(each.verification.status.value for each in ours)
        numbers = [str(counts[status]) for status in ("verified", "differs", "unrun")]
        rows.append((library, str(len(ours)), *numbers, reasons(ours)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def reasons(found: Iterable[Verified]) -> str:
    """Why rules were not run, by kind, the most frequent first."""
    kinds = Counter(_kind(each.verification.reason) for each in found if each.verification.status == "unrun")
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(_SHOWN))


def _kind(reason: str) -> str:
    return next((kind for words, kind in _KINDS if reason.startswith(words)), "other")
