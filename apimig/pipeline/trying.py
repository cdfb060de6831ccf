"""Tries rules that are still data, as mining proposes them, with the real engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apimig.pipeline.cases import CaseResult, check
from apimig.pipeline.sources import apply_rules
from apimig.rulebook.casebook import RuleCase
from apimig.rulebook.packs import normalise
from apimig.rulebook.rule import ClassTypes, Library, Rule

_BLANK = {"cases": [{"before": "x", "after": "y"}], "unchanged": ["x"]}  # for rules that have no cases yet


class Unfit(Exception):
    """Why something is no rule, or one whose cases do not come out."""


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """Tries rules of a library; implements :class:`apimig.mining.diffs.learning.Engine`.

    ``others`` are the libraries that its rules may name beside it.
    """

    library: Library
    others: tuple[Library, ...] = ()

    def problems(self, rule: Mapping[str, Any]) -> Sequence[str]:
        """What is wrong with the rule as a file."""
        from pydantic import ValidationError

        from apimig.rulebook.checking import Context, check_rule
        from apimig.rulebook.schema import RuleFile

        try:
            file = RuleFile.model_validate(rule)
        except ValidationError as error:
            return [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        own, *others = self.libraries(rule)
        context = Context({normalise(one.distribution): one for one in (own, *others)})
        return [text for _, text in check_rule(file, own, context)]

    def apply(self, rule: Mapping[str, Any], code: str, given: Mapping[str, str]) -> str:
        """What the rule makes of code."""
        compiled = self.compiled({**rule, **_BLANK})
        snippet = "import " not in code
        return apply_rules(code, (compiled,), self.libraries(rule), given=given, snippet=snippet, unsafe=True).text

    def failures(self, rule: Mapping[str, Any]) -> Mapping[str, str]:
        """The cases that fail, and why."""
        tested = _Tested(self.compiled(rule), self.libraries(rule))
        results = [(name, tested.result(name, *case)) for name, case in _cases(rule)]
        return {name: result.failures[0] for name, result in results if result.failures}

    def held(self, rule: Mapping[str, Any]) -> dict[str, Any]:
        """The rule with those of its cases that come out, with imports as the engine leaves them.

        Raises Unfit for what is no valid rule, has no case that comes out, or changes code that it must leave alone.
        """
        for problem in self.problems(rule):
            raise Unfit(problem)
        tested = _Tested(self.compiled(rule), self.libraries(rule))
        cases = [tested.case(each) for each in rule.get("cases", ())]
        kept = [tested.unchanged(_as_case(each)) for each in rule.get("unchanged", ())]
        if cases and not any(cases):
            raise Unfit(tested.reason)
        if not any(kept):
            raise Unfit("no code shows what it leaves alone")
        made = {"cases": [each for each in cases if each]} if cases else {}
        return {**rule, **made, "unchanged": [each for each in kept if each]}

    def compiled(self, rule: Mapping[str, Any], id: str = "") -> Rule:
        """The rule as the rooms use it. Raises pydantic's ValidationError for what is no rule."""
        from apimig.rulebook.compiling import compile_rule
        from apimig.rulebook.schema import RuleFile

        return compile_rule(RuleFile.model_validate(rule), id=id or f"{normalise(rule['library'])}/candidate")

    def libraries(self, rule: Mapping[str, Any]) -> tuple[Library, ...]:
        """What is known when the rule runs: its own library first."""
        return (with_classes(self.library, rule), *self.others)


class _Tested:
    """A rule and the engine's word on pieces of code; ``reason`` is why the last case did not come out."""

    def __init__(self, rule: Rule, libraries: tuple[Library, ...]) -> None:
        self.rule, self.libraries = rule, libraries
        self.reason = "none of its cases comes out"

    def result(self, name: str, before: str, after: str, case: Mapping[str, Any]) -> CaseResult:
        made = RuleCase(
            rule=self.rule.id,
            name=name,
            path="",
            line=0,
            before=before,
            after=after,
            given=case.get("given", {}),
            unsafe=case.get("unsafe", False),
            reported=case.get("reported"),
        )
        return check(made, self.rule, self.libraries)

    def case(self, case: Mapping[str, Any]) -> dict[str, Any] | None:
        """The case, with imports as the engine leaves them; none where the call itself becomes something else."""
        result = self.result("", case["before"], case["after"], case)
        if not result.failures:
            return dict(case)
        if _last(result.got) == _last(case["after"]) and result.got != case["before"]:
            again = self.result("", case["before"], result.got, case)
            if not again.failures:
                return {**case, "after": result.got}
        self.reason = f"{case['before']!r} becomes {result.got!r}: {result.failures[0].splitlines()[0]}"
        return None

    def unchanged(self, case: Mapping[str, Any]) -> dict[str, Any] | None:
        """The code that is left alone, as reported as it is; none where it should be reported and is not.

        Raises Unfit where the rule changes it.
        """
        code = case["code"]
        if not self.result("", code, code, case).failures:
            return dict(case)
        plain = {key: value for key, value in case.items() if key != "reported"}
        if self.result("", code, code, plain).failures:
            raise Unfit(f"it does not leave {code!r} alone")
        return None if case.get("reported") is True else plain


def _last(code: str) -> str:
    return code.rstrip().rpartition("\n")[2]


def _cases(rule: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str, Mapping[str, Any]]]]:
    """The name of each case, with its code before and after, and what it says beside them."""
    for number, case in enumerate(rule.get("cases", ()), start=1):
        yield f"cases {number}", (case["before"], case["after"], case)
    for number, item in enumerate(rule.get("unchanged", ()), start=1):
        said = _as_case(item)
        yield f"unchanged {number}", (said["code"], said["code"], said)


def _as_case(item: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Code that stays as it is, as rule files have it: bare, or with what is said of it."""
    return {"code": item} if isinstance(item, str) else item


def with_classes(library: Library, rule: Mapping[str, Any]) -> Library:
    """The library with the classes that a rule names, of which nothing else is known."""
    named = [
        name for types in rule.get("where", {}).values() for name in ([types] if isinstance(types, str) else types)
    ]
    members = [*rule.get("rename_member", ()), *rule.get("method_to_function", ())]
    for key in ("property_to_method", "method_to_property"):
        said = rule.get(key, ())
        members += [said] if isinstance(said, str) else said
    named += [name.rpartition(".")[0] for name in members]
    missing = {name: ClassTypes(name) for name in named if name not in library.classes and _is_its_own(name, library)}
    return replace(library, classes={**library.classes, **missing}) if missing else library


def _is_its_own(name: str, library: Library) -> bool:
    return name.partition(".")[0] in library.imports
