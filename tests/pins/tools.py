"""The harness of the pin tests: it checks of every change what must hold of all of them."""

from __future__ import annotations

from packaging.version import Version

from apimig.pins import PinChange, upgrade_pins

RELEASES = tuple(
    map(Version, ["1.3.5", "1.4.0", "1.5.0", "1.5.3", "2.0.0rc1", "2.0.0", "2.0.1", "2.0.3", "2.1.0", "2.2.3", "3.0.0"])
)


def change_of(
    name: str,
    text: str | bytes,
    *,
    library: str = "pandas",
    target: str = "2.0",
    literal: bool = False,
    releases: tuple[Version, ...] = RELEASES,
    lower: str | None = None,
) -> PinChange:
    """The change, after checking that a second run is none and that only specifiers differ."""

    def run(data: bytes) -> PinChange:
        bound = None if lower is None else Version(lower)
        return upgrade_pins(name, data, library, target, literal=literal, releases=releases, lower_bound=bound)

    before = text if isinstance(text, bytes) else text.encode()
    change = run(before)
    assert change.before == before
    assert change.changed == bool(change.edits)
    again = run(change.after)
    assert not again.changed
    assert again.skipped == change.skipped
    assert undone(change) == before
    return change


def undone(change: PinChange) -> bytes:
    """The new bytes with every edit taken back at its place: the old ones, if nothing else was touched."""
    text = change.after.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    spans = sorted(change.edits, key=lambda e: (e.location.line, e.location.column), reverse=True)
    if any("\n" in edit.before + edit.after for edit in spans) or text.startswith("\ufeff") or "\0" in text:
        return change.before  # positions are those of the old text: such files have tests of their own
    shift: dict[int, int] = {}
    for edit in reversed(spans):
        row = edit.location.line - 1
        start = edit.location.column - 1 + shift.get(row, 0)
        assert lines[row][start : start + len(edit.after)] == edit.after
        lines[row] = lines[row][:start] + edit.before + lines[row][start + len(edit.after) :]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def after(name: str, text: str, **options: object) -> str:
    """The text after the upgrade."""
    return change_of(name, text, **options).after.decode()  # type: ignore[arg-type]
