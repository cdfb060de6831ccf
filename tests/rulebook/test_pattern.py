"""Patterns: what parses, what is refused with which words, and where uses for them are found."""

from __future__ import annotations

import pytest

from apimig.rulebook.pattern import (
    Anchors,
    PatternError,
    anchors,
    check_pattern,
    check_template,
    parse_pattern,
    parse_template,
)

ROOTS = ("pandas", "numpy")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pandas.rolling_mean($x, $w)", ["$x", "$w"]),
        ("$frame.append($other, $*rest)", ["$frame", "$other", "$*rest"]),
        ("f($x, axis=$?axis)", ["$x", "$?axis"]),
        ("$a & $b", ["$a", "$b"]),
        ("f('$x', $y)  # $z", ["$y"]),
        ("f($_, $x, $_)", ["$x"]),
        ("$x + $x", ["$x"]),
        ("$t = $df.lookup($r, $c)", ["$t", "$df", "$r", "$c"]),
    ],
)
def test_metavariables_are_found_outside_strings(text: str, names: list[str]) -> None:
    assert [str(name) for name in parse_pattern(text).names] == names


@pytest.mark.parametrize(
    ("text", "expression"),
    [("numpy.NINF", True), ("$t = $x.f()", False), ("del $x.f", False), ("$x.f()", True), ("return $x.f()", False)],
)
def test_a_pattern_is_an_expression_or_a_statement(text: str, expression: bool) -> None:
    assert parse_pattern(text).is_expression is expression


def test_a_template_may_have_several_statements() -> None:
    assert len(parse_template("$t = $x.f()\n$t.g()").body) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("f($x", "not Python: '(' was never closed (column 2)"),
        ("numpy.f($x) +* 3", "not Python: invalid syntax (column 14)"),
        ("f($)", "a metavariable is $name, $?name, $*name or $_ (column 3)"),
        ("f($1)", "a metavariable is $name, $?name, $*name or $_ (column 3)"),
        ("f($*_)", "$_ is one expression; write $*rest for more (column 3)"),
        ("f($x, $*x)", "$*x is also written $x (column 7)"),
        ("$*xs.foo()", "$*xs stands for arguments, so it must stand among arguments"),
        ("$?x + 1", "$?x stands for arguments, so it must stand among arguments"),
        ("a; b", "a pattern is one expression or one statement"),
        ("", "empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_column(text: str, problem: str) -> None:
    assert check_pattern(text) == [problem]
    with pytest.raises(PatternError):
        parse_pattern(text)


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("pandas.rolling_mean($x)", (), Anchors(symbols=frozenset({"pandas.rolling_mean"}))),
        ("$df.append($x)", ("df",), Anchors(members=frozenset({"append"}))),
        ("$a & $b", ("a",), Anchors(operators=frozenset({"&"}))),
        ("$a not in $b", ("a",), Anchors(operators=frozenset({"not in"}))),
        ("$df[$k]", ("df",), Anchors(operators=frozenset({"[]"}))),
        ("-$x", ("x",), Anchors(operators=frozenset({"-"}))),
        ("$x.f(numpy.nan)", (), Anchors(symbols=frozenset({"numpy.nan"}))),
        ("$x.numpy.f(numpy=1)", (), Anchors()),
        ("$x.append($y)", (), Anchors()),
    ],
)
def test_anchors(text: str, where: tuple[str, ...], found: Anchors) -> None:
    assert anchors(text, ROOTS, where) == found


def test_a_pattern_without_anchor_is_a_problem() -> None:
    (problem,) = check_pattern("$x.append($y)", roots=ROOTS)
    assert "no anchor" in problem
    assert check_pattern("$x.append($y)", roots=ROOTS, where=["x"]) == []


def test_where_must_name_a_metavariable() -> None:
    assert check_pattern("numpy.f($x)", where=["y"]) == ["where speaks of $y, which the pattern does not have"]


@pytest.mark.parametrize(
    ("template", "pattern", "problems"),
    [
        ("$x.rolling($w).mean()", "pandas.rolling_mean($x, $w)", []),
        ("", "pandas.f($x)", []),
        ("$x.f($z)", "pandas.f($x, $y)", ["$z is not in the pattern, which has $x, $y"]),
        ("g($x, $rest)", "pandas.f($x, $*rest)", ["$rest is $*rest in the pattern: write it so in the template too"]),
        ("$t = 1", "pandas.f($t)", ["the pattern is an expression, so the template must be one too"]),
        ("f($x", "pandas.f($x)", ["not Python: '(' was never closed (column 2)"]),
    ],
)
def test_templates_are_checked_against_their_pattern(template: str, pattern: str, problems: list[str]) -> None:
    assert check_template(template, pattern) == problems
