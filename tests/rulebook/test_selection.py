"""Which rules a migration applies, and what ``--lib NAME==VERSION`` means."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from apimig.errors import UnknownLibraryError, UnknownVersionError, UsageError
from apimig.records import Applicability
from apimig.rulebook import Migration, Request, migration, parse_request, select
from apimig.rulebook.rule import Library, Rename, Rule
from apimig.rulebook.selection import is_required


def rule(deprecated="", removed="", changed="", since="", library="pandas") -> Rule:
    return Rule(
        id=f"{library}/x",
        library=library,
        body=Rename((("pandas.a", "pandas.b"),)),
        summary="",
        reference="",
        applicability=Applicability.SAFE,
        deprecated=deprecated,
        removed=removed,
        changed=changed,
        replacement_since=since,
    )


REQUIRED, OPTIONAL, NOT = "required", "optional", "not"


@pytest.mark.parametrize(
    ("versions", "start", "end", "expected"),
    [
        # removed in (F, T]
        ({"removed": "2.0.0"}, "1.5.3", "2.0.0", REQUIRED),
        ({"removed": "2.0.0"}, "1.5.3", "2.0", REQUIRED),
        ({"removed": "2.0"}, "1.5.3", "2.0.0", REQUIRED),
        ({"removed": "2.0.0"}, "1.5.3", "3.0.0", REQUIRED),
        ({"removed": "2.0.0"}, "1.5.3", "1.9.9", NOT),
        ({"removed": "2.0.0"}, "2.0.0", "2.1.0", NOT),
        ({"removed": "2.0.0"}, "2.0", "2.1.0", NOT),
        ({"removed": "2.0.0"}, "2.0.1", "2.0.1", NOT),
        ({"removed": "10.0.0"}, "9.5.0", "10.0.0", REQUIRED),  # not as text
        # changed is as hard as removed
        ({"changed": "2.0.0"}, "1.5.3", "2.0.0", REQUIRED),
        ({"changed": "2.0.0"}, "2.0.0", "2.1.0", NOT),
        # deprecated
        ({"deprecated": "1.5.0"}, "1.0.0", "1.5.3", OPTIONAL),
        ({"deprecated": "1.5.0"}, "1.5.3", "2.0.0", OPTIONAL),
        ({"deprecated": "1.5.0"}, "1.0.0", "1.5.0", OPTIONAL),
        ({"deprecated": "1.5.0"}, "1.5.0", "1.5.0", OPTIONAL),
        ({"deprecated": "1.5.0", "removed": "3.0.0"}, "1.5.3", "2.0.0", OPTIONAL),
        ({"deprecated": "1.5.0", "removed": "2.0.0"}, "1.5.3", "2.0.0", REQUIRED),
        ({"deprecated": "1.5.0", "removed": "2.0.0"}, "2.0.0", "2.2.0", NOT),
        ({"deprecated": "2.1.0", "removed": "3.0.0"}, "1.5.3", "2.0.0", NOT),
        ({"deprecated": "1.0", "changed": "1.5", "removed": "3.0"}, "1.5.3", "2.0.0", OPTIONAL),
        # the replacement must exist
        ({"removed": "2.0.0", "since": "2.0.0"}, "1.5.3", "2.0.0", REQUIRED),
        ({"removed": "2.0.0", "since": "2.1.0"}, "1.5.3", "2.0.3", NOT),
        ({"deprecated": "1.5.0", "since": "1.6.0"}, "1.0.0", "1.5.3", NOT),
        # pre-, post-, dev and local releases
        ({"removed": "2.0.0"}, "1.5.3", "2.0.0rc1", REQUIRED),
        ({"removed": "2.0.0"}, "1.5.3", "2.0.0.dev0", REQUIRED),
        ({"removed": "2.0.0", "since": "2.0.0"}, "1.5.3", "2.0.0b2", REQUIRED),
        ({"removed": "2.0.1"}, "1.5.3", "2.0.0rc1", NOT),
        ({"removed": "2.0.0.post1"}, "1.5.3", "2.0.0.post1.dev2", REQUIRED),
        ({"removed": "2.0.0.post1"}, "1.5.3", "2.0.0rc1", NOT),
        ({"removed": "2.0.0"}, "2.0.0rc1", "2.0.0", REQUIRED),
        ({"removed": "2.0.0"}, "2.0.0.post1", "2.1.0", NOT),
        ({"removed": "2.0.0"}, "1.13.1+cu117", "2.0.0+cu118", REQUIRED),
        ({"removed": "2.0.0"}, "2.0.0+cu118", "2.1.0", NOT),
    ],
)
def test_a_migration_is_a_query(versions, start, end, expected):
    one, asked = rule(**versions), Migration("pandas", start, end)
    assert select([one], asked) == ((one,) if expected != NOT else ())
    assert select([one], asked, only_required=True) == ((one,) if expected == REQUIRED else ())
    assert is_required(one, asked) == (expected == REQUIRED) or expected == NOT


def test_rules_of_other_libraries_are_left_out_and_names_compare_normalised():
    ours, other = rule(removed="2.0", library="Scikit_Learn"), rule(removed="2.0", library="pandas")
    assert select([other, ours], Migration("scikit-learn", "1.0", "2.0")) == (ours,)


versions = st.builds(
    lambda release, suffix: ".".join(map(str, release)) + suffix,
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.sampled_from(["", "", "", "rc1", ".post1", ".dev1", "a2", "+local"]),
)
rules = st.builds(rule, *(versions | st.just("") for _ in range(4)))


@given(st.lists(rules, max_size=6), st.lists(versions, min_size=4, max_size=4), st.booleans())
def test_widening_the_interval_never_drops_a_rule_whose_body_is_required(some, points, only_required):
    lowest, low, high, highest = sorted(points, key=Version)
    narrow = select(some, Migration("pandas", low, high), only_required=only_required)
    wide = select(some, Migration("pandas", lowest, highest), only_required=only_required)
    assert set(narrow) <= set(wide)


@given(st.lists(rules, max_size=6), versions, versions)
def test_only_required_is_a_part_in_the_same_order(some, one, other):
    start, end = sorted((one, other), key=Version)
    everything = select(some, Migration("pandas", start, end))
    required = select(some, Migration("pandas", start, end), only_required=True)
    assert list(required) == [each for each in everything if is_required(each, Migration("pandas", start, end))]


@given(rules, versions)
def test_nothing_is_required_where_nothing_moves(one, version):
    final = Version(version).base_version
    assert select([one], Migration("pandas", final, final), only_required=True) == ()


@given(st.lists(rules, max_size=6), versions, versions, versions)
def test_two_steps_require_what_one_step_requires(some, a, b, c):
    first, middle, last = sorted((Version(v).base_version for v in (a, b, c)), key=Version)
    without = [each for each in some if not each.replacement_since]
    steps = {
        *select(without, Migration("pandas", first, middle), only_required=True),
        *select(without, Migration("pandas", middle, last), only_required=True),
    }
    assert steps == set(select(without, Migration("pandas", first, last), only_required=True))


# --------------------------------------------------------------------------- requests

PANDAS = Library(
    "pandas", ("pandas",), oldest="1.0.0", releases=("1.0.0", "1.5.2", "1.5.3", "2.0.0", "2.0.3", "2.1.0", "2.10.0")
)
SKLEARN = Library("scikit-learn", ("sklearn",), releases=("1.0", "1.0.1", "1.2.0"))
PILLOW = Library("Pillow", ("PIL",))
KNOWN = (PANDAS, SKLEARN, PILLOW)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("pandas==2.0", "2.0.3"),
        ("pandas==2.0.0", "2.0.0"),
        ("pandas==2.0.*", "2.0.3"),
        ("pandas==2.0.0.*", "2.0.0"),
        ("pandas==2", "2.10.0"),
        ("pandas==2.1", "2.1.0"),  # not 2.10
        ("pandas===2.0", "2.0"),
        ("pandas===2.0.7", "2.0.7"),
        ("pandas=2.0", "2.0.3"),
        ("pandas@2.0", "2.0.3"),
        ("pandas:2.0", "2.0.3"),
        ("pandas 2.0", "2.0.3"),
        ("  pandas  ==  2.0  ", "2.0.3"),
        ("Pandas==2.0", "2.0.3"),
        ("pandas[excel,plot]==2.0", "2.0.3"),
        ("pandas==v2.0", "2.0.3"),
        ("pandas==1.5.3.0", "1.5.3"),
        ("scikit-learn==1.0", "1.0.1"),
        ("scikit-learn===1.0", "1.0"),
        ("Scikit_Learn==1.2", "1.2.0"),
        ("scikit.learn==1.2", "1.2.0"),
        ("pandas==2.0.0rc1", "2.0.0rc1"),
        ("pandas==2.0.3+local", "2.0.3+local"),
        ("pandas==2.0.0.post1", "2.0.0.post1"),
    ],
)
def test_what_a_request_means(text, target):
    asked = parse_request(text, KNOWN)
    assert (asked.target, asked.literal) == (target, "===" in text)
    assert asked.library in ("pandas", "scikit-learn")


@pytest.mark.parametrize(
    ("text", "target", "note"),
    [
        ("pandas==99", "99", "pandas 99 is newer than every release these rules know: the rules up to 2.10.0 apply"),
        ("pandas==2.11.1", "2.11.1", "pandas 2.11.1 is newer than every release"),
        ("pillow==10.0", "10.0", "the releases of Pillow are not known: 10.0 is taken as written"),
        ("pandas==2.0.0rc1", "2.0.0rc1", "2.0.0rc1 is a pre-release: the rules up to 2.0.0 apply"),
        ("pandas==3.0.0b1", "3.0.0b1", "3.0.0b1 is a pre-release"),
    ],
)
def test_what_a_request_leaves_open_is_noted(text, target, note):
    asked = parse_request(text, KNOWN)
    assert asked.target == target
    assert any(each.startswith(note) for each in asked.notes)


@pytest.mark.parametrize(
    ("text", "error", "title", "help"),
    [
        (
            "pandas==2.0.9",
            UnknownVersionError,
            "pandas has no release 2.0.9",
            "The nearest are: 2.0.0, 2.0.3, 2.1.0, 2.10.0.",
        ),
        ("pandas==0.25", UnknownVersionError, "pandas has no release 0.25", "The nearest are: 1.0.0, 1.5.2."),
        (
            "pandas==2.5.0rc1",
            UnknownVersionError,
            "pandas has no release 2.5.0rc1",
            "The nearest are: 2.0.3, 2.1.0, 2.10.0.",
        ),
        (
            "pandsa==2.0",
            UnknownLibraryError,
            "no rules are known for pandsa",
            "Did you mean pandas==2.0? Rules are known for: Pillow, pandas, scikit-learn.",
        ),
        (
            "zzz==2.0",
            UnknownLibraryError,
            "no rules are known for zzz",
            "Rules are known for: Pillow, pandas, scikit-learn.",
        ),
        (
            "sklearn==1.2",
            UnknownLibraryError,
            "sklearn is the import name of scikit-learn",
            "Write --lib scikit-learn==1.2.",
        ),
        ("PIL==10", UnknownLibraryError, "PIL is the import name of Pillow", "Write --lib Pillow==10."),
        ("sklearn", UnknownLibraryError, "sklearn is the import name of scikit-learn", "Write --lib scikit-learn."),
        ("pandas", UsageError, "'pandas' says no version", "Name the version to move to, like this: pandas==2.10.0"),
        ("pandas==", UsageError, "'pandas==' cannot be read", "Write it like this: pandas==2.0"),
        (
            "pandas>=2.0",
            UsageError,
            "'pandas>=2.0' is a range",
            "Name the one version to move to, like this: pandas==2.0",
        ),
        (
            "pandas~=2.0",
            UsageError,
            "'pandas~=2.0' is a range",
            "Name the one version to move to, like this: pandas==2.0",
        ),
        (
            "pandas==2.0,<3",
            UsageError,
            "'pandas==2.0,<3' is a range",
            "Name the one version to move to, like this: pandas==2.0",
        ),
        (
            "pandas==two",
            UsageError,
            "'two' in 'pandas==two' is no version",
            "Versions look like 2.0, 2.0.3 or 2.1.0rc1.",
        ),
        (
            "pandas===two",
            UsageError,
            "'two' in 'pandas===two' is no version",
            "Versions look like 2.0, 2.0.3 or 2.1.0rc1.",
        ),
        ("==2.0", UsageError, "'==2.0' names no library", "Write it like this: pandas==2.0"),
        ("", UsageError, "'' names no library", "Write it like this: pandas==2.0"),
    ],
)
def test_a_wrong_request_is_one_clear_message(text, error, title, help):
    with pytest.raises(error) as caught:
        parse_request(text, KNOWN)
    assert (caught.value.title, caught.value.help, caught.value.exit_code) == (title, help, 2)


@given(st.text(max_size=20) | st.from_regex(r"pandas[=<>~!@ ]{0,3}[0-9a-z.*+!]{0,8}", fullmatch=True))
def test_any_text_is_a_request_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        assert Version(parse_request(text, KNOWN).target)


@given(st.sampled_from(PANDAS.releases), st.integers(1, 3))
def test_a_prefix_means_the_newest_release_that_begins_with_it(release, length):
    prefix = Version(release).release[:length]
    target = Version(parse_request("pandas==" + ".".join(map(str, prefix)), KNOWN).target)
    assert target.release[:length] == prefix
    assert all(v <= target for v in map(Version, PANDAS.releases) if v.release[:length] == prefix)


# --------------------------------------------------------------------------- migrations


@pytest.mark.parametrize(
    ("given_", "pinned", "start"),
    [
        ("", "", "1.0.0"),
        ("", "1.5.2", "1.5.2"),
        ("1.5.3", "1.5.2", "1.5.3"),
        ("1.5", "", "1.5.3"),
        ("==1.5.2", "", "1.5.2"),
        ("0.25.3", "", "0.25.3"),
    ],
)
def test_where_a_migration_starts(given_, pinned, start):
    found = migration(parse_request("pandas==2.0", KNOWN), KNOWN, given=given_, pinned=pinned)
    assert found == Migration("pandas", start, "2.0.3")


def test_a_library_without_a_known_oldest_release_starts_at_the_beginning():
    assert migration(Request("Pillow", "10.0", "10.0"), KNOWN).from_version == "0"


def test_a_migration_reads_as_text():
    assert str(Migration("pandas", "1.5.3", "2.0.3")) == "pandas 1.5.3 -> 2.0.3"


@pytest.mark.parametrize(
    ("given_", "pinned", "message"),
    [
        ("2.1", "", "pandas 2.0.3 is older than 2.1.0, which --from says"),
        ("", "2.1.0", "pandas 2.0.3 is older than 2.1.0, which the repository pins"),
    ],
)
def test_a_migration_never_goes_back(given_, pinned, message):
    with pytest.raises(UnknownVersionError, match=re.escape(message)):
        migration(parse_request("pandas==2.0", KNOWN), KNOWN, given=given_, pinned=pinned)


@pytest.mark.parametrize(("given_", "pinned"), [("one", ""), ("", "one")])
def test_a_start_that_is_no_version(given_, pinned):
    with pytest.raises(UsageError, match=r"'one' in .* is no version"):
        migration(parse_request("pandas==2.0", KNOWN), KNOWN, given=given_, pinned=pinned)


def test_staying_at_the_same_version_is_no_step_back():
    assert migration(parse_request("pandas==2.0", KNOWN), KNOWN, pinned="2.0.3").to_version == "2.0.3"
