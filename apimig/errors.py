"""The tree of errors that a user can see: each has a title, help and an exit code."""

from __future__ import annotations


class ApimigError(Exception):
    """What went wrong, where, and what to do about it.

    ``title`` is one sentence; ``help`` says what to do; ``exit_code`` follows
    the table in ``docs/exit-codes.md``. The attributes are API, the texts are not.
    """

    exit_code = 3

    def __init__(self, title: str, *, help: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.help = help

    def __str__(self) -> str:
        return f"{self.title}\n{self.help}" if self.help else self.title


class UsageError(ApimigError):
    """The command line or a setting is wrong (exit 2)."""

    exit_code = 2


class RulebookError(ApimigError):
    """Rule files do not load: carries every problem of every file at once (exit 4)."""

    exit_code = 4

    def __init__(self, title: str, *, problems: tuple[str, ...] = (), help: str = "") -> None:
        super().__init__(title, help=help)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([self.title, *self.problems, *([self.help] if self.help else [])])


class UnknownLibraryError(UsageError):
    """No rules and no release of this name are known."""


class UnknownVersionError(UsageError):
    """The library has no such release, or the migration would go backwards."""


class DirtyTreeError(UsageError):
    """The git tree has uncommitted changes and ``--allow-dirty`` was not given."""


class WriteError(ApimigError):
    """A file could not be written; nothing of it was changed (exit 5)."""

    exit_code = 5
