"""The account of every use of the libraries: rewritten, fine on the new release, for a person, or unknown and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, lru_cache

from apimig.match.index import beginnings, canonical
from apimig.records import (
    Account,
    Certainty,
    Finding,
    LeftAlone,
    Location,
    NeedsPerson,
    Outcome,
    Rewritten,
    SourceFile,
    Span,
    Unchecked,
    Use,
    UseKind,
    rules_of,
)
from apimig.rulebook.rule import ClassTypes, Library

_COUNTED = frozenset((UseKind.IMPORT, UseKind.NAME, UseKind.MEMBER, UseKind.STRING, UseKind.DYNAMIC))
_ORDER = ("needs_person", "unknown", "left_alone", "rewritten")
STAR = "a star import: which of its names are used is not written"
UNLISTED = "the old release's surface does not list it (private, or made while running)"


class Offers:
    """What the old releases of the accounted libraries offered; what changed in it is a site."""

    def __init__(self, libraries: Sequence[Library], roots: Collection[str]) -> None:
        self.libraries = [each for each in libraries if set(each.imports) & set(roots)]
        self.roots = frozenset(roots)
        self.canonical = canonical(self.libraries)
        self.classes: dict[str, ClassTypes] = {k: v for each in self.libraries for k, v in each.classes.items()}
        self.has = lru_cache(maxsize=None)(self._has)

    def is_accounted(self, name: str) -> bool:
        """Whether a qualified name is of an accounted library."""
        return name.partition(".")[0] in self.roots

    @cached_property
    def _names(self) -> frozenset[str]:
        """Every name of a module, and what begins one."""
        found = set(self.roots)
        for each in self.libraries:
            for name in (*each.functions, *each.classes, *each.objects, *each.aliases, *each.aliases.values()):
                found.update(beginnings(name))
        return frozenset(found)

    def _has(self, name: str) -> bool:
        """Whether the surface lists it, or what it is a part of: ``numpy.inf.real`` is one of ``numpy.inf``."""
        known = self.canonical(name)
        if known in self._names:
            return True
        owner, _, last = known.rpartition(".")
        if not owner:
            return False
        if owner in self.classes:
            return self.has_member(owner, last)
        return any(owner in each.functions or owner in each.objects for each in self.libraries) or (
            self.canonical(owner) not in self._names and self.has(owner)
        )

    def has_member(self, owner: str, last: str) -> bool:
        """Whether a class lists a member, or derives from one that is not looked into."""
        if last.startswith("__") and last.endswith("__"):
            return True
        waiting, seen = [self.canonical(owner)], set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            types = self.classes.get(name)
            if types is None:
                return not self.is_accounted(name)  # a base of another library
            if last in types.attributes or last in types.returns or last in types.listed:
                return True
            waiting += map(self.canonical, types.bases)
        return False


class FileAccount:
    """The account of one file, by the uses that its text had before anything was edited."""

    def __init__(self, offers: Offers, library_base: Callable[[str], str]) -> None:
        self.offers = offers
        self.library_base = library_base
        self.uses: list[tuple[Use, frozenset[str]]] = []
        self.fine = 0
        self.unknown: list[tuple[Use, str]] = []

    def take(
        self,
        source: SourceFile,
        uses: Iterable[Use],
        findings: Iterable[Finding],
        unasked: Collection[Span],
        hidden: Iterable[Finding],
    ) -> None:
        """Sort the uses of the first pass into sites and the rest; ``hidden`` ones may have anything starred."""
        doubts = {(finding.use.span, finding.use.kind): finding.refusal for finding in hidden}
        rules: dict[tuple[Span, UseKind], set[str]] = {}
        for finding in findings:
            rules.setdefault((finding.use.span, finding.use.kind), set()).add(finding.rule)
        for use in {(use.span, use.kind): use for use in uses if self._is_counted(use)}.values():
            spoken = rules.get((use.span, use.kind))
            if spoken is not None:
                self.uses.append((use, frozenset(spoken)))
            elif use.kind is UseKind.MEMBER and use.certainty is Certainty.UNKNOWN:
                if use.span in unasked:
                    self.unknown.append((use, ""))
            elif why := doubts.get((use.span, use.kind)) or self._doubt(source, use):
                self.unknown.append((use, why))
            else:
                self.fine += 1

    def _is_counted(self, use: Use) -> bool:
        if use.kind not in _COUNTED:
            return False
        if use.kind is UseKind.MEMBER:
            owners = self._owners(use)
            return not owners or any(map(self.offers.is_accounted, owners))
        return use.kind is UseKind.DYNAMIC or self.offers.is_accounted(use.symbol)

    def _owners(self, use: Use) -> list[str]:
        names = use.receiver.instance_names() if use.receiver is not None else ()
        return [base for base in map(self.library_base, names) if base]

    def _doubt(self, source: SourceFile, use: Use) -> str:
        """Why a use that no rule speaks about is not known to be fine."""
        if use.kind is UseKind.DYNAMIC:
            return use.reason
        if use.kind is UseKind.IMPORT and source.text[use.span.start : use.span.end] == b"*":
            return STAR
        if use.kind is UseKind.MEMBER:
            owners = self._owners(use)
            listed = all(self.offers.has_member(owner, use.symbol) for owner in owners)
        else:
            listed = self.offers.has(use.symbol)
        return "" if listed else UNLISTED

    def result(
        self, source: SourceFile, outcomes: Iterable[Outcome], locate: Callable[[int], Location]
    ) -> tuple[Account, tuple[Unchecked, ...]]:
        """The counts, and the uses of which nothing can be said; ``outcomes`` are those of the file in the end."""
        kinds: dict[tuple[Location, str], set[str]] = {}
        for outcome in outcomes:
            for rule in rules_of(outcome):
                kinds.setdefault((outcome.location, rule), set()).add(_kind(outcome))
        counted: Counter[str] = Counter()
        for use, rules in self.uses:
            at = locate(use.span.start)
            found = {kind for rule in rules for kind in kinds.get((at, rule), ())}
            counted[next((kind for kind in _ORDER if kind in found), "fine")] += 1
        account = Account(**counted) + Account(fine=self.fine, unknown=len(self.unknown))
        unchecked = tuple(
            Unchecked(locate(use.span.start), _code(source, use), why) for use, why in self.unknown if why
        )
        return account, unchecked


def _kind(outcome: Outcome) -> str:
    match outcome:
        case Rewritten():
            return "rewritten"
        case NeedsPerson():
            return "needs_person"
        case LeftAlone():
            return "left_alone"
    return "unknown"


def _code(source: SourceFile, use: Use) -> str:
    return source.text[use.span.start : use.span.end].decode("utf-8", "replace")
