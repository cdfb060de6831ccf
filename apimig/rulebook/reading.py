"""One pack from its YAML files: read, validate, check, compile. The slow way, taken when the cache is not fresh."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from apimig import shipped
from apimig.rulebook import documents, schema
from apimig.rulebook.cache import Compiled
from apimig.rulebook.checking import Context, Finding, check_library, check_rule
from apimig.rulebook.compiling import compile_library, compile_rule
from apimig.rulebook.merging import merged
from apimig.rulebook.packs import LIBRARY_FILE, Pack, normalise
from apimig.rulebook.problems import Problem
from apimig.rulebook.rule import Library, Rule
from apimig.rulebook.validating import validate

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass(slots=True)
class _Reader:
    pack: Pack
    problems: list[Problem] = field(default_factory=list)

    def document(self, path: Path) -> documents.Document | None:
        try:
            document = documents.read(path.read_text("utf-8"))
        except UnicodeDecodeError as error:
            self.add(path, 1, f"not UTF-8: byte {error.start} cannot be read")
            return None
        except OSError as error:
            self.add(path, 1, f"cannot be read: {error.strerror or error}")
            return None
        for line, text in document.mistakes:
            self.add(path, line, text)
        return document if document.data is not None else None

    def add(self, path: Path, line: int, text: str) -> None:
        self.problems.append(Problem(str(path), line, text))

    def add_all(self, path: Path, document: documents.Document, findings: Iterable[Finding]) -> None:
        for place, text in findings:
            self.add(path, document.line(place), text)


def read_pack(pack: Pack, libraries: Mapping[str, Library]) -> tuple[Compiled, list[Problem]]:
    """The pack's rules and library facts, and every problem of every file.

    ``libraries`` are the facts that weaker packs gave, by normalised distribution name.
    """
    reader = _Reader(pack)
    own = _read_library(reader, Context(libraries))
    known = dict(libraries)
    if own is not None:
        known[pack.library] = merged(known[pack.library], own) if pack.library in known else own
    elif pack.library not in known and not reader.problems:
        reader.add(
            pack.folder, 1, f"no rules are known for {pack.library!r}: add {LIBRARY_FILE} with library and imports"
        )
    context = Context(known, codemod_folders(pack))
    rules = [_read_rule(reader, path, context) for path in pack.files if path.name != LIBRARY_FILE]
    return Compiled(tuple(rule for rule in rules if rule is not None), own), reader.problems


def codemod_folders(pack: Pack) -> tuple[Path, ...]:
    """Where the pack's codemods may lie: shipped, or in a ``codemods`` folder beside its files or above them."""
    around = [pack.folder, *pack.folder.parents][:4]
    return tuple(dict.fromkeys((shipped.folder("codemods"), *(folder / "codemods" for folder in around))))


def read_rule_file(path: Path) -> tuple[schema.RuleFile, documents.Document]:
    """The model and the document of a rule file that is known to be valid."""
    document = documents.read(path.read_text("utf-8"))
    return schema.RuleFile.model_validate(document.data), document


def _read_library(reader: _Reader, weaker: Context) -> Library | None:
    path = reader.pack.folder / LIBRARY_FILE
    if path not in reader.pack.files or (document := reader.document(path)) is None:
        return None
    file, mistakes = validate(document, schema.LibraryFile)
    for line, text in mistakes:
        reader.add(path, line, text)
    if file is None:
        return None
    reader.add_all(path, document, check_library(file, weaker))
    _check_library_name(reader, path, document, file.library)
    return compile_library(file)


def _read_rule(reader: _Reader, path: Path, context: Context) -> Rule | None:
    if path.suffix != ".yaml":
        reader.add(path, 1, f"name the file {path.stem}.yaml")
        return None
    if not _FILE_NAME.fullmatch(path.stem):
        reader.add(path, 1, f"name the file in small letters, digits and underscores, not {path.name!r}")
    if (document := reader.document(path)) is None:
        return None
    file, mistakes = validate(document, schema.RuleFile)
    for line, text in mistakes:
        reader.add(path, line, text)
    if file is None:
        return None
    _check_library_name(reader, path, document, file.library)
    reader.add_all(path, document, check_rule(file, context.libraries.get(reader.pack.library), context))
    return compile_rule(file, id=f"{reader.pack.library}/{path.stem}", path=str(path))


def _check_library_name(reader: _Reader, path: Path, document: documents.Document, name: str) -> None:
    if normalise(name) != reader.pack.library:
        text = f"library is {name!r}, but the file lies in the pack of {reader.pack.library!r}"
        reader.add(path, document.line(("library",)), text)
