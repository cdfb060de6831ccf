"""From pairs of code to candidates: the changes are found, generalised, written as rules and tried on themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from apimig.mining.candidate import Candidate, Evidence, Learned
from apimig.mining.diffs.changes import Change, Finder, Found, names_api, receiver_types
from apimig.mining.diffs.examples import MOST_CASES, Example, Writer, how_many_unchanged, is_same, unchanged
from apimig.mining.diffs.joining import joined, without_steps_on
from apimig.mining.diffs.names import Language, read
from apimig.mining.diffs.pairs import Pair
from apimig.mining.diffs.proposal import Proposal, Proposed, old_names
from apimig.mining.diffs.proposals import Owners, Proposer, Signature, Takes
from apimig.mining.diffs.tree import Tree, Types, Unwritable, no_types, text_of
from apimig.mining.diffs.values import held_at

MOST_EXAMPLES = 5
MOST_KEPT = 50  # uses of one API in one file that are remembered as left alone
TypesOf = Callable[[str], Types]
_VERSIONS = ("deprecated", "removed", "changed")


class Engine(Protocol):
    """What tries rules out. Rules are data, as in a file."""

    def problems(self, rule: Mapping[str, Any]) -> Sequence[str]:
        """What is wrong with the rule as a file, one sentence each."""

    def apply(self, rule: Mapping[str, Any], code: str, given: Mapping[str, str]) -> str:
        """What the rule, unsafe or not, makes of code; without imports that is a snippet."""

    def failures(self, rule: Mapping[str, Any]) -> Mapping[str, str]:
        """Of its cases (``cases 1``, ``unchanged 2``) those that fail, and why."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The library, and the head of every rule file about it.

    ``head`` has ``library``, ``reference`` and a version. ``owners`` gives the classes that have a member,
    ``signature`` the old signature of a function, ``versions`` when old names went or began to warn, where it is known.
    """

    language: Language
    head: Mapping[str, Any]
    owners: Owners = lambda _member: ()
    signature: Signature = lambda _api: ""
    takes: Takes = lambda _old, _new: True  # whether a successor takes every call
    remains: Callable[[str], bool] = lambda _api: False  # whether the new release still has a name
    versions: Callable[[Sequence[str]], Mapping[str, str]] = lambda _names: {}


@dataclass(frozen=True, slots=True)
class Study:
    """What one pair shows, with the names that its code imports."""

    pair: Pair
    found: Found = field(default_factory=Found)
    imports: frozenset[tuple[str, str]] = frozenset()
    note: str = ""


def learn_from_pairs(
    pairs: Iterable[Pair],
    subject: Subject,
    engine: Engine,
    *,
    typed: TypesOf = lambda _code: no_types,
    tell: Callable[[str], None] = lambda _said: None,
) -> Learned:
    """The candidates that pairs of old and new code give, those with the most support first.

    ``typed`` gives the types of the expressions of a module. Pairs that are no Python are left out with a note.
    """
    studies = []
    for number, pair in enumerate(pairs):
        tell(pair.place)
        studies.append(study(pair, subject, number, typed))
    return learn_from_studies(studies, subject, engine)


def study(pair: Pair, subject: Subject, number: int = 0, typed: TypesOf = lambda _code: no_types) -> Study:
    """What one pair shows by itself."""
    try:
        old = read(pair.before, subject.language, typed(pair.before))
        new = read(pair.after, subject.language)
        finder = Finder(subject.language.roots, subject.owners)
        found = finder.find(old, new, pair.place, number)
    except SyntaxError as error:
        return Study(pair, note=f"{pair.place}: no Python 3 ({error.msg}, line {error.lineno}), so it is left out")
    except (ValueError, RecursionError) as error:
        return Study(pair, note=f"{pair.place}: cannot be read ({type(error).__name__}), so it is left out")
    changes = tuple(replace(one, held=held_at(old, one.old.span)) for one in found.changes)
    return Study(pair, replace(found, changes=changes), _imports(old) | _imports(new))


def _imports(module: Tree) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for node in module.walk():
        if node.kind == "Imports":
            for one in node.children[0].children:
                name = one.children[0].name
                found.add((name, "") if node.values else tuple(name.rpartition("."))[::2])  # type: ignore[arg-type]
    return frozenset(found)


def learn_from_studies(studies: Sequence[Study], subject: Subject, engine: Engine) -> Learned:
    """As :func:`learn_from_pairs`, of pairs that have been studied."""
    notes = [one.note for one in studies if one.note]
    proposals, more = proposed(studies, subject)
    notes += more
    writer = Writer(subject.language, frozenset(pair for one in studies for pair in one.imports))
    trial = Trial(subject, engine, writer, {})
    candidates = []
    for proposal in sorted(proposals, key=lambda one: (-one.support, one.stem)):
        made, why = trial.candidates(proposal)
        candidates += made
        notes += why
    return Learned(tuple(candidates), tuple(dict.fromkeys(notes)))


def proposed(studies: Sequence[Study], subject: Subject) -> tuple[list[Proposal], list[str]]:
    """The rules that all changes together propose, and what could be none."""
    changes, kept = by_api(studies)
    proposals: list[Proposal] = []
    notes: list[str] = []
    for api in sorted(changes):
        result = propose(changes[api], kept.get(api, ()), subject)
        proposals += result.proposals
        notes += result.notes
    proposals, more = without_steps_on(proposals)
    return joined(proposals), [*notes, *more]


def propose(changes: Sequence[Change], kept: Sequence[Kept], subject: Subject) -> Proposed:
    """The rules that the changes of one API propose; ``kept`` are the uses of it that pairs left as they were."""
    proposer = Proposer(subject.language.roots, subject.owners, subject.signature, subject.remains, subject.takes)
    return proposer.propose(changes, _speaking_against(changes, kept))


def _speaking_against(changes: Sequence[Change], kept: Sequence[Kept]) -> list[Tree]:
    """The uses that were left where they should not have been.

    An API that the new code does not have any more may stand in code that was not migrated: only what stayed in the
    code that was migrated together counts. A member counts where its receiver is of one of the classes, if known.
    """
    api, origins = changes[0].api.name, {change.origin for change in changes}
    stays = any(names_api(one, api) for change in changes for one in change.new)
    owners = {owner for change in changes for owner in change.api.owners}
    return [
        use.tree
        for use in kept
        if (stays or use.origin in origins)
        and (not owners or not api.startswith(".") or not owners.isdisjoint(receiver_types(use.tree, api)))
    ]


@dataclass(frozen=True, slots=True)
class Kept:
    """A use that one pair, of this number, left as it was."""

    tree: Tree
    source: int
    origin: str


def by_api(studies: Sequence[Study]) -> tuple[dict[str, list[Change]], dict[str, list[Kept]]]:
    """The changes, and the uses left as they were, by the names of the APIs that they are about."""
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    kept: defaultdict[str, list[Kept]] = defaultdict(list)
    for number, one in enumerate(studies):
        origin = one.pair.origin or str(number)
        for change in one.found.changes:
            changes[change.api.name].append(replace(change, source=number, origin=origin))
        counts: Counter[str] = Counter()
        for api, tree in one.found.kept:
            counts[api.name] += 1
            if counts[api.name] <= MOST_KEPT:
                kept[api.name].append(Kept(tree, number, origin))
    return dict(changes), dict(kept)


@dataclass(slots=True)
class Trial:
    """Makes candidates of proposals, by trying them on their own examples; ``taken`` are the names given so far."""

    subject: Subject
    engine: Engine
    writer: Writer
    taken: dict[str, int]

    def candidates(self, proposal: Proposal) -> tuple[list[Candidate], list[str]]:
        """The candidates of a proposal, said in another way where its own fails; and why there are none."""
        made = self.candidate(proposal)
        if isinstance(made, Candidate):
            return [made], []
        others = [self.candidate(one) for one in (proposal.instead(proposal.changes) if proposal.instead else ())]
        found = [one for one in others if isinstance(one, Candidate)]
        return found, [] if found else [made, *(one for one in others if isinstance(one, str))]

    def candidate(self, proposal: Proposal) -> Candidate | str:
        """The candidate, or why the proposal is none."""
        doubt = proposal.doubt or (f"{proposal.against} uses speak against it" if proposal.against else "")
        bare = self._rule(proposal, unsafe=bool(doubt))
        found = self._cases(proposal, bare)
        if isinstance(found, str):
            return f"{proposal.summary}: {found}"
        rule = self._with_unchanged(proposal, bare, found)
        if isinstance(rule, str):
            return f"{proposal.summary}: {rule}"
        return Candidate(
            self._name(proposal.stem), rule, proposal.kind, _evidence(proposal, doubt), proposal.support,
            proposal.against, _examples(proposal),
        )  # fmt: skip

    def _rule(self, proposal: Proposal, *, unsafe: bool) -> dict[str, Any]:
        head = dict(self.subject.head)
        if versions := self.subject.versions(old_names(proposal)):
            head = {**{key: value for key, value in head.items() if key not in _VERSIONS}, **versions}
        rule = {**head, "summary": proposal.summary, **proposal.body}
        return {**rule, "applicability": "unsafe"} if unsafe else rule

    def _cases(self, proposal: Proposal, rule: Mapping[str, Any]) -> list[tuple[Example, str]] | str:
        """Examples with the code that the rule makes of them, or why none works."""
        examples = list(self.writer.examples(proposal))
        if not examples:
            return "no example of it can be written"
        wrong = self.engine.problems({**rule, "cases": [{"before": "x", "after": "y"}], "unchanged": ["x"]})
        if wrong:
            return f"it is no valid rule: {wrong[0]}"
        found: list[tuple[Example, str]] = []
        reason = ""
        most = max(MOST_CASES, len(proposal.forms))
        for example in examples[: 2 * most]:
            after = self.engine.apply(rule, example.before, example.given)
            if is_same(after, example.after, self.subject.language):
                found.append((example, after))
            else:
                reason = (
                    reason
                    or f"it does not give its own example back: {_body(example.before)!r} becomes {_body(after)!r}"
                )
        return found[:most] or reason

    def _with_unchanged(
        self, proposal: Proposal, rule: Mapping[str, Any], cases: Sequence[tuple[Example, str]]
    ) -> dict[str, Any] | str:
        """The rule with its cases and with code that stays, as far as all of it passes."""
        made = dict(rule)
        unsafe = rule.get("applicability") == "unsafe"
        made["cases"] = [_case(example, after, unsafe=unsafe) for example, after in cases]
        made["unchanged"] = _unique(item for example, after in cases for item in unchanged(example, after, proposal))
        failing = self.engine.failures(made)
        if any(f"cases {number}" in failing for number in range(1, len(cases) + 1)):
            made["cases"] = [
                _case(example, after, unsafe=unsafe, valued=f"cases {number}" not in failing)
                for number, (example, after) in enumerate(cases, 1)
            ]
            failing = self.engine.failures(made)
        passing = [case for number, case in enumerate(made["cases"], 1) if f"cases {number}" not in failing]
        staying = [one for number, one in enumerate(made["unchanged"], 1) if f"unchanged {number}" not in failing]
        if not passing:
            return f"its case fails: {next(iter(failing.values()))}"
        made["cases"] = passing[: max(1, len(staying) * 3 // 2)]
        made["unchanged"] = staying[: max(2, how_many_unchanged(len(made["cases"])))]
        if not staying:
            return "no code beside it stays as it is"
        wrong = self.engine.problems(made)
        return f"it is no valid rule: {wrong[0]}" if wrong else made

    def _name(self, stem: str) -> str:
        self.taken[stem] = self.taken.get(stem, 0) + 1
        return stem if self.taken[stem] == 1 else f"{stem}_{self.taken[stem]}"


def _case(example: Example, after: str, *, unsafe: bool, valued: bool = True) -> dict[str, Any]:
    """A case; not ``valued`` where the engine does not see the classes of its variables in what the code gave them."""
    case: dict[str, Any] = {"before": example.before, "after": after}
    given = {**example.given, **(example.values if valued else {})}
    if given:
        case["given"] = given
    return {**case, "unsafe": True} if unsafe else case


def _unique(items: Iterable[dict[str, Any] | str]) -> list[dict[str, Any] | str]:
    found: dict[str, dict[str, Any] | str] = {}
    for item in items:
        found.setdefault(item if isinstance(item, str) else item["code"], item)
    return list(found.values())


def _body(code: str) -> str:
    return code.strip().splitlines()[-1]


def _evidence(proposal: Proposal, doubt: str) -> tuple[Evidence, ...]:
    pairs = [
        Evidence("pair", f"{old} -> {new}", change.place)
        for change in proposal.changes
        for old, new in [_texts(change)]
    ]
    found = tuple(dict.fromkeys(pairs))[:MOST_EXAMPLES]
    return (*found, Evidence("doubt", doubt)) if doubt else found


def _examples(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(_texts(change) for change in proposal.changes))[:MOST_EXAMPLES]


def _texts(change: Change) -> tuple[str, str]:
    old, new = (change.old, change.new) if change.seen is None else (change.seen[0], change.seen[1:])
    try:
        return text_of(old), "\n".join(text_of(one) for one in new)
    except Unwritable:
        return change.api.name, ""
