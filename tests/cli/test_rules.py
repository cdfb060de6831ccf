"""``apimig rules`` as people and scripts call it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from apimig.cli import app
from apimig.cli import rules as rules_command

RULE = """\
library: pandas
removed: "2.0.0"
reference: https://example.org/notes
summary: DataFrame.iteritems became items
rename_member: {pandas.DataFrame.iteritems: items}
cases:
  - before: df.iteritems()
    after: df.items()
    given: {df: pandas.DataFrame()}
unchanged:
  - d.iteritems()
"""


@pytest.fixture
def rules(tmp_path, monkeypatch):
    """A project with one rule of its own, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "rules" / "pandas").mkdir(parents=True)
    (tmp_path / "rules" / "pandas" / "our_change.yaml").write_text(RULE)
    return tmp_path / "rules"


def run(*arguments: str, code: int = 0):
    result = CliRunner().invoke(app, ["rules", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_list_is_tab_separated_in_a_pipe(rules):
    lines = run("list", "--rules", "rules").stdout.splitlines()
    assert "pandas/our_change\t2.0.0\t\trename_member\tsafe\tDataFrame.iteritems became items" in lines
    assert all(line.count("\t") == 5 for line in lines)


def test_list_of_a_migration(rules):
    lines = run("list", "--rules", "rules", "--lib", "pandas", "--from", "1.5.3", "--to", "2.0").stdout.splitlines()
    assert "pandas/our_change\t2.0.0\trequired\trename_member\tsafe\tDataFrame.iteritems became items" in lines
    assert "our_change" not in run("list", "--rules", "rules", "--lib", "pandas", "--from", "2.0.0").stdout


def test_list_as_json(rules):
    found = json.loads(run("list", "--rules", "rules", "--json").stdout)
    (ours,) = [rule for rule in found if rule["id"] == "pandas/our_change"]
    assert ours["path"] == "rules/pandas/our_change.yaml"


def test_list_as_a_table(capsys):
    rules_command._table(("rule", "since", "need"), [("pandas/x", "2.0", ""), ("pandas/y", "1.0", "")], title="")
    said = capsys.readouterr().out.splitlines()
    assert [line.split() for line in said] == [
        ["rule", "since"],
        ["pandas/x", "2.0"],
        ["pandas/y", "1.0"],
        ["2", "rules"],
    ]


def test_show_has_the_cases_as_diffs_and_the_reference(rules):
    said = run("show", "our_change", "--rules", "rules").stdout
    assert "https://example.org/notes\n" in said
    assert "rules/pandas/our_change.yaml:7 (df = pandas.DataFrame())\n  -df.iteritems()\n  +df.items()\n" in said
    assert "\x1b" not in said


def test_schema_is_json(rules):
    assert json.loads(run("schema").stdout)["properties"]["rename_member"]
    assert json.loads(run("schema", "--library").stdout)["properties"]["imports"]


def test_docs_writes_pages(rules, tmp_path):
    said = run("docs", "out/pages", "--rules", "rules").stdout
    assert "out/pages/pandas.md\n" in said
    assert "### pandas/our_change\n" in (tmp_path / "out" / "pages" / "pandas.md").read_text()


def test_docs_into_a_place_that_cannot_be_written(rules, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in run("docs", "file/pages", code=5).stderr


def test_a_replaced_rule_is_noted_on_stderr(rules):
    shipped = run("list", "--lib", "pandas").stdout.splitlines()[0].split("\t")[0].partition("/")[2]
    (rules / "pandas" / f"{shipped}.yaml").write_text(RULE)
    result = run("list", "--rules", "rules")
    assert result.stderr.startswith(f"note: rules/pandas/{shipped}.yaml replaces the rule pandas/{shipped} of ")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "our_chang"), 2, "no rule is called our_chang"),
        (("list", "--lib", "panda"), 2, "Did you mean pandas?"),
        (("list", "--rules", "nowhere"), 2, "is not a folder with rules"),
        (("list", "--to", "2.0"), 2, "--from and --to are about one library"),
        (("test", "nothing_like_it"), 2, "no rule is called nothing_like_it"),
    ],
)
def test_errors_are_one_message(rules, arguments, code, message):
    result = run(*arguments, code=code)
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_mistakes_in_rules_are_listed_with_their_lines(rules):
    (rules / "pandas" / "our_change.yaml").write_text(RULE.replace("summary", "sumary"))
    said = run("list", "--rules", "rules", code=4).stderr
    assert said.startswith("error: 2 problems in 1 rule file; no rule was loaded\n")
    assert "rules/pandas/our_change.yaml:4: unknown key 'sumary' (did you mean 'summary'?)\n" in said
    assert "Traceback" not in said


def test_test_runs_the_cases_of_the_rules_named(rules):
    assert run("test", "our_change", "--rules", "rules").stdout == "1 rule, 2 cases, 0 failed\n"


def test_test_shows_failures_as_diffs_at_their_lines(rules):
    (rules / "pandas" / "our_change.yaml").write_text(RULE.replace("df.items()", "df.values()"))
    assert (
        run("test", "our_change", "--rules", "rules", "--jobs", "1", code=1).stdout
        == """\
rules/pandas/our_change.yaml:7: pandas/our_change: cases 1
  the code becomes something else:
  --- expected
  +++ got
  @@ -1 +1 @@
  -df.values()
  +df.items()
1 rule, 2 cases, 1 failed
"""
    )


def test_an_upgrade_without_the_cache_writes_none(rules, tmp_path):
    (tmp_path / "a.py").write_text("import pandas as pd\n\npd.DataFrame().iteritems()\n")
    arguments = ["upgrade", "a.py", "--lib", "pandas==2.0", "--quiet"]
    assert CliRunner().invoke(app, [*arguments, "--no-cache"]).exit_code == 0
    assert ".items()" in (tmp_path / "a.py").read_text()
    assert not (tmp_path / "cache" / "rulebook").exists()
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert list((tmp_path / "cache" / "rulebook").iterdir())
