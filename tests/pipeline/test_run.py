"""A run over a project, through the public functions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import apimig
from apimig.records import LeftAlone, NeedsPerson, Rewritten, UnknownReceiver

RULES = Path(__file__).parent / "rules"
LIB = "acme==2.0"

IMPORT = "import acme\n"
ROWS = IMPORT + "frame = acme.load('x')\nfor row in frame.iterrows_old():\n    print(row)\n"
ROWS_AFTER = ROWS.replace("iterrows_old", "rows")


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def upgrade(*paths, **options):
    options.setdefault("lib", LIB)
    return apimig.upgrade(list(paths) or ["."], rules=(RULES,), **options)


def kinds(result) -> list[type]:
    return [type(outcome) for outcome in result.outcomes]


# ------------------------------------------------------------------------------------------ what is written


def test_files_are_rewritten_and_the_rest_stays(project):
    put(project, a=ROWS, sub__b=ROWS, c="x = 1\n")
    result = upgrade()
    assert (project / "a.py").read_text() == ROWS_AFTER
    assert (project / "sub/b.py").read_text() == ROWS_AFTER
    assert [change.name for change in result.changes] == ["a.py", "sub/b.py"]
    assert (result.written, result.files_seen, result.files_with_library) == (True, 3, 2)
    assert result.migrations == ("acme 1.0.0 -> 2.0.1",)


def test_a_second_run_changes_nothing(project):
    put(project, a=ROWS)
    upgrade()
    assert upgrade().changes == ()


def test_check_writes_nothing(project):
    put(project, a=ROWS)
    result = apimig.check(".", lib=LIB, rules=(RULES,))
    assert (project / "a.py").read_text() == ROWS
    assert not (project / ".apimig").exists()
    assert not result.written
    assert result.changes[0].after == ROWS_AFTER.encode()


def test_undo_brings_everything_back(project):
    put(project, a=ROWS)
    upgrade()
    assert apimig.undo().restored == ("a.py",)
    assert (project / "a.py").read_text() == ROWS


def test_chained_rules_end_in_one_run_at_the_place_of_the_first(project):
    put(project, a=IMPORT + "\n\nframe = acme.open_frame('x')\nframe.iterrows_old()\n")
    result = upgrade()
    assert (project / "a.py").read_text() == IMPORT + "\n\nframe = acme.load('x')\nframe.rows()\n"
    assert [(o.rule, o.location.line) for o in result.outcomes] == [
        ("acme/function_load", 4),
        ("acme/function_open", 4),
        ("acme/frame_rows", 5),
    ]


def test_one_file_can_be_named(project):
    put(project, a=ROWS, b=ROWS)
    upgrade("a.py")
    assert (project / "b.py").read_text() == ROWS


def test_a_file_given_twice_is_done_once(project):
    put(project, a=ROWS)
    result = upgrade("a.py", "./a.py", ".")
    assert result.files_seen == 1
    assert (project / "a.py").read_text() == ROWS_AFTER


def test_many_files_in_several_processes_give_the_same(project):
    put(project, **{f"pkg__m{number}": ROWS for number in range(60)})
    result = upgrade(jobs=2)
    assert len(result.changes) == 60
    assert all(file.read_text() == ROWS_AFTER for file in (project / "pkg").iterdir())
    assert len(result.outcomes) == 60


# ------------------------------------------------------------------------------------------ outcomes


def test_unsafe_edits_wait_for_being_asked(project):
    code = IMPORT + "acme.load('x').spin()\n"
    put(project, a=code)
    result = upgrade()
    assert (project / "a.py").read_text() == code
    assert kinds(result) == [NeedsPerson]
    assert "--unsafe" in result.outcomes[0].why
    assert kinds(upgrade(unsafe=True)) == [Rewritten]
    assert (project / "a.py").read_text() == code.replace("spin", "turn")


def test_advice_is_for_a_person(project):
    put(project, a=IMPORT + "acme.load('x').lookup(1)\n")
    (outcome,) = upgrade().outcomes
    assert isinstance(outcome, NeedsPerson)
    assert outcome.why == "Frame.lookup is gone"
    assert outcome.advice == "Use locate with a list of pairs."
    assert outcome.reference == "https://acme.example/2.0#lookup"
    assert (outcome.location.line, outcome.code) == (2, "acme.load('x').lookup")


def test_an_unknown_receiver_is_reported_and_never_rewritten(project):
    code = IMPORT + "def f(x):\n    return x.iterrows_old()\n"
    put(project, a=code)
    assert kinds(upgrade(unsafe=True)) == [UnknownReceiver]
    assert (project / "a.py").read_text() == code


def test_a_comment_leaves_a_site_alone(project):
    code = IMPORT + "acme.load('x').iterrows_old()  # apimig: ignore[acme/frame_rows]\n"
    put(project, a=code)
    assert kinds(upgrade()) == [LeftAlone]
    assert (project / "a.py").read_text() == code


def test_settings_leave_rules_alone_per_file(project):
    (project / "pyproject.toml").write_text('[tool.apimig.per-file-ignores]\n"old/*" = ["acme/frame_*"]\n')
    put(project, a=ROWS, old__b=ROWS)
    result = upgrade()
    assert (project / "old/b.py").read_text() == ROWS
    assert kinds(result) == [Rewritten, LeftAlone]
    assert "per-file-ignores" in result.outcomes[1].why


def test_rules_of_the_outcomes_are_described(project):
    put(project, a=ROWS)
    (info,) = upgrade().rules.values()
    assert info.summary == "Frame.iterrows_old became rows"


def test_annotate_leaves_one_comment_however_often_it_runs(project):
    put(project, a=IMPORT + "x = 1\nacme.load('x').lookup(1)\n")
    upgrade(annotate=True)
    after = (project / "a.py").read_text().splitlines()
    assert after[2].startswith("# TODO(apimig): acme/frame_lookup: ")
    assert after[3] == "acme.load('x').lookup(1)"
    assert upgrade(annotate=True).changes == ()


# ------------------------------------------------------------------------------------------ versions


@pytest.mark.parametrize(
    ("start", "rewritten"),
    [("1.0", 2), ("acme==1.0", 2), ("1.5.0", 2), ("2.0", 1)],
)
def test_from_says_which_rules_apply(project, start, rewritten):
    put(project, a=ROWS + "frame.fresh()\n")
    result = upgrade(from_=start, write=False)
    assert kinds(result).count(Rewritten) == rewritten


def test_only_required_leaves_what_still_works(project):
    put(project, a=ROWS + "frame.fresh()\n")
    assert [o.rule for o in upgrade(only_required=True).outcomes] == ["acme/frame_rows"]


def test_a_migration_without_rules_says_how_to_get_some(project):
    put(project, a="import acme\n")
    assert any(
        "--from acme==VERSION" in note for note in upgrade(from_="2.0.1", lib="acme==3.0", only_required=True).notes
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lib": ()}, "No library was named"),
        ({"lib": "acmee==2.0"}, "no rules are known for acmee"),
        ({"lib": "acme==2.5"}, "acme has no release 2.5"),
        ({"lib": "acme"}, "says no version"),
        ({"lib": "acme>=2"}, "is a range"),
        ({"lib": ("acme==2.0", "acme==3.0")}, "to move to 2.0.1 and to 3.0.0"),
        ({"from_": "3.0"}, "is older than 3.0.0"),
        ({"from_": "other==3.0"}, "no rules are known for other"),
    ],
)
def test_a_wrong_request_is_one_clear_error_before_anything_is_read(project, options, message):
    put(project, a=ROWS)
    with pytest.raises(apimig.UsageError, match=message):
        upgrade(**options)
    assert (project / "a.py").read_text() == ROWS


# ------------------------------------------------------------------------------------------ bad files


def test_a_broken_file_is_listed_and_the_others_are_done(project):
    put(project, a=ROWS, b=ROWS + "x = (\n")
    result = upgrade()
    assert (project / "a.py").read_text() == ROWS_AFTER
    assert [(s.name, s.line) for s in result.skipped] == [("b.py", 5)]


def test_a_bug_in_a_room_is_one_files_problem(project, monkeypatch, capsys):
    put(project, a=ROWS, b=ROWS)
    from apimig.match import Matcher

    find = Matcher.find

    def fragile(self, resolution):
        if resolution.source.name == "a.py":
            raise LookupError("oh no")
        return find(self, resolution)

    monkeypatch.setattr(Matcher, "find", fragile)
    (skipped,) = upgrade().skipped
    assert (skipped.name, "LookupError: oh no" in skipped.reason) == ("a.py", True)
    assert (project / "b.py").read_text() == ROWS_AFTER
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("APIMIG_DEBUG", "1")
    upgrade()
    assert "Traceback" in capsys.readouterr().err


def test_an_edit_that_would_break_a_file_is_never_written(project, monkeypatch):
    put(project, a=ROWS)
    from apimig.rewrite import rewrite

    def wrong(*arguments, **options):
        from dataclasses import replace

        result = rewrite(*arguments, **options)
        return (
            result
            if result.patch is None
            else replace(result, patch=replace(result.patch, text=b"import acme\nx = (\n"))
        )

    monkeypatch.setattr("apimig.rewrite.rewrite", wrong)
    (skipped,) = upgrade().skipped
    assert "would have broken it" in skipped.reason
    assert (project / "a.py").read_text() == ROWS


def test_an_empty_folder_is_said_to_be_one(project):
    (project / "empty").mkdir()
    result = upgrade("empty")
    assert result.files_seen == 0
    assert any("no Python file" in note for note in result.notes)


def test_a_file_of_another_kind_is_listed(project):
    (project / "a.txt").write_text("x")
    (skipped,) = upgrade("a.txt").skipped
    assert skipped.name == "a.txt"


def test_a_notebook_keeps_its_outputs(project):
    notebook = (
        '{"cells": [{"cell_type": "code", "source": ["%time\\n", "import acme\\n", "acme.load(1).iterrows_old()"],'
        ' "outputs": [{"data": 1e400}], "metadata": {}, "execution_count": 1}],\n "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    (project / "n.ipynb").write_text(notebook)
    result = upgrade()
    assert (project / "n.ipynb").read_text() == notebook.replace("iterrows_old", "rows")
    (outcome,) = result.outcomes
    assert str(outcome.location) == "n.ipynb#cell0:3:1"


# ------------------------------------------------------------------------------------------ git


def test_a_dirty_tree_is_refused_before_the_work_and_allowed_on_request(project):
    put(project, a=ROWS)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "start"], check=True)
    put(project, a=ROWS + "y = 1\n")
    with pytest.raises(apimig.DirtyTreeError, match="1 tracked file has"):
        upgrade()
    assert upgrade(write=False).changes
    assert upgrade(allow_dirty=True).written
    status = subprocess.run([*git, "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert status.stdout == " M a.py\n"


# ------------------------------------------------------------------------------------------ source text


def test_code_can_be_given_as_text():
    result = apimig.upgrade_source(ROWS, lib=LIB, rules=(RULES,))
    assert result.text == ROWS_AFTER
    assert [o.rule for o in result.outcomes] == ["acme/frame_rows"]
    assert result.skipped is None


def test_names_can_be_given():
    code = "x.iterrows_old()\n"
    assert apimig.upgrade_source(code, lib=LIB, rules=(RULES,)).text == code
    result = apimig.upgrade_source(code, lib=LIB, rules=(RULES,), given={"x": "acme.Frame()"})
    assert result.text == "x.rows()\n"


def test_a_snippet_needs_no_imports():
    code = "frame = ac.open_frame('x')\nframe.iterrows_old()\n"
    assert apimig.upgrade_source(code, lib=LIB, rules=(RULES,)).text == code
    result = apimig.upgrade_source(code, lib=LIB, rules=(RULES,), snippet=True)
    assert result.text == "frame = ac.load('x')\nframe.rows()\n"


@pytest.mark.parametrize("code", ["open_frame(\n", "\udc80 = open_frame\n", "# coding: nonsense\nopen_frame\n"])
def test_text_that_cannot_be_analysed_comes_back(code):
    result = apimig.upgrade_source(code, lib=LIB, rules=(RULES,))
    assert result.text == code
    assert result.skipped is not None


@pytest.mark.parametrize(
    "code",
    [
        "# coding: latin-1\nimport acme\nacme.load('é').iterrows_old()\n",
        "\ufeffimport acme\nacme.load(1).iterrows_old()\r\n",
    ],
)
def test_text_keeps_its_characters(code):
    assert apimig.upgrade_source(code, lib=LIB, rules=(RULES,)).text == code.replace("iterrows_old", "rows")


def test_progress_counts_every_file(project):
    put(project, a=ROWS, b="x = 1\n", c=IMPORT)
    seen = []
    upgrade(write=False, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_nothing_of_the_environment_is_changed(project):
    put(project, a=ROWS)
    before = dict(os.environ)
    upgrade()
    assert dict(os.environ) == before


def test_python_2_gets_its_certain_renames_and_a_list_of_the_rest(project):
    put(project, a="import acme\nprint acme.open_frame('x')\nacme.load('x').iterrows_old()\n")
    result = upgrade()
    assert (project / "a.py").read_text() == "import acme\nprint acme.load('x')\nacme.load('x').iterrows_old()\n"
    done = [(o.rule, o.location.line) for o in result.outcomes if isinstance(o, Rewritten)]
    assert ("acme/function_open", 2) in done
    (left,) = [o for o in result.outcomes if not isinstance(o, Rewritten)]
    assert (left.rule, left.location.line, left.why) == ("acme/frame_rows", 3, "the file is Python 2")
    assert upgrade().changes == ()


def test_functions_learn_from_their_callers_in_other_files(project):
    put(
        project,
        helper="def show(frame):\n    return frame.iterrows_old()\n",
        main=IMPORT + "import helper\nhelper.show(acme.load('x'))\n",
    )
    (outcome,) = upgrade().outcomes
    assert isinstance(outcome, Rewritten)
    assert (outcome.location.path, outcome.certainty) == ("helper.py", "inferred")


def test_a_process_that_is_spawned_works_as_a_forked_one(project):
    """Where processes cannot be forked, what they need travels as a pickle."""
    import pickle

    from apimig.pipeline.options import Options
    from apimig.pipeline.plan import load_rulebook, make_plan
    from apimig.pipeline.run import _Maker

    put(project, a=ROWS)
    options = Options(libs=(LIB,), rules=(RULES,))
    maker = _Maker(project, [project / "a.py"], make_plan(options, load_rulebook(options), {}), options)
    forked = maker()(project / "a.py")
    spawned = pickle.loads(pickle.dumps(maker))()(project / "a.py")
    assert pickle.loads(pickle.dumps(forked)) == spawned
    assert spawned.change.after == ROWS_AFTER.encode()


def test_annotations_in_a_notebook_stay_in_their_cells(project):
    import nbformat

    cells = [
        "%%time\nimport acme\nframe = acme.load(1)",
        "!ls\nif True:\n    frame.lookup(1)",
        "frame.lookup(\n    2\n)\n%matplotlib inline",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, project / "n.ipynb")
    upgrade(annotate=True)
    after = nbformat.read(project / "n.ipynb", as_version=4)
    nbformat.validate(after)
    todo = "# TODO(apimig): acme/frame_lookup: Frame.lookup is gone https://acme.example/2.0#lookup\n"
    assert [cell.source for cell in after.cells] == [
        cells[0],
        "!ls\nif True:\n    " + todo + "    frame.lookup(1)",
        todo + cells[2],
    ]
    assert upgrade(annotate=True).changes == ()


@pytest.fixture
def known(monkeypatch):
    """Before each file of a run that keeps only what a file needs: what is known, and how many bytes of source that is."""
    from apimig.pipeline import workshop

    seen = []
    process = workshop.Workshop.process

    def processed(self, path):
        seen.append((self.project, self.project.size))
        return process(self, path)

    monkeypatch.setattr(workshop, "SURVEY_BYTES", 0)
    monkeypatch.setattr(workshop, "KEEP_BYTES", 0)
    monkeypatch.setattr(workshop.Workshop, "process", processed)
    return seen


def test_memory_is_given_back_in_a_long_run(project, known):
    put(project, **{f"m{number}": ROWS for number in range(10)})
    assert len(upgrade(jobs=1).changes) == 10
    assert max(size for _, size in known) <= 3 * len(ROWS)
    assert len({project for project, _ in known}) == 3


def test_what_every_file_imports_is_kept_in_a_long_run(project, known):
    put(project, base="from acme import load\n" + "x = 1\n" * 1000)
    put(project, **{f"m{number}": "from base import load\n" + ROWS for number in range(10)})
    assert len(upgrade(jobs=1).changes) == 10
    assert len({project for project, _ in known}) == 1
