"""Files to records and back, byte for byte."""

import codecs
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apimig.records import Language, Location, Skipped, SourceFile, Span
from apimig.scan import boundaries, decode, encode, load, locate, masked_spans, prefilter, read
from apimig.syntax import Words


def decoded(raw, tmp_path, name="a.py"):
    return decode(raw, tmp_path / name, tmp_path)


UNUSUAL = {
    "empty": b"",
    "no final newline": b"x = 1",
    "crlf": b"x = 1\r\ny = 2\r\n",
    "mixed endings": b"x = 1\r\ny = 2\n\r\n",
    "double carriage returns": b"x = 1\r\r\ny = 2\r\r\n",
    "bare carriage return in a string": b"x = '''a\rb'''\ny = 2\n",
    "form feeds": b"x = 1\n\x0c\ndef f():\n\x0c\tpass\n",
    "tabs": b"if x:\n\ty = 1\n",
    "trailing blanks": b"x = 1  \t\n   \n",
    "only comments": b"# a\n#b",
    "long escapes": b"x = '\\\\\\\n'\n",
    "utf-8": "x = 'é€😀'\n".encode(),
    "cookie": b"# -*- coding: utf-8 -*-\nx = 1\n",
    "no cookie, as code comes first": b"x = 1\n# coding: latin-1\n",
    "no cookie on the third line": b"#\n#\n# coding: latin-1\n",
    "vim cookie": b"#!/usr/bin/python\n# vim: set fileencoding=utf8 :\n",
}


@pytest.mark.parametrize("raw", UNUSUAL.values(), ids=UNUSUAL)
def test_text_is_the_bytes(tmp_path, raw):
    source = decoded(raw, tmp_path)
    assert isinstance(source, SourceFile)
    assert (source.text, source.encoding, source.language) == (raw, "utf-8", Language.PYTHON)
    assert encode(source, source.text) == raw


OTHER_ENCODINGS = {
    "latin-1": ("iso8859-1", "# coding: latin-1\nx = 'é'\n".encode("latin-1")),
    "cp1252": ("cp1252", "# -*- coding: cp1252 -*-\nx = '“€”'\n".encode("cp1252")),
    "second line": ("iso8859-15", "#!/usr/bin/python\n# coding=iso-8859-15\nx = '€'\n".encode("iso-8859-15")),
    "koi8": ("koi8-r", "# coding: koi8-r\nx = 'да'\n".encode("koi8-r")),
    "shift-jis": ("shift_jis", "# coding: shift_jis\nx = '表'\n".encode("shift_jis")),
    "mark": ("utf-8-sig", codecs.BOM_UTF8 + "x = 'é'\r\n".encode()),
    "mark and cookie": ("utf-8-sig", codecs.BOM_UTF8 + b"# coding: utf-8\r\n"),
    "cookie below bare return": ("iso8859-1", b"#!python\r# coding: latin-1\rx = '\xe9'\r"),
}


@pytest.mark.parametrize(("encoding", "raw"), OTHER_ENCODINGS.values(), ids=OTHER_ENCODINGS)
def test_other_encodings(tmp_path, encoding, raw):
    source = decoded(raw, tmp_path)
    assert isinstance(source, SourceFile)
    assert source.encoding == encoding
    assert source.text.decode() == raw.decode(encoding).replace("\r", "\n" if b"\n" not in raw else "\r")
    assert encode(source, source.text) == raw


def test_new_text_is_written_in_the_files_encoding(tmp_path):
    source = decoded("# coding: cp1252\nx = 'é'\n".encode("cp1252"), tmp_path)
    assert encode(source, source.text.replace(b"x", b"yz")) == "# coding: cp1252\nyz = 'é'\n".encode("cp1252")


def test_a_file_of_bare_carriage_returns_keeps_them(tmp_path):
    source = decoded(b"x = 1\ry = 2\r", tmp_path)
    assert source.text == b"x = 1\ny = 2\n"
    assert encode(source, b"x = 1\nz\ny = 2\n") == b"x = 1\rz\ry = 2\r"


REFUSED_TEXT = [
    ("# coding: latin-1\nx = 1\n", "# coding: latin-1\n\nx = '€'\n", 3, "'€' cannot be written in iso8859-1"),
    ("# coding: latin-1\nx = 1\n", "import a\nimport b\n# coding: latin-1\n", None, "no longer be read as iso8859-1"),
    ("x = 1\n", "# coding: latin-1\nx = 1\n", None, "no longer be read as utf-8"),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), REFUSED_TEXT)
def test_text_that_does_not_fit_is_refused(tmp_path, old, new, line, words):
    refusal = encode(decoded(old.encode("latin-1"), tmp_path), new.encode())
    assert isinstance(refusal, Skipped)
    assert (refusal.name, refusal.line) == ("a.py", line)
    assert words in refusal.reason


SKIPPED = [
    (b"x = 1\n'\xff'\n", 2, "not valid utf-8"),
    (b"# coding: utf-8\n\xe9\n", 2, "not valid utf-8"),
    (b"# coding: ascii\nx\n\xe9\n", 3, "not valid ascii"),
    (b"#\n# coding: klingon\n", 2, "unknown encoding klingon"),
    (b"# coding: rot13\n", 1, "rot13 is not an encoding of text"),
    (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "UTF-8 mark but says it is latin-1"),
    (codecs.BOM_UTF16_LE + "x = 1\n".encode("utf-16-le"), None, "UTF-16"),
    (b"x = 1\ny = '\0'\n", 2, "NUL"),
    (b"\x7fELF\x02\x00", 1, "NUL"),
    (b"# coding: unicode_escape\nx = '\\u0041'\n", None, "does not round-trip"),
    (b"x = (1,\n\ny = 2\n", 1, "does not parse: '(' was never closed"),
    (b"x = 1\ndef f(:\n    pass\n", 2, "does not parse: invalid syntax"),
    (b"from __future__ import *\n", 1, "does not compile: future feature * is not defined"),
    (
        b"x = 1\ndef f():\n    def g():\n        y = (a.\n    b(\n    ))\n",
        4,
        "is valid, but the grammar used here does not understand this line",
    ),
    (b"x = 1\n    y = 2\n", 2, "does not parse: unexpected indent"),
    (b"x = " + b"(" * 5000 + b")" * 5000, 1, "does not parse: too many nested parentheses"),
    (b"print 'a'\nx = \n", 1, "does not parse: Missing parentheses"),
    (b"#\nx = 1\ry = 2\nz = 3\n", 2, "bare carriage return"),
    (b"f(x=1, x=2)\n0777\nclass\n", 2, "does not parse"),
]


@pytest.mark.parametrize(("raw", "line", "words"), SKIPPED)
def test_what_is_not_code_is_skipped_with_a_reason(tmp_path, raw, line, words):
    skipped = decoded(raw, tmp_path)
    assert isinstance(skipped, Skipped)
    assert (skipped.name, skipped.line) == ("a.py", line)
    assert words in skipped.reason


PYTHON2 = [
    "print 'a'\n",
    "print >>f, 'x' % y,\nprint\nprint 'x'",
    "exec code in scope\n",
    "try:\n    pass\nexcept E, e:\n    pass\n",
    "try:\n    pass\nexcept (A, B), e:\n    print(e)\n",
    "x = `y`\n",
    "x = a <> b\n",
    "x = ur'a'\n",
    "x = 0777\n",
    "x = 10L\n",
    "raise E, 'x', tb\n",
    "def f((a, b)): pass\n",
    "if 1:\n        x\n\ty\n",
    "print 'no final newline'",
]


@pytest.mark.parametrize("code", PYTHON2)
def test_python_2_only(tmp_path, code):
    source = decoded(code.encode(), tmp_path)
    assert isinstance(source, SourceFile)
    assert source.language is Language.PYTHON2
    assert encode(source, source.text) == code.encode()


PYTHON3 = [
    "print (x), y\n",
    "print(x, file=f)\n",
    "print -1\n",
    "x = 0o777, 0, 00, 0.5, 0x1L if 0 else 1\n".replace("0x1L", "0x1"),
    "exec('x')\n",
    "match x:\n    case [a, *_]: pass\n",
    "try:\n    pass\nexcept* E as e:\n    pass\n",
    "type X = int\n",
    "def f[T](x: T) -> T: ...\n",
    "x = f'{a['b']}'\n",
    "x = t'{a}'\n",
    "try:\n    pass\nexcept ValueError, os.error:\n    pass\n",
    "x = '\\d'\n",
    "x = 1 is 1\n",
]


@pytest.mark.parametrize("code", PYTHON3)
def test_python_3_of_this_or_a_newer_interpreter(tmp_path, code):
    source = decoded(code.encode(), tmp_path)
    assert isinstance(source, SourceFile), source
    assert source.language is Language.PYTHON


def test_names_and_modules(tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    for name in ("__init__.py", "a.pyi"):
        (package / name).write_text("")
    init, stub = read(package / "__init__.py", tmp_path), read(package / "a.pyi", tmp_path)
    assert (init.name, init.module, init.is_package) == ("pkg/__init__.py", "pkg", True)
    assert (stub.name, stub.module, stub.is_package, stub.language) == ("pkg/a.pyi", "pkg.a", False, Language.STUB)


class TestFilesThatCannotBeRead:
    def test_gone_or_no_file(self, tmp_path):
        (tmp_path / "dir.py").mkdir()
        (tmp_path / "link.py").symlink_to("nothing")
        os.mkfifo(tmp_path / "pipe.py")
        names = ("gone.py", "dir.py", "link.py", "pipe.py")
        assert [read(tmp_path / name, tmp_path).reason for name in names] == [
            "does not exist",
            "is not a regular file",
            "is a symbolic link to nothing",
            "is not a regular file",
        ]

    def test_too_large(self, tmp_path):
        path = tmp_path / "a.py"
        path.write_bytes(b"#" * 6_000_000)
        assert read(path, tmp_path) == Skipped("a.py", "is larger than 5 MB")
        assert isinstance(read(path, tmp_path, max_bytes=None), SourceFile)

    def test_no_permission(self, tmp_path):
        path = tmp_path / "a.py"
        path.write_text("x = 1\n")
        path.chmod(0)
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(folder.stat().st_mode | 0o055)
        if os.access(path, os.R_OK):  # the user may read everything: ask as one who may not
            pid = os.fork()
            if pid == 0:
                os.setuid(65534)
                os._exit(0 if load(path, tmp_path) == Skipped("a.py", "cannot be read: permission denied") else 1)
            assert os.waitpid(pid, 0)[1] == 0
        else:
            assert load(path, tmp_path) == Skipped("a.py", "cannot be read: permission denied")


def test_prefilter():
    words = Words(["pandas", "append"])
    assert prefilter(b"import pandas", words)
    assert not prefilter(b"import pandasql", words)


PLACES = [
    (b"x\ny", 0, 1, 1),
    (b"x\ny", 2, 2, 1),
    ("é = é\n".encode(), 5, 1, 5),
    (b"a\r\nb\r\n", 3, 2, 1),
    (b"", 0, 1, 1),
]


@pytest.mark.parametrize(("raw", "offset", "line", "column"), PLACES)
def test_locate(tmp_path, raw, offset, line, column):
    assert locate(decoded(raw, tmp_path), offset) == Location("a.py", line, column)


def test_an_ordinary_file_is_one_stretch(tmp_path):
    source = decoded(b"x = 1\n", tmp_path)
    assert boundaries(source) == (Span(0, 6),)
    assert masked_spans(source) == ()


@given(
    st.sampled_from(
        ["utf-8", "utf-8-sig", "latin-1", "cp1252", "koi8-r", "shift_jis", "gb18030", "cp437", "iso2022_jp", "utf-7"]
    ),
    st.text(st.characters(exclude_characters="\0")),
    st.booleans(),
)
def test_whatever_is_read_is_written_back(tmp_path_factory, encoding, text, as_comment):
    cookie = "" if encoding.startswith("utf-8") else f"# coding: {encoding}\n"
    body = "\n".join("# " + line for line in text.splitlines()) if as_comment else text
    raw = (cookie + body).encode(encoding, errors="ignore")
    source = decode(raw, tmp_path_factory.getbasetemp() / "a.py", tmp_path_factory.getbasetemp())
    if isinstance(source, SourceFile):
        assert encode(source, source.text) == raw
        assert source.text.decode("utf-8") is not None


@given(st.binary())
def test_no_bytes_crash_it(tmp_path_factory, raw):
    source = decode(raw, tmp_path_factory.getbasetemp() / "a.py", tmp_path_factory.getbasetemp())
    assert isinstance(source, Skipped) or encode(source, source.text) == raw


def test_reading_is_light():
    code = "import sys, apimig.scan; print([m for m in ('libcst', 'fissix', 'bowler', 'nbformat') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
