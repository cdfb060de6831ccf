"""The changed files of a run: where each edit stands in the new text, and the same files with some edits taken back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from apimig import scan
from apimig.pipeline.workshop import FileResult, Workshop
from apimig.records import Rewritten, SourceFile, Span
from apimig.validation import marks
from apimig.validation.statements import Statements

_WORD = re.compile(r"\w+")

Group = tuple[str, str]  # a file's name and a rule's id: the edits that are taken back together


@dataclass(frozen=True, slots=True)
class Placed:
    """A rewritten site and where it stands in the new text."""

    outcome: Rewritten
    span: Span

    @property
    def group(self) -> Group:
        """The group that the site belongs to."""
        return self.outcome.location.path, self.outcome.rule


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The new tree at one moment: bytes and UTF-8 text of each changed file, and the edits in them that code runs."""

    contents: Mapping[str, bytes]
    texts: Mapping[str, bytes]
    placed: tuple[Placed, ...]

    def at(self, path: str, line: int, names: Collection[str] = ()) -> tuple[Group, ...]:
        """The groups with an edit in the statement at a line (from 1) of a file's new text.

        With ``names`` these are only those whose own text has one of the names.
        """
        text = self.texts.get(path)
        if text is None:
            return ()
        lines = Statements(text.decode("utf-8", "replace")).around(line)
        ruler = marks.Ruler(text)
        found = [each for each in self.placed if each.group[0] == path]
        if names:
            found = [each for each in found if _words(text, each.span) & set(names)]
        return tuple(dict.fromkeys(each.group for each in found if ruler.place(each.span.start)[0] in lines))


def _words(text: bytes, span: Span) -> set[str]:
    return set(_WORD.findall(text[span.start : span.end].decode("utf-8", "replace")))


@dataclass(slots=True)
class Edited:
    """The results of the changed files by name. Groups are taken back by doing a file again without a rule."""

    workshop: Workshop
    results: dict[str, FileResult]
    _without: dict[tuple[str, frozenset[str]], FileResult] = field(default_factory=dict)

    def snapshot(self) -> Snapshot:
        """The tree as it is now."""
        texts: dict[str, bytes] = {}
        for name, result in self.results.items():
            if result.change is not None:
                source = scan.decode(result.change.after, result.change.path, self.workshop.root)
                if isinstance(source, SourceFile):
                    texts[name] = source.text
        placed = (
            Placed(outcome, span)
            for name, result in sorted(self.results.items())
            if result.change is not None and not name.endswith(".ipynb")
            for outcome, span in result.places
            if not outcome.prose
        )
        return Snapshot(self.contents(), texts, tuple(placed))

    def contents(self, back: Collection[Group] = ()) -> dict[str, bytes]:
        """The new bytes of every changed file, with some groups taken back."""
        found: dict[str, bytes] = {}
        for name, result in self.results.items():
            rules = frozenset(rule for file, rule in back if file == name)
            change = (self._less(name, rules) if rules else result).change
            if change is not None:
                found[name] = change.after
        return found

    def take_back(self, group: Group, why: str) -> FileResult:
        """Do a file again without a group, for good; ``why`` is what its sites are reported with."""
        name, rule = group
        result = self._again(name, {rule: why})
        self.workshop.taken_back.setdefault(name, {})[rule] = why
        self._without = {key: value for key, value in self._without.items() if key[0] != name}
        self.results[name] = result
        return result

    def _less(self, name: str, rules: frozenset[str]) -> FileResult:
        if (name, rules) not in self._without:
            self._without[name, rules] = self._again(name, dict.fromkeys(rules, "taken back"))
        return self._without[name, rules]

    def _again(self, name: str, rules: Mapping[str, str]) -> FileResult:
        change = self.results[name].change
        if change is None:
            return self.results[name]
        before = self.workshop.taken_back.get(name, {})
        self.workshop.taken_back[name] = {**before, **rules}
        try:
            return self.workshop.process(change.path)
        finally:
            self.workshop.taken_back[name] = before
