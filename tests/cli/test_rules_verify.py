"""``apimig rules verify`` as people and scripts call it; the environments are small ones."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from apimig.cli import app
from apimig.cli.rules_verify import reasons
from apimig.mining.candidate import Status, Verification
from apimig.pipeline.verifying import Verified
from tests.pipeline.test_verifying import acme, rule  # noqa: F401 - a fixture


def run(folder, *arguments, code=0):
    result = CliRunner().invoke(app, ["rules", "verify", "--rules", str(folder), "-j", "1", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_what_differs_and_what_was_not_run_is_said_and_a_table(acme):  # noqa: F811
    said = run(acme, "--lib", "acme", code=1)
    assert (
        said.stdout
        == """\
acme/told: unrun, acme 1.0.0 -> 2.0.1
  no case shows old and new code
acme/total_wrong: differs, acme 1.0.0 -> 2.0.1
  cases 1: differs: n: 7, then 2
library  rules  verified  differs  unrun  why unrun
acme     3      1         1        1      1 no case
"""
    )
    assert said.stderr == ""


def test_rules_are_chosen_by_name_and_verbose_shows_all(acme):  # noqa: F811
    assert (
        run(acme, "rows_renamed", "-v").stdout
        == """\
acme/rows_renamed: verified, acme 1.0.0 -> 2.0.1
  cases 1: verified (the old code fails under the new release)
library  rules  verified  differs  unrun  why unrun
acme     1      1         0        0
"""
    )


def test_results_are_recorded(acme, tmp_path):  # noqa: F811
    file = tmp_path / "verified.json"
    run(acme, "rows_renamed", "-o", str(file))
    (entry,) = json.loads(file.read_text())["rules"].values()
    assert (entry["status"], entry["cases"], entry["needed"]) == ("verified", {"verified": 1}, ["fails"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "1.0"), "--from and --to are given together"),
        (("--from", "1.0", "--to", "2.0"), "are about one library"),
        (("nothing_like_it",), "no rule is called nothing_like_it"),
        (("--lib", "acm"), "Did you mean acme?"),
    ],
)
def test_errors_are_one_message(acme, arguments, message):  # noqa: F811
    said = run(acme, *arguments, code=2).stderr
    assert message in said
    assert "Traceback" not in said


def test_a_file_that_is_no_record_is_refused_before_anything_runs(acme, tmp_path):  # noqa: F811
    (tmp_path / "x.json").write_text("[]")
    result = CliRunner().invoke(app, ["rules", "verify", "--rules", str(acme), "-o", str(tmp_path / "x.json"), "told"])
    assert result.exit_code != 0
    assert "cannot be read as a record" in result.stderr


def test_reasons_are_counted_by_kind():
    said = ["nobody gives x", "nobody gives y", "no case shows old and new code", "the old code fails under x", "moon"]
    found = [Verified(rule(), Verification(Status.UNRUN, "", "", reason=text)) for text in said]
    assert reasons(found) == "2 names that nobody gives, 1 no case, 1 the old code fails, 1 other"
