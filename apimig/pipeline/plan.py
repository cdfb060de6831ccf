"""Which migrations a run makes and with which rules: the command line, the pins and the packs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apimig.errors import UsageError
from apimig.pipeline.options import Options
from apimig.records import RuleInfo
from apimig.rulebook import Migration, Request, Rulebook, load, migration, parse_request, select
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.selection import find_library


@dataclass(frozen=True, slots=True)
class Plan:
    """The migrations of a run and the rules they apply; small enough to be sent to a process."""

    migrations: tuple[Migration, ...]
    rules: tuple[Rule, ...]
    libraries: tuple[Library, ...]
    notes: tuple[str, ...] = ()
    surfaced: frozenset[str] = frozenset()  # libraries whose releases were compared
    compared: tuple[tuple[str, str, str], ...] = ()  # each of them, with the releases whose surfaces were compared
    offered: tuple[Library, ...] = ()  # what their old releases offered, by their surfaces

    @property
    def accounted(self) -> frozenset[str]:
        """The import names of the libraries whose releases were compared."""
        return frozenset(root for each in self.libraries if each.distribution in self.surfaced for root in each.imports)

    def info(self) -> dict[str, RuleInfo]:
        """What reports say about each rule."""
        return {rule.id: RuleInfo(rule.summary, rule.reference, rule.deprecated, rule.removed) for rule in self.rules}


def requests(options: Options, rulebook: Rulebook) -> tuple[Request, ...]:
    """What ``--lib`` asks for, each library once; a library or version that does not exist is an error."""
    if not options.libs:
        raise UsageError(
            "No library was named",
            help="Say where to go: --lib pandas==2.2. Or once and for all in pyproject.toml:\n"
            '[tool.apimig]\nlibs = ["pandas==2.2"]',
        )
    found: dict[str, Request] = {}
    for text in options.libs:
        request = parse_request(text, rulebook.libraries)
        other = found.setdefault(request.library, request)
        if other.target != request.target:
            raise UsageError(
                f"{request.library} is to move to {other.target} and to {request.target}", help="Name one version."
            )
    return tuple(found.values())


def make_plan(options: Options, rulebook: Rulebook, pinned: Mapping[str, str]) -> Plan:
    """The migrations from the versions given, else ``pinned`` (by library), else the oldest known."""
    wanted = requests(options, rulebook)
    given = _starts(options.from_, wanted, rulebook.libraries)
    migrations = tuple(
        migration(
            request,
            rulebook.libraries,
            given=given.get(request.library, ""),
            pinned=pinned.get(request.library, ""),
        )
        for request in wanted
    )
    rules = [rule for m in migrations for rule in select(rulebook.rules, m, only_required=options.only_required)]
    notes = [note for request in wanted for note in request.notes]
    return Plan(migrations, tuple(rules), rulebook.libraries, (*rulebook.notes, *notes))


def load_rulebook(options: Options) -> Rulebook:
    """The rules that are shipped, installed, and in the folders of the options."""
    return load(options.rules, use_cache=options.cache)


def _starts(texts: Sequence[str], wanted: Sequence[Request], libraries: Sequence[Library]) -> dict[str, str]:
    starts: dict[str, str] = {}
    names = {request.library for request in wanted}
    for text in texts:
        name, separator, version = text.rpartition("==")
        if not separator and len(names) > 1:
            raise UsageError(
                f"--from {text} does not say which library it is about", help=f"Write --from {min(names)}=={text}."
            )
        library = find_library(name.strip(), libraries).distribution if separator else next(iter(names))
        if library not in names:
            raise UsageError(f"--from {text}: {library} is not among the --lib", help=f"Add --lib {library}==VERSION.")
        starts[library] = version.strip() if separator else text
    return starts
