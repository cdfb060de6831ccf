"""Python as a tree-sitter tree: parsing and the few node queries that several rooms need."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from apimig.records import Span


@cache
def language() -> Language:
    """Python's grammar, for queries."""
    return Language(tree_sitter_python.language())


@cache
def _parser() -> Parser:
    return Parser(language())


@lru_cache(maxsize=8)  # the rooms parse the same text one after the other
def parse(text: bytes) -> Tree:
    """Parse UTF-8 Python source; never raises, errors are nodes of the tree."""
    return _parser().parse(text)


def span_of(node: Node) -> Span:
    """The byte span of a node."""
    return Span(node.start_byte, node.end_byte)


def text_of(node: Node) -> str:
    """The source of a node."""
    text = node.text
    return "" if text is None else text.decode("utf-8")


def parts(node: Node) -> list[Node]:
    """The named children that mean something: neither comments nor line continuations."""
    return [child for child in node.named_children if not child.is_extra]


def node_at(tree: Tree, span: Span) -> Node | None:
    """The outermost named node that has exactly this span."""
    node = tree.root_node.named_descendant_for_byte_range(span.start, span.end)
    if node is None or span_of(node) != span:
        return None
    while node.parent is not None and span_of(node.parent) == span and node.parent.is_named:
        node = node.parent
    return node


def walk(node: Node) -> Iterator[Node]:
    """All named nodes below and including ``node``, in source order."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.named_children))


def of_types(node: Node, types: frozenset[str]) -> list[Node]:
    """The nodes of these types below and including ``node``, in source order; found without a walk in Python."""
    return [found["node"][0] for _, found in QueryCursor(_query_for(types)).matches(node)]


@cache
def _query_for(types: frozenset[str]) -> Query:
    return Query(language(), f"[{' '.join(f'({kind})' for kind in sorted(types))}] @node")


def first_part(node: Node) -> Node | None:
    """The first named child; ``named_child(0)`` raises where there is none."""
    return node.named_child(0) if node.named_child_count else None


def first_error(tree: Tree) -> Node | None:
    """The first ERROR or missing node, the innermost of those that hold each other; None when there is none."""
    if not tree.root_node.has_error:
        return None
    node, found = tree.root_node, None
    while True:
        found = node if node.is_error or node.is_missing else found
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return found
        node = inner


def depth_of(tree: Tree) -> int:
    """How deeply the tree nests. LibCST's parser exhausts the stack, which ends the process, from about 3,000 on."""
    cursor, depth, deepest = tree.walk(), 1, 1
    while True:
        if cursor.goto_first_child():
            depth += 1
            deepest = max(deepest, depth)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return deepest
            depth -= 1


# --------------------------------------------------------------------------- words

_WORD_CHARACTERS = b"_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ONLY_WORDS = bytes(code if code in _WORD_CHARACTERS else ord(" ") for code in range(256))
_PIECE = 1 << 16


class Words:
    """Words to look for in the bytes of files, ten times as fast as a regular expression of that many finds them."""

    def __init__(self, words: Iterable[str]) -> None:
        every = {word.encode() for word in words}
        self._plain = frozenset(word for word in every if not word.translate(None, _WORD_CHARACTERS))
        self._others = tuple(sorted(every - self._plain))

    def found_in(self, raw: bytes) -> bool:
        """Whether any of the words stands there, alone."""
        if any(word in raw for word in self._others):
            return True
        text = raw.translate(_ONLY_WORDS)
        start = 0
        while start < len(text):
            end = text.find(b" ", start + _PIECE)
            end = len(text) if end < 0 else end
            if not self._plain.isdisjoint(text[start:end].split()):
                return True
            start = end
        return False


# --------------------------------------------------------------------------- does it parse?

SyntaxProblem = tuple[int, str]
"""The 1-based line where a parser stopped, and its words."""

_MAX_DEPTH = 800
_NEWER = """
(type_alias_statement) @newer
(type_parameter) @newer
(except_clause "," . [(attribute) ((identifier) @name (#match? @name "^_*[A-Z]"))] @newer)
((string_start) @newer (#match? @newer "^[rR]?[tT]"))
"""


def check_python(text: bytes) -> SyntaxProblem | None:
    """None when ``text`` is Python 3, of this interpreter or a newer one; else where and why it is not.

    What this interpreter refuses is accepted only if it holds syntax that is newer than the
    interpreter and LibCST, whose grammar goes further, reads all of it.
    """
    try:
        source = text.decode("utf-8")
    except UnicodeDecodeError as problem:
        return text.count(b"\n", 0, problem.start) + 1, "is not UTF-8"
    problem_here = _ask_interpreter(source)
    if problem_here is None or not _has_newer_syntax(text, problem_here[1]):
        return problem_here
    return None if _libcst_reads(source) else problem_here


def check_python2(text: bytes) -> SyntaxProblem | None:
    """None when ``text`` is Python 2 to the parser that Bowler uses; else where and why it is not."""
    from fissix import pygram

    source = text.decode("utf-8", errors="replace")
    problem = _ask_fissix(source, pygram.python_grammar)
    if problem is not None and "print_function" in source:
        return _ask_fissix(source, pygram.python_grammar_no_print_statement)
    return problem


def _ask_fissix(source: str, grammar: object) -> SyntaxProblem | None:
    from fissix import pytree
    from fissix.pgen2 import driver, parse, tokenize

    try:
        driver.Driver(grammar, convert=pytree.convert).parse_string(source if source.endswith("\n") else source + "\n")
    except parse.ParseError as problem:
        return problem.context[1][0], "invalid syntax, as Python 2 too"
    except KeyError:  # a character that it takes for an operator and knows none of that name
        return 1, "invalid syntax, as Python 2 too"
    except tokenize.TokenError as problem:
        return problem.args[1][0], str(problem.args[0])
    except IndentationError as problem:
        return problem.lineno or 1, problem.msg
    except RecursionError:
        return 1, "nests too deeply"
    return None


def check_compiles(text: bytes) -> SyntaxProblem | None:
    """What the compiler finds wrong with a text that parses, such as ``from __future__ import *``."""
    return _ask_interpreter(text.decode("utf-8"), flags=0)


def _ask_interpreter(source: str, flags: int = ast.PyCF_ONLY_AST) -> SyntaxProblem | None:
    if "\0" in source:  # said differently by each version, and without the line
        return source.count("\n", 0, source.index("\0")) + 1, "holds null bytes"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<text>", "exec", flags, dont_inherit=True)
        except SyntaxError as problem:
            return problem.lineno or 1, problem.msg
        except (MemoryError, RecursionError):
            return 1, "nests too deeply"
    return None


@cache
def _newer_syntax() -> Query:
    return Query(language(), _NEWER)


def _has_newer_syntax(text: bytes, message: str) -> bool:
    """Whether the interpreter may have stopped at syntax that came after it."""
    tree = parse(text)
    if tree.root_node.has_error or depth_of(tree) > _MAX_DEPTH:
        return False
    if "f-string" in message or "unterminated string" in message:  # PEP 701
        return True
    return bool(QueryCursor(_newer_syntax()).captures(tree.root_node))


def _libcst_reads(source: str) -> bool:
    from libcst import ParserSyntaxError, parse_module

    try:
        parse_module(source)
    except ParserSyntaxError:
        return False
    return True
