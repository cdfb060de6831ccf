"""Two releases of a library -> candidates: what the second took away or warns of, and what stands in its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from apimig.mining.candidate import Candidate, Learned
from apimig.mining.releases.casing import Casing
from apimig.mining.releases.derived import drafts_of_calls
from apimig.mining.releases.drafting import Drafter
from apimig.mining.releases.drafts import Draft, grouped, named
from apimig.mining.releases.examples import Examples, conventions_in
from apimig.mining.releases.migration import Migration
from apimig.mining.releases.namespaces import namespaces
from apimig.mining.releases.release import Release
from apimig.mining.releases.renamed_arguments import renamed_arguments
from apimig.mining.releases.renamed_values import values
from apimig.mining.releases.sources import Sources
from apimig.mining.releases.things import things
from apimig.mining.releases.versions import first_of_series
from apimig.surface.changes import Change, ChangeKind, diff
from apimig.surface.deriving import derive
from apimig.surface.model import Surface
from apimig.surface.publicity import release_notes

_RANK = ("shim", "definition", "deprecation", "directive", "documentation", "signature")


def learn_from_releases(
    old: Surface,
    new: Surface,
    old_sources: Sources | None = None,
    new_sources: Sources | None = None,
    *,
    through: Sequence[Release] = (),
    releases: Sequence[str] = (),
    reference: str = "",
    tell: Callable[[str], None] | None = None,
) -> Learned:
    """Candidates for what the new release changed, best first, each with cases that its own data makes.

    ``through`` are releases in between, in which shims stand that neither end has, ``releases`` the final releases
    that exist, for the version in which something went. ``reference`` is where changes are told; without it, what
    apimig knows of the library, or the release's metadata says.
    """
    at = first_of_series(old.version, new.version, releases)
    migration = Migration(Release(old, old_sources), Release(new, new_sources), tuple(through), at)
    spoken = old_sources or new_sources
    examples = Examples(old, conventions_in(spoken.texts() if spoken is not None else (), old.roots))
    told = reference or release_notes(new.roots, at) or (new_sources.notes if new_sources is not None else "")
    work = _Learner(migration, examples, told)
    return work.learn(tell or (lambda _: None))


@dataclass
class _Learner:
    migration: Migration
    examples: Examples
    reference: str
    notes: list[str] = field(default_factory=list)

    def learn(self, tell: Callable[[str], None]) -> Learned:
        old, new = self.migration.first.surface, self.migration.last.surface
        if not self.reference:
            self.notes.append(f"apimig does not know where {old.distribution} tells of changes: give a reference")
        tell(f"comparing {old} with {new}")
        drafts = grouped(self._drafts(tell))
        tell(f"writing cases for {len(drafts)} changes")
        casing = Casing(old, new, self.examples)
        candidates = [self._candidate(name, draft, casing) for name, draft in named(_sorted(drafts))]
        return Learned(tuple(candidates), tuple(self.notes))

    def _candidate(self, name: str, draft: Draft, casing: Casing) -> Candidate:
        rule: dict[str, Any] = {
            "library": self.migration.first.surface.distribution,
            **draft.versions,
            "reference": self.reference,
            "summary": draft.summary,
            **draft.body,
        }
        if draft.applicability != "safe":
            rule["applicability"] = draft.applicability
        if draft.advise and "advise" not in rule:
            rule["advise"] = draft.advise
        rule.update(casing.cases(draft))
        return Candidate(name, rule, draft.kind, draft.evidence, draft.support)

    def _drafts(self, tell: Callable[[str], None]) -> Iterator[Draft]:
        migration = self.migration
        old, new = migration.first.surface, migration.last.surface
        changes = diff(old, new)
        leaving = things(migration, changes)
        tell(f"looking for successors of {len(leaving)} names")
        answering = list(namespaces(migration.last, old.version, migration.at))
        answered = {name for draft in answering for name in draft.names}
        yield from answering
        drafter = Drafter(migration, self.examples)
        yield from (drafter.draft(each) for each in leaving if not answered.issuperset(each.names))
        yield from drafter.forms(changes)
        yield from drafts_of_calls(derive(old, new), _by_callable(changes), {"changed": migration.at}, str(old))
        yield from values(migration.first, new, migration.at)
        yield from renamed_arguments(migration)
        if count := sum(1 for each in changes if each.kind is ChangeKind.RETURNS):
            self.notes.append(f"{count} changes of return types are left to the report: they name no edit")


def _by_callable(changes: Sequence[Change]) -> dict[str, list[Change]]:
    """Changes of parameters, by the names that are called."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        for name in change.names if change.parameter else ():
            found[name].append(change)
    return found


def _sorted(drafts: Sequence[Draft]) -> list[Draft]:
    """The best founded first: what is safe, by the kind of evidence, by how much of it."""

    def rank(draft: Draft) -> tuple[int, int, int, str]:
        order = ("safe", "unsafe", "manual").index(draft.applicability)
        kinds = [_RANK.index(each.kind) for each in draft.evidence if each.kind in _RANK]
        return order, min(kinds, default=len(_RANK)), -draft.support, draft.stem

    return sorted(drafts, key=rank)
