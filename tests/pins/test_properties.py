"""What holds of every file and every specifier. The harness adds: one run is enough, and only specifiers differ."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from tests.pins.tools import RELEASES, change_of

TARGET = Version("2.0.3")
NUMBERS = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
SPACE = st.sampled_from(["", " ", "  "])


@st.composite
def clauses(draw):
    op = draw(st.sampled_from(["==", "===", "~=", "!=", "<=", ">=", "<", ">", "==*", "!=*"]))
    suffix = ".*" if op.endswith("*") else draw(st.sampled_from(["", "", "", "rc1", ".post1", ".dev0"]))
    return op.removesuffix("*") + draw(SPACE) + draw(NUMBERS) + suffix


@st.composite
def specifiers(draw):
    joined = f"{draw(SPACE)},{draw(SPACE)}".join(draw(st.lists(clauses(), max_size=3)))
    try:
        SpecifierSet(joined)
    except InvalidSpecifier:
        assume(False)
    return joined


def admits(text: str, version: Version) -> bool:
    return SpecifierSet(text.replace("===", "==")).contains(version, prereleases=True)


@given(specifiers(), st.sampled_from([None, "1.0", "1.5", "2.0.1"]))
def test_a_changed_specifier_admits_the_target_and_an_unchanged_one_has_a_reason(before, lower):
    change = change_of("requirements.txt", f"pandas{before}\n", lower=lower)
    now = change.after.decode().removeprefix("pandas").removesuffix("\n")
    if admits(now, TARGET):
        assert not change.notes or now == before  # held for its lower bound at most
    else:
        assert now == before
        assert change.notes


@given(specifiers())
def test_a_specifier_that_admits_the_target_stays(before):
    if admits(before, TARGET):
        assert not change_of("requirements.txt", f"pandas{before}\n").changed


@given(specifiers())
def test_what_was_admitted_of_a_range_is_still_admitted(before):
    """Bounds only widen: whoever could install the project with an old version still can."""
    assume(all(op not in before for op in ("==", "~=")))
    change = change_of("requirements.txt", f"pandas{before}\n")
    now = change.after.decode().removeprefix("pandas").removesuffix("\n")
    assert all(admits(now, version) for version in RELEASES if admits(before, version))


GRID = [Version(".".join(map(str, parts))) for parts in itertools.product((0, 1, 2, 3, 4, 9), repeat=4)]


@given(specifiers(), st.sampled_from(["2", "2.0", "3.0.0"]))
def test_without_releases_some_version_of_the_series_is_admitted(before, target):
    assume(any(admits(before, version) for version in GRID))  # it did not contradict itself
    change = change_of("requirements.txt", f"pandas{before}\n", releases=(), target=target)
    now = change.after.decode().removeprefix("pandas").removesuffix("\n")
    if now != before:
        depth = len(Version(target).release)
        assert any(admits(now, v) for v in GRID if v.release[:depth] == Version(target).release)


FILES = {
    "requirements.txt": "# {noise}\nnumpy==1.0  # {noise}\npandas[excel]{spec} ; os_name == 'x'  # {noise}\n-r x.txt",
    "setup.cfg": "[metadata]\nname = {noise}\n[options]\ninstall_requires =\n    pandas {spec}\n# {noise}\n",
    "tox.ini": "# {noise}\n[testenv]\ndeps =\n\tpandas{spec}\n",
    "setup.py": "# {noise}\nsetup(install_requires=[  'pandas{spec}', 'numpy'])  # {noise}",
    "pyproject.toml": "# {noise}\n[project]\ndependencies = [\n  'pandas{spec}', # {noise}\n]\n",
    "environment.yml": "# {noise}\ndependencies:\n  - pip:\n    - 'pandas{spec}'  # {noise}\n",
}
NOISE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12)


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_all_kinds_of_files_move_alike_and_keep_everything_else(name, data):
    spec, noise = data.draw(specifiers()), data.draw(NOISE)
    assume(noise.isprintable())
    before = FILES[name].format(spec=spec, noise=noise)
    moved = change_of("requirements.txt", f"pandas{spec}\n").after.decode().removeprefix("pandas").removesuffix("\n")
    ending = data.draw(st.sampled_from(["\n", "\r\n"]))
    change = change_of(name, before.replace("\n", ending))
    assert change.skipped is None
    assert change.after.decode() == FILES[name].format(spec=moved, noise=noise).replace("\n", ending)


NAMES = (
    *FILES,
    "Pipfile",
    "pixi.toml",
    "meta.yaml",
    "noxfile.py",
    "uv.lock",
    "Pipfile.lock",
    "conda-lock.yml",
    "requirements.in",
)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *[
                    "pandas",
                    "==1.5.3",
                    ">=1.3,<2",
                    "'",
                    "[",
                    "]",
                    "{",
                    "}",
                    "(",
                    ")",
                    "dependencies",
                    "=",
                    ":",
                    ",",
                    "#",
                    "*",
                    "|",
                    "^1",
                    "~",
                    "@",
                    ";",
                    "--hash",
                    "install_requires",
                ],
                *["\n", "\r\n", "\\\n", " ", "  - ", '"', ": ", "\t", "\ufeff", "ü"],
                *["[project]\n", "[tool.poetry.dependencies]\n", "[options]\n", "[testenv]\ndeps =\n "],
            ]
        ),
        st.text(max_size=4),
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("name", NAMES)
@given(st.one_of(PIECES.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=40)))
def test_no_file_is_too_broken(name, data):
    change = change_of(name, data)
    assert change.skipped is None or not change.changed


@pytest.mark.parametrize("name", ["pyproject.toml", "environment.yml", "Pipfile.lock"])
def test_a_file_nested_too_deeply_is_skipped(name):
    opening = "x = [" if name.endswith("toml") else "["
    change = change_of(name, opening + "[" * 20_000 + '"pandas"' + "]" * 20_001)
    assert change.skipped is not None
    assert change.skipped.reason == "nested too deeply to be read"
