"""Whatever becomes of a language server, every question is answered, in time and with one clear note."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from apimig.checker import UNKNOWN, Question, World, ask
from apimig.checker.programs import variable_type
from apimig.records import Span

SERVER = Path(__file__).parent / "fake_server.py"
TEXT = b"frame.append(other)\n"
RECEIVER = Span(0, 5)


@dataclass
class Fake:
    """A checker whose server is the fake one."""

    mode: str
    folder: Path
    name: str = "fake"
    distribution: str = "fake-checker"

    def command(self):
        defined = self.folder / "pandas" / "core" / "frame.py"
        return (sys.executable, str(SERVER), self.mode, defined.as_uri(), str(self.folder / "starts"))

    def prepare(self, world, folder):
        return {}

    def settings(self, section, world, folder):
        return {"asked": section}

    def read(self, hover):
        return variable_type(hover)

    @property
    def starts(self):
        file = self.folder / "starts"
        return len(file.read_text()) if file.exists() else 0


@pytest.fixture
def fake(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    frame = tmp_path / "pandas" / "core" / "frame.py"
    frame.parent.mkdir(parents=True)
    frame.write_text("\n\nclass DataFrame:\n    pass\n")
    return lambda mode: Fake(mode, tmp_path)


def question(tmp_path, name="a.py"):
    return Question(tmp_path / name, TEXT, RECEIVER)


def test_an_answer_is_the_class_that_is_shown_and_where_it_is_defined(fake, tmp_path):
    asked = ask([question(tmp_path)], fake("good"), World((tmp_path,)))

    answer = asked.answers[question(tmp_path)]
    assert answer.names == {"pandas.core.frame.DataFrame"}
    assert answer.reason == "DataFrame, fake says"
    assert not answer.open
    assert asked.notes == ()


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("dies at once", "it ended"),
        ("dies when asked", "it ended"),
        ("is silent when asked", "it does not answer in time"),
        ("talks garbage", "it says what is no message of a language server"),
        ("sends half a message", "it ended"),
        ("says a huge length", "it says what is no message of a language server"),
        ("never reads", "it does not answer in time"),
    ],
)
def test_a_server_that_fails_leaves_everything_unknown_and_says_so_once(fake, tmp_path, mode, why, monkeypatch):
    monkeypatch.setattr("apimig.checker.session._START", 1.5)
    begun = time.monotonic()

    asked = ask([question(tmp_path)], fake(mode), World((tmp_path,)), seconds=1.5)

    assert asked.answers == {question(tmp_path): UNKNOWN}
    assert [note for note in asked.notes if note == f"fake left 1 questions unanswered: {why}"] == list(asked.notes)
    assert len(asked.notes) == 1
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("mode", ["refuses", "answers oddly"])
def test_an_answer_that_says_nothing_is_no_failure(fake, tmp_path, mode):
    asked = ask([question(tmp_path)], fake(mode), World((tmp_path,)))

    assert asked.answers == {question(tmp_path): UNKNOWN}
    assert asked.notes == ()


def test_a_file_that_kills_the_server_is_left_out_and_the_others_are_asked_about(fake, tmp_path):
    questions = [question(tmp_path, name) for name in ("a.py", "b.py", "c.py")]
    checker = fake("chokes on b.py")

    asked = ask(questions, checker, World((tmp_path,)))

    assert [bool(asked.answers[each].names) for each in questions] == [True, False, True]
    assert checker.starts == 2
    assert asked.notes == ("fake left 1 questions in b.py unanswered: it ended",)


def test_a_checker_that_is_not_there_says_how_to_get_it(tmp_path):
    class Missing(Fake):
        def command(self):
            return None

    asked = ask([question(tmp_path)], Missing("good", tmp_path), World((tmp_path,)))

    assert asked.answers == {question(tmp_path): UNKNOWN}
    assert asked.notes == (
        "fake, which would say more about receivers of unknown type, is not installed: pip install fake-checker",
    )


def test_a_program_that_cannot_be_started(tmp_path):
    class Broken(Fake):
        def command(self):
            return (str(tmp_path / "no such program"),)

    asked = ask([question(tmp_path)], Broken("good", tmp_path), World((tmp_path,)))

    assert asked.answers == {question(tmp_path): UNKNOWN}
    assert asked.notes == ("fake left 1 questions unanswered: it cannot be started: No such file or directory",)


# ------------------------------------------------------------------ answers that are kept


def test_answers_are_kept_for_as_long_as_the_project_stays_as_it_is(fake, tmp_path):
    world = World((tmp_path,), state="as it is")
    checker = fake("good")
    checker.distribution = "pytest"  # something installed, so that it has a version
    first = ask([question(tmp_path)], checker, world)
    again = ask([question(tmp_path)], checker, world)

    assert again == first
    assert checker.starts == 1

    ask([question(tmp_path)], checker, World((tmp_path,), state="changed"))
    assert checker.starts == 2


def test_a_damaged_cache_costs_time_only(fake, tmp_path):
    world = World((tmp_path,), state="as it is")
    checker = fake("good")
    checker.distribution = "pytest"
    first = ask([question(tmp_path)], checker, world)
    for file in (tmp_path / "cache" / "types").iterdir():
        file.write_text('{"0-5": ["not a list"]}')

    assert ask([question(tmp_path)], checker, world) == first
    assert checker.starts == 2


def test_nothing_is_kept_where_the_world_has_no_state(fake, tmp_path):
    checker = fake("good")
    checker.distribution = "pytest"
    for _ in range(2):
        ask([question(tmp_path)], checker, World((tmp_path,)))

    assert checker.starts == 2
    assert not (tmp_path / "cache").exists()
