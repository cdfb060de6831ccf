"""One HTML page that holds all of a run: nothing is fetched, nothing in it is run but the script beside this file.

It reads without the script, which only filters. Every text of the user's code goes through ``markup``, which escapes
it; beyond that, the page's own policy lets no script or style run but those whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files as resources

from apimig import __version__
from apimig.records import RunResult
from apimig.report.counts import TITLES, by_kind
from apimig.report.page.index import Index, file_address
from apimig.report.page.markup import Html, el, number
from apimig.report.page.overview import overview
from apimig.report.page.sections import Section, sections
from apimig.report.validated import SAID, count_verdicts


def page(result: RunResult) -> str:
    """The page."""
    style, script = (Html(_beside(name)) for name in ("report.css", "report.js"))
    index = Index(result)
    parts = list(sections(index))
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{_title(result)} · apimig"),
        el("style", style),
        el("script", script),
    )
    body = el(
        "body",
        el("a", "Skip to the findings", cls="skip", href="#findings"),
        _header(result),
        el(
            "div",
            _navigation(index, parts),
            el(
                "main",
                overview(index),
                _filters(index),
                *(each.html for each in parts),
                id="findings",
                tabindex="-1",
            ),
            cls="columns",
        ),
        el("footer", el("p", f"Written by apimig {__version__}.", cls="muted")),
    )
    return f"<!doctype html>\n{el('html', head, body, lang='en')}\n"


def _beside(name: str) -> str:
    return (resources(__name__) / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _title(result: RunResult) -> str:
    return ", ".join(result.migrations).replace("->", "→") or "nothing to migrate"


def _header(result: RunResult) -> Html:
    toggle = el("button", "Dark", type="button", id="theme", cls="script-only", hidden=True)
    name = el("p", "apimig", cls="product")
    return el("header", name, el("h1", _title(result)), toggle, cls="top")


# --------------------------------------------------------------------------- filters and navigation


def _filters(index: Index) -> Html:
    kinds = by_kind(index.outcomes)
    choices = [
        _choice("rule", "Rule", [(str(number), rule) for number, rule in enumerate(index.rules)]),
        _choice("file", "File", [(str(number), file) for number, file in enumerate(index.files)]),
        _choice("outcome", "Outcome", [(kind, TITLES[kind]) for kind, count in kinds.items() if count]),
    ]
    if index.verdicts:
        verdicts = count_verdicts(index.verdicts.values())
        choices.append(_choice("verdict", "Verdict", [(v.value, SAID[v]) for v, count in verdicts.items() if count]))
    search = el(
        "label",
        el("span", "Search"),
        el("input", type="search", id="search", placeholder="code, reason, test", autocomplete="off"),
    )
    status = el("output", "", id="shown", aria_live="polite")
    reset = el("button", "Reset", type="reset")
    return el(
        "form",
        search,
        *choices,
        el("div", status, reset, cls="state"),
        id="filters",
        cls="script-only",
        aria_label="Filter the sites",
        role="search",
        hidden=True,
    )


def _choice(name: str, title: str, options: Sequence[tuple[str, str]]) -> Html:
    offered = [el("option", "all", value=""), *(el("option", said, value=value) for value, said in options)]
    return el("label", el("span", title), el("select", *offered, id=f"by-{name}"))


def _navigation(index: Index, sections: Sequence[Section]) -> Html:
    parts = [
        el("li", el("a", each.title, " ", number(each.count), href=f"#{each.id}"), data_section=each.id)
        for each in sections
    ]
    changed = sorted({c.name for c in index.result.changes if c.before != c.after})
    files_ = [
        el("li", el("a", name, href=f"#{file_address(name)}"), data_file=index.file_number(name)) for name in changed
    ]
    listed = (
        [el("details", el("summary", f"Changed files ({len(files_):,})"), el("ul", *files_, cls="path"), open=True)]
        if files_
        else []
    )
    return el("nav", el("ul", *parts, cls="parts"), *listed, aria_label="Contents")
