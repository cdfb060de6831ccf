"""(old source, new source) of a small library -> the rules that are written."""

from __future__ import annotations

import pytest

from apimig.mining.candidate import Kind
from tests.mining.releases.tools import bodies, expected, learned

WARN = "import warnings\n"

TABLE = {
    "a shim that hands its arguments on one for one": (
        WARN + "def old(a, b=1):\n    warnings.warn('old is deprecated', FutureWarning)\n    return new(a, b=b)\ndef new(a, b=1):\n    'Do.'\n",
        "def new(a, b=1):\n    'Do.'\n",
        "old: {rename: {lib.old: lib.new}}",
    ),
    "a shim that reorders": (
        WARN + "def old(a, b):\n    warnings.warn('deprecated', FutureWarning)\n    return new(b, a)\ndef new(first, second): ...\n",
        "def new(first, second): ...\n",
        "old: {signature: '(a, b)', match: 'lib.old($a, $b)', rewrite: 'lib.new($b, $a)'}",
    ),
    "a shim that passes by name what stands elsewhere there": (
        WARN + "def old(a, b=None, c=True):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, b=b, c=c)\ndef new(a, c=True, b=None): ...\n",
        "def new(a, c=True, b=None): ...\n",
        "old: {signature: '(a, b=None, c=True)', match: 'lib.old($a, b=$?b, c=$?c)', rewrite: 'lib.new($a, b=$?b, c=$?c)'}",
    ),
    "a shim that passes by name what can only be given so": (
        WARN + "def old(a, b=None):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, b=b)\ndef new(a, *, b=None): ...\n",
        "def new(a, *, b=None): ...\n",
        "old: {signature: '(a, b=None)', match: 'lib.old($a, b=$?b)', rewrite: 'lib.new($a, b=$?b)'}",
    ),
    "a shim that hands on whatever it gets": (
        WARN + "def old(*args, **kwargs):\n    warnings.warn('deprecated', FutureWarning)\n    return new(*args, **kwargs)\ndef new(a, b=1): ...\n",
        "def new(a, b=1): ...\n",
        "old: {rename: {lib.old: lib.new}}",
    ),
    "a shim that adds a constant, and leaves a default to its successor": (
        WARN + "def old(a, b=1):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, mode='x', b=b)\ndef new(a, mode, b=1): ...\n",
        "def new(a, mode, b=1): ...\n",
        "old: {signature: '(a, b=1)', match: 'lib.old($a, b=$?b)', rewrite: 'lib.new($a, mode=''x'', b=$?b)'}",
    ),
    "a shim with a default of its own is for a person": (
        WARN + "def old(a, b=1):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, b=b)\ndef new(a, b=2): ...\n",
        "def new(a, b=2): ...\n",
        "old: {api: [lib.old], applicability: manual}",
    ),
    "a shim that wraps": (
        WARN + "def old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return new(list(a))\ndef new(a): ...\n",
        "def new(a): ...\n",
        "old: {signature: (a), match: 'lib.old($a)', rewrite: 'lib.new(list($a))'}",
    ),
    "a shim that calls a method of its argument": (
        WARN + "def old(box, n):\n    warnings.warn('deprecated', FutureWarning)\n    return box.lift(n)\n",
        "x = 1\n",
        "old: {signature: '(box, n)', match: 'lib.old($box, $n)', rewrite: '$box.lift($n)'}",
    ),
    "a shim that uses an argument twice is for a person": (
        WARN + "def old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, a)\ndef new(a, b): ...\n",
        "def new(a, b): ...\n",
        "old: {api: [lib.old], applicability: manual}",
    ),
    "a shim that needs what nobody else has is for a person": (
        WARN + "def _inner(a): ...\ndef old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return _inner(a)\n",
        "def _inner(a): ...\n",
        "old: {api: [lib.old], applicability: manual}",
    ),
    "a method that calls another one": (
        WARN + "class K:\n    def old(self):\n        warnings.warn('deprecated', FutureWarning)\n        return self.new()\n    def new(self): ...\n",
        "class K:\n    def new(self): ...\n",
        "k_old: {rename_member: {lib.K.old: new}}",
    ),
    "a property of a part": (
        WARN + "class K:\n    @property\n    def old(self):\n        warnings.warn('deprecated', FutureWarning)\n        return self.part.value\n",
        "class K:\n    part = None\n",
        "k_old: {match: $k.old, rewrite: $k.part.value, where: {k: [lib.K]}}",
    ),
    "a shim of which all arguments may be left out, and that hands on the rest": (
        WARN + "class K:\n    def old(self, a=1, *args, **kwargs):\n        warnings.warn('deprecated', FutureWarning)\n        return self.new(b=a, *args, **kwargs)\n    def new(self, *args, b=1, **kwargs): ...\n",
        "class K:\n    def new(self, *args, b=1, **kwargs): ...\n",
        "k_old: {signature: '(a=1, *args, **kwargs)', match: '$k.old($*rest, a=$?a)', rewrite: '$k.new($*rest, b=$?a)', where: {k: [lib.K]}}",
    ),
    "a shim that calls what is deprecated as well": (
        WARN + "def old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return other(a)\ndef other(a): ...\n",
        WARN + "def other(a):\n    warnings.warn('other is deprecated', FutureWarning)\n    return [a][0]\n",
        "old: {api: [lib.old], applicability: manual}\nother: {signature: (a), match: 'lib.other($a)', rewrite: '[$a][0]'}",
    ),
    "a class method whose arguments go by keyword now": (
        "class K:\n    @classmethod\n    def make(cls, a, b=None): ...\n",
        "class K:\n    @classmethod\n    def make(cls, a, *, b=None): ...\n",
        "k_make_keyword_only: {api: [lib.K.make], signature: '(cls, a, b=None)', parameters: [{keyword_only: 1}]}",
    ),
    "an argument that must be given, and that nobody can give before": (
        "def f(a): ...\n",
        "def f(a, b): ...\n",
        "f_b: {api: [lib.f], applicability: manual}",
    ),
    "a successor of a function that hands on whatever it gets": (
        WARN + "def _wrapped(f): return f\n@_wrapped\ndef old(*args, **kwargs):\n    warnings.warn('old is now available as `new`.', FutureWarning)\n    return str(args)\ndef new(a, b=1): ...\n",
        "def new(a, b=1): ...\n",
        "old: {rename: {lib.old: lib.new}, applicability: unsafe}",
    ),
    "a member of a class for the inside alone": (
        WARN + "class _Base:\n    def old(self):\n        warnings.warn('Use `new`.', FutureWarning)\n    def new(self): ...\nclass K(_Base): ...\n",
        WARN + "class _Base:\n    def old(self):\n        warnings.warn('Use `new`.', FutureWarning)\n    def new(self): ...\nclass K(_Base): ...\n",
        "k_old: {rename_member: {lib.K.old: new}}",
    ),
    "a copy of the old release has no successors": (
        {"lib/__init__.py": "def f(): 'F.'\ndef g(): 'G.'\n", "lib/v1.py": ""},
        {"lib/__init__.py": "def g(): 'G.'\n", "lib/v1.py": "def f(): 'F.'\ndef g(): 'G.'\n"},
        "f: {api: [lib.f], applicability: manual}",
    ),
    "a successor of a function of one argument, which calls it otherwise": (
        WARN + "def old(name):\n    warnings.warn('Use `new`.', FutureWarning)\n    return str(name)\ndef new(freq, strict=True): ...\n",
        "def new(freq, strict=True): ...\n",
        "old: {signature: (name), match: lib.old($name), rewrite: lib.new($name), applicability: unsafe}",
    ),
    "an argument of which only a decorator knows the old name": (
        "class _Base:\n    @deprecate_kwarg('old', new_arg_name='new')\n    def f(self, a, new=None): ...\nclass K(_Base): ...\n",
        "class _Base:\n    def f(self, a, new=None): ...\nclass K(_Base): ...\n",
        "k_f_old: {api: [lib.K.f], signature: '(a, old=None, **options)', parameters: [{rename: {old: new}}]}",
    ),
    "a table of what is gone": (
        {"lib/__init__.py": "def old(a): ...\ndef new(a): ...\ndef gone(b): ...\n"},
        {
            "lib/__init__.py": "def new(a): ...\ndef __getattr__(name): ...\n",
            "lib/_expired.py": "__expired_attributes__ = {'old': 'Use `lib.new`' ' instead.', 'gone': 'Write it yourself.', 'more': 'No.'}\n",
        },
        "gone: {api: [lib.gone], applicability: manual}\nold: {rename: {lib.old: lib.new}}",
    ),
    "another name of what stays is no shim": (
        {"lib/__init__.py": "def new(a):\n    return int(a)\nold = new\n"},
        {
            "lib/__init__.py": "def new(a):\n    return int(a)\n",
            "lib/_expired.py": "__expired_attributes__ = {'old': 'Use `lib.new`.', 'gone': 'No.', 'more': 'No.'}\n",
        },
        "old: {rename: {lib.old: lib.new}}",
    ),
    "what is said of an argument says nothing of the function": (
        WARN + "def f(a, b=1):\n    warnings.warn('The `f.b` parameter is deprecated', FutureWarning)\n",
        WARN + "def f(a, b=1):\n    warnings.warn('The `f.b` parameter is deprecated', FutureWarning)\n",
        "",
    ),
    "an argument that must be given under another name": (
        "def f(ticklabels, n=1): ...\n",
        "def f(labels, n=1): ...\n",
        "f_ticklabels: {api: [lib.f], signature: '(ticklabels, n=1)', parameters: [{rename: {ticklabels: labels}}], applicability: unsafe}",
    ),
    "arguments that had no names": ("def f(*args): ...\n", "def f(a, b): ...\n", ""),
    "a class that only warns": (
        WARN + "class New: ...\nclass Old(New):\n    def __init__(self, *args, **kwargs):\n        warnings.warn('deprecated', FutureWarning)\n        super().__init__(*args, **kwargs)\n",
        "class New: ...\n",
        "old: {rename: {lib.Old: lib.New}}",
    ),
    "what the deprecation says": (
        WARN + "def old(a):\n    warnings.warn('old is deprecated. Use lib.new instead.', FutureWarning)\n    return a + 1\ndef new(a): ...\n",
        "def new(a): ...\n",
        "old: {rename: {lib.old: lib.new}}",
    ),
    "what the deprecation says, in another order of arguments": (
        WARN + "def old(a, b):\n    warnings.warn('Use `new` instead.', FutureWarning)\n    return a + 1\ndef new(b, a): ...\n",
        "def new(b, a): ...\n",
        "old: {signature: '(a, b)', match: 'lib.old(a=$a, b=$b)', rewrite: 'lib.new(a=$a, b=$b)'}",
    ),
    "a choice is for a person": (
        WARN + "def old(a):\n    warnings.warn('Use `new` or `other` instead.', FutureWarning)\n    for each in a: print(each)\ndef new(a): ...\ndef other(a): ...\n",
        "def new(a): ...\ndef other(a): ...\n",
        "old: {api: [lib.old], applicability: manual}",
    ),
    "a deprecation in the new release": (
        "def old(a): ...\ndef new(a): ...\n",
        WARN + "def old(a):\n    warnings.warn('Use `new` instead.', FutureWarning)\n    return new(a)\ndef new(a): ...\n",
        "old: {rename: {lib.old: lib.new}}",
    ),
    "the same documentation under another name": (
        "def old(a):\n    'Lift the lid of the box.'\n",
        "def raised(a):\n    'Lift the lid of the box.'\n",
        "old: {rename: {lib.old: lib.raised}}",
    ),
    "several names that left a module": (
        {"lib/__init__.py": "", "lib/a.py": "def f(): 'F.'\ndef g(): 'G.'\n", "lib/b.py": ""},
        {"lib/__init__.py": "", "lib/a.py": "", "lib/b.py": "def f(): 'F.'\ndef g(): 'G.'\n"},
        "a_moved: {move: [{from: lib.a, to: lib.b, names: [f, g]}]}",
    ),
    "a module that only answers": (
        {"lib/__init__.py": "from lib.b import f\n", "lib/a.py": "from lib.b import f\n__all__ = ['f']\n", "lib/b.py": "def f(x): 'F.'\n"},
        {
            "lib/__init__.py": "from lib.b import f\n",
            "lib/a.py": "__all__ = ['f', 'f']\ndef __getattr__(name):\n    warnings.warn(f'Please use `{name}` from the `lib.b` namespace, the `lib.a` namespace is deprecated.')\n",
            "lib/b.py": "def f(x): 'F.'\n",
        },
        "a_namespace: {move: [{from: lib.a, to: lib.b, names: [f]}]}",
    ),
    "keyword-only": (
        "def f(a, b=1, c=2): ...\n",
        "def f(a, *, b=1, c=2): ...\n",
        "f_keyword_only: {api: [lib.f], signature: '(a, b=1, c=2)', parameters: [{keyword_only: 1}]}",
    ),
    "methods with one signature are one rule": (
        "class A:\n    def m(self, a, b=1): ...\nclass B:\n    def m(self, a, b=1): ...\n",
        "class A:\n    def m(self, a, *, b=1): ...\nclass B:\n    def m(self, a, *, b=1): ...\n",
        "a_m_keyword_only: {api: [lib.A.m, lib.B.m], signature: '(a, b=1)', parameters: [{keyword_only: 1}]}",
    ),
    "an argument that is gone": (
        "def f(a, b=1): ...\n",
        "def f(a): ...\n",
        "f_b: {api: [lib.f], signature: '(a, b=1)', parameters: [{remove: {name: b, holds: ['1']}}]}",
    ),
    "an argument with another name": (
        "def f(a, lid=1):\n    'Do.\\n\\n    Parameters\\n    ----------\\n    lid : int\\n        How much to lift.\\n    '\n",
        "def f(a, cover=1):\n    'Do.\\n\\n    Parameters\\n    ----------\\n    cover : int\\n        How much to lift.\\n    '\n",
        "f_lid: {api: [lib.f], signature: '(a, lid=1)', parameters: [{rename: {lid: cover}}]}",
    ),
    "an argument that must be given": (
        "def f(a, b=1): ...\n",
        "def f(a, b): ...\n",
        "f_b: {api: [lib.f], signature: '(a, b=1)', parameters: [{add: {b: '1'}}]}",
    ),
    "another default is unsafe": (
        "def f(a, b=1): ...\n",
        "def f(a, b=5): ...\n",
        "f_b_default: {api: [lib.f], signature: '(a, b=1)', parameters: [{explicit: {b: '1'}}], applicability: unsafe}",
    ),
    "a switch that became an argument": (
        WARN + "def f(a, fast=False, way='x'):\n    if fast:\n        warnings.warn(\"`fast` is deprecated, use `way='y'` instead\", FutureWarning)\n",
        "def f(a, way='x'): ...\n",
        "f_fast_keyword_only: {api: [lib.f], signature: '(a, fast=False, way=''x'')', parameters: [{replace: {name: fast, values: {'True': 'way=''y''', 'False': ''}}}, {keyword_only: 1}]}",
    ),
    "values with other names": (
        "def f(loss='log'):\n    '''Do.\n\n    Parameters\n    ----------\n    loss : str\n        .. deprecated:: 0.9\n           The loss 'log' was deprecated in v0.9 and will be removed in version 2.0. Use `loss='log_loss'` which is equivalent.\n    '''\n",
        "def f(loss='log'): ...\n",
        "f_loss_values: {api: [lib.f], signature: '(loss=''log'')', parameters: [{values: {name: loss, map: {'''log''': '''log_loss'''}}}]}",
    ),
    "what is gone without a word": ("def old(a): ...\n", "x = 1\n", "old: {api: [lib.old], applicability: manual}"),
    "what stays": ("def f(a): ...\n", "def f(a, b=1): ...\n", "{}"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_rules_of_two_releases(name, tmp_path):
    before, after, rules = TABLE[name]
    assert bodies(learned(tmp_path, before, after)) == expected(rules)


def test_a_shim_of_a_release_in_between(tmp_path):
    before = "def old(a): ...\ndef new(a, b): ...\n"
    after = "def new(a, b): ...\n"
    between = WARN + "def old(a):\n    warnings.warn('deprecated', FutureWarning)\n    return new(a, 2)\n" + after
    assert "lib.new($a, 2)" not in bodies(learned(tmp_path / "without", before, after))
    assert "lib.new($a, 2)" in bodies(learned(tmp_path / "with", before, after, between=between))


def test_versions_are_those_that_are_said(tmp_path):
    said = "old was deprecated in 0.8 and will be removed in 1.5. Use `new` instead."
    before = WARN + f"def old(a):\n    warnings.warn('{said}', FutureWarning)\ndef new(a): ...\n"
    (found,) = learned(tmp_path, before, "def new(a): ...\n").candidates
    said = {key: found.rule[key] for key in ("deprecated", "removed", "replacement_since")}
    assert said == {"deprecated": "0.8.0", "removed": "1.5.0", "replacement_since": "1.0.0"}


def test_evidence_says_where_it_stands(tmp_path):
    before = WARN + "def old(a):\n    warnings.warn('Use `new`.', FutureWarning)\n    return new(a)\ndef new(a): ...\n"
    (found,) = learned(tmp_path, before, "def new(a): ...\n").candidates
    assert [(each.kind, each.text, each.place) for each in found.evidence][:2] == [
        ("shim", "new(a)", "lib 1.0.0: lib/__init__.py:2"),
        ("deprecation", "Use `new`.", "lib 1.0.0: lib.old"),
    ]
    assert (found.kind, found.support) == (Kind.RENAME, 3)


def test_cases_of_a_method(tmp_path):
    before = (
        WARN
        + "class K:\n    def old(self, n):\n        warnings.warn('x', FutureWarning)\n        return self.new(n)\n    def new(self, n): ...\n"
    )
    (found,) = learned(tmp_path, before, "class K:\n    def new(self, n): ...\n").candidates
    assert found.rule["cases"] == [
        {"before": "result = k.old(3)", "after": "result = k.new(3)", "given": {"k": "lib.K()"}}
    ]
    assert [each["code"].splitlines()[0] for each in found.rule["unchanged"]] == [
        "result = k.new(3)",
        "class Other:",
        "mine = {}",
    ]


def test_cases_by_position_show_values_and_what_the_arguments_are_anyway(tmp_path):
    (found,) = learned(tmp_path, "def f(a, n=1): ...\n", "def f(a, *, n=1): ...\n").candidates
    assert [each["before"].splitlines()[-1] for each in found.rule["cases"]] == [
        "result = f(array, 3)",
        "result = f(array, 1)",
    ]


def test_advice_says_what_to_use_instead_where_that_stands_apart(tmp_path):
    before = "@deprecated_20(':meth:`.f`', alternative='For transactions, use begin.')\ndef f(): ...\n"
    (found,) = learned(tmp_path, before, before).candidates
    assert found.rule["advise"] == "For transactions, use begin."


def test_imports_of_a_moved_name(tmp_path):
    before = {"lib/__init__.py": "", "lib/a.py": "def f(): 'F.'\n", "lib/b.py": ""}
    after = {"lib/__init__.py": "", "lib/a.py": "", "lib/b.py": "def f(): 'F.'\n"}
    (found,) = learned(tmp_path, before, after).candidates
    assert found.rule["cases"] == [
        {"before": "from lib.a import f\n\nresult = f()", "after": "from lib.b import f\n\nresult = f()"}
    ]


def test_at_least_two_in_five_stay_as_they_are(tmp_path):
    for name, (before, after, _) in TABLE.items():
        for each in learned(tmp_path / str(abs(hash(name))), before, after).candidates:
            changed, kept = len(each.rule.get("cases", ())), len(each.rule["unchanged"])
            assert kept >= 2 / 5 * (changed + kept), (name, each.name)


def test_a_library_without_release_notes_needs_a_reference(tmp_path):
    from apimig.mining.releases.learning import learn_from_releases
    from tests.mining.releases.tools import release

    first, last = release(tmp_path / "a", "def f(): ...\n", "1.0"), release(tmp_path / "b", "x = 1\n", "2.0")
    notes = learn_from_releases(first.surface, last.surface).notes
    assert notes == ("apimig does not know where lib tells of changes: give a reference",)


def test_a_rule_about_one_parameter_has_the_evidence_of_that_one(tmp_path):
    before = "def f(a, *, old=1, tol=0.1): ..."
    after = "def f(a, *, tol=0.2): ..."
    found = learned(tmp_path, before, after).candidates
    assert {each.name: [said.text for said in each.evidence] for each in found} == {
        "f_old": ["lib.f(old) parameter removed: old=1"],
        "f_tol_default": ["lib.f(tol) default changed: 0.1 -> 0.2"],
    }
