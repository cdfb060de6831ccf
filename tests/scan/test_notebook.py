"""Notebooks: one virtual module, and edits that touch nothing but the cells they are in."""

import copy
import json
import pickle
import warnings
from dataclasses import replace

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.records import Language, Location, Skipped, SourceFile, Span
from apimig.scan import boundaries, cell_of, decode, encode, load, locate, masked_spans, notes
from apimig.syntax import check_python, first_error, parse


def code_cell(source, **more):
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source, **more}


def book(*cells, metadata=None, nbformat=4, minor=4):
    return {"cells": list(cells), "metadata": metadata or {}, "nbformat": nbformat, "nbformat_minor": minor}


def read(tmp_path, notebook, **style):
    raw = notebook if isinstance(notebook, bytes) else (json.dumps(notebook, **{"indent": 1, **style}) + "\n").encode()
    source = decode(raw, tmp_path / "n.ipynb", tmp_path)
    assert isinstance(source, SourceFile), source
    return source


def edit(source, old, new):
    """The bytes after replacing text that occurs once."""
    assert source.text.count(old.encode()) == 1
    return encode(source, source.text.replace(old.encode(), new.encode()))


def test_code_cells_become_one_module(tmp_path):
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["# x = 1"]}
    source = read(tmp_path, book(code_cell(["import a\n", "a"]), markdown, code_cell("b = a.c()\n"), code_cell([])))
    assert source.language is Language.NOTEBOOK
    assert source.text == b"# %% cell 0\nimport a\na\n# %% cell 2\nb = a.c()\n\n# %% cell 3\n\n"
    assert [source.text[span.start : span.end] for span in boundaries(source)] == [b"import a\na", b"b = a.c()\n", b""]


def test_headings_are_unlike_any_cell(tmp_path):
    source = read(tmp_path, book(code_cell("# %% cell 0\nx = 1"), code_cell("## %% cell 7")))
    assert source.text.startswith(b"### %% cell 0\n# %% cell 0\n")
    assert json.loads(edit(source, "x = 1", "y = 2"))["cells"][0]["source"] == "# %% cell 0\ny = 2"


def test_locations_are_within_cells(tmp_path):
    source = read(
        tmp_path, book({"cell_type": "raw", "metadata": {}, "source": ""}, code_cell("a\né = b"), code_cell("c"))
    )
    at = source.text.index
    assert locate(source, at(b"b\n")) == Location("n.ipynb", 2, 5, cell=1)
    assert str(locate(source, source.text.rindex(b"c"))) == "n.ipynb#cell2:1:1"
    assert cell_of(source, 0) == (1, 1, 1)
    assert cell_of(source, len(source.text) - 1) == (2, 1, 2)


def test_an_ordinary_file_has_no_cells(tmp_path):
    source = decode(b"x = 1\n", tmp_path / "a.py", tmp_path)
    assert cell_of(source, 0) is None
    assert notes(source) == ()


def test_a_notebook_without_code(tmp_path):
    source = read(tmp_path, book())
    assert (source.text, boundaries(source), masked_spans(source)) == (b"", (), ())
    assert encode(source, b"") == source.raw


def test_a_source_can_be_sent_to_another_process(tmp_path):
    source = read(tmp_path, book(code_cell("%time f(x)")))
    assert encode(pickle.loads(pickle.dumps(source)), source.text) == source.raw


STYLES = {
    "nbformat's": {"indent": 1, "ensure_ascii": False},
    "escaped": {"indent": 1, "ensure_ascii": True},
    "compact": {"indent": None, "separators": (",", ":")},
    "one line": {"indent": None},
    "sorted, wide": {"indent": 4, "sort_keys": True},
    "tabs": {"indent": "\t"},
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize(
    "lines", [["x = 'é'\n", "y = np.product(x)\n", "z"], "x = 'é'\ny = np.product(x)\nz", ["y = np.product(x)"]]
)
def test_an_edit_is_written_in_the_notebooks_style(tmp_path, style, lines):
    before = book(code_cell(lines), code_cell(["é"]), metadata={"authors": ["Ö"]})
    after = copy.deepcopy(before)
    change = lambda line: line.replace("product", "prod")  # noqa: E731
    after["cells"][0]["source"] = change(lines) if isinstance(lines, str) else [change(line) for line in lines]
    assert edit(read(tmp_path, before, **style), "product", "prod") == (json.dumps(after, **style) + "\n").encode()


def test_lines_can_be_added_and_removed(tmp_path):
    before = book(code_cell(["a\n", "b\n", "c"]), code_cell(["d"]), code_cell("e"))
    source = read(tmp_path, before)
    for old, new, cell, lines in [
        ("b\n", "b1\nb2 = 'é'\n", 0, ["a\n", "b1\n", "b2 = 'é'\n", "c"]),
        ("b\n", "", 0, ["a\n", "c"]),
        ("d\n", "import d\nd\n", 1, ["import d\n", "d"]),
        ("e\n", "e\nf\n", 2, "e\nf"),
    ]:
        after = copy.deepcopy(before)
        after["cells"][cell]["source"] = lines
        expected = (json.dumps(after, indent=1, ensure_ascii=False) + "\n").encode()
        count = source.text.count(old.encode())
        text = source.text.replace(old.encode(), new.encode()) if count == 1 else None
        if text is None:  # the headings have the letter too: replace after the last one
            head, _, tail = source.text.rpartition(old.encode())
            text = head + new.encode() + tail
        assert encode(source, text) == expected


@pytest.mark.parametrize(("old", "new"), [(["x"], []), ([], ["x\n", "y"]), ("", "x"), ("x", "")])
def test_cells_become_empty_or_full(tmp_path, old, new):
    source = read(tmp_path, book(code_cell(old)))
    text = source.text.replace(b"x\n" if old else b"0\n\n", b"\n" if old else b"0\n" + "".join(new).encode() + b"\n")
    assert encode(source, text) == (json.dumps(book(code_cell(new)), indent=1) + "\n").encode()


def test_unusual_spellings_of_json_are_kept(tmp_path):
    raw = (
        b'\xef\xbb\xbf{"nbformat" : 4,"nbformat_minor":0, "metadata": {"a": 1.0E+2, "b": NaN, "c": 1e400, "d": -0, "a": "\\/"},\r\n'
        b'  "cells": [ {"source": ["shadowed"], "cell_type": "code", "source":[\t"x = \'\\u00E9\'\\n" ,\n "y\\u0020= 1"\t],'
        b' "outputs": [{"data": "\\ud83d"}]} ]}'
    )
    source = read(tmp_path, raw)
    assert encode(source, source.text) == raw
    assert edit(source, "y = 1", "y = 2\nz = 'ü'\n'é'") == raw.replace(
        b'"y\\u0020= 1"', b'"y = 2\\n" ,\n "z = \'\\u00fc\'\\n" ,\n "\'\\u00e9\'"'
    )


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        pytest.param('"source":"old","source":["x = 1"]', '"source":"old","source":["x = 2\\n","z"]', id="given twice"),
        pytest.param('"source":["y"],"sour\\u0063e":"x = 1"', '"source":["y"],"sour\\u0063e":"x = 2\\nz"', id="escaped key"),
        pytest.param('"input":"x = 1", "source":"x = 1"', '"input":"x = 1", "source":"x = 2\\nz"', id="of two formats"),
        pytest.param('"source":["", "x = ", "1", ""]', '"source":["x = 2\\n", "z"]', id="not split into lines"),
        pytest.param('"source":["x = 1", "\\ny"]', '"source":["x = 2\\n", "z\\n", "y"]', id="split before the newlines"),
        pytest.param('"source":"x = 1", "o": {"a":NaN,"a":1e999}', '"source":"x = 2\\nz", "o": {"a":NaN,"a":1e999}', id="no numbers"),
        pytest.param('"source":"x = 1","b":12345678901234567890.0', '"source":"x = 2\\nz","b":12345678901234567890.0', id="long number"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("above", ["", '"cells": [], "worksheets": 3, '])
def test_only_the_place_that_json_reads_is_written(tmp_path, cell, after, above):
    def raw(members):
        return f'{{{above}"cells": [{{"cell_type":"code",{members}}}], "metadata": {{}}, "nbformat": 4}}'.encode()

    source = read(tmp_path, raw(cell))
    assert encode(source, source.text.replace(b"x = 1", b"x = 2\nz")) == raw(after)


def test_each_cell_keeps_its_way_of_escaping(tmp_path):
    raw = json.dumps(book(code_cell("é"), code_cell("x")), ensure_ascii=False).replace('"x"', '"x # \\u00fc"').encode()
    source = read(tmp_path, raw)
    assert edit(source, "é", "é + ü") == raw.replace("é".encode(), "é + ü".encode())
    assert edit(source, "x #", "ö #") == raw.replace(b"x #", b"\\u00f6 #")


def test_a_windows_notebook(tmp_path):
    before = book(code_cell(["a\r\n", "np.product\r\n", "!ls\r\n", "b"]))
    raw = json.dumps(before, indent=1).replace("\n", "\r\n").encode()
    source = read(tmp_path, raw)
    assert edit(source, "product", "prod") == raw.replace(b"product", b"prod")


def test_format_3(tmp_path):
    cell = {
        "cell_type": "code",
        "collapsed": False,
        "input": ["x = 1\n", "%pylab"],
        "language": "python",
        "metadata": {},
        "outputs": [],
    }
    other = {**cell, "language": "ruby", "input": ["puts 1"]}
    sheets = [
        {"cells": [{"cell_type": "heading", "level": 1, "source": ["T"]}, cell]},
        {"cells": [other, {**cell, "input": "y = 2"}]},
    ]
    before = {"metadata": {"name": "n"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}
    source = read(tmp_path, before)
    assert [cell_of(source, span.start)[0] for span in boundaries(source)] == [1, 3]
    after = edit(source, "x = 1", "x = 3")
    assert after == source.raw.replace(b"x = 1", b"x = 3")
    assert nbformat.reads(after.decode(), as_version=4).cells[1].source == "x = 3\n%pylab"


def test_magics_and_cells_that_are_not_python(tmp_path):
    cells = ["%matplotlib inline\nx = 1", "%%bash\nls", "%%time\ny = 2", "print 'a'", "  z = 3"]
    source = read(tmp_path, book(*map(code_cell, cells)))
    texts = [source.text[span.start : span.end] for span in boundaries(source)]
    assert [text.split(b"\n")[-1].strip() for text in texts] == [b"x = 1", b"y = 2", b"z = 3"]
    assert texts[1] == b"y = 2", "nothing may be put before %%time"
    assert notes(source) == (
        Skipped("n.ipynb#cell3", "does not parse: Missing parentheses in call to 'print'. Did you mean print(...)?", 1),
    )
    restored = json.loads(encode(source, source.text.replace(b" = ", b" =  ")))
    assert [cell["source"] for cell in restored["cells"]] == [cell.replace(" = ", " =  ") for cell in cells]


def test_what_is_masked_is_said(tmp_path):
    source = read(tmp_path, book(code_cell("!ls\nx = %env A\n%time f(y)"), code_cell("%%sh\nls")))
    originals = b"# %% cell 0\n!ls\nx = %env A\n%time f(y)\n# %% cell 1\n%%sh\nls\n"
    spans = [originals[span.start : span.end] for span in masked_spans(source)]
    assert spans == [b"# %% cell 0\n", b"!ls", b"%env A", b"%time ", b"\n# %% cell 1\n", b"%%sh\nls"]


def test_places_follow_the_edits(tmp_path):
    source = read(tmp_path, book(code_cell("x\n!ls"), code_cell("%%time\ny\nz = %env A")))
    later = replace(source, text=source.text.replace(b"x\n", b"x + 1\nx\n"))
    texts = [later.text[span.start : span.end] for span in boundaries(later)]
    assert [text.split(b"\n")[0] for text in texts] == [b"x + 1", b"y"]
    assert len(masked_spans(later)) == len(masked_spans(source)) == 5
    assert locate(later, later.text.index(b"y\n")) == Location("n.ipynb", 2, 1, cell=1)
    torn = replace(source, text=source.text.replace(b"%% cell", b"%%"))
    assert (boundaries(torn), masked_spans(torn)) == ((), (Span(0, len(torn.text)),))


REFUSED = [
    (b"\n# %% cell 1\n", b"\n", "crosses"),
    (b"# %% cell 0\n", b"import a\n# %% cell 0\n", "crosses"),
    (b"x = 1", b"# %% cell 1\n", "crosses"),
    (b"x = 1\n", b"x = 1", "crosses"),
    (b"0#", b"1#", "not Python in cell 0"),
    (b"x = 1", b"%ls", "not Python in cell 0"),
    (b"x = 1", b"x = (", "not Python in cell 0"),
]


@pytest.mark.parametrize(("old", "new", "words"), REFUSED)
def test_edits_that_leave_their_cell_are_refused(tmp_path, old, new, words):
    source = read(tmp_path, book(code_cell("!ls\nx = 1"), code_cell("y")))
    refusal = encode(source, source.text.replace(old, new))
    assert isinstance(refusal, Skipped)
    assert words in refusal.reason


SKIPPED = [
    (b"{", "is not valid JSON"),
    (b"", "is not valid JSON"),
    (b"[]", "is JSON, but not a notebook"),
    (b'{"cells": []}', "is JSON, but not a notebook"),
    (b'{"nbformat": 4, "x": "\xff"}', "is not valid utf-8"),
    (b'{"nbformat": 2, "worksheets": []}', "format 2"),
    (b'{"nbformat": 4, "cells": {}}', "not where its format has them"),
    (b'{"nbformat": 3, "worksheets": [3]}', "not where its format has them"),
    (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "cell 0 has no source"),
    (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "cell 0 has no source"),
    (b'{"nbformat": 4, "cells": [4]}', "cell 0 has no source"),
    (b'{"nbformat": 4, "cells": [], "metadata": {"kernelspec": {"language": "R"}}}', "of R, not of Python"),
    (b'{"nbformat": 4, "cells": [], "metadata": {"kernelspec": {"name": "julia-1.6"}}}', "of julia-1.6"),
    (b'{"nbformat": 4, "cells": [], "metadata": {"language_info": {"name": "scala"}}}', "of scala"),
    (b'{"nbformat": ' + b"1" * 5000 + b"}", "numbers too long"),
    (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nests too deeply"),
]


@pytest.mark.parametrize(("raw", "words"), SKIPPED)
def test_what_is_no_notebook_of_python(tmp_path, raw, words):
    skipped = decode(raw, tmp_path / "n.ipynb", tmp_path)
    assert isinstance(skipped, Skipped)
    assert words in skipped.reason


@pytest.mark.parametrize(
    "kernel",
    [{}, {"name": "venv"}, {"name": "iris-env"}, {"language": "Python"}, {"name": "python3", "language": "ipython"}],
)
def test_kernels_that_are_python(tmp_path, kernel):
    assert read(tmp_path, book(code_cell("x"), metadata={"kernelspec": kernel}))


@pytest.mark.parametrize("source", ["x = '\ud800'", "x = 1\0", "print(", "x\ry"])
def test_one_bad_cell_does_not_hide_the_others(tmp_path, source):
    notebook = read(tmp_path, book(code_cell(source), code_cell("x = 1")))
    assert len(notes(notebook)) == 1
    assert edit(notebook, "x = 1", "x = 2") == notebook.raw.replace(b'"x = 1"', b'"x = 2"')


def test_cells_of_another_language_are_passed_by(tmp_path):
    notebook = read(tmp_path, book(code_cell("select", metadata={"vscode": {"languageId": "sql"}}), code_cell("x")))
    assert (len(boundaries(notebook)), notes(notebook)) == (1, ())


def test_notebooks_may_be_ten_times_as_large(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_bytes(b" " * 200)
    assert load(path, tmp_path, max_bytes=20) == b" " * 200
    assert isinstance(load(path, tmp_path, max_bytes=19), Skipped)


# --------------------------------------------------------------------------- properties

LINES = [
    "import a",
    "x = a.b",
    "%matplotlib inline",
    "!ls",
    "if x:",
    "    y",
    "y?",
    "x = '''",
    "'''",
    "é",
    "",
    "%%time",
    "%%bash",
    "print 1",
    "f = !ls",
    "  z",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
SOURCES = st.lists(st.sampled_from(LINES) | st.text(max_size=5), max_size=5).map("\n".join)


@st.composite
def cells(draw):
    source = draw(SOURCES)
    cell = {
        "cell_type": draw(st.sampled_from(["code", "code", "markdown", "raw"])),
        "source": source if draw(st.booleans()) else source.splitlines(keepends=True),
        "metadata": draw(st.dictionaries(st.text(max_size=4), JSON, max_size=2)),
        "outputs": draw(st.lists(JSON, max_size=2)),
        draw(st.text()): draw(JSON),
    }
    if not isinstance(cell.get("cell_type"), str) or not isinstance(cell["source"], str | list):
        cell |= {"cell_type": "code", "source": source}
    return dict(draw(st.permutations(list(cell.items()))))


NOTEBOOKS = st.builds(
    lambda cells, extra, order: dict(order.sample(list((base := {**extra, **book(*cells)}).items()), len(base))),
    st.lists(cells(), max_size=4),
    st.dictionaries(st.text(max_size=4), JSON, max_size=2),
    st.randoms(use_true_random=False),
)
DUMPS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 2, "\t"]),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([None, (",", ":"), (" ,", " : ")]),
    }
)


def written(notebook, style, ending):
    return (json.dumps(notebook, **style) + ending).encode("utf-8", errors="replace")


@given(NOTEBOOKS, DUMPS, st.sampled_from(["", "\n", "\r\n", "  \n\n"]))
def test_any_notebook_comes_back(tmp_path_factory, notebook, style, ending):
    raw = written(notebook, style, ending)
    source = decode(raw, tmp_path_factory.getbasetemp() / "n.ipynb", tmp_path_factory.getbasetemp())
    assert isinstance(source, SourceFile), source
    assert encode(source, source.text) == raw
    assert check_python(source.text) is None
    assert first_error(parse(source.text)) is None


@given(NOTEBOOKS, DUMPS, st.randoms(use_true_random=False), st.sampled_from(["# é", "import b", "x = 'ü\\n'"]))
def test_changing_one_cell_changes_nothing_else(tmp_path_factory, notebook, style, random, line):
    raw = written(notebook, style, "\n")
    source = decode(raw, tmp_path_factory.getbasetemp() / "n.ipynb", tmp_path_factory.getbasetemp())
    cells_open = boundaries(source)
    if not cells_open:
        return
    span = random.choice(cells_open)
    index = cell_of(source, span.end)[0]
    result = encode(source, source.text[: span.end] + b"\n" + line.encode() + source.text[span.end :])
    if isinstance(result, Skipped):
        # the line became part of what stands before it: a string, a continued line, an indented cell
        assert not line.startswith("#") or "not Python" in result.reason
        return
    expected = json.loads(raw)
    old = expected["cells"][index]["source"]
    new = "".join(old) + "\n" + line
    expected["cells"][index]["source"] = new if isinstance(old, str) else new.splitlines(keepends=True)
    assert json.dumps(json.loads(result)) == json.dumps(expected)
    place = next(cell.place for cell in source.layout.cells if cell.index == index)
    before, after = raw.decode(), result.decode()
    assert after.startswith(before[: place.start])
    assert after.endswith(before[place.end :])


def test_nbformat_reads_what_is_written(tmp_path):
    notebook = book(code_cell(["x = 1\n", "!ls"], id="a"), code_cell("y", id="b"), minor=5)
    after = edit(read(tmp_path, notebook), "x = 1", "import z\nx = z.a")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed = nbformat.reads(after.decode(), as_version=4)
        nbformat.validate(parsed)
    assert parsed.cells[0].source == "import z\nx = z.a\n!ls"
