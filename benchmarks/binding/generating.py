"""Runnable calls: fixtures are tried under the old release until a call runs, then varied.

No API is named here. For each callable a *base* is looked for: a receiver, and a value for each required parameter,
that together run. Then each optional parameter gets the values with which the base still runs. Calls are composed of
these: subsets of the parameters, by position or by name, with defaults given or left out.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import random
from collections.abc import Callable as Function
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.binding import binds
from benchmarks.binding.binds import Default, Difference
from benchmarks.binding.catalogue import Callable
from benchmarks.binding.examples import examples
from benchmarks.binding.fixtures import Fixtures
from benchmarks.binding.programs import STYLES, Program, needed
from benchmarks.binding.running import Ran

Runner = Function[[Sequence[Program]], list[Ran]]
_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_COMBINATIONS = 48
_PER_PARAMETER = 3
_OPTIONAL = 4  # parameters that did not change, of which values are looked for
_CALLS = 80
_ALL = 99


@dataclass(frozen=True)
class Base:
    """A call that runs: what it needs, the expression left of the brackets, and a value for each parameter.

    ``rest`` are positional arguments beyond the named parameters. ``raw`` is a whole argument list, where no signature
    tells which parameters there are.
    """

    setup: tuple[str, ...]
    target: str
    values: Mapping[str, str]
    rest: str = ""
    raw: str | None = None
    finish: tuple[str, ...] = ()
    signature: inspect.Signature | None = None


@dataclass(frozen=True)
class Case:
    """One program with one call, how it is written, and how the call binds under the two releases."""

    called: Callable
    program: Program
    style: str
    shape: binds.Call | None
    difference: Difference
    touched: tuple[str, ...] = ()


@dataclass
class Found:
    """A base and the values of optional parameters that run with it."""

    base: Base
    alternatives: dict[str, list[str]] = field(default_factory=dict)


class Generator:
    """Looks for runnable calls of many callables at a time: ``run`` runs programs under the old release."""

    def __init__(self, fixtures: Fixtures, run: Runner, seed: int = 0) -> None:
        self.fixtures, self.run, self.seed = fixtures, run, seed

    def solve(self, wanted: Sequence[Callable], everything: Sequence[Callable]) -> dict[str, Found]:
        """A base and alternatives for each callable for which they are found."""
        classes = {each.path: each for each in everything if each.kind == "class"}
        owners = [classes[each.owner] for each in wanted if each.owner in classes and not self._receivers(each)]
        makers = self._bases(list({each.path: each for each in owners}.values()), {})
        bases = self._bases(wanted, makers)
        bases = self._finished(wanted, bases)
        return self._alternatives(wanted, bases)

    # ----------------------------------------------------------------- bases

    def _receivers(self, called: Callable) -> list[str]:
        """Expressions for the receiver, by the class or the nearest base that has fixtures."""
        own = self.fixtures.receivers.get(called.owner)
        if own:
            return list(own)
        return [each for base in called.mro[1:] for each in self.fixtures.receivers.get(f"{base}+", ())]

    def _bases(self, wanted: Sequence[Callable], makers: Mapping[str, Base]) -> dict[str, Base]:
        tried = {each.path: list(itertools.islice(self._candidates(each, makers), _COMBINATIONS)) for each in wanted}
        found: dict[str, Base] = {}
        for start, stop in ((0, 2), (2, 8), (8, 24), (24, _COMBINATIONS)):
            flat = [(path, base) for path, bases in tried.items() if path not in found for base in bases[start:stop]]
            for (path, base), ran in zip(flat, self.run([_program(base) for _, base in flat]), strict=True):
                if ran.well:
                    found.setdefault(path, base)
        return found

    def _candidates(self, called: Callable, makers: Mapping[str, Base]) -> Iterator[Base]:
        documented = self._from_examples(called)
        made = self._from_fixtures(called, makers)
        return _interleaved(made, documented)

    def _targets(self, called: Callable, makers: Mapping[str, Base]) -> list[tuple[tuple[str, ...], str]]:
        """The setup and the expression that is called."""
        if not called.owner:
            return [((), called.path)]
        found = [(needed([each], self.fixtures.variables), f"{each}.{called.last}") for each in self._receivers(called)]
        if not found and (maker := makers.get(called.owner)) is not None:
            made = (*maker.setup, f"receiver = {_call(maker)}")
            for finish in [(), *((text,) for text in self.fixtures.finishes(f"receiver {called.owner}"))]:
                whole = (*needed(finish, self.fixtures.variables), *made, *finish)
                found.append((tuple(dict.fromkeys(whole)), f"receiver.{called.last}"))
            found.reverse()
        return found

    def _from_fixtures(self, called: Callable, makers: Mapping[str, Base]) -> Iterator[Base]:
        targets = self._targets(called, makers)
        for text in self.fixtures.call_texts(called.path):
            for setup, target in targets:
                yield self._base(Base(setup, target, {}, raw=text), [text])
        if called.widest is None:
            return
        required = [p for p in called.widest.parameters.values() if p.kind in _NAMED and p.default is p.empty]
        choices = [self.fixtures.arguments(called, p.name, None)[:8] for p in required]
        rests = self.fixtures.arguments(called, "*", None) if _takes_rest(called.widest) else []
        for indexes in _near_first([len(targets), *map(len, choices), max(1, len(rests))]):
            setup, target = targets[indexes[0]]
            values = {p.name: each[at] for p, each, at in zip(required, choices, indexes[1:-1], strict=True)}
            rest = rests[indexes[-1]] if rests else ""
            yield self._base(
                Base(setup, target, values, rest, signature=called.widest),
                [*values.values(), f"({rest},)" if rest else ""],
            )

    def _from_examples(self, called: Callable) -> Iterator[Base]:
        signature = called.widest
        for each in examples(called.examples, called.path, method=bool(called.owner)):
            target = f"{each.receiver}.{called.last}" if called.owner else called.path
            if signature is None:
                arguments = [*each.positional, *(f"{name}={value}" for name, value in each.keywords)]
                yield Base(each.setup, target, {}, raw=", ".join(arguments))
                continue
            places = [p.name for p in signature.parameters.values() if p.kind in _NAMED[:2]]
            values = dict(zip(places, each.positional, strict=False)) | dict(each.keywords)
            if set(values) <= set(signature.parameters):
                rest = ", ".join(each.positional[len(places) :])
                yield Base(each.setup, target, values, rest, signature=signature)

    def _base(self, base: Base, texts: Sequence[str]) -> Base:
        made = needed(
            [each for each in texts if each and base.raw is None] + ([f"f({base.raw})"] if base.raw else []),
            self.fixtures.variables,
        )
        return replace(base, setup=tuple(dict.fromkeys((*base.setup, *made))))

    def _finished(self, wanted: Sequence[Callable], bases: Mapping[str, Base]) -> dict[str, Base]:
        """Bases of constructors with the first statement after them that runs, such as to fit an estimator."""
        tries: list[tuple[str, Base]] = []
        for called in wanted:
            if called.kind == "class" and called.path in bases:
                base = bases[called.path]
                for text in self.fixtures.finishes(called.path):
                    setup = tuple(dict.fromkeys((*base.setup, *needed([text], self.fixtures.variables))))
                    tries.append((called.path, replace(base, setup=setup, finish=(text,))))
        found: dict[str, Base] = {}
        for (path, base), ran in zip(tries, self.run([_program(base) for _, base in tries]), strict=True):
            if ran.well:
                found.setdefault(path, base)
        return {**bases, **found}

    # ----------------------------------------------------------------- optional parameters

    def _alternatives(self, wanted: Sequence[Callable], bases: Mapping[str, Base]) -> dict[str, Found]:
        found = {path: Found(base) for path, base in bases.items()}
        tries: list[tuple[str, str, str, Base]] = []
        for called in wanted:
            base = bases.get(called.path)
            if base is None or base.raw is not None or called.widest is None:
                continue
            for name, value in self._values(called):
                changed = self._base(replace(base, values={**base.values, name: value}), [value])
                tries.append((called.path, name, value, changed))
        programs = [_program(base) for *_, base in tries]
        for (path, name, value, _), ran in zip(tries, self.run(programs), strict=True):
            if ran.well:
                found[path].alternatives.setdefault(name, []).append(value)
        return found

    def _values(self, called: Callable) -> Iterator[tuple[str, str]]:
        assert called.widest is not None
        optional = [p for p in called.widest.parameters.values() if p.kind in _NAMED]
        touched, before = set(called.touched()), set(called.before_touched())
        ranked = [
            *(p for p in optional if p.name in touched),
            *(p for p in optional if p.name in before),
            *[p for p in optional if p.name not in touched | before][:_OPTIONAL],
        ]
        for parameter in ranked:
            default = parameter.default if isinstance(parameter.default, Default) else None
            expressions = self.fixtures.arguments(called, parameter.name, default)[:_PER_PARAMETER]
            if default is not None and default.value:
                expressions.append(default.text)
            for each in dict.fromkeys(expressions):
                yield parameter.name, each

    # ----------------------------------------------------------------- calls

    def cases(self, called: Callable, found: Found) -> list[Case]:
        """Different calls of one callable, in an order that meets each changed parameter early."""
        random_ = random.Random(f"{self.seed} {called.path}")
        base = found.base
        if base.raw is not None:
            return [
                self._raw(called, base, text, random_) for text in self.fixtures.call_texts(called.path) or [base.raw]
            ]
        assert called.widest is not None
        made: dict[str, Case] = {}
        for values, positional in itertools.islice(self._shapes(called, found, random_), _CALLS):
            case = self._case(called, base, values, positional, random_)
            made.setdefault(case.program.call, case)
        return list(made.values())

    def _raw(self, called: Callable, base: Base, text: str, random_: random.Random) -> Case:
        program = _program(self._base(replace(base, raw=text), [text]))
        difference = Difference.REFUSED if called.gone else Difference.UNKNOWN
        return Case(called, program, random_.choice(STYLES), None, difference)

    def _shapes(self, called: Callable, found: Found, random_: random.Random) -> Iterator[tuple[dict[str, str], int]]:
        """Values, and how many of them go by position."""
        signature, base = called.widest, found.base
        assert signature is not None
        touched = [name for name in called.touched() if name in found.alternatives]
        yield dict(base.values), self._leading(signature, base.values, random_)
        yield dict(base.values), 0
        for name in itertools.islice(itertools.chain(touched, found.alternatives), 24):
            for value in found.alternatives[name][:3]:
                values = {**base.values, name: value}
                yield values, 0
                reach = self._reaching(signature, found, values, name)
                if reach is not None:
                    yield reach, self._leading(signature, reach, None)
        names = list(found.alternatives)
        for _ in range(_CALLS * 2):
            chosen = random_.sample(names, min(len(names), random_.randint(0, 4)))
            if touched and random_.random() < 0.6:
                chosen.append(random_.choice(touched))
            values = {**base.values, **{name: random_.choice(found.alternatives[name]) for name in chosen}}
            if chosen and random_.random() < 0.4:
                values = self._reaching(signature, found, values, random_.choice(chosen)) or values
            yield values, self._leading(signature, values, random_)

    def _reaching(
        self, signature: inspect.Signature, found: Found, values: Mapping[str, str], name: str
    ) -> dict[str, str] | None:
        """The values with those that stand before ``name``, so that it can be given by position."""
        filled = dict(values)
        for each in signature.parameters.values():
            if each.kind not in _NAMED[:2]:
                return None
            if each.name not in filled:
                if not found.alternatives.get(each.name):
                    return None
                filled[each.name] = found.alternatives[each.name][-1]  # the default, where it can be written
            if each.name == name:
                return filled
        return None

    @staticmethod
    def _leading(signature: inspect.Signature, values: Mapping[str, str], random_: random.Random | None) -> int:
        """How many parameters go by position: all that can, or a number drawn from those possible."""
        count = 0
        for each in signature.parameters.values():
            if each.kind not in _NAMED[:2] or each.name not in values:
                break
            count += 1
        return count if random_ is None else random_.randint(0, count)

    def _case(
        self, called: Callable, base: Base, values: Mapping[str, str], positional: int, random_: random.Random
    ) -> Case:
        changed = self._base(replace(base, values=values), list(values.values()))
        shape = _shape(changed, positional)
        difference = Difference.REFUSED if called.gone else binds.difference(called.old, called.new, shape)
        program = _program(changed, positional)
        given = tuple(name for name in called.touched() if name in values)
        return Case(called, program, random_.choice(STYLES), shape, difference, given)


def _takes_rest(signature: inspect.Signature) -> bool:
    return any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())


def _near_first(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Indexes into lists of these sizes, those of early items first."""
    reduced = [min(size, 6) for size in sizes]
    if any(size == 0 for size in reduced):
        return iter(())
    if len(reduced) > 6:
        same = (tuple(min(at, size - 1) for size in reduced) for at in range(max(reduced)))
        return iter(list(dict.fromkeys(same)))
    return iter(sorted(itertools.product(*map(range, reduced)), key=lambda each: (sum(each), max(each))))


def _interleaved(*several: Iterator[Base]) -> Iterator[Base]:
    for group in itertools.zip_longest(*several):
        yield from (each for each in group if each is not None)


def _split(base: Base, positional: int) -> tuple[list[str], list[str]]:
    """Names given by position and by keyword; positional-only ones always go by position, and all before ``*args``."""
    front: list[str] = []
    parameters = base.signature.parameters.values() if base.signature is not None else ()
    for at, each in enumerate(p for p in parameters if p.kind in _NAMED[:2]):
        if each.name not in base.values:
            break
        if base.rest or each.kind is each.POSITIONAL_ONLY or at < positional:
            front.append(each.name)
    return front, [name for name in base.values if name not in front]


def _call(base: Base, positional: int = _ALL) -> str:
    if base.raw is not None:
        return f"{base.target}({base.raw})"
    front, back = _split(base, positional)
    arguments = [base.values[name] for name in front]
    arguments += [base.rest] if base.rest else []
    arguments += [f"{name}={base.values[name]}" for name in back]
    return f"{base.target}({', '.join(arguments)})"


def _program(base: Base, positional: int = _ALL) -> Program:
    return Program(base.setup, _call(base, positional), base.finish)


def _shape(base: Base, positional: int) -> binds.Call:
    front, back = _split(base, positional)
    rest = ast.parse(f"f({base.rest})", mode="eval").body if base.rest else None
    return binds.Call(len(front) + (len(rest.args) if isinstance(rest, ast.Call) else 0), tuple(back))
