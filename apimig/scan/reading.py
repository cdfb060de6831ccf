"""Files to ``SourceFile`` records and back, byte for byte, or a reason why not."""

from __future__ import annotations

import stat
from functools import cache
from pathlib import Path

from tree_sitter import Query, QueryCursor, Tree

from apimig.records import Language, Skipped, SourceFile
from apimig.scan.encodings import BareReturns, Problem, bare_returns, encoding_of, to_raw, to_text
from apimig.scan.naming import is_package, module_name
from apimig.syntax import Words, check_compiles, check_python, check_python2, first_error, language, parse

MAX_BYTES = 5 * 1024 * 1024
_NOTEBOOK_FACTOR = 10  # most of a large notebook is pictures

_LANGUAGES = {".pyi": Language.STUB, ".ipynb": Language.NOTEBOOK}
# What the tree-sitter grammar takes although Python 3 does not: it reads both languages.
_PYTHON2 = """
(print_statement) @old
(exec_statement) @old
(except_clause "," @old)
(raise_statement (expression_list)) @old
(parameters (tuple_pattern)) @old
(lambda_parameters (tuple_pattern)) @old
"<>" @old
((string_start) @old (#match? @old "^([uU][rR]|`)"))
((integer) @old (#match? @old "^(0[0-9]+|.*[lL])$"))
"""


def read(path: Path, root: Path, *, max_bytes: int | None = MAX_BYTES) -> SourceFile | Skipped:
    """The file as a record. Never raises for what is on the disk: the reason is in ``Skipped``."""
    raw = load(path, root, max_bytes=max_bytes)
    return raw if isinstance(raw, Skipped) else decode(raw, path, root)


def load(path: Path, root: Path, *, max_bytes: int | None = MAX_BYTES) -> bytes | Skipped:
    """The file's bytes, which cost no parse: ask ``prefilter`` before ``decode``.

    Larger files than ``max_bytes`` are skipped; a notebook may have ten times as many.
    """
    name = name_of(path, root)
    limit = max_bytes and max_bytes * (_NOTEBOOK_FACTOR if path.suffix == ".ipynb" else 1)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Skipped(name, "is not a regular file")
        if limit is not None and status.st_size > limit:
            return Skipped(name, f"is larger than {limit / 1024 / 1024:.0f} MB")
        return path.read_bytes()
    except FileNotFoundError:
        return Skipped(name, "is a symbolic link to nothing" if path.is_symlink() else "does not exist")
    except OSError as problem:
        return Skipped(name, f"cannot be read: {(problem.strerror or type(problem).__name__).lower()}")


def prefilter(raw: bytes, words: Words) -> bool:
    """Whether a file of these bytes can hold any of the words, and so is worth decoding."""
    return words.found_in(raw)


def decode(raw: bytes, path: Path, root: Path) -> SourceFile | Skipped:
    """The bytes of ``path`` as a record, or why they are not code that we can work on."""
    name = name_of(path, root)
    if path.suffix == ".ipynb":
        from apimig.scan import notebook  # what reads notebooks is loaded for them alone

        return notebook.decode(raw, path, name)
    problem = _not_text(raw)
    encoding = problem or encoding_of(raw)
    text = encoding if isinstance(encoding, Problem) else to_text(raw, encoding)
    if isinstance(text, Problem):
        return Skipped(name, text.reason, text.line)
    returns = bare_returns(text)
    layout = BareReturns() if returns and b"\n" not in text else None
    if layout:
        text = text.replace(b"\r", b"\n")
    kind = _classify(text, path, [] if layout else returns)
    if isinstance(kind, Problem):
        return Skipped(name, kind.reason, kind.line)
    return SourceFile(
        path=path,
        name=name,
        text=text,
        language=kind,
        module=module_name(path, root),
        is_package=is_package(path),
        encoding=str(encoding),
        raw=raw,
        layout=layout,
    )


def encode(source: SourceFile, text: bytes) -> bytes | Skipped:
    """The bytes to write so that the file reads as ``text``; ``raw`` again for the text it has.

    A text that the file's encoding cannot hold, or that would be read otherwise than it was
    meant, gives the reason instead.
    """
    if source.language is Language.NOTEBOOK:
        from apimig.scan import notebook

        return notebook.encode(source, text)
    on_disk = text.replace(b"\n", b"\r") if isinstance(source.layout, BareReturns) else text
    raw = to_raw(on_disk, source.encoding)
    if isinstance(raw, Problem):
        return Skipped(source.name, f"the new text does not fit the file: {raw.reason}", raw.line)
    if encoding_of(raw) != source.encoding or to_text(raw, source.encoding) != on_disk:
        return Skipped(source.name, f"the new text would no longer be read as {source.encoding}")
    return raw


def name_of(path: Path, root: Path) -> str:
    """The path as it is said to people: relative to the root, with slashes."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _not_text(raw: bytes) -> Problem | None:
    at = raw.find(b"\0")
    if at < 0 or raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    return Problem("holds NUL bytes: it is binary, or damaged", raw.count(b"\n", 0, at) + 1)


# --------------------------------------------------------------------------- which language


def _classify(text: bytes, path: Path, returns: list[int]) -> Language | Problem:
    """The language of the text, or what stands in the way of working on it.

    tree-sitter reads more than Python (unexpected indents, Python 2), so the interpreter's own
    parser has the last word; a file that only the interpreter reads has no tree to trust.
    """
    tree = parse(text)
    problem = check_python(text)
    if problem is None:
        return _untrusted(tree, returns, text) or _LANGUAGES.get(path.suffix, Language.PYTHON)
    if (_has_old_syntax(tree) or "tabs and spaces" in problem[1]) and check_python2(text) is None:
        return Language.PYTHON2
    return Problem(f"does not parse: {problem[1]}", problem[0])


def _untrusted(tree: Tree, returns: list[int], text: bytes) -> Problem | None:
    """Why the tree of a file that parses must not be believed, if it must not."""
    for at in returns:
        if not _in_string(tree, at):
            return Problem("ends some lines in a bare carriage return", text.count(b"\n", 0, at) + 1)
    error = first_error(tree)
    if error is None:
        return None
    problem = check_compiles(text)
    if problem is not None:
        return Problem(f"does not compile: {problem[1]}", problem[0])
    return Problem("is valid, but the grammar used here does not understand this line", error.start_point.row + 1)


def _in_string(tree: Tree, at: int) -> bool:
    node = tree.root_node.descendant_for_byte_range(at, at + 1)
    while node is not None and node.type != "string":
        node = node.parent
    return node is not None


def _has_old_syntax(tree: Tree) -> bool:
    return bool(QueryCursor(_old_syntax(), match_limit=64).captures(tree.root_node))


@cache
def _old_syntax() -> Query:
    return Query(language(), _PYTHON2)
