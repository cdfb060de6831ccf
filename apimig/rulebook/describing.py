"""A rule in sentences: for ``rules show``, ``explain`` and the reference. Code stands in backticks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from apimig.rulebook import rule as r
from apimig.rulebook.casebook import RuleCase, diff_lines
from apimig.rulebook.problems import shown


def kind(rule: r.Rule) -> str:
    """The operation's name, as the rule's file has it."""
    return _KINDS[type(rule.body)]


def versions(rule: r.Rule) -> str:
    """``deprecated in 1.5.0, removed in 2.0.0``."""
    said = [("deprecated", rule.deprecated), ("changed", rule.changed), ("removed", rule.removed)]
    return ", ".join(f"{word} in {version}" for word, version in said if version)


def sentences(rule: r.Rule) -> tuple[str, ...]:
    """What the rule does, a sentence each, conditions last."""
    return (*_DESCRIPTIONS[type(rule.body)](rule.body), *map(_condition, rule.when))


def report(rule: r.Rule, cases: Iterable[RuleCase]) -> Iterator[tuple[str, str]]:
    """Everything about a rule for a terminal: lines and their roles (``title``, ``place``, ``old``, ``new``, none)."""
    yield rule.id, "title"
    yield rule.summary, ""
    since = f", rewritten code works from {rule.replacement_since}" if rule.replacement_since else ""
    yield f"{versions(rule)}{since}; {rule.applicability}", ""
    yield rule.reference, "place"
    yield "", ""
    yield from ((sentence, "") for sentence in sentences(rule))
    if rule.advise:
        yield f"advice: {rule.advise.strip()}", ""
    for case in cases:
        yield "", ""
        yield f"{shown(case.path)}:{case.line} {_case_title(case)}", "place"
        yield from ((f"  {line}", _ROLES.get(line[:1], "")) for line in diff_lines(case))
    yield "", ""


_ROLES = {"+": "new", "-": "old"}


def _case_title(case: RuleCase) -> str:
    said = [f"{name} = {made}" for name, made in case.given.items()]
    said += ["needs --unsafe"] * case.unsafe
    if case.is_no_op:
        said.append({True: "left as it is, and reported", False: "no site", None: "left as it is"}[case.reported])
    return f"({', '.join(said)})" if said else ""


def _code(text: str) -> str:
    return f"`{'; '.join(text.splitlines())}`"


def _codes(texts: Sequence[str], word: str = "or") -> str:
    *most, last = map(_code, texts)
    return f"{', '.join(most)} {word} {last}" if most else last


# --------------------------------------------------------------------------- bodies


def _pairs(body: r.Rename | r.RenameMember) -> Iterator[str]:
    return (f"{_code(old)} becomes {_code(new)}" for old, new in body.pairs)


def _change_call(body: r.ChangeCall) -> Iterator[str]:
    where = f"in calls of {_codes(body.api)}"
    return (f"{where}, {_OPERATIONS[op.op](op)}" for op in body.ops)


def _remove(op: r.ParameterOp) -> str:
    held = f" where it holds {_codes(op.holds)}" if op.holds else ""
    return f"argument {_code(op.name)} is left out{held}"


def _keyword_only(op: r.ParameterOp) -> str:
    after = {0: "all arguments", 1: "arguments after the first"}.get(op.count, f"arguments after the first {op.count}")
    return f"{after} are passed by keyword"


def _values(op: r.ParameterOp) -> str:
    return "; ".join(f"{_code(f'{op.name}={old}')} becomes {_code(f'{op.name}={new}')}" for old, new in op.mapping)


def _replace(op: r.ParameterOp) -> str:
    return "; ".join(
        f"{_code(f'{op.name}={old}')} becomes {_code(new)}" if new else f"{_code(f'{op.name}={old}')} is left out"
        for old, new in op.mapping
    )


_OPERATIONS: Mapping[str, Callable[[r.ParameterOp], str]] = {
    "rename": lambda op: f"argument {_code(op.name)} is called {_code(op.new)}",
    "remove": _remove,
    "omit": _remove,
    "add": lambda op: f"{_code(f'{op.name}={op.value}')} is added where it is missing",
    "explicit": lambda op: f"{_code(f'{op.name}={op.value}')}, the former default, is written out where it is missing",
    "keyword_only": _keyword_only,
    "order": lambda op: f"the order of arguments is {_codes(op.names, 'and')}",
    "values": _values,
    "replace": _replace,
}


def _templates(body: r.Rewrite | r.Advise) -> Iterator[str]:
    for template in body.templates:
        if template.rewrite or isinstance(body, r.Rewrite):
            becomes = f"becomes {_code(template.rewrite)}" if template.rewrite else "is removed"
            yield f"{_code(template.match)} {becomes}"
        else:
            yield f"{_code(template.match)} is reported"
    for name, types in body.where.items():
        yield f"where {_code('$' + name)} is a {_codes(types)}"


def _function_to_method(body: r.FunctionToMethod) -> Iterator[str]:
    return (f"{_code(f'{old}(x, ...)')} becomes {_code(f'x.{new}(...)')}" for old, new in body.pairs)


def _method_to_function(body: r.MethodToFunction) -> Iterator[str]:
    return (f"{_code(f'{old}(...)')} becomes {_code(f'{new}(x, ...)')}" for old, new in body.pairs)


def _advise(body: r.Advise) -> Iterator[str]:
    if body.api:
        yield f"Uses of {_codes(body.api)} are reported"
    yield from _templates(body)


_DESCRIPTIONS: Mapping[type, Callable[..., Iterator[str]]] = {
    r.Rename: _pairs,
    r.RenameMember: _pairs,
    r.ChangeCall: _change_call,
    r.Rewrite: _templates,
    r.PropertyToMethod: lambda body: (f"{_code(name)} becomes {_code(name + '()')}" for name in body.api),
    r.MethodToProperty: lambda body: (f"{_code(name + '()')} becomes {_code(name)}" for name in body.api),
    r.FunctionToMethod: _function_to_method,
    r.MethodToFunction: _method_to_function,
    r.Codemod: lambda body: iter((f"Uses of {_codes(body.api)} are rewritten by the codemod {_code(body.id)}",)),
    r.Advise: _advise,
}

_KINDS: Mapping[type, str] = {
    r.Rename: "rename",
    r.RenameMember: "rename_member",
    r.ChangeCall: "parameters",
    r.Rewrite: "match",
    r.PropertyToMethod: "property_to_method",
    r.MethodToProperty: "method_to_property",
    r.FunctionToMethod: "function_to_method",
    r.MethodToFunction: "method_to_function",
    r.Codemod: "codemod",
    r.Advise: "advise",
}


# --------------------------------------------------------------------------- conditions


def _condition(condition: r.Condition) -> str:
    if condition.result_used is not None:
        return f"only where the result is {'used' if condition.result_used else 'not used'}"
    name = _code(condition.argument)
    if condition.present is not None:
        return f"only where {name} is {'given' if condition.present else 'not given'}"
    holds = "does not hold" if condition.negated else "holds"
    if condition.values:
        return f"only where {name} {holds} {_codes(condition.values)}"
    return f"only where {name} {'is not' if condition.negated else 'is'} a {_codes(condition.types)}"
