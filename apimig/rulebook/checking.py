"""What pydantic cannot see: whether the names, patterns, signatures and sources of a rule make sense.

Each check yields (path into the document, message); the loader turns the path into a line.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from apimig.rulebook import pattern, schema
from apimig.rulebook.documents import Path
from apimig.rulebook.problems import did_you_mean
from apimig.rulebook.rule import Library

Finding = tuple[Path, str]

_METAVARIABLE = re.compile(r"\$[?*]?([A-Za-z_]\w*)")
_QUALIFIED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_BUILTIN_TYPES = frozenset(name for name in dir(builtins) if isinstance(getattr(builtins, name), type)) | {"None"}


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule file may refer to."""

    libraries: Mapping[str, Library] = field(default_factory=dict)
    codemods: tuple[FilePath, ...] = ()  # folders that hold <library>/<name>.py

    def types(self) -> set[str]:
        """Every class that some pack's ``_library.yaml`` lists, under each of its names."""
        known = {name for library in self.libraries.values() for name in library.classes}
        return known | {
            old for library in self.libraries.values() for old, new in library.aliases.items() if new in known
        }

    def roots_with_classes(self) -> set[str]:
        """Import names of the libraries whose classes are listed."""
        return {root for library in self.libraries.values() if library.classes for root in library.imports}

    def codemod_ids(self) -> set[str]:
        """The ids of all codemods there are."""
        files = (path for folder in self.codemods for path in folder.glob("*/*.py") if not path.stem.startswith("_"))
        return {f"{path.parent.name}/{path.stem}" for path in files}


def check_rule(file: schema.RuleFile, library: Library | None, context: Context) -> Iterator[Finding]:
    """Everything that is wrong with a rule that has the right shape."""
    if not file.reference.startswith(("https://", "http://")):
        yield ("reference",), f"reference is a URL, not {file.reference!r}"
    yield from _check_names(file, library)
    yield from _check_types(file, context)
    yield from _check_patterns(file, library)
    yield from _check_signature(file)
    yield from _check_arguments(file)
    yield from _check_sources(file)
    yield from _check_codemod(file, context)
    yield from _check_cases(file)


# --------------------------------------------------------------------------- names


def _check_names(file: schema.RuleFile, library: Library | None) -> Iterator[Finding]:
    roots = set(library.imports) if library else None
    for path, name in _old_names(file):
        yield from _check_qualified(path, name, roots)
    for path, name in _new_names(file):
        yield from _check_qualified(path, name, None)
    for path, name in _members(file):
        if not name.isidentifier():
            yield path, f"{name!r} is no member name: write only the part after the last dot"
    for path, name in _class_members(file):
        if name.count(".") < 2:
            yield path, f"{name!r} is no member of a class: write module.Class.member"


def _old_names(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for key in ("api", "property_to_method", "method_to_property"):
        yield from (((key, index), name) for index, name in enumerate(getattr(file, key) or ()))
    for key in ("rename", "rename_member", "function_to_method", "method_to_function"):
        yield from (((key, name), name) for name in getattr(file, key) or ())
    for index, move in enumerate(file.move or ()):
        yield ("move", index, "from"), move.from_
        yield from ((("move", index, "names", place), f"{move.from_}.{name}") for place, name in enumerate(move.names))


def _new_names(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for key in ("rename", "method_to_function"):
        yield from (((key, old), new) for old, new in (getattr(file, key) or {}).items())
    yield from ((("move", index, "to"), move.to) for index, move in enumerate(file.move or ()))
    yield from ((("imports", index), name) for index, name in enumerate(file.imports))


def _members(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for key in ("rename_member", "function_to_method"):
        yield from (((key, old), new) for old, new in (getattr(file, key) or {}).items())


def _class_members(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for key in ("property_to_method", "method_to_property"):
        yield from (((key, index), name) for index, name in enumerate(getattr(file, key) or ()))
    for key in ("rename_member", "method_to_function"):
        yield from (((key, name), name) for name in getattr(file, key) or ())


def _check_qualified(path: Path, name: str, roots: set[str] | None) -> Iterator[Finding]:
    if not _QUALIFIED.fullmatch(name):
        yield path, f"{name!r} is no qualified name: write module.object"
        return
    root = name.partition(".")[0]
    if roots is not None and root not in roots:
        yield path, f"{name!r} is not in {' or '.join(sorted(roots))}{did_you_mean(root, roots)}"


# --------------------------------------------------------------------------- types


def _check_types(file: schema.RuleFile, context: Context) -> Iterator[Finding]:
    known, roots = context.types(), context.roots_with_classes()
    for path, name in [*_type_names(file), *_owner_classes(file)]:
        root = name.partition(".")[0]
        if not _QUALIFIED.fullmatch(name):
            yield path, f"{name!r} is no type name: write module.Class"
        elif "." not in name and name not in _BUILTIN_TYPES:
            yield path, f"unknown type {name!r}{did_you_mean(name, _BUILTIN_TYPES | known)}"
        elif root in roots and name not in known:
            yield path, f"unknown type {name!r}: no {_LISTING} lists this class{did_you_mean(name, known)}"


_LISTING = "_library.yaml"


def _type_names(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for name, types in file.where.items():
        yield from ((("where", name, index), each) for index, each in enumerate(types))
    for index, condition in enumerate(file.when):
        for key in ("type", "not_type"):
            for position, each in enumerate(getattr(condition, key) or ()):
                yield ("when", index, key, position), each


def _owner_classes(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for path, name in _class_members(file):
        if _QUALIFIED.fullmatch(name) and name.count(".") >= 2:
            yield path, name.rpartition(".")[0]


def check_library(file: schema.LibraryFile, context: Context) -> Iterator[Finding]:
    """Everything that is wrong with a ``_library.yaml`` that has the right shape."""
    known = set(file.classes) | context.types()
    for path, text in _type_expressions(file):
        if not _TYPE_EXPRESSION.fullmatch(text):
            yield path, f"{text!r} is no type expression"
        for word in sorted({*_TYPE_WORD.findall(text)} - known):
            if close := did_you_mean(word, known, cutoff=0.9):
                yield path, f"unknown type {word!r}{close}"
    for name, spec in file.classes.items():
        for base in spec.bases or ():
            if base.partition(".")[0] in file.imports and base not in known:
                yield ("classes", name, "bases"), f"unknown base {base!r}{did_you_mean(base, known)}"


_TYPE_WORD = re.compile(r"[A-Za-z_][\w.]*")
_TYPE_EXPRESSION = re.compile(r"~?\s*[\w.]+(\s*[\[\]|,]\s*[\w.~]*)*\s*")


def _type_expressions(file: schema.LibraryFile) -> Iterator[tuple[Path, str]]:
    yield from ((("objects", name), text) for name, text in file.objects.items())
    yield from ((("names", name), text) for name, text in file.names.items())
    for name, returned in file.functions.items():
        yield from _returned(("functions", name), returned)
    for name, spec in file.classes.items():
        place: Path = ("classes", name)
        for key in ("attributes", "items"):
            yield from (((*place, key, member), text) for member, text in getattr(spec, key).items())
        for key in ("iterates", "operators", "enters"):
            yield (*place, key), getattr(spec, key)
        for member, returned in spec.returns.items():
            yield from _returned((*place, "returns", member), returned)


def _returned(path: Path, spec: schema.ReturnsSpec) -> Iterator[tuple[Path, str]]:
    if isinstance(spec, str):
        yield path, spec
        return
    for index, item in enumerate(spec):
        yield (*path, index), item if isinstance(item, str) else item.type


# --------------------------------------------------------------------------- patterns and signatures


def _patterns(file: schema.RuleFile) -> Iterator[tuple[Path, str, Path, str | None]]:
    """(path of the pattern, pattern, path of its template, template)."""
    items = [file.match] if isinstance(file.match, str) else file.match or []
    for index, item in enumerate(items):
        path: Path = ("match",) if isinstance(file.match, str) else ("match", index)
        if isinstance(item, str):
            yield path, item, ("rewrite",), file.rewrite
        else:
            yield (*path, "match"), item.match, (*path, "rewrite"), item.rewrite


def metavariables(text: str) -> set[str]:
    """The names of a pattern's metavariables, ``$_`` left out; of an unreadable one, those it seems to have."""
    try:
        return {found.name for found in pattern.parse_template(text).names if found.kind != "any"}
    except pattern.PatternError:
        return set(_METAVARIABLE.findall(text)) - {"_"}


def _check_patterns(file: schema.RuleFile, library: Library | None) -> Iterator[Finding]:
    roots = library.imports if library else ()
    everywhere: set[str] = set()
    for place, text, target, template in _patterns(file):
        names = metavariables(text)
        everywhere |= names
        yield from ((place, said) for said in pattern.check_pattern(text, roots=roots, where=names & file.where.keys()))
        yield from ((target, said) for said in pattern.check_template(template or "", text))
    for name in file.where:
        if name not in everywhere and file.match is not None:
            yield ("where", name), f"unknown metavariable ${name}{did_you_mean(name, everywhere)}"


def _parameters(signature: str) -> list[str] | None:
    """The parameters of a signature text, ``**`` among them when it takes any keyword; None when it is none."""
    try:
        tree = ast.parse(f"def _{signature}: pass")
    except (SyntaxError, ValueError):
        return None
    if len(tree.body) != 1 or not isinstance(function := tree.body[0], ast.FunctionDef):
        return None
    a = function.args
    return [p.arg for p in (*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs)] + ["**"] * bool(
        a.kwarg
    )


def _check_signature(file: schema.RuleFile) -> Iterator[Finding]:
    if file.signature is None:
        return
    if not file.signature.startswith("(") or _parameters(file.signature) is None:
        yield ("signature",), f"not a signature: {file.signature!r}; write it like (path, sep=',', *, header=0)"


def _check_arguments(file: schema.RuleFile) -> Iterator[Finding]:
    """Arguments that conditions and operations speak about exist in the signature or the patterns."""
    known = _parameters(file.signature) if file.signature else None
    known = None if known is None or "**" in known else known
    captured = {name for _, text, _, _ in _patterns(file) for name in metavariables(text)}
    for path, name in _argument_names(file):
        if known is not None and name not in {*known, *captured}:
            yield path, f"unknown argument {name!r}: not in the signature{did_you_mean(name, [*known, *captured])}"
    for index, condition in enumerate(file.when):
        given = condition.argument
        if given is not None and file.signature is None and captured and given not in captured:
            yield ("when", index, "argument"), f"unknown metavariable ${given}{did_you_mean(given, captured)}"


def _argument_names(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for index, condition in enumerate(file.when):
        if condition.argument is not None:
            yield ("when", index, "argument"), condition.argument
    for index, spec in enumerate(file.parameters or ()):
        place: Path = ("parameters", index)
        yield from (((*place, "rename", old), old) for old in spec.rename or {})
        yield from (((*place, "explicit", name), name) for name in spec.explicit or {})
        for key in ("remove", "omit", "values", "replace"):
            value = getattr(spec, key)
            if value is not None:
                yield ((*place, key), value) if isinstance(value, str) else ((*place, key, "name"), value.name)


# --------------------------------------------------------------------------- sources


def _parses(text: str, mode: str = "eval") -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a source text is its author's matter
            compile(text, "<rule>", mode, ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _check_sources(file: schema.RuleFile) -> Iterator[Finding]:
    for path, text in _expressions(file):
        if not _parses(text):
            yield path, f"not a Python expression: {text!r}"
    for index, spec in enumerate(file.parameters or ()):
        for value, arguments in (spec.replace.values if spec.replace else {}).items():
            if not _parses(f"f({arguments})"):
                yield ("parameters", index, "replace", "values", value), f"not the arguments of a call: {arguments!r}"


def _expressions(file: schema.RuleFile) -> Iterator[tuple[Path, str]]:
    for index, condition in enumerate(file.when):
        yield from _numbered(("when", index, "is"), condition.is_)
        yield from _numbered(("when", index, "is_not"), condition.is_not)
    for index, spec in enumerate(file.parameters or ()):
        place: Path = ("parameters", index)
        if isinstance(spec.remove, schema.RemoveSpec):
            yield from _numbered((*place, "remove", "holds"), spec.remove.holds)
        if spec.omit is not None:
            yield from _numbered((*place, "omit", "holds"), spec.omit.holds)
        for key in ("add", "explicit"):
            yield from (((*place, key, name), text) for name, text in (getattr(spec, key) or {}).items())
        if spec.values is not None:
            for old, new in spec.values.map.items():
                yield from (((*place, "values", "map", old), text) for text in (old, new))
        if spec.replace is not None:
            yield from (((*place, "replace", "values", old), old) for old in spec.replace.values)


def _numbered(place: Path, texts: Iterable[str] | None) -> Iterator[tuple[Path, str]]:
    return (((*place, index), text) for index, text in enumerate(texts or ()))


def _check_codemod(file: schema.RuleFile, context: Context) -> Iterator[Finding]:
    if file.codemod is None:
        return
    known = context.codemod_ids()
    if file.codemod not in known:
        close = did_you_mean(file.codemod, known)
        yield ("codemod",), f"unknown codemod {file.codemod!r}: there is no codemods/{file.codemod}.py{close}"


# --------------------------------------------------------------------------- cases


def _check_cases(file: schema.RuleFile) -> Iterator[Finding]:
    for index, case in enumerate(file.cases):
        if case.before == case.after:
            yield ("cases", index), "before and after are the same: list code that stays as it is under unchanged"
        yield from _check_given(("cases", index, "given"), case.given)
    for index, item in enumerate(file.unchanged):
        yield from _check_given(("unchanged", index, "given"), item.given)


def _check_given(place: Path, given: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in given.items():
        if not name.isidentifier():
            yield (*place, name), f"{name!r} is no variable name"
        if not _parses(text):
            yield (*place, name), f"not a Python expression: {text!r}"
