"""Whatever stands around the code that a rule speaks about, the guarantees hold, with all rules on."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, event, given, settings

from apimig.pipeline import upgrade_stream
from apimig.records import Rewritten
from tests.sweep import programs, properties
from tests.sweep.sweeping import ALL, KNOWN_REASONS, REACHING


def hold(code: bytes, *, unsafe: bool) -> None:
    """Upgrade a file twice and check what must hold."""
    result, after = upgrade_stream(code, unsafe=unsafe, **ALL)
    event(f"{len(result.changes)} changes")
    assert [s.reason for s in result.skipped if not KNOWN_REASONS.fullmatch(s.reason)] == []
    rewritten = [outcome for outcome in result.outcomes if isinstance(outcome, Rewritten)]
    assert bool(rewritten) == bool(result.changes)
    for change in result.changes:
        assert list(properties.wrong(change, rewritten, reaching=REACHING)) == [], after.decode("utf-8", "replace")
        again = upgrade_stream(after, unsafe=unsafe, **ALL)[1]
        assert again == after


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs.programs())
def test_safe_edits(code: bytes) -> None:
    assume(programs.parses(code))
    hold(code, unsafe=False)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs.programs())
def test_all_edits(code: bytes) -> None:
    assume(programs.parses(code))
    hold(code, unsafe=True)
