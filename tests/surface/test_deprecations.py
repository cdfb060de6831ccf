"""Where libraries say that something is to go, and what they say."""

from __future__ import annotations

import pytest

from apimig.surface.wording import replacement_in
from tests.surface.tools import read

WHOLE = {
    "typing_extensions": ("@deprecated('Use g instead')\ndef f(): ...", ("Use g instead", "", "g")),
    "since as an argument": ("@_api.deprecated('3.6', alternative='lib.g')\ndef f(): ...", ("", "3.6", "lib.g")),
    "a sentence on what to use instead": (
        "@deprecated_20(':attr:`.f`', alternative='For transactions, use :meth:`.begin`.')\ndef f(): ...",
        (":attr:`.f` For transactions, use :meth:`.begin`.", "", "begin"),
    ),
    "a warning": (
        "def f():\n    warnings.warn('f is deprecated since 2.1, use `lib.g`.', FutureWarning, stacklevel=2)",
        ("f is deprecated since 2.1, use `lib.g`.", "2.1", "lib.g"),
    ),
    "an f-string": ("def f():\n    warnings.warn(f'{name} is deprecated', DeprecationWarning)", ("{name} is deprecated", "", "")),
    "parts joined": ("def f():\n    warn('f is deprecated, ' 'use g() ' + 'instead', category=FutureWarning)", ("f is deprecated, use g() instead", "", "g")),
    "the category made first": ("def f():\n    warnings.warn(RemovedInDjango50Warning('gone soon'))", ("gone soon", "", "")),
    "documentation copied with its deprecations": ("@_copy_docstring_and_deprecators(Axes.f)\ndef f(): ...", None),
    "a helper": ("def f():\n    deprecate('f', 10, 'g')", ("f g", "", "g")),
    "a helper that leaves a choice": ("def f():\n    deprecate('f', 12, 'lib.g or lib.h')", ("f lib.g or lib.h", "", "")),
    "a docstring": (
        "def f():\n    '''Do.\n\n    .. deprecated:: 1.4\n       Use :func:`lib.g` instead.\n    '''",
        ("Use :func:`lib.g` instead.", "1.4", "lib.g"),
    ),
    "a docstring that speaks of one way to call it": (
        'def f(*xs):\n    """Do.\n\n    .. deprecated:: 1.4\n       It requires an argument; creating the :func:`.f` construct with\n       no arguments is deprecated.\n    """',
        None,
    ),
    "a docstring that speaks of every call": (
        'def f(*xs):\n    """Do.\n\n    .. deprecated:: 1.4\n       Calling this function is deprecated.\n    """',
        ("Calling this function is deprecated.", "1.4", ""),
    ),
    "a warning about something else": ("def f():\n    warnings.warn('empty input', RuntimeWarning)", None),
    "a warning under a condition": ("def f(x):\n    if x > 3:\n        warnings.warn('deprecated', FutureWarning)", None),
    "a warning after the result": ("def f():\n    return 1\n    warnings.warn('x', FutureWarning)", None),
    "a class, by its constructor": ("class f:\n    def __init__(self):\n        warnings.warn('use lib.G', DeprecationWarning)", ("use lib.G", "", "lib.G")),
    "a property": None,
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, case in WHOLE.items() if case])
def test_of_a_definition(name, tmp_path):
    text, expected = WHOLE[name]
    said = read(tmp_path, text).find("lib.f").deprecated
    assert (said and (said.text, said.since, said.replacement)) == expected


def test_of_a_property(tmp_path):
    text = "class K:\n    @deprecated('Use `n` instead')\n    @property\n    def p(self): ...\n"
    assert read(tmp_path, text).find("lib.K.p").deprecated.replacement == "n"


PARAMETERS = {
    "renamed by a decorator": ("@deprecate_kwarg('old', new_arg_name='new')\ndef f(new): ...", {"old": ("old became new", "new")}),
    "removed by a decorator": ("@_api.delete_parameter('3.6', 'x')\ndef f(x=None): ...", {"x": ("is deprecated", "")}),
    "positional use": ("@deprecate_nonkeyword_arguments(version=None, allowed_args=['self'])\ndef f(x): ...", {"*": ("positional use is deprecated; give the arguments by keyword", "")}),
    "warned of when given": (
        "def f(x=None):\n    if x is not None:\n        warnings.warn('x is deprecated, use `y`', FutureWarning)",
        {"x": ("x is deprecated, use `y`", "y")},
    ),
    "warned of when left out": ("def f(x=None):\n    if x is None:\n        warnings.warn('the default will change', FutureWarning)", {}),
    "in the docstring": (
        "def f(x=None):\n    '''Do.\n\n    Parameters\n    ----------\n    x : int\n        A number.\n\n        .. deprecated:: 1.2\n           Has no effect.\n    '''",
        {"x": ("Has no effect.", "")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_of_parameters(name, tmp_path):
    text, expected = PARAMETERS[name]
    said = read(tmp_path, text).find("lib.f").parameters_deprecated
    assert {key: (each.text, each.replacement) for key, each in said.items()} == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Use `new_name` instead.", "new_name"),
        ("Please use pandas.concat instead", "pandas.concat"),
        ("in favor of :func:`~lib.other`", "lib.other"),
        ("was renamed to `metric` in 1.4", "metric"),
        ("The `docvecs` property has been renamed `dv`.", "dv"),
        ("was renamed from `metric`, see there", ""),
        ("renamed in version 2", ""),
        ("`f` was renamed `old.f` to `new.f`", ""),
        ("renamed `old_f` into something, use `new_f`", "new_f"),
        ("replaced by items()", "items"),
        ("`np.bool8` is a deprecated alias for `np.bool_`.", "np.bool_"),
        ("`np.int` is a deprecated alias for the builtin `int`. To silence this", "int"),
        ("Use the keyword instead", ""),
        ("Use a list", ""),
        ("It has no use.", ""),
        ("nothing to say", ""),
    ],
)
def test_the_replacement_is_a_name_that_looks_like_one(text, name):
    assert replacement_in(text) == name
