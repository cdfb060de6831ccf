"""Rules chosen by library and version, as rows and as data: for ``apimig rules list``."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from apimig.errors import UsageError
from apimig.rulebook.describing import kind
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.packs import normalise
from apimig.rulebook.problems import did_you_mean, shown
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.selection import Migration, Request, find_library, is_required, migration, parse_request, select

COLUMNS = ("rule", "since", "need", "operation", "applicability", "summary")


@dataclass(frozen=True, slots=True)
class Choice:
    """Some rules, and the migration they were chosen for, if any."""

    rules: tuple[Rule, ...]
    migration: Migration | None = None

    def need(self, rule: Rule) -> str:
        """Whether the migration requires the rule; empty when there is none."""
        if self.migration is None:
            return ""
        return "required" if is_required(rule, self.migration) else "optional"


def choose(rulebook: Rulebook, *, lib: str = "", start: str = "", end: str = "") -> Choice:
    """All rules, those of ``lib`` (``pandas``), or those of a migration: ``pandas==2.0``, ``start``, ``end``."""
    if not lib:
        if start or end:
            raise UsageError("--from and --to are about one library", help="Name it, like this: --lib pandas --to 2.0")
        return Choice(rulebook.rules)
    if any(sign in lib for sign in "=<>~!@: "):
        if end:
            raise UsageError(f"--lib {lib} and --to {end} both name a version", help="Name it once.")
        request = parse_request(lib, rulebook.libraries)
    else:
        library = find_library(lib, rulebook.libraries)
        if not (start or end):
            return Choice(_rules_of(library, rulebook))
        request = parse_request(f"{lib}=={end}", rulebook.libraries) if end else _newest(library, rulebook)
    asked = migration(request, rulebook.libraries, given=start)
    return Choice(select(rulebook.rules, asked), asked)


def _rules_of(library: Library, rulebook: Rulebook) -> tuple[Rule, ...]:
    name = normalise(library.distribution)
    return tuple(rule for rule in rulebook.rules if normalise(rule.library) == name)


def _newest(library: Library, rulebook: Rulebook) -> Request:
    """A request for the latest version that the pack speaks of."""
    known = [at for rule in _rules_of(library, rulebook) for at in (rule.removed, rule.changed, rule.deprecated) if at]
    newest = max((*library.releases, *known), key=Version)
    return Request(library.distribution, newest, newest)


def rows(choice: Choice) -> list[tuple[str, ...]]:
    """A row a rule, under ``COLUMNS``."""
    return [
        (
            rule.id,
            rule.removed or rule.changed or f"({rule.deprecated})",
            choice.need(rule),
            kind(rule),
            rule.applicability.value,
            rule.summary,
        )
        for rule in choice.rules
    ]


def data(choice: Choice) -> list[dict[str, str]]:
    """The rules as plain data; absent versions are empty texts."""
    return [
        {
            "id": rule.id,
            "library": rule.library,
            "summary": rule.summary,
            "deprecated": rule.deprecated,
            "changed": rule.changed,
            "removed": rule.removed,
            "replacement_since": rule.replacement_since,
            "need": choice.need(rule),
            "operation": kind(rule),
            "applicability": rule.applicability.value,
            "advise": rule.advise,
            "reference": rule.reference,
            "path": shown(rule.path),
        }
        for rule in choice.rules
    ]


def find_rules(names: tuple[str, ...], rulebook: Rulebook) -> tuple[Rule, ...]:
    """The rules of these ids, libraries (``pandas``) or bare names; all for none. UsageError names the unknown."""
    if not names:
        return rulebook.rules
    found = {rule.id: rule for name in names for rule in _named(name, rulebook)}
    return tuple(found.values())


def _named(name: str, rulebook: Rulebook) -> list[Rule]:
    by_id = rulebook.by_id()
    if name in by_id:
        return [by_id[name]]
    found = [rule for rule in rulebook.rules if name in (rule.id.partition("/")[0], rule.id.partition("/")[2])]
    if not found:
        known = {*by_id, *(part for id_ in by_id for part in id_.split("/"))}
        raise UsageError(
            f"no rule is called {name}{did_you_mean(name, known)}", help="apimig rules list shows them all."
        )
    return found
