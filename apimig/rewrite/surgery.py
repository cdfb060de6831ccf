"""A call's planned arguments into an edit that leaves the rest of the call as it is."""

from __future__ import annotations

from collections.abc import Sequence

from apimig import syntax
from apimig.records import Argument, Edit, Span
from apimig.rewrite import lists
from apimig.rewrite.compose import together
from apimig.rewrite.lists import Change, Items
from apimig.rewrite.naming import Names
from apimig.rewrite.templates import Code, Instance
from apimig.rulebook.calls import Call, arguments
from apimig.rulebook.parameters import Plan, Slot
from apimig.rulebook.pattern import parse_template


def edit_call(call: Call, plan: Plan, names: Names, rule: str) -> Edit:
    """The edit that gives a call its new arguments; Refused when a comment would be lost."""
    brackets = call.brackets
    if brackets.type == "generator_expression":
        return _beside_generator(call, plan, names, rule)
    every = arguments(brackets)
    text = names.resolution.source.text
    items = Items(text, tuple(a.span for a in every), brackets.start_byte + 1, brackets.end_byte - 1)
    work = _Surgery(every, call, plan, names)
    found = [Edit(span, parts, rule) for span, parts in lists.pieces(items, work.change())]
    whole = together([*found, *work.inner], syntax.span_of(brackets))
    return Edit(whole.span, whole.parts, rule, tuple(dict.fromkeys(work.imports)))


def _beside_generator(call: Call, plan: Plan, names: Names, rule: str) -> Edit:
    """``f(x for x in y)`` has no room for a second argument without brackets of its own."""
    span = syntax.span_of(call.brackets)
    work = _Surgery((), call, plan, names)
    parts: list[bytes | Span] = [b"("]
    for at, slot in enumerate(plan.slots):
        parts += [b", "] if at else []
        own = slot.argument is not None and slot.value is None
        keyword = f"{slot.keyword}=".encode() if slot.keyword else b""
        parts += [keyword, span] if own else work.new(slot).parts
    return Edit(span, (*parts, b")"), rule, tuple(work.imports))


class _Surgery:
    """Compares old and new arguments; ``inner`` are edits within arguments that stay."""

    def __init__(self, every: Sequence[Argument], call: Call, plan: Plan, names: Names) -> None:
        self.every, self.call, self.plan, self.names = every, call, plan, names
        self.inner: list[Edit] = []
        self.imports: list[tuple[str, str]] = []

    def change(self) -> Change:
        """The change of the list; what happens inside arguments goes to ``inner``."""
        kept = {slot.argument for slot in self.plan.slots if slot.argument is not None}
        gone = {i for i, a in enumerate(self.every) if a in self.call.arguments and a not in kept}
        replaced: dict[int, list[Code]] = {}
        inserted: dict[int, list[Code]] = {}
        at = len(self.every) - len(self.call.arguments) - 1
        for slot in self.plan.slots:
            if slot.argument is not None:
                at = self.every.index(slot.argument)
                self._within(slot, slot.argument)
            elif at + 1 in gone and at + 1 not in replaced:
                at += 1
                replaced[at] = [self.new(slot)]
            elif at in replaced:
                replaced[at].append(self.new(slot))
            else:
                inserted.setdefault(at, []).append(self.new(slot))
        return Change(replaced, frozenset(gone - replaced.keys()), inserted)

    def _within(self, slot: Slot, argument: Argument) -> None:
        """A new keyword, or a new value, of an argument that stays."""
        if slot.value is not None:
            self.inner.append(Edit(argument.value, self._value(slot.value, argument.value.start).parts))
        if slot.keyword == argument.keyword:
            return
        if slot.keyword is None:
            self.inner.append(Edit(Span(argument.span.start, argument.value.start), ()))
        elif argument.keyword is None:
            start = argument.span.start
            self.inner.append(Edit(Span(start, start), (f"{slot.keyword}=".encode(),)))
        else:
            end = argument.span.start + len(argument.keyword.encode())
            self.inner.append(Edit(Span(argument.span.start, end), (slot.keyword.encode(),)))

    def new(self, slot: Slot) -> Code:
        """An argument that was not there before, or whose old one went."""
        value = self._value(slot.value or "", self.call.brackets.start_byte + 1)
        return Code((f"{slot.keyword}=".encode(), *value.parts)) if slot.keyword else value

    def _value(self, source: str, at: int) -> Code:
        code = Instance(self.names, {}, at, self.names.roots).code(parse_template(source).root, bracketed=True)
        self.imports += code.imports
        return code
