"""Old names in docstrings, doctests and comments: `np.NaN` in prose is renamed with the code.

Only fully spelled names (``np.NaN``, ``numpy.NaN``) count, only where the file's own imports give the
prefix its meaning, and never in a paragraph that speaks of the change itself ("removed in NumPy 2.0").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tree_sitter import Node

from apimig.records import Applicability, Certainty, Finding, Resolution, Span, Use, UseKind
from apimig.rulebook.rule import Rename, Rule
from apimig.syntax import of_types, text_of

_HISTORY = re.compile(
    r"(?i)\bdeprecat|\brenamed\b|\balias|\bformerly\b|\bno longer\b|\bused to be\b|\bobsolete\b|\bbackwards?\b|"
    r"\bcompat|\blegacy\b|\bmigrat|\bnoqa\b|\b(?:was|were|been|is|are|got)\s+removed\b|\bremoved\s+(?:in|from|since)\b|"
    r"\binstead of\b|\bin favou?r of\b|\b(?:numpy|pandas)\s*[<>=~]*\s*\d|\bversion(?:added|changed)\b|\bapimig\b"
)
# A name that reStructuredText continues with an escaped underscore (`np.bool\\_`) is another name.
# A hyphen is a minus, unless a word or another hyphen stands before it.
_DOTTED = r"(?<![\w./\\])(?<![\w-]-)({prefixes})\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?!\w|\\+_|\.\w)"
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_PROSE = frozenset({"comment", "expression_statement"})
_NOT_PROSE = ("f", "b", "rb", "br", "fr", "rf")

Renamed = Mapping[str, tuple[str, Rule]]


def renamed(rules: Sequence[Rule]) -> Renamed:
    """The names whose mentions may be rewritten: safe renames, old qualified name to (new one, rule)."""
    return {
        old: (new, rule)
        for rule in rules
        if isinstance(rule.body, Rename) and rule.applicability is Applicability.SAFE and not rule.when and rule.prose
        for old, new in rule.body.pairs
        if new.partition(".")[0] in (old.partition(".")[0], "builtins")  # prose cannot gain an import
    }


def words(names: Renamed) -> re.Pattern[bytes]:
    """Prose in which this finds nothing mentions none of the names."""
    last = sorted({old.rpartition(".")[2] for old in names})
    return re.compile(rb"\.(?:" + b"|".join(re.escape(word.encode()) for word in last) + rb")\b" if last else rb"(?!)")


def find(resolution: Resolution, names: Renamed, mentioned: re.Pattern[bytes]) -> Iterator[Finding]:
    """A finding for every mention, in source order; its message is the new text. ``mentioned`` are their words."""
    prose = [node for node in _prose(resolution.tree.root_node) if mentioned.search(node.text or b"")]
    if not prose:
        return
    prefixes = _prefixes(resolution, {old.partition(".")[0] for old in names})
    if not prefixes:
        return
    spelled = "|".join(map(re.escape, sorted(prefixes, key=len, reverse=True)))
    pattern = re.compile(_DOTTED.format(prefixes=spelled))
    for node in prose:
        for match in pattern.finditer(text_of(node)):
            finding = _finding(resolution, node, match, prefixes, names)
            if finding is not None:
                yield finding


def _prefixes(resolution: Resolution, roots: set[str]) -> dict[str, str]:
    """Spellings of the library's modules that the file's imports make plain: ``np`` is ``numpy``."""
    found = {}
    for binding in resolution.imports:
        root = binding.target.partition(".")[0]
        if root in roots:
            found[root] = root
            if binding.target == root:
                found[binding.name] = root
    return found


def _prose(root: Node) -> Iterator[Node]:
    """Comments, and strings that stand alone as a statement."""
    for node in of_types(root, _PROSE):
        if node.type == "comment":
            yield node
        elif node.type == "expression_statement" and node.named_child_count == 1:
            inner = node.named_child(0)
            if inner is not None and inner.type == "string" and not text_of(inner).lower().startswith(_NOT_PROSE):
                yield inner


def _finding(
    resolution: Resolution, node: Node, match: re.Match[str], prefixes: Mapping[str, str], names: Renamed
) -> Finding | None:
    prefix, parts = match.group(1), match.group(2).split(".")
    for count in range(len(parts), 0, -1):
        symbol = ".".join([prefixes[prefix], *parts[:count]])
        if symbol in names:
            break
    else:
        return None
    text = match.string
    if _HISTORY.search(_paragraph(text, match.start())):
        return None
    new, rule = names[symbol]
    start = node.start_byte + len(text[: match.start()].encode())
    span = Span(start, start + len(".".join([prefix, *parts[:count]]).encode()))
    reason = f"{symbol} is named in a {'comment' if node.type == 'comment' else 'docstring'}"
    use = Use(UseKind.MENTION, span, symbol, Certainty.PROVEN, reason, guard=resolution.guard_at(span, UseKind.MENTION))
    text_of_new = _spelled(new, prefix, prefixes[prefix])
    return Finding(rule.id, use, span, Certainty.PROVEN, rule.applicability, reason, message=text_of_new)


def _spelled(new: str, prefix: str, target: str) -> str:
    if new.startswith(f"{target}."):
        return prefix + new[len(target) :]
    return new.removeprefix("builtins.")


def _paragraph(text: str, at: int) -> str:
    """The lines around a position up to the next blank ones."""
    blanks = [match.start() for match in _BLANK_LINE.finditer(text)]
    start = max((blank for blank in blanks if blank < at), default=0)
    return text[start : min((blank for blank in blanks if blank >= at), default=len(text))]
