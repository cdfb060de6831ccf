"""What must hold for every changed file, told from its bytes before and after: nothing here asks the engine.

Each check yields sentences that say what is wrong; none means that all is well.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from apimig.records import FileChange, Rewritten

_SIMPLE_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")
_VERSIONS = frozenset({"Version", "LooseVersion", "StrictVersion", "parse_version"})
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True)
class Code:
    """A file's text as Python reads it."""

    raw: bytes
    text: str
    lines: tuple[str, ...]
    tree: ast.Module

    @classmethod
    def read(cls, raw: bytes) -> Code:
        """Raises SyntaxError for what is not Python."""
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(raw)
        return cls(raw, text, tuple(_LINE.findall(text)), tree)


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # str.splitlines also splits at form feeds


def wrong(change: FileChange, rewritten: Sequence[Rewritten], *, reaching: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with a change of a file that was valid Python; edits of ``reaching`` rules may go beyond a
    statement, but not beyond the function or class around it."""
    before = Code.read(change.before)
    try:
        after = Code.read(change.after)
    except (SyntaxError, ValueError) as error:
        yield f"it no longer parses: {error}"
        return
    if not rewritten:
        yield "it changed, and no site is said to be rewritten"
    yield from _form(before, after)
    yield from _comments(before, after, rewritten)
    yield from _compat(before, after)
    yield from _elsewhere(before, after, rewritten, reaching)


# ------------------------------------------------------------------ the form of the file


def _form(before: Code, after: Code) -> Iterator[str]:
    if _marks(before.raw) != _marks(after.raw):
        yield "its byte order mark, encoding cookie or #! line changed"
    if _endings(before) >= _endings(after):
        return
    yield f"it has line endings that it had not: {_endings(after) - _endings(before)}"


def _marks(raw: bytes) -> tuple[bool, str, bool]:
    first = raw.partition(b"\n")[0]
    return raw.startswith(b"\xef\xbb\xbf"), tokenize.detect_encoding(io.BytesIO(raw).readline)[0], first[:2] == b"#!"


def _endings(code: Code) -> set[str]:
    return {line[len(line.rstrip("\r\n")) :] for line in code.lines}


def _comments(before: Code, after: Code, rewritten: Sequence[Rewritten]) -> Iterator[str]:
    """Comments stay, in order; but for library names mentioned in them."""
    mentioned = {(r.location.line, r.before): r.after for r in rewritten}
    old, new = [], [text for _, text in _comments_of(after)]
    for line, text in _comments_of(before):
        expected = text
        for (at, name), renamed in mentioned.items():
            expected = expected.replace(name, renamed) if at == line else expected
        old.append(expected)
    if old != new:
        yield f"its comments changed: {''.join(difflib.unified_diff(old, new, n=0, lineterm=' '))}"


def _comments_of(code: Code) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(code.text, newline="").readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.rstrip("\r")


# ------------------------------------------------------------------ compat code


def _compat(before: Code, after: Code) -> Iterator[str]:
    kept = list(_compat_texts(after))
    for text in _compat_texts(before):
        if text in kept:
            kept.remove(text)
        else:
            yield f"compat code changed:\n{text}"


def _compat_texts(code: Code) -> Iterator[str]:
    """The source of imports and fallbacks around an ImportError, and of what hasattr or a version decides about."""
    modules = {name for node in ast.walk(code.tree) for name in _imported(node)}
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Try | ast.TryStar):
            fallbacks = [handler for handler in node.handlers if _catches_import_error(handler)]
            imports = [each for each in node.body if isinstance(each, ast.Import | ast.ImportFrom)]
            kept = [*(imports if fallbacks else []), *(each for handler in fallbacks for each in handler.body)]
        else:
            kept = [*node.body, *node.orelse] if isinstance(node, ast.If) and _asks(node.test, modules) else []
        yield from (_source(code, statement) for statement in kept)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(each, ast.Name) and each.id in _IMPORT_ERRORS for each in caught)


def _asks(test: ast.expr, modules: Collection[str]) -> bool:
    """Whether a test asks for a version, or for a member of an imported module."""
    for node in ast.walk(test):
        if isinstance(node, ast.Attribute) and node.attr in ("__version__", "version_info"):
            return True
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in _VERSIONS:
            return True
        if name == "hasattr" and isinstance(node.args[0], ast.Name) and node.args[0].id in modules:
            return True
    return False


def _source(code: Code, node: ast.stmt) -> str:
    return "".join(code.lines[node.lineno - 1 : node.end_lineno])


# ------------------------------------------------------------------ what else changed


def _elsewhere(before: Code, after: Code, rewritten: Sequence[Rewritten], reaching: Collection[str]) -> Iterator[str]:
    """Lines that changed although no site stands in their statement and they are no imports."""
    touched = _lines_of_sites(before, rewritten, reaching)
    old_imports, new_imports = _import_lines(before), _import_lines(after)
    for tag, i1, i2, j1, j2 in _opcodes(before.lines, after.lines):
        gone = {*range(i1, i2)} - touched - old_imports
        around = {i1 - 1, i1, *range(i1, i2)} & touched
        come = set() if around else {*range(j1, j2)} - new_imports
        odd = [before.lines[i] for i in sorted(gone)] + [after.lines[j] for j in sorted(come)]
        if tag != "equal" and any(line.strip() for line in odd):
            yield f"lines beside the sites changed near line {i1 + 1}:\n{''.join(odd)}"


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """The opcodes of a diff, without the time that the same start and end of two files would cost."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        yield tag, i1 + head, i2 + head, j1 + head, j2 + head


def _lines_of_sites(code: Code, rewritten: Sequence[Rewritten], reaching: Collection[str]) -> set[int]:
    """0-based lines of the statements that hold a site; of compound ones the head."""
    heads = sorted(_heads(code.tree), key=lambda span: span[1] - span[0])
    scopes = sorted(_scopes(code), key=lambda span: span[1] - span[0])
    found: set[int] = set()
    for outcome in rewritten:
        line = outcome.location.line - 1
        spans = scopes if outcome.rule in reaching else heads
        start, end = next((span for span in spans if span[0] <= line < span[1]), (line, line + 1))
        found.update(range(start, end))
    return found


def _heads(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        inner = [child for name in _SIMPLE_BODIES for child in getattr(node, name, ())]
        first = min((_first_line(child) for child in inner), default=None)
        start = _first_line(node)
        end = node.end_lineno if first is None and hasattr(node, "end_lineno") else first
        yield start - 1, max((end or start) - (first is not None), start)


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _scopes(code: Code) -> Iterator[tuple[int, int]]:
    yield 0, len(code.lines)
    for node in ast.walk(code.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno - 1, node.end_lineno or node.lineno


def _import_lines(code: Code) -> set[int]:
    return {
        line
        for node in ast.walk(code.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno - 1, node.end_lineno or node.lineno)
    }
