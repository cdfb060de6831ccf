"""Deprecations that code states: decorators, and warnings in the body of a function or class."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apimig.surface.model import Deprecation
from apimig.surface.wording import replacement_in, since_in

# Decorators that take documentation, and what is deprecated in it, from another definition.
COPIES = re.compile(r"cop(?:y|ies)_?doc|docs?_?from|doc(?:string)?_?cop(?:y|ies)", re.IGNORECASE)
_ABOUT_DEPRECATION = re.compile(r"deprecat|renamed|became_legacy|moved_20", re.IGNORECASE)
_CATEGORY = re.compile(r"Deprecat|FutureWarning|RemovedIn|MovedIn")
_VERSION = re.compile(r"^v?\d+(\.\d[\w.]*|\.x)?$|^\d+\.\d|^\d{4}-\d\d-\d\d$")
_SINCE = ("since", "version", "deprecated_in", "deprecated_version", "when", "date")
_INSTEAD = ("alternative", "alternate", "replacement", "instead", "new_name", "new_arg_name")
_TEXT = ("message", "msg", "extra", "reason", "details", "addendum", "instructions", "obj_type")
_NAME = re.compile(r"^`*[A-Za-z_][\w.]*(?:\(\))?`*$")
_POSITIONAL = "*"  # the key under which positional use of parameters is deprecated
_RENAMES = frozenset({"deprecate_kwarg", "deprecate_renamed_parameter", "deprecate_parameter", "renamed_parameter"})
_WHOLE = frozenset({"deprecated_endpoints", "deprecation_wrapper"})  # they speak of other names


@dataclass(frozen=True, slots=True)
class Stated:
    """What one definition states: of itself, and of its parameters by name."""

    whole: Deprecation | None = None
    parameters: Mapping[str, Deprecation] = field(default_factory=dict)


NOTHING = Stated()


def stated_by(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Stated:
    """The deprecations of a definition: its decorators first, then what its body warns of."""
    whole: Deprecation | None = None
    parameters: dict[str, Deprecation] = {}
    for decorator in node.decorator_list:
        stated = _decorator(decorator)
        whole = whole or stated.whole
        parameters.update(stated.parameters)
    if not isinstance(node, ast.ClassDef):
        stated = _body(node)
        whole = whole or stated.whole
        parameters = {**stated.parameters, **parameters}
    return Stated(whole, parameters) if whole or parameters else NOTHING


# --------------------------------------------------------------------------- decorators


def _decorator(node: ast.expr) -> Stated:
    name = _last(node.func if isinstance(node, ast.Call) else node)
    if not isinstance(node, ast.Call):
        return Stated(Deprecation("")) if name in ("deprecated", "deprecate") else NOTHING
    strings = [text for each in node.args if (text := string_of(each)) is not None]
    keywords = {each.arg: each.value for each in node.keywords if each.arg}
    if special := _of_parameters(name, strings, keywords):
        return Stated(None, special)
    if name in _WHOLE or COPIES.search(name) or "param" in name or "arg" in name.lower():
        return NOTHING
    if not _ABOUT_DEPRECATION.search(name):
        return NOTHING
    return Stated(_whole(strings, keywords, renamed="renamed" in name))


def _of_parameters(name: str, strings: Sequence[str], keywords: Mapping[str, ast.expr]) -> dict[str, Deprecation]:
    texts = {key: text for key, value in keywords.items() if (text := string_of(value)) is not None}
    since = next((texts[key] for key in _SINCE if key in texts), next(filter(_VERSION.match, strings), ""))
    names = [text for text in strings if not _VERSION.match(text)]
    if name in _RENAMES or name == "rename_parameter":
        old = names[0] if names else texts.get("old_arg_name", texts.get("old", ""))
        new = names[1] if len(names) > 1 else texts.get("new_arg_name", texts.get("new", ""))
        said = f"{old} became {new}" if new else f"{old} is deprecated"
        return {old: Deprecation(said, since, new)} if old.isidentifier() else {}
    if name == "delete_parameter" and names:
        return {
            names[0]: Deprecation(" ".join(["is deprecated", *names[1:], texts.get("addendum", "")]).strip(), since)
        }
    if name == "make_keyword_only" and names:
        return {_POSITIONAL: Deprecation(f"{names[0]} and what follows must be given by keyword", since)}
    if name in ("deprecate_nonkeyword_arguments", "_deprecate_positional_args", "deprecate_nonkeyword_args"):
        return {_POSITIONAL: Deprecation("positional use is deprecated; give the arguments by keyword", since)}
    if name == "deprecated_params":
        return dict(_tuples(keywords))
    if name in ("deprecated_args", "deprecated_arg_values") and len(strings) >= 2:
        which = strings[2:] if name == "deprecated_args" else [key for key in keywords if key != "warn_once"]
        return {each: Deprecation(strings[1], strings[0], replacement_in(strings[1])) for each in which}
    return {}


def _tuples(keywords: Mapping[str, ast.expr]) -> Iterator[tuple[str, Deprecation]]:
    for key, value in keywords.items():
        if isinstance(value, ast.Tuple):
            since, *texts = [string_of(each) or "" for each in value.elts]
            said = " ".join(texts)
            yield key, Deprecation(said, since, replacement_in(said))


def _whole(strings: Sequence[str], keywords: Mapping[str, ast.expr], *, renamed: bool = False) -> Deprecation:
    texts = {key: text for key, value in keywords.items() if (text := string_of(value)) is not None}
    since = next((texts[key] for key in _SINCE if key in texts), next(filter(_VERSION.match, strings), ""))
    names = [text for text in strings if not _VERSION.match(text)]
    instead = next((texts[key] for key in _INSTEAD if key in texts), "")
    sentence = [] if _NAME.match(instead) else [instead]
    said = " ".join([*names, *(texts[key] for key in _TEXT if key in texts), *sentence])
    instead = instead or (names[0] if renamed and names else "")
    return Deprecation(" ".join(said.split()), since or since_in(said), _named(instead) or replacement_in(said))


def _named(text: str) -> str:
    """The name that a helper is given to use instead: alone, or in a sentence; none where it is given a choice."""
    return text.strip("`").removesuffix("()") if _NAME.match(text) else replacement_in(f"Use {text}") if text else ""


# --------------------------------------------------------------------------- bodies


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Stated:
    names = {each.arg for each in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]} - {"self", "cls"}
    whole: Deprecation | None = None
    parameters: dict[str, Deprecation] = {}
    for call, test in _calls(node.body, None, 0):
        if (said := _warned(call)) is None:
            continue
        if test is None:
            whole = whole or said
        elif len(about := _sentinel_tested(test) & names) == 1:
            parameters.setdefault(next(iter(about)), said)
    return Stated(whole, parameters) if whole or parameters else NOTHING


def _calls(body: Sequence[ast.stmt], test: ast.expr | None, depth: int) -> Iterator[tuple[ast.Call, ast.expr | None]]:
    """Calls that are statements: outside any condition, or directly under one ``if``."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield statement.value, test
        elif isinstance(statement, ast.With):
            yield from _calls(statement.body, test, depth)
        elif isinstance(statement, ast.If) and depth == 0:
            yield from _calls(statement.body, statement.test, 1)
        if isinstance(statement, ast.Return | ast.Raise) and depth == 0:
            return


def _warned(call: ast.Call) -> Deprecation | None:
    name = _last(call.func)
    if name in ("warn", "warn_explicit"):
        spelled = [ast.unparse(each) for each in [*call.args[1:], *(k.value for k in call.keywords)]]
        inner = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "message"), None)
        if isinstance(inner, ast.Call):  # warnings.warn(FutureWarning("…"))
            spelled.append(ast.unparse(inner.func))
        if not any(_CATEGORY.search(each) for each in spelled):
            return None
        return _from_text(string_of(inner) if inner is not None else None)
    if name in ("deprecate", "warn_deprecated", "issue_deprecation_warning", "_warn_deprecated", "deprecation_warning"):
        keywords = {each.arg: each.value for each in call.keywords if each.arg}
        strings = [text for each in call.args if (text := string_of(each)) is not None]
        if name in ("deprecate", "warn_deprecated") and len(strings) == 2 and _NAME.match(strings[0]):
            return Deprecation(" ".join(strings), "", _named(strings[1]))  # of Pillow and torch: what, and what instead
        return _whole(strings, keywords)
    return None


def _from_text(text: str | None) -> Deprecation:
    said = " ".join((text or "").split())
    return Deprecation(said, since_in(said), replacement_in(said))


def _sentinel_tested(test: ast.expr) -> set[str]:
    """The names that ``if name is not <default>`` and the like ask about."""
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    found: set[str] = set()
    for part in parts:
        if isinstance(part, ast.Compare) and isinstance(part.left, ast.Name) and len(part.ops) == 1:
            if isinstance(part.ops[0], ast.IsNot | ast.NotEq):
                found.add(part.left.id)
        elif isinstance(part, ast.Name):
            found.add(part.id)
    return found


# --------------------------------------------------------------------------- expressions


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def string_of(node: ast.expr | None) -> str | None:
    """The text of a string expression; what is put in at run time reads as ``{expression}``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(string_of(each) or "" for each in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + ast.unparse(node.value) + "}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = string_of(node.left), string_of(node.right)
        return None if left is None and right is None else (left or "") + (right or "")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return string_of(node.left)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return string_of(node.func.value)
        return string_of(node.args[0]) if node.args else None
    return None
