"""HTML whose text is escaped unless it was made here: a plain string is text, only :class:`Html` is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

# Characters that change what a reader sees, or that no HTML file may hold: controls, marks and overrides of the
# direction of writing, invisible characters, surrogates that stand for bytes of names which are not UTF-8.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_VOID = frozenset({"meta", "input", "br"})


class Html(str):
    """Markup. Made by :func:`el` and :func:`joined`, and by who knows that a string is safe as it stands."""

    __slots__ = ()


def text(value: str) -> str:
    """A string as the text of an element or the value of a quoted attribute; what cannot be seen is shown."""
    if not value.isascii() or not value.isprintable():
        value = _UNSEEN.sub(_shown, value)
    return escape(value)


def plain(value: str) -> str:
    """A string without the colours of a terminal."""
    return _ANSI.sub("", value)


def el(tag: str, /, *children: str, cls: str = "", **attributes: str | bool | None) -> Html:
    """An element. ``data_x`` is the attribute ``data-x``; of None or False there is none, of True no value."""
    opening = f'<{tag} class="{text(cls)}"' if cls else f"<{tag}"
    for key, value in attributes.items():
        if value is True:
            opening += f" {key.replace('_', '-')}"
        elif value is not None and value is not False:
            opening += f' {key.replace("_", "-")}="{text(value)}"'
    if tag in _VOID:
        return Html(f"{opening}>")
    return Html(f"{opening}>{joined(children)}</{tag}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after the other; plain strings among them are text."""
    return Html(text(between).join(part if isinstance(part, Html) else text(part) for part in parts))


def link(address: str, *children: str, cls: str = "") -> Html:
    """A link out of the page, if the address is one of the web; else only what it would hold."""
    if address.startswith(("https://", "http://")):
        return el("a", *children, cls=cls, href=address, rel="noreferrer")
    return el("span", *children, cls=cls)


def number(count: int) -> Html:
    """A count that the filters change and set back."""
    return el("span", f"{count:,}", cls="count", data_all=f"{count:,}")


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"
