"""Environments that uv really builds, small ones: their packages, the cache, and what is said when there is none."""

from __future__ import annotations

import multiprocessing
import subprocess
import threading
from datetime import date

import pytest

from apimig.environments import Choices, Request, build, building, needs_of, resolving
from apimig.environments.times import Time
from apimig.errors import ApimigError, UsageError
from apimig.uv import Interpreter, find_uv
from tests.environments.test_needs import put

pytestmark = pytest.mark.skipif(find_uv() is None, reason="environments are built with uv: pip install uv")
OLD = {"pyproject.toml": '[project]\nname="me"\ndependencies=["six<1.16"]\n'}


def request_for(folder, files=OLD, library="six", versions=("1.15.0", "1.16.0"), **choices):
    put(folder, files)
    said = Choices(exclude_newer=choices.pop("exclude_newer", "2024-01-01"), **choices)
    return Request(folder, library, versions, needs_of(folder, said), said)


def seen(environment, module):
    code = f"import {module}; print({module}.__version__)"
    done = subprocess.run([environment.python, "-I", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_both_releases_are_built_alike_and_kept(tmp_path):
    request, cache = request_for(tmp_path / "repo"), tmp_path / "cache"
    old, new = build(request, cache=cache)
    assert (seen(old, "six"), seen(new, "six")) == ("1.15.0", "1.16.0")
    assert old.interpreter == new.interpreter
    assert {**old.installed, "six": ""} == {**new.installed, "six": ""}
    assert seen(old, "pytest") == old.installed["pytest"]
    assert (new.site / "six.py").exists()
    made = {each.stat().st_mtime_ns for each in (old.python.parents[1], new.python.parents[1])}
    assert build(request, cache=cache) == (old, new)
    assert {each.stat().st_mtime_ns for each in (old.python.parents[1], new.python.parents[1])} == made
    assert sorted(each.name for each in (cache / "environments").iterdir()) == sorted((old.key, new.key))


def test_a_damaged_environment_is_built_again(tmp_path):
    request, cache = request_for(tmp_path / "repo", versions=("1.15.0",)), tmp_path / "cache"
    (old,) = build(request, cache=cache)
    (old.python.parents[1] / "environment.json").write_text("{")
    (again,) = build(request, cache=cache)
    assert seen(again, "six") == "1.15.0"


def test_an_interrupted_build_leaves_nothing(tmp_path, monkeypatch):
    request, cache = request_for(tmp_path / "repo", versions=("1.15.0",)), tmp_path / "cache"

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "_site", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(request, cache=cache)
    assert list((cache / "environments").iterdir()) == []


def test_what_a_killed_process_left_is_swept(tmp_path):
    gone = multiprocessing.Process(target=int)
    gone.start()
    gone.join()
    left = tmp_path / f".building-abc-{gone.pid}-x"
    other = tmp_path / ".building-abc-1-x"
    left.mkdir()
    other.mkdir()
    building._sweep(tmp_path)
    assert (left.exists(), other.exists()) == (False, True)


def test_two_that_build_the_same_at_once_get_the_same(tmp_path):
    request, cache = request_for(tmp_path / "repo", versions=("1.15.0",)), tmp_path / "cache"
    found = []
    threads = [threading.Thread(target=lambda: found.append(build(request, cache=cache))) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found[0] == found[1]
    assert [each.name for each in (cache / "environments").iterdir()] == [found[0][0].key]


def test_a_bound_of_a_companion_is_given_up_and_said(tmp_path):
    """requests 2.19 wants urllib3<1.24."""
    files = {"requirements.txt": "requests==2.19.1\nurllib3\n"}
    (new,) = resolving.resolve(request_for(tmp_path, files, "urllib3", ("2.1.0",)))
    assert new.installed["urllib3"] == "2.1.0"
    assert new.installed["requests"] > "2.19.1"
    assert new.notes == ("requests==2.19.1 (requirements.txt) was taken as requests>=2.19.1",)


def test_what_the_index_does_not_have_is_left_out_and_said(tmp_path):
    files = {"requirements-test.txt": "no-such-thing-at-all-qq\n"}
    (found,) = resolving.resolve(request_for(tmp_path, files, versions=("1.15.0",)))
    assert found.notes == ("no-such-thing-at-all-qq (requirements-test.txt) is not on the package index: left out",)


def test_what_cannot_be_resolved_is_said_in_uvs_words(tmp_path):
    request = request_for(tmp_path, versions=("1.15.0",), test_deps=("attrs<19", "attrs>20"))
    with pytest.raises(ApimigError) as error:
        build(request, cache=tmp_path / "cache")
    assert "attrs" in error.value.title
    assert "unsatisfiable" in error.value.title
    assert "--test-deps" in error.value.help


@pytest.mark.parametrize(
    ("choices", "versions", "words"),
    [
        ({"python": "2.2"}, ("1.15.0",), "no Python '2.2'"),
        ({"exclude_newer": "yesterday"}, ("1.15.0",), "no date"),
        ({}, ("99.0",), "six 99.0 is not on the package index"),
    ],
)
def test_wrong_choices_are_said(choices, versions, words, tmp_path):
    with pytest.raises(UsageError) as error:
        build(request_for(tmp_path, versions=versions, **choices), cache=tmp_path / "cache")
    assert words in error.value.title


@pytest.mark.slow
def test_packages_without_wheels_are_built_only_where_that_is_allowed(tmp_path):
    files = {"requirements.txt": "docopt==0.6.2\n"}
    request = request_for(tmp_path / "repo", files, versions=("1.15.0",))
    (found,) = build(request, cache=tmp_path / "cache")
    assert found.installed["docopt"] == "0.6.2"
    assert seen(found, "docopt") == "0.6.2"
    assert found.notes == ("built from source, which runs their code: docopt",)
    with pytest.raises(ApimigError):
        resolving.resolve(request_for(tmp_path / "repo", files, versions=("1.15.0",), builds=False))


@pytest.mark.parametrize(("python", "compiled"), [("3.6.15", False), ("3.7.16", True), ("3.13.0", True)])
def test_what_is_installed_is_compiled_where_uv_can(python, compiled):
    assert ("--compile-bytecode" in building._compiling(python)) == compiled


def test_the_python_is_of_the_time_of_the_tree(tmp_path, monkeypatch):
    pythons = tuple(Interpreter(tmp_path, version) for version in ("3.13.0", "3.12.1", "3.11.7", "3.9.18"))
    monkeypatch.setattr(resolving, "interpreters", lambda **_: pythons)
    monkeypatch.setattr(resolving, "_uploaded", lambda *_: date(2024, 2, 1))
    monkeypatch.setattr(resolving, "_compile", lambda *_a, **_k: subprocess.CompletedProcess((), 0, "", ""))
    request = request_for(tmp_path, {"pyproject.toml": '[project]\nname="me"\nrequires-python="<3.13"\n'})
    monkeypatch.setattr(resolving, "time_of", lambda _: Time(date(2023, 1, 1), ""))
    assert [each.series for each in resolving._served(request, "1.15.0")] == ["3.11", "3.9", "3.12"]


TODAY = date.today()  # noqa: DTZ011 - days
WHEN = {
    "git knows the day": (
        Time(date(2022, 1, 1), "the last commit"),
        ["2022-03-02 (60 days after the last commit)", "2021-07-04 (60 days after six 1.16.0 came out)", ""],
        ("2018-03-02",),
    ),
    "git knows that it is in use": (
        Time(TODAY, "the last commit"),
        ["", "2021-07-04 (60 days after six 1.16.0 came out)"],
        ("2018-03-02",),
    ),
    "files name a day": (
        Time(date(2022, 1, 1), "2022-01-01, the newest date in NEWS", sure=False),
        [
            "2022-03-02 (60 days after 2022-01-01, the newest date in NEWS)",
            "2021-07-04 (60 days after six 1.16.0 came out)",
            "",
        ],
        ("2018-03-02", "none"),
    ),
    "files name a day before the release": (
        Time(date(2015, 1, 1), "2015-01-01, the newest date in NEWS", sure=False),
        ["2021-07-04 (60 days after six 1.16.0 came out, which is later than 2015-01-01, the newest date in NEWS)", ""],
        ("2018-03-02", "none"),
    ),
    "nothing tells": (
        None,
        ["2021-07-04 (60 days after six 1.16.0 came out; nothing says when the code was written)", ""],
        ("2018-03-02", "none"),
    ),
}


def days_of(tmp_path, monkeypatch, tree, **choices):
    request = request_for(tmp_path, exclude_newer=choices.pop("exclude_newer", ""), **choices)
    out = {"six==1.15.0": date(2018, 1, 1), "six==1.16.0": date(2021, 5, 5)}
    monkeypatch.setattr(resolving, "_uploaded", lambda _request, _python, pin: out[pin])
    monkeypatch.setattr(resolving, "time_of", lambda _: tree)
    return resolving._days(request, [(Interpreter(tmp_path, "3.11.7"),)] * 2)


@pytest.mark.parametrize("case", WHEN)
def test_days_are_those_of_the_tree_and_of_the_release(case, tmp_path, monkeypatch):
    tree, days, others = WHEN[case]
    found = days_of(tmp_path, monkeypatch, tree)
    assert [str(each) for each in found] == [f"packages as of {day}" if day else "the newest packages" for day in days]
    assert found[0].others == others


def test_a_day_that_was_asked_for_has_no_others(tmp_path, monkeypatch):
    for said, day in (("none", None), ("2020-01-01", date(2020, 1, 1))):
        assert days_of(tmp_path, monkeypatch, None, exclude_newer=said) == [resolving.Day(day)]


def test_a_day_may_come_before_the_usual_ones(tmp_path, monkeypatch):
    found = days_of(tmp_path, monkeypatch, None, first="2018-03-02")
    assert [str(each.date) for each in found] == ["2018-03-02", "2021-07-04", "None"]
    assert found[0].why == "60 days after six 1.15.0 came out"
    assert not any(each.others for each in found)


def test_a_release_that_cannot_be_had_as_of_the_day_that_comes_first_has_another(tmp_path):
    """requests 2.32 needs charset-normalizer, which did not exist; requests 2.19 needs nothing of the kind."""
    request = request_for(tmp_path, {}, "requests", ("2.19.1", "2.32.3"), exclude_newer="", first="2019-01-01")
    old, new = resolving.resolve(request)
    assert (old.day.date, new.day.date) == (date(2019, 1, 1), date(2024, 7, 28))
    assert (old.installed["certifi"], new.installed["certifi"]) == ("2018.11.29", "2024.7.4")
    assert not new.notes


# --------------------------------------------------------------------------- source archives


@pytest.mark.parametrize("line", ["volatile", "volatile>=2", "volatile ; python_version >= '3.8'"])
def test_what_has_no_wheel_for_any_python_is_built_whatever_its_marker(line, tmp_path):
    """Where the marker does not hold, a Python needs no wheel of it: that says nothing of those that do."""
    (found,) = resolving.resolve(request_for(tmp_path, {"requirements.txt": f"{line}\n"}, versions=("1.15.0",)))
    assert found.source == {"volatile"}
    assert found.notes == ("built from source, which runs their code: volatile",)


def answered(answers, monkeypatch):
    """Let uv answer as told, by what is asked for: a list of (whether it is asked, what uv says), the first counts."""
    asked = []

    def compiled(_request, _python, lines, *_options, source=frozenset(), tools=False, **_):
        asked.append((sorted(lines), sorted(source), tools))
        said = next((said for holds, said in answers if holds(lines, source, tools)), "")
        return subprocess.CompletedProcess((), 1 if said else 0, "".join(f"{x}\n" for x in lines if "==" in x), said)

    monkeypatch.setattr(resolving, "_compile", compiled)
    monkeypatch.setattr(resolving, "_is_compiled", lambda _request, name: name == "compiled")
    return asked


NO_WHEEL = "hint: Wheels are required for `bad` because building from source is disabled for all packages"
UNBUILT = "error: Failed to build `bad==1.0`"


def test_what_cannot_be_built_is_tried_with_the_tools_of_today_and_then_left_out(tmp_path, monkeypatch):
    answers = [
        (lambda lines, source, _: "bad" in lines and not source, NO_WHEEL),
        (lambda lines, _source, _tools: "bad" in lines, UNBUILT),
    ]
    request = request_for(tmp_path, {"requirements.txt": "bad\n"}, versions=("1.15.0",))
    asked = answered(answers, monkeypatch)
    attempt = resolving._Try(
        Interpreter(tmp_path, "3.11.7"), resolving.Day(date(2018, 1, 1)), resolving._prepared(request)
    )
    found = resolving._resolved(request, "1.15.0", attempt, [], loosen=False)
    assert [("bad" in lines, source, tools) for lines, source, tools in asked] == [
        (True, [], False),
        (True, ["bad"], False),
        (True, ["bad"], True),
        (False, ["bad"], True),
    ]
    assert found.notes == ("bad (requirements.txt) has no wheel, and cannot be built here: left out",)


def test_what_has_wheels_elsewhere_alone_is_given_up_last(tmp_path, monkeypatch):
    wanted = NO_WHEEL.replace("bad", "compiled")
    request = request_for(tmp_path, {"requirements.txt": "compiled\n"}, versions=("1.15.0",))
    answered([(lambda lines, *_: "compiled" in lines, wanted)], monkeypatch)
    attempt = resolving._Try(Interpreter(tmp_path, "3.11.7"), resolving.Day(None), resolving._prepared(request))
    assert resolving._resolved(request, "1.15.0", attempt, [], loosen=False) is None
    found = resolving._resolved(request, "1.15.0", attempt, [], loosen=True)
    assert found.notes == ("compiled (requirements.txt) has no wheel for this: left out",)


def test_what_turns_out_to_be_unbuildable_when_it_is_installed_is_left_out(tmp_path, monkeypatch):
    request = request_for(tmp_path / "repo", {"requirements.txt": "bad\n"}, versions=("1.15.0",))
    real = building._install

    def install(request, resolution, folder):
        if any(need.name == "bad" for need in request.needs.needs):
            error = building.UnbuiltError("bad cannot be built: no compiler")
            error.names = frozenset({"bad"})
            raise error
        real(request, resolution, folder)

    monkeypatch.setattr(building, "_install", install)
    monkeypatch.setattr(resolving, "_is_compiled", lambda *_: False)
    resolved = resolving.resolve

    def without_bad(request):
        kept = tuple(need for need in request.needs.needs if need.name != "bad")
        return resolved(resolving.replace(request, needs=resolving.replace(request.needs, needs=kept)))

    monkeypatch.setattr(building, "resolve", without_bad)
    (found,) = build(request, cache=tmp_path / "cache")
    assert found.notes == ("bad (requirements.txt) has no wheel, and cannot be built here: left out",)
    asked = request_for(tmp_path / "asked", {}, versions=("1.15.0",), test_deps=("bad",))
    with pytest.raises(ApimigError, match="no compiler"):
        build(asked, cache=tmp_path / "another cache")


def test_psycopg2_is_installed_as_what_has_wheels(tmp_path):
    request = request_for(tmp_path, {"requirements.txt": "psycopg2>=2.9\n"})
    assert "psycopg2-binary>=2.9" in {str(need.requirement) for need in resolving._prepared(request)}
