"""What operations on parameters make of one call: shared by finding sites and rewriting them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from apimig import syntax
from apimig.records import Argument, Span
from apimig.rulebook.calls import Call, Facts, arguments, normalised
from apimig.rulebook.hiding import UNDECIDED, may_hold
from apimig.rulebook.rule import ParameterOp
from apimig.rulebook.signature import Binding, Signature


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument of the new call.

    ``argument`` is the old argument it carries, if any. ``name`` is the parameter it fills, where known.
    ``keyword`` is the keyword it is passed with (None: positional), ``value`` the source text
    of a new value (None: the old one).
    """

    argument: Argument | None
    name: str | None
    keyword: str | None
    value: str | None = None

    @property
    def star(self) -> str:
        """``*`` or ``**`` when it carries such an argument."""
        return "" if self.argument is None else self.argument.star


@dataclass(frozen=True, slots=True)
class Plan:
    """The arguments of the new call, or why they cannot be told; ``changed`` says whether it is a site at all.

    ``doubt`` says why the new call may not do what the old one did, where it does not do so for certain.
    """

    slots: tuple[Slot, ...]
    changed: bool = False
    refusal: str = ""
    doubt: str = ""

    @property
    def is_site(self) -> bool:
        """Whether the operations concern this call."""
        return self.changed or bool(self.refusal)


class _Refused(Exception):
    """The call is affected, and this says why it cannot be rewritten."""


def plan(call: Call, signature: Signature, ops: Sequence[ParameterOp], facts: Facts) -> Plan:
    """Apply the operations in order to the call, bound by the old signature."""
    work = _Work(call, signature, facts)
    before = tuple(work.slots)
    try:
        for op in ops:
            _OPERATIONS[op.op](work, op)
    except _Refused as refusal:
        return Plan(before, refusal=str(refusal))
    after = tuple(work.slots)
    return Plan(after, changed=[_shape(s) for s in after] != [_shape(s) for s in before], doubt=work.doubt)


def _shape(slot: Slot) -> tuple[Argument | None, str | None, str | None]:
    return slot.argument, slot.keyword, slot.value


class _Work:
    """The arguments of a call while operations change them."""

    def __init__(self, call: Call, signature: Signature, facts: Facts) -> None:
        self.call, self.signature, self.facts = call, signature, facts
        self.binding: Binding = signature.bind(call.arguments)
        self.slots = [Slot(a, self.binding.name_of(a), a.keyword) for a in call.arguments]
        self.doubt = ""

    def given(self, name: str) -> Slot | None:
        """The slot that is a parameter's for certain."""
        return next((slot for slot in self.slots if slot.name == name), None)

    def find(self, name: str) -> Slot | None:
        """The slot of a parameter; refused when a star argument may fill it."""
        found = self.given(name)
        if found is None and name in self.binding.maybe:
            raise _Refused(may_hold(self.stars(), f"`{name}`"))
        return found

    def stars(self) -> list[str]:
        return [self.facts.text(a.span) for a in self.call.arguments if a.star]

    def put(self, old: Slot, *new: Slot) -> None:
        at = self.slots.index(old)
        self.slots[at : at + 1] = new

    def holds(self, slot: Slot, texts: Sequence[str]) -> bool | None:
        if slot.value is not None:
            return normalised(slot.value) in {normalised(text) for text in texts}
        return None if slot.argument is None else self.facts.holds(slot.argument.value, texts)

    def shown(self, slot: Slot) -> str:
        if slot.value is not None or slot.argument is None:
            return slot.value or ""
        return self.facts.text(slot.argument.value)

    def name_the_rest(self, after: int) -> None:
        """Pass what follows a place by keyword, so that a gap before it does no harm."""
        for at in range(after, len(self.slots)):
            slot = self.slots[at]
            if slot.keyword is not None or slot.star == "**":
                continue
            parameter = self.signature.names.get(slot.name or "")
            if parameter is None or parameter.kind == "positional":
                raise _Refused("the arguments after it are positional and cannot be passed by keyword")
            self.slots[at] = replace(slot, keyword=slot.name)

    def append(self, *new: Slot) -> None:
        """Add keyword arguments, before a ``**kwargs``."""
        at = next((i for i, slot in enumerate(self.slots) if slot.star == "**"), len(self.slots))
        self.slots[at:at] = new

    def check_free(self, names: Sequence[str | None], but: Slot) -> None:
        for slot in self.slots:
            if slot is not but and slot.name in names:
                raise _Refused(f"`{but.name}` and `{slot.name}` are both given")


def _rename(work: _Work, op: ParameterOp) -> None:
    by_name = any(slot.star == "**" for slot in work.slots)  # a ``*args`` passes no name
    done = any(slot.keyword == op.new for slot in work.slots)
    slot = work.find(op.name) if by_name and not done else work.given(op.name)
    if slot is None:
        return
    if op.value and slot.keyword is not None:
        work.doubt = work.doubt or op.value
    work.check_free([op.new], slot)
    work.put(slot, replace(slot, name=op.new, keyword=op.new if slot.keyword is not None else None))


def _remove(work: _Work, op: ParameterOp) -> None:
    slot = work.find(op.name)
    if slot is None:
        return
    problem = op.value
    if op.holds:
        problem = _unheld(work, slot, op.holds, "no longer exists, and only {values} can be left out")
    if problem and not op.value:
        raise _Refused(problem)
    if (problem or not op.holds) and slot.argument is not None and _acts(work.facts, slot.argument.value):
        raise _Refused(
            f"`{op.name}` no longer exists, and its value `{work.shown(slot)}` would not be evaluated any more"
        )
    work.doubt = work.doubt or problem
    _drop(work, slot)


def _omit(work: _Work, op: ParameterOp) -> None:
    slot = work.given(op.name)
    if slot is not None and work.holds(slot, op.holds):
        _drop(work, slot)


def _drop(work: _Work, slot: Slot, *instead: Slot) -> None:
    at = work.slots.index(slot)
    if slot.keyword is None:
        work.name_the_rest(at + 1)
    if slot.keyword is None and instead:
        del work.slots[at]
        work.append(*instead)
    else:
        work.put(slot, *instead)


def _unheld(work: _Work, slot: Slot, texts: Sequence[str], problem: str) -> str:
    """Why an argument cannot be taken to hold one of these texts, "" where it does."""
    verdict = work.holds(slot, texts)
    if verdict:
        return ""
    values = " or ".join(texts)
    why = f"`{slot.name}` " + problem.format(values=values)
    return f"{why}; here it is `{work.shown(slot)}`{', whose value is not known' if verdict is None else ''}"


def _add(work: _Work, op: ParameterOp) -> None:
    if work.find(op.name) is not None:
        return
    if work.call.partial:
        raise _Refused(f"`{op.name}` may be given where the partial is called")
    if work.binding.extra:
        raise _Refused("it has more positional arguments than the signature that the rule knows")
    work.append(Slot(None, op.name, op.name, op.value))


def _gone(work: _Work, op: ParameterOp) -> None:
    name = op.name.lstrip("*")
    if op.name.startswith("**"):
        found = next((s for s in work.slots if s.keyword is not None and s.keyword not in op.names), None)
        problem = f"`{found.keyword}` was taken by `{op.name}`, which no longer exists" if found else ""
    elif op.name.startswith("*"):
        too_many = len(work.binding.extra) > op.count or (work.binding.extra and work.stars())
        problem = f"positional arguments were taken by `{op.name}`, which no longer exists" if too_many else ""
    else:
        problem = (op.value or f"`{name}` no longer exists") if work.find(name) is not None else ""
    if problem:
        raise _Refused(problem)


def _unplaced(work: _Work, op: ParameterOp) -> None:
    slot = work.given(op.name)
    if slot is None or slot.keyword is not None:
        return
    if not work.holds(slot, op.holds):
        raise _Refused(op.value)
    _drop(work, slot)


def _undecided(_work: _Work, _op: ParameterOp) -> None:
    raise _Refused(UNDECIDED)


def _require(work: _Work, op: ParameterOp) -> None:
    if work.find(op.name) is None:
        raise _Refused(op.value or f"it must be given `{op.name}` now")


def _keyword_only(work: _Work, op: ParameterOp) -> None:
    for at, slot in enumerate(work.slots):
        if slot.star == "*":
            if len(work.signature.positional) > op.count and _could_reach(work, at, op.count):
                raise _Refused(may_hold(work.stars(), "arguments that must be passed by keyword"))
        elif at >= op.count and slot.keyword is None and not slot.star:
            if slot.name is None:
                raise _Refused("it has more positional arguments than the signature that the rule knows")
            work.slots[at] = replace(slot, keyword=slot.name)


def _positional(work: _Work, op: ParameterOp) -> None:
    for at, name in enumerate(op.names):
        slot = work.find(name)
        if slot is None:
            return  # what comes after it cannot go by position either, and is as optional as it is
        if work.slots.index(slot) != at:
            raise _Refused(f"`{name}` must be passed by position now, before the other arguments")
        work.slots[at] = replace(slot, keyword=None)


def _could_reach(work: _Work, at: int, count: int) -> bool:
    """Whether a ``*args`` at a place may fill a positional parameter beyond the first ``count``."""
    return at >= count or any(p.name in work.binding.maybe for p in work.signature.positional[count:])


def _order(work: _Work, op: ParameterOp) -> None:
    for at, slot in enumerate(work.slots):
        if slot.star == "*":
            raise _Refused(may_hold(work.stars(), "arguments whose order changed"))
        if slot.keyword is not None or slot.star:
            return
        if slot.name is None:
            raise _Refused("it has more positional arguments than the signature that the rule knows")
        if at >= len(op.names) or op.names[at] != slot.name:
            work.name_the_rest(at)
            return


def _values(work: _Work, op: ParameterOp) -> None:
    slot = work.find(op.name)
    if slot is None:
        return
    for old, new in op.mapping:
        if work.holds(slot, (old,)):
            work.put(slot, replace(slot, value=new))
            return
    if work.holds(slot, [old for old, _ in op.mapping]) is None:
        names = " or ".join(old for old, _ in op.mapping)
        raise _Refused(f"`{op.name}` is `{work.shown(slot)}` here, which may be {names}")


def _replace(work: _Work, op: ParameterOp) -> None:
    slot = work.find(op.name)
    if slot is None:
        return
    for old, new in op.mapping:
        if work.holds(slot, (old,)):
            added = [Slot(None, keyword, keyword, value) for keyword, value in keyword_arguments(new)]
            work.check_free([each.name for each in added], slot)
            if any(each.name in work.binding.maybe for each in added):
                raise _Refused(may_hold(work.stars(), f"`{added[0].name}`"))
            _drop(work, slot, *added)
            return
    raise _Refused(
        _unheld(work, slot, [old for old, _ in op.mapping], "no longer exists; only {values} has a replacement")
    )


@lru_cache(maxsize=1024)
def keyword_arguments(text: str) -> tuple[tuple[str, str], ...]:
    """The keyword arguments in a source text such as ``on_bad_lines="skip", sep=","``."""
    if not text.strip():
        return ()
    source = f"f({text})".encode()
    call = syntax.parse(source).root_node.named_children[0].named_children[0]
    brackets = call.child_by_field_name("arguments")
    found = () if brackets is None else arguments(brackets)
    return tuple((each.keyword or "", source[each.value.start : each.value.end].decode()) for each in found)


_ACTS = frozenset(("call", "await", "yield", "named_expression"))


def _acts(facts: Facts, span: Span) -> bool:
    """Whether evaluating the expression may do something beside giving a value."""
    node = facts.node(span)
    return node is None or any(each.type in _ACTS for each in syntax.walk(node))


_OPERATIONS: dict[str, Callable[[_Work, ParameterOp], None]] = {
    "rename": _rename,
    "remove": _remove,
    "omit": _omit,
    "add": _add,
    "explicit": _add,
    "keyword_only": _keyword_only,
    "gone": _gone,
    "unplaced": _unplaced,
    "undecided": _undecided,
    "require": _require,
    "positional": _positional,
    "order": _order,
    "values": _values,
    "replace": _replace,
}
