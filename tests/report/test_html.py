"""The page says all that the run found, and nothing that stands in the user's files is markup in it."""

from __future__ import annotations

import dataclasses
import html.parser
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.records import Applicability, Certainty, FileChange, Location, Rewritten, RuleInfo, Unchecked
from apimig.report import render
from apimig.report.page.index import file_address
from apimig.report.page.markup import Html, el, joined, link, text
from apimig.report.page.sides import decoded, hunks
from apimig.verdicts import OneTest, Status
from tests.report.many import many
from tests.report.results import AFTER, BEFORE, EMPTY, ITERITEMS, LOOKUP, RESULT, VALIDATED, VALIDATION

HOSTILE = (
    '</script></style></pre><img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"&amp;\u202e\x00\x1b[31m'
)


class Read(html.parser.HTMLParser):
    """The tags, the ids, and the text of the body of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.said.append(data)

    def all(self, key):
        return [attributes[key] for _, attributes in self.tags if key in attributes]


def page(result):
    return render(result, "r.html")


# ------------------------------------------------------------------------------------------ markup


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (el("p", "a < b & 'c'"), "<p>a &lt; b &amp; &#x27;c&#x27;</p>"),
        (el("p", el("b", "x"), " & y", cls="k"), '<p class="k"><b>x</b> &amp; y</p>'),
        (el("td", title='"><script>', hidden=True, data_x=None), '<td title="&quot;&gt;&lt;script&gt;" hidden></td>'),
        (el("input", type="radio", checked=False), '<input type="radio">'),
        (joined(["<", Html("<br>")], " & "), "&lt; &amp; <br>"),
        (text("a\x00\x1b\u202eb\udcff\ttab é"), "a␀␛⟨U+202E⟩b⟨U+DCFF⟩\ttab é"),
        (link("https://a.org/?a&b", "x"), '<a href="https://a.org/?a&amp;b" rel="noreferrer">x</a>'),
        (link("javascript:alert(1)", "x"), "<span>x</span>"),
    ],
)
def test_strings_are_text_and_only_markup_is_markup(made, shown):
    assert made == shown


@given(st.text())
def test_no_text_is_markup(words):
    assert not set("<>\"'") & set(text(words))
    text(words).encode("utf-8")


# ------------------------------------------------------------------------------------------ side by side


def sides(before: bytes, after: bytes, name: str = "a.py"):
    """The rows as ``(old number, old, new number, new)``; what is marked stands in brackets."""

    def line(side):
        return (side.number, "".join(f"[{s}]" if m else s for s, m in side.pieces)) if side else (None, None)

    return [
        (hunk.cell, [(*line(row.old), *line(row.new)) for row in hunk.rows])
        for hunk in hunks(FileChange(Path(name), name, before, after))
    ]


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        (b"x = df.iteritems()\n", b"x = df.items()\n", [(1, "x = df.[iteritems]()", 1, "x = df.[items]()")]),
        (b"pandas==1.5.3\n", b"pandas==2.0.3\n", [(1, "pandas==[1.5].3", 1, "pandas==[2.0].3")]),
        (b"a\nb\n", b"a\nc\nb\n", [(1, "a", 1, "a"), (None, None, 2, "c"), (2, "b", 3, "b")]),
        (b"a\nb\n", b"b\n", [(1, "a", None, None), (2, "b", 1, "b")]),
        (b"one = 1\n", b"import x\n", [(1, "one = 1", 1, "import x")]),
        (b"f(a)\r\n", b"f(a, b)\r\n", [(1, "f(a)", 1, "f(a[, b])")]),
        (b"f(a)", b"f(a,\n  b)", [(1, "f(a[)]", 1, "f(a[,]"), (None, None, 2, "  b)")]),
    ],
    ids=["a word", "a version", "put in", "taken out", "nothing in common", "CRLF", "no final newline"],
)
def test_old_and_new_stand_side_by_side(before, after, rows):
    assert sides(before, after) == [(None, rows)]


def notebook(*sources: object, **more: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": s} for s in sources], "nbformat": 4, **more}).encode()


def test_a_notebook_is_shown_by_its_cells():
    before, after = notebook("import x\n", ["a = 1\n", "f.old()"]), notebook("import x\n", ["a = 1\n", "f.new()"])
    rows = [(1, "a = 1", 1, "a = 1"), (2, "f.[old]()", 2, "f.[new]()")]
    assert sides(before, after, "n.ipynb") == [(1, rows)]


@pytest.mark.parametrize("after", [notebook("x", kernel=1), b"{", b"[1]", notebook("x", "y")])
def test_what_is_no_change_of_cells_is_shown_as_text(after):
    ((cell, _),) = sides(notebook("x"), after, "n.ipynb")
    assert cell is None


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("# coding: latin-1\né".encode("latin-1"), "# coding: latin-1\né"),
        (b"\xef\xbb\xbfa", "a"),
        ("a = 'é'".encode("utf-16"), "a = 'é'"),
        (b"\xff\xe9 a", "�� a"),
        (b"# coding: no-such\nx", "# coding: no-such\nx"),
    ],
)
def test_old_encodings_are_read_leniently(data, shown):
    assert decoded(data) == shown


# ------------------------------------------------------------------------------------------ the page


@pytest.mark.parametrize(
    "result", [EMPTY, RESULT, VALIDATED, many(40, 10)], ids=["empty", "plain", "validated", "many"]
)
def test_the_page_is_well_formed_and_its_ids_are_unique(result):
    read = Read(page(result))
    assert read.open == []
    ids = read.all("id")
    assert len(ids) == len(set(ids))
    assert not [each for each in ids if re.search(r"\s", each)]
    for address in read.all("href"):
        assert address.startswith("https://") or address.removeprefix("#") in ids


@pytest.mark.parametrize("name", ["r.html", "r.htm", "R.HTML"])
def test_the_suffix_asks_for_it(name):
    assert render(EMPTY, name).startswith("<!doctype html>")


def test_nothing_is_fetched():
    read = Read(page(VALIDATED))
    assert not [tag for tag, _ in read.tags if tag in ("img", "link", "iframe", "object", "base")]
    assert not read.all("src")
    assert not read.all("style")
    assert "url(" not in page(VALIDATED)
    assert "@import" not in page(VALIDATED)


def test_every_site_has_an_address_and_what_it_is_filtered_by():
    read = Read(page(VALIDATED))
    sites = [attributes for tag, attributes in read.tags if tag == "li" and attributes.get("class") == "site"]
    assert len(sites) == len(VALIDATED.outcomes)
    by_id = {each["id"]: (each["data-o"], each.get("data-v")) for each in sites}
    assert by_id["b.py:3:5"] == ("rewritten", "confirmed")
    assert by_id["a%20b.py:1:1"] == ("rewritten", "unverified")
    assert by_id["b.py:15:8"] == ("needs_person", "broke")
    assert by_id["n.ipynb:cell3:2:4"] == ("needs_person", None)


def test_two_sites_at_one_place_have_two_addresses():
    site = Rewritten(Location("a.py", 1, 1), ITERITEMS, "a", "b", Certainty.PROVEN, Applicability.SAFE, "r")
    ids = Read(page(dataclasses.replace(RESULT, outcomes=(site, dataclasses.replace(site, before="c"))))).all("id")
    assert {"a.py:1:1", "a.py:1:1:2"} <= set(ids)


def test_it_says_what_the_run_found():
    said = " ".join(" ".join(Read(page(VALIDATED)).said).split())
    for words in (
        "pandas 1.5.3 → 2.0.3", "Rewrote 2 sites", "the arguments are spread with *", "returned by pandas.read_csv (line 2)",
        "2 of 3 places that the old release warns about found (66 %)", "bubblewrap, no network", "swapaxes | is <deprecated>",
        "pandas.DataFrame.append was removed", "No change of the library explains it.", "assert 4 == 3", "nothing says what x is",
        "inside hasattr (line 29)", "broken.py:7: does not parse: unexpected indent", "uv.lock is stale", "tests/test_gone.py was never collected",
        "no test runs the line", "1 min 5 s",
    ):  # fmt: skip
        assert words in said, words


def test_without_validation_nothing_is_said_of_tests():
    shown = page(RESULT)
    assert "by-verdict" not in re.sub(r"(?s)<script>.*?</script>", "", shown)
    assert "Unverified" not in shown
    assert ">Validation<" not in shown


def test_what_was_not_checked_is_there():
    open_ones = (Unchecked(Location("b.py", 5, 1), "getattr(pd, name)", "the name is not written in the code"),)
    said = "".join(Read(page(dataclasses.replace(RESULT, unchecked=open_ones))).said)
    assert "1 x the name is not written in the code" in said
    assert "getattr(pd, name)" in said


def test_an_edit_stands_below_the_change_that_it_made():
    before = b"df.f(\n    1,\n    axis=0,\n)\nx = 1\n"
    change = FileChange(Path("b.py"), "b.py", before, before.replace(b"    axis=0,\n", b""))
    site = Rewritten(Location("b.py", 1, 1), LOOKUP, "x", "y", Certainty.PROVEN, Applicability.SAFE, "the reason")
    shown = page(dataclasses.replace(RESULT, outcomes=(site,), changes=(change,)))
    assert shown.index("axis=0,</td>") < shown.index("the reason") < shown.index("<td>x = 1</td>")


def test_a_long_list_of_tests_is_cut_where_nothing_changed():
    names = [f"t{number}" for number in range(3_000)]
    tests = tuple(OneTest(name, Status.PASSED) for name in names)
    found = dataclasses.replace(
        VALIDATION, baseline=dataclasses.replace(BEFORE, tests=tests),
        after=dataclasses.replace(AFTER, tests=(*tests[:-1], OneTest("t2999", Status.FAILED))),
    )  # fmt: skip
    read = Read(page(dataclasses.replace(VALIDATED, validation=found)))
    assert len(read.all("data-changed")) == 1
    assert "999 more ended as before" in "".join(read.said)
    assert "t2999" in read.said


def hostile():
    """A run whose every text is hostile, file names too."""
    name = f"a/{HOSTILE}\udcff.py"
    before, after = f"x = 1 # {HOSTILE}\nold({HOSTILE})\n", f"x = 1 # {HOSTILE}\nnew({HOSTILE})\n"

    def spoil(value):
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: spoil(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
            return type(value)(**fields)
        if isinstance(value, tuple):
            return tuple(map(spoil, value))
        return HOSTILE if type(value) is str else value

    site = Rewritten(
        Location(name, 2, 1), HOSTILE, HOSTILE, HOSTILE, Certainty.PROVEN, Applicability.SAFE, HOSTILE, HOSTILE
    )
    return dataclasses.replace(
        VALIDATED,
        migrations=(HOSTILE,), notes=(HOSTILE,), skipped=spoil(VALIDATED.skipped),
        outcomes=(*map(spoil, VALIDATED.outcomes), site), rules={HOSTILE: RuleInfo(HOSTILE, f"javascript:{HOSTILE}")},
        changes=(FileChange(Path("x"), name, before.encode(), after.encode()),),
        unchecked=(Unchecked(Location(name, 1, 1), HOSTILE, HOSTILE),), validation=spoil(VALIDATION),
    )  # fmt: skip


def test_nothing_hostile_becomes_markup():
    shown = page(hostile())
    shown.encode("utf-8")
    read = Read(shown)
    assert read.open == []
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert "img" not in {tag for tag, _ in read.tags}
    assert not [key for _, attributes in read.tags for key in attributes if key.startswith("on")]
    assert not [address for address in read.all("href") if not address.startswith("#")]
    assert "\u202e" not in shown


@given(st.text(min_size=1))
def test_any_path_is_an_id(path):
    assert re.fullmatch(r"file:[\w.~%/-]+", file_address(path), re.ASCII)
