"""Every mistake in a rule file is named with file, line and a suggestion, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from apimig.errors import RulebookError
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import Pack

from .conftest import LIBRARY, RULE

HEAD = 'library: pandas\nremoved: "2.0.0"\nreference: https://example.org\nsummary: x\n'
UNCHANGED = "unchanged: [x]\n"
CASES = "cases: [{before: a, after: b}]\n"
CALL = HEAD + UNCHANGED + CASES + "api: pandas.read_csv\nsignature: \"(path, sep=',', *, squeeze=False)\"\n"  # 8 lines
MATCH = HEAD + UNCHANGED + CASES  # 6 lines


def problems(folder: Path) -> list[str]:
    packs = [
        Pack(each, each.name, "test", tuple(sorted(p for p in each.iterdir() if p.is_file())))
        for each in sorted(folder.iterdir())
    ]
    with pytest.raises(RulebookError) as caught:
        load_packs(packs, use_cache=False)
    return [line.replace("rules/pandas/", "", 1) for line in caught.value.problems]


ONE_MISTAKE = {
    # shape
    "unknown key": (RULE + "sumary: x\n", 11, "unknown key 'sumary' (did you mean 'summary'?)"),
    "unknown key that resembles none": (RULE + "zzz: x\n", 11, "unknown key 'zzz'"),
    "missing key": (RULE.replace("summary:", "advise:"), 1, "'summary' is missing"),
    "missing key of a case": (RULE.replace("    after: df.items()\n", ""), 7, "'after' is missing"),
    "unknown key of a case": (
        RULE.replace("    after: df.items()\n", "    after: df.items()\n    afterr: x\n"),
        9,
        "unknown key 'afterr' (did you mean 'after'?)",
    ),
    "no text": (RULE.replace("summary: DataFrame.iteritems became items", "summary: [a]"), 4, "summary is a text"),
    "text that YAML reads as a number": (
        RULE.replace("summary: DataFrame.iteritems became items", "summary: 12"),
        4,
        'put summary in quotes: "12"',
    ),
    "text that YAML reads as a truth value": (
        RULE.replace(": items}", ": on}"),
        5,
        'put rename_member.pandas.DataFrame.iteritems in quotes: "on"',
    ),
    "no list": (RULE.replace("unchanged:\n  - d.iteritems()", "unchanged: d.iteritems()"), 9, "unchanged is a list"),
    "no mapping": (RULE.replace("{pandas.DataFrame.iteritems: items}", "items"), 5, "rename_member is a mapping"),
    "an item that is neither text nor mapping": (
        RULE.replace("- d.iteritems()", "- [d]"),
        10,
        "unchanged 1 is a mapping",
    ),
    "not one of the words": (
        RULE + "applicability: saef\n",
        11,
        "applicability is one of safe, unsafe, manual, not 'saef' (did you mean 'safe'?)",
    ),
    "not a truth value": (
        RULE.replace("df.items()\n", "df.items()\n    unsafe: [1]\n"),
        9,
        "cases 1.unsafe is true or false",
    ),
    "empty list of names": (
        CALL.replace("pandas.read_csv", "[]") + "parameters: [{rename: {sep: s}}]",
        7,
        "api is empty",
    ),
    "not a mapping at all": ("- a\n- b\n", 1, "a file is a mapping: key: value"),
    # versions
    "unquoted version": (RULE.replace('"2.0.0"', "2.10"), 2, 'put the version in quotes: "2.10"'),
    "no version": (RULE.replace('"2.0.0"', "two"), 2, "not a version: 'two'"),
    "no version at all": (
        RULE.replace('removed: "2.0.0"\n', ""),
        1,
        "a version is missing: deprecated, removed or changed",
    ),
    "deprecated after removal": (RULE + 'deprecated: "2.1"\n', 11, "deprecated is later than removed"),
    # bodies
    "two bodies": (RULE + "rename: {pandas.a: pandas.b}\n", 5, "one body a rule, found rename and rename_member"),
    "no body": (
        RULE.replace("rename_member: {pandas.DataFrame.iteritems: items}\n", ""),
        1,
        (
            "a body is missing: one of rename, rename_member, move, parameters, match, property_to_method, "
            "method_to_property, function_to_method, method_to_function, codemod, or advise with api"
        ),
    ),
    "advise without api": (HEAD + UNCHANGED + "advise: look\n", 6, "advise needs api: the qualified names it is about"),
    "match without rewrite": (MATCH + "match: pandas.f($x)\n", 7, "match needs rewrite, or advise"),
    "rewrite without match": (RULE + "rewrite: $x\n", 11, "rewrite belongs to match, which is missing"),
    "no case": (RULE[: RULE.index("cases")] + UNCHANGED, 1, "a rule that rewrites has at least one case"),
    "nothing left alone": (
        RULE[: RULE.index("unchanged")],
        1,
        "a rule shows under unchanged at least one piece of code that it leaves alone",
    ),
    # operations
    "unknown operation": (
        CALL + "parameters:\n  - renam: {sep: s}\n",
        10,
        "unknown operation 'renam' (did you mean 'rename'?)",
    ),
    "unknown key of a move": (
        MATCH + "move:\n  - {form: pandas.a, to: pandas.b, names: c}\n",
        8,
        "unknown key 'form' (did you mean 'from'?)|'from' is missing",
    ),
    "two operations in one": (
        CALL + "parameters:\n  - rename: {sep: s}\n    keyword_only: 1\n",
        10,
        "one operation each: rename, remove, omit, add, explicit, keyword_only, order, values, replace",
    ),
    "unknown key of an operation": (
        CALL + "parameters:\n  - remove: {name: sep, hold: [x]}\n",
        10,
        "unknown key 'hold' (did you mean 'holds'?)",
    ),
    "unknown argument": (
        CALL + "parameters:\n  - rename: {squeze: s}\n",
        10,
        "unknown argument 'squeze': not in the signature (did you mean 'squeeze'?)",
    ),
    "source of a value": (CALL + "parameters:\n  - explicit: {sep: 'a b'}\n", 10, "not a Python expression: 'a b'"),
    "source of arguments": (
        CALL + "parameters:\n  - replace: {name: squeeze, values: {'True': 'a b'}}\n",
        10,
        "not the arguments of a call: 'a b'",
    ),
    "signature": (
        CALL.replace("(path, sep", "path, sep") + "parameters: [{keyword_only: 1}]",
        8,
        "not a signature: \"path, sep=',', *, squeeze=False)\"; write it like (path, sep=',', *, header=0)",
    ),
    # conditions
    "condition with two requirements": (
        CALL + "parameters: [{keyword_only: 1}]\nwhen:\n  - {argument: sep, is: [x], present: true}\n",
        11,
        "a condition has exactly one of: is, is_not, type, not_type, present, result",
    ),
    "condition without argument": (
        CALL + "parameters: [{keyword_only: 1}]\nwhen:\n  - {is: [x]}\n",
        11,
        "a condition names its argument, unless it is about the result",
    ),
    "condition on an unknown argument": (
        CALL + "parameters: [{keyword_only: 1}]\nwhen:\n  - {argument: seb, is: [x]}\n",
        11,
        "unknown argument 'seb': not in the signature (did you mean 'sep'?)",
    ),
    "condition with a value that is no source": (
        CALL + "parameters: [{keyword_only: 1}]\nwhen:\n  - argument: sep\n    is: ['1', '(']\n",
        12,
        "not a Python expression: '('",
    ),
    "condition with an unquoted value": (
        CALL + "parameters: [{keyword_only: 1}]\nwhen:\n  - argument: sep\n    is: [True]\n",
        12,
        'put when 1.is 1 in quotes: "True"',
    ),
    "condition on an unknown metavariable": (
        MATCH + "match: pandas.f($frame)\nrewrite: $frame\nwhen: [{argument: fram, present: true}]\n",
        9,
        "unknown metavariable $fram (did you mean 'frame'?)",
    ),
    # names
    "other library's name": (
        RULE.replace("{pandas.", "{panda."),
        5,
        "'panda.DataFrame.iteritems' is not in pandas (did you mean 'pandas'?)",
    ),
    "no qualified name": (
        CALL.replace("pandas.read_csv", "read csv") + "parameters: [{keyword_only: 1}]",
        7,
        "'read csv' is no qualified name: write module.object",
    ),
    "new name of a member": (
        RULE.replace(": items}", ": pandas.items}"),
        5,
        "'pandas.items' is no member name: write only the part after the last dot",
    ),
    "member without a class": (
        RULE.replace("DataFrame.iteritems:", "iteritems:"),
        5,
        "'pandas.iteritems' is no member of a class: write module.Class.member",
    ),
    "class nobody lists": (
        RULE.replace("DataFrame.iteritems:", "DataFrmae.iteritems:"),
        5,
        "unknown type 'pandas.DataFrmae': no _library.yaml lists this class (did you mean 'pandas.DataFrame'?)",
    ),
    "type of a metavariable": (
        MATCH + "match: $f.lookup()\nrewrite: $f\nwhere: {f: pandas.Dataframe}\n",
        9,
        "unknown type 'pandas.Dataframe': no _library.yaml lists this class (did you mean 'pandas.DataFrame'?)",
    ),
    "bare type": (
        MATCH + "match: $f.lookup()\nrewrite: $f\nwhere:\n  f:\n    - dct\n",
        11,
        "unknown type 'dct' (did you mean 'dict'?)",
    ),
    "codemod": (
        CALL + "codemod: zzz/qqq\n",
        9,
        "unknown codemod 'zzz/qqq': there is no codemods/zzz/qqq.py",
    ),
    "reference": (RULE.replace("https://example.org/notes", "the notes"), 3, "reference is a URL, not 'the notes'"),
    "library": (
        RULE.replace("library: pandas", "library: numpy"),
        1,
        "library is 'numpy', but the file lies in the pack of 'pandas'",
    ),
    # patterns
    "metavariable without type that exists": (
        MATCH + "match: pandas.f($frame)\nrewrite: $frame\nwhere: {fram: pandas.DataFrame}\n",
        9,
        "unknown metavariable $fram (did you mean 'frame'?)",
    ),
    # cases
    "case that changes nothing": (
        RULE.replace("df.items()", "df.iteritems()"),
        7,
        "before and after are the same: list code that stays as it is under unchanged",
    ),
    "given": (
        RULE.replace("df.items()\n", "df.items()\n    given: {df: 'pandas.'}\n"),
        9,
        "not a Python expression: 'pandas.'",
    ),
    "given name": (
        RULE.replace("df.items()\n", "df.items()\n    given: {d f: 'pandas'}\n"),
        9,
        "'d f' is no variable name",
    ),
    # YAML
    "empty file": ("", 1, "the file is empty"),
    "only a comment": ("# soon\n", 1, "the file is empty"),
    "syntax": (
        RULE + "advise: write: this\n",
        11,
        "not YAML: mapping values are not allowed in this context (text with a colon needs quotes)",
    ),
    "tab": (
        RULE + "\tadvise: x\n",
        11,
        "not YAML: while scanning a plain scalar found a tab character that violates indentation",
    ),
    "duplicate key": (RULE + "summary: again\n", 11, "the key 'summary' stands here twice (first in line 4)"),
    "duplicate key within": (
        RULE.replace("iteritems: items}", "iteritems: items, pandas.DataFrame.iteritems: values}"),
        5,
        "the key 'pandas.DataFrame.iteritems' stands here twice (first in line 5)",
    ),
    "unquoted star": (RULE.replace("- d.iteritems()", "- *d"), 10, "put text that begins with * in quotes: *d"),
    "unquoted key": (
        CALL + "parameters: [{replace: {name: squeeze, values: {True: ''}}}]",
        9,
        'put the key in quotes, YAML reads more than text: "True"',
    ),
    "two documents": (RULE + "---\na: b\n", 11, "a file holds one document: remove the ---"),
    "deep nesting": ("a: " + "[" * 100_000, 1, "nested too deeply to be a rule"),
    "object tag": (
        RULE.replace("became items", "").replace("summary: ", "summary: !!python/object:os.system "),
        4,
        "this value cannot be read: DataFrame.iteritems",
    ),
}


@pytest.mark.parametrize("name", ONE_MISTAKE)
def test_one_mistake_is_one_message_at_its_line(write, name):
    text, line, message = ONE_MISTAKE[name]
    expected = sorted(f"change.yaml:{line}: {each}" for each in message.split("|"))
    assert sorted(problems(write(**{"pandas/change": text}))) == expected


@pytest.mark.parametrize(
    "text",
    [
        CALL.replace("*, squeeze=False)", "**options)") + "parameters: [{rename: {anything: other}}]\n",
        CALL + "parameters: [{rename: {sep: s}}]\nwhen: [{argument: sep, is: ['\"\\d\"']}]\n",
        CALL
        + "parameters: [{explicit: {sep: 'None'}}]\nwhen: [{argument: path, type: [numpy.ndarray, pathlib.Path, str]}]\n",
        MATCH + "match: pandas.f($x, $*rest)\nrewrite: $x.g($*rest)\nwhen: [{argument: x, type: pandas.DataFrame}]\n",
    ],
    ids=["any keyword", "an escape in a source", "types of other libraries", "a metavariable"],
)
def test_what_is_no_mistake(write, text):
    folder = write(**{"pandas/change": text}) / "pandas"
    assert load_packs([Pack(folder, "pandas", "test", tuple(sorted(folder.iterdir())))], use_cache=False).rules


def test_the_rule_that_these_mistakes_are_made_in_is_right(write):
    folder = write(**{"pandas/change": RULE}) / "pandas"
    rulebook = load_packs([Pack(folder, "pandas", "test", tuple(sorted(folder.iterdir())))], use_cache=False)
    assert [rule.id for rule in rulebook.rules] == ["pandas/change"]


def test_all_mistakes_of_all_files_are_reported_at_once(write):
    folder = write(
        **{
            "pandas/_library": LIBRARY + "no_rules: {}\n",
            "pandas/first": RULE.replace('"2.0.0"', "2.0").replace("unchanged:", "unchangd:")
            + "rename: {pandas.a: pandas.b}\n",
            "pandas/second": RULE + "sumary: x\nreferense: y\n",
        }
    )
    assert problems(folder) == [
        "_library.yaml:7: unknown key 'no_rules' (did you mean 'no_rule'?)",
        "first.yaml:1: a rule shows under unchanged at least one piece of code that it leaves alone",
        'first.yaml:2: put the version in quotes: "2.0"',
        "first.yaml:5: one body a rule, found rename and rename_member",
        "first.yaml:9: unknown key 'unchangd' (did you mean 'unchanged'?)",
        "second.yaml:11: unknown key 'sumary' (did you mean 'summary'?)",
        "second.yaml:12: unknown key 'referense' (did you mean 'reference'?)",
    ]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("[5]", 'put match 1 in quotes: "5"'),
        ("[[a]]", "match 1 is a text or a mapping"),
        ("{match: a}", "match is a text or a list"),
        ("[{match: pandas.f(), rewritte: b}]", "unknown key 'rewritte' (did you mean 'rewrite'?)|'rewrite' is missing"),
    ],
)
def test_a_value_that_may_have_several_shapes_gives_one_message(write, match, expected):
    found = problems(write(**{"pandas/change": MATCH + f"match: {match}\nrewrite: x\n"}))
    assert sorted(found) == sorted(f"change.yaml:7: {text}" for text in expected.split("|"))


@pytest.mark.parametrize(
    ("match", "rewrite"),
    [
        ("pandas.f($x", "$x"),
        ("$x.f()", "$x"),
        ("pandas.f($x)", "$y"),
        ("pandas.f($x)", "g($x"),
        ("pandas.f($?x)", "g($x)"),
    ],
)
def test_patterns_and_templates_are_read_when_rules_are_loaded(write, match, rewrite):
    found = problems(write(**{"pandas/change": MATCH + f'match: "{match}"\nrewrite: "{rewrite}"\n'}))
    assert found
    assert all(line.startswith(("change.yaml:7:", "change.yaml:8:")) for line in found)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pandas/change.yml", "pandas/change.yml:1: name the file change.yaml"),
        (
            "pandas/Change-it.yaml",
            "pandas/Change-it.yaml:1: name the file in small letters, digits and underscores, not 'Change-it.yaml'",
        ),
    ],
)
def test_a_file_is_named_like_a_rule(write, name, message):
    assert problems(write(**{name: RULE})) == [message.removeprefix("pandas/")]


def test_a_file_that_is_not_utf8(write):
    folder = write()
    (folder / "pandas" / "change.yaml").write_bytes(b"summary: \xff")
    assert problems(folder) == ["change.yaml:1: not UTF-8: byte 9 cannot be read"]


def test_a_library_nobody_describes(write):
    folder = write(**{"numpi/change": RULE.replace("pandas", "numpi")})
    assert problems(folder) == [
        "rules/numpi:1: no rules are known for 'numpi': add _library.yaml with library and imports"
    ]


LIBRARY_MISTAKES = {
    "import missing": ("library: pandas\n", 1, "'imports' is missing"),
    "unquoted release": (LIBRARY.replace('["1.0.0"', "[1.10"), 3, 'put the version in quotes: "1.10"'),
    "no release": (LIBRARY.replace('"1.0.0"', '"one"'), 3, "not a version: 'one'"),
    "key of a class": (
        LIBRARY.replace("Series: {}", "Series: {base: [pandas.Base]}"),
        6,
        "unknown key 'base' (did you mean 'bases'?)",
    ),
    "base": (
        LIBRARY.replace("Series: {}", "Series: {bases: [pandas.Datafram]}"),
        6,
        "unknown base 'pandas.Datafram' (did you mean 'pandas.DataFrame'?)",
    ),
    "type": (
        LIBRARY.replace("Series: {}", "Series:\n    returns:\n      to_frame: pandas.DataFrme"),
        8,
        "unknown type 'pandas.DataFrme' (did you mean 'pandas.DataFrame'?)",
    ),
    "type under a condition": (
        LIBRARY
        + "functions:\n  pandas.read_csv:\n    - {when: squeeze=True, type: pandas.Serie}\n    - pandas.DataFrame\n",
        9,
        "unknown type 'pandas.Serie' (did you mean 'pandas.Series'?)",
    ),
    "no type": (LIBRARY + "objects: {pandas.NA: 'a b'}\n", 7, "'a b' is no type expression"),
}


@pytest.mark.parametrize("name", LIBRARY_MISTAKES)
def test_mistakes_in_what_a_pack_says_of_its_library(write, name):
    text, line, message = LIBRARY_MISTAKES[name]
    assert problems(write(**{"pandas/_library": text, "pandas/change": RULE})) == [f"_library.yaml:{line}: {message}"]
