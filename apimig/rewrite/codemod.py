"""What a codemod sees and can do: the :class:`Site` of a use, and edits made from templates.

A codemod is a file ``codemods/<library>/<name>.py`` with one function::

    from apimig import Edit, Refusal, Site

    def rewrite(site: Site) -> Edit | Refusal | None: ...

It returns the edit, a :class:`Refusal` that says why there is none (the site is reported), or None
when this use is fine as it is. Places are tree-sitter nodes or byte spans; what an edit keeps of the
user's code it carries over as spans, so that sites nested in it are rewritten as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tree_sitter import Node

from apimig import syntax
from apimig.records import Argument, Edit, Resolution, Span, Use, UseKind, Value
from apimig.rewrite import templates
from apimig.rewrite.compose import together
from apimig.rewrite.naming import Names, is_label
from apimig.rewrite.templates import Code, Filling, Refused
from apimig.rulebook.calls import Call, Facts, call_of, partial_of
from apimig.rulebook.signature import Binding, parse_signature

if TYPE_CHECKING:
    from apimig.rewrite.cst import Statement

_BLOCKS = frozenset(("block", "module"))
_FUNCTIONS = frozenset(("function_definition", "lambda"))
_LOOPS = frozenset(("for_statement", "while_statement"))
_SCOPES = frozenset(("function_definition", "class_definition", "module"))
_NESTED = frozenset(
    (
        "function_definition",
        "lambda",
        "class_definition",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    )
)

Place = Node | Span | Argument
Filler = Node | Span | Argument | Code | str | Sequence[Argument] | None


class Refusal(Refused):
    """Why a site is not rewritten, as a sentence for people; return it or raise it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One occurrence of a variable.

    ``kind`` is ``read``, ``write`` (also loop targets, parameters, imports, definitions), ``update``
    (augmented assignment), ``delete``, or ``declare`` (``global``, ``nonlocal``). ``nested`` marks those inside a
    function, class or comprehension within the scope.
    """

    node: Node
    kind: Literal["read", "write", "update", "delete", "declare"]
    nested: bool

    @property
    def span(self) -> Span:
        """The span of the name."""
        return syntax.span_of(self.node)


class Site:
    """A use that a codemod is asked about, in its file."""

    def __init__(self, use: Use, rule: str, names: Names, facts: Facts, *, member: str = "") -> None:
        self.use, self.rule, self.member = use, rule, member
        self._names, self._facts = names, facts
        node = facts.node(use.span)
        if node is None or use.kind is UseKind.STRING:
            raise Refusal("it stands inside a string")
        self.node: Node = node

    # ------------------------------------------------------------------ what is there

    @property
    def resolution(self) -> Resolution:
        """All that is known about the file."""
        return self._facts.resolution

    @cached_property
    def call(self) -> Call | None:
        """The call of what is used: ``df.append(x)`` for the use ``df.append``."""
        return call_of(self.node)

    @cached_property
    def partial(self) -> Call | None:
        """``functools.partial(f, ...)`` for the use ``f``."""
        return partial_of(self.node)

    @property
    def receiver(self) -> Node | None:
        """The object left of the dot of a member."""
        return self.node.child_by_field_name("object") if self.node.type == "attribute" else None

    def bind(self, signature: str) -> Binding:
        """The call's arguments by parameter: ``given`` for certain, ``maybe`` filled by stars, ``extra`` positional."""
        call = self.call
        return parse_signature(signature).bind(() if call is None else call.arguments)

    def text(self, place: Place) -> str:
        """The source of a place."""
        return self._facts.text(_span(place))

    def node_at(self, place: Place) -> Node:
        """The syntax node of a place."""
        if isinstance(place, Node):
            return place
        node = self._facts.node(_span(place))
        if node is None:
            raise Refusal(f"`{self.text(place)}` is not one expression")
        return node

    def types(self, place: Place) -> Value:
        """What the expression can be, how sure that is, and why."""
        return self.resolution.value_at(_span(place))

    def is_a(self, place: Place, *classes: str) -> bool | None:
        """Whether the expression is an instance of one of the classes for sure; None when that is not known."""
        return self._facts.is_instance(self.types(place), classes)

    def holds(self, place: Place, *values: str) -> bool | None:
        """Whether the expression has one of these values (source texts); None when that is not known."""
        return self._facts.holds(_span(place), values)

    def symbol(self, place: Place) -> str:
        """The qualified library name that the expression spells, or ""."""
        return self._facts.symbol(_span(place))

    def object(self, place: Place) -> str:
        """The qualified name of the one function or class that the expression stands for, of any library, or ""."""
        return self._facts.object(_span(place))

    # ------------------------------------------------------------------ where it is

    def enclosing(self, *kinds: str, of: Node | None = None) -> Node | None:
        """The nearest node around the use (or ``of``) of one of these types; functions and classes end the search."""
        node = (of or self.node).parent
        while node is not None:
            if node.type in kinds:
                return node
            if node.type in _FUNCTIONS or node.type == "class_definition":
                return None
            node = node.parent
        return None

    @cached_property
    def statement(self) -> Node:
        """The smallest statement that holds the use."""
        return self.statement_of(self.node)

    def statement_of(self, node: Node) -> Node:
        """The smallest statement that holds a node."""
        while node.parent is not None and node.parent.type not in _BLOCKS:
            node = node.parent
        return node

    @property
    def loop(self) -> Node | None:
        """The innermost ``for`` or ``while`` statement whose body holds the use, in the same function."""
        loop = self.enclosing(*_LOOPS)
        body = None if loop is None else loop.child_by_field_name("body")
        return loop if body is not None and syntax.span_of(body).contains(self.use.span) else None

    @cached_property
    def scope(self) -> Node:
        """The function, class or module that holds the use."""
        node = self.node
        while node.parent is not None:
            node = node.parent
            if node.type in _SCOPES:
                break
        return node

    def block(self, statement: Node | None = None) -> tuple[Node, ...]:
        """All statements of the block that holds a statement (default: the use's), in order."""
        parent = (statement or self.statement).parent
        return () if parent is None else tuple(syntax.parts(parent))

    def following(self, statement: Node | None = None) -> tuple[Node, ...]:
        """The statements after a statement in its block."""
        after = statement or self.statement
        return tuple(n for n in self.block(after) if n.start_byte >= after.end_byte)

    def preceding(self, statement: Node | None = None) -> tuple[Node, ...]:
        """The statements before a statement in its block."""
        before = statement or self.statement
        return tuple(n for n in self.block(before) if n.end_byte <= before.start_byte)

    def references(self, name: str, within: Node | None = None) -> tuple[Reference, ...]:
        """Every read, write and deletion of a variable in the scope (or in a node), in order."""
        return tuple(_references(within or self.scope, name))

    def is_bound(self, name: str) -> bool:
        """Whether a name already means something at the use."""
        return self.resolution.is_bound(name, self.use.span.start)

    def fresh(self, *wishes: str) -> str:
        """The first of the wished names, or of it with a number, that nothing in the file uses."""
        names = [*wishes, *(f"{wishes[0]}_{n}" for n in range(2, 100))]
        return next(n for n in names if n not in self._names.occurrences and not self.is_bound(n))

    @cached_property
    def cst(self) -> Statement:
        """The statement as a LibCST tree, with the spans of its nodes."""
        return self.cst_of(self.statement)

    def cst_of(self, statement: Node) -> Statement:
        """A statement as a LibCST tree, with the spans of its nodes."""
        from apimig.rewrite.cst import Statement

        return Statement.parse(self.resolution.source.text, syntax.span_of(statement))

    # ------------------------------------------------------------------ what becomes of it

    def code(self, template: str, at: Node | None = None, **fillings: Filler) -> Code:
        """New source of an expression: a template whose ``$name`` are filled; library names are spelled for the file.

        Fill with nodes, spans or arguments of the user's code, with other ``code``, with source text, or
        (for ``$*name``) with a sequence of arguments; None leaves ``$?name`` out.
        """
        filled = self._filled(fillings)
        return templates.expression(template, self._names, filled, at or self.node, self._names.roots)

    def replace(self, place: Place, template: str | Code, **fillings: Filler) -> Edit:
        """The edit that puts new code in place of an expression, parenthesised where needed."""
        node = self.node_at(place)
        code = template if isinstance(template, Code) else self.code(template, node, **fillings)
        return templates.replacement(code, node, self.rule)

    def replace_statements(self, first: Node, last: Node, template: str, **fillings: Filler) -> Edit:
        """The edit that puts the template's statements in place of those from ``first`` to ``last``."""
        self._check_line(first)
        code = templates.statements(template, self._names, self._filled(fillings), first, self._names.roots)
        return Edit(Span(first.start_byte, last.end_byte), code.parts, self.rule, code.imports)

    def insert_before(self, statement: Node, template: str, **fillings: Filler) -> Edit:
        """The edit that puts statements before a statement."""
        self._check_line(statement)
        code = templates.statements(template, self._names, self._filled(fillings), statement, self._names.roots)
        begin = templates.line_start(self.resolution.source.text, statement.start_byte)
        at = Span(statement.start_byte, statement.start_byte)
        return Edit(at, (*code.parts, begin), self.rule, code.imports)

    def insert_after(self, statement: Node, template: str, **fillings: Filler) -> Edit:
        """The edit that puts statements after a statement, and after the comment on its last line."""
        self._check_line(statement)
        text = self.resolution.source.text
        code = templates.statements(template, self._names, self._filled(fillings), statement, self._names.roots)
        end = _end_of_line(text, statement.end_byte)
        if (rest := text[statement.end_byte : end].strip()) and not rest.startswith(b"#"):
            raise Refusal("other statements follow on its line")
        begin = templates.line_start(text, statement.start_byte)
        return Edit(Span(end, end), (begin, *code.parts), self.rule, code.imports)

    def remove_statement(self, statement: Node) -> Edit:
        """The edit that removes a statement with its line."""
        self._check_line(statement)
        text = self.resolution.source.text
        if len(self.block(statement)) == 1:
            return Edit(syntax.span_of(statement), (b"pass",), self.rule)
        end = _end_of_line(text, statement.end_byte)
        if text[statement.end_byte : end].strip():
            raise Refusal("a comment or another statement follows on its line")
        start = text.rfind(b"\n", 0, statement.start_byte) + 1
        return Edit(Span(start, min(end + len(templates.newline(text)), len(text))), (), self.rule)

    def together(self, *edits: Edit) -> Edit:
        """Several edits as one that is made whole or not at all; what lies between them is carried over."""
        try:
            return together(edits)
        except ValueError as overlap:
            raise Refusal("its edits overlap") from overlap

    # ------------------------------------------------------------------ inside

    def _check_line(self, statement: Node) -> None:
        """Only statements that begin their line can have others put beside them."""
        text = self.resolution.source.text
        begin = text.rfind(b"\n", 0, statement.start_byte) + 1
        if text[begin : statement.start_byte].strip():
            raise Refusal("its statement shares a line with another one")

    def _filled(self, fillings: Mapping[str, Filler]) -> dict[str, Filling]:
        return {name: self._filling(filler) for name, filler in fillings.items()}

    def _filling(self, filler: Filler) -> Filling:
        if filler is None or isinstance(filler, Code):
            return filler
        if isinstance(filler, str):
            return templates.expression(filler, self._names, {}, self.node, self._names.roots)
        if isinstance(filler, Node):
            return templates.code_of(filler)
        if isinstance(filler, Argument):
            return templates.code_of(self.node_at(filler.value), filler.value)
        if isinstance(filler, Span):
            return templates.code_of(self.node_at(filler), filler)
        return templates.run_of(filler)


def _span(place: Place) -> Span:
    if isinstance(place, Argument):
        return place.value
    return place if isinstance(place, Span) else syntax.span_of(place)


def _end_of_line(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == b"\r" else end


def _references(scope: Node, name: str) -> Iterator[Reference]:
    for node in syntax.walk(scope):
        if node.type == "identifier" and syntax.text_of(node) == name and not is_label(node):
            kind = _kind(node)
            yield Reference(node, kind, _is_nested(node, scope))


def _is_nested(node: Node, scope: Node) -> bool:
    parent = node.parent
    while parent is not None and parent != scope:
        if parent.type in _NESTED:
            definition = parent.type in ("function_definition", "class_definition")
            return not (definition and parent.child_by_field_name("name") == node)
        parent = parent.parent
    return False


_TARGETS = frozenset(("pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "as_pattern_target"))
_WRITES = {
    "assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "named_expression": "name",
    "function_definition": "name",
    "class_definition": "name",
    "default_parameter": "name",
    "typed_default_parameter": "name",
}
_BINDS = frozenset(
    ("parameters", "lambda_parameters", "typed_parameter", "dictionary_splat_pattern", "aliased_import", "dotted_name")
)


def _kind(node: Node) -> Literal["read", "write", "update", "delete", "declare"]:
    child, parent = node, node.parent
    while parent is not None and parent.type in _TARGETS:
        child, parent = parent, parent.parent
    if parent is None:
        return "read"
    if child.type == "as_pattern_target" or parent.type in _BINDS:
        return "write"
    if parent.type in ("global_statement", "nonlocal_statement"):
        return "declare"
    if parent.type == "augmented_assignment" and parent.child_by_field_name("left") == child:
        return "update"
    if parent.type == "delete_statement" or (
        parent.type == "expression_list" and parent.parent is not None and parent.parent.type == "delete_statement"
    ):
        return "delete"
    field = _WRITES.get(parent.type)
    return "write" if field is not None and parent.child_by_field_name(field) == child else "read"
