"""The cases of rules, with the line each stands in: for tests, ``rules show`` and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apimig.rulebook.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleCase:
    """A piece of code and what a rule makes of it; ``before`` equals ``after`` where it must stay as it is.

    ``reported``: whether the site must be reported for a person, must not be a site at all, or None. ``given`` maps
    names to expressions with qualified names; ``setup`` is for running it alone, and ``differs`` says why the two codes
    do not give the same. ``name`` tells it apart: ``cases 1``, ``unchanged 2``.
    """

    rule: str
    name: str
    path: str
    line: int
    before: str
    after: str
    given: Mapping[str, str]
    unsafe: bool = False
    reported: bool | None = None
    setup: str = ""
    differs: str = ""

    @property
    def is_no_op(self) -> bool:
        """Whether the rule must leave this code alone."""
        return self.before == self.after

    @property
    def id(self) -> str:
        """``pandas/append_to_concat: cases 1``."""
        return f"{self.rule}: {self.name}"


def cases_of(rule: Rule) -> tuple[RuleCase, ...]:
    """The cases in the rule's file, in its order. The file has been loaded, so it is valid."""
    # reads YAML, which a run does not
    from apimig.rulebook.reading import read_rule_file

    file, document = read_rule_file(Path(rule.path))
    cases = [
        RuleCase(
            rule=rule.id,
            name=f"cases {number}",
            path=rule.path,
            line=document.line(("cases", number - 1)),
            before=case.before,
            after=case.after,
            given=case.given,
            unsafe=case.unsafe,
            setup=case.setup,
            differs=case.differs,
        )
        for number, case in enumerate(file.cases, start=1)
    ]
    unchanged = [
        RuleCase(
            rule=rule.id,
            name=f"unchanged {number}",
            path=rule.path,
            line=document.line(("unchanged", number - 1)),
            before=item.code,
            after=item.code,
            given=item.given,
            reported=item.reported,
        )
        for number, item in enumerate(file.unchanged, start=1)
    ]
    return (*cases, *unchanged)


def diff_lines(case: RuleCase) -> list[str]:
    """The case as the lines of a diff, without headers: `` ``, ``-`` and ``+`` lead them."""
    # only where cases are shown
    import difflib

    before, after = case.before.splitlines(), case.after.splitlines()
    lines: list[str] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        lines += [f"{' ' if tag == 'equal' else '-'}{line}".rstrip() for line in before[start:end]]
        if tag != "equal":
            lines += [f"+{line}".rstrip() for line in after[new_start:new_end]]
    return lines
