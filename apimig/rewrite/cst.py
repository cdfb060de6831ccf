"""One statement as a LibCST tree whose nodes know their spans in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import libcst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from apimig.records import Span


@dataclass(frozen=True, slots=True)
class Statement:
    """``node`` is the statement; ``spans`` the byte spans of it and of everything in it, in the file."""

    node: libcst.CSTNode
    spans: Mapping[libcst.CSTNode, Span]

    @classmethod
    def parse(cls, text: bytes, span: Span) -> Statement:
        """Parse the statement that has this span; LibCST's ParserSyntaxError if it is not one."""
        begin = text.rfind(b"\n", 0, span.start) + 1
        indent = text[begin : span.start]
        header = b"if 1:\n" + indent if indent and not indent.strip() else b""
        wrapper = MetadataWrapper(libcst.parse_module(header + text[span.start : span.end] + b"\n"))
        shift = span.start - len(header)
        found = wrapper.resolve(ByteSpanPositionProvider)
        spans = {n: Span(p.start + shift, p.start + p.length + shift) for n, p in found.items()}
        return cls(_statement(wrapper.module, nested=bool(header)), spans)

    def span(self, node: libcst.CSTNode) -> Span:
        """Where a node stands in the file."""
        return self.spans[node]

    def at(self, span: Span) -> libcst.CSTNode | None:
        """The outermost node with this span."""
        return next((node for node, found in self.spans.items() if found == span), None)


def _statement(module: libcst.Module, *, nested: bool) -> libcst.CSTNode:
    first = module.body[0]
    return first.body.body[0] if nested and isinstance(first, libcst.If) else first
