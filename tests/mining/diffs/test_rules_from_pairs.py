"""Pairs of code -> the rules that they teach, as tables."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from apimig.mining.candidate import Kind
from apimig.mining.diffs.names import Language, read
from apimig.rulebook.schema import RuleFile
from tests.mining.diffs.tools import IMPORT, bodies, failures, learned

BOX = "box = tb.open_box(p)\n"

TABLE: list[tuple[str, list[tuple[str, str]], Kind, dict[str, Any]]] = [
    (
        "a function with another name",
        [("tb.open_lid(3)", "tb.lift_lid(3)")],
        Kind.RENAME,
        {"rename": {"toolbox.open_lid": "toolbox.lift_lid"}},
    ),
    (
        "a bare reference is renamed like a call",
        [("list(map(tb.integer, xs))", "list(map(int, xs))")],
        Kind.RENAME,
        {"rename": {"toolbox.integer": "builtins.int"}},
    ),
    (
        "the same name in another module, through its import alone",
        [("from toolbox.utils import area", "from toolbox.geometry import area")],
        Kind.MOVE,
        {"rename": {"toolbox.utils.area": "toolbox.geometry.area"}},
    ),
    (
        "two names that moved together are one rule",
        [
            ("a = tb.utils.area(1)\nv = tb.utils.volume(2)", "a = tb.geometry.area(1)\nv = tb.geometry.volume(2)"),
        ],
        Kind.MOVE,
        {"move": [{"from": "toolbox.utils", "to": "toolbox.geometry", "names": ["area", "volume"]}]},
    ),
    (
        "a method with another name, on the class that the receiver has",
        [(BOX + "box.unlock()", BOX + "box.open()")],
        Kind.RENAME,
        {"rename_member": {"toolbox.Box.unlock": "open"}},
    ),
    (
        "an argument with another name",
        [("tb.read(p, sep=';', head=1)", "tb.read(p, separator=';', head=1)")],
        Kind.PARAMETER,
        {"api": "toolbox.read", "parameters": [{"rename": {"sep": "separator"}}]},
    ),
    (
        "an argument that is gone, with the values that it held",
        [("tb.read(p, strict=False)", "tb.read(p)"), ("tb.read(q, strict=None)", "tb.read(q)")],
        Kind.PARAMETER,
        {"api": "toolbox.read", "parameters": [{"remove": {"name": "strict", "holds": ["False", "None"]}}]},
    ),
    (
        "values with other names",
        [("tb.read(p, how='r')", "tb.read(p, how='read')"), ("tb.read(p, how='w')", "tb.read(p, how='write')")],
        Kind.PARAMETER,
        {
            "api": "toolbox.read",
            "parameters": [{"values": {"name": "how", "map": {'"r"': '"read"', '"w"': '"write"'}}}],
        },
    ),
    (
        "a value that became another argument",
        [("tb.read(p, quiet=True)", "tb.read(p, log=None)")],
        Kind.PARAMETER,
        {"api": "toolbox.read", "parameters": [{"replace": {"name": "quiet", "values": {"True": "log=None"}}}]},
    ),
    (
        "operations seen in one call are one rule",
        [("tb.read(p, a=None, b=None)", "tb.read(p)")],
        Kind.PARAMETER,
        {
            "api": "toolbox.read",
            "parameters": [{"remove": {"name": "a", "holds": ["None"]}}, {"remove": {"name": "b", "holds": ["None"]}}],
        },
    ),
    (
        "positional to keyword, where no signature is known",
        [("tb.read(p, s)", "tb.read(p, sep=s)")],
        Kind.WRAP,
        {"match": "toolbox.read($p, $s)", "rewrite": "toolbox.read($p, sep=$s)"},
    ),
    (
        "arguments in another order",
        [("x = tb.solve(b, a)", "x = tb.linear.solve(a, b)")],
        Kind.STRUCTURE,
        {"match": "toolbox.solve($b, $a)", "rewrite": "toolbox.linear.solve($a, $b)"},
    ),
    (
        "an argument within another expression keeps what tells it from the new code",
        [("tb.stack(map(f, xs), axis=9)", "tb.stack(list(map(f, xs)), axis=9)")],
        Kind.WRAP,
        {
            "match": "toolbox.stack(map($f, $xs), axis=$axis)",
            "rewrite": "toolbox.stack(list(map($f, $xs)), axis=$axis)",
        },
    ),
    (
        "a constant that became an expression",
        [("low = tb.LOWEST", "low = -tb.inf")],
        Kind.STRUCTURE,
        {"match": "toolbox.LOWEST", "rewrite": "-toolbox.inf"},
    ),
    (
        "a method that became a function of a list; one more pair widens it to an argument that may be missing",
        [
            (BOX + "both = box.join(other)", BOX + "both = tb.join([box, other])"),
            (BOX + "both = box.join(last, deep=True)", BOX + "both = tb.join([box, last], deep=True)"),
        ],
        Kind.STRUCTURE,
        {
            "match": "$box.join($last, deep=$?deep)",
            "rewrite": "toolbox.join([$box, $last], deep=$?deep)",
            "where": {"box": "toolbox.Box"},
        },
    ),
    (
        "a method that became a function",
        [(BOX + "n = box.weigh(unit='g')", BOX + "n = tb.weigh(box, unit='g')")],
        Kind.STRUCTURE,
        {"method_to_function": {"toolbox.Box.weigh": "toolbox.weigh"}},
    ),
    (
        "a function that became a method",
        [("tb.close(box, slowly=1)", "box.shut(slowly=1)")],
        Kind.STRUCTURE,
        {"function_to_method": {"toolbox.close": "shut"}, "applicability": "unsafe"},
    ),
    (
        "an attribute that became a method",
        [(BOX + "lid = box.lid", BOX + "lid = box.lid()")],
        Kind.WRAP,
        {"property_to_method": "toolbox.Box.lid"},
    ),
    (
        "a method that became an attribute",
        [(BOX + "flag = box.is_open()", BOX + "flag = box.is_open")],
        Kind.STRUCTURE,
        {"method_to_property": "toolbox.Box.is_open"},
    ),
    (
        "what a call became depends on its arguments: several patterns, the most particular first",
        [("s = tb.eig(m)", "s = tb.values(m)"), ("s = tb.eig(m, vectors=True)", "s = tb.both(m)")],
        Kind.STRUCTURE,
        {
            "match": [
                {"match": "toolbox.eig($m, vectors=True)", "rewrite": "toolbox.both($m)"},
                {"match": "toolbox.eig($m)", "rewrite": "toolbox.values($m)"},
            ]
        },
    ),
    (
        "a result that is taken apart in another way",
        [("s, _ = tb.solve(b, a)", "s = tb.linear.solve(a, b)")],
        Kind.CONTEXT,
        {"match": "$s, _ = toolbox.solve($b, $a)", "rewrite": "$s = toolbox.linear.solve($a, $b)"},
    ),
    (
        "one statement that became two",
        [
            (
                BOX + "w, h = box.extent(text)",
                BOX + "left, top, right, bottom = box.bounds(text)\nw, h = right - left, bottom - top",
            )
        ],
        Kind.CONTEXT,
        {
            "match": "$x = $box.extent($text)",
            "rewrite": "left, top, right, bottom = $box.bounds($text)\n$x = (right - left, bottom - top)",
            "where": {"box": "toolbox.Box"},
        },
    ),
    (
        "modules beside the library",
        [("r = tb.root(x + 1)", "import math\nr = math.sqrt(tb.size(x + 1))")],
        Kind.STRUCTURE,
        {"match": "toolbox.root($x)", "rewrite": "math.sqrt(toolbox.size($x))", "imports": ["math"]},
    ),
]


@pytest.mark.parametrize(("pairs", "kind", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_pairs_teach_a_rule(pairs: list[tuple[str, str]], kind: Kind, wanted: dict[str, Any]) -> None:
    found = learned(pairs)

    assert bodies(found) == [wanted], found.notes
    assert found.candidates[0].kind is kind


@pytest.mark.parametrize("pairs", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_candidate_is_a_valid_rule_whose_cases_pass(pairs: list[tuple[str, str]]) -> None:
    for one in learned(pairs).candidates:
        TypeAdapter(RuleFile).validate_python(one.rule)
        cases, unchanged = one.rule["cases"], one.rule["unchanged"]
        assert 5 * len(unchanged) >= 2 * (len(cases) + len(unchanged))
        assert failures(one.rule) == {}
        assert one.examples
        places = {each.place for each in one.evidence if each.kind == "pair"}
        assert places <= {f"pair {n}" for n in range(1, len(pairs) + 1)}


NONE: list[tuple[str, list[tuple[str, str]], str]] = [
    ("another library's call", [("import other\nother.f(1)", "import other\nother.g(1)")], ""),
    (
        "a name that the file itself binds",
        [("def f(tb):\n    return tb.old(1)", "def f(tb):\n    return tb.new(1)")],
        "",
    ),
    ("an unrelated change around the library", [("x = tb.size(a)", "y = tb.size(a)")], ""),
    ("new code that needs a variable", [("tb.old(a)", "tb.new(a, b)")], "the new code needs b, which the old has not"),
    ("a successor that only the library itself may name", [("x = tb.lids.open(1)", "x = tb._lids.open(1)")], ""),
    ("something that only the library itself may name", [("x = tb._lids.open(1)", "x = tb.open_lid(1)")], ""),
    ("what a test says", [("tb.testing.assert_(a == b)", "tb.testing.assert_(a != b)")], ""),
    ("documentation", [(r"tb.add('x', 'old\nlines')", r"tb.add('x', 'new\nlines')")], ""),
    ("a message", [("tb.warn('this is the way to do')", "tb.warn('this is not the way to do')")], ""),
    ("a method that no class is known to have", [("q.fly()", "q.soar()")], ""),
    (
        "a choice that most of the code did not make",
        [("x = tb.mean(a)\ny = tb.mean(b)\nz = tb.mean(c)", "x = tb.nanmean(a)\ny = tb.mean(b)\nz = tb.mean(c)")],
        "speak against it",
    ),
]


@pytest.mark.parametrize(("pairs", "why"), [row[1:] for row in NONE], ids=[row[0] for row in NONE])
def test_pairs_that_teach_nothing(pairs: list[tuple[str, str]], why: str) -> None:
    found = learned(pairs)

    assert bodies(found) == []
    assert any(why in note for note in found.notes) if why else not found.notes


def test_a_method_of_an_unknown_receiver_is_never_safe() -> None:
    found = learned([("thing.unlock()", "thing.open()")])

    (one,) = found.candidates
    assert one.rule["rename_member"] == {"toolbox.Box.unlock": "open", "toolbox.Drawer.unlock": "open"}
    assert one.rule["applicability"] == "unsafe"
    assert "no example says what its receiver is" in one.evidence[-1].text


def test_the_majority_names_the_successor_and_the_rest_is_counted() -> None:
    found = learned([("tb.old(1)", "tb.new(1)"), ("tb.old(2)", "tb.new(2)"), ("tb.old(3)", "tb.newest(3)")])

    (one,) = found.candidates
    assert one.rule["rename"] == {"toolbox.old": "toolbox.new"}
    assert (one.support, one.against) == (2, 1)
    assert one.rule["applicability"] == "unsafe"


def test_old_code_left_in_code_that_was_migrated_together_speaks_against() -> None:
    pairs = [("x = tb.old(1)", "x = tb.new(1)"), ("y = tb.old(2)\nz = 1", "y = tb.old(2)\nz = 2")]

    apart, together = learned(pairs), learned(pairs, origin="one commit")

    assert [one.against for one in apart.candidates] == [0]
    assert [one.against for one in together.candidates] == [1]


WANTED = [
    "with pytest.warns(DeprecationWarning):\n    tb.old(2)",
    "with self.assertRaises(TypeError):\n    assert tb.old(2)",
    "assert_warns(DeprecationWarning, lambda: tb.old(2))",
]
HIDDEN = [
    "with warnings.catch_warnings():\n    tb.old(2)",
    "@pytest.mark.filterwarnings('ignore')\ndef test_old():\n    tb.old(2)",
]


@pytest.mark.parametrize("test", WANTED + HIDDEN)
def test_old_code_that_a_test_keeps_on_purpose_speaks_against_nothing(test: str) -> None:
    found = learned([(f"x = tb.old(1)\n{test}", f"x = tb.new(1)\n{test}")], origin="one commit")

    assert [one.against for one in found.candidates] == [0]


def test_how_a_failure_is_wanted_is_an_api_like_others() -> None:
    pair = ("with tb.raises(E, message='no'):\n    f()", "with tb.raises(E, match='no'):\n    f()")

    assert [one["parameters"] for one in bodies(learned([pair]))] == [[{"rename": {"message": "match"}}]]


@pytest.mark.parametrize("test", WANTED)
def test_what_fails_on_purpose_teaches_nothing(test: str) -> None:
    assert learned([(test, test.replace("tb.old(2)", "tb.old(2, strict=5)"))]).candidates == ()


def test_code_of_the_library_itself_is_read_with_public_names() -> None:
    language = Language(frozenset({"toolbox"}), public={"toolbox._lids.open": "toolbox.open"}.get)  # type: ignore[arg-type]
    code = "from toolbox import _lids\nfrom toolbox._lids import open\n_lids.open(1)\nopen(2)\n_lids.close(3)"

    names = [node.name for node in read(code, language).walk() if node.kind == "Symbol"]

    assert names == ["toolbox._lids", "toolbox.open", "toolbox.open", "toolbox.open", "toolbox._lids.close"]


def test_what_the_new_code_takes_a_member_of_has_to_be_of_the_class_that_was_seen() -> None:
    (one,) = bodies(learned([(BOX + "x = tb.is_full(box)", BOX + "x = isinstance(box.lid, tb.Lid)")]))

    assert (one["match"], one["where"]) == ("toolbox.is_full($box)", {"box": "toolbox.Box"})


def test_a_variable_that_is_not_assigned_any_more_is_the_one_that_nobody_read() -> None:
    both = [("_, h = tb.size(a)", "h = tb.height(a)"), ("_, k = tb.size(b)", "k = tb.height(b)")]
    other = [("w, h = tb.size(a)", "h = tb.height(a)"), ("v, k = tb.size(b)", "k = tb.height(b)")]

    assert [one["match"] for one in bodies(learned(both))] == ["_, $h = toolbox.size($a)"]
    assert bodies(learned(other)) == []


def test_a_pattern_that_would_change_again_what_other_code_became_is_doubted() -> None:
    spread = ("columns = other()\nx = tb.select(columns)", "columns = other()\nx = tb.select(*columns)")
    listed = ("x = tb.select([a, b])", "x = tb.select(a, b)"), ("x = tb.select([a])", "x = tb.select(a)")

    alone, beside = learned([spread]), learned([spread, *listed])

    assert {"match": "toolbox.select($columns)", "rewrite": "toolbox.select(*$columns)"} in bodies(alone)
    assert not any("*$" in str(one.rule) and one.rule.get("applicability") != "unsafe" for one in beside.candidates)


def test_an_import_that_came_for_a_change_of_its_members_is_no_rename() -> None:
    old = "from toolbox import Session\nSession.close_all()"
    new = "from toolbox import close_all_sessions\nclose_all_sessions()"

    renames = [one.get("rename") for one in bodies(learned([(old, new)]))]
    assert renames == [{"toolbox.Session.close_all": "toolbox.close_all_sessions"}]


def test_a_rename_to_what_other_code_leaves_is_none() -> None:
    found = learned([("tb.a(1)", "tb.b(1)"), ("tb.a(2)", "tb.b(2)"), ("tb.b(3)", "tb.c(3)")])

    assert [one.rule["rename"] for one in found.candidates] == [{"toolbox.a": "toolbox.b"}]
    assert any("other code moves to toolbox.b" in note for note in found.notes)


def test_a_name_that_is_another_name_here_and_a_call_there_breaks_nothing() -> None:
    found = learned([("x = tb.old\n", "x = tb.make()\n"), ("y = tb.old\n", "y = tb.new\n")])
    assert all(each["applicability"] == "unsafe" for each in bodies(found))


def test_a_whole_module_with_another_name_is_one_rule() -> None:
    found = learned(
        [("import toolbox.old as o\no.area(1)\no.volume(2)", "import toolbox.new as o\no.area(1)\no.volume(2)")]
    )

    assert bodies(found) == [{"rename": {"toolbox.old": "toolbox.new"}}]


def test_inner_and_outer_changes_are_told_apart() -> None:
    found = learned([("tb.product(tb.integer(x), 1)", "tb.prod(int(x), 1)")])

    renames = [one.rule["rename"] for one in found.candidates]
    assert sorted(map(str, renames)) == [
        "{'toolbox.integer': 'builtins.int'}",
        "{'toolbox.product': 'toolbox.prod'}",
    ]


def test_two_forms_with_the_same_old_side_are_told_apart_by_what_they_hold() -> None:
    found = learned([("f = tb.check(x)", "f = tb.is_kind(x.kind)"), ("f = tb.check(y.kind)", "f = tb.is_kind(y.kind)")])

    (one,) = found.candidates
    assert one.rule["match"] == [
        {"match": "toolbox.check($y.kind)", "rewrite": "toolbox.is_kind($y.kind)"},
        {"match": "toolbox.check($x)", "rewrite": "toolbox.is_kind($x.kind)"},
    ]


def test_code_that_does_not_parse_is_a_note() -> None:
    found = learned([("print 'old'", "print('new')"), ("tb.old(1)", "tb.new(1)")])

    assert bodies(found) == [{"rename": {"toolbox.old": "toolbox.new"}}]
    assert "pair 1: no Python 3" in found.notes[0]


def test_snippets_use_the_conventional_alias() -> None:
    from apimig.mining.diffs.pairs import Pair
    from apimig.pipeline.learning_diffs import learn
    from tests.mining.diffs.tools import HEAD, TOOLBOX

    found = learn([Pair("tb.old(1)", "tb.new(1)")], TOOLBOX, HEAD)

    assert bodies(found) == [{"rename": {"toolbox.old": "toolbox.new"}}]
    assert IMPORT not in found.candidates[0].rule["cases"][0]["before"]


BEFORE = """
def old(a): ...
def warns(a): ...
def f(a, b): ...
class Box:
    def size(self): ...
"""
AFTER = """
import warnings
def new(a): ...
def warns(a):
    warnings.warn("warns is deprecated since 1.8, use new", DeprecationWarning)
def f(a, c): ...
class Box:
    def extent(self): ...
"""
# code before and after: what the rule says of when
VERSIONS = {
    "the old name is gone": ("tb.old(1)", "tb.new(1)", {"removed": "2.0.0"}),
    "it warns": ("tb.warns(1)", "tb.new(1)", {"deprecated": "1.8.0"}),
    "it is still there": ("tb.f(1, b=2)", "tb.f(1, c=2)", {"changed": "2.0.0"}),
    "a member is gone": ("tb.Box().size()", "tb.Box().extent()", {"removed": "2.0.0"}),
}


@pytest.mark.parametrize("case", VERSIONS)
def test_surfaces_say_when_old_names_went(case, tmp_path) -> None:
    from dataclasses import replace

    from apimig.mining.diffs.pairs import Pair
    from apimig.pipeline.learning_diffs import learn
    from apimig.surface.libraries import library_of
    from tests.mining.diffs.tools import HEAD
    from tests.surface.tools import put, read

    before, after, versions = VERSIONS[case]
    surfaces = []
    for version, text in (("1.9.0", BEFORE), ("2.0.1", AFTER)):
        files = {"toolbox/__init__.py": text}
        made = read(put(tmp_path / version, files), files)
        surfaces.append(replace(made, distribution="toolbox", version=version))
    pair = Pair(IMPORT + before, IMPORT + after, "pair 1")

    found = learn(
        [pair], library_of(surfaces[0]), HEAD, old=surfaces[0], new=surfaces[1], releases=("1.9.0", "2.0.0", "2.0.1")
    )

    [rule] = [one.rule for one in found.candidates]
    assert {key: rule[key] for key in ("deprecated", "removed", "changed") if key in rule} == versions
