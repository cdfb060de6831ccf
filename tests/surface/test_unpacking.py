"""Archives are unpacked into one folder, code only, whatever they say."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from apimig.errors import ApimigError
from apimig.surface.unpacking import notes_address, unpack


def wheel(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def source(path, files, links=()):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return path


def there(folder):
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_code_and_stubs_come_out_tests_and_binaries_do_not(tmp_path):
    files = {
        "lib/__init__.py": "", "lib/a.pyi": "", "lib/_c.so": "x", "lib/data.json": "{}", "lib/tests/test_a.py": "",
        "lib/py.typed": "", "lib-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: Lib\nVersion: 1.0\n",
        "lib-1.0.dist-info/top_level.txt": "lib\n_lib\n",
    }  # fmt: skip
    found = unpack(wheel(tmp_path / "l.whl", files), tmp_path / "out")
    assert there(found.folder) == ["lib/__init__.py", "lib/a.pyi"]
    assert (found.roots, found.name, found.version, found.typed) == (("lib",), "Lib", "1.0", True)


def test_code_under_data_is_where_it_is_installed(tmp_path):
    files = {"lib-1.0.data/purelib/lib/__init__.py": "", "one.py": ""}
    assert unpack(wheel(tmp_path / "l.whl", files), tmp_path / "out").roots == ("lib", "one")


@pytest.mark.parametrize("name", ["../out.py", "/abs.py", "lib/../../x.py", "c:\\x.py", "lib\\..\\x.py"])
def test_nothing_of_a_wheel_leaves_the_folder(name, tmp_path):
    found = unpack(wheel(tmp_path / "l.whl", {name: "", "lib/__init__.py": ""}), tmp_path / "deep" / "out")
    assert there(found.folder) == ["lib/__init__.py"]
    assert there(tmp_path) == ["deep/out/lib/__init__.py", "l.whl"]


@pytest.mark.parametrize("place", ["", "src/", "lib/"])
def test_source_archives(place, tmp_path):
    files = {
        "lib-1.0/PKG-INFO": "Name: lib\nVersion: 1.0\n", "lib-1.0/setup.py": "raise SystemExit",
        f"lib-1.0/{place}pack/__init__.py": "", "lib-1.0/tests/__init__.py": "", "lib-1.0/docs/conf.py": "",
    }  # fmt: skip
    found = unpack(source(tmp_path / "lib-1.0.tar.gz", files), tmp_path / "out")
    assert (found.roots, found.name, found.version) == (("pack",), "lib", "1.0")


def test_links_of_a_source_archive_are_left_out(tmp_path):
    files = {"lib-1.0/lib/__init__.py": ""}
    found = unpack(source(tmp_path / "l.tar.gz", files, [("lib-1.0/lib/etc.py", "/etc/passwd")]), tmp_path / "out")
    assert there(found.folder) == ["lib/__init__.py"]


def test_a_source_archive_that_leads_outside_is_refused(tmp_path):
    with pytest.raises(ApimigError, match="cannot be unpacked"):
        unpack(source(tmp_path / "l.tar.gz", {"../../evil.py": ""}), tmp_path / "out")
    assert there(tmp_path) == ["l.tar.gz"]


def test_a_file_that_is_no_archive_is_said_to_be_none(tmp_path):
    (tmp_path / "x.whl").write_bytes(b"not a zip")
    with pytest.raises(ApimigError, match=r"x\.whl cannot be unpacked"):
        unpack(tmp_path / "x.whl", tmp_path / "out")


# the metadata of a release: the address that tells of changes
ADDRESSES = {
    "release notes before all else": (
        "Home-page: https://a.org\nProject-URL: Changelog, https://a.org/c\nProject-URL: Release notes, https://a.org/n",
        "https://a.org/n",
    ),
    "labels are written in many ways": ("Project-URL: What's New, https://a.org/new", "https://a.org/new"),
    "documentation, where nothing is nearer": (
        "Home-page: https://a.org\nProject-URL: Source, https://g.org/a\nProject-URL: Docs, https://a.org/docs",
        "https://a.org/docs",
    ),
    "the home of the project": ("Home-page: https://a.org\nAuthor: A", "https://a.org"),
    "no address": ("Home-page: UNKNOWN\nProject-URL: Changelog, see README", ""),
    "the description is none of it": ("Name: a\n\nProject-URL: Changelog, https://a.org/c", ""),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_where_a_release_tells_of_changes(case):
    metadata, address = ADDRESSES[case]
    assert notes_address(metadata) == address
