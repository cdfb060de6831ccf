"""Which names refer to the library, and how a library name is spelled at a place."""

import pytest

from apimig.records import Span, UseKind
from tests.resolve.library import resolve


def names(code, **kwargs):
    """(text, symbol) of every reference, imports aside."""
    found = resolve(code, **kwargs)
    text = found.source.text
    kinds = (UseKind.NAME, UseKind.STRING)
    return [(text[u.span.start : u.span.end].decode(), u.symbol) for u in found.uses if u.kind in kinds]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import tab\ntab.read", [("tab.read", "tab.read")]),
        ("import tab as tb\ntb.read", [("tb.read", "tab.read")]),
        ("import tab.core.deep as d\nd.ones", [("d.ones", "tab.core.deep.ones")]),
        ("import tab.core.deep\ntab.core.deep.ones", [("tab.core.deep.ones", "tab.core.deep.ones")]),
        ("from tab import read\nread(1)", [("read", "tab.read")]),
        ("from tab import read as r\nr(1)", [("r", "tab.read")]),
        ("from tab.core.frame import Frame\nFrame", [("Frame", "tab.Frame")]),
        ("from tab import *\nread(1)", [("read", "tab.read")]),
        ("import tab\nx = tab.EMPTY", [("tab.EMPTY", "tab.EMPTY")]),
        ("from tab import EMPTY\nEMPTY", [("EMPTY", "tab.EMPTY")]),
        ("import tab\nmap(tab.read, xs)", [("tab.read", "tab.read")]),
        ("import tab\n@tab.deco\ndef f(): pass", [("tab.deco", "tab.deco")]),
        ("import tab\nclass A(tab.Frame): pass", [("tab.Frame", "tab.Frame")]),
        ("import tab\nx: tab.Frame = 1", [("tab.Frame", "tab.Frame")]),
        ("import tab\ndef f(x: 'tab.Frame') -> 'tab.Series': pass", [("tab.Frame", "tab.Frame"), ("tab.Series", "tab.Series")]),
        ("import tab\ndef f(x: 'list[tab.Frame]'): pass", [("tab.Frame", "tab.Frame")]),
        ("import tab\ngetattr(tab, 'read')", [("tab", "tab"), ("read", "tab.read")]),
        ("import tab\nf'{tab.read}'", [("tab.read", "tab.read")]),
        ("import tab\nf'{x:{tab.width}}'", [("tab.width", "tab.width")]),
        ("import tab\nx = lambda a=tab.one: tab.two", [("tab.one", "tab.one"), ("tab.two", "tab.two")]),
        ("import tab\n[tab.read(x) for x in tab.xs if tab.ok]", [("tab.read", "tab.read"), ("tab.xs", "tab.xs"), ("tab.ok", "tab.ok")]),
        ("import tab\ntab.Frame.append(a, b)", [("tab.Frame.append", "tab.Frame.append")]),
        ("import tab\nread = tab.read\nread(1)", [("tab.read", "tab.read"), ("read", "tab.read")]),
        ("import tab\ndef f():\n    return 1\n    tab.after_return", [("tab.after_return", "tab.after_return")]),
        ("import tab\ntab.read(tab.path)(tab.more)", [("tab.read", "tab.read"), ("tab.path", "tab.path"), ("tab.more", "tab.more")]),
        ("import tab\nmatch x:\n    case 1: tab.read", [("tab.read", "tab.read")]),
        ("if x:\n    import tab\nelse:\n    tab = None\ntab.read", [("tab.read", "tab.read")]),
        ("def f():\n    import tab\n    tab.read\ntab.read", [("tab.read", "tab.read")]),
        ("from tab import read\ndef f(read): read(1)", []),
        ("import tab\ntab = other()\ntab.read", []),
        ("import tab\n[tab.read for tab in xs]", []),
        ("import tab\ndef f(tab): tab.read", []),
        ("import tab\ndef f():\n    tab = 1\n    tab.read", []),
        ("import tab\nx.tab.read", []),
        ("import tab\nx(tab=1, read=2)", []),
        ("import tab\n'tab.read'", []),
        ("import tabular as tab\ntab.read", []),
        ("from .tab import read\nread(1)", []),
        ("tab.read", []),
    ],
)  # fmt: skip
def test_references(code, expected):
    assert names(code) == expected


@pytest.mark.parametrize(
    ("code", "qualified", "expected"),
    [
        ("import tab as tb\n|", "tab.concat", "tb.concat"),
        ("import tab\n|", "tab.concat", "tab.concat"),
        ("from tab import concat\n|", "tab.concat", "concat"),
        ("from tab import concat as c\n|", "tab.concat", "c"),
        ("import tab as tb\nfrom tab import concat\n|", "tab.concat", "concat"),
        ("import tab as tb\ndef f():\n    |", "tab.concat", "tb.concat"),
        ("def f():\n    import tab\n    |", "tab.concat", "tab.concat"),
        ("from tab import Frame\n|", "tab.concat", None),
        ("|\nimport tab", "tab.concat", None),
        ("def f():\n    |\nimport tab", "tab.concat", "tab.concat"),
        ("import tab\ndef f(tab):\n    |", "tab.concat", None),
        ("import tab\ntab = 1\n|", "tab.concat", None),
        ("def f():\n    import tab\ndef g():\n    |", "tab.concat", None),
        ("if x:\n    import tab\n|", "tab.concat", None),
        ("if x:\n    import tab\n    |", "tab.concat", "tab.concat"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tab\n|", "tab.concat", None),
        ("try:\n    import tab\nexcept ImportError:\n    raise\n|", "tab.concat", "tab.concat"),
        ("|", "builtins.float", "float"),
        ("float = 1\n|", "builtins.float", None),
        ("def f(float):\n    |", "builtins.float", None),
        ("def g(float):\n    pass\n|", "builtins.float", "float"),
    ],
)
def test_spelling(code, qualified, expected):
    at = code.index("|")
    assert resolve(code.replace("|", "0")).spell(qualified, at) == expected


def test_a_snippet_is_spelled_by_convention():
    assert resolve("0", snippet=True).spell("tab.concat", 0) == "tb.concat"


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("a = 1\n0", "a", True),
        ("def f(a):\n    0", "a", True),
        ("def f(a):\n    pass\n0", "a", False),
        ("0", "len", False),
    ],
)
def test_is_bound(code, name, expected):
    assert resolve(code).is_bound(name, code.index("0")) is expected


def test_import_bindings_know_their_uses():
    found = resolve(
        "import tab as tb, os\nfrom tab import (read as r,\n  concat)\ntb.x(r)\ndef f(x: 'tb.Frame'): return tb\n"
    )
    text = found.source.text.decode()
    shown = {
        b.name: (b.target, text[b.item.start : b.item.end], [text[u.start : u.end] for u in b.uses])
        for b in found.imports
    }
    assert shown == {
        "tb": ("tab", "tab as tb", ["tb", "tb", "tb"]),
        "os": ("os", "os", []),
        "r": ("tab.read", "read as r", ["r"]),
        "concat": ("tab.concat", "concat", []),
    }


@pytest.mark.parametrize(
    ("code", "exported"),
    [
        ("from tab import read\n__all__ = ['read']", True),
        ("from tab import read\n__all__ = []\n__all__ += ['read']", True),
        ("from tab import read as read", True),
        ("from tab import read", False),
        ("def f():\n    from tab import read\n__all__ = ['f']", False),
    ],
)
def test_exported(code, exported):
    (binding,) = [b for b in resolve(code).imports if b.name == "read"]
    assert binding.exported is exported


def test_a_name_that_another_module_imports_is_exported():
    (binding,) = resolve("from tab import read", others={"user": "from mod import read"}).imports
    assert binding.exported


def test_every_span_is_what_it_says():
    found = resolve("import tab as tb\nf = tb.Frame()\nf.append(1)\n")
    member = next(u for u in found.uses if u.kind is UseKind.MEMBER)
    assert found.source.text[member.span.start : member.span.end] == b"f.append"
    assert found.source.text[member.receiver_span.start : member.receiver_span.end] == b"f"
    assert found.value_at(Span(0, 1)).is_unknown
    assert found.is_subtype("tab.Frame", "tab.Frame")
    assert not found.is_subtype("tab.Frame", "tab.Series")
    assert found.canonical("tab.core.frame.Frame.x") == "tab.Frame.x"


@pytest.mark.parametrize(
    ("code", "context"),
    [("f.append", "load"), ("f.append = 1", "store"), ("del f.append", "del"), ("f.append += 1", "store"),
     ("for f.append in x: pass", "store"), ("a, f.append = x", "store"), ("f.append()", "load"), ("y = f.append", "load")],
)  # fmt: skip
def test_context(code, context):
    found = resolve(f"import tab\nf = tab.Frame()\n{code}\n")
    assert [u.context for u in found.uses if u.kind is UseKind.MEMBER] == [context]


@pytest.mark.parametrize(("code", "count"), [("f & g", 1), ("g & f", 1), ("f | g", 0), ("1 & 2", 0), ("f &= g", 1)])
def test_operators_on_library_values(code, count):
    found = resolve(f"import tab\nf = tab.Frame()\n{code}\n")
    assert len([u for u in found.uses if u.kind is UseKind.OPERATOR]) == count
