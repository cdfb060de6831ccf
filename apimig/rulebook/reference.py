"""The rule reference in Markdown, made from the packs: ``docs/rules/<library>.md`` and their index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from packaging.version import Version

from apimig.records import Applicability
from apimig.rulebook.casebook import cases_of, diff_lines
from apimig.rulebook.describing import sentences, versions
from apimig.rulebook.loading import Rulebook
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import Library, Rule

_GENERATED = "<!-- Made by `apimig rules docs` from the rule files; change those, not this page. -->\n"
_FOLDED_FROM = 12
_APPLIED = {
    Applicability.SAFE: "",
    Applicability.UNSAFE: "May change behaviour: done only with `--unsafe`.",
    Applicability.MANUAL: "Reported; the edit is a person's.",
}


def pages(rulebook: Rulebook) -> dict[str, str]:
    """File name -> text: a page a library, and ``index.md``."""
    libraries = [library for library in rulebook.libraries if _rules_of(library, rulebook)]
    texts = {
        f"{normalise(library.distribution)}.md": page(library, _rules_of(library, rulebook)) for library in libraries
    }
    return {"index.md": _index(libraries, rulebook), **texts}


def _rules_of(library: Library, rulebook: Rulebook) -> list[Rule]:
    name = normalise(library.distribution)
    return [rule for rule in rulebook.rules if normalise(rule.library) == name]


def _index(libraries: Sequence[Library], rulebook: Rulebook) -> str:
    rows = [
        f"| [{library.distribution}]({normalise(library.distribution)}.md) | {len(rules)} | {_range(rules)} |"
        for library in libraries
        if (rules := _rules_of(library, rulebook))
    ]
    return "\n".join([_GENERATED, "# Rules\n", "| library | rules | versions |", "|---|---|---|", *rows, ""])


def _range(rules: Iterable[Rule]) -> str:
    known = sorted({_version(rule) for rule in rules}, key=Version)
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"


def _version(rule: Rule) -> str:
    """The version under which a rule is listed: where code breaks, else where it is warned."""
    return rule.removed or rule.changed or rule.deprecated


def page(library: Library, rules: Sequence[Rule]) -> str:
    """The reference of one library: its rules by version, then the names that need none."""
    lines = [_GENERATED, f"# {library.distribution}\n"]
    for version in sorted({_version(rule) for rule in rules}, key=Version):
        lines.append(f"## {version}\n")
        for rule in rules:
            if _version(rule) == version:
                lines += _section(rule)
    if library.no_rule:
        lines.append("## Names that need no rule\n")
        lines += ["| name | why |", "|---|---|"]
        lines += [f"| `{name}` | {_cell(why)} |" for name, why in library.no_rule.items()]
        lines.append("")
    return "\n".join(lines)


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n"
    yield f"{rule.summary}\n"
    yield f"{versions(rule).capitalize()}. [Reference]({rule.reference})\n"
    yield _changes(sentences(rule))
    if applied := _APPLIED[rule.applicability]:
        yield f"{applied}\n"
    if rule.advise:
        yield f"Advice: {rule.advise.strip()}\n"
    shown = next((case for case in cases_of(rule) if not case.is_no_op), None)
    if shown is not None:
        yield "\n".join(["```diff", *diff_lines(shown), "```", ""])


def _changes(said: Sequence[str]) -> str:
    """The sentences as a list; a long one is folded."""
    items = "\n".join(f"- {sentence}" for sentence in said)
    if len(said) <= _FOLDED_FROM:
        return f"{items}\n"
    return f"<details><summary>{len(said)} changes</summary>\n\n{items}\n\n</details>\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
