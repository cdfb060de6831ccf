"""``apimig upgrade`` and ``apimig check``: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.tools import (
    CHECKOUT,
    IMPORT,
    LIB,
    PERSON,
    ROWS,
    ROWS_AFTER,
    RULES,
    UNKNOWN,
    apimig,
    environment,
    git,
    process,
    put,
)

# ------------------------------------------------------------------------------------------ writing


def test_upgrade_writes_and_summarises(project):
    put(project, a=ROWS, b=PERSON, c=UNKNOWN)
    result = apimig("upgrade", ".", *LIB)
    assert result.exit_code == 0
    assert (project / "a.py").read_text() == ROWS_AFTER
    assert "acme 1.0.0 -> 2.0.1" in result.stdout
    assert "Rewrote 1 site, changing 1 file" in result.stdout
    assert "b.py:2:1  acme/frame_lookup" in result.stdout
    assert "Use locate with a list of pairs." in result.stdout
    assert "https://acme.example/2.0#lookup" in result.stdout
    assert "  c.py\n        1 x acme/frame_rows  line 3  x.iterrows_old" in result.stdout
    assert result.stderr == ""


def test_quiet_says_nothing(project):
    put(project, a=ROWS)
    result = apimig("upgrade", ".", *LIB, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert (project / "a.py").read_text() == ROWS_AFTER


def test_verbose_lists_every_site(project):
    put(project, a=ROWS)
    assert "frame.iterrows_old  ->  frame.rows" in apimig("upgrade", ".", *LIB, "--verbose").stdout


# ------------------------------------------------------------------------------------------ not writing


def test_diff_goes_to_stdout_alone_and_applies(project):
    put(project, a=ROWS, sub__b=ROWS)
    result = apimig("upgrade", ".", *LIB, "--diff")
    assert result.exit_code == 0
    assert (project / "a.py").read_text() == ROWS
    assert result.stdout.startswith("--- a/a.py\n+++ b/a.py\n")
    assert "Would rewrite 2 sites" in result.stderr
    subprocess.run(["git", "apply", "-"], input=result.stdout.encode(), check=True)
    assert (project / "sub/b.py").read_text() == ROWS_AFTER


@pytest.mark.parametrize(
    ("code", "upgrade_check", "check"),
    [(ROWS, 1, 1), (PERSON, 0, 1), (UNKNOWN, 0, 0), ("x = 1\n", 0, 0), (ROWS_AFTER, 0, 0)],
)
def test_exit_codes_of_checking(project, code, upgrade_check, check):
    put(project, a=code)
    assert apimig("upgrade", ".", *LIB, "--check").exit_code == upgrade_check
    assert apimig("upgrade", ".", *LIB, "--check", "--diff").exit_code == upgrade_check
    assert apimig("check", ".", *LIB).exit_code == check
    assert (project / "a.py").read_text() == code


def test_an_unsafe_site_needs_a_person_or_the_flag(project):
    put(project, a=IMPORT + "acme.load('x').spin()\n")
    assert apimig("upgrade", ".", *LIB, "--check").exit_code == 0
    assert apimig("upgrade", ".", *LIB, "--check", "--unsafe").exit_code == 1


# ------------------------------------------------------------------------------------------ reports


def test_reports_of_all_formats_say_the_same(project, tmp_path_factory):
    put(project, a=ROWS, b=PERSON, c=UNKNOWN)
    out = tmp_path_factory.mktemp("reports")
    names = [out / f"r{suffix}" for suffix in (".json", ".sarif", ".md", ".txt", ".html")]
    apimig("check", ".", *LIB, *(part for name in names for part in ("--report", name)))
    data = json.loads(names[0].read_text())
    assert (data["totals"]["sites"], data["totals"]["rewritten"], data["written"]) == (3, 1, False)
    assert len(json.loads(names[1].read_text())["runs"][0]["results"]) == 3
    assert "| **all** | **1** | **1** | **1** | **0** |" in names[2].read_text()
    assert "Would rewrite 1 site" in names[3].read_text()
    assert "Would rewrite 1 site" in names[4].read_text()
    assert names[4].read_text().count('<li class="site"') == 3


def test_a_report_of_an_unknown_kind_is_refused_before_the_run(project):
    put(project, a=ROWS)
    result = apimig("upgrade", ".", *LIB, "--report", "r.xml")
    assert result.exit_code == 2
    assert "No report format is known for r.xml" in result.stderr
    assert (project / "a.py").read_text() == ROWS


def test_a_report_that_cannot_be_written_says_that_the_run_is_done(project):
    put(project, a=ROWS)
    result = apimig("upgrade", ".", *LIB, "--report", "nowhere/r.json")
    assert result.exit_code == 5
    assert "The report nowhere/r.json cannot be written" in result.stderr
    assert (project / "a.py").read_text() == ROWS_AFTER


# ------------------------------------------------------------------------------------------ stdin


def test_stdin_goes_to_stdout_and_messages_to_stderr(project):
    result = apimig("upgrade", "-", *LIB, stdin=ROWS)
    assert (result.exit_code, result.stdout) == (0, ROWS_AFTER)
    assert "Rewrote 1 site" in result.stderr


def test_stdin_keeps_its_bytes(project):
    code = b"\xef\xbb\xbfimport acme\r\nacme.load(1).iterrows_old()"
    done = process("upgrade", "-", *LIB, "-q", cwd=project, input=code)
    assert done.stdout == code.replace(b"iterrows_old", b"rows")
    assert done.stderr == b""


def test_a_snippet_on_stdin(project):
    result = apimig("upgrade", "-", *LIB, "--snippet", stdin="frame.iterrows_old()\n")
    assert result.stdout == "frame.rows()\n"


def test_stdin_that_does_not_parse_comes_back_with_the_reason(project):
    result = apimig("upgrade", "-", *LIB, stdin="x.iterrows_old(\n")
    assert result.stdout == "x.iterrows_old(\n"
    assert "<stdin>:1  does not parse" in result.stderr
    assert result.exit_code == 3


@pytest.mark.parametrize(("code", "exit_code"), [(ROWS, 1), (ROWS_AFTER, 0)])
def test_stdin_can_be_checked(project, code, exit_code):
    result = apimig("upgrade", "-", *LIB, "--check", "-q", stdin=code)
    assert (result.exit_code, result.output) == (exit_code, "")


def test_stdin_as_a_diff(project):
    assert "-for row in frame.iterrows_old():" in apimig("upgrade", "-", *LIB, "--diff", "-q", stdin=ROWS).stdout


# ------------------------------------------------------------------------------------------ settings


def test_settings_are_enough(project):
    (project / "pyproject.toml").write_text(f'[tool.apimig]\nlibs = ["acme==2.0"]\nrules = ["{RULES}"]\n')
    put(project, a=ROWS)
    assert apimig("upgrade", ".").exit_code == 0
    assert (project / "a.py").read_text() == ROWS_AFTER


def test_the_command_line_wins(project):
    (project / "pyproject.toml").write_text(f'[tool.apimig]\nlibs = ["acme==1.0"]\nrules = ["{RULES}"]\n')
    put(project, a=ROWS)
    assert "acme 1.0.0 -> 2.0.1" in apimig("upgrade", ".", "--lib", "acme==2.0").stdout


def test_pins_move_with_the_code_unless_told_not_to(project):
    put(project, a=ROWS)
    (project / "requirements.txt").write_text("acme==1.5.0  # ours\n")
    assert apimig("upgrade", ".", *LIB, "--no-pins", "--diff").stdout.count("+++") == 1
    result = apimig("upgrade", ".", *LIB)
    assert "acme 1.5.0 -> 2.0.1" in result.stdout
    assert (project / "requirements.txt").read_text() == "acme==2.0.1  # ours\n"
    assert "requirements.txt:1:5: acme ==1.5.0 became ==2.0.1" in result.stdout
    apimig("undo")
    assert (project / "requirements.txt").read_text() == "acme==1.5.0  # ours\n"


def test_pins_above_the_path_are_read_and_left(project):
    put(project, src__a=ROWS)
    (project / "requirements.txt").write_text("acme==1.5.0\n")
    result = apimig("upgrade", "src", *LIB)
    assert "acme 1.5.0 -> 2.0.1" in result.stdout
    assert "requirements.txt:1:5: pins acme, and was left" in result.stdout
    assert (project / "requirements.txt").read_text() == "acme==1.5.0\n"


def test_code_and_pin_of_one_file_both_change(project):
    put(
        project,
        setup="import acme\nfrom setuptools import setup\nacme.open_frame(1)\nsetup(install_requires=['acme<2'])\n",
    )
    apimig("upgrade", ".", *LIB)
    after = (project / "setup.py").read_text()
    assert "acme.load(1)" in after
    assert "acme<2'" not in after


# ------------------------------------------------------------------------------------------ messages


@pytest.mark.parametrize(
    ("arguments", "message", "help_"),
    [
        (("upgrade", "."), "No library was named", "--lib pandas==2.2"),
        (
            ("upgrade", ".", "--lib", "acmee==2.0", "--rules", RULES),
            "no rules are known for acmee",
            "Did you mean acme",
        ),
        (("upgrade", ".", "--lib", "acme==2.7", "--rules", RULES), "acme has no release 2.7", "2.0.1, 3.0.0"),
        (("upgrade", "nowhere", *LIB), "There is no file or folder nowhere", "Check the spelling"),
        (("upgrade", "/", ".", *LIB), "is outside of the project", "one project at a time"),
        (("upgrade", ".", "-", *LIB), "- cannot be mixed", "stdin alone"),
        (
            ("upgrade", ".", "--lib", "acme==2.0", "--rules", "nowhere"),
            "nowhere is not a folder with rules",
            "<library>",
        ),
        (("explain", "a.py:99", *LIB), "a.py has no line 99", "from 1"),
        (("undo",), "There is nothing to undo", "Undo works"),
    ],
)
def test_what_users_can_mend_is_one_message(project, arguments, message, help_):
    put(project, a=ROWS)
    result = apimig(*arguments)
    assert result.exit_code == 2
    first, *rest = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert help_ in " ".join(rest)
    assert "Traceback" not in result.stderr
    assert (project / "a.py").read_text() == ROWS


def test_rules_that_do_not_load_are_all_named(project):
    pack = project / "mine" / "acme"
    pack.mkdir(parents=True)
    (pack / "_library.yaml").write_bytes((RULES / "acme" / "_library.yaml").read_bytes())
    (pack / "one.yaml").write_text("library: acme\n")
    (pack / "two.yaml").write_text("library: [\n")
    result = apimig("upgrade", ".", "--lib", "acme==2.0", "--rules", "mine")
    assert result.exit_code == 4
    assert "one.yaml" in result.stderr
    assert "two.yaml" in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_settings_are_one_message_with_lines(project):
    (project / "pyproject.toml").write_text('[tool.apimig]\nlib = "x"\n')
    result = apimig("check", ".")
    assert result.exit_code == 2
    assert "pyproject.toml:2: no such setting: lib; did you mean libs?" in result.stderr


def test_a_dirty_tree_is_named(project):
    put(project, a=ROWS)
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "start")
    put(project, a=ROWS + "\n")
    result = apimig("upgrade", ".", *LIB)
    assert result.exit_code == 2
    assert "  a.py\n" in result.stderr
    assert "--allow-dirty" in result.stderr
    assert apimig("upgrade", ".", *LIB, "--diff").exit_code == 0
    assert apimig("upgrade", ".", *LIB, "--allow-dirty").exit_code == 0
    assert git(project, "status", "--porcelain") == " M a.py\n"


def test_a_misspelt_command_gets_a_suggestion(project):
    result = apimig("upgrad", ".")
    assert result.exit_code == 2
    assert "did you mean upgrade?" in result.stderr


# ------------------------------------------------------------------------------------------ terminal and pipe


def test_no_colours_and_no_progress_in_a_pipe(project):
    put(project, **{f"m{number}": ROWS for number in range(50)})
    done = process("upgrade", ".", *LIB, cwd=project, text=True)
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def in_terminal(*arguments, cwd, **more) -> str:
    """What a person sees at a terminal."""
    import os
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "apimig", *map(str, arguments)]
    child = subprocess.Popen(
        command, cwd=cwd, stdin=follower, stdout=follower, stderr=follower, env=environment(TERM="xterm", **more)
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not piece:
            break
        shown += piece
    child.wait()
    os.close(leader)
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_colours_at_a_terminal_unless_no_color(project, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    put(project, a=ROWS)
    assert "\x1b[32m+for row in frame.rows():\x1b[0m" in in_terminal("upgrade", ".", *LIB, "--diff", cwd=project)
    assert "\x1b[" not in in_terminal("upgrade", ".", *LIB, "--diff", cwd=project, NO_COLOR="1")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_a_progress_bar_at_a_terminal_when_there_is_much_to_do(project, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    put(project, **{f"m{number}": ROWS for number in range(60)})
    assert "60/60" in in_terminal("check", ".", *LIB, "--jobs", "1", cwd=project)
    assert "60/60" not in in_terminal("check", ".", *LIB, "--jobs", "1", "--quiet", cwd=project)


def test_a_closed_pipe_is_no_traceback(project):
    put(project, **{f"m{number}": ROWS * 50 for number in range(30)})
    command = f"{sys.executable} -m apimig upgrade . {' '.join(LIB)} --diff -q | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=project, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "--- a/m0.py\n"
    assert "Traceback" not in done.stderr


def test_help_imports_no_room():
    code = "import sys; from apimig.cli import app; app(['upgrade', '--help'], standalone_mode=False); print(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    for heavy in ("apimig.pipeline", "tree_sitter", "libcst", "rich", "pydantic", "yaml", "packaging"):
        assert f"'{heavy}'" not in done.stdout, heavy


def test_version_needs_not_even_click(project):
    code = "import sys; sys.argv[1:] = ['--version']; from apimig.__main__ import main; main(); print('click' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    version, click = done.stdout.splitlines()
    assert version.startswith("apimig 0.")
    assert click == "False"
    assert process("-V", cwd=project).returncode == 2
    assert apimig("--version").output.strip() == version


# ------------------------------------------------------------------------------------------ explain


def test_explain_tells_the_receiver_the_rule_and_the_edit(project):
    put(project, a=ROWS)
    shown = apimig("explain", "a.py:3", *LIB).stdout
    assert shown.startswith("for row in frame.iterrows_old():\n")
    assert "rewritten to frame.rows\n" in shown
    assert "acme/frame_rows: Frame.iterrows_old became rows" in shown
    assert "acme.Frame (proven: returned by acme.load (line 2))" in shown
    assert "deprecated 1.5.0, removed 2.0.0" in shown


def test_explain_tells_why_a_site_stays(project):
    put(project, a=UNKNOWN, b=PERSON, c=IMPORT + "acme.load('x').iterrows_old()  # apimig: ignore\n")
    assert "nothing says whether it is the library's" in apimig("explain", "a.py:3", *LIB).stdout
    assert "needs a person: " in apimig("explain", "b.py:2", *LIB).stdout
    assert "left alone: " in apimig("explain", "c.py:2", *LIB).stdout


def test_explain_tells_what_other_receivers_are(project):
    put(project, a=IMPORT + "x = []\nx.iterrows_old()\ny = 1\n")
    assert "receiver:      builtins.list" in apimig("explain", "a.py:3", *LIB).stdout
    assert "Nothing on this line" in apimig("explain", "a.py:4", *LIB).stdout


def test_explain_says_nothing_of_rules_that_have_nothing_to_say_of_a_use(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(
        "import pandas as pd\n\ntry:\n    pd.to_datetime(x)\nexcept ValueError as e:\n"
        "    assert 'Unknown string format' in str(e)\n"
    )
    ran = apimig("explain", f"{path}:4", "--lib", "pandas==2.0.3", "--from", "1.5.3")
    assert ran.stdout.count("pandas.to_datetime (proven") == 1
    assert "pandas/to_datetime_message" in ran.stdout
    assert "what is around it is rewritten" in ran.stdout
    assert "to_datetime_mixed" not in ran.stdout


def test_explain_tells_of_a_site_that_goes_over_several_lines(project):
    put(project, a=IMPORT + "frame = acme.load('x')\nrows = (\n    frame\n    .iterrows_old()\n)\nlast = 1\n")
    for line in (4, 5):
        assert "rewritten to frame\n    .rows" in apimig("explain", f"a.py:{line}", *LIB).stdout
    assert "Nothing on this line" in apimig("explain", "a.py:7", *LIB).stdout


def test_explain_of_a_rule_shows_it(project):
    shown = apimig("explain", "acme/frame_rows", "--rules", RULES).stdout
    assert "Frame.iterrows_old became rows" in shown


def test_the_summary_says_how_to_undo_from_here(project, monkeypatch, tmp_path_factory):
    put(project, a=ROWS)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    shown = apimig("upgrade", project, *LIB).stdout
    assert f"`apimig undo {project}` brings the files back." in shown
    assert apimig("undo", project).exit_code == 0
    assert (project / "a.py").read_text() == ROWS
