"""Arguments under an old name that a decorator still takes, and that no signature shows: ``line_terminator``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from apimig.mining.candidate import Evidence, Kind
from apimig.mining.releases.drafts import Draft
from apimig.mining.releases.migration import Migration
from apimig.mining.releases.release import shown
from apimig.mining.releases.things import public_names
from apimig.rulebook.signature import Parameter
from apimig.surface.model import Deprecation, Symbol
from apimig.surface.parameters import write_signature

_ALIAS = re.compile(r"^\w+ became \w+$|\balias of\b")


def renamed_arguments(migration: Migration) -> Iterator[Draft]:
    """A draft for each old name of an argument of the first release, for its callable under all public names."""
    for was in migration.first.surface.symbols():
        names = was.signature.names if was.signature is not None else {}
        for old, said in was.parameters_deprecated.items():
            new = said.replacement.rpartition(".")[2]
            if old in names or new not in names or not _ALIAS.search(said.text):
                continue
            if api := [name for name in public_names(migration, was) if _takes(migration, name, new)]:
                yield _draft(migration, was, api, old, new, said)


def _takes(migration: Migration, name: str, parameter: str) -> bool:
    now = migration.new(name)
    return now is not None and now.signature is not None and parameter in now.signature.names


def _draft(migration: Migration, was: Symbol, api: list[str], old: str, new: str, said: Deprecation) -> Draft:
    assert was.signature is not None  # noqa: S101 - the caller looked
    given = [replace(each, name=old) if each.name == new else each for each in was.signature.parameters]
    rest = () if any(each.kind == "**" for each in given) else (Parameter("options", "**"),)  # the new name, for one
    now = migration.new(api[0])
    still = now is not None and old in now.parameters_deprecated
    return Draft(
        {
            "api": api,
            "signature": write_signature((*given, *rest)),
            "parameters": [{"rename": {old: new}}],
        },
        f"{shown(api[0])}: {old} became {new}",
        Kind.PARAMETER,
        {"deprecated" if still else "removed": migration.at},
        f"{shown(api[0]).replace('.', '_')}_{old}",
        evidence=(Evidence("deprecation", said.text, f"{migration.first.surface}: {was.name}"),),
        names=tuple(api),
    )
