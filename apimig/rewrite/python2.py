"""Renames in files that only Python 2 reads, through Bowler.

Of the rules only renames of qualified names and of keyword arguments are applied, and only where
imports make a name's meaning certain; no types are known here. Bowler parses and prints, so all
that is not renamed stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bowler import Query
from fissix.pgen2 import token
from fissix.pygram import python_symbols as symbols
from fissix.refactor import RefactoringTool

from apimig.records import Applicability, SourceFile
from apimig.rewrite.python2_names import Chain, Imported, Names, Tree, is_guarded, is_target, module_path
from apimig.rulebook.rule import ChangeCall, Rename, Rule
from apimig.syntax import check_python2

_IGNORE = re.compile(r"#\s*apimig:\s*ignore(?:\[([^\]]*)\])?")
_LOOKED_UP_BY_TEXT = frozenset({"__all__", "globals", "locals", "vars", "eval", "execfile", "dir"})
_MOST_STEPS = 10


@dataclass(frozen=True, slots=True)
class Python2Rename:
    """A qualified name (module, class, function) that became another."""

    old: str
    new: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Python2Keyword:
    """A keyword argument of a function, by either of its qualified names, that is called otherwise now."""

    function: str
    old: str
    new: str
    rule: str = ""


class Change(NamedTuple):
    """One edit: line and column (from 1), what stood and what stands there, and the rule that asked for it."""

    line: int
    column: int
    old: str
    new: str
    rule: str


def python2_records(rules: Iterable[Rule]) -> tuple[Python2Rename | Python2Keyword, ...]:
    """What of the rules can be done without types: safe, unconditional renames."""
    records: list[Python2Rename | Python2Keyword] = []
    for rule in rules:
        if rule.when or rule.applicability is not Applicability.SAFE:
            continue
        if isinstance(rule.body, Rename):
            records += [Python2Rename(old, new, rule.id) for old, new in rule.body.pairs]
        elif isinstance(rule.body, ChangeCall) and all(op.op == "rename" for op in rule.body.ops):
            records += [
                Python2Keyword(function, op.name, op.new, rule.id) for function in rule.body.api for op in rule.body.ops
            ]
    return tuple(records)


def rewrite_python2(
    source: SourceFile, records: Sequence[Python2Rename | Python2Keyword]
) -> tuple[bytes, tuple[Change, ...]]:
    """The new text and its changes in order of lines; the old text and none where nothing is certain."""
    if check_python2(source.text) is not None:
        return source.text, ()
    text = source.text.decode("utf-8")
    padded = text if text.endswith("\n") else text + "\n"
    renaming = _Renaming(padded, records)
    query = Query(source.name, python_version=2).select_root().modify(renaming.apply)
    tree = _Engine(query.compile()).refactor_string(padded, source.name)
    if tree is None or not renaming.changes:
        return source.text, ()
    result = str(tree).removesuffix("" if padded is text else "\n").encode("utf-8")
    if check_python2(result) is not None:
        return source.text, ()
    return result, tuple(sorted(renaming.changes))


class _Engine(RefactoringTool):  # type: ignore[misc]
    """fissix as Bowler runs it, less its queues, processes and prompts; what does not parse gives no tree."""

    def get_fixers(self) -> tuple[list[Any], list[Any]]:
        fixers = [fixer(self.options, self.fixer_log) for fixer in self.fixers]
        return [fixer for fixer in fixers if fixer.order == "pre"], [f for f in fixers if f.order == "post"]

    def log_error(self, msg: str, *args: object, **kwds: object) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Match:
    """A rename that speaks about a chain: its name down to ``depth`` attributes is the old one."""

    rename: Python2Rename
    depth: int


class _Renaming:
    """The records, applied to one tree."""

    def __init__(self, text: str, records: Sequence[Python2Rename | Python2Keyword]) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.renames = {one.old: one for one in records if isinstance(one, Python2Rename)}
        self.keywords = [one for one in records if isinstance(one, Python2Keyword)]
        self.changes: list[Change] = []

    def apply(self, root: Tree, _capture: Mapping[str, Any], _filename: str) -> None:
        """Bowler's callback: changes the tree in place."""
        if str(root) != self.text:
            return
        names = Names(root)
        chains = [chain for chain in names.references() if names.target(chain.first) is not None]
        matches = [(chain, self._match(names, chain)) for chain in chains]
        blocked = {m.rename.old for chain, m in matches if m and self._is_blocked(names, chain, m)}
        for chain in chains:
            self._rename_keywords(names, chain)
        self._rename_imports(names, chains, blocked)
        for chain, match in matches:
            if match and match.rename.old not in blocked:
                self._rename_chain(names, chain, match)

    # ------------------------------------------------------------------ references

    def _match(self, names: Names, chain: Chain) -> _Match | None:
        """The rename of the longest part of the chain that has one."""
        base = names.target(chain.first)
        for depth in range(len(chain.attributes), 0, -1):
            rename = self.renames.get(".".join([f"{base}", *(leaf.value for leaf in chain.attributes[:depth])]))
            if rename:
                return _Match(rename, depth)
        return None

    def _is_blocked(self, names: Names, chain: Chain, match: _Match) -> bool:
        """Whether this place is a reason to leave the name alone in the whole file.

        One that is assigned to is not the library's any more; one that must stay would be left
        behind by an import that changes.
        """
        if match.depth == len(chain.attributes) and is_target(chain):
            return True
        return self._spelling(names, chain, match) is None or self._is_kept(chain.first, match.rename.rule)

    def _is_kept(self, leaf: Tree, rule: str) -> bool:
        return is_guarded(leaf) or self._is_ignored(leaf.get_lineno(), rule)

    def _is_ignored(self, line: int, rule: str) -> bool:
        found = _IGNORE.search(self.lines[line - 1])
        return found is not None and (found[1] is None or rule in re.split(r"[\s,]+", found[1].strip()))

    def _final(self, old: str) -> str:
        """The name that a name has after all renames, one after the other."""
        for _ in range(_MOST_STEPS):
            renamed = self._renamed_once(old)
            if renamed == old:
                break
            old = renamed
        return old

    def _renamed_once(self, qualified: str) -> str:
        head, tail = qualified, ""
        while head:
            if head in self.renames:
                return self.renames[head].new + tail
            head, _, last = head.rpartition(".")
            tail = f".{last}{tail}"
        return qualified

    def _spelling(self, names: Names, chain: Chain, match: _Match) -> str | None:
        """The matched part as it is to be spelled; None when that would need another import."""
        base = names.target(chain.first)
        new = self._final(match.rename.old)
        removed = chain.attributes[1 : match.depth]
        if any(leaf.prefix or leaf.prev_sibling.prefix for leaf in removed):
            return None
        if new.startswith("builtins."):
            builtin = new.removeprefix("builtins.")
            return builtin if names.is_free(builtin) else None
        home, old_home = new.rpartition(".")[0], match.rename.old.rpartition(".")[0]
        if not new.startswith(f"{base}.") or not f"{old_home}.".startswith(f"{home}."):
            return None
        return f"{chain.first.value}{new.removeprefix(str(base))}"

    def _rename_chain(self, names: Names, chain: Chain, match: _Match) -> None:
        spelling = self._spelling(names, chain, match)
        if spelling is None:
            return
        matched = chain.attributes[: match.depth]
        old = ".".join(leaf.value for leaf in (chain.first, *matched))
        self._say(chain.first, old, spelling, match.rename.rule)
        first, _, rest = spelling.partition(".")
        _set(chain.first, first)
        if rest:
            _set(matched[0], rest)
        for leaf in matched[1 if rest else 0 :]:
            _remove(leaf)

    # ------------------------------------------------------------------ keyword arguments

    def _rename_keywords(self, names: Names, chain: Chain) -> None:
        """Renames the keywords of a call of the chain, where no ``**`` hides what else is passed."""
        if not chain.trailers or chain.trailers[0].children[0].type != token.LPAR:
            return
        qualified = ".".join([f"{names.target(chain.first)}", *(leaf.value for leaf in chain.attributes)])
        known = {qualified, self._final(qualified)}
        inside = chain.trailers[0].children[1]
        arguments = inside.children if inside.type == symbols.arglist else [inside]
        if any(str(argument).strip().startswith("**") for argument in arguments):
            return
        given = {argument.children[0].value: argument.children[0] for argument in arguments if _is_keyword(argument)}
        for keyword in self.keywords:
            leaf = given.get(keyword.old)
            if keyword.function in known and leaf is not None and keyword.new not in given:
                if self._is_kept(leaf, keyword.rule):
                    continue
                self._say(leaf, f"{keyword.old}=", f"{keyword.new}=", keyword.rule)
                _set(leaf, keyword.new)

    # ------------------------------------------------------------------ imports

    def _rename_imports(self, names: Names, chains: list[Chain], blocked: set[str]) -> None:
        statements: dict[int, list[Imported]] = {}
        for found in names.imports:
            statements.setdefault(id(found.statement), []).append(found)
        for group in statements.values():
            if group[0].module:
                self._rename_from(names, chains, group)
            else:
                for found in group:
                    self._rename_module(names, found, blocked)

    def _rename_module(self, names: Names, found: Imported, blocked: set[str]) -> None:
        """The module of an ``import a.b`` or ``import a.b as c``."""
        old = ".".join(leaf.value for leaf in found.path)
        new = self._final(old)
        rule = self._rule_of(old)
        if new == old or self._is_kept(found.path[0], rule) or any(leaf.prefix for leaf in found.path[1:]):
            return
        if not found.bare:
            self._write_path(found.path, new, rule)
        elif len(found.path) == 1:
            self._write_path(found.path, f"{new} as {old}", rule)
        elif new.startswith(f"{found.name}.") and names.certain(found) and not _within(old, blocked):
            self._write_path(found.path, new, rule)

    def _rename_from(self, names: Names, chains: list[Chain], group: list[Imported]) -> None:
        """The module or the names of a ``from a import b, c``; moved names only if all move together."""
        path = module_path(group[0].statement)
        if not path or any(leaf.prefix for leaf in path[1:]):
            return
        final = {found.target: self._final(found.target) for found in group}
        homes = {new.rpartition(".")[0] for new in final.values()}
        rule = self._rule_of(*final)
        if self._is_kept(path[0], rule) or any(new.startswith("builtins.") for new in final.values()):
            return
        if len(homes) == 1 and homes != {group[0].module}:
            self._write_path(path, homes.pop(), rule)
        elif len(homes) > 1:
            group = [found for found in group if final[found.target].rpartition(".")[0] == found.module]
        for found in group:
            new = final[found.target].rpartition(".")[2]
            if new != found.path[0].value:
                self._rename_item(names, chains, found, new)

    def _rename_item(self, names: Names, chains: list[Chain], found: Imported, new: str) -> None:
        """One imported name, with all its uses if no other code can know it by the old one."""
        leaf, rule = found.path[0], self._rule_of(found.target)
        if not found.bare:
            self._write_path((leaf,), new, rule)
            return
        uses = [chain.first for chain in chains if chain.first.value == found.name]
        if self._can_rename_uses(names, found, uses, new):
            for use in uses:
                self._say(use, use.value, new, rule)
                _set(use, new)
            self._write_path((leaf,), new, rule)
        else:
            self._write_path((leaf,), f"{new} as {found.name}", rule)

    def _can_rename_uses(self, names: Names, found: Imported, uses: list[Tree], new: str) -> bool:
        everywhere = [chain.first for chain in names.references() if chain.first.value == found.name]
        return (
            names.certain(found)
            and names.is_free(new)
            and all(map(names.is_free, _LOOKED_UP_BY_TEXT))
            and len(uses) == len(everywhere)
            and [one.name for one in names.imports].count(found.name) == 1
            and not any(self._is_kept(use, self._rule_of(found.target)) for use in uses)
        )

    def _rule_of(self, *qualified: str) -> str:
        """The rule that renames the first of the names that is renamed, or a module above it."""
        for name in qualified:
            parts = name.split(".")
            for end in range(len(parts), 0, -1):
                rename = self.renames.get(".".join(parts[:end]))
                if rename:
                    return rename.rule
        return ""

    # ------------------------------------------------------------------ writing

    def _write_path(self, path: tuple[Tree, ...], new: str, rule: str) -> None:
        self._say(path[0], ".".join(leaf.value for leaf in path), new, rule)
        _set(path[0], new)
        for leaf in path[1:]:
            _remove(leaf)

    def _say(self, leaf: Tree, old: str, new: str, rule: str) -> None:
        self.changes.append(Change(leaf.get_lineno(), leaf.column + 1, old, new, rule))


def _is_keyword(argument: Tree) -> bool:
    return bool(argument.type == symbols.argument and argument.children[1].type == token.EQUAL)


def _within(dotted: str, modules: set[str]) -> bool:
    return any(f"{dotted}.".startswith(f"{module}.") for module in modules)


def _set(leaf: Tree, value: str) -> None:
    leaf.value = value
    leaf.changed()


def _remove(leaf: Tree) -> None:
    """Takes an attribute out of a dotted name, with its dot."""
    if leaf.parent.type == symbols.trailer:
        leaf.parent.remove()
    else:
        leaf.prev_sibling.remove()
        leaf.remove()
