"""Rules in sentences, in the reference and as rows."""

from __future__ import annotations

import pytest

from apimig.records import Applicability
from apimig.rulebook import describing, load
from apimig.rulebook import rule as r
from apimig.rulebook.casebook import RuleCase, cases_of, diff_lines
from apimig.rulebook.describing import report, sentences, versions
from apimig.rulebook.reference import _changes, page, pages
from apimig.rulebook.schema import BODIES

from .conftest import RULE


def rule(body: r.Body, when: tuple[r.Condition, ...] = (), **fields: str) -> r.Rule:
    return r.Rule("pandas/x", "pandas", body, "what", "https://example.org", Applicability.SAFE, when=when, **fields)


CALL = ("pandas.f",)


def call(*ops: r.ParameterOp) -> r.ChangeCall:
    return r.ChangeCall(CALL, "", ops)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r.Rename((("pandas.a", "pandas.b"),)), ["`pandas.a` becomes `pandas.b`"]),
        (r.RenameMember((("pandas.A.b", "c"),)), ["`pandas.A.b` becomes `c`"]),
        (r.PropertyToMethod(("pandas.A.b",)), ["`pandas.A.b` becomes `pandas.A.b()`"]),
        (r.MethodToProperty(("pandas.A.b",)), ["`pandas.A.b()` becomes `pandas.A.b`"]),
        (r.FunctionToMethod((("pandas.f", "g"),)), ["`pandas.f(x, ...)` becomes `x.g(...)`"]),
        (r.MethodToFunction((("pandas.A.f", "pandas.g"),)), ["`pandas.A.f(...)` becomes `pandas.g(x, ...)`"]),
        (r.Codemod("pandas/append", CALL), ["Uses of `pandas.f` are rewritten by the codemod `pandas/append`"]),
        (r.Advise(("pandas.f", "pandas.g")), ["Uses of `pandas.f` or `pandas.g` are reported"]),
        (
            r.Advise((), (r.Template("$x.f()"),), {"x": ("pandas.A",)}),
            ["`$x.f()` is reported", "where `$x` is a `pandas.A`"],
        ),
        (r.Rewrite((r.Template("a\nb", "c"), r.Template("d"))), ["`a; b` becomes `c`", "`d` is removed"]),
        (call(r.ParameterOp("rename", "a", new="b")), ["in calls of `pandas.f`, argument `a` is called `b`"]),
        (call(r.ParameterOp("remove", "a")), ["in calls of `pandas.f`, argument `a` is left out"]),
        (
            call(r.ParameterOp("remove", "a", holds=("None", "0", "1"))),
            ["in calls of `pandas.f`, argument `a` is left out where it holds `None`, `0` or `1`"],
        ),
        (call(r.ParameterOp("add", "a", value="1")), ["in calls of `pandas.f`, `a=1` is added where it is missing"]),
        (
            call(r.ParameterOp("explicit", "a", value="1")),
            ["in calls of `pandas.f`, `a=1`, the former default, is written out where it is missing"],
        ),
        (call(r.ParameterOp("keyword_only")), ["in calls of `pandas.f`, all arguments are passed by keyword"]),
        (
            call(r.ParameterOp("keyword_only", count=1)),
            ["in calls of `pandas.f`, arguments after the first are passed by keyword"],
        ),
        (
            call(r.ParameterOp("keyword_only", count=2)),
            ["in calls of `pandas.f`, arguments after the first 2 are passed by keyword"],
        ),
        (
            call(r.ParameterOp("order", names=("b", "a"))),
            ["in calls of `pandas.f`, the order of arguments is `b` and `a`"],
        ),
        (call(r.ParameterOp("values", "a", mapping=(("1", "2"),))), ["in calls of `pandas.f`, `a=1` becomes `a=2`"]),
        (
            call(r.ParameterOp("replace", "a", mapping=(("1", "b=2"), ("2", "")))),
            ["in calls of `pandas.f`, `a=1` becomes `b=2`; `a=2` is left out"],
        ),
    ],
)
def test_every_operation_in_a_sentence(body, expected):
    assert list(sentences(rule(body))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (r.Condition("a", values=("1", "2")), "only where `a` holds `1` or `2`"),
        (r.Condition("a", values=("1",), negated=True), "only where `a` does not hold `1`"),
        (r.Condition("a", types=("pandas.A",)), "only where `a` is a `pandas.A`"),
        (r.Condition("a", types=("pandas.A",), negated=True), "only where `a` is not a `pandas.A`"),
        (r.Condition("a", present=True), "only where `a` is given"),
        (r.Condition("a", present=False), "only where `a` is not given"),
        (r.Condition("", result_used=True), "only where the result is used"),
        (r.Condition("", result_used=False), "only where the result is not used"),
    ],
)
def test_every_condition_in_a_sentence(condition, expected):
    assert sentences(rule(r.Advise(CALL), (condition,)))[1:] == (expected,)


def test_every_kind_of_body_has_a_name_and_sentences():
    assert set(describing._KINDS) == set(describing._DESCRIPTIONS) == set(r.Body.__args__)
    assert set(describing._KINDS.values()) == {*BODIES, "advise"} - {"move"}  # which compiles to renames


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"deprecated": "1.5", "removed": "2.0"}, "deprecated in 1.5, removed in 2.0"),
        ({"changed": "2.0"}, "changed in 2.0"),
        ({"deprecated": "1.5"}, "deprecated in 1.5"),
    ],
)
def test_the_versions_of_a_rule(fields, expected):
    assert versions(rule(r.Advise(CALL), **fields)) == expected


def case(before: str, after: str) -> RuleCase:
    return RuleCase("pandas/x", "cases 1", "x.yaml", 3, before, after, {"df": "pandas.DataFrame()"}, reported=None)


def test_a_case_is_shown_as_a_diff():
    assert diff_lines(case("a\nb\nc\n", "a\nB\nc\n")) == [" a", "-b", "+B", " c"]
    assert diff_lines(case("a\n\nb", "a\n\nb")) == [" a", "", " b"]


def test_a_rule_for_the_terminal():
    lines = list(report(rule(r.Rename((("pandas.a", "pandas.b"),)), removed="2.0", advise="look"), [case("a", "b")]))
    assert lines == [
        ("pandas/x", "title"),
        ("what", ""),
        ("removed in 2.0; safe", ""),
        ("https://example.org", "place"),
        ("", ""),
        ("`pandas.a` becomes `pandas.b`", ""),
        ("advice: look", ""),
        ("", ""),
        ("x.yaml:3 (df = pandas.DataFrame())", "place"),
        ("  -a", "old"),
        ("  +b", "new"),
        ("", ""),
    ]


def test_cases_know_their_lines(write):
    folder = write(**{"pandas/change": RULE + "  - code: |\n      d = {}\n      d.iteritems()\n    reported: false\n"})
    cases = cases_of(load([folder]).by_id()["pandas/change"])
    assert [(c.name, c.line, c.is_no_op, c.reported) for c in cases] == [
        ("cases 1", 7, False, None),
        ("unchanged 1", 10, True, None),
        ("unchanged 2", 11, True, False),
    ]
    assert cases[0].id == "pandas/change: cases 1"
    assert cases[2].before == "d = {}\nd.iteritems()\n"


def test_a_page_of_the_reference(write):
    folder = write(**{"pandas/change": RULE + "advise: Use items.\napplicability: unsafe\n"})
    book = load([folder])
    library = r.Library("pandas", ("pandas",), no_rule={"pandas.x": "was | never\npublic"})
    assert (
        page(library, [book.by_id()["pandas/change"]])
        == """\
<!-- Made by `apimig rules docs` from the rule files; change those, not this page. -->

# pandas

## 2.0.0

### pandas/change

DataFrame.iteritems became items

Removed in 2.0.0. [Reference](https://example.org/notes)

- `pandas.DataFrame.iteritems` becomes `items`

May change behaviour: done only with `--unsafe`.

Advice: Use items.

```diff
-df.iteritems()
+df.items()
```

## Names that need no rule

| name | why |
|---|---|
| `pandas.x` | was \\| never public |
"""
    )


def test_a_long_list_of_changes_is_folded():
    pairs = tuple((f"pandas.a{n}", f"pandas.b{n}") for n in range(20))
    assert "<details><summary>20 changes</summary>\n\n- `pandas.a0` becomes `pandas.b0`\n" in _changes(
        sentences(rule(r.Rename(pairs)))
    )
    assert "details" not in _changes(sentences(rule(r.Rename(pairs[:12]))))


def test_a_page_a_library_and_an_index():
    book = load()
    made = pages(book)
    assert set(made) == {"index.md", *(f"{library.distribution.lower()}.md" for library in book.libraries)}
    for each in book.rules:
        assert f"### {each.id}\n" in made[f"{each.library.lower()}.md"]
    assert "[pandas](pandas.md)" in made["index.md"]
