"""``apimig learn`` from two releases to a pack that upgrades code, with a library that is really built and run."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from apimig import UsageError
from apimig import learn as learn_a_pack
from tests.cli.tools import apimig, environment, git

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="environments are built for Linux here")

OLD = '''
import warnings


def old_area(width, height):
    """An old name."""
    warnings.warn("old_area is deprecated, use area instead", DeprecationWarning, stacklevel=2)
    return area(width, height)


def area(width=1, height=1):
    """The area of a rectangle."""
    return width * height


def rounded(value=1.25, digits=1):
    """A number with fewer digits."""
    return round(value, digits)


def length_of(value=0):
    warnings.warn("length_of is deprecated, use size_of instead", DeprecationWarning, stacklevel=2)
    return 1


def size_of(value=0):
    return 2


def from_file(stream):
    warnings.warn("from_file is deprecated, use from_stream instead", DeprecationWarning, stacklevel=2)
    return stream.lines()


def from_stream(stream):
    return stream.lines()


def from_shelf(shelf):
    warnings.warn("from_shelf is deprecated, use from_rack instead", DeprecationWarning, stacklevel=2)
    return shelf.books()


def from_rack(shelf):
    return shelf.books()


def corner(value=0):
    return [value]
'''
NEW = '''
def area(width=1, height=1):
    """The area of a rectangle."""
    return width * height


def rounded(value=1.25, *, digits=1):
    """A number with fewer digits."""
    return round(value, digits)


def size_of(value=0):
    return 2


def from_stream(stream):
    return stream.lines()


def from_rack(shelf):
    return shelf.books()


def edge(value=0):
    return [value]
'''
# what the releases' own tests and pages do: the only ones that make a shelf, and that say what became of corner
TESTS = """
import apimigbox


class Shelf:
    def books(self):
        return ["a", "b"]


def test_shelves():
    assert apimigbox.{shelf}(Shelf()) == ["a", "b"]


def test_corners():
    assert apimigbox.{corner}(3) == [3]
"""
OLD_TESTS, NEW_TESTS = (
    TESTS.format(shelf=shelf, corner=corner) for shelf, corner in (("from_shelf", "corner"), ("from_rack", "edge"))
)
CODE = "import apimigbox\n\nprint(apimigbox.old_area(2, 3), apimigbox.rounded(1.234, 2), apimigbox.length_of(3))\n"
AFTER = "import apimigbox\n\nprint(apimigbox.area(2, 3), apimigbox.rounded(1.234, digits=2), apimigbox.length_of(3))\n"


def wheel(folder: Path, version: str, text: str) -> None:
    info = f"apimigbox-{version}.dist-info"
    with zipfile.ZipFile(folder / f"apimigbox-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr("apimigbox/__init__.py", text)
        told = "Project-URL: Changelog, https://example.org/changes"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: apimigbox\nVersion: {version}\n{told}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


def source(folder: Path, version: str, text: str, tests: str) -> None:
    files = {"apimigbox/__init__.py": text, "tests/test_box.py": tests, "setup.py": "raise SystemExit('never built')"}
    with tarfile.open(folder / f"apimigbox-{version}.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"apimigbox-{version}/{name}")
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Variables with which pip and uv find the two releases, and a cache of our own."""
    wheels = tmp_path_factory.mktemp("wheels")
    wheel(wheels, "1.0.0", OLD)
    wheel(wheels, "2.0.0", NEW)
    source(wheels, "1.0.0", OLD, OLD_TESTS)
    source(wheels, "2.0.0", NEW, NEW_TESTS)
    cache = str(tmp_path_factory.mktemp("cache"))
    return environment(UV_FIND_LINKS=str(wheels), PIP_FIND_LINKS=str(wheels), APIMIG_CACHE_DIR=cache)


def learn(world, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apimig", "learn", "--lib", "apimigbox", "--from", "1.0.0", "--to", "2.0.0"]
    return subprocess.run(
        [*command, *map(str, arguments)], env=world, capture_output=True, text=True, check=False, timeout=600
    )


@pytest.fixture(scope="module")
def pack(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules") / "box"
    done = learn(world, "-o", folder, "--verbose")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def rule(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def test_rules_refer_to_where_the_release_says_that_it_tells_of_changes(pack):
    folder, _ = pack
    assert {rule(path)["reference"] for path in folder.glob("[!_]*.yaml")} == {"https://example.org/changes"}


def test_a_pack_says_of_each_rule_what_running_it_showed(pack):
    folder, said = pack
    found = {path.stem: rule(path) for path in folder.glob("[!_]*.yaml")}
    assert {name: each["provenance"]["verified"]["status"] for name, each in found.items()} == {
        "old_area": "verified",
        "rounded_keyword_only": "verified",
        "length_of": "differs",
        "from_shelf": "verified",
        "corner_2": "verified",
    }
    assert "applicability" not in found["old_area"]
    assert found["old_area"]["rename"] == {"apimigbox.old_area": "apimigbox.area"}
    assert {each["kind"] for each in found["old_area"]["provenance"]["evidence"]} >= {"shim"}
    assert found["length_of"]["applicability"] == "unsafe"
    assert "result: 1, then 2" in found["length_of"]["provenance"]["verified"]["reason"]
    assert "4  verified" in said
    assert "1  differs" in said


def test_tests_of_the_releases_give_cases_and_rules(pack):
    folder, _ = pack
    (case,) = rule(folder / "from_shelf.yaml")["cases"]
    assert case["before"].splitlines()[-1] == "result = from_shelf(Shelf())"
    assert case["setup"].startswith("class Shelf:")
    corner = rule(folder / "corner_2.yaml")
    assert corner["rename"] == {"apimigbox.corner": "apimigbox.edge"}
    assert corner["provenance"]["evidence"] == [
        {
            "kind": "test",
            "text": "apimigbox.corner(3) -> apimigbox.edge(3)",
            "place": "apimigbox 2.0.0: tests/test_box.py",
        }
    ]


def test_what_could_not_be_run_waits_beside_the_pack(pack):
    folder, said = pack
    waiting = sorted((folder / "candidates").glob("*.yaml"))
    assert [path.stem for path in waiting] == ["from_file"]
    assert waiting[0].read_text().startswith("# Not part of the pack: its cases could not be run")
    assert "1 candidate left for a person" in said


def test_the_pack_is_one_that_rules_test_and_upgrade_take(pack, tmp_path):
    folder, _ = pack
    tested = apimig("rules", "test", "--rules", str(folder))
    assert tested.exit_code == 0, tested.output
    (tmp_path / "code.py").write_text(CODE)
    command = ("upgrade", str(tmp_path), "--lib", "apimigbox==2.0.0", "--from", "1.0.0", "--rules", str(folder))
    done = apimig(*command, "--no-surfaces", "--types", "off")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "code.py").read_text() == AFTER


def test_a_second_run_changes_nothing_and_runs_nothing_again(pack, world):
    folder, _ = pack
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    done = learn(world, "-o", folder)
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before


def test_nothing_is_written_without_a_folder_and_json_is_for_programs(world):
    done = learn(world, "--json")
    found = json.loads(done.stdout)
    assert found["learned_from"] == "apimigbox 1.0.0 -> 2.0.0"
    assert {each["name"]: each["standing"] for each in found["entries"]}["old_area"] == "new"


def test_rules_that_exist_are_known_and_not_written_again(pack, world, tmp_path):
    folder, _ = pack
    done = learn(world, "--rules", folder, "-o", tmp_path / "more")
    assert "5  known" in done.stdout
    assert sorted(path.name for path in (tmp_path / "more").glob("*.yaml")) == ["_library.yaml"]


def test_what_is_not_run_is_left_for_a_person(world, tmp_path):
    done = learn(world, "--no-verify", "-o", tmp_path / "box")
    assert "left for a person" in done.stdout
    assert sorted(path.stem for path in (tmp_path / "box").glob("[!_]*.yaml")) == ["corner"], "it only reports"
    assert len(list((tmp_path / "box" / "candidates").glob("*.yaml"))) == 6


def reviewed(world, folder: Path, keys: str) -> str:
    """What a terminal shows of a review in which these keys are said."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "apimig", "learn", "--review", "-o", str(folder)]
    process = subprocess.Popen(command, env=world, stdin=child, stdout=child, stderr=child, close_fds=True)
    os.close(child)
    os.write(parent, keys.encode())
    shown = b""
    while True:
        try:
            chunk = os.read(parent, 4096)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    assert process.wait(60) == 0, shown
    os.close(parent)
    return shown.decode()


def test_a_person_accepts_rejects_and_keeps_candidates(world, tmp_path):
    folder = tmp_path / "box"
    learn(world, "--no-verify", "-o", folder)
    shown = reviewed(world, folder, "s\na\nr\nk\nr\nr\n")
    assert "area" in shown
    assert "1 candidate left in" in shown
    accepted = {path.stem: rule(path) for path in folder.glob("[!_]*.yaml")}
    assert accepted.pop("corner")["applicability"] == "manual"
    assert len(accepted) == 2
    assert sorted("applicability" in each for each in accepted.values()) == [False, True]
    assert apimig("rules", "test", "--rules", str(folder)).exit_code == 0
    kept = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    learn(world, "--no-verify", "-o", folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == kept


def test_pairs_of_code_teach_too(world, tmp_path):
    lines = [
        {
            "before": f"import apimigbox as b\nprint(b.old_area({n}, 2))\n",
            "after": f"import apimigbox as b\nprint(b.area({n}, 2))\n",
        }
        for n in (1, 2)
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n[]\n")
    done = learn(world, "--pairs", tmp_path / "p.jsonl", "-o", tmp_path / "box")
    assert done.returncode == 0, done.stderr
    assert "an object with before and after is expected" in done.stderr
    found = [rule(path) for path in (tmp_path / "box").glob("[!_]*.yaml")]
    assert [each["rename"] for each in found] == [{"apimigbox.old_area": "apimigbox.area"}]
    assert found[0]["provenance"]["verified"]["status"] == "verified"
    assert found[0]["provenance"]["support"] == 2


def test_commits_and_trees_teach_the_same(world, tmp_path):
    texts = {
        "old": "import apimigbox\nx = apimigbox.old_area(1, 2)\n",
        "new": "import apimigbox\nx = apimigbox.area(1, 2)\n",
    }
    git(tmp_path, "init", "-q", "repo")
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(text)
        (tmp_path / "repo" / "a.py").write_text(text)
        git(tmp_path / "repo", "add", "-A")
        git(tmp_path / "repo", "commit", "-q", "-m", name)
    by_trees = learn(world, "--trees", tmp_path / "old", tmp_path / "new", "-o", tmp_path / "a")
    by_commits = learn(world, "--git", tmp_path / "repo", "-o", tmp_path / "b")
    assert by_trees.returncode == by_commits.returncode == 0, by_trees.stderr + by_commits.stderr
    first, second = (rule(next((tmp_path / each).glob("[!_]*.yaml"))) for each in "ab")
    assert first["rename"] == second["rename"] == {"apimigbox.old_area": "apimigbox.area"}
    assert "repo, apimigbox 1.0.0 -> 2.0.0" in second["provenance"]["learned_from"]


WRONG = {
    "no such file of pairs": (
        ("--lib", "pandas", "--from", "1.5.3", "--to", "2.0.3", "--pairs", "no.jsonl"),
        "cannot be read",
    ),
    "nothing": ((), "learn needs a library"),
    "no release": (("--lib", "apimigbox", "--from", "1.0.0"), "learn needs a library"),
    "a release for a library": (("--lib", "x==2", "--from", "1", "--to", "2"), "names a release"),
    "no version": (("--lib", "x", "--from", "one", "--to", "2"), "'one' is no version"),
    "backwards": (("--lib", "x", "--from", "2.1", "--to", "2.0.3"), "2.1 is not older than 2.0.3"),
    "two sources": (
        ("--lib", "x", "--from", "1", "--to", "2", "--pairs", "p.jsonl", "--git", "."),
        "different sources",
    ),
    "a range of nothing": (("--lib", "x", "--from", "1", "--to", "2", "--range", "a..b"), "--range is of a repository"),
    "a review that nobody sees": (("--review", "-o", "."), "at a terminal"),
    "a review of no pack": (("--review",), "Name its folder"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case):
    arguments, said = WRONG[case]
    done = apimig("learn", *arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_a_release_that_does_not_exist_is_said(world):
    done = subprocess.run(
        [sys.executable, "-m", "apimig", "learn", "--lib", "apimigbox", "--from", "1.0.0", "--to", "7.0.0"],
        env=world, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode not in (0, 1)
    assert "Traceback" not in done.stderr
    assert "apimigbox 7.0.0" in done.stderr


def test_from_python_the_same_pack_is_written(pack, world, tmp_path):
    folder, _ = pack
    code = "import apimig, sys; print(*apimig.learn('apimigbox', '1.0.0', '2.0.0').save(sys.argv[1]).rules)"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "box"], env=world, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    written = {path.name: path.read_text() for path in (tmp_path / "box").glob("*.yaml")}
    assert written == {path.name: path.read_text() for path in folder.glob("*.yaml")}
    assert sorted(done.stdout.split()) == sorted(str(tmp_path / "box" / name) for name in written)


@pytest.mark.parametrize(("start", "end"), [("2.0.0", "1.0.0"), ("1.0.0", "1.0.0"), ("one", "2.0.0")])
def test_from_python_wrong_releases_are_errors_for_people(start, end):
    with pytest.raises(UsageError, match=r"not older|no version"):
        learn_a_pack("apimigbox", start, end)
