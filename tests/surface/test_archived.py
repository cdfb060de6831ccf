"""Texts are read from archives in memory."""

from __future__ import annotations

import zipfile

import pytest

from apimig.errors import ApimigError
from apimig.surface.archived import texts_of
from tests.surface.test_unpacking import source

FILES = {"lib-1.0/tests/a.py": "a = 1\n", "lib-1.0/doc/b.rst": "b", "lib-1.0/big.py": "x" * 100, "lib-1.0/c.so": "c"}


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(("make", "name"), [(source, "lib-1.0.tar.gz"), (zipped, "lib-1.0.zip")])
def test_wanted_files_below_the_one_folder(make, name, tmp_path):
    archive = make(tmp_path / name, FILES)
    found = dict(texts_of(archive, lambda path: path.suffix in (".py", ".rst"), 50))
    assert found == {"tests/a.py": "a = 1\n", "doc/b.rst": "b"}


def test_links_and_what_is_no_text_are_left_out(tmp_path):
    archive = source(tmp_path / "l.tar.gz", {"lib-1.0/a.py": "a"}, [("lib-1.0/b.py", "/etc/passwd")])
    assert dict(texts_of(archive, lambda _: True, 50)) == {"a.py": "a"}
    archive = zipped(tmp_path / "l.zip", {"lib-1.0/a.py": b"\xff\xfe\xff", "lib-1.0/b.py": "b"})
    assert dict(texts_of(archive, lambda _: True, 50)) == {"b.py": "b"}


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_a_damaged_archive_is_an_error_for_people(content, tmp_path):
    (tmp_path / "l.tar.gz").write_bytes(content)
    with pytest.raises(ApimigError, match=r"l\.tar\.gz cannot be read"):
        list(texts_of(tmp_path / "l.tar.gz", lambda _: True, 50))
