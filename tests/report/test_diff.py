"""The diff is one that git applies, whatever the bytes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apimig.records import FileChange
from apimig.report import unified


def diff(before: bytes, after: bytes, name: str = "a.py", *, color: bool = False) -> bytes:
    return b"".join(unified([FileChange(Path(name), name, before, after)], color=color))


def applied(folder: Path, before: bytes, after: bytes, name: str = "a.py") -> bytes:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before)
    patch = diff(before, after, name)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, cwd=folder, check=True)
    return file.read_bytes()


def test_equal_bytes_give_nothing():
    assert diff(b"a\n", b"a\n") == b""


def test_a_change_is_shown_with_three_lines_around():
    before = b"".join(b"%d\n" % n for n in range(1, 11))
    assert diff(before, before.replace(b"5\n", b"five\n")) == (
        b"--- a/a.py\n+++ b/a.py\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a\nb", b"a\nc", id="no final newline on both sides"),
        pytest.param(b"a\nb", b"a\nb\n", id="final newline added"),
        pytest.param(b"a\nb\n", b"a\nb", id="final newline removed"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nc\r\n", id="CRLF"),
        pytest.param(b"a\r\nb\nc\r\n", b"a\r\nx\nc\r\n", id="mixed endings"),
        pytest.param(b"a\rb\rc", b"a\rx\rc", id="lone CR"),
        pytest.param(b"a\x0cb\n\x85\n", b"a\x0cc\n\x85\n", id="form feed and NEL"),
        pytest.param("é\n".encode("latin-1"), "è\n".encode("latin-1"), id="latin-1"),
        pytest.param("x = 'é'\n".encode("utf-16"), "y = 'é'\n".encode("utf-16"), id="UTF-16"),
        pytest.param(b"a\na\na\na\nb\na\n", b"a\na\nb\na\na\nb\na\n", id="lines that repeat"),
        pytest.param(b"", b"a\n", id="was empty"),
        pytest.param(b"a\n", b"", id="becomes empty"),
    ],
)
def test_git_applies_it(tmp_path, before, after):
    assert applied(tmp_path, before, after) == after


@pytest.mark.parametrize("name", ["a b.py", "sub/x.py", 'quo"te.py', "tab\t.py", "naïve.py", "back\\slash.py"])
def test_git_applies_it_to_any_name(tmp_path, name):
    assert applied(tmp_path, b"a\nb\n", b"a\nc\n", name) == b"a\nc\n"


LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n", b"  d\n", b"--- e\n", b"+++ f\n"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, st.sampled_from([b"", b"end"]), st.sampled_from([b"", b"end"]))
def test_git_applies_any_difference(tmp_path_factory, old, new, old_end, new_end):
    before, after = b"".join(old) + old_end, b"".join(new) + new_end
    if before != after:
        assert applied(tmp_path_factory.mktemp("apply"), before, after) == after


def test_a_long_file_with_one_change_is_one_small_hunk():
    before = b"".join(b"line %d\n" % (n % 50) for n in range(50_000))
    changed = before.replace(b"line 49\n", b"line x\n", 1)
    assert len(diff(before, changed).splitlines()) == 11


def test_colours_do_not_change_the_text():
    before, after = b"a\r\nb\n", b"a\r\nc\n"
    plain = re.sub(rb"\x1b\[\d*m", b"", diff(before, after, color=True))
    assert plain == diff(before, after)


def test_files_come_in_the_order_of_their_names():
    changes = [FileChange(Path(n), n, b"a\n", b"b\n") for n in ("z.py", "a.py", "m.py")]
    assert re.findall(rb"^--- a/(.*)$", b"".join(unified(changes)), re.MULTILINE) == [b"a.py", b"m.py", b"z.py"]
