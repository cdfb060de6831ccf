"""IPython's syntax in cells: masked byte for byte, and restored."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.scan.magics import Kind, Names, mask_cell, unmask
from apimig.syntax import check_python


def masked(code):
    cell = code.encode()
    return mask_cell(cell, Names(cell))


def seen(code):
    """The cell with each mask shown by its kind's first letter, so that a table can be read."""
    result = masked(code)
    if result.hidden:
        return None
    text, end, shown = result.text, 0, b""
    for mask in result.masks:
        shown += text[end : mask.span.start] + b"<" + mask.kind[:1].upper().encode() + b">"
        end = mask.span.end
    return (shown + text[end:]).decode()


LEFT_ALONE = [
    "",
    "x = 1",
    "x = a % b",
    "x = (a\n  % b)\n",
    "x = [a\n  % b]",
    "print('%s' % x)\n",
    "s = '''\n%matplotlib inline\n!ls\nx?\n'''\n",
    's = """a\\"""\n!ls\n"""\n',
    "x = 'why?'  # why?\n",
    "# %matplotlib inline\n# !ls\n",
    "x = a \\\n  % b\n",
    "x = 'a\\\n!b'\n",
    "x != 1\nx == 1\n",
    "f(x=1)\nx: int = 1\nx %= 2\n",
    "{\n'a': 1,\n}\n",
    "await x\n",
    "x;\n",
    "def f():\n    return 1\n",
    "x = f'{a!r}'\n",
    "cat = 1\nls\npip(x)\ncd = 2\n",
]


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_python_is_left_alone(code):
    assert seen(code) == code
    assert masked(code).masks == ()


MAGICS = [
    ("%matplotlib inline", "<S>"),
    ("%matplotlib inline\nimport a", "<S>\nimport a"),
    ("!ls\n!pwd\n!ls\n", "<S>\n<S>\n<S>\n"),
    ("!", "<S>"),
    ("?x\nx?\n??a.b\na.b??\n", "<S>\n<S>\n<S>\n<S>\n"),
    ("!!ls -l 'unbalanced (\nx = 1", "<S>\nx = 1"),
    ("%config A.b = {'x': 1}\n", "<S>\n"),
    ("x = 1?\ny = 2", "<S>\ny = 2"),
    ("np.mean?  \ny", "<S>\ny"),
    ("if x:\n    !ls\n    y()\nelse:\n    %cd ..\n", "if x:\n    <S>\n    y()\nelse:\n    <S>\n"),
    ("if x: !ls\n", None),
    ("!pip install \\\n    pandas\nimport a", "<S>\nimport a"),
    ("!\n(\n?", "<S>\n<S>"),
    ("%matplotlib inline\r\nx = 1\r\n", "<S>\r\nx = 1\r\n"),
    ("files = !ls\nfor f in files: f", "files = <V>\nfor f in files: f"),
    ("df = %sql select * from 'x'\n", "df = <V>\n"),
    ("a, b = !echo 'é'\n", "a, b = <V>\n"),
    ("x.y[0] = %env HOME\n", "x.y[0] = <V>\n"),
    ("x = !ls \\\n  -l\ny", "x = <V>\ny"),
    ("f(a=!ls)\n", None),
    ("%time model.fit(x)\n", "<P>model.fit(x)\n"),
    ("    %time x = f(a)\n    y\n", "    <P>x = f(a)\n    y\n"),
    ("%timeit -n 100 -r 10 f(df, low=True)\n", "<P>f(df, low=True)\n"),
    ("%timeit -n100 -o f(df)\n", "<P>f(df)\n"),
    ("%prun -l 5 f(x)\n", "<P>f(x)\n"),
    ("%timeit x = f()\n", "<S>\n"),
    ("%time for x in y: x\n", "<S>\n"),
    ("%time f(\n", "<S>\n"),
    ("%time\n%time \n%timeit?\n", "<S>\n<S>\n<S>\n"),
    ("%time", "<S>"),
    ("%run -i script.py\n", "<S>\n"),
    ("/f 1 2\n,f a b\n;f a b\n", "<S>\n<S>\n<S>\n"),
    ("%%time\nx = 1", "<S>\nx = 1"),
    ("\n\n%%time\nx = 1", "\n\n<S>\nx = 1"),
    ("%%capture out --no-stderr\n!ls\nx = 1", "<S>\n<S>\nx = 1"),
    ("%%capture\n%%time\nx = 1", "<S>\n<S>\nx = 1"),
    ("%%time?\n", "<S>\n"),
    ("%%timeit x = 1\nf(x)\ng(x)", "<S>\nf(x)\ng(x)"),
    ("x = 1\n%%time\ny = 2", "x = 1\n<S>\ny = 2"),
    ("pip install pandas\nimport pandas", "<S>\nimport pandas"),
    ("import a\ncd data/raw\nls\n", "import a\n<S>\nls\n"),
    ("  x = 1\n  y = 2\n", "  x = 1\n  y = 2\n"),
]


@pytest.mark.parametrize(("code", "expected"), MAGICS)
def test_magics_are_masked_and_come_back(code, expected):
    assert seen(code) == expected
    result = masked(code)
    assert len(result.text) == len(code.encode())
    assert [m.start() for m in re.finditer(rb"\n", result.text)] == [
        m.start() for m in re.finditer(rb"\n", code.encode())
    ]
    if not result.hidden:
        assert check_python(b"if 1:\n" * result.is_indented + result.text) is None
        assert unmask(result, result.text) == code.encode()


HIDDEN = [
    ("%%bash\nls -l\n", ""),
    ("%%html\n<b>x</b>", ""),
    ("%%writefile a.py\nimport pandas", ""),
    ("%%R\nlibrary(x)", ""),
    ("%%mymagic\nnot python at all", ""),
    ("%%zipline --start 2004\nimport a\n", "runs under %%zipline"),
    ("%%timeit\nx = f()", "assigns names under %%timeit"),
    ("%%timeit\nimport a\nf(a)", "assigns names under %%timeit"),
    ("print 'a'\n", "does not parse: Missing parentheses"),
    ("x = (1,\n", "does not parse"),
    ("x = 1 \\", "does not parse: ends in a backslash"),
    ("STOP HERE", "does not parse"),
    ("x = 1\ry = 2\n", "carriage return"),
    (">>> x = 1\n", "does not parse"),
]


@pytest.mark.parametrize(("code", "note"), HIDDEN)
def test_cells_that_are_hidden(code, note):
    result = masked(code)
    assert result.hidden
    assert result.note.startswith(note) or note in result.note
    assert bool(result.note) == bool(note)
    assert result.text == re.sub(rb"[^\r\n]", b" ", code.encode())
    assert unmask(result, result.text) is None


def edited(code, old, new):
    result = masked(code)
    assert result.text.count(old.encode()) == 1
    restored = unmask(result, result.text.replace(old.encode(), new.encode()))
    return restored if restored is None else restored.decode()


EDITS = [
    ("!ls\nx = np.product(y)\n!ls\n", "product", "prod", "!ls\nx = np.prod(y)\n!ls\n"),
    ("%time np.product(x)\n", "product", "prod", "%time np.prod(x)\n"),
    ("f = !ls\nx = 1\n", "x = 1", "import a\nx = a.b(\n    1)", "f = !ls\nimport a\nx = a.b(\n    1)\n"),
    ("%%time\nx = 1", "x = 1", "x = 2", "%%time\nx = 2"),
    ("x?\ny = 'é'\n", "y", "zé", "x?\nzé = 'é'\n"),
]


@pytest.mark.parametrize(("code", "old", "new", "expected"), EDITS)
def test_edits_beside_masks(code, old, new, expected):
    assert edited(code, old, new) == expected


REFUSED = [
    ("%time f(x)\n", "f(x)", "f(x,\n  y)"),  # IPython would read the first line alone
    ("%time f(x)\n", "f(x)", ""),
    ("%timeit f(x)\n", "f(x)", "y = f(x)"),
    ("x = 1\n", "x = 1", "x = (1"),
    ("x = 1\n", "x = 1", "!ls"),
    ("x = 1\n", "x", "  x"),
]


@pytest.mark.parametrize(("code", "old", "new"), REFUSED)
def test_edits_that_change_what_is_ipythons_are_refused(code, old, new):
    assert edited(code, old, new) is None


def test_a_touched_mask_is_refused():
    result = masked("!ls\nx = 1\n")
    mask = result.masks[0].text
    for text in (result.text.replace(mask, b""), mask + b"\n" + result.text, result.text.replace(mask, mask + b" #")):
        assert unmask(result, text) is None


def test_a_masked_value_is_a_name_that_nobody_has():
    names = Names(b"aa = 1\nbb = !ls")
    given_names = [names.fresh(length) for length in (1, 1, 2, 2, 3, 4, 12) for _ in range(5)]
    assert len(set(given_names)) == len(given_names)
    assert all(
        name.isidentifier() and name not in {"aa", "a", "b", "l", "if", "id"} for name in map(bytes.decode, given_names)
    )


PIECES = st.sampled_from(
    ["%matplotlib inline", "!ls", "!", "?", "x?", "a = !ls", "b = %env X", "%time f(x)", "%timeit g(y)", "x = 1", "if x:", "    y = 2",
     "    !cat é", "def f(a):", "    return a", "# 'c", "s = '''", "'''", "(", ")", "", "\\", "x = 'é'", "%%time", "%%bash", "0#~~1", "0",
     "100000;", "\t%cd", "pass", "else:", "ls -l", "1;", "0;"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_cell_keeps_its_length_and_comes_back(lines, ending, final):
    cell = (ending.join(lines) + ending * final).encode()
    result = mask_cell(cell, Names(cell))
    assert len(result.text) == len(cell)
    assert [m.start() for m in re.finditer(rb"[\r\n]", result.text)] == [
        m.start() for m in re.finditer(rb"[\r\n]", cell)
    ]
    if not result.hidden:
        assert check_python(b"if 1:\n" * result.is_indented + result.text) is None
        assert unmask(result, result.text) == cell
        outside = set(range(len(cell))) - {i for m in result.masks for i in range(m.span.start, m.span.end)}
        assert all(cell[i] == result.text[i] for i in outside)
        assert all(m.kind in Kind and len(m.text) == len(m.original) for m in result.masks)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_text_crashes_it(text):
    cell = text.encode()
    result = mask_cell(cell, Names(cell))
    assert len(result.text) == len(cell)
    assert result.hidden or unmask(result, result.text) == cell
