"""Cases that were made up, with the arguments of a call that really is made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apimig.mining.calls import same
from apimig.mining.usage.calls import Call
from apimig.rulebook.signature import Signature

_SAID = ("remove", "omit", "values", "replace")  # what they say is about the value that the case has

Apply = Callable[[str, Mapping[str, str]], str]
"""What the rule makes of code that is given these."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a rule matters here: the operations on parameters, and how its names were called."""

    operations: Sequence[Mapping[str, Any]]
    signature: Signature | None

    @property
    def fixed(self) -> frozenset[str]:
        """The parameters whose values are those of the case."""
        found = (said for each in self.operations for kind, said in each.items() if kind in _SAID)
        return frozenset(said["name"] for said in found if isinstance(said, Mapping))

    @property
    def absent(self) -> frozenset[str]:
        """The parameters that are not given."""
        return frozenset(
            name for each in self.operations for kind, said in each.items() if kind in ("add", "explicit")
            for name in said
        )  # fmt: skip

    def proves_nothing(self, name: str, value: ast.expr) -> bool:
        """Whether an argument that has another name now holds what it holds anyway."""
        renamed = any(name in said for each in self.operations for kind, said in each.items() if kind == "rename")
        parameter = self.signature.names.get(name) if self.signature is not None else None
        return renamed and parameter is not None and same(ast.unparse(value)) == same(parameter.default or "")


def grafted(case: Mapping[str, Any], call: Call, rule: Rule, apply: Apply) -> dict[str, Any] | None:
    """The case with the arguments of the call, and what the rule makes of it; None where it says nothing then."""
    imports, _, last = case["before"].rstrip().rpartition("\n")
    try:
        statement = ast.parse(last).body[0]
        theirs = ast.parse(call.text, mode="eval").body
    except (SyntaxError, IndexError):
        return None
    ours = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(ours, ast.Call) or not isinstance(theirs, ast.Call):
        return None
    made = _joined(ours, theirs, rule)
    if made is None or ast.unparse(made) == ast.unparse(ours):
        return None
    before = "\n".join([*([imports] if imports else []), f"result = {ast.unparse(made)}"])
    used = {each.id for each in ast.walk(made) if isinstance(each, ast.Name)}
    given = {name: value for name, value in case.get("given", {}).items() if name in used}
    after = apply(before, given)
    if after.rstrip() == before:
        return None
    return {
        "before": before, "after": after.rstrip("\n"), **({"given": given} if given else {}),
        **({"setup": call.setup} if call.setup else {}), **({"unsafe": True} if case.get("unsafe") else {}),
    }  # fmt: skip


def _joined(ours: ast.Call, theirs: ast.Call, rule: Rule) -> ast.Call | None:
    """Our call as it is written, with their values, and with what else they give."""
    have, given = _bound(ours, rule.signature), _bound(theirs, rule.signature)
    if have is None or given is None:
        return None
    keep = rule.fixed & have.keys()
    values = {**have, **{name: each for name, each in given.items() if name not in keep}}
    if any(rule.proves_nothing(name, value) for name, value in values.items()):
        return None
    by_place = [name for name, each in have.items() if each in ours.args]
    more = [name for name in given if name not in have and name not in rule.absent]
    if not by_place and not any(name in have for name in given if given[name] in theirs.args):
        by_place = [name for name in more if given[name] in theirs.args]
    names = [*(name for name in have if name not in by_place), *(name for name in more if name not in by_place)]
    if any(name.startswith("*") for name in names):
        return None
    keywords = [ast.keyword(name, values[name]) for name in names]
    return ast.Call(ours.func, [values[name] for name in by_place], keywords)


def _bound(call: ast.Call, signature: Signature | None) -> dict[str, ast.expr] | None:
    """The arguments by parameter; those beyond the signature are numbered. None for a call with stars."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        return None
    places = [each.name for each in signature.positional] if signature is not None else []
    names = [*places, *(f"*{number}" for number in range(len(call.args)))]
    by_place = dict(zip(names, call.args, strict=False))
    return {**by_place, **{str(each.arg): each.value for each in call.keywords}}


def cases(
    made: Sequence[Mapping[str, Any]], calls: Sequence[Call], rule: Rule, apply: Apply
) -> Iterator[tuple[dict[str, Any], Call]]:
    """The cases with the arguments of calls, as many as come out."""
    for case in made:
        for call in calls:
            if (found := grafted(case, call, rule, apply)) is not None:
                yield found, call
