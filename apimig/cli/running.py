"""Runs an upgrade for a command: progress, what is printed where, reports, the exit code."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from apimig.cli import colored
from apimig.cli.waiting import waiting
from apimig.errors import ApimigError, UsageError, WriteError
from apimig.pipeline import upgrade, upgrade_stream
from apimig.records import NeedsPerson, Rewritten, RunResult
from apimig.report import renderer, text, unified

WOULD_CHANGE = 1


def run(
    paths: tuple[str, ...],
    given: Mapping[str, Any],
    *,
    write: bool,
    diff: bool,
    check: bool,
    reports: tuple[Path, ...],
    quiet: bool,
    verbose: bool,
    whole: bool = False,
) -> None:
    """Upgrade the paths and exit; ``whole`` lets sites that need a person count for ``check``."""
    if "-" in paths:
        raise UsageError("- cannot be mixed with other paths", help="Run apimig upgrade - for stdin alone.")
    renderers = [(file, renderer(str(file))) for file in reports]
    with waiting(show=not quiet) as shown:
        progress, tell = (None, None) if shown is None else (shown.advance, shown.tell)
        result = upgrade(paths, write=write, progress=progress, tell=tell, **_options(given))
    for file, render in renderers:
        _save(file, render(result))
    if diff:
        _print_diff(result)
    if not quiet:
        _summary(result, to_stderr=diff, verbose=verbose)
        if result.written and result.changes:
            click.echo(f"\n`{_undo_command(result.root)}` brings the files back.")
    left = check and _something_to_do(result, whole=whole)
    sys.exit(WOULD_CHANGE if left or _fails(result) else 0)


def _fails(result: RunResult) -> bool:
    """Whether tests that passed before fail with the new code."""
    return result.validation is not None and bool(result.validation.failing)


def run_stream(given: Mapping[str, Any], *, diff: bool, check: bool, quiet: bool, verbose: bool) -> None:
    """Upgrade the code on stdin: the new code goes to stdout, messages to stderr."""
    code = sys.stdin.buffer.read()
    result, text_after = upgrade_stream(code, **_options(given))
    if diff:
        _print_diff(result)
    elif not check:
        sys.stdout.buffer.write(text_after)
    for skipped in result.skipped:
        at = skipped.name if skipped.line is None else f"{skipped.name}:{skipped.line}"
        raise ApimigError(f"{at}  {skipped.reason}", help="The code came back as it was.")
    if not quiet:
        _summary(result, to_stderr=True, verbose=verbose)
    sys.exit(WOULD_CHANGE if check and _something_to_do(result, whole=False) else 0)


def _undo_command(root: Path) -> str:
    return "apimig undo" if Path.cwd().is_relative_to(root) else shlex.join(["apimig", "undo", str(root)])


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The command line as options; None is what was not said."""
    options = dict(given)
    switched_off = {name: options.pop(f"no_{name}") for name in ("pins", "cache", "surfaces")}
    return options | {name: False if off else None for name, off in switched_off.items()}


def _something_to_do(result: RunResult, *, whole: bool) -> bool:
    kinds = (Rewritten, NeedsPerson) if whole else ()
    return bool(result.changes) or any(isinstance(outcome, kinds) for outcome in result.outcomes)


def _print_diff(result: RunResult) -> None:
    stdout = sys.stdout.buffer
    for chunk in unified(result.changes, color=colored(sys.stdout)):
        stdout.write(chunk)
    stdout.flush()


def _summary(result: RunResult, *, to_stderr: bool, verbose: bool) -> None:
    stream = sys.stderr if to_stderr else sys.stdout
    color = colored(stream)
    click.echo(text(result, color=color, verbose=verbose), nl=False, err=to_stderr, color=color)


def _save(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise WriteError(
            f"The report {file} cannot be written: {error.strerror}", help="The run itself is complete."
        ) from error
