"""Why a line was or was not rewritten: what apimig knows of each use on it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Unpack

from apimig import scan, syntax
from apimig.errors import UsageError
from apimig.pipeline.options import OFF, Said, load, merged
from apimig.pipeline.outcomes import not_rewritten
from apimig.pipeline.place import checked, root_of
from apimig.pipeline.surfaces import known, planned
from apimig.pipeline.trace import Trace
from apimig.pipeline.workshop import Workshop
from apimig.records import (
    Finding,
    LeftAlone,
    NeedsPerson,
    Resolution,
    Skipped,
    SourceFile,
    Span,
    UnknownReceiver,
    Value,
)
from apimig.rewrite import rewrite
from apimig.rulebook.rule import Rule

_TARGET = re.compile(r"(?P<file>.+?)(?:#cell(?P<cell>\d+))?:(?P<line>\d+)(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one use: the sentences are for people, ``rule`` is empty where no rule speaks of it."""

    code: str
    place: str
    rule: str
    verdict: str
    facts: tuple[tuple[str, str], ...]


def is_place(target: str) -> bool:
    """Whether the text is FILE:LINE rather than the id of a rule."""
    return _TARGET.fullmatch(target) is not None


def explain(
    target: str, *, lib: Sequence[str] = (), from_: Sequence[str] = (), **said: Unpack[Said]
) -> tuple[str, tuple[Story, ...]]:
    """The line that ``target`` (FILE:LINE, or FILE#cellN:LINE) names, and a story of each use on it."""
    match = _TARGET.fullmatch(target)
    if match is None:
        raise UsageError(f"{target} is no place", help="Write it as FILE:LINE, for example src/app.py:12")
    (path,) = checked([match["file"]])
    root = root_of([path])
    options = merged(load(path.resolve().parent, root), said, lib=lib, from_=from_)
    plan = planned(options, known(options), {})
    source = scan.read(path.resolve(), root)
    if isinstance(source, Skipped):
        raise UsageError(f"{source.name} {source.reason}", help=f"It is line {source.line}." if source.line else "")
    files = scan.discover([root], root=root, include=options.include, exclude=options.exclude).files
    place = _Place(source, int(match["line"]), None if match["cell"] is None else int(match["cell"]))
    line = place.text()
    workshop = Workshop(root, files, plan, options)
    deque(workshop.sort(files), maxlen=0)  # only for the survey, which is about all files
    workshop.survey()
    if options.types != OFF and (left := workshop.process(source.path).left_open) is not None:
        workshop.ask([left], files)
    return line, _Teller(workshop, place).stories()


class _Place:
    """A line of a file, or of a notebook's cell."""

    def __init__(self, source: SourceFile, line: int, cell: int | None) -> None:
        self.source = source
        self.line = line
        self.cell = cell

    def holds(self, span: Span) -> bool:
        """Whether something begins on the line."""
        at = scan.locate(self.source, span.start)
        return at.line == self.line and (self.cell is None or at.cell == self.cell)

    def crosses(self, span: Span) -> bool:
        """Whether something that begins earlier goes on over the line."""
        start, end = scan.locate(self.source, span.start), scan.locate(self.source, span.end)
        return start.line < self.line <= end.line and self.cell in (None, start.cell)

    def text(self) -> str:
        """The line; one that does not exist is a usage error."""
        start = 0
        for line in self.source.text.splitlines(keepends=True):
            if self.holds(Span(start, start)):
                return line.decode("utf-8", "replace").rstrip("\r\n")
            start += len(line)
        raise UsageError(f"{self.source.name} has no line {self.line}", help="Lines are counted from 1.")


class _Teller:
    def __init__(self, workshop: Workshop, place: _Place) -> None:
        self.workshop = workshop
        self.place = place
        self.source = place.source

    def stories(self) -> tuple[Story, ...]:
        """One story for each site that begins on the line, or goes over it; then one for each other use of a member."""
        resolution = self.workshop.project.resolve(self.source)
        findings = self.workshop.matcher.find(resolution)
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
        trace = None if result.patch is None else Trace(result.patch)
        sites = [*result.done, *(finding for finding, _ in result.refused)]
        found = [f for f in findings if f in sites]  # of the others a codemod has nothing to say
        here = [f for f in found if self.place.holds(f.use.span)]
        here = here or [f for f in found if self.place.crosses(f.span) or self.place.crosses(f.use.span)]
        told = [self._site(f, next((why for g, why in result.refused if g == f), None), trace) for f in here]
        return (*told, *self._others(resolution, [f.use.span for f in here]))

    def _site(self, finding: Finding, why: str | None, trace: Trace | None) -> Story:
        rule = self.workshop.rules[finding.rule]
        facts = [
            ("rule", f"{rule.id}: {rule.summary}"),
            ("since", _versions(rule)),
            ("use", f"{finding.use.symbol} ({finding.certainty}: {finding.reason or finding.use.reason})"),
        ]
        if finding.use.receiver is not None:
            facts.append(("receiver", _described(finding.use.receiver)))
        if finding.use.guard:
            facts.append(("guard", finding.use.guard))
        facts.append(("applicability", str(finding.applicability)))
        if finding.message or rule.advise:
            facts.append(("advice", finding.message or rule.advise))
        facts.append(("reference", rule.reference))
        return Story(
            self._code(finding.span), str(scan.locate(self.source, finding.use.span.start)), rule.id,
            self._verdict(finding, why, trace, rule), tuple(facts),
        )  # fmt: skip

    def _verdict(self, finding: Finding, why: str | None, trace: Trace | None, rule: Rule) -> str:
        if why is None:
            became = trace.became(finding.span) if trace else ""
            return f"rewritten to {became}" if became != self._code(finding.span) else "what is around it is rewritten"
        match not_rewritten(self.source, finding, why, rule, lambda at: scan.locate(self.source, at)):
            case LeftAlone():
                return f"left alone: {why}"
            case UnknownReceiver():
                return f"not rewritten, nothing says whether it is the library's: {why}"
            case NeedsPerson():
                return f"needs a person: {why}"
        return why

    def _others(self, resolution: Resolution, told: Sequence[Span]) -> Iterator[Story]:
        for node in syntax.walk(resolution.tree.root_node):
            span = syntax.span_of(node)
            if node.type != "attribute" or span in told or not self.place.holds(span):
                continue
            receiver = node.child_by_field_name("object")
            if receiver is None or any(span.contains(other) or other.contains(span) for other in told):
                continue
            value = resolution.value_at(syntax.span_of(receiver))
            yield Story(
                self._code(span),
                str(scan.locate(self.source, span.start)),
                "",
                self._elsewise(value, syntax.text_of(node).rpartition(".")[2]),
                (("receiver", _described(value)),),
            )

    def _elsewise(self, receiver: Value, member: str) -> str:
        """What is known of a member that no rule speaks about."""
        offers, base = self.workshop.offers, self.workshop.project.library_base
        owners = [owner for owner in map(base, receiver.instance_names()) if offers.is_accounted(owner)]
        names = [f"{one.name}.{member}" for one in receiver.types if offers.is_accounted(one.name)]
        if owners and all(offers.has_member(owner, member) for owner in owners):
            return "checked, and fine on the new release"
        if not owners and names and all(map(offers.has, names)):
            return "checked, and fine on the new release"
        return "no rule of this migration speaks about it"

    def _code(self, span: Span) -> str:
        return self.source.text[span.start : span.end].decode("utf-8", "replace")


def _described(value: Value) -> str:
    if value.is_unknown:
        return f"unknown{': ' + value.reason if value.reason else ''}"
    names = " or ".join(sorted(one.name for one in value.types))
    also = ", perhaps something else" if value.open else ""
    reason = f": {value.reason}" if value.reason else ""
    return f"{names}{also} ({value.certainty}{reason})"


def _versions(rule: Rule) -> str:
    said = (("deprecated", rule.deprecated), ("changed", rule.changed), ("removed", rule.removed))
    return ", ".join(f"{word} {at}" for word, at in said if at)
