"""What the parts of the page share: the numbers that filters go by, addresses within the page, and verdicts."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from apimig.records import Location, Outcome, RunResult, rules_of
from apimig.report.counts import place
from apimig.report.validated import site, verdicts_of
from apimig.verdicts import EditVerdict


class Index:
    """Made once a page.

    ``rules`` and ``files`` are what the sites name, in order; a site says them by their place there, which keeps
    2,000 sites small. A site's address is its place in the old code, so that it can be written by hand.
    """

    def __init__(self, result: RunResult) -> None:
        self.result = result
        self.verdicts = verdicts_of(result)
        self.outcomes = sorted(result.outcomes, key=place)
        self.rules = sorted({rule for outcome in self.outcomes for rule in rules_of(outcome)})
        changed = {change.name for change in result.changes if change.before != change.after}
        self.files = sorted(changed | {outcome.location.path for outcome in self.outcomes})
        self._rule_numbers = {rule: number for number, rule in enumerate(self.rules)}
        self._file_numbers = {file: number for number, file in enumerate(self.files)}
        self._addresses = _addresses(self.outcomes)

    def verdict(self, outcome: Outcome) -> EditVerdict | None:
        """What running says of the outcome's edit, if it has one and something was run."""
        return self.verdicts.get(site(outcome))

    def rule_numbers(self, outcome: Outcome) -> str:
        """The numbers of the outcome's rules, with spaces between."""
        return " ".join(str(self._rule_numbers[rule]) for rule in rules_of(outcome))

    def file_number(self, path: str) -> str:
        """The number of a file."""
        return str(self._file_numbers[path])

    def address(self, outcome: Outcome) -> str:
        """The id of the outcome's site, which is unique."""
        return self._addresses[id(outcome)]


def file_address(path: str) -> str:
    """The id of a changed file."""
    return f"file:{_quoted(path)}"


def _addresses(outcomes: list[Outcome]) -> dict[int, str]:
    """Addresses by identity: of a chain of calls, two sites of one rule can begin at the same place."""
    taken: Counter[str] = Counter()
    addresses: dict[int, str] = {}
    for outcome in outcomes:
        wanted = _address(outcome.location)
        taken[wanted] += 1
        addresses[id(outcome)] = wanted if taken[wanted] == 1 else f"{wanted}:{taken[wanted]}"
    return addresses


def _address(at: Location) -> str:
    cell = "" if at.cell is None else f":cell{at.cell}"
    return f"{_quoted(at.path)}{cell}:{at.line}:{at.column}"


def _quoted(path: str) -> str:
    """A path as it can stand in an id and in the fragment of an address; names that are not UTF-8 too."""
    return quote(path.encode("utf-8", "surrogatepass"), safe="/")
