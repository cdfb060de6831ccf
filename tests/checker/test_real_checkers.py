"""The language servers themselves, those that are installed, over a small project and a small old release."""

import pytest

from apimig.checker import NAMES, Question, Release, World, ask, find
from apimig.records import Span

LIBRARY = {
    "old/tab/__init__.py": "from tab.core.frame import Frame, read\n",
    "old/tab/core/__init__.py": "",
    "old/tab/core/frame.py": """
class Frame:
    def copy(self) -> "Frame": ...
    @property
    def size(self) -> int: ...

def read(path) -> Frame: ...
""",
    "project/pkg/__init__.py": "",
    "project/pkg/helpers.py": "import tab\n\ndef load(path: str) -> tab.Frame:\n    return tab.read(path)\n",
    "project/pkg/own.py": "from tab import Frame\n\nclass Own:\n    frame: Frame\n\n    def copy(self): ...\n",
    "project/pyproject.toml": "[tool.pyright]\nextraPaths = []\n[tool.ty.environment]\nextra-paths = []\n",
}
CODE = """
import tab
from tab import Frame as F
from .helpers import load
from pkg.own import Own

def work(path, given: F, maybe: "tab.Frame | None", own: Own, items: list[tab.Frame], text: str):
    load(text).copy()
    tab.read(path).copy().copy()
    given.copy()
    maybe.copy()
    own.copy()
    own.frame.copy()
    items.append(given)
    [each.copy() for each in items]
    text.replace("a", "b")
    tab.Frame.copy(given)
    path.copy()
    (given or own).copy()
    lambda: load(text).copy()
    print(f"{given.copy()}")
"""
FRAME = {"tab.core.frame.Frame"}
EXPECTED = [
    ("load(text)", FRAME),
    ("tab.read(path)", FRAME),
    ("tab.read(path).copy()", FRAME),
    ("given", FRAME),
    ("maybe", FRAME | {"builtins.NoneType"}),
    ("own", {"pkg.own.Own"}),
    ("own.frame", FRAME),
    ("items", {"builtins.list"}),
    ("each", FRAME),
    ("text", {"builtins.str"}),
    ("tab.Frame", set()),
    ("path", set()),
]


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    for name, text in LIBRARY.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return World((tmp_path / "project",), (Release("tab", "1.0", (tmp_path / "old",)),))


def installed(name):
    checker = find(name)
    if checker.command() is None:
        # Only pyrefly comes with the extra; the others were candidates, and whoever has one can ask it.
        pytest.skip(f"{name} is not installed: pip install {checker.distribution}")
    return checker


@pytest.mark.parametrize("name", NAMES)
def test_what_each_of_them_says(name, world):
    checker = installed(name)
    path = world.sources[0] / "pkg" / "work.py"
    path.write_text("what the file holds is not what is asked about\n")
    text = CODE.encode()
    spans = {code: Span(at := text.index(f"{code}.".encode(), 190), at + len(code)) for code, _ in EXPECTED}
    asked = ask([Question(path, text, span) for span in spans.values()], checker, world, seconds=120)

    assert asked.notes == ()
    said = {code: set(asked.answers[Question(path, text, span)].names) for code, span in spans.items()}
    assert said == dict(EXPECTED)
    assert not any(asked.answers[Question(path, text, spans[code])].open for code, names in EXPECTED if names)


@pytest.mark.parametrize("name", NAMES)
def test_code_that_is_no_python_is_no_failure(name, world):
    checker = installed(name)
    question = Question(world.sources[0] / "bad.py", b"def f(:\n  x.y(\n", Span(10, 11))

    assert ask([question], checker, world, seconds=60).notes == ()
