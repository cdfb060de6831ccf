"""Definitions that were read -> entries of a surface: kind, signature, types, deprecations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import griffe

from apimig.rulebook.signature import Parameter, ParameterKind, parse_signature
from apimig.surface.annotations import Names, spell
from apimig.surface.deprecations import COPIES
from apimig.surface.docstrings import Documented, fingerprint, read_docstring
from apimig.surface.model import Deprecation, Entry
from apimig.surface.parameters import write_loose, write_signature
from apimig.surface.prose import TypesInProse
from apimig.surface.publicity import is_public_member, is_public_name
from apimig.surface.reading import hands_on_to, makes, stated, takes_by_place
from apimig.surface.unions import union

_KINDS: Mapping[str, ParameterKind] = {
    "positional-only": "positional",
    "positional or keyword": "either",
    "variadic positional": "*",
    "keyword-only": "keyword",
    "variadic keyword": "**",
}
_PROPERTY = re.compile(
    r"propert|cache_readonly|reify|memoized_attribute|lazyattr|lazy_attr|hybrid_method|^(?:setter|deleter)$",
    re.IGNORECASE,
)
_ENUMS = re.compile(r"^enum\.\w+$")
_ACCESSORS = frozenset({"CachedAccessor", "AccessorProperty"})
_NOT_GIVEN = re.compile(r"^['\"](?:deprecated|warn|hidden)['\"]$|\b_?no_?(?:default|value)$", re.IGNORECASE)
_FACTORIES = frozenset({"namedtuple", "make_dataclass", "NamedTuple", "TypedDict"})


def module_entry(module: griffe.Module) -> Entry:
    """A module: only its deprecation, if its docstring states one."""
    entry: Entry = {"k": "M"}
    if module.docstring is not None:
        _state(entry, read_docstring(module.docstring.value).deprecated)
    return entry


def class_entry(found: griffe.Class, names: Names) -> Entry:
    """A class without its members."""
    entry: Entry = {"k": "c"}
    documented = _documented(found)
    if bases := [name for base in found.bases if (name := _base(base, names))]:
        entry["b"] = bases
    said = stated(found)
    _state(entry, said.whole or documented.deprecated or _warned_when_made(found))
    _describe(entry, documented, (), said.parameters)
    made = found.members.get("__init__")
    if isinstance(made, griffe.Function):
        _stand_in(entry, documented, made.parameters)
    return entry


def _base(base: str | griffe.Expr, names: Names) -> str:
    text = spell(base, names)
    return re.split(r"[\[(]", text, maxsplit=1)[0].strip().strip("~")


def _warned_when_made(found: griffe.Class) -> Deprecation | None:
    made = found.members.get("__init__")
    return stated(made).whole if isinstance(made, griffe.Function) else None


def function_entry(found: griffe.Function, names: Names, prose: TypesInProse) -> Entry:
    """A function of a module."""
    entry = _callable(found, names, prose, kind="f", documented=_documented(found, names))
    if isinstance(found.parent, griffe.Class) and "staticmethod" not in found.labels:
        entry["s"] = _signature(found.parameters, drop_first=True)  # `seed = _instance.seed`
    return entry


def instance_method_entry(found: griffe.Function, names: Names, prose: TypesInProse, path: str) -> Entry:
    """A method of an instance that a module names ``path``: what it hands on to another one is handed to its name."""
    entry = function_entry(found, names, prose)
    entry.pop("w", None)
    itself, _, last = hands_on_to(found).partition(".")
    if itself == "self" and (beside := names.beside(path, last)):
        entry["w"] = beside
    return entry


def attribute_entry(found: griffe.Object, names: Names, prose: TypesInProse) -> Entry:
    """A name of a module that holds a value."""
    value = getattr(found, "value", None)
    if isinstance(value, griffe.ExprCall) and str(value.function).rpartition(".")[2] in _FACTORIES:
        return {"k": "c", "b": ["tuple"]}
    entry: Entry = {"k": "a"}
    _type(entry, found, names, prose)
    return entry


def member_entries(found: griffe.Class, names: Names, prose: TypesInProse) -> dict[str, Entry]:
    """A class's own public members."""
    enumeration = any(_ENUMS.match(_base(base, names)) for base in found.bases)
    entries: dict[str, Entry] = {}
    for name, member in found.members.items():
        if is_public_member(name) and (entry := _member(found, name, member, names, prose, enumeration=enumeration)):
            entries[name] = entry
    if "__init__" not in entries and (signature := _stated_by_decorator(found)):
        entries["__init__"] = {"k": "m", "s": signature}
    for name, text in _documented(found).attributes.items():
        if is_public_name(name) and name not in entries:
            entries[name] = {"k": "a", "f": "d", **({"r": type_} if (type_ := prose.read(text)) else {"r": ""})}
    return entries


def _stated_by_decorator(found: griffe.Class) -> str:
    """The signature that a decorator gives the constructor, where it says so: ``@make(scale, init=lambda x: None)``."""
    for decorator in found.decorators:
        call = ast.parse(str(decorator.value), mode="eval").body
        for keyword in call.keywords if isinstance(call, ast.Call) else ():
            if keyword.arg == "init" and isinstance(keyword.value, ast.Lambda):
                return write_loose(parse_signature(f"({ast.unparse(keyword.value.args)})").parameters)
    return ""


def _member(
    owner: griffe.Class,
    name: str,
    member: griffe.Object | griffe.Alias,
    names: Names,
    prose: TypesInProse,
    *,
    enumeration: bool,
) -> Entry | None:
    target = member if isinstance(member, griffe.Function) else names.object(f"{owner.path}.{name}")
    if target is None or isinstance(target, griffe.Module):
        return None
    if isinstance(target, griffe.Function):
        entry = _method(target, names, prose)
    elif isinstance(target, griffe.Class):
        entry = {"k": "a", "r": f"type[{target.path}]"}
    else:
        entry = _attribute(target, names, prose, enumeration=enumeration)
    if target.path != f"{owner.path}.{name}" and not isinstance(target, griffe.Class):
        entry["h"] = target.path
    return entry


def _method(found: griffe.Function, names: Names, prose: TypesInProse) -> Entry:
    documented = _documented(found, names)
    if any(_PROPERTY.search(each.callable_path.rpartition(".")[2]) for each in found.decorators):
        entry: Entry = {"k": "p"}
        _returned(entry, found, names, prose, documented)
        _state(entry, stated(found).whole or documented.deprecated)
        return entry
    labels = found.labels
    kind = "s" if "staticmethod" in labels else "t" if "classmethod" in labels else "m"
    return _callable(found, names, prose, kind=kind, documented=documented)


def _attribute(found: griffe.Object, names: Names, prose: TypesInProse, *, enumeration: bool) -> Entry:
    if "property" in found.labels:
        documented = _documented(found)
        entry: Entry = {"k": "p"}
        _type(entry, found, names, prose, documented)
        _state(entry, stated(found).whole or documented.deprecated)
        return entry
    value = getattr(found, "value", None)
    if isinstance(value, griffe.ExprCall) and (special := _called(value, names)):
        return special
    entry = {"k": "e" if enumeration and value is not None else "a"}
    _type(entry, found, names, prose)
    return entry


def _called(value: griffe.ExprCall, names: Names) -> Entry | None:
    """``plot = CachedAccessor("plot", PlotAccessor)``, ``name = property(get_name)``."""
    maker = str(value.function).rpartition(".")[2]
    if maker in _ACCESSORS and len(value.arguments) > 1:
        return {"k": "p", "r": spell(value.arguments[1], names)}
    return {"k": "p"} if _PROPERTY.search(maker) else None


# --------------------------------------------------------------------------- callables


def _callable(found: griffe.Function, names: Names, prose: TypesInProse, *, kind: str, documented: Documented) -> Entry:
    bound = kind in "mt" or found.name == "__new__"
    by_place = not bound and any(_wraps_by_place(each, names) for each in found.decorators)
    entry: Entry = {"k": kind, "s": _signature(found.parameters, drop_first=bound, first_by_place=by_place)}
    _returned(entry, found, names, prose, documented)
    if found.overloads:
        returned = [_result(each, names, bound=bound) for each in found.overloads]
        entry["o"] = [
            _overload(each, text, names, drop_first=bound) for each, text in zip(found.overloads, returned, strict=True)
        ]
        entry.pop("r", None)
        if all(returned):
            entry["r"] = union(returned)
    said = stated(found)
    _state(entry, said.whole or documented.deprecated)
    _describe(entry, documented, [each.name for each in found.parameters], said.parameters)
    _stand_in(entry, documented, found.parameters)
    _hand_on(entry, found, names)
    return entry


def _hand_on(entry: Entry, found: griffe.Function, names: Names) -> None:
    """Where what it only hands its arguments on to is defined."""
    target = hands_on_to(found)
    if found.parent is None or not target:
        return
    if entry["k"] == "f":
        entry["w"] = names.home(f"{found.parent.path}.{target}")
    elif entry["k"] == "m" and target.startswith("self.") and target.count(".") == 1:
        entry["w"] = f"{found.parent.path}.{target.removeprefix('self.')}"


def _wraps_by_place(decorator: griffe.Decorator, names: Names) -> bool:
    wrapper = names.object(decorator.callable_path)
    return wrapper is not None and takes_by_place(wrapper)


def _signature(parameters: Iterable[griffe.Parameter], *, drop_first: bool, first_by_place: bool = False) -> str:
    kept = [_parameter(each) for each in parameters]
    if drop_first and kept and kept[0].kind in ("positional", "either"):
        kept = kept[1:]
    if first_by_place and kept and kept[0].kind == "either":
        kept[0] = replace(kept[0], kind="positional")
    return write_loose(kept)


def _parameter(each: griffe.Parameter) -> Parameter:
    kind = _KINDS[each.kind.value] if each.kind is not None else "either"
    default = None if each.default is None or kind in ("*", "**") else str(each.default)
    return Parameter(each.name, kind, default)


def _result(each: griffe.Function, names: Names, *, bound: bool) -> str:
    return spell(each.returns, names, itself=_receiver(each) if bound else "")


def _overload(each: griffe.Function, result: str, names: Names, *, drop_first: bool) -> str:
    """``(a: typing.Literal[True], b=1) -> pandas.DataFrame``: annotated where a literal decides."""
    pieces = []
    parameters = list(each.parameters)[1:] if drop_first else list(each.parameters)
    for parameter in parameters:
        annotation = spell(parameter.annotation, names)
        pieces.append((_parameter(parameter), annotation if "Literal[" in annotation else ""))
    plain = write_signature(parameter for parameter, _ in pieces)
    decisive = [f"{parameter.name}: {text}" for parameter, text in pieces if text]
    where = f" if {'; '.join(decisive)}" if decisive else ""
    return f"{plain} -> {result or 'Any'}{where}"


def _receiver(found: griffe.Function) -> str:
    first = next(iter(found.parameters), None)
    return str(first.annotation) if first is not None and first.annotation is not None else ""


def _returned(entry: Entry, found: griffe.Function, names: Names, prose: TypesInProse, documented: Documented) -> None:
    if any("contextmanager" in str(each.value) for each in found.decorators):
        return
    itself = _receiver(found) if entry["k"] in "mtp" else ""
    text = spell(found.returns, names, itself=itself)
    if text and "async" in found.labels:
        text = f"collections.abc.Coroutine[Any, Any, {text}]"
    if text:
        entry["r"] = text
    elif found.returns is None and (read := prose.read(documented.returns)):
        entry["r"], entry["f"] = read, "d"
    elif found.returns is None and not documented.returns and (made := _made(found, names)):
        entry["r"], entry["f"] = made, "b"


def _made(found: griffe.Function, names: Names) -> str:
    """The class of the release that a function calls for what it returns."""
    first, dot, rest = makes(found).partition(".")
    if not first:
        return ""
    try:
        path = f"{found.resolve(first)}{dot}{rest}"
    except griffe.NameResolutionError:
        return ""
    return names.home(path) if isinstance(names.object(path), griffe.Class) else ""


def _type(
    entry: Entry, found: griffe.Object, names: Names, prose: TypesInProse, documented: Documented | None = None
) -> None:
    annotation = getattr(found, "annotation", None)
    if text := spell(annotation, names):
        entry["r"] = text
    elif annotation is None and documented is not None and (read := prose.read(documented.returns)):
        entry["r"], entry["f"] = read, "d"


# --------------------------------------------------------------------------- documentation


def _documented(found: griffe.Object, names: Names | None = None) -> Documented:
    if found.docstring is None and names is not None and isinstance(found, griffe.Function):
        found = _documented_for(found, names) or found
    return read_docstring(found.docstring.value) if found.docstring is not None else Documented()


def _documented_for(found: griffe.Function, names: Names) -> griffe.Object | None:
    """What a decorator copies the documentation from: ``@_copy_docstring_and_deprecators(Figure.colorbar)``."""
    for decorator in found.decorators:
        value = decorator.value
        if isinstance(value, griffe.ExprCall) and COPIES.search(decorator.callable_path) and value.arguments:
            source = value.arguments[0]
            if isinstance(source, griffe.ExprName | griffe.ExprAttribute):
                return names.object(names.path(source))
    return None


def _state(entry: Entry, deprecation: Deprecation | None) -> None:
    if deprecation is not None:
        entry["d"] = [deprecation.text, deprecation.since, deprecation.replacement]


def _stand_in(entry: Entry, documented: Documented, parameters: Iterable[griffe.Parameter]) -> None:
    """What defaults stand for that only say "not given", as the documentation has it."""
    found = {
        each.name: documented.defaults[each.name]
        for each in parameters
        if each.name in documented.defaults and _NOT_GIVEN.search(str(each.default))
        if not _NOT_GIVEN.search(documented.defaults[each.name])
    }
    if found:
        entry["v"] = found


def _describe(
    entry: Entry, documented: Documented, parameters: Iterable[str], stated_of: Mapping[str, Deprecation]
) -> None:
    deprecated = {**documented.deprecated_parameters, **stated_of}
    if deprecated:
        entry["p"] = {name: [each.text, each.since, each.replacement] for name, each in deprecated.items()}
    prints = {name: fingerprint(documented.parameters[name]) for name in parameters if name in documented.parameters}
    if documented.summary:
        prints = {"": fingerprint(documented.summary), **prints}
    if prints:
        entry["x"] = prints
