"""Templates into the parts of an edit: captures carried over, names spelled, parentheses where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tree_sitter import Node

from apimig import syntax
from apimig.records import Argument, Edit, Span
from apimig.rewrite import precedence
from apimig.rewrite.naming import Names
from apimig.rulebook.pattern import Metavariable, Pattern, dotted, metavariable, parse_template

Part = bytes | Span


class Refused(Exception):
    """No edit can be made; the text says why, as a sentence for people."""

    @property
    def reason(self) -> str:
        """The sentence."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Code:
    """New source: parts, the imports it needs, and what is to be known to put it into other code.

    ``power`` is its strength (see ``precedence``), ``kind`` its node type, ``breaks`` whether
    it has a newline that needs brackets around it.
    """

    parts: tuple[Part, ...]
    imports: tuple[tuple[str, str], ...] = ()
    power: int = 18
    kind: str = ""
    breaks: bool = False
    simple: bool = False
    inner: Code | None = None  # what stands in its parentheses, if only its old place needed them

    def bracketed(self) -> Code:
        """The same in parentheses."""
        return replace(self, parts=(b"(", *self.parts, b")"), power=18, kind="parenthesized_expression", breaks=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of arguments for a variadic metavariable, each with its keyword (None: positional)."""

    items: tuple[Code, ...]


Filling = Code | Run | None

_LISTS = frozenset(("argument_list", "list", "tuple", "set", "expression_list"))
_SIMPLE = frozenset(("identifier", "integer", "float", "string", "true", "false", "none"))


def code_of(node: Node, span: Span | None = None) -> Code:
    """An expression of the user's code, carried over."""
    return Code(
        (span or syntax.span_of(node),),
        power=precedence.strength(node),
        kind=node.type,
        breaks=precedence.breaks_line(node),
        simple=is_simple(node),
        inner=_inner(node),
    )


def _inner(node: Node) -> Code | None:
    """What stands in parentheses that the old place made necessary: at another place they may not be."""
    if node.type != "parenthesized_expression" or node.named_child_count != 1:
        return None
    inside = node.named_children[0]
    kept = precedence.breaks_line(inside) or inside.type in ("yield", "named_expression", "concatenated_string")
    needed = precedence.needs_parentheses(precedence.strength(inside), inside.type, node)
    return code_of(inside) if needed and not kept else None


def at_place(code: Code, place: Node, *, bracketed: bool = False) -> Code:
    """The code with just the parentheses that it needs where ``place`` stands."""
    if code.inner is not None and not precedence.needs_parentheses(code.inner.power, code.inner.kind, place):
        return code.inner
    weak = precedence.needs_parentheses(code.power, code.kind, place)
    loose = code.breaks and not bracketed and not precedence.in_brackets(place)
    return code.bracketed() if weak or loose else code


def is_simple(node: Node) -> bool:
    """Whether evaluating the expression twice, or in another order, makes no difference."""
    if node.type == "attribute":
        return is_simple(node.named_children[0])
    if node.type == "unary_operator":
        return is_simple(node.named_children[-1])
    return node.type in _SIMPLE and not any(child.type == "interpolation" for child in node.children)


def run_of(arguments: Sequence[Argument]) -> Run:
    """Arguments carried over; a positional one that was given a keyword is passed by it from now on."""
    return Run(tuple(_item(argument) for argument in arguments))


def _item(argument: Argument) -> Code:
    if argument.keyword is not None and argument.span == argument.value:
        return Code((f"{argument.keyword}=".encode(), argument.value))
    return Code((argument.span,))


class Instance:
    """One instantiation of a template at a place of a file."""

    def __init__(self, names: Names, fillings: Mapping[str, Filling], at: int, roots: frozenset[str]) -> None:
        self.names, self.fillings, self.at, self.roots = names, fillings, at, roots
        self.parts: list[Part] = []
        self.imports: list[tuple[str, str]] = []
        self.bracketed = False
        self.line_start = b"\n"

    def code(self, node: Node, *, bracketed: bool) -> Code:
        """The code for an expression of the template; ``bracketed``: it will stand inside brackets."""
        self.bracketed = bracketed
        self._emit(node)
        found = metavariable(node)
        filling = None if found is None else self.fillings.get(found.name)
        if isinstance(filling, Code):
            return filling
        return Code(_joined(self.parts), tuple(dict.fromkeys(self.imports)), precedence.strength(node), node.type)

    def statements(self, pattern: Pattern, line_start: bytes) -> Code:
        """The code for a template of statements; ``line_start`` is a newline and the indentation of the place."""
        self.line_start = line_start
        for index, node in enumerate(pattern.body):
            self.parts.append(line_start if index else b"")
            self._emit(node)
        return Code(_joined(self.parts), tuple(dict.fromkeys(self.imports)), kind="statements")

    def _emit(self, node: Node) -> None:
        if (found := metavariable(node)) is not None:
            self._fill(node, found.name)
        elif self._is_library_name(node):
            self._name(dotted(node))
        elif node.type in _LISTS and any(self._droppable(child) for child in node.named_children):
            self._emit_list(node)
        elif node.type == "string":
            self.parts.append(self.names.quoted(node.text or b"", self.at))
        elif node.child_count == 0:
            self.parts.append(node.text or b"")
        else:
            self._emit_children(node)

    def _emit_children(self, node: Node) -> None:
        at = node.start_byte
        for child in node.children:
            if child.type == "." and (gap := self._chain_gap(node)) is not None:
                self.parts.append(gap)
            self._gap(node, at, child.start_byte)
            self._emit(child)
            at = child.end_byte
        self._gap(node, at, node.end_byte)

    def _chain_gap(self, node: Node) -> Span | None:
        """What stood between a captured receiver and its dot, if the chain was broken over lines there."""
        found = metavariable(node.children[0]) if node.type == "attribute" else None
        filling = None if found is None else self.fillings.get(found.name)
        span = filling.parts[0] if isinstance(filling, Code) and len(filling.parts) == 1 else None
        if not isinstance(span, Span) or self.parts[-1:] != [span] or not self.bracketed:
            return None
        old = syntax.node_at(self.names.resolution.tree, span)
        chain = None if old is None or old.parent is None or old.parent.type != "attribute" else old.parent
        dot = None if chain is None else next((c for c in chain.children if c.type == "."), None)
        text = self.names.resolution.source.text
        if dot is None or b"\n" not in text[span.end : dot.start_byte]:
            return None
        return Span(span.end, dot.start_byte)

    def _gap(self, node: Node, start: int, end: int) -> None:
        text = node.text or b""
        self.parts.append(text[start - node.start_byte : end - node.start_byte].replace(b"\n", self.line_start))

    def _is_library_name(self, node: Node) -> bool:
        parent = node.parent
        label = parent is not None and parent.type == "keyword_argument" and parent.named_children[0] == node
        name = "" if label else dotted(node)
        return bool(name) and name.partition(".")[0] in self.roots

    def _name(self, qualified: str) -> None:
        spelling = self.names.spell(qualified, self.at)
        if spelling is None:
            raise Refused(self.names.unspellable(qualified))
        self.parts.append(spelling.text.encode())
        self.imports += spelling.imports

    def _fill(self, node: Node, name: str) -> None:
        filling = self.fillings.get(name)
        if not isinstance(filling, Code):
            raise Refused(f"nothing was found for `${name}`")
        whole = at_place(filling, node, bracketed=self.bracketed)
        self.parts += whole.parts
        self.imports += whole.imports

    # ---- lists from which something may be left out

    def _droppable(self, node: Node) -> bool:
        found = _argument_metavariable(node)
        return found is not None and found.kind in ("optional", "variadic")

    def _emit_list(self, node: Node) -> None:
        opening, closing = _brackets(node)
        groups = [self._items(child) for child in node.named_children if not child.is_extra]
        items = [item for group in groups for item in group]
        before, after = self._frame(items[0][0]) if node.type == "argument_list" and items and items[0] else (b"", b"")
        self.parts += [opening, before]
        for index, item in enumerate(items):
            self.parts += [b", " if index else b"", *item]
        self.parts.append(after)
        if node.type == "tuple" and len(items) == 1:
            self.parts.append(b",")
        self.parts.append(closing)

    def _items(self, node: Node) -> list[list[Part]]:
        """The items that one item of a template's list becomes: none, one, or many."""
        found = _argument_metavariable(node)
        if found is not None and isinstance(filling := self.fillings.get(found.name), Run):
            for item in filling.items:
                self.imports += item.imports
            return self._neighbours(filling)
        if found is not None and found.kind == "optional" and self.fillings.get(found.name) is None:
            return []
        outer, self.parts = self.parts, []
        self._emit(node)
        inner, self.parts = self.parts, outer
        return [inner]

    def _frame(self, first: Part) -> tuple[bytes, bytes]:
        """The line breaks inside the brackets of a call whose first argument stays the first."""
        if not isinstance(first, Span):
            return b"", b""
        node = self.names.resolution.tree.root_node.named_descendant_for_byte_range(first.start, first.start + 1)
        while node is not None and node.parent is not None and node.parent.type != "argument_list":
            node = node.parent
        brackets = None if node is None or node.start_byte != first.start else node.parent
        if brackets is None or brackets.named_children[0] != node:
            return b"", b""
        text = self.names.resolution.source.text
        before = text[brackets.start_byte + 1 : first.start]
        after = text[brackets.named_children[-1].end_byte : brackets.end_byte - 1]
        if b"\n" not in before or before.strip() or after.strip() not in (b"", b","):
            return b"", b""
        return before, after

    def _neighbours(self, run: Run) -> list[list[Part]]:
        """The items of a run; those that follow each other in the source stay together, line breaks and all."""
        found: list[list[Part]] = []
        last: Part = b""
        for item in run.items:
            part = item.parts[0]
            before = found[-1][0] if found else b""
            if (
                len(item.parts) == 1
                and isinstance(part, Span)
                and isinstance(before, Span)
                and self._follows(last, part)
            ):
                found[-1] = [Span(before.start, part.end)]
            else:
                found.append(list(item.parts))
            last = part if len(item.parts) == 1 else b""
        return found

    def _follows(self, first: Part, second: Span) -> bool:
        """Whether two arguments are neighbours in the source."""
        node = syntax.node_at(self.names.resolution.tree, first) if isinstance(first, Span) else None
        while node is not None and (node := node.next_named_sibling) is not None and node.is_extra:
            pass
        return node is not None and syntax.span_of(node) == second


def _argument_metavariable(node: Node) -> Metavariable | None:
    if node.type == "keyword_argument":
        value = node.child_by_field_name("value")
        return None if value is None else metavariable(value)
    return metavariable(node)


def _brackets(node: Node) -> tuple[bytes, bytes]:
    if node.type == "expression_list":
        return b"", b""
    return node.children[0].text or b"", node.children[-1].text or b""


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Neighbouring literal parts as one."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, bytes) and out and isinstance(last := out[-1], bytes):
            out[-1] = last + part
        elif part != b"":
            out.append(part)
    return tuple(out)


def expression(
    template: str, names: Names, fillings: Mapping[str, Filling], place: Node, roots: frozenset[str]
) -> Code:
    """The code for a template that is an expression, to stand where ``place`` stands."""
    pattern = parse_template(template)
    _check_repeats(pattern, fillings)
    inside = precedence.in_brackets(place)
    return Instance(names, fillings, place.start_byte, roots).code(pattern.root, bracketed=inside)


def statements(
    template: str, names: Names, fillings: Mapping[str, Filling], place: Node, roots: frozenset[str]
) -> Code:
    """The code for a template of statements, to stand where the statement ``place`` stands."""
    pattern = parse_template(template)
    _check_repeats(pattern, fillings)
    text = names.resolution.source.text
    return Instance(names, fillings, place.start_byte, roots).statements(pattern, line_start(text, place.start_byte))


def line_start(text: bytes, at: int) -> bytes:
    """The newline of the file and the indentation of the line that holds a byte."""
    begin = text.rfind(b"\n", 0, at) + 1
    line = text[begin:at]
    return newline(text) + line[: len(line) - len(line.lstrip())]


def newline(text: bytes) -> bytes:
    """How the file ends its lines."""
    at = text.find(b"\n")
    return b"\r\n" if at > 0 and text[at - 1 : at] == b"\r" else b"\n"


def replacement(code: Code, place: Node, rule: str = "") -> Edit:
    """The edit that puts an expression where ``place`` stands, with just the parentheses that it needs there."""
    around = place.parent
    if around is not None and _sheds(code, place, around):
        return Edit(syntax.span_of(around), at_place(code, around).parts, rule, code.imports)
    return Edit(syntax.span_of(place), at_place(code, place).parts, rule, code.imports)


def _sheds(code: Code, place: Node, around: Node) -> bool:
    """Whether parentheses around the old expression were needed for it, and are not for the new one."""
    if around.type != "parenthesized_expression" or around.child_count != 3 or b"\n" in (around.text or b""):
        return False
    needed = precedence.needs_parentheses(precedence.strength(place), place.type, around)
    return needed and not precedence.needs_parentheses(code.power, code.kind, around)


def _check_repeats(pattern: Pattern, fillings: Mapping[str, Filling]) -> None:
    """An expression that the template has twice must be one that may be evaluated twice."""
    seen: set[str] = set()
    for part in pattern.body:
        for node in syntax.walk(part):
            found = metavariable(node)
            if found is None:
                continue
            filling = fillings.get(found.name)
            if found.name in seen and isinstance(filling, Code) and not filling.simple:
                raise Refused(f"`${found.name}` would be evaluated twice")
            seen.add(found.name)
