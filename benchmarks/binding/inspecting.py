"""Describes callables of an installed release: run as a script in the release's environment.

Reads {"names": [paths]} on stdin and writes {path: description} as JSON to the file named by its one argument. A path's
description has ``kind`` (function, class, instance, missing, other), ``signatures`` from the outermost wrapper to the
function that does the work (None when nothing tells), ``home``, ``types`` (what the documentation says of each
parameter) and ``examples``; classes and instances of the library have ``members``, each described alike.
"""

import doctest
import importlib
import inspect
import json
import re
import sys
import types
import warnings

_PLAIN = (int, float, complex, str, bytes, bool, type(None))
_NOT_GIVEN = ("deprecated", "warn", "hidden", "deprecated-default")
_SECTION = re.compile(r"^(\s*)(?:Parameters|Other Parameters|Keyword [Aa]rguments)\s*\n\s*-{3,}\s*\n", re.MULTILINE)
_NEXT = re.compile(r"^\s*[A-Z][\w ]+\n\s*-{3,}", re.MULTILINE)
_LINE = re.compile(r"^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*:\s*(.+?)\s*$", re.MULTILINE)
_HELD = []


def main():
    request = json.load(sys.stdin)
    answer = {}
    warnings.simplefilter("ignore")
    for path in request["names"]:
        try:
            answer[path] = _described(_resolve(path), path)
        except BaseException:
            answer[path] = {"kind": "missing"}
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(answer, out)


def _resolve(path):
    parts = path.split(".")
    found = importlib.import_module(parts[0])
    for index, part in enumerate(parts[1:], 2):
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(".".join(parts[:index]))
    return found


def _described(value, path):
    root = path.split(".", 1)[0]
    if isinstance(value, types.ModuleType):
        return {"kind": "other"}
    if isinstance(value, type):
        said = _callable(value, bound=True)
        said.update(kind="class", home=_home(value), members=_members(value))
        said["bases"] = [_home(base) for base in value.__mro__[1:-1]]
        return said
    if inspect.isroutine(value) or (callable(value) and hasattr(value, "__wrapped__")):
        said = _callable(value, bound=True)
        said.update(kind="function")
        return said
    if str(getattr(type(value), "__module__", "")).split(".", 1)[0] == root and not callable(
        type(value).__dict__.get("__array_ufunc__")
    ):
        if type(value).__name__ == "ufunc":
            return {"kind": "function", "signatures": None, "home": path, "types": {}, "examples": []}
        return {"kind": "instance", "home": _home(type(value)), "members": _members(type(value), value)}
    return {"kind": "other"}


def _members(cls, instance=None):
    found = {}
    for name in sorted(set(dir(cls)) | (set(vars(instance)) if hasattr(instance, "__dict__") else set())):
        if name.startswith("_"):
            continue
        try:
            raw = inspect.getattr_static(cls, name, None)
            if isinstance(raw, (property, types.GetSetDescriptorType, types.MemberDescriptorType)):
                continue
            value = getattr(cls if instance is None else instance, name)
        except BaseException:
            continue
        if isinstance(value, type) or not (inspect.isroutine(value) or hasattr(value, "__wrapped__")):
            continue
        bound = instance is not None or isinstance(raw, (staticmethod, classmethod)) or inspect.ismethod(value)
        said = _callable(value, bound=bound)
        said["kind"] = "function" if bound and instance is None else "method"
        found[name] = said
    return found


def _home(value):
    value = getattr(value, "__func__", value)
    module, name = getattr(value, "__module__", ""), getattr(value, "__qualname__", getattr(value, "__name__", ""))
    return "%s.%s" % (module, name)


def _callable(value, bound):
    documentation = inspect.getdoc(value) or ""
    if isinstance(value, type):
        documentation += "\n" + (inspect.getdoc(value.__init__) or "")
    return {
        "home": _home(value),
        "signatures": _signatures(value, bound),
        "types": _types(documentation),
        "examples": _examples(documentation),
    }


def _signatures(value, bound):
    """Each signature on the way from the outermost wrapper inwards; a receiver that is not bound is left out."""
    if isinstance(value, type):
        chain = [value]
        made = value.__init__ if value.__init__ is not object.__init__ else value.__new__
        inner = inspect.unwrap(made, stop=None) if inspect.isfunction(made) else None
        if inner is not None and (inner is not made or hasattr(made, "__signature__")):
            chain.append(("self", inner))
    else:
        chain = [value]
        seen = value
        while hasattr(seen, "__wrapped__"):
            seen = seen.__wrapped__
            chain.append(seen)
        under = getattr(seen, "__func__", seen)
        if hasattr(under, "__signature__") and inspect.isfunction(under):
            chain.append(("bare", under))
    found = []
    for each in chain:
        try:
            described = _signature(each, bound)
        except (TypeError, ValueError):
            continue
        if described not in found:
            found.append(described)
    return found or None


def _signature(value, bound):
    drop = not bound
    if isinstance(value, tuple):
        how, value = value
        drop = drop or how == "self" or inspect.ismethod(value)
        parameters = list(inspect.Signature.from_callable(_bare(value)).parameters.values())
    else:
        parameters = list(inspect.signature(value, follow_wrapped=False).parameters.values())
    if drop and parameters and parameters[0].kind in (0, 1):
        parameters = parameters[1:]
    return [[p.name, p.kind.name, _default(p.default)] for p in parameters]


def _bare(function):
    """The function without what a decorator wrote of its signature."""
    plain = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    plain.__kwdefaults__ = function.__kwdefaults__
    return plain


def _default(value):
    """None for a required parameter; else its text, and whether the value is plain, so that texts compare."""
    if value is inspect.Parameter.empty:
        return None
    plain = _is_plain(value) and not (isinstance(value, str) and value in _NOT_GIVEN)
    text = repr(value) if _is_plain(value) else getattr(value, "__qualname__", type(value).__name__)
    return {"text": text, "plain": plain, "value": _is_plain(value)}


def _is_plain(value):
    if isinstance(value, (tuple, list)) and type(value) in (tuple, list):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(k) and _is_plain(v) for k, v in value.items())
    return type(value) in _PLAIN and value == value


def _types(documentation):
    found = {}
    for section in _SECTION.finditer(documentation):
        rest = documentation[section.end() :]
        stop = _NEXT.search(rest)
        for names, said in _LINE.findall(rest[: stop.start()] if stop else rest):
            for name in names.split(","):
                found.setdefault(name.strip().lstrip("*"), said[:300])
    return found


def _examples(documentation):
    try:
        return [each.source.rstrip("\n") for each in doctest.DocTestParser().get_examples(documentation)][:60]
    except ValueError:
        return []


if __name__ == "__main__":
    main()
