"""Looks for any call of the new release that gives the old result: whether a breaking call can be repaired at all.

A search, with no knowledge of rules. The arguments are bound by the old signature and written by name; a parameter that
is not there any more is left out, or given to each one that is new; old defaults are written out; a callable that is
gone is looked for among the new names in its place. What is found proves that there is a repair; nothing found proves
nothing, so the share of repairable calls is a lower bound.
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks.binding import binds
from benchmarks.binding.binds import Default
from benchmarks.binding.catalogue import Callable
from benchmarks.binding.collecting import Bench
from benchmarks.binding.equality import same_names
from benchmarks.binding.generating import Case
from benchmarks.binding.programs import write
from benchmarks.binding.truth import Judged

_VARIANTS = 16


def repairable(bench: Bench, cases: Sequence[Judged], fresh: Mapping[str, Sequence[str]]) -> list[bool]:
    """Whether a repair was found for each case; ``fresh`` has the new names in a module or class."""
    tries: list[tuple[int, str]] = []
    for at, judged in enumerate(cases):
        for call in itertools.islice(dict.fromkeys(_variants(judged.case, fresh)), _VARIANTS):
            try:
                tries.append((at, write(replace(judged.case.program, call=call), bench.modules, "plain").source))
            except SyntaxError:
                continue
    found = [False] * len(cases)
    ran_all = bench.run(bench.new, [source for _, source in tries], together=8, observe=True)
    for (at, _), ran in zip(tries, ran_all, strict=True):
        found[at] = found[at] or (ran.names is not None and same_names(cases[at].old.names or {}, ran.names))
    return found


def _variants(case: Case, fresh: Mapping[str, Sequence[str]]) -> Iterator[str]:
    call = ast.parse(case.program.call, mode="eval").body
    assert isinstance(call, ast.Call)
    target = ast.unparse(call.func)
    if case.called.gone:
        owner = case.called.path.rpartition(".")[0]
        before = target.rpartition(".")[0]
        arguments = ", ".join(ast.unparse(each) for each in [*call.args, *call.keywords])
        for name in fresh.get(owner, ()):
            yield f"{before}.{name}({arguments})"
        return
    bound = _bound(case.called, call, case.shape)
    signature = max(case.called.new, key=lambda each: len(each.parameters), default=None)
    if bound is None or signature is None:
        return
    for values in _values(case.called, signature, bound):
        yield _written(target, signature, values)


def _bound(called: Callable, call: ast.Call, shape: binds.Call | None) -> dict[str, str] | None:
    """The old parameters and the arguments that they get; None where some go to ``*args``."""
    accepts = binds.accepting(called.old, shape) if shape is not None else None
    if accepts is None or shape is None:
        return None
    names = binds.bound(accepts, shape)
    found = {names[at]: ast.unparse(each) for at, each in enumerate(call.args) if at in names}
    if any(name.startswith("*") for name in found):
        return None
    return {**found, **{each.arg: ast.unparse(each.value) for each in call.keywords if each.arg}}


def _values(called: Callable, signature: inspect.Signature, bound: Mapping[str, str]) -> Iterator[dict[str, str]]:
    there = {name: value for name, value in bound.items() if name in signature.parameters}
    lost = {name: value for name, value in bound.items() if name not in signature.parameters}
    old = called.widest
    added = [name for name in signature.parameters if old is None or name not in old.parameters]
    defaults = {
        name: p.default.text
        for name, p in (old.parameters.items() if old is not None else ())
        if name in signature.parameters and name not in bound and isinstance(p.default, Default) and p.default.plain
        if p.default != signature.parameters[name].default
    }
    for more in ({}, defaults):
        yield {**there, **more}
        if lost:
            yield {**there, **lost, **more}
        for value in lost.values():
            for new in added:
                yield {**there, new: value, **more}
    for name in there:
        yield {key: value for key, value in there.items() if key != name}


def _written(target: str, signature: inspect.Signature, values: Mapping[str, str]) -> str:
    arguments, back = [], []
    for name, parameter in signature.parameters.items():
        if name in values and parameter.kind is parameter.POSITIONAL_ONLY:
            arguments.append(values[name])
        elif name in values:
            back.append(f"{name}={values[name]}")
    back += [f"{name}={value}" for name, value in values.items() if name not in signature.parameters]
    return f"{target}({', '.join([*arguments, *back])})"
