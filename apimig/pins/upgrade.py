"""Moving the pins of one file to another version, each in its own style."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.utils import canonicalize_name
from packaging.version import Version

from apimig.pins.document import Document
from apimig.pins.kinds import FileKind, file_kind
from apimig.pins.model import Clause, Entry, Pin, PinChange, PinEdit, PinStyle, Role, UnreadableFileError
from apimig.pins.read import document_of, entries_of, locked, locked_pins
from apimig.pins.versions import CLOSE, Goal, Held, admits, goal_of, moved
from apimig.records import Skipped

_PYTHON_CAP = re.compile(r"(?:python|version).*?(?:<|==)", re.DOTALL)


def upgrade_pins(
    name: str,
    text: bytes,
    distribution: str,
    target: Version | str,
    *,
    literal: bool,
    releases: Sequence[Version],
    lower_bound: Version | None = None,
    kind: FileKind | None = None,
) -> PinChange:
    """The file with its pins of the distribution moved to ``target``.

    ``target`` is what the user asked for: `2.0` means the newest 2.0.x of ``releases``; where those are not known
    (empty) an exact pin becomes `==2.0.*`, which installs whatever that is, and a version of three parts is taken as
    it is. With ``literal`` (`===2.0`) it is always taken as it is. ``lower_bound`` is what the edited code needs.

    A specifier that admits the target stays byte for byte, except that its lower bound rises to
    ``lower_bound``; all others keep their style (see ``versions.moved``). Lock files are never edited; they, stale
    hashes and everything left on purpose are in the notes. A second run changes nothing.
    """
    kind = kind or file_kind(name)
    if kind is None:
        return PinChange(name, text, text)
    goal = goal_of(target, literal=literal, releases=releases, lower_bound=lower_bound)
    try:
        document = document_of(name, text, kind)
        if locked(document, kind):
            return _lock_change(document, text, distribution, goal, kind)
        return _Upgrade(document, distribution, goal).change(text, entries_of(document, distribution, kind))
    except UnreadableFileError as error:
        return PinChange(name, text, text, skipped=Skipped(name, error.reason, error.line))


def _lock_change(document: Document, text: bytes, distribution: str, goal: Goal, kind: FileKind) -> PinChange:
    stale = [pin for pin in locked_pins(document, distribution, kind) if _is_older(pin, goal)]
    if not stale:
        return PinChange(document.name, text, text)
    from apimig.pins.locks import refresh_command

    versions = ", ".join(dict.fromkeys(str(pin.version) for pin in stale))
    wanted = goal.text if goal.exact else f"{goal.text}.*"
    command = refresh_command(document, distribution, wanted)
    note = f"{stale[0].location}: locks {canonicalize_name(distribution)} {versions}; refresh it with: {command}"
    return PinChange(document.name, text, text, notes=(note,))


def _is_older(pin: Pin, goal: Goal) -> bool:
    return pin.version is not None and pin.version < goal.version


class _Upgrade:
    """The edits and notes of one file, gathered entry by entry."""

    def __init__(self, document: Document, distribution: str, goal: Goal) -> None:
        self._document = document
        self._name = canonicalize_name(distribution)
        self._goal = goal
        self._edits: list[PinEdit] = []
        self._splices: list[tuple[int, int, str]] = []
        self._notes: list[str] = []
        self._for_newer_pythons = False

    def change(self, text: bytes, entries: Sequence[Entry]) -> PinChange:
        """The change of the file, from all its entries."""
        self._for_newer_pythons = any(e.marker and not _PYTHON_CAP.search(e.marker) for e in entries)
        for entry in entries:
            self._upgrade(entry)
        after = self._document.spliced(self._splices).encode() if self._splices else text
        return PinChange(self._document.name, text, after, tuple(self._edits), tuple(self._notes))

    def _upgrade(self, entry: Entry) -> None:
        fits = any(admits(clauses, self._goal) for clauses in entry.alternatives)
        if why := self._hold(entry):
            if not fits:
                self._note(entry, why)
        elif entry.alternatives:
            clauses = entry.alternatives[0]
            result = moved(clauses, self._goal, entry.dialect)
            if isinstance(result, Held):
                self._note(entry, result.why)
            elif result != clauses:
                self._edit(entry, result)

    def _hold(self, entry: Entry) -> str:
        if entry.hold:
            return entry.hold
        if entry.role is Role.MATRIX and entry.alternatives:
            return "it is one of several versions that are tested"
        if entry.role is Role.FLOOR and any(clause.op in CLOSE for clause in entry.clauses):
            return "it stands for the oldest version that is supported"
        if self._for_newer_pythons and _PYTHON_CAP.search(entry.marker) and any(c.op in CLOSE for c in entry.clauses):
            return f"it is for older Pythons (`{entry.marker}`), and another line for newer ones"
        return ""

    def _edit(self, entry: Entry, clauses: tuple[Clause, ...]) -> None:
        changed = [(old, new) for old, new in zip(entry.clauses, clauses, strict=True) if old != new]
        splices = [(old.start, old.end, new.text) for old, new in changed]
        self._splices.extend(splices)
        before = self._document.text[entry.start : entry.end]
        shifted = [(start - entry.start, end - entry.start, new) for start, end, new in splices]
        after = Document("", before).spliced(shifted).text
        self._edits.append(PinEdit(self._document.location(entry.start), before, after))
        if entry.hashed:
            self._remark(entry, self._stale_hash(before))
        if any(old.op in CLOSE for old, _ in changed) and _PYTHON_CAP.search(entry.marker):
            self._remark(entry, f"check that {self._name} {self._goal.text} supports what `{entry.marker}` says")

    def _stale_hash(self, before: str) -> str:
        new = f"{self._name}=={self._goal.text}"
        command = f"pip download --no-deps {new} && pip hash {self._name.replace('-', '_')}-{self._goal.text}*"
        return f"the hashes are those of {self._name}{before}; those of the new version come from: {command}"

    def _note(self, entry: Entry, why: str) -> None:
        written = self._document.text[entry.start : entry.end].strip()
        shown = entry.style not in {PinStyle.DIRECT, PinStyle.UNREADABLE} and bool(written)
        self._remark(entry, f"{self._name} {written} was left: {why}" if shown else f"{self._name} was left: {why}")

    def _remark(self, entry: Entry, remark: str) -> None:
        self._notes.append(f"{self._document.location(entry.start)}: {remark}")
