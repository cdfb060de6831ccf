"""Pieces of Markdown that whatever they hold cannot break out of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def code(text: str) -> str:
    """Inline code, whatever backticks it holds."""
    line = " ".join(text.split())
    fence = "`"
    while fence in line:
        fence += "`"
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(text: str, indent: str = "") -> Iterator[str]:
    """A fenced block of lines as they are."""
    lines = text.strip("\n").splitlines()
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    yield from (f"{indent}{line}".rstrip() for line in (f"{fence}text", *lines, fence))


def cell(text: str) -> str:
    """Words on one line, for a list or a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def link(reference: str) -> str:
    """A bare link."""
    return f"<{reference}>" if reference else ""


def fold(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below a title that opens them."""
    yield from ("", f"<details><summary>{title}</summary>", "", *lines, "", "</details>")
