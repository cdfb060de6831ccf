"""Finds the sites of rules among the uses of a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tree_sitter import Node

from apimig import syntax
from apimig.match import index, mentions, receivers, sites
from apimig.match.comments import Ignores
from apimig.match.index import Target
from apimig.match.plausible import Plausible
from apimig.match.sites import Candidate
from apimig.records import Certainty, Finding, Interest, Resolution, Span, Use, UseKind
from apimig.rulebook import hiding
from apimig.rulebook.calls import Facts
from apimig.rulebook.rule import Advise, Codemod, Library, Rename, Rule

__all__ = ["Matcher"]


class Matcher:
    """The rules of a run, indexed once; safe to use for any number of files."""

    def __init__(
        self,
        rules: Sequence[Rule],
        libraries: Sequence[Library],
        *,
        ask_all: bool = False,
        accounted: Collection[str] = (),
    ) -> None:
        self._index = index.build(rules, libraries, accounted=accounted)
        self._ask_all = ask_all
        self.unasked: Mapping[Span, str] = {}  # members that `find` passed over, unless ``ask_all``
        self._roots = self._index.interest.roots
        self._renamed = mentions.renamed(rules)
        self._mentioned = mentions.words(self._renamed)
        self._plausible = Plausible(libraries)

    @property
    def interest(self) -> Interest:
        """What the resolver must look for."""
        return self._index.interest

    @property
    def words(self) -> syntax.Words:
        """A file in which this finds nothing has no site."""
        return self._index.words

    @cached_property
    def sources(self) -> frozenset[str]:
        """Words without which a code base can have no instance of some class that a rule is about."""
        owners = {owner for targets in self._index.members.values() for t in targets for owner in t.owners}
        return frozenset(word for owner in owners for word in self._plausible.sources(owner))

    def mention(self, words: Collection[str]) -> None:
        """Take note of which of the :attr:`sources` the code base has; until then any is taken to be there."""
        self._plausible.mentioned = frozenset(words)

    def find(self, resolution: Resolution) -> tuple[Finding, ...]:
        """All sites of a file in source order; of the same rule at the same use only one."""
        unasked: dict[Span, str] = {}
        facts = Facts(resolution)
        ignores = Ignores(resolution.tree, resolution.source.text)
        found: list[Finding] = []
        for use in resolution.uses:
            found += self._of_use(use, facts, ignores, unasked)
        self.unasked = unasked
        mentioned = mentions.find(resolution, self._renamed, self._mentioned)
        found += (self._checked(each, facts, ignores) for each in mentioned)
        return tuple(sorted(found, key=lambda finding: finding.span))

    def _of_use(self, use: Use, facts: Facts, ignores: Ignores, unasked: dict[Span, str]) -> list[Finding]:
        chosen: dict[str, Finding] = {}
        for candidate in self._candidates(use, facts):
            earlier = chosen.get(candidate.target.rule.id)
            if earlier is not None and not earlier.refusal:
                continue
            finding = sites.find(candidate)
            if finding is None:
                continue
            if not self._ask_all and (candidate.everyday or _doubly_unknown(finding)):
                unasked[use.span] = use.symbol
                continue
            if earlier is None or not finding.refusal:
                chosen[finding.rule] = finding
        return [self._checked(finding, facts, ignores) for finding in chosen.values()]

    def _checked(self, finding: Finding, facts: Facts, ignores: Ignores) -> Finding:
        """The finding, left alone where the code is compat code or a comment says so."""
        if finding.use.guard:
            return replace(finding, refusal=finding.use.guard, left_alone=True)
        root = facts.resolution.tree.root_node
        node = root.named_descendant_for_byte_range(finding.span.start, finding.span.end)
        reason = "" if node is None else ignores.reason(node, finding.rule)
        return replace(finding, refusal=reason, left_alone=True) if reason else finding

    # ---- candidates

    def _candidates(self, use: Use, facts: Facts) -> Iterator[Candidate]:
        match use.kind:
            case UseKind.MEMBER:
                yield from self._members(use, facts)
            case UseKind.OPERATOR:
                node = facts.node(use.span)
                for target in self._index.operators.get(use.symbol, ()):
                    if not _may_fit(use, target, facts):
                        continue
                    yield Candidate(use, target, use.span, node, facts, self._roots, use.certainty)
            case UseKind.ARGUMENT:
                yield from self._arguments(use, facts)
            case UseKind.DYNAMIC:
                return
            case _:
                yield from self._symbols(use, facts)

    def _arguments(self, use: Use, facts: Facts) -> Iterator[Candidate]:
        """One candidate a rule that follows literals, whichever of its names this one reaches."""
        found = [t for sink in use.sinks for t in self._index.symbols.get(sink.symbol, ()) if _follows(t.rule)]
        for target in {target.rule.id: target for target in reversed(found)}.values():
            yield Candidate(use, target, use.span, facts.node(use.span), facts, self._roots, use.certainty)

    def _symbols(self, use: Use, facts: Facts) -> Iterator[Candidate]:
        longest = 0
        for spelled in _spellings(use, facts):
            for target in self._index.symbols.get(spelled.name, ()):
                renames = isinstance(target.rule.body, Rename)
                if not spelled.shown and not (renames or isinstance(target.rule.body, Advise)):
                    continue
                if renames and len(spelled.name) < longest:
                    continue  # a more specific rename speaks about this use
                longest = len(spelled.name) if renames else longest
                doubt = _other_meaning(use, facts)
                yield Candidate(
                    use, target, spelled.span, spelled.node, facts, self._roots, use.certainty, doubt, spelled.name
                )

    def _members(self, use: Use, facts: Facts) -> Iterator[Candidate]:
        targets = self._index.members.get(use.symbol, ())
        node = facts.node(use.span)
        for rule in dict.fromkeys(target.rule.id for target in targets):
            group = [t for t in targets if t.rule.id == rule]
            asked = [t for t in group if self._plausible.may_be(use, t, node, facts)]
            everyday = not asked
            if everyday:
                asked = [t for t in group if self._plausible.may_be(use, t, node, facts, everyday=True)]
            group = asked
            for target in [t for t in group if t.pattern is not None]:
                yield Candidate(use, target, use.span, node, facts, self._roots, use.certainty, everyday=everyday)
            named = [t for t in group if t.pattern is None]
            if not named:
                continue
            sure = use.certainty is not Certainty.UNKNOWN
            verdict = receivers.judge(use.receiver, [t.owner for t in named], facts, open_fits=sure)
            if verdict.is_site:
                target, problem = _fitting(use, named, facts)
                certainty = receivers.weakest(use.certainty, verdict.certainty)
                refusal = verdict.refusal or problem
                yield Candidate(use, target, use.span, node, facts, self._roots, certainty, refusal, everyday=everyday)


def _follows(rule: Rule) -> bool:
    return isinstance(rule.body, Codemod) and rule.body.follow


def _doubly_unknown(finding: Finding) -> bool:
    """Whether neither the receiver nor the argument that matters is known: ``x.plot(**options)`` says nothing."""
    return finding.certainty is Certainty.UNKNOWN and bool(hiding.parted(finding.refusal)[0])


def _other_meaning(use: Use, facts: Facts) -> str:
    """Why a name may not be the library's: it is something else, or unknown, on another path."""
    if use.kind is not UseKind.NAME:
        return ""
    value = facts.resolution.value_at(use.span)
    if not value.open and len([one for one in value.types if one.name != "builtins.NoneType"]) < 2:
        return ""
    return f"`{facts.text(use.span)}` may be something else here, assigned on another path"


def _may_fit(use: Use, target: Target, facts: Facts) -> bool:
    """Whether any type of an operand is one that the pattern asks for; operators are too common to ask about others."""
    where = getattr(target.rule.body, "where", {})
    wanted = [name for names in where.values() for name in names]
    names = use.receiver.instance_names() if use.receiver is not None else ()
    return not wanted or any(facts.is_class(name, wanted) for name in names)


def _fitting(use: Use, targets: Sequence[Target], facts: Facts) -> tuple[Target, str]:
    """The target for the receiver's class, and a problem where its classes want different things."""
    names = use.receiver.instance_names() if use.receiver is not None else frozenset()
    fitting = [t for t in targets if any(facts.is_class(name, [t.owner]) for name in names)]
    if not fitting:
        return targets[0], ""
    wanted = sorted({t.becomes for t in fitting})
    problem = f"its classes differ: it becomes {' or '.join(wanted)}" if len(wanted) > 1 and len(names) > 1 else ""
    return fitting[0], problem


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A qualified name that a use stands for or begins with; ``shown``: the text at ``span`` spells just that."""

    name: str
    span: Span
    node: Node | None = None
    shown: bool = True


def _spellings(use: Use, facts: Facts) -> Iterator[_Spelling]:
    """The names of a use, the longest first: ``np.inf.real`` is also a use of ``numpy.inf``."""
    if use.kind is UseKind.NAME:
        yield from (_Spelling(name, syntax.span_of(node), node) for name, node in facts.prefixes(use))
    elif use.kind is UseKind.STRING:
        yield from _text_spellings(use, facts.text(use.span))
    else:
        yield _Spelling(use.symbol, use.span)
        name = use.symbol
        while "." in name:
            name = name.rpartition(".")[0]
            yield _Spelling(name, use.span, shown=False)


def _text_spellings(use: Use, text: str) -> Iterator[_Spelling]:
    name, end = use.symbol, use.span.end
    while True:
        yield _Spelling(name, Span(use.span.start, end))
        name, _, last = name.rpartition(".")
        text, dot, shown = text.rpartition(".")
        if not name or not dot or shown != last:
            return
        end -= len(shown.encode()) + 1
