"""What counts as a change, and what does not: two states of a made-up library, and the lines expected."""

from __future__ import annotations

import pytest

from apimig.surface.changes import diff
from tests.surface.tools import changed, read

FUNCTIONS = {
    "removed": ("def f(): ...\ndef g(): ...", "def g(): ...", ["! lib.f removed"]),
    "added is nobody's trouble": ("def f(): ...", "def f(): ...\ndef g(): ...", []),
    "renamed, as its deprecation said": (
        "import warnings\ndef old(a, b): warnings.warn('use `new` instead', FutureWarning)\n",
        "def new(a, b): ...",
        ["! lib.old renamed: lib.old -> lib.new"],
    ),
    "renamed, by signature and documentation": (
        "def isin(x, values):\n    '''Say which of x are among values.'''",
        "def is_in(x, values):\n    '''Say which of x are among values.'''",
        ["! lib.isin renamed: lib.isin -> lib.is_in"],
    ),
    "another function with the same signature is no rename": (
        "def load(path):\n    '''Read a table.'''",
        "def remove(path):\n    '''Delete a file.'''",
        ["! lib.load removed"],
    ),
    "class became function": ("class f: ...", "def f(): ...", ["! lib.f class became function: class -> function"]),
    "function became class": ("def f(): ...", "class f: ...", ["! lib.f function became class: function -> class"]),
    "deprecated by a warning": (
        "def f(): ...",
        "import warnings\ndef f(): warnings.warn('f is deprecated since 2.1; use `g`', DeprecationWarning)",
        ["- lib.f deprecated: f is deprecated since 2.1; use `g`"],
    ),
    "deprecated by a decorator": (
        "def f(): ...",
        "from x import deprecated\n@deprecated('2.1', 'Use lib.g')\ndef f(): ...",
        ["- lib.f deprecated: Use lib.g"],
    ),
    "still deprecated is no news": (
        "from x import deprecated\n@deprecated('use g')\ndef f(): ...",
        "from x import deprecated\n@deprecated('use h')\ndef f(): ...",
        [],
    ),
    "returns a class that has another name now": (
        "class bool_: ...\ndef f() -> bool_: ...",
        "class bool: ...\nbool_ = bool\ndef f() -> bool_: ...",
        [],
    ),
    "returns another class": (
        "class A: ...\nclass B: ...\ndef f() -> A: ...",
        "class A: ...\nclass B: ...\ndef f() -> B: ...",
        ["! lib.f return type changed: lib.A -> lib.B"],
    ),
    "a generic of typing is the built-in one": (
        "from typing import Dict, List\ndef f() -> List[Dict[str, int]]: ...",
        "def f() -> list[dict[str, int]]: ...",
        [],
    ),
    "an annotation made wider is no change": (
        "class A: ...\ndef f() -> A: ...",
        "class A: ...\ndef f() -> A | None: ...",
        [],
    ),
    "an annotation that says how a value is used is no change": (
        "class A: ...\ndef f() -> A: ...",
        "from typing import Any\nclass A: ...\ndef f() -> Any: ...",
        [],
    ),
    "a type variable is no change": (
        "from typing import TypeVar\nT = TypeVar('T')\nclass A: ...\ndef f(x: T) -> T: ...",
        "class A: ...\ndef f(x) -> A: ...",
        [],
    ),
}

SIGNATURES = {
    "removed": ("a, b=1", "a", ["! lib.f(b) parameter removed: b=1"]),
    "removed, but **kwargs takes it": (
        "a, b=1",
        "a, **kwargs",
        ["! lib.f(b) parameter kind changed: positional or keyword -> among ** arguments, if at all"],
    ),
    "removed, but *args takes it": ("a, b=1", "a, *args, **kwargs", []),
    "added with a default": ("a", "a, b=1", ["- lib.f(b) parameter added: b=1"]),
    "added without one": ("a", "a, b", ["! lib.f(b) parameter added: b"]),
    "added before another": (
        "a, c=2",
        "a, b=1, c=2",
        ["- lib.f(b) parameter added: b=1", "! lib.f(c) parameter reordered: position 2 -> position 3"],
    ),
    "reordered": (
        "a, b",
        "b, a",
        [
            "! lib.f(a) parameter reordered: position 1 -> position 2",
            "! lib.f(b) parameter reordered: position 2 -> position 1",
        ],
    ),
    "keyword-only now": (
        "a, b=1",
        "a, *, b=1",
        ["! lib.f(b) parameter kind changed: positional or keyword -> keyword-only"],
    ),
    "positional-only now": (
        "a",
        "a, /",
        ["! lib.f(a) parameter kind changed: positional or keyword -> positional-only"],
    ),
    "keyword-only no more": ("a, *, b=1", "a, b=1", []),
    "positional-only no more": ("a, /", "a", []),
    "default changed": ("a=1", "a=2", ["! lib.f(a) default changed: 1 -> 2"]),
    "default gone": ("a=1", "a", ["! lib.f(a) default changed: 1 -> required"]),
    "default spelt otherwise": ("a='x', b=1.0", 'a="x", b=1', []),
    "a default worked out": ("a=int(1e5)", "a=10_000", ["! lib.f(a) default changed: 100000 -> 10000"]),
    "a default worked out otherwise": ("a=int(1e5)", "a=100_000", []),
    "a flag that became a truth value": ("a=0", "a=False", []),
    "the same constant by another path": ("a=lib.missing", "a=missing", []),
    "renamed in place": (
        "x, axis_name=None",
        "x, axis_names=None",
        ["! lib.f(axis_name) parameter renamed: axis_name -> axis_names"],
    ),
    "a positional-only name is nobody's": ("x, /", "y, /", []),
    "*args gone": ("a, *args", "a", ["! lib.f(args) parameter removed: *args"]),
    "anything may be taken": ("*args, **kwargs", "a, b", []),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, tmp_path):
    before, after, expected = FUNCTIONS[name]
    assert changed(tmp_path, before, after) == expected


@pytest.mark.parametrize("name", SIGNATURES)
@pytest.mark.parametrize("way", ["function", "method", "constructor", "static method", "class method"])
def test_signatures(name, way, tmp_path):
    before, after, expected = SIGNATURES[name]
    shapes = {
        "function": ("def f({}): ...", "", "lib.f"),
        "method": ("class K:\n    def f({}): ...", "self, ", "lib.K.f"),
        "constructor": ("class f:\n    def __init__({}): ...", "self, ", "lib.f"),
        "static method": ("class K:\n    @staticmethod\n    def f({}): ...", "", "lib.K.f"),
        "class method": ("class K:\n    @classmethod\n    def f({}): ...", "cls, ", "lib.K.f"),
    }
    shape, receiver, where = shapes[way]
    found = changed(tmp_path, shape.format(receiver + before), shape.format(receiver + after))
    assert found == [line.replace("lib.f", where, 1) for line in expected]


DOCUMENTED = '''
def f(x, {name}=None):
    """Do it.

    Parameters
    ----------
    x : int
        The number.
    {name} : str
        {text}
    """
'''


def test_a_parameter_with_the_same_documentation_was_renamed(tmp_path):
    before = DOCUMENTED.format(name="squeeze_me", text="Whether to give a column.")
    after = DOCUMENTED.format(name="one_column", text="Whether to give a column.")
    assert changed(tmp_path, before, after) == ["! lib.f(squeeze_me) parameter renamed: squeeze_me -> one_column"]


INSTANCE = """
import warnings
class Base:
    def encode_abi(self, types, args):
        warnings.warn("encode_abi() is deprecated", DeprecationWarning)
        return self.encode(types, args)
    def encode(self, types, args): ...
class Codec(Base): ...
codec = Codec()
encode = codec.encode
"""
NEWER = "class Base:\n    def encode(self, types, args): ...\nclass Codec(Base): ...\ncodec = Codec()\nencode = codec.encode\n"


def test_a_method_of_an_instance_that_a_module_names_is_a_function(tmp_path):
    assert changed(tmp_path, f"{INSTANCE}encode_abi = codec.encode_abi", NEWER) == [
        "! lib.Base.encode_abi (and 1 more) renamed: lib.Base.encode_abi -> lib.Base.encode",
        "! lib.encode_abi renamed: lib.encode_abi -> lib.encode",
    ]


def test_another_instance_is_not_what_it_went_to(tmp_path):
    """What ``plain`` encodes is not known to be what ``other`` does."""
    before = f"{INSTANCE}other = Codec()\nencode_abi = other.encode_abi"
    assert "! lib.encode_abi removed: encode_abi() is deprecated" in changed(tmp_path, before, NEWER)


@pytest.mark.parametrize("remark", [" (Formerly: `iter`)", " (formerly iter)", " (previously called `iter`)"])
def test_a_remark_on_the_former_name_is_not_other_documentation(remark, tmp_path):
    before = DOCUMENTED.format(name="iter", text="Number of rounds over the text.")
    after = DOCUMENTED.format(name="epochs", text=f"Number of rounds over the text.{remark}")
    assert changed(tmp_path, before, after) == ["! lib.f(iter) parameter renamed: iter -> epochs"]


def test_a_remark_on_anything_else_is(tmp_path):
    before = DOCUMENTED.format(name="iter", text="Number of rounds over the text.")
    after = DOCUMENTED.format(name="epochs", text="Number of rounds over the text. (Not less than `iter` was)")
    assert changed(tmp_path, before, after) == [
        "! lib.f(iter) parameter removed: iter=None",
        "- lib.f(epochs) parameter added: epochs=None",
    ]


def test_a_parameter_with_other_documentation_was_not(tmp_path):
    before = DOCUMENTED.format(name="squeeze_me", text="Whether to give a column.")
    after = DOCUMENTED.format(name="chunks", text="How many rows at a time.")
    assert changed(tmp_path, before, after) == [
        "! lib.f(squeeze_me) parameter removed: squeeze_me=None",
        "- lib.f(chunks) parameter added: chunks=None",
    ]


def test_a_renamed_parameter_whose_old_name_is_still_taken_breaks_nobody(tmp_path):
    after = "from x import deprecate_kwarg\n@deprecate_kwarg('old', 'new')\ndef f(new=None): ..."
    assert changed(tmp_path, "def f(old=None): ...", after) == ["- lib.f(old) parameter renamed: old -> new"]


def test_a_parameter_kept_only_to_warn_was_renamed(tmp_path):
    after = """
        import warnings
        def f(estimator=None, *, base="deprecated"):
            if base != "deprecated":
                warnings.warn("`base` was renamed to `estimator`", FutureWarning)
        """
    assert changed(tmp_path, "def f(base=None): ...", after) == ["- lib.f(base) parameter renamed: base -> estimator"]


MEMBERS = {
    "removed": ("def m(self): ...", "pass", ["! lib.K.m removed"]),
    "property became method": (
        "@property\n    def m(self): ...",
        "def m(self): ...",
        ["! lib.K.m property became method: property -> method"],
    ),
    "method became property": (
        "def m(self): ...",
        "@property\n    def m(self): ...",
        ["! lib.K.m method became property: method -> property"],
    ),
    "an attribute became a property": ("m = 1", "@property\n    def m(self): ...", []),
    "a cached property is a property": (
        "@property\n    def m(self): ...",
        "@cached_property\n    def m(self): ...",
        [],
    ),
    "a decorator with a property among its arguments is none": (
        "def m(self): ...",
        "@Substitution(props='x')\n    def m(self): ...",
        [],
    ),
    "an operator gone": ("def __and__(self, other): ...", "pass", ["! lib.K.__and__ removed"]),
    "how an operator's parameter is called": (
        "def __and__(self, other): ...",
        "def __and__(self, value, /): ...",
        [],
    ),
    "machinery gone": ("def __repr__(self): ...", "pass", []),
    "private": ("def _m(self): ...", "pass", []),
    "an attribute that kept a parameter": (
        "def __init__(self, alpha=1): self.alpha = alpha",
        "def __init__(self): ...",
        ["! lib.K(alpha) parameter removed: alpha=1"],
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_members(name, tmp_path):
    before, after, expected = MEMBERS[name]
    assert changed(tmp_path, f"class K:\n    {before}\n", f"class K:\n    {after}\n") == expected


def test_what_several_classes_inherit_counts_once_and_names_all(tmp_path):
    before = "class _Base:\n    def m(self): ...\nclass A(_Base): ...\nclass B(_Base): ...\n"
    old, new = read(tmp_path / "a", before), read(tmp_path / "b", before.replace("def m(self): ...", "pass"))
    (change,) = diff(old, new)
    assert (change.name, change.names) == ("lib.A.m", ("lib.A.m", "lib.B.m"))


def test_a_member_that_moved_to_a_base_is_still_there(tmp_path):
    before = "class A:\n    def m(self, x): ...\n"
    after = "class _Base:\n    def m(self, x): ...\nclass A(_Base): ...\n"
    assert changed(tmp_path, before, after) == []


def test_a_member_that_a_standard_base_now_gives_is_still_there(tmp_path):
    before = "class A:\n    def keys(self): ...\n    def own(self): ...\n"
    assert changed(tmp_path, before, "class A(dict): ...\n") == ["! lib.A.own removed"]


def test_a_new_base_outside_the_library_may_give_anything(tmp_path):
    after = "from other import Base\nclass A(Base): ...\n"
    assert changed(tmp_path, "class A:\n    def m(self): ...\n", after) == []


def test_a_removed_class_is_one_change(tmp_path):
    before = "class A:\n    def m(self): ...\n    def n(self): ...\nclass B: ..."
    assert changed(tmp_path, before, "class B: ...") == ["! lib.A removed"]


def test_members_of_a_class_that_only_functions_hand_out(tmp_path):
    before = {
        "lib/__init__.py": "from lib._impl import load\n__all__ = ['load']",
        "lib/_impl.py": "class _Rows:\n    def first(self): ...\ndef load() -> _Rows: ...\n",
    }
    after = {**before, "lib/_impl.py": "class _Rows: ...\ndef load() -> _Rows: ...\n"}
    assert changed(tmp_path, before, after) == ["! lib._impl._Rows.first removed"]


PLACES = {
    "an object moved": (
        {"lib/__init__.py": "", "lib/a.py": "def f(x): ...", "lib/b.py": ""},
        {"lib/__init__.py": "", "lib/a.py": "", "lib/b.py": "def f(x): ..."},
        ["! lib.a.f moved: lib.a.f -> lib.b.f"],
    ),
    "one of its paths is gone": (
        {"lib/__init__.py": "from lib.a import f", "lib/a.py": "def f(x): ..."},
        {"lib/__init__.py": "", "lib/a.py": "def f(x): ..."},
        ["! lib.f moved: lib.f -> lib.a.f"],
    ),
    "its other paths are enough": (
        {"lib/__init__.py": "from lib.a import f\nfrom lib.a import g", "lib/a.py": "def f(x): ...\ndef g(): ..."},
        {
            "lib/__init__.py": "from lib._a import f\nfrom lib.a import g",
            "lib/_a.py": "def f(x): ...",
            "lib/a.py": "from lib._a import f\ndef g(): ...",
        },
        [],
    ),
    "a module is gone, once": (
        {"lib/__init__.py": "", "lib/a.py": "def f(x): ...\ndef g(): ..."},
        {"lib/__init__.py": ""},
        ["! lib.a removed"],
    ),
    "an alias is gone": (
        "class bool_: ...\nbool8 = bool_\n",
        "class bool_: ...\n",
        ["! lib.bool8 renamed: lib.bool8 -> lib.bool_"],
    ),
    "an alias became something of its own": (
        "def vstack(a): ...\nrow_stack = vstack\n",
        "import warnings\ndef vstack(a): ...\ndef row_stack(a): warnings.warn('use vstack()', DeprecationWarning)\n",
        ["- lib.row_stack deprecated: use vstack()"],
    ),
    "private modules may do as they like": (
        {"lib/__init__.py": "", "lib/_a.py": "def f(x): ...", "lib/tests/test_f.py": "def test(): ..."},
        {"lib/__init__.py": ""},
        [],
    ),
    "imports of others are theirs": (
        "import numpy as np\nfrom typing import Any, List\nfrom os import path\nimport os",
        "",
        [],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name, tmp_path):
    before, after, expected = PLACES[name]
    assert changed(tmp_path, before, after) == expected


@pytest.mark.parametrize("name", [*FUNCTIONS, *PLACES])
def test_a_surface_differs_from_itself_in_nothing(name, tmp_path):
    for index, state in enumerate({**FUNCTIONS, **PLACES}[name][:2]):
        assert diff(read(tmp_path / str(index), state), read(tmp_path / str(index), state)) == ()


LISTED = '''
class _Base:
    """All of them.

    Attributes
    ----------
    error_ : float
        How far off.
    """
    def fit(self):
        """Fit.

        Returns
        -------
        self
        """
class A(_Base): ...
'''


def test_an_attribute_that_the_documentation_of_a_base_lists_may_never_have_been_there(tmp_path):
    assert changed(tmp_path, LISTED, "class A:\n    def fit(self): ...\n") == []


def test_a_documented_method_of_a_base_was_there(tmp_path):
    assert changed(tmp_path, LISTED, "class A: ...\n") == ["! lib.A.fit removed"]


def test_a_listed_attribute_whose_deprecation_a_base_states_is_that_property(tmp_path):
    before = """
        class _Base:
            @deprecated("Use `n_features_in_` instead.")
            @property
            def n_features_(self): ...
        class A(_Base):
            '''One.

            Attributes
            ----------
            n_features_ : int
                How many.
            '''
        class B(_Base): ...
        """
    (change,) = diff(read(tmp_path / "a", before), read(tmp_path / "b", "class A: ...\nclass B: ...\n"))
    assert (change.names, change.replacement) == (("lib.A.n_features_", "lib.B.n_features_"), "n_features_in_")


def test_a_deprecation_said_once_counts_once_wherever_the_old_release_had_the_member(tmp_path):
    before = "class A:\n    def m(self): ...\nclass B:\n    def m(self): ...\n"
    after = "class _Base:\n    @deprecated('use n')\n    def m(self): ...\nclass A(_Base): ...\nclass B(_Base): ...\n"
    (change,) = diff(read(tmp_path / "a", before), read(tmp_path / "b", after))
    assert change.names == ("lib.A.m", "lib.B.m")


def test_a_parameter_to_use_instead_is_a_rename_only_if_it_is_the_same_thing(tmp_path):
    text = """
        import warnings
        def f(n_iter="deprecated", max_iter=None):
            if n_iter != "deprecated":
                warnings.warn("`n_iter` is deprecated. Use `max_iter` instead.", FutureWarning)
        """
    assert changed(tmp_path, "def f(n_iter=100): ...", text) == [
        "- lib.f(max_iter) parameter added: max_iter=None",
        "- lib.f(n_iter) parameter deprecated: `n_iter` is deprecated. Use `max_iter` instead.",
    ]


def test_a_member_that_every_subclass_still_has_is_not_gone(tmp_path):
    before = "class Base:\n    def f(self): ...\n    def g(self): ...\nclass A(Base): ...\nclass B(Base): ...\n"
    after = (
        "class _Shared:\n    def f(self): ...\nclass Base: ...\n"
        "class A(_Shared, Base):\n    def g(self): ...\nclass B(_Shared, Base): ...\n"
    )
    assert changed(tmp_path, before, after) == ["! lib.Base.g (and 1 more) removed"]
