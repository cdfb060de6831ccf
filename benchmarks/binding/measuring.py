"""What apimig makes of the cases: which it reports or rewrites, and what its programs do on the new release."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apimig
from apimig.errors import ApimigError
from apimig.records import LeftAlone, Outcome
from benchmarks.binding.collecting import Bench
from benchmarks.binding.equality import same_names
from benchmarks.binding.truth import Judged


@dataclass(frozen=True)
class Measured:
    """A judged case with apimig's sites at the call and elsewhere, and the program that it wrote, if it wrote one."""

    judged: Judged
    sites: tuple[Outcome, ...]
    elsewhere: tuple[Outcome, ...]
    rewritten: str | None = None
    repaired: bool = False
    failure: str = ""

    @property
    def detected(self) -> bool:
        return bool(self.sites)


def measure(bench: Bench, cases: Sequence[Judged], *, unsafe: bool = False) -> list[Measured]:
    """Run apimig over a folder with one file for each case, and the files that it changed on the new release."""
    migration = bench.migration
    with tempfile.TemporaryDirectory(prefix="binding-cases-") as name:
        folder = Path(name)
        files = {f"case_{at:04}.py": case for at, case in enumerate(cases)}
        for file, case in files.items():
            (folder / file).write_text(case.written.source, encoding="utf-8")
        try:
            result = apimig.check(
                folder,
                lib=f"{migration.library}=={migration.new}",
                from_=f"{migration.library}=={migration.old}",
                settings=False,
                only_required=True,
                unsafe=unsafe,
                introspect=True,
                pins=False,
                jobs=2,
            )
        except ApimigError as error:
            raise SystemExit(f"{migration.library}: {error}") from error
    sites: dict[str, list[Outcome]] = {}
    for outcome in result.outcomes:
        if not isinstance(outcome, LeftAlone):
            sites.setdefault(outcome.location.path, []).append(outcome)
    texts = {change.name: change.after.decode() for change in result.changes}
    ran = dict(zip(texts, bench.run(bench.new, list(texts.values())), strict=True))
    found = []
    for file, case in files.items():
        here = [each for each in sites.get(file, ()) if _at_call(case, each)]
        elsewhere = [each for each in sites.get(file, ()) if not _at_call(case, each)]
        after = ran.get(file)
        same = after is not None and after.names is not None and same_names(case.old.names or {}, after.names)
        failure = "" if after is None or same else (f"{after.error}: {after.text}" if after.error else "another value")
        found.append(Measured(case, tuple(here), tuple(elsewhere), texts.get(file), case.breaking and same, failure))
    return found


def _at_call(case: Judged, outcome: Outcome) -> bool:
    """At the call, or at the import of what is called."""
    line = outcome.location.line
    text = case.written.source.splitlines()[line - 1] if line else ""
    return case.written.first <= line <= case.written.last or text.startswith(("import ", "from "))
