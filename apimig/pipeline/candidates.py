"""Candidates beside a pack: rule files in ``candidates/`` that nothing loads until a person has accepted them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import ndiff
from pathlib import Path
from typing import TYPE_CHECKING

from apimig.errors import ApimigError, WriteError
from apimig.rulebook.packs import CANDIDATES

if TYPE_CHECKING:
    from apimig.rulebook.schema import RuleFile

HEAD = "# Not part of the pack:"
_REJECTED = "rejected.txt"  # names of candidates that a person does not want to see again
_REVIEWED = "  reviewed: "  # under provenance, which comes last
Line = tuple[str, str]  # a text, and what it is: "old", "new", "reason", or ""


def candidates_in(folder: Path) -> Sequence[Path]:
    """The files of the candidates beside a pack, by name."""
    return sorted((folder / CANDIDATES).glob("*.yaml"))


def rejected(folder: Path) -> frozenset[str]:
    """The names of the candidates that a person has rejected."""
    try:
        return frozenset((folder / CANDIDATES / _REJECTED).read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()


def accept(path: Path, *, safe: bool = False) -> Path:
    """Make a candidate's file a rule of the pack; ``safe``: for use without ``--unsafe``. The new file.

    Raises ApimigError when it is no rule, WriteError when it cannot be moved.
    """
    _read(path)
    target = path.parent.parent / path.name
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [each for each in lines if not each.startswith(HEAD)]
        if safe:
            kept = [each for each in kept if each.strip() not in ("applicability: unsafe", "unsafe: true")]
        said = f"{_REVIEWED}accepted as {'safe' if safe else 'it is'}\n"
        target.write_text("".join((*kept, said)), encoding="utf-8")
        path.unlink()
    except OSError as error:
        raise WriteError(f"{error.filename} cannot be written: {error.strerror}") from error
    return target


def reject(path: Path) -> None:
    """Take a candidate away for good: it is not proposed again in this folder. Raises WriteError."""
    try:
        with (path.parent / _REJECTED).open("a", encoding="utf-8") as names:
            names.write(path.stem + "\n")
        path.unlink()
    except OSError as error:
        raise WriteError(f"{error.filename} cannot be written: {error.strerror}") from error


def is_of_a_person(path: Path) -> bool:
    """Whether a rule's file was written or accepted by a person, so that nothing learned replaces it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return f"\n{_REVIEWED}" in text or "\n  learned_from:" not in text


def shown(path: Path) -> tuple[Line, ...]:
    """A candidate for people: why it waits, what it says, its cases as a diff, and what speaks for it.

    Raises ApimigError when the file is no rule.
    """
    return tuple(_lines(_read(path), path))


def _lines(rule: RuleFile, path: Path) -> Iterator[Line]:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    if first.startswith(HEAD):
        yield f"  {first.removeprefix(HEAD).strip()}", "reason"
    yield f"  {rule.summary}", ""
    for case in rule.cases:
        for line in ndiff(case.before.splitlines(), case.after.splitlines()):
            if not line.startswith("?"):
                yield f"    {line}", {"-": "old", "+": "new"}.get(line[:1], "")
    for each in rule.provenance.get("evidence", ()):
        yield f"  {each.get('kind', '')}: {each.get('text', '')}  {each.get('place', '')}".rstrip(), ""


def _read(path: Path) -> RuleFile:
    from pydantic import ValidationError

    from apimig.rulebook.reading import read_rule_file

    try:
        return read_rule_file(path)[0]
    except (OSError, ValidationError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise ApimigError(f"{path} is no rule: {first}", help="Mend it in an editor, or delete it.") from error
