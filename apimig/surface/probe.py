"""Looks at an installed release from inside: run as a script of its own, in the release's environment.

Reads a JSON request on stdin and writes a JSON answer to the file named by its one argument. It imports nothing but the
standard library and what it is asked to look at, and keeps to the syntax of Python 3.6.

Request: {"modules": [names], "guesses": {module: [names that its __getattr__ may know]}, "classes": [paths]}.
Answer: {"modules": {module: {"all": [names] or null, "names": {name: object}}}, "classes": {path: class},
"failed": {path: why}, "python": [3, 11, 7]}.
"""

import importlib
import inspect
import json
import re
import sys
import types
import warnings

_MACHINERY = ("__init__", "__new__", "__call__")
_DOC_SIGNATURE = re.compile(r"^\s*([A-Za-z_][\w.]*)\((.*?)\)\s*(?:->\s*[^\n]*)?$", re.DOTALL)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def main():
    request = json.load(sys.stdin)
    answer = {"modules": {}, "classes": {}, "failed": {}, "python": list(sys.version_info[:3])}
    seen = {}
    for name in request["modules"]:
        module = _quietly(_find_module, name, answer["failed"], name)
        if isinstance(module, types.ModuleType):
            answer["modules"][name] = _module(module, request["guesses"].get(name, ()), seen)
    known = set()
    for path in request["classes"]:
        found = _resolve(path, answer["failed"])
        if isinstance(found, type):
            answer["classes"][path] = _class(found)
            known.add(id(found))
    roots = {name.split(".", 1)[0] for name in request["modules"]}
    for path, found in _CLASSES:
        if id(found) not in known and _home(found).split(".", 1)[0] in roots:
            answer["classes"][path] = _class(found)
            known.add(id(found))
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(answer, out)


def _find_module(name):
    """A module, or what another module shows under such a name: `numpy.char`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        owner, _, last = name.rpartition(".")
        if not owner or not isinstance(getattr(sys.modules.get(owner), last, None), types.ModuleType):
            raise
        return getattr(sys.modules[owner], last)


def _quietly(function, argument, failed, path):
    """The result, or None with the reason noted: importing a library may do and raise anything."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(argument)
    except BaseException as error:  # noqa: BLE001 - whatever a library does must not end the look at the others
        failed[path] = "%s: %s" % (type(error).__name__, str(error)[:200])
        return None


def _resolve(path, failed):
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        found = sys.modules.get(".".join(parts[:cut]))
        if found is None and cut == len(parts) - 1:
            found = _quietly(importlib.import_module, ".".join(parts[:cut]), failed, path)
        if found is None:
            continue
        for part in parts[cut:]:
            found = _quietly(lambda name, owner=found: getattr(owner, name), part, failed, path)
        return found
    return None


# --------------------------------------------------------------------------- modules


def _module(module, guesses, seen):
    exported = getattr(module, "__all__", None)
    listed = [name for name in exported if isinstance(name, str)] if isinstance(exported, (list, tuple)) else None
    names = {}
    present = set(vars(module)) | set(listed or ()) | set(guesses)
    for name in sorted(present):
        if name.startswith("_"):
            continue
        found = _object(module, name, seen)
        if found is not None:
            if name in guesses and name not in vars(module):
                found["lazy"] = True
            names[name] = found
    return {"all": listed, "names": names}


def _object(owner, name, seen):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = getattr(owner, name)
    except BaseException:  # noqa: BLE001 - a name that raises is not there
        return None
    described = _described(value)
    said = _deprecation(caught)
    if said:
        described["d"] = said
    if described["k"] != "a" or callable(value):
        described["id"] = seen.setdefault(id(value), len(seen))
        _KEPT.append(value)
    if isinstance(value, type) and not said:
        _CLASSES.append(("%s.%s" % (owner.__name__, name), value))
    return described


# Objects whose ids were taken stay alive, so that no id is given twice.
_KEPT = []  # type: list[object]
_CLASSES = []  # type: list[tuple[str, type]]
_FUNCTION_LIKE = ("ufunc", "partial", "_ArrayFunctionDispatcher", "cython_function_or_method", "vectorize")


def _deprecation(caught):
    for each in caught:
        if issubclass(each.category, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
            return str(each.message)[:500]
    return ""


def _described(value):
    if isinstance(value, types.ModuleType):
        return {"k": "M", "home": value.__name__}
    if isinstance(value, type):
        return {"k": "c", "home": _home(value), "s": _signature(value)[0]}
    if inspect.isroutine(value) or _is_function_like(value):
        text, source = _signature(value)
        return {"k": "f", "home": _home(value), "s": text, "from": source}
    return {"k": "a", "type": _home(type(value))}


def _is_function_like(value):
    """ufuncs, functools.partial, functions that a decorator made an object of, and the like."""
    if type(value).__name__ in (
        "ufunc",
        "partial",
        "_ArrayFunctionDispatcher",
        "cython_function_or_method",
        "vectorize",
    ):
        return True
    return callable(value) and hasattr(value, "__wrapped__") and not isinstance(value, type)


def _home(value):
    module, name = (
        getattr(value, "__module__", None),
        getattr(value, "__qualname__", None) or getattr(value, "__name__", ""),
    )
    return "%s.%s" % (module, name) if isinstance(module, str) and isinstance(name, str) else ""


# --------------------------------------------------------------------------- classes


def _class(cls):
    members = {}
    for name, raw in list(vars(cls).items()):
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        described = _member(raw)
        if described is not None:
            members[name] = described
    return {"home": _home(cls), "bases": [_home(base) for base in cls.__bases__], "members": members, "has": _has(cls)}


def _has(cls):
    """Every member that an instance finds, inherited ones included."""
    return sorted({name for base in cls.__mro__ for name in vars(base)})


def _member(raw):
    if isinstance(raw, staticmethod):
        return _callable("s", raw.__func__, False)
    if isinstance(raw, classmethod):
        return _callable("t", raw.__func__, True)
    if isinstance(raw, property) or type(raw).__name__ in ("cached_property", "CachedProperty", "cache_readonly"):
        return {"k": "p"}
    if isinstance(raw, (types.GetSetDescriptorType, types.MemberDescriptorType)):
        return {"k": "p"}
    if type(raw).__name__ == "CachedAccessor":
        accessor = getattr(raw, "_accessor", None)
        return {"k": "p", "type": _home(accessor) if isinstance(accessor, type) else ""}
    if type(raw).__name__ == "classmethod_descriptor":
        return _callable("t", raw, True)
    if inspect.isroutine(raw) or _is_function_like(raw):
        return _callable("m", raw, True)
    if isinstance(raw, type):
        return {"k": "a", "type": _home(raw)}
    if hasattr(type(raw), "__get__"):
        return {"k": "d", "type": _home(type(raw))}
    return {"k": "a", "type": _home(type(raw))}


def _callable(kind, function, bound):
    text, source = _signature(function, bound)
    return {"k": kind, "s": text, "from": source, "home": _home(function)}


# --------------------------------------------------------------------------- signatures


def _signature(value, bound=False):
    """The signature as text, and where it comes from: code, a text in the object, or its documentation."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            signature = inspect.signature(value)
    except BaseException:  # noqa: BLE001 - signatures are computed by the library's objects
        return _from_documentation(value), "documentation"
    parameters = list(signature.parameters.values())
    if bound and parameters and parameters[0].kind in (0, 1):
        parameters = parameters[1:]
    source = "code" if isinstance(getattr(value, "__code__", None), types.CodeType) else "text"
    return _written(parameters), source


def _written(parameters):
    pieces, before, starred = [], None, False
    for each in parameters:
        if before == 0 and each.kind != 0:
            pieces.append("/")
        if each.kind == 3 and not starred:
            pieces.append("*")
        starred = starred or each.kind in (2, 3)
        star = {2: "*", 4: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else "=" + _default(each.default)
        pieces.append(star + each.name + default)
        before = each.kind
    if before == 0:
        pieces.append("/")
    return "(%s)" % ", ".join(pieces)


def _default(value):
    """The default as code; an object that has none reads `...`."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        text = repr(value)
        return text if text not in ("nan", "inf", "-inf") else "..."
    if isinstance(value, (tuple, list)) and len(value) < 6:
        inner = [_default(each) for each in value]
        return "..." if "..." in inner else repr(value)
    if isinstance(value, type):
        return value.__name__
    if type(value).__module__ != "builtins" and hasattr(value, "name") and hasattr(type(value), "__members__"):
        return str(value.name)
    return "..."


def _from_documentation(value):
    """The first line of the documentation of a C function, when it is a parameter list: `zeros(shape, dtype=float)`."""
    try:
        text = value.__doc__ or ""
    except BaseException:  # noqa: BLE001 - documentation may be a property that raises
        return ""
    if not isinstance(text, str):
        return ""
    head = text.strip().split("\n\n", 1)[0]
    match = _DOC_SIGNATURE.match(_ADDRESS.sub("", head.replace("\n", " ")))
    name = getattr(value, "__name__", "")
    if not match or match.group(1).rpartition(".")[2] != name:
        return ""
    return "(%s)" % _plain(match.group(2))


def _plain(inside):
    """`x, /, out=None, *, where=True, casting='same_kind'[, signature, extobj]` without the brackets of prose."""
    inside = re.sub(r"\[,?\s*([^\[\]]*)\]", lambda m: ", " + _optional(m.group(1)), inside)
    inside = re.sub(r"\s+", " ", inside).strip(" ,")
    inside = re.sub(r"^self(?:,\s*|$)", "", inside)  # Cython writes the receiver
    return re.sub(r",\s*,", ",", inside)


def _optional(names):
    return ", ".join(
        n.strip() if "=" in n or n.strip() in ("/", "*") else n.strip() + "=..." for n in names.split(",") if n.strip()
    )


if __name__ == "__main__":
    main()
