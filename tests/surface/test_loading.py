"""Where a surface comes from, and what is said when there is none."""

from __future__ import annotations

import sys
import zipfile
from importlib import import_module

import pytest

import apimig
from apimig.errors import UnknownVersionError, UsageError
from apimig.surface import fetching
from apimig.surface.loading import parse_release, surface


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "text", ["pandas==1.5.3", "pandas===1.5.3", "pandas 1.5.3", "pandas@1.5.3", " pandas == v1.5.3 "]
)
def test_releases(text):
    assert parse_release(text) == ("pandas", "1.5.3")


@pytest.mark.parametrize("text", ["pandas", "pandas>=1.5", "==1.5", "pandas==", "pandas==1.5.*", ""])
def test_what_is_no_release(text):
    with pytest.raises(UsageError, match="names no release"):
        parse_release(text)


def test_offline_never_downloads_and_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(fetching, "download", lambda *_: pytest.fail("a download"))
    with pytest.raises(UsageError) as caught:
        surface("nosuchlib==1.0", offline=True)
    assert "--offline forbids the download" in caught.value.title
    assert "uses of nosuchlib are checked by rules alone" in caught.value.help


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        surface(tmp_path / "nothing.whl")


def test_the_room_is_called_to_get_a_surface(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("def f(a): ...")
    made = apimig.surface(tmp_path)
    assert made.find("lib.f").signature is not None
    import_module("apimig.surface.store")  # binds the room's name in the package, which must still be callable
    assert apimig.surface(tmp_path).entries == made.entries
    assert apimig.surface_changes(made, made) == ()


# --------------------------------------------------------------------------- a package client of our own

PIP = """
import sys, pathlib
options = sys.argv[1:]
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as file:
    print(*options, file=file)
python = options[options.index("--python-version") + 1] if "--python-version" in options else None
{body}
"""


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """Puts a program in the place of pip; returns what was asked of it."""

    def install(body: str):
        script = tmp_path / "pip.py"
        script.write_text(PIP.format(body=body))
        monkeypatch.setattr(fetching, "pip_command", lambda: (sys.executable, str(script)))
        fetching._addresses.cache_clear()
        return lambda: (tmp_path / "calls").read_text().splitlines()

    return install


def lib_wheel(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lib/__init__.py", "def f(a): ...")
        archive.writestr("lib-1.0.dist-info/METADATA", "Name: lib\nVersion: 1.0\n")
    return path


COPY = "import shutil; shutil.copy(here / 'lib-1.0-py3-none-any.whl', options[options.index('--dest') + 1])"


def test_wheels_only_without_dependencies(tmp_path, pip):
    lib_wheel(tmp_path / "lib-1.0-py3-none-any.whl")
    calls = pip(COPY)
    assert surface("lib==1.0").find("lib.f") is not None
    (call,) = calls()
    assert "--no-deps --only-binary :all:" in call
    assert call.endswith("lib==1.0")
    surface("lib==1.0", offline=True)
    assert len(calls()) == 1, "the second time it comes from the cache"


def test_an_old_release_has_wheels_for_old_pythons(tmp_path, pip):
    lib_wheel(tmp_path / "lib-1.0-py3-none-any.whl")
    calls = pip(f"if python != '3.8':\n    sys.exit('Skipping link: x\\nERROR: (from versions: 2.0)')\n{COPY}")
    assert str(surface("lib==1.0")) == "lib 1.0"
    assert [call.split("--python-version ")[1].split()[0] for call in calls()[1:]] == [
        "3.12",
        "3.11",
        "3.10",
        "3.9",
        "3.8",
    ]


def test_a_release_without_wheels_is_read_from_its_source_archive_unbuilt(tmp_path, pip):
    from tests.surface.test_unpacking import source

    archive = source(
        tmp_path / "lib-1.0.tar.gz", {"lib-1.0/lib/__init__.py": "def f(a): ...", "lib-1.0/setup.py": "1/0"}
    )
    digest = fetching.digest_of(archive)
    link = f"  Skipping link: No sources permitted for lib: {archive.as_uri()}#sha256={digest} (from index)"
    pip(f"sys.exit({link!r} + '\\nERROR: (from versions: 2.0)')")
    made = surface("lib==1.0")
    assert (made.find("lib.f") is not None, made.digest) == (True, digest)


def test_an_archive_with_another_hash_is_not_taken(tmp_path, pip):
    from tests.surface.test_unpacking import source

    archive = source(tmp_path / "lib-1.0.tar.gz", {"lib-1.0/lib/__init__.py": ""})
    link = f"  Skipping link: No sources permitted for lib: {archive.as_uri()}#sha256={'0' * 64} (from index)"
    pip(f"sys.exit({link!r} + '\\nERROR: (from versions: 2.0)')")
    with pytest.raises(UnknownVersionError):
        surface("lib==1.0")


@pytest.mark.parametrize(("version", "is_found"), [("1.0", True), ("2.0", False)])
def test_a_source_archive_is_downloaded_and_never_built(version, is_found, tmp_path, pip):
    from tests.surface.test_unpacking import source

    archive = source(tmp_path / "lib-1.0.tar.gz", {"lib-1.0/setup.py": "1/0"})
    calls = pip(f"print('  Found link {archive.as_uri()} (from index), version: 1.0')")
    (tmp_path / "into").mkdir()
    found = fetching.download_source("lib", version, tmp_path / "into")
    assert found == (tmp_path / "into" / "lib-1.0.tar.gz" if is_found else None)
    fetching.download_source("lib", "3.0", tmp_path / "into")
    assert [call.partition(" -")[0] for call in calls()] == ["index versions lib"], "it is asked once for all releases"


def test_a_source_archive_that_is_too_large_is_left(tmp_path, pip, monkeypatch):
    from tests.surface.test_unpacking import source

    monkeypatch.setattr(fetching, "_LARGEST", 10)
    archive = source(tmp_path / "lib-1.0.tar.gz", {"lib-1.0/setup.py": "1/0"})
    pip(f"print('  Found link {archive.as_uri()} (from index), version: 1.0')")
    (tmp_path / "into").mkdir()
    assert fetching.download_source("lib", "1.0", tmp_path / "into") is None
    assert not list((tmp_path / "into").iterdir())


def test_an_unknown_version_lists_the_known_ones(pip):
    pip("sys.exit('Skipping link: x\\nERROR: (from versions: 1.0, 2.0)')")
    with pytest.raises(UnknownVersionError) as caught:
        surface("lib==3.0")
    assert caught.value.help == "Known releases: 1.0, 2.0"


def test_an_unknown_distribution_is_asked_for_once(pip):
    calls = pip("sys.exit('ERROR: Could not find a version (from versions: none)')")
    with pytest.raises(UnknownVersionError, match="not found"):
        surface("nosuchlib==3.0")
    assert len(calls()) == 1


def test_no_network_is_no_unknown_version(pip):
    pip("sys.exit('WARNING: NewConnectionError\\nERROR: (from versions: none)')")
    with pytest.raises(UsageError, match="index is not reached") as caught:
        surface("lib==3.0")
    assert not isinstance(caught.value, UnknownVersionError)
