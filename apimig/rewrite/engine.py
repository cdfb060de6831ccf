"""Findings into a patch: drafts, one apply pass, guards; what fails a guard is refused and the rest stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apimig.records import Applicability, Certainty, Edit, Finding, Language, Patch, Resolution, Span, UseKind
from apimig.rewrite import bodies, guards, spelling
from apimig.rewrite.bodies import Context, Draft
from apimig.rewrite.compose import Composition, carried, compose
from apimig.rewrite.imports import Imports
from apimig.rewrite.naming import Names
from apimig.rewrite.templates import Refused
from apimig.rulebook.calls import Facts
from apimig.rulebook.rule import Codemod, Library, Rename, Rule

STILL_USED = "code that stays as it is still uses the name"


@dataclass(frozen=True, slots=True)
class RewriteResult:
    """What became of the findings of one file.

    ``patch`` is None when nothing changed. ``done`` findings were rewritten, ``refused`` says why others were not. A
    finding in neither overlaps another one (the next pass has it), or its codemod found it fine.
    """

    patch: Patch | None = None
    done: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()


def rewrite(
    resolution: Resolution,
    findings: Sequence[Finding],
    rules: Mapping[str, Rule],
    *,
    libraries: Sequence[Library],
    unsafe: bool = False,
    allow_codemods: bool = False,
    protected: Sequence[Span] = (),
    boundaries: Sequence[Span] = (),
) -> RewriteResult:
    """Rewrite what is certain. ``protected`` spans are never touched; an edit lies within one of the ``boundaries``."""
    work = _Work(resolution, libraries, protected, boundaries, allow_codemods=allow_codemods)
    work.names.moved = spelling.moved_modules(work.names, _renames(findings, rules, resolution))
    for finding in findings:
        rule = rules[finding.rule]
        reason = _obstacle(finding, rule, resolution)
        if reason and not work.is_fine(rule, finding):
            work.refuse(finding, reason)
        elif not reason:
            work.draft(rule, finding, unsafe=unsafe)
    return work.apply()


def _renames(findings: Sequence[Finding], rules: Mapping[str, Rule], resolution: Resolution) -> dict[Span, str]:
    """The new qualified names of the chains that are sure to be renamed."""
    found: dict[Span, str] = {}
    for finding in findings:
        rule = rules[finding.rule]
        safe = finding.applicability is Applicability.SAFE and not _obstacle(finding, rule, resolution)
        if isinstance(rule.body, Rename) and finding.use.kind is UseKind.NAME and safe:
            found[finding.span] = rule.body.pairs[finding.step][1]
    return found


def _obstacle(finding: Finding, rule: Rule, resolution: Resolution) -> str:
    """Why a finding is not even tried, "" when it is."""
    if finding.refusal:
        return finding.refusal
    if resolution.source.language is Language.PYTHON2:
        return "the file is Python 2"
    if finding.certainty is Certainty.UNKNOWN:
        return finding.reason or "the type of the receiver is not known"
    if finding.applicability is Applicability.MANUAL:
        return finding.message or rule.advise or "what to write instead depends on what the code is for"
    return ""


class _Work:
    def __init__(
        self,
        resolution: Resolution,
        libraries: Sequence[Library],
        protected: Sequence[Span],
        boundaries: Sequence[Span],
        *,
        allow_codemods: bool,
    ) -> None:
        self.resolution = resolution
        self.source, self.tree, self.protected = resolution.source, resolution.tree, protected
        self.names = Names(resolution, libraries)
        self.context = Context(self.names, Facts(resolution), allow_codemods)
        self.before = guards.Before(self.tree, self.source.text, protected, boundaries)
        self.drafts: list[Draft] = []
        self.later: list[Draft] = []
        self.refused: list[tuple[Finding, str]] = []

    def refuse(self, finding: Finding, reason: str) -> None:
        self.refused.append((finding, reason))

    def is_fine(self, rule: Rule, finding: Finding) -> bool:
        """Whether a codemod has nothing to say of a use, whatever its receiver is."""
        if not isinstance(rule.body, Codemod) or finding.left_alone:
            return False
        try:
            return not bodies.draft(rule, finding, self.context).is_site
        except Refused:
            return False

    def draft(self, rule: Rule, finding: Finding, *, unsafe: bool) -> None:
        try:
            made = bodies.draft(rule, finding, self.context)
            if made.edit is not None:
                self.before.check(made.edit)
        except Refused as refusal:
            self.refuse(finding, refusal.reason)
            return
        if made.is_site and finding.applicability is Applicability.UNSAFE and not unsafe:
            self.refuse(finding, f"{finding.doubt or 'the edit may change behaviour'}; --unsafe makes it")
        elif made.is_site:
            self.drafts.append(made)

    def apply(self) -> RewriteResult:
        """Apply the drafts; those that fail a guard are refused, and the others tried again without them."""
        while self.drafts:
            attempt = _Attempt(self)
            problems = attempt.problems()
            if not problems:
                return attempt.result()
            for made, problem in problems.items():
                self._set_aside(made, problem)
            self.drafts = [made for made in self.drafts if made not in problems]
            if not self.drafts:
                self.drafts, self.later = self.later, []
        return RewriteResult(refused=tuple(self.refused))

    def _set_aside(self, made: Draft, problem: str) -> None:
        """Refuse a draft; one with others in what it carries over is for the next pass, after those."""
        kept = [] if made.edit is None else carried(made.edit)
        spans = [other.edit.span for other in self.drafts if other.edit is not None and other is not made]
        if any(part.contains(span) for part in kept for span in spans):
            self.later.append(made)
        else:
            self.refuse(made.finding, problem)


class _Attempt:
    """One try to apply all drafts with the imports they need."""

    def __init__(self, work: _Work) -> None:
        self.work = work
        text = work.source.text
        first = compose(text, [made.edit for made in work.drafts if made.edit is not None])
        applied = {id(edit) for edit in first.applied}
        self.drafts = [made for made in work.drafts if made.edit is None or id(made.edit) in applied]
        self.import_edits: list[Edit] = []
        self.kept: frozenset[Span] = frozenset()
        self.trouble = ""
        changes = [made.change for made in self.drafts if made.change is not None]
        try:
            planned = Imports(work.names, first.applied, changes, work.protected)
            self.import_edits, self.kept = planned.edit()
            for edit in self.import_edits:
                work.before.check(edit)
        except Refused as refusal:
            self.trouble = refusal.reason
        self.composition: Composition = compose(text, [*first.applied, *self.import_edits])

    def problems(self) -> dict[Draft, str]:
        """Drafts that must not be applied, with the reason."""
        if self.trouble:
            needy = [d for d in self.drafts if d.change is not None or (d.edit is not None and d.edit.imports)]
            return dict.fromkeys(needy or self.drafts, f"the imports cannot be changed for it: {self.trouble}")
        still = [d for d in self.drafts if d.edit is None and d.change is not None and self._is_kept(d)]
        if still:
            return dict.fromkeys(still, STILL_USED)
        bad = guards.failing(self.composition, self.work.tree, self.work.source.text, self.import_edits)
        bad |= dict.fromkeys(self.composition.left, "its import cannot be changed in the same place")
        found = {made: bad[made.edit] for made in self.drafts if made.edit is not None and made.edit in bad}
        if bad and not found:
            reason = next(iter(bad.values()))
            return dict.fromkeys(self.drafts, f"the imports cannot be changed for it: {reason}")
        return found

    def _is_kept(self, made: Draft) -> bool:
        return made.change is not None and made.change.binding.item in self.kept

    def result(self) -> RewriteResult:
        new = self.composition
        edits = new.applied
        patch = Patch(self.work.source, new.text, edits) if new.text != self.work.source.text else None
        done = tuple(made.finding for made in self.drafts)
        return RewriteResult(patch, done, tuple(self.work.refused))
