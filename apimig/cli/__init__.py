"""The command line: one file per command, imported when it is called."""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib import import_module
from types import FrameType
from typing import TextIO

import click

from apimig import __version__
from apimig.errors import ApimigError

# Each command's module holds a click command called `command`; the short help is here, so that
# `apimig --help` imports none of them.
COMMANDS = {
    "upgrade": "Rewrite a code base for new versions of its libraries.",
    "check": "Report what an upgrade would change and what it leaves to do; write nothing.",
    "undo": "Bring back the files of the last upgrade.",
    "explain": "Say why a line was or was not rewritten, or what a rule does.",
    "surface": "Show the public surface of a release, or what changed between two.",
    "rules": "List, show, test and verify the rules.",
    "learn": "Find rules in two releases of a library, or in code before and after a migration.",
}

INTERRUPTED = 130
TERMINATED = 143


class _Terminated(KeyboardInterrupt):
    """SIGTERM, taken through the same way out as Ctrl-C."""


class App(click.Group):
    """The group of commands; turns every error that is for people into a message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"apimig.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one gets a suggestion, a path a reminder of the command."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"commands are {', '.join(COMMANDS)}"
            ctx.fail(f"There is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors that users can mend end in one message."""
        _heed_termination()
        try:
            return super().invoke(ctx)
        except ApimigError as error:
            _say(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt as interrupt:
            terminated = isinstance(interrupt, _Terminated)
            click.echo("apimig: interrupted; every file is as it was or completely rewritten", err=True)
            ctx.exit(TERMINATED if terminated else INTERRUPTED)


def _say(error: ApimigError) -> None:
    title, _, rest = str(error).partition("\n")
    click.echo(
        click.style("error: ", fg="red", bold=True) + title, err=True, color=None if colored(sys.stderr) else False
    )
    if rest:
        click.echo(rest, err=True)


def colored(stream: TextIO) -> bool:
    """Whether to write colours to a stream: only to a terminal, and not under NO_COLOR."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _heed_termination() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated


@click.command(cls=App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="apimig", message="%(prog)s %(version)s")
def app() -> None:
    """Move a Python code base to a new version of a library.

    \b
    apimig upgrade . --lib pandas==2.2        rewrite what is certain, list the rest
    apimig upgrade . --lib pandas==2.2 --diff  show the changes, write nothing
    """  # noqa: D301 - \b is click's mark for lines that keep their breaks
