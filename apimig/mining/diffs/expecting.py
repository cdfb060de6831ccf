"""Code that wants a warning or an error: what tests do with the old API on purpose."""

from __future__ import annotations

from collections.abc import Iterator

from apimig.mining.diffs.tree import CALL, Tree

_WANTING = frozenset(
    {
        "assert_deprecated", "assert_produces_warning", "assert_raises", "assert_raises_regex", "assert_warns",
        "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex", "deprecated_call", "raises", "warns",
    }
)  # fmt: skip
_HIDING = frozenset({"catch_warnings", "suppress_warnings"})
_MARKING = frozenset({"filterwarnings", "xfail"})

Span = tuple[int, int]


def wanted_in(module: Tree) -> tuple[Span, ...]:
    """The places of a module where a warning or an error is wanted: what such calls get, and blocks below them."""
    return tuple(_places(module, _WANTING))


def hidden_in(module: Tree) -> tuple[Span, ...]:
    """The places where one is wanted, or would not be seen: those, and whole functions."""
    return (*_places(module, _WANTING | _HIDING), *_marked(module))


def is_within(span: Span, places: tuple[Span, ...]) -> bool:
    """Whether a place is in one of them."""
    return any(start <= span[0] and span[1] <= end for start, end in places)


def _places(module: Tree, names: frozenset[str]) -> Iterator[Span]:
    for node in module.walk():
        if node.kind in ("With", "AsyncWith"):
            if any(_wants(item.children[0], names) for item in node.children[0].children):
                yield from (one.span for each in node.children if each.name == "body" for one in each.children)
        elif node.kind == CALL and _wants(node, names):
            yield from (one.span for one in node.children[1].children)


def _marked(module: Tree) -> Iterator[Span]:
    for node in module.walk():
        if node.kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            lists = (child for child in node.children if child.name == "decorator_list")
            if any(_wants(decorator, _MARKING) for each in lists for decorator in each.children):
                yield node.span


def _wants(tree: Tree, names: frozenset[str]) -> bool:
    return tree.kind == CALL and tree.children[0].name.rpartition(".")[2] in names
