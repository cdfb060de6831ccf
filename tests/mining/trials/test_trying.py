"""Cases that are run: what comes of them, and of those that are up to no good."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

import apimig.mining.trials
from apimig import sandbox
from apimig.mining.candidate import Status, Tried
from apimig.mining.trials.running import Allowed, Piece, Release, Runner
from apimig.mining.trials.trial import Conventions, Trial, trials_of, try_cases, verification
from tests.validation.acme import side

NOTHING = Conventions()
QUICK = Allowed(seconds=3)
FRAME = {"f": "acme.Frame([3, 1, 2])"}


def release(folder, version):
    made = side(folder, version)
    return Release(made.name, made.python, made.readable, ("acme",), ("acme",), f"acme {version}")


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """The two releases of the library."""
    folder = tmp_path_factory.mktemp("acme")
    return release(folder, "1.0.0"), release(folder, "2.0.1")


def tried(acme, *cases, conventions=NOTHING, runner=None):
    trials = [Trial("acme/rule", f"cases {at}", *case) for at, case in enumerate(cases, start=1)]
    return try_cases(trials, *acme, conventions=conventions, runner=runner or Runner(allowed=QUICK))


CASES = {
    "a renamed method": (
        ("rows = list(f.iterrows_old())", "rows = list(f.rows())", FRAME),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "another value": (
        ("n = f.total()", "n = f.count()", FRAME),
        (Status.DIFFERS, "n: 6, then 3", "", "differs"),
    ),
    "the new code fails": (
        ("n = f.lookup(0)", "n = f.look_up(0)", FRAME),
        (
            Status.DIFFERS,
            "the new code fails under acme 2.0.1: AttributeError: 'Frame' object has no attribute 'look_up'",
            "fails",
            "fails",
        ),
    ),
    "the new code is deprecated": (
        ("n = f.quiet()", "n = f.hidden()", FRAME),
        (
            Status.DIFFERS,
            "the new code is deprecated under acme 2.0.1: DeprecationWarning: hidden goes away",
            "fails",
            "works",
        ),
    ),
    "a deprecation that is still one": (
        ("n = f.hidden()", "n = f.quiet2() if hasattr(f, 'quiet2') else 1", FRAME),
        (Status.VERIFIED, "", "warns", "works"),
    ),
    "what is given is changed in place": (
        ("f.items.append(f.quiet())", "f.items.append(2)", FRAME),
        (Status.DIFFERS, "f.items[3]: 1, then 2", "fails", "differs"),
    ),
    "what is printed": (
        ("for row in f.iterrows_old(): print(row)", "for row in f.rows(): print(row + 1)", FRAME),
        (Status.DIFFERS, "what is printed[0]: 3, then 4", "fails", "differs"),
    ),
    "iterators, by their items": (
        ("rows = f.iterrows_old()", "rows = f.rows()", FRAME),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "a module of Python's own in a snippet": (("n = 3", "n = math.trunc(3.5)"), (Status.VERIFIED, "", "", "works")),
    "a name that nobody gives": (("n = g.quiet()", "n = 1"), (Status.UNRUN, "nobody gives g", "", "")),
    "a function that nothing calls": (
        ("def show(frame): return frame.quiet()", "def show(frame): return 1"),
        (Status.UNRUN, "nothing is run that could be compared", "", ""),
    ),
    "a function whose parameter is given": (
        ("def show(f): return f.quiet()", "def show(f): return 1", FRAME),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "a function that is called": (
        ("def show(f): return f.quiet()\nn = show(f)", "def show(f): return 1\nn = show(f)", FRAME),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "imports": (
        ("from acme import open_frame\nx = open_frame([1])", "from acme import load_frame\nx = load_frame([1])"),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "the old code fails itself": (
        ("n = f.lookup(9)", "n = f.items[9]", FRAME),
        (Status.UNRUN, "the old code fails under acme 1.0.0: IndexError: list index out of range", "", ""),
    ),
    "what is given fails": (
        ("n = f.quiet()", "n = 1", {"f": "acme.Nothing()"}),
        (
            Status.UNRUN,
            "what is given fails under acme 1.0.0: AttributeError: module 'acme' has no attribute 'Nothing'",
            "",
            "",
        ),
    ),
    "something else each time": (
        ("n = open('/dev/urandom', 'rb').read(8)", "n = open('/dev/urandom', 'rb').read(8)"),
        (Status.UNRUN, "the old code does not give the same twice", "", ""),
    ),
    "files that are written": (
        ("print(f.quiet(), file=open('a.txt', 'w'))", "print(2, file=open('a.txt', 'w'))", FRAME),
        (Status.DIFFERS, "the file a.txt is '1', then '2'", "fails", "differs"),
    ),
    "files that are there": (
        ("n = f.quiet() + int(open('a.txt').read())", "n = 1 + int(open('a.txt').read())", FRAME,
         "with open('a.txt', 'w') as file: file.write('3')"),
        (Status.VERIFIED, "", "fails", "works"),
    ),
    "no Python": (("print 1", "print(1)"), (Status.UNRUN, "it is no Python of today", "", "")),
}  # fmt: skip


def test_what_comes_of_cases(acme):
    found = tried(acme, *(case for case, _ in CASES.values()))
    seen = {
        name: (each.status, each.reason, each.needed, each.earlier) for name, each in zip(CASES, found, strict=True)
    }
    assert seen == {name: expected for name, (_, expected) in CASES.items()}


def test_what_is_usual_need_not_be_given(acme):
    usual = Conventions({"ac": "acme"}, {"frame": "acme.Frame([1])", "Frame": "acme.Frame([2])"})
    found = tried(
        acme,
        ("n = frame.quiet() + ac.Frame([1]).total()", "n = 1 + ac.Frame([1]).total()"),
        ("def show(x: 'acme.Frame'): return x.quiet()", "def show(x: 'acme.Frame'): return 1"),
        conventions=usual,
    )
    assert [each.status for each in found] == [Status.VERIFIED, Status.VERIFIED]


GOOD = ("n = f.quiet()", "n = 1", FRAME)
HOSTILE = {
    "never ends": ("while True: pass", "is out of time"),
    "sleeps": ("import time; time.sleep(60)", "is out of time"),
    "ends the process": ("import os; os._exit(0)", "is ended by itself, with all that it had"),
    "ends the process around it": (
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(60)",
        "is ended by itself, with all that it had",
    ),
    "ends all it can": ("import os, signal\nos.kill(-1, signal.SIGKILL)", "is ended by itself, with all that it had"),
    "crashes": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "is ended by signal 11"),
    "prints without end": (
        "while True: print('x' * 1000)",
        "fails under acme 1.0.0: OSError: it writes more than it may",
    ),
    "prints without end below Python": (
        "import os\nwhile True: os.write(1, b'x' * 100000)",
        "fails under acme 1.0.0: OSError: it writes more than it may",
    ),
    "writes a large file": (
        "with open('a', 'wb') as file:\n    for _ in range(200): file.write(b'x' * (1 << 20))",
        "fails under acme 1.0.0: OSError: it writes more than it may",
    ),
    "takes all memory": ("x = bytearray(1 << 40)", "fails under acme 1.0.0: MemoryError"),
    "leaves": ("raise SystemExit(0)", "fails under acme 1.0.0: SystemExit: 0"),
    "recurses": ("def f(): f()\nf()", "fails under acme 1.0.0: RecursionError: maximum recursion depth exceeded"),
    "talks as the probe": (
        "import os\nfor at in range(3, 50):\n    try: os.write(at, b'{\"raised\": 1')\n    except OSError: pass\nos._exit(0)",
        "is ended by itself, with all that it had",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.skipif(not sandbox.kind().name, reason="what kills all it can needs a sandbox around it")
def test_what_is_up_to_no_good_takes_nothing_along(acme):
    cases = [GOOD, *((code, "pass") for code, _ in HOSTILE.values()), GOOD]
    begun = time.monotonic()
    first, *bad, last = tried(acme, *cases)
    assert (first.status, last.status) == (Status.VERIFIED, Status.VERIFIED)
    seen = {name: (each.status, each.reason) for name, each in zip(HOSTILE, bad, strict=True)}
    for name, (_, words) in HOSTILE.items():
        status, reason = seen[name]
        assert status is Status.UNRUN, name
        assert reason.startswith(f"the old code {words}"), (name, reason)
    assert time.monotonic() - begun < 120


@pytest.mark.skipif(not sandbox.kind().name, reason="without a sandbox nothing keeps code from writing elsewhere")
def test_nothing_is_written_outside(acme, tmp_path):
    inside = tmp_path / "left.txt"
    code = f"open({str(inside)!r}, 'w').write('x')"
    (found,) = tried(acme, (code, "pass"))
    assert found.status is Status.UNRUN
    assert not inside.exists()


def test_cases_do_not_see_each_other(acme):
    (first, second) = tried(
        acme,
        ("import acme\nacme.Frame.total = lambda self: 0\nn = 1", "n = 1"),
        ("n = f.total()", "n = 6", FRAME),
    )
    assert (first.status, second.status) == (Status.VERIFIED, Status.VERIFIED)


def test_results_are_kept_and_found_again(acme, tmp_path, monkeypatch):
    (first,) = tried(acme, GOOD, runner=Runner(cache=tmp_path))
    assert len(list(tmp_path.rglob("*.json"))) == 4
    runner = Runner(cache=tmp_path)
    monkeypatch.setattr(runner, "_chunk", None)
    assert tried(acme, GOOD, runner=runner) == (first,)


def test_another_environment_is_another_result(acme, tmp_path):
    import dataclasses

    tried(acme, GOOD, runner=Runner(cache=tmp_path))
    other = tuple(dataclasses.replace(each, key=f"{each.key}, rebuilt") for each in acme)
    tried(other, GOOD, runner=Runner(cache=tmp_path))
    assert len(list(tmp_path.rglob("*.json"))) == 8


def test_without_a_fork_each_case_has_a_process(acme):
    apart = Runner(allowed=QUICK, apart=True)
    (good, bad) = tried(acme, GOOD, ("import os; os._exit(0)", "pass"), runner=apart)
    assert (good.status, bad.status) == (Status.VERIFIED, Status.UNRUN)


@pytest.mark.parametrize("series", ["3.6", "3.7", "3.8", "3.13"])
def test_the_probe_runs_under_old_pythons(series):
    from apimig.uv import find_uv, interpreters

    found = [each for each in (interpreters() if find_uv() else ()) if each.series == series]
    if not found:
        pytest.skip(f"there is no Python {series}")
    ours = Release(f"Python {series}", found[0].path)
    code = "import collections\nx = collections.OrderedDict(a=1.5)\nprint(x['a'])"
    seen = Runner().run([(ours, [Piece(code)])])[ours, Piece(code)]
    assert seen["names"]["x"] == ["map", "OrderedDict", [[["str", "a"], ["float", "1.5"]]], 1]
    assert seen["printed"] == [[["float", "1.5"]]]


# --------------------------------------------------------------------------- all cases of a rule

VERIFIED, DIFFERS, UNRUN = (
    Tried(f"cases {s.value}", s, s.value) for s in (Status.VERIFIED, Status.DIFFERS, Status.UNRUN)
)
ALLOWED = Tried("cases 9", Status.DIFFERS, "may", allowed=True)
TOGETHER = {
    "one that is the same": ((VERIFIED, UNRUN), (Status.VERIFIED, "")),
    "one that differs": ((VERIFIED, DIFFERS), (Status.DIFFERS, "cases differs: differs")),
    "one that may differ": ((ALLOWED, VERIFIED), (Status.VERIFIED, "")),
    "only one that may differ": ((ALLOWED, UNRUN), (Status.DIFFERS, "cases 9: may")),
    "none that could be run": ((UNRUN,), (Status.UNRUN, "unrun")),
    "none": ((), (Status.UNRUN, "no case shows old and new code")),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_a_rule_is_what_its_cases_are(case):
    cases, expected = TOGETHER[case]
    seen = verification(cases, "acme 1.0.0", "acme 2.0.1")
    assert (seen.status, seen.reason) == expected
    assert (seen.old, seen.new, seen.tried) == ("acme 1.0.0", "acme 2.0.1", tuple(cases))


def test_trials_of_a_rule_as_data():
    data = {
        "when": [{"result": "unused"}],
        "cases": [{"before": "a", "after": "b", "given": {"a": "1"}, "unsafe": True}],
    }
    assert trials_of("acme/x", data) == (Trial("acme/x", "cases 1", "a", "b", {"a": "1"}, unsafe=True, discards=True),)


def test_the_probe_is_shipped():
    folder = Path(apimig.mining.trials.__file__).parent / "probe"
    assert sorted(each.name for each in folder.glob("*.py")) == ["apimig_describing.py", "apimig_trial.py"]
