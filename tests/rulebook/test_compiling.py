"""What each operation of the language becomes."""

from __future__ import annotations

import pytest
import yaml

from apimig.records import Applicability
from apimig.rulebook import rule as r
from apimig.rulebook.compiling import compile_library, compile_rule
from apimig.rulebook.schema import LibraryFile, RuleFile

HEAD = """\
library: pandas
removed: "2.0.0"
reference: https://example.org
summary: x
cases: [{before: a, after: b}]
unchanged: [c]
"""
READ = ("pandas.read_csv",)
CALL = 'api: pandas.read_csv\nsignature: "(path, sep=None)"\n'


def compiled(text: str) -> r.Rule:
    return compile_rule(RuleFile.model_validate(yaml.safe_load(HEAD + text)), id="pandas/x", path="x.yaml")


BODIES = {
    "rename: {pandas.a: pandas.b, pandas.c: pandas.d}": r.Rename((("pandas.a", "pandas.b"), ("pandas.c", "pandas.d"))),
    "rename_member: {pandas.A.b: c}": r.RenameMember((("pandas.A.b", "c"),)),
    "property_to_method: pandas.A.b": r.PropertyToMethod(("pandas.A.b",)),
    "method_to_property: [pandas.A.b, pandas.A.c]": r.MethodToProperty(("pandas.A.b", "pandas.A.c")),
    "function_to_method: {pandas.f: g}": r.FunctionToMethod((("pandas.f", "g"),)),
    "method_to_function: {pandas.A.f: pandas.g}": r.MethodToFunction((("pandas.A.f", "pandas.g"),)),
    "codemod: pandas/x\napi: pandas.read_csv": r.Codemod("pandas/x", READ),
    "advise: look\napi: pandas.read_csv": r.Advise(READ),
    "match: pandas.f($x)\nrewrite: $x": r.Rewrite((r.Template("pandas.f($x)", "$x"),)),
    "match: pandas.f($x)\nrewrite: math.g($x)\nimports: [math]\nwhere: {x: builtins.int}\nsignature: (x)": r.Rewrite(
        (r.Template("pandas.f($x)", "math.g($x)"),), {"x": ("builtins.int",)}, "(x)", ("math",)
    ),
    "match: [{match: pandas.f(), rewrite: a}, pandas.g()]\nrewrite: b": r.Rewrite(
        (r.Template("pandas.f()", "a"), r.Template("pandas.g()", "b"))
    ),
    "match: pandas.f($x)\nadvise: look\nwhere: {x: int}": r.Advise((), (r.Template("pandas.f($x)"),), {"x": ("int",)}),
}


@pytest.mark.parametrize("text", BODIES)
def test_bodies(text):
    assert compiled(text).body == BODIES[text]


OPERATIONS = {
    "rename: {a: b, c: d}": (r.ParameterOp("rename", "a", new="b"), r.ParameterOp("rename", "c", new="d")),
    "remove: a": (r.ParameterOp("remove", "a"),),
    "remove: {name: a, holds: ['None', '0']}": (r.ParameterOp("remove", "a", holds=("None", "0")),),
    "omit: {name: a, holds: ['None']}": (r.ParameterOp("omit", "a", holds=("None",)),),
    "add: {a: '1'}": (r.ParameterOp("add", "a", value="1"),),
    "explicit: {a: '1'}": (r.ParameterOp("explicit", "a", value="1"),),
    "keyword_only: 1": (r.ParameterOp("keyword_only", count=1),),
    "order: [b, a]": (r.ParameterOp("order", names=("b", "a")),),
    "values: {name: a, map: {'1': '2'}}": (r.ParameterOp("values", "a", mapping=(("1", "2"),)),),
    "replace: {name: a, values: {'1': 'b=2', '2': ''}}": (
        r.ParameterOp("replace", "a", mapping=(("1", "b=2"), ("2", ""))),
    ),
}


@pytest.mark.parametrize("text", OPERATIONS)
def test_operations_on_arguments(text):
    body = compiled(f"{CALL}parameters:\n  - {text}\n  - keyword_only: 2\n").body
    assert body == r.ChangeCall(READ, "(path, sep=None)", (*OPERATIONS[text], r.ParameterOp("keyword_only", count=2)))


CONDITIONS = {
    "{argument: sep, is: ['1', '2']}": r.Condition("sep", values=("1", "2")),
    "{argument: sep, is_not: ['1']}": r.Condition("sep", values=("1",), negated=True),
    "{argument: sep, type: builtins.dict}": r.Condition("sep", types=("builtins.dict",)),
    "{argument: sep, not_type: [builtins.dict]}": r.Condition("sep", types=("builtins.dict",), negated=True),
    "{argument: sep, present: false}": r.Condition("sep", present=False),
    "{result: used}": r.Condition("", result_used=True),
    "{result: unused}": r.Condition("", result_used=False),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions(text):
    assert compiled(f"{CALL}parameters: [keyword_only: 1]\nwhen:\n  - {text}\n").when == (CONDITIONS[text],)


def test_the_rest_of_a_rule():
    rule = compiled(
        'rename: {pandas.a: pandas.b}\ndeprecated: "1.0"\nchanged: "1.1"\nreplacement_since: "0.9"\nadvise: look\napplicability: unsafe'
    )
    assert (rule.id, rule.library, rule.summary, rule.reference, rule.path) == (
        "pandas/x",
        "pandas",
        "x",
        "https://example.org",
        "x.yaml",
    )
    assert (rule.deprecated, rule.changed, rule.removed, rule.replacement_since) == ("1.0", "1.1", "2.0.0", "0.9")
    assert (rule.advise, rule.applicability) == ("look", Applicability.UNSAFE)


def test_what_a_pack_says_of_its_library():
    text = """
library: pandas
imports: pandas
oldest: "1.0"
releases: ["1.0", "2.0"]
aliases: {pandas.core.frame.DataFrame: pandas.DataFrame}
conventional: {pd: pandas}
names: {df: pandas.DataFrame}
functions:
  pandas.read_csv:
    - {when: chunksize, type: "iterator[pandas.DataFrame]"}
    - pandas.DataFrame
  pandas.read_table: [{when: chunksize, type: unknown}]
objects: {pandas.NA: pandas.NAType}
classes:
  pandas.DataFrame:
    bases: pandas.NDFrame
    attributes: {T: self}
    returns: {sum: pandas.Series, pivot: [{when: "a=True", type: self}, ~self]}
    items: {string: pandas.Series}
    iterates: str
    operators: self
evidence:
  - {types: pandas.DataFrame, keywords: {append: [ignore_index, sort]}, attributes: [iloc], used_results: [append]}
no_rule: {pandas.x: never public}
"""
    library = compile_library(LibraryFile.model_validate(yaml.safe_load(text)))
    assert library == r.Library(
        distribution="pandas",
        imports=("pandas",),
        oldest="1.0",
        releases=("1.0", "2.0"),
        aliases={"pandas.core.frame.DataFrame": "pandas.DataFrame"},
        conventional={"pd": "pandas"},
        names={"df": "pandas.DataFrame"},
        functions={
            "pandas.read_csv": r.Returns("pandas.DataFrame", (("chunksize", "iterator[pandas.DataFrame]"),)),
            "pandas.read_table": r.Returns("unknown", (("chunksize", "unknown"),)),
        },
        objects={"pandas.NA": "pandas.NAType"},
        classes={
            "pandas.DataFrame": r.ClassTypes(
                "pandas.DataFrame",
                ("pandas.NDFrame",),
                {"T": "self"},
                {"sum": r.Returns("pandas.Series"), "pivot": r.Returns("~self", (("a=True", "self"),))},
                {"string": "pandas.Series"},
                "str",
                "self",
            )
        },
        evidence=(
            r.Evidence(("pandas.DataFrame",), (("append", "ignore_index"), ("append", "sort")), ("iloc",), ("append",)),
        ),
        no_rule={"pandas.x": "never public"},
    )
