"""Everything that is done to one file: read, resolve, match, rewrite, again until nothing changes."""

from __future__ import annotations

import gc
import os
import traceback
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from apimig import scan
from apimig.match import Matcher
from apimig.pipeline import asking, python2
from apimig.pipeline.account import FileAccount, Offers
from apimig.pipeline.annotate import annotated
from apimig.pipeline.options import OFF, Options
from apimig.pipeline.outcomes import ignored_by, is_ignored, joined, not_rewritten, rewritten, unique
from apimig.pipeline.outside import Outside, functions_at, lost_names
from apimig.pipeline.plan import Plan
from apimig.pipeline.relevance import Relevance
from apimig.pipeline.trace import Trace
from apimig.records import (
    Account,
    Certainty,
    FileChange,
    Finding,
    Language,
    Location,
    NeedsPerson,
    Outcome,
    Rewritten,
    Skipped,
    SourceFile,
    Span,
    Unchecked,
)
from apimig.resolve import Project
from apimig.rulebook import hiding
from apimig.rulebook.rule import Rule

PASSES = 10
KEEP_BYTES = 3_000_000  # of source that a process knows; what is known of more is not worth its memory
SURVEY_BYTES = 6_000_000  # a survey is one process's work, which larger repositories would wait for


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file; ``mentions`` says whether it held a word that the rules look for.

    ``unasked`` are the members of everyday names whose receivers nothing types: too many to be listed one by one.
    """

    name: str
    mentions: bool = False
    outcomes: tuple[Outcome, ...] = ()
    change: FileChange | None = None
    skipped: tuple[Skipped, ...] = ()
    unasked: tuple[str, ...] = ()
    account: Account = field(default_factory=Account)
    unchecked: tuple[Unchecked, ...] = ()
    left_open: asking.Open | None = None  # what a type checker may be asked about
    places: tuple[tuple[Rewritten, Span], ...] = ()  # where in the new text each rewritten site stands


class Workshop:
    """The rules of a run, ready to be applied to the files of one repository."""

    def __init__(
        self,
        root: Path,
        files: Sequence[Path],
        plan: Plan,
        options: Options,
        *,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.plan = plan
        self.options = options
        self.given = given or {}  # what these names hold may come from the library in a file that never names it
        self.rules = {rule.id: rule for rule in plan.rules}
        self.libraries = plan.libraries
        self.matcher = Matcher(plan.rules, plan.libraries, ask_all=options.ask_all, accounted=plan.accounted)
        self.offers = Offers(plan.offered, plan.accounted)
        self.told = asking.Told()
        self.taken_back: dict[str, dict[str, str]] = {}  # by file and rule: why its edits are not made there
        self._modules = scan.Modules(files, root)
        self.project = self._new_project()
        self._related: list[Path] = []
        self._linked: list[Path] = []  # of the related: those that import each other
        self._surveyed: set[Path] = set()
        self._outside = Outside(files, self._modules, root)
        self._kept: set[tuple[str, str]] = set()
        self._needed = 0

    def _new_project(self) -> Project:
        return Project(
            self.libraries,
            self.matcher.interest,
            load=self._load,
            snippet=self.options.snippet,
            given=self.given,
            answered=self.told,
        )

    def _load(self, module: str) -> SourceFile | None:
        path = self._modules.find(module)
        source = None if path is None else self._read(path)
        return source if isinstance(source, SourceFile) else None

    def _read(self, path: Path) -> SourceFile | Skipped:
        raw = scan.load(path, self.root)
        return raw if isinstance(raw, Skipped) else self._decoded(raw, path)

    def _decoded(self, raw: bytes, path: Path) -> SourceFile | Skipped:
        """The bytes as a record; those that the project has read already are not parsed again."""
        known = self.project.source(scan.name_of(path, self.root))
        return known if known is not None and known.raw == raw else scan.decode(raw, path, self.root)

    # ------------------------------------------------------------------ all files of a run

    def sort(self, paths: Collection[Path], beside: Iterable[Path] = ()) -> Iterator[Path | FileResult]:
        """Each path that is to be worked on, and the result for each that can hold no site or cannot be read.

        The files ``beside`` them tell which of them matter; they are not surveyed, which would take longer than the
        work itself.
        """
        relevance = Relevance(self.matcher.interest.roots, self._modules, self.root)
        for path in paths:
            raw = scan.load(path, self.root)
            if isinstance(raw, Skipped):
                yield FileResult(raw.name, skipped=(raw,))
                continue
            has_words = scan.prefilter(raw, self.matcher.words)
            if relevance.add(path, raw, has_words=has_words):
                yield path
            elif not has_words:
                yield FileResult(scan.name_of(path, self.root))
        given = set(paths)
        for path in beside if relevance.has_any else ():
            raw = scan.load(path, self.root)
            if not isinstance(raw, Skipped):
                relevance.add(path, raw, has_words=scan.prefilter(raw, self.matcher.words))
        tied, others = relevance.tied()
        related = relevance.naming | tied
        self._related = sorted(related & relevance.with_fixtures(given) if beside else related)
        self._linked = sorted(relevance.linked(self._related))
        yield from sorted(tied & given)
        yield from (FileResult(scan.name_of(path, self.root)) for path in others if path in given)

    def survey(self) -> None:
        """Learn what the sorted files tell about each other's functions; left out where that would take long."""
        self._read_mentions()
        size = sum(path.stat().st_size for path in self._linked if path.exists())
        if size <= SURVEY_BYTES:
            self._survey(self._linked)

    def _survey(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self._surveyed.add(path)
            self._guarded(scan.name_of(path, self.root), partial(self._survey_one, path))

    def _read_mentions(self) -> None:
        """Which of the words that some classes cannot do without stand in any of the files that matter."""
        wanted, found = {word: word.encode() for word in self.matcher.sources}, set[str]()
        for path in self._related:
            raw = scan.load(path, self.root)
            if not isinstance(raw, Skipped):
                found |= {word for word, spelled in wanted.items() if word not in found and spelled in raw}
        self.matcher.mention(found)

    def _survey_one(self, path: Path) -> FileResult:
        source = self._read(path)
        if isinstance(source, SourceFile):
            self.project.survey([source])
        return FileResult(scan.name_of(path, self.root))

    def unsettled(self, changes: Iterable[FileChange], outcomes: Iterable[Outcome]) -> list[Path]:
        """The files to be done again, now that it is known what other files take from them or pass to them."""
        changed = {change.path: change for change in changes if change.path.suffix != ".ipynb"}
        again = self._keep_taken({path: lost_names(change) for path, change in changed.items()})
        lines: defaultdict[str, set[int]] = defaultdict(set)
        for outcome in outcomes:
            if isinstance(outcome, Rewritten) and outcome.certainty is not Certainty.PROVEN:
                lines[outcome.location.path].add(outcome.location.line)
        for path, change in changed.items():
            names = functions_at(change.before, lines[change.name])
            callers = self._outside.callers(path, names, {*self._surveyed, path})
            if callers:
                self._survey(callers)
                again.add(path)
        return sorted(again)

    def _keep_taken(self, lost: Mapping[Path, Collection[str]]) -> set[Path]:
        """See to it that names which other files take stay where they are; the files that lost one."""
        taken = self._outside.taken({path: names for path, names in lost.items() if names})
        pairs = {path: {(scan.module_name(path, self.root), name) for name in names} for path, names in taken.items()}
        new = {path for path, names in pairs.items() if names - self._kept}
        self._kept.update(pair for names in pairs.values() for pair in names)
        self.project.imported_elsewhere |= self._kept
        return new

    def ask(self, left: Sequence[asking.Open], files: Sequence[Path]) -> tuple[list[Path], list[str]]:
        """Ask a type checker what is left open; the files that are to be done again, and notes."""
        return asking.ask(
            left,
            self.told,
            types=self.options.types,
            root=self.root,
            files=files,
            migrations=self.plan.migrations,
            libraries=self.plan.libraries,
            cache=self.options.cache,
        )

    # ------------------------------------------------------------------ one file of a run

    def process(self, path: Path) -> FileResult:
        """The file's result; whatever goes wrong in it becomes a ``Skipped`` with the reason."""
        raw = scan.load(path, self.root)
        if isinstance(raw, Skipped):
            return FileResult(raw.name, skipped=(raw,))
        return self.process_bytes(raw, path)

    def process_bytes(self, raw: bytes, path: Path) -> FileResult:
        """The result for the bytes of a file, as :meth:`process`."""
        name = scan.name_of(path, self.root)
        self._forget()
        return self._guarded(name, lambda: self._process(raw, path, name))

    def _forget(self) -> None:
        """Now and then begin with a new project, so that memory does not grow with the number of files.

        The next file often imports what the last one did: where one file alone needs much, that is not read again soon.
        """
        size = self.project.size
        self._needed = self._needed or size  # by the first file
        if size > max(KEEP_BYTES, 2 * self._needed) and not (self._surveyed or self._kept):
            self.project = self._new_project()
            self._needed = 0
            gc.collect()  # what the old one knew is full of cycles; see apimig.pipeline.memory

    def _guarded(self, name: str, work: Callable[[], FileResult]) -> FileResult:
        try:
            return work()
        except RecursionError:
            return FileResult(name, skipped=(Skipped(name, "is nested too deeply to be analysed"),))
        except Exception as error:  # noqa: BLE001 - the one place that keeps a file from stopping the run
            if os.environ.get("APIMIG_DEBUG"):
                traceback.print_exc()
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            reason = f"an error in apimig ({said}); please report it, APIMIG_DEBUG=1 shows where"
            return FileResult(name, skipped=(Skipped(name, reason),))

    def _process(self, raw: bytes, path: Path, name: str) -> FileResult:
        if not self.given and not scan.prefilter(raw, self.matcher.words):
            return FileResult(name)
        source = self._decoded(raw, path)
        if isinstance(source, Skipped):
            return FileResult(name, mentions=True, skipped=(source,))
        work = _Fixpoint(self, source)
        after, outcomes = work.run()
        if isinstance(after, Skipped):
            return FileResult(name, mentions=True, skipped=(after,))
        change = None if after == raw else FileChange(path, name, raw, after)
        return FileResult(
            name,
            mentions=True,
            outcomes=outcomes,
            change=change,
            skipped=scan.notes(source),
            unasked=work.unasked,
            account=work.account,
            unchecked=work.unchecked,
            left_open=work.left_open,
            places=tuple(work.places),
        )


class _Fixpoint:
    """The passes over one file; places of later passes are followed back to the original text."""

    def __init__(self, workshop: Workshop, source: SourceFile) -> None:
        self.workshop = workshop
        self.original = source
        self.source = source
        self.ignored = ignored_by(workshop.options.per_file_ignores, source.name)
        self.traces: list[Trace] = []
        self.done: list[Rewritten] = []
        self.places: list[tuple[Rewritten, Span]] = []
        self.taken_back = workshop.taken_back.get(source.name, {})
        self.left: list[tuple[Finding, Outcome]] = []
        self.unasked: tuple[str, ...] = ()
        self.counting: FileAccount | None = None
        self.account = Account()
        self.unchecked: tuple[Unchecked, ...] = ()
        self.left_open: asking.Open | None = None

    def run(self) -> tuple[bytes | Skipped, tuple[Outcome, ...]]:
        """The new bytes of the file, or why it must stay, and the outcome of every site."""
        problem = self._rename_in_python2() if self.source.language is Language.PYTHON2 else None
        if problem is not None:
            return problem, ()
        for _ in range(PASSES):
            text = self._pass()
            if text is None:
                break
            problem = self._go_on_from(text)
            if problem is not None:
                return problem, ()
        outcomes = unique([*self.done, *(outcome for _, outcome in self.left)])
        if self.counting is not None:
            self.account, self.unchecked = self.counting.result(
                self.original, outcomes, lambda at: scan.locate(self.original, at)
            )
        return self._finished(), outcomes

    def _rename_in_python2(self) -> Skipped | None:
        """What can be renamed in a file that the rooms do not rewrite; they report the rest."""
        rules = [rule for rule in self.workshop.rules.values() if not is_ignored(rule.id, self.ignored)]
        done = python2.renamed(self.source, rules)
        if done is None:
            return None
        patch, outcomes = done
        self.traces.append(Trace(patch))
        self.done += outcomes
        return self._go_on_from(patch.text)

    def _finished(self) -> bytes | Skipped:
        if self.workshop.options.annotate:
            sites = [(finding.span, o) for finding, o in self.left if isinstance(o, NeedsPerson)]
            text = annotated(self.source.text, sites, scan.masked_spans(self.source))
            problem = None if text == self.source.text else self._go_on_from(text)
            if problem is not None:
                return problem
        return self.source.raw

    def _go_on_from(self, text: bytes) -> Skipped | None:
        """Read the new text as the file will be read; it is never written when that fails."""
        raw = scan.encode(self.source, text)
        if isinstance(raw, Skipped):
            return raw
        source = scan.decode(raw, self.source.path, self.workshop.root)
        if isinstance(source, Skipped):
            return replace(source, reason=f"an edit would have broken it, so it was not changed: {source.reason}")
        self.source = source
        return None

    def _pass(self) -> bytes | None:
        """One round of resolve, match and rewrite; None when it changed nothing."""
        self.workshop.told.follow(self.traces)
        resolution = self.workshop.project.resolve(self.source)
        findings = [self._unless_unwanted(finding) for finding in self.workshop.matcher.find(resolution)]
        self.unasked = tuple(self.workshop.matcher.unasked.values())
        findings, hidden = self._without_hidden(self._without_echoes(findings))
        if self.counting is None and self.workshop.plan.surfaced:
            self.counting = FileAccount(self.workshop.offers, self.workshop.project.library_base)
            self.counting.take(self.source, resolution.uses, findings, self.workshop.matcher.unasked, hidden)
        if not self.traces and (self.workshop.options.types != OFF or self.workshop.options.validate):
            unasked = self.workshop.matcher.unasked if self.workshop.options.validate else ()
            uses = [use for use in resolution.uses if use.span in unasked]
            self.left_open = asking.open_in(self.source, findings, uses)
        if not findings:
            self.left = []
            return None
        from apimig.rewrite import rewrite  # a run that finds nothing does not load it

        result = rewrite(
            resolution,
            findings,
            self.workshop.rules,
            libraries=self.workshop.libraries,
            unsafe=self.workshop.options.unsafe,
            allow_codemods=self.workshop.options.allow_codemods,
            protected=scan.masked_spans(self.source),
            boundaries=scan.boundaries(self.source),
        )
        left = [(f, not_rewritten(self.source, f, why, self._rule(f), self._locate)) for f, why in result.refused]
        self.left = joined(left)
        if result.patch is None or result.patch.text == self.source.text:
            return None
        trace = Trace(result.patch)
        done = [rewritten(self.source, f, trace.became(f.span), self._rule(f), self._locate) for f in result.done]
        self.done += done
        self.places = [(outcome, trace.arrived(span)) for outcome, span in self.places]
        self.places += zip(done, (trace.arrived(finding.span) for finding in result.done), strict=True)
        self.traces.append(trace)
        return result.patch.text

    def _without_echoes(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings without those of derived rules where a rule of the pack speaks of the same use."""
        spoken = {finding.use.span for finding in findings if not self._rule(finding).derived}
        return [f for f in findings if f.use.span not in spoken or not self._rule(f).derived]

    def _without_hidden(self, findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The findings, and apart those that a derived rule has only since nothing tells what the call means."""
        derived = [f for f in findings if self._rule(f).derived and not f.left_alone]
        hidden = [f for f in derived if f.refusal == hiding.UNDECIDED or hiding.parted(f.refusal)[0]]
        return [finding for finding in findings if finding not in hidden], hidden

    def _rule(self, finding: Finding) -> Rule:
        return self.workshop.rules[finding.rule]

    def _unless_unwanted(self, finding: Finding) -> Finding:
        if is_ignored(finding.rule, self.ignored):
            return replace(finding, left_alone=True, refusal="ignored by per-file-ignores in pyproject.toml")
        if finding.rule in self.taken_back and not finding.left_alone:
            return replace(finding, refusal=self.taken_back[finding.rule])
        return finding

    def _locate(self, offset: int) -> Location:
        for trace in reversed(self.traces):
            offset = trace.origin(offset)
        return scan.locate(self.original, offset)
