"""How each style of a specifier moves, in each dialect; the same arithmetic serves every kind of file."""

from __future__ import annotations

import pytest
from packaging.version import Version

from apimig.errors import UnknownVersionError
from apimig.pins import upgrade_pins
from tests.pins.tools import RELEASES, after, change_of

SAME = None


def requirement(spec: str, **options: object) -> str:
    return after("requirements.txt", f"pandas{spec}\n", **options).removeprefix("pandas").removesuffix("\n")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        # exact pins go to the newest release of the series
        ("==1.5.3", "==2.0.3"),
        ("== 1.5.3", "== 2.0.3"),
        ("==1.5", "==2.0.3"),
        ("===1.5.3", "===2.0.3"),
        ("==2.0.0", "==2.0.3"),
        ("==2.0.0rc1", "==2.0.3"),
        ("==2.0.3", SAME),
        ("==2.0.3.0", SAME),
        # wildcards keep their depth
        ("==1.5.*", "==2.0.*"),
        ("==1.*", "==2.*"),
        ("==1.5.3.*", "==2.0.3.*"),
        ("==2.0.*", SAME),
        ("==2.*", SAME),
        # compatible releases
        ("~=1.5.3", "~=2.0.3"),
        ("~=1.5", "~=2.0"),
        ("~= 1.5.3", "~= 2.0.3"),
        ("~=2.0.1", SAME),
        ("~=2.0", SAME),
        # upper bounds go up in the digits that count
        ("<2", "<3"),
        ("<2.0", "<3.0"),
        ("<2.0.0", "<3.0.0"),
        ("<1.6", "<2.1"),
        ("<1.6.0", "<2.1.0"),
        ("<1.5.3", "<2.0.4"),
        ("<2.0a0", "<3.0a0"),
        ("<2.dev0", "<3.dev0"),
        ("<=1.5.3", "<=2.0.3"),
        ("<=1.5", "<=2.0.3"),
        ("<3", SAME),
        ("<2.1", SAME),
        ("<=2.0.3", SAME),
        ("<=2.0.1", "<=2.0.3"),
        # ranges move the bound that is in the way, and nothing else
        (">=1.3,<2", ">=1.3,<3"),
        (">=1.3, <2", ">=1.3, <3"),
        ("<2,>=1.3", "<3,>=1.3"),
        (">=1.3,<2,!=1.4.0", ">=1.3,<3,!=1.4.0"),
        (">=1.3,!=1.4.*,<2", ">=1.3,!=1.4.*,<3"),
        (">1.3,<=1.5.3", ">1.3,<=2.0.3"),
        (">=1.3,==1.*", ">=1.3,==2.*"),
        (">=1.3,", SAME),
        (">=1.3", SAME),
        (">1.3", SAME),
        (">=1.3,<3", SAME),
        (">=2.0", SAME),
        ("!=1.4.0", SAME),
        ("", SAME),
        # never back, never against an exclusion, never to a build that may not exist
        ("==2.2.3", SAME),
        (">=2.1", SAME),
        (">=2.1,<3", SAME),
        ("~=2.2", SAME),
        ("==3.*", SAME),
        (">=1.3,!=2.0.3", SAME),
        (">=1.3,<2,!=2.0.*", SAME),
        ("==1.5.3+cu117", SAME),
    ],
)
def test_a_pin_keeps_its_style(before, expected):
    assert requirement(before) == (before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("==1.5.3", "==2.0.*"),
        ("===1.5.3", "==2.0.*"),
        ("~=1.5.3", "~=2.0.0"),
        ("==1.5.3.*", "==2.0.*"),
        ("<=1.5.3", "<2.1"),
        ("<1.5.3", "<2.1.0"),
        ("<2", "<3"),
        ("==2.0.0rc1", "==2.0.*"),
        ("==2.0.1", SAME),
        ("==2.0.*", SAME),
        (">=2.0.1", SAME),
        ("<=2.0", SAME),
        (">=1.3", SAME),
    ],
)
def test_without_known_releases_the_series_is_meant(before, expected):
    """`==2.0` would install 2.0.0, which nobody asked for; `==2.0.*` installs the newest there is."""
    assert requirement(before, releases=()) == (before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"target": "2.0", "literal": True}, "==2.0"),
        ({"target": "2.0", "literal": True, "releases": ()}, "==2.0"),
        ({"target": "2.0.1"}, "==2.0.1"),
        ({"target": "2.0.2"}, "==2.0.2"),  # taken as it is: nobody says that 2.0.2 does not exist elsewhere
        ({"target": "2.0.2", "releases": ()}, "==2.0.2"),
        ({"target": "2"}, "==2.2.3"),
        ({"target": "2.0rc1"}, "==2.0rc1"),
        ({"target": "2.0.0.post1"}, "==2.0.0.post1"),
        ({"target": "2.0.0", "releases": (Version("2.0.0rc1"),)}, "==2.0.0rc1"),
        ({"target": "1.5.3"}, "==1.5.3"),
    ],
)
def test_what_the_request_means(options, expected):
    assert requirement("==1.5.3", **options) == expected


def test_a_version_object_is_a_request_too():
    change = upgrade_pins(
        "requirements.txt", b"pandas==1.5.3\n", "pandas", Version("2.0"), literal=False, releases=RELEASES
    )
    assert change.after == b"pandas==2.0.3\n"


def test_a_request_that_is_no_version_says_so():
    with pytest.raises(UnknownVersionError, match="'two' is not a version"):
        change_of("requirements.txt", "pandas==1.5.3\n", target="two")


@pytest.mark.parametrize(
    ("before", "lower", "expected"),
    [
        (">=1.3", "1.5", ">=1.5"),
        (">=1.3.0", "1.5", ">=1.5.0"),
        (">=1", "1.5", ">=1.5"),
        (">1.3", "1.5", ">=1.5"),
        (">=1.3,<2", "1.5", ">=1.5,<3"),
        ("~=1.3", "2.0", "~=2.0"),
        ("==1.5.3", "1.5", "==2.0.3"),
        (">=1.5", "1.5", SAME),
        (">=1.5.3", "1.5", SAME),
        (">=2", "1.5", SAME),
        ("<3", "1.5", SAME),  # no lower bound: none is invented
        ("", "1.5", SAME),
        (">=1.3", None, SAME),
        ("!=1.4.0", "1.5", SAME),
    ],
)
def test_a_lower_bound_rises_only_to_what_the_edits_need(before, lower, expected):
    assert requirement(before, lower=lower) == (before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "target", "lower", "expected"),
    [
        ("~=1.3", "1.5", "1.4", "~=1.4"),
        ("~=1.3", "1.5", "1.4.2", "~=1.5"),  # `~=1.4.2` would keep 1.5 out
        ("~=1.3", "1.5", None, SAME),
        ("~=1.3", "2.0", "2.0.1", "~=2.0.3"),  # `~=2.0` would let 2.0.0 in
        ("~=2.0", "2.0", "2.0.1", SAME),  # `~=2.0.1` would keep 2.1 out, which was admitted
    ],
)
def test_a_compatible_pin_rises_where_it_can(before, target, lower, expected):
    assert requirement(before, target=target, lower=lower) == (before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (">=2.1", "asks for more than 2.0.3 already"),
        (">=1.3,!=2.0.3", "excludes 2.0.3 on purpose"),
        ("==1.5.3+cu117", "local label"),
        (">=1.5.3.foo", "not a version specifier"),
        ("=1.5.3", "not a version specifier"),
        ("==${PANDAS}", "not a version specifier"),
        ("==1!2.0", "not a version specifier"),
    ],
)
def test_what_is_left_is_named_with_its_place_and_reason(before, why):
    change = change_of("requirements.txt", f"# pins\npandas{before}\n")
    assert not change.changed
    (note,) = change.notes
    assert note.startswith("requirements.txt:2:7: pandas ")
    assert why in note


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("^1.5", "^2.0"),
        ("^1.5.3", "^2.0.3"),
        ("^1", "^2"),
        ("^0.25.3", "^2.0.3"),
        ("~1.5", "~2.0"),
        ("~1.5.3", "~2.0.3"),
        ("~1", "~2"),
        ("~=1.5.3", "~=2.0.3"),
        ("1.5.3", "2.0.3"),
        ("==1.5.3", "==2.0.3"),
        ("1.5.*", "2.0.*"),
        ("1.*", "2.*"),
        (">=1.3,<2.0", ">=1.3,<3.0"),
        (">=1.3 <2.0", ">=1.3 <3.0"),
        (">= 1.3, < 2", ">= 1.3, < 3"),
        ("*", SAME),
        ("^2.0", SAME),
        ("^2", SAME),
        ("~2.0", SAME),
        ("~2.0.1", SAME),
        ("2.0.3", SAME),
        ("2.*", SAME),
        (">=1.3", SAME),
        ("^1.5 || ^2.0", SAME),
        ("^1.3 || ^1.5", SAME),
        ("^2.1", SAME),
        ("^=1.5", SAME),
        ("latest", SAME),
    ],
)
def test_poetry(before, expected):
    text = '[tool.poetry.dependencies]\npandas = "{}"\n'
    assert after("pyproject.toml", text.format(before)) == text.format(before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "lower", "expected"),
    [
        ("^1.3", "1.4.2", "^1.4.2"),
        ("^1.3", "1.4", "^1.4"),
        ("^1.3", "1.2", SAME),
        ("^1", "1.4", "^1.4"),
        ("~1", "1.4", SAME),  # `~1.4` would keep 1.5 out
        ("^1.3", None, SAME),
    ],
)
def test_a_caret_rises_to_what_the_edits_need(before, lower, expected):
    text = '[tool.poetry.dependencies]\npandas = "{}"\n'
    result = after("pyproject.toml", text.format(before), target="1.5", lower=lower)
    assert result == text.format(before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("=1.5.3", "=2.0.3"),
        ("=1.5", "=2.0"),
        ("=1.5.*", "=2.0.*"),
        ("=1", "=2"),
        ("==1.5.3", "==2.0.3"),
        (" ==1.5.3", " ==2.0.3"),
        (" = 1.5.3", " = 2.0.3"),
        (" 1.5.3", " 2.0.3"),
        (" 1.5.*", " 2.0.*"),
        (" 1.5*", " 2.0*"),
        (">=1.3,<2", ">=1.3,<3"),
        (" >=1.3,<2.0a0", " >=1.3,<3.0a0"),
        ("~=1.5.3", "~=2.0.3"),
        ("<2", "<3"),
        ("", SAME),
        (" *", SAME),
        ("=2.0", SAME),
        ("=2", SAME),
        ("==2.0.3", SAME),
        (">=1.3", SAME),
        (" >=1.3,<3", SAME),
        ("=1.5|=2.0", SAME),
        ("=1.4|=1.5", SAME),
        ("=1.5.3=py39h1e4f2ec_0", SAME),
        (" 1.5.3 py39h1e4f2ec_0", SAME),
        ("[version='>=1.3,<2']", SAME),
        ("=2.2", SAME),
    ],
)
def test_conda(before, expected):
    text = 'dependencies:\n  - "pandas{}"\n  - numpy\n'
    assert after("environment.yml", text.format(before)) == text.format(before if expected is SAME else expected)


@pytest.mark.parametrize(
    ("before", "expected"), [("==1.5.3", "=2.0"), ("=1.5.3", "=2.0"), (" 1.5.3", " 2.0.*"), ("=2.0.1", SAME)]
)
def test_conda_without_known_releases(before, expected):
    """Conda reads `==2.0.*` as `==2.0`, so the series is spelled with one equals sign."""
    text = "dependencies:\n- pandas{}\n"
    result = after("environment.yml", text.format(before), releases=())
    assert result == text.format(before if expected is SAME else expected)
