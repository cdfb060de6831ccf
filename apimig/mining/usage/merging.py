"""Candidates of tests beside those of the releases: each speaks for one, against one, or for itself.

Whether two rules say the same is tried: the rule of the releases is applied to the code of the tests.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apimig.mining.candidate import Candidate
from apimig.mining.diffs.learning import Engine
from apimig.mining.usage.learning import examples_of, stated

_MOST_EVIDENCE = 8
_VERSIONS = ("deprecated", "removed", "changed", "replacement_since")


@dataclass
class _Merge:
    engine: Engine
    released: list[Candidate]
    known: Mapping[str, list[int]] = field(default_factory=dict)  # where names are spoken of, by their last parts
    notes: list[str] = field(default_factory=list)

    def add(self, shown: Candidate) -> Candidate | None:
        """Count a candidate of tests for or against those of the releases; itself where they say nothing."""
        names = {each.name for each in stated(shown)}
        about = [at for at in self._about(names) if self.released[at].rule.get("applicability") != "manual"]
        agree, differ = set[int](), set[int]()
        for at in about:
            for before, after, given in examples_of(shown):
                got, was, now = map(_shape, (self.engine.apply(self.released[at].rule, before, given), before, after))
                if got == now:
                    agree.add(at)
                elif got != was:
                    differ.add(at)
        for at in agree:
            self.released[at] = _supported(self.released[at], shown)
        for at in differ - agree:
            self.released[at] = replace(self.released[at], against=self.released[at].against + shown.support)
            if self.released[at].against > self.released[at].support:
                self.notes.append(f"{self.released[at].name}: tests say otherwise: {shown.rule['summary']}")
        if agree or differ or self._is_said(shown, about):
            return None
        return self._with_words(shown, names)

    def _is_said(self, shown: Candidate, about: Sequence[int]) -> bool:
        """Whether the releases have an edit for the same name, or for the same argument of it, in other cases."""
        said = {(each.name, each.about) for at in about for each in stated(self.released[at])}
        return any((each.name, about) in said for each in stated(shown) for about in (each.about, "name"))

    def _about(self, names: set[str]) -> list[int]:
        return sorted({at for name in names for at in self.known.get(name.rpartition(".")[2], ())})

    def _with_words(self, shown: Candidate, names: set[str]) -> Candidate:
        """The candidate with what the library says of its name, which alone names no successor."""
        for at in self._about(names):
            advice = self.released[at]
            if advice.rule.get("applicability") == "manual" and names & {each.name for each in stated(advice)}:
                versions = {key: advice.rule[key] for key in _VERSIONS if key in advice.rule}
                rest = {key: value for key, value in shown.rule.items() if key not in _VERSIONS}
                said = tuple(each for each in advice.evidence if each.kind in ("deprecation", "directive"))
                return replace(shown, rule={**rest, **versions}, evidence=(*shown.evidence[:3], *said))
        return shown


def merge(
    released: Sequence[Candidate],
    shown: Sequence[Candidate],
    engine: Engine,
    stands: Callable[[Candidate], bool] = lambda _candidate: True,
) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """All candidates, each once, and notes on tests that speak against one.

    ``stands`` says of a candidate of tests that none of the releases speaks of whether it is wanted by itself.
    """
    known: defaultdict[str, list[int]] = defaultdict(list)
    for at, candidate in enumerate(released):
        for name in {each.name.rpartition(".")[2] for each in stated(candidate)}:
            known[name].append(at)
    work = _Merge(engine, list(released), known)
    own = [made for each in shown if (made := work.add(each)) is not None and stands(made)]
    taken = {each.name for each in released}
    return (*work.released, *(_named(each, taken) for each in own)), tuple(work.notes)


def _supported(candidate: Candidate, shown: Candidate) -> Candidate:
    """The candidate with what tests show of it; what the library says of itself stays first."""
    added = tuple(each for each in shown.evidence if each.kind == "test")[:2]
    evidence = tuple(dict.fromkeys((*candidate.evidence[: _MOST_EVIDENCE - len(added)], *added)))
    examples = tuple(dict.fromkeys((*candidate.examples, *shown.examples)))
    return replace(candidate, evidence=evidence, support=candidate.support + shown.support, examples=examples)


def _named(candidate: Candidate, taken: set[str]) -> Candidate:
    name = next(
        each for each in (candidate.name, *(f"{candidate.name}_{number}" for number in range(2, 10_000)))
        if each not in taken
    )  # fmt: skip
    taken.add(name)
    return replace(candidate, name=name)


def _shape(code: str) -> object:
    """What is called in the last statement, with how many arguments by place and which by keyword.

    Tests change values, too, for reasons of their own.
    """
    try:
        last = ast.parse(code).body[-1]
    except (SyntaxError, IndexError):
        return code
    value = last.value if isinstance(last, ast.Assign | ast.Expr | ast.Return) else None
    if not isinstance(value, ast.Call):
        return ast.unparse(last)
    return ast.unparse(value.func), len(value.args), sorted(each.arg or "**" for each in value.keywords)


def is_from_tests(candidate: Candidate) -> bool:
    """Whether tests are what a candidate comes from, whatever else speaks of its name."""
    return bool(candidate.evidence) and candidate.evidence[0].kind == "test"


def advice_left(advice: Candidate, spoken_for: set[str]) -> Candidate | None:
    """A piece of advice without the names that a rule leads somewhere; None where none is left."""
    names = advice.rule.get("api", ())
    names = [names] if isinstance(names, str) else list(names)
    left = [each for each in names if each not in spoken_for]
    if len(left) == len(names):
        return advice
    return replace(advice, rule={**advice.rule, "api": left}) if left else None


def whole_names(candidate: Candidate) -> set[str]:
    """The names that a candidate speaks of as a whole."""
    return {each.name for each in stated(candidate) if each.about in ("name", "calls", "form")}
