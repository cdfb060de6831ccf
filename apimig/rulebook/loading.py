"""Rulebook from all packs, through the cache; imports neither YAML nor pydantic when that is fresh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from apimig.errors import RulebookError
from apimig.rulebook import cache
from apimig.rulebook.merging import merged
from apimig.rulebook.packs import LIBRARY_FILE, Pack, find_packs
from apimig.rulebook.problems import Problem, refuse, shown
from apimig.rulebook.rule import Library, Rule


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule that is known, by id in order, the facts about their libraries, and what to know about them."""

    rules: tuple[Rule, ...] = ()
    libraries: tuple[Library, ...] = ()
    notes: tuple[str, ...] = ()

    def by_id(self) -> dict[str, Rule]:
        """The rules by their ids."""
        return {rule.id: rule for rule in self.rules}


def load(folders: Iterable[Path | str] = (), *, use_cache: bool = True) -> Rulebook:
    """The shipped rules, those of installed libraries and those in ``folders``; later ones win.

    Raises RulebookError with every problem of every file at once, UsageError for a folder without rules.
    """
    return load_packs(find_packs(folders), use_cache=use_cache)


def load_packs(packs: Iterable[Pack], *, use_cache: bool = True) -> Rulebook:
    """The rulebook of these packs, weakest first."""
    loader = _Loader(use_cache=use_cache)
    for pack in packs:
        loader.take(pack)
    refuse(loader.problems)
    rules = tuple(loader.rules[key] for key in sorted(loader.rules))
    return Rulebook(rules, tuple(loader.libraries[name] for name in sorted(loader.libraries)), tuple(loader.notes))


class _Loader:
    def __init__(self, *, use_cache: bool) -> None:
        self.use_cache = use_cache
        self.rules: dict[str, Rule] = {}
        self.libraries: dict[str, Library] = {}
        self.facts = ""  # digest of every _library.yaml so far: what later packs are checked against
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def take(self, pack: Pack) -> None:
        compiled = self._compiled(pack)
        if compiled.library is not None:
            known = self.libraries.get(pack.library)
            self.libraries[pack.library] = merged(known, compiled.library) if known else compiled.library
        for rule in compiled.rules:
            if rule.id in self.rules:
                self.notes.append(
                    f"{shown(rule.path)} replaces the rule {rule.id} of {shown(self.rules[rule.id].path)}"
                )
            self.rules[rule.id] = rule

    def _compiled(self, pack: Pack) -> cache.Compiled:
        try:
            facts = self._facts(pack)
            key = cache.digest(pack, facts)
        except OSError as error:
            raise RulebookError(f"{error.filename} cannot be read: {error.strerror}") from error
        compiled = cache.load(pack, key) if self.use_cache else None
        if compiled is None:
            compiled = self._read(pack, key)
        self.facts = facts
        return compiled

    def _facts(self, pack: Pack) -> str:
        if pack.folder / LIBRARY_FILE not in pack.files:
            return self.facts
        return cache.digest(replace(pack, files=(pack.folder / LIBRARY_FILE,)), self.facts)

    def _read(self, pack: Pack, key: str) -> cache.Compiled:
        from apimig.rulebook.reading import read_pack

        compiled, problems = read_pack(pack, self.libraries)
        if pack.foreign and problems:
            self.notes.append(f"the rules for {pack.library} that {pack.origin} brings do not load: {problems[0]}")
            return cache.Compiled()
        self.problems += problems
        if self.use_cache and not problems:
            cache.store(pack, key, compiled)
        return compiled
