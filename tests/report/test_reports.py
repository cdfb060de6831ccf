"""Every report is made from the result alone, and all of them count the same."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import jsonschema
import pytest

from apimig.errors import UsageError
from apimig.records import Account, Applicability, Certainty, Location, NeedsPerson, Rewritten, Unchecked
from apimig.report import render, text
from apimig.report.counts import by_kind, by_rule, kind_of
from tests.report.results import APPEND, EMPTY, ITERITEMS, LOOKUP, OUTCOMES, REFERENCE, RESULT

WRITTEN = dataclasses.replace(RESULT, written=True)
SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def test_counts_add_up():
    counted = by_kind(OUTCOMES)
    assert counted == {"rewritten": 2, "needs_person": 2, "unknown_receiver": 3, "left_alone": 1}
    assert sum(counted.values()) == len(OUTCOMES)
    assert sum(sum(kinds.values()) for kinds in by_rule(OUTCOMES).values()) == len(OUTCOMES)


# ------------------------------------------------------------------------------------------ several rules at one site


HELD = [
    NeedsPerson(Location("d.py", 4, 2), rule, "pd.read(**kw)", Certainty.PROVEN, Applicability.SAFE, f"`**kw` may hold `{name}`", *more)
    for rule, name, *more in [("pandas/a", "x"), ("pandas/b", "y", "Do | this.", REFERENCE), ("pandas/c", "z", "", REFERENCE + "#c")]
]  # fmt: skip
JOINED = dataclasses.replace(
    RESULT, outcomes=(*OUTCOMES, dataclasses.replace(HELD[0], why="`**kw` may hold `x`, `y` or `z`", parts=tuple(HELD)))
)


def test_a_site_of_several_rules_counts_once_and_for_each_of_them():
    assert by_kind(JOINED.outcomes)["needs_person"] == 3
    assert {rule for rule, kinds in by_rule(JOINED.outcomes).items() if kinds["needs_person"]} == {
        LOOKUP, "pandas/a", "pandas/b", "pandas/c",
    }  # fmt: skip


def test_text_has_what_each_rule_asks_for_in_a_line():
    assert (
        "  d.py:4:2  pandas/a and 2 other rules  pd.read(**kw)\n"
        "      `**kw` may hold `x`, `y` or `z`\n"
        "      - pandas/a: `x`\n"
        "      - pandas/b: `y`. Do | this.\n"
        "      - pandas/c: `z`\n"
        f"      {REFERENCE}\n"
        f"      {REFERENCE}#c\n"
    ) in text(JOINED)


def test_markdown_has_what_each_rule_asks_for_in_a_line():
    assert (
        "- [ ] `d.py:4:2` `pd.read(**kw)`: `**kw` may hold `x`, `y` or `z`\n"
        "  - `pandas/a`: `x`\n"
        f"  - `pandas/b`: `y`. Do \\| this. <{REFERENCE}>\n"
        f"  - `pandas/c`: `z` <{REFERENCE}#c>\n"
    ) in render(JOINED, "report.md")


def test_json_has_all_that_each_rule_says():
    data = json.loads(render(JOINED, "report.json"))
    (joined,) = [o for o in data["outcomes"] if o.get("parts")]
    assert [(p["rule"], p["why"], p["advice"], p["reference"]) for p in joined["parts"]] == [
        (p.rule, p.why, p.advice, p.reference) for p in HELD
    ]
    jsonschema.validate(data, json.loads(SCHEMA.read_text()))


def test_sarif_has_one_result_that_names_all_rules():
    (run,) = json.loads(render(JOINED, "report.sarif"))["runs"]
    (found,) = [r for r in run["results"] if r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "d.py"]
    rules = ["pandas/a", "pandas/b", "pandas/c"]
    assert found["ruleId"] == "pandas/a"
    assert found["properties"]["rules"] == rules
    assert found["message"]["text"].splitlines()[1:] == [
        "- pandas/a: `x`",
        "- pandas/b: `y`. Do | this.",
        "- pandas/c: `z`",
    ]
    described = {rule["id"]: rule.get("helpUri", "") for rule in run["tool"]["driver"]["rules"]}
    assert [described[rule] for rule in rules] == ["", REFERENCE, REFERENCE + "#c"]


# ------------------------------------------------------------------------------------------ text


def test_text_says_what_would_be_done_and_what_was_done():
    assert "Would rewrite 2 sites, changing 2 files" in text(RESULT)
    assert "Rewrote 2 sites, changing 2 files" in text(WRITTEN)


def test_text_lists_what_needs_a_person_with_place_reason_and_reference():
    shown = text(RESULT)
    assert f"  b.py:10:1  {LOOKUP}  df.lookup( rows, columns)\n      the arguments are spread with *\n" in shown
    assert f"      {REFERENCE}\n" in shown
    assert f"  n.ipynb#cell3:2:4  {LOOKUP}  df.lookup(a, b)\n      unsafe\n" in shown


def test_text_groups_unknown_receivers_by_file_and_rule():
    shown = text(RESULT)
    assert f"  b.py\n        2 x {APPEND}  lines 20, 21  rows.append(1)\n" in shown
    assert f"  c.py\n        1 x {APPEND}  line 1  x.append(`y`)\n" in shown
    assert "b.py:20:1" not in shown
    assert "b.py:20:1" in text(RESULT, verbose=True)


def test_text_lists_rewrites_only_when_verbose():
    assert "df.iteritems()  ->  df.items()" not in text(RESULT)
    assert "df.iteritems()  ->  df.items()" in text(RESULT, verbose=True)


def test_text_has_skipped_files_and_notes():
    shown = text(RESULT)
    assert "  broken.py:7  does not parse: unexpected indent\n" in shown
    assert "  gone.py  cannot be read\n" in shown
    assert "  - uv.lock is stale: run `uv lock`\n" in shown


def test_text_of_nothing_is_two_lines():
    assert (
        text(EMPTY)
        == "pandas 1.5.3 -> 2.0.3\nWould rewrite 0 sites, changing 0 files (3 files read, 0 with names that changed).\n"
    )


def test_colours_are_only_colours():
    plain, coloured = text(RESULT), text(RESULT, color=True)
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


# ------------------------------------------------------------------------------------------ JSON


def test_json_is_as_its_schema_says():
    for result in (RESULT, WRITTEN, EMPTY):
        jsonschema.validate(json.loads(render(result, "r.json")), json.loads(SCHEMA.read_text("utf-8")))


def test_the_schema_is_strict_enough_to_notice_a_renamed_field():
    data = json.loads(render(RESULT, "r.json"))
    data["outcomes"][0]["path"] = data["outcomes"][0].pop("file")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(SCHEMA.read_text("utf-8")))


def test_json_totals_are_those_of_the_outcomes():
    data = json.loads(render(RESULT, "r.json"))
    kinds = by_kind(RESULT.outcomes)
    assert {kind: data["totals"][kind] for kind in kinds} == kinds
    assert data["totals"]["sites"] == len(data["outcomes"]) == sum(kinds.values())
    assert {rule["id"]: rule["rewritten"] for rule in data["rules"]} == {ITERITEMS: 2, LOOKUP: 0, APPEND: 0}
    assert data["totals"]["files_changed"] == 2


# ------------------------------------------------------------------------------------------ SARIF


def test_sarif_has_what_the_standard_requires():
    log = json.loads(render(RESULT, "r.sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "apimig"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("none", "note", "warning", "error")
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert " " not in artifact["uri"]
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        region = location["physicalLocation"].get("region", {"startLine": 1, "startColumn": 1})
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1


def test_sarif_rules_point_to_their_reference():
    rules = json.loads(render(RESULT, "r.sarif"))["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"]: rule.get("helpUri") for rule in rules} == dict.fromkeys((APPEND, ITERITEMS, LOOKUP), REFERENCE)


def test_sarif_leaves_out_what_is_done():
    before = json.loads(render(RESULT, "r.sarif"))["runs"][0]["results"]
    after = json.loads(render(WRITTEN, "r.sarif"))["runs"][0]["results"]
    assert len(before) == len(OUTCOMES)
    assert [r["properties"]["outcome"] for r in after].count("rewritten") == 0
    assert len(after) == sum(1 for o in OUTCOMES if not isinstance(o, Rewritten))


def test_sarif_fingerprints_are_unique_and_survive_moved_lines():
    def prints(result):
        return [
            r["partialFingerprints"]["siteHash/v1"] for r in json.loads(render(result, "r.sarif"))["runs"][0]["results"]
        ]

    moved = tuple(
        dataclasses.replace(o, location=dataclasses.replace(o.location, line=o.location.line + 7)) for o in OUTCOMES
    )
    assert len(set(prints(RESULT))) == len(OUTCOMES)
    assert prints(dataclasses.replace(RESULT, outcomes=moved)) == prints(RESULT)


def test_sarif_says_a_notebook_cell_in_words():
    results = json.loads(render(RESULT, "r.sarif"))["runs"][0]["results"]
    (notebook,) = [r for r in results if r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "n.ipynb"]
    assert "region" not in notebook["locations"][0]["physicalLocation"]
    assert notebook["locations"][0]["message"]["text"] == "cell 3, line 2"


# ------------------------------------------------------------------------------------------ Markdown


def test_markdown_is_a_pull_request_description():
    shown = render(RESULT, "r.md")
    assert shown.startswith("## Upgrade: pandas 1.5.3 -> 2.0.3\n")
    assert "| **all** | **2** | **2** | **3** | **1** |" in shown
    assert "- [ ] `b.py:10:1` `df.lookup( rows, columns)`: the arguments are spread with *" in shown
    assert "Use melt, or loc with `\\|` and &lt;em>." in shown


def test_markdown_code_cannot_break_out():
    assert "``x.append(`y`)``" in render(RESULT, "r.md")


# ------------------------------------------------------------------------------------------ choice


@pytest.mark.parametrize("name", ["report.xml", "report", "report.jsonl"])
def test_an_unknown_suffix_names_the_known_ones(name):
    with pytest.raises(UsageError, match=r"\.json .*\.sarif .*\.md"):
        render(RESULT, name)


@pytest.mark.parametrize("name", ["r.json", "r.sarif", "r.md", "r.txt", "R.JSON"])
def test_every_format_takes_an_empty_run_and_a_full_one(name):
    for result in (EMPTY, RESULT, WRITTEN):
        assert render(result, name).endswith("\n")


def test_every_outcome_has_a_kind():
    assert {kind_of(outcome) for outcome in OUTCOMES} == set(by_kind(()))


def test_every_report_shows_the_account_and_what_was_not_checked():
    account = Account(rewritten=2, fine=40, needs_person=2, unknown=4, left_alone=1)
    open_ones = (
        Unchecked(Location("b.py", 5, 1), "getattr(pd, name)", "the name is not written in the code"),
        Unchecked(Location("b.py", 9, 1), "f", "`**kw` may hold `axis`"),
        Unchecked(Location("c.py", 9, 1), "g", "`*xs` may hold arguments that must be passed by keyword"),
    )
    result = dataclasses.replace(RESULT, account=account, unchecked=open_ones)
    shown = text(result)
    assert "49 uses: 2 rewritten, 40 checked and fine, 2 need a person, 4 unknown, 1 left alone" in shown
    assert "  2 x what starred arguments may hold" in shown
    assert "49 uses: " in render(result, "x.md")
    assert "### Not checked" not in render(result, "x.md")
    assert "Not checked (3)" in render(result, "x.md")
    data = json.loads(render(result, "x.json"))
    assert data["account"] == {
        "uses": 49, "rewritten": 2, "fine": 40, "needs_person": 2, "unknown": 4, "left_alone": 1,
    }  # fmt: skip
    assert [each["line"] for each in data["unchecked"]] == [5, 9, 9]
    (run,) = json.loads(render(result, "x.sarif"))["runs"]
    assert run["properties"]["account"]["uses"] == 49
    assert [each["ruleId"] for each in run["results"]].count("apimig/unchecked") == 3
    assert json.loads(render(RESULT, "x.json"))["account"] is None
