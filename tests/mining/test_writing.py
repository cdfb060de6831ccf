"""Rules as files: what stands in them, and that loading gives the rule again."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apimig.mining.candidate import Candidate, Evidence, Kind, Status, Verification
from apimig.mining.writing import library_text, rule_text, write_pack
from apimig.pipeline.learning_releases import as_rule
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import find_packs
from tests.mining.releases.tools import learned

RULE = {
    "library": "lib",
    "deprecated": "1.10.0",
    "removed": "2.0.0",
    "reference": "https://example.org/lib/changes#2.0",
    "summary": "K.old: it's new now",
    "rename_member": {"lib.K.old": "new"},
    "cases": [{"before": "import lib\n\nresult = k.old()", "after": "import lib\n\nresult = k.new()", "given": {"k": "lib.K(n=1)"}, "unsafe": True}],
    "unchanged": [{"code": "result = k.new()", "given": {"k": "lib.K(n=1)"}, "reported": False}],
    "applicability": "unsafe",
}  # fmt: skip
CANDIDATE = Candidate(
    "k_old", RULE, Kind.RENAME, (Evidence("deprecation", "Use `new`.", "lib 1.0: lib.K.old"),), support=2
)


def test_a_file_reads_as_if_a_person_had_written_it():
    assert rule_text(
        CANDIDATE, "lib 1.0 -> lib 2.0", Verification(Status.VERIFIED, "lib 1.0", "lib 2.0")
    ) == textwrap.dedent(
        """\
        library: lib
        deprecated: "1.10.0"
        removed: "2.0.0"
        reference: https://example.org/lib/changes#2.0
        summary: 'K.old: it''s new now'
        rename_member:
          lib.K.old: new
        applicability: unsafe
        cases:
          - before: |-
              import lib

              result = k.old()
            after: |-
              import lib

              result = k.new()
            given: {k: lib.K(n=1)}
            unsafe: true
        unchanged:
          - code: result = k.new()
            given: {k: lib.K(n=1)}
            reported: false
        provenance:
          learned_from: lib 1.0 -> lib 2.0
          evidence:
            - {kind: deprecation, text: 'Use `new`.', place: 'lib 1.0: lib.K.old'}
          support: 2
          verified: {status: verified, old: lib 1.0, new: lib 2.0}
        """
    )


def test_the_rule_comes_back(tmp_path):
    before = "class K:\n    def m(self, a, b=1): ...\ndef gone(x='1.0', y={'a': 1}): ...\n"
    pack = learned(tmp_path, before, "class K:\n    def m(self, a, *, b=1): ...\n")
    write_pack(pack.candidates, pack.library, tmp_path / "rules" / "lib", "lib 1.0.0 -> lib 2.0.0")
    packs = [each for each in find_packs([tmp_path / "rules"]) if each.library == "lib"]
    loaded = {rule.id: rule for rule in load_packs(packs, use_cache=False).rules}
    for candidate in pack.candidates:
        rule, again = as_rule(candidate), loaded[candidate.id]
        assert (again.body, again.summary, again.applicability, again.advise) == (
            rule.body,
            rule.summary,
            rule.applicability,
            rule.advise,
        )


def test_a_library_file_that_is_there_stays(tmp_path):
    (tmp_path / "_library.yaml").write_text("library: lib\n", encoding="utf-8")
    (written,) = write_pack([CANDIDATE], {"library": "other"}, tmp_path, "x")
    assert written.name == "k_old.yaml"
    assert (tmp_path / "_library.yaml").read_text("utf-8") == "library: lib\n"


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200)


@example("", "", {"$?": ""})
@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT, st.dictionaries(st.text("abc $*?:{}[]#'\"-", min_size=1, max_size=8), TEXT, max_size=4))
def test_any_text_comes_back(summary, code, given_):
    clean = dict(given_)
    rule = {**RULE, "summary": summary, "unchanged": [{"code": code, "given": clean}]}
    text = rule_text(Candidate("x", rule, Kind.RENAME), "lib")
    read = yaml.safe_load(text)
    assert read["summary"] == summary
    assert read["unchanged"] == [{"code": code, "given": clean}]


@pytest.mark.parametrize(
    "value", ["1.10", "true", "null", "no", "a: b", "# a", "- a", "x #y", " x", "x ", "", "{a}", "*a", "'", "~"]
)
def test_what_yaml_would_take_for_something_else_is_quoted(value):
    assert yaml.safe_load(library_text({"names": {"a": value}, "b": [value, value]})) == {
        "names": {"a": value},
        "b": [value, value],
    }
