"""The frozen records that rooms pass to each other. No logic beyond tiny queries."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from apimig.verdicts import Validation

if TYPE_CHECKING:
    from tree_sitter import Tree


# --------------------------------------------------------------------------- vocabulary


class Certainty(enum.StrEnum):
    """How sure it is that a use refers to the library (DESIGN: vocabulary)."""

    PROVEN = "proven"
    INFERRED = "inferred"
    UNKNOWN = "unknown"

    __hash__ = str.__hash__  # an enum's own is a call in Python, which values are too many for

    @property
    def rank(self) -> int:
        """2 for proven, 1 for inferred, 0 for unknown."""
        return _RANKS[self]


_RANKS = {Certainty.PROVEN: 2, Certainty.INFERRED: 1, Certainty.UNKNOWN: 0}


class Applicability(enum.StrEnum):
    """Whether an edit keeps behaviour."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of byte offsets into ``SourceFile.text``."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies within this span (equal spans included)."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one byte."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Location:
    """A place for people: repository-relative POSIX path, 1-based line and column.

    For a notebook ``cell`` is the 0-based index of the cell and ``line`` counts within it.
    """

    path: str
    line: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        cell = "" if self.cell is None else f"#cell{self.cell}"
        return f"{self.path}{cell}:{self.line}:{self.column}"


# --------------------------------------------------------------------------- values


class TypeKind(enum.StrEnum):
    """What a name can stand for."""

    MODULE = "module"  # the module object `pandas`
    OBJECT = "object"  # a function, class or constant itself: `pandas.read_csv`
    INSTANCE = "instance"  # an instance of the class of that name: `pandas.DataFrame`
    MEMBER = "member"  # a bound method or attribute: `pandas.DataFrame.append` of an instance

    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Type:
    """One thing that an expression can be.

    ``name`` is the canonical qualified name: ``pandas.DataFrame``, ``builtins.list``, or for the
    repository's own definitions ``package.module:Class.method`` (the colon marks them as local).
    ``args`` are element types of containers: ``list`` has one, ``dict`` two (key, value),
    ``tuple`` one per item.
    """

    kind: TypeKind
    name: str
    args: tuple[Value, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the repository itself defines it."""
        return ":" in self.name


@dataclass(frozen=True, slots=True)
class Value:
    """The types that an expression can have, how sure that is, and why.

    Empty ``types`` means nothing is known. ``open`` says that beside ``types`` something else is
    possible (a branch whose type is unknown). ``reason`` is for people and reads like
    "returned by pandas.read_csv (line 3)".
    """

    types: frozenset[Type] = frozenset()
    certainty: Certainty = Certainty.UNKNOWN
    reason: str = ""
    open: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known of the type."""
        return not self.types

    def instance_names(self) -> frozenset[str]:
        """Qualified class names of the instances among the types."""
        return frozenset(t.name for t in self.types if t.kind is TypeKind.INSTANCE)


UNKNOWN_VALUE = Value()


# --------------------------------------------------------------------------- scan


class Language(enum.StrEnum):
    """How a file is read and rewritten."""

    PYTHON = "python"
    STUB = "stub"
    NOTEBOOK = "notebook"
    PYTHON2 = "python2"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as the rooms see it.

    ``text`` is always UTF-8 with the line endings of the file, without BOM. For a notebook it is
    a virtual module: the code cells one after the other, with magics masked by text of the same
    byte length; ``layout`` maps it back (see ``scan.notebook``). ``module`` is the dotted name under which the
    repository imports the file ("" when unknown), ``is_package`` whether it is an ``__init__``.
    """

    path: Path
    name: str
    text: bytes
    language: Language = Language.PYTHON
    module: str = ""
    is_package: bool = False
    encoding: str = "utf-8"
    raw: bytes = b""
    layout: object | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not analysed, with the reason and, where there is one, the line."""

    name: str
    reason: str
    line: int | None = None


# --------------------------------------------------------------------------- resolve


class UseKind(enum.StrEnum):
    """How the code refers to the library."""

    IMPORT = "import"  # the name inside an import statement
    NAME = "name"  # a bare reference: `np.float_`, `DataFrame`
    MEMBER = "member"  # attribute of an instance: `df.append`
    ARGUMENT = "argument"  # a string literal that the repository's own functions pass on to the library
    OPERATOR = "operator"  # `index & other`, `df[key]`
    MENTION = "mention"  # a fully spelled name in a docstring or a comment
    STRING = "string"  # inside a string annotation, or `getattr(np, "float_")`
    DYNAMIC = "dynamic"  # `getattr(np, name)`: something of the library, and nothing says what


@dataclass(frozen=True, slots=True)
class Sink:
    """An argument of a library's function or method: its qualified name, and the keyword or place ("0") there."""

    symbol: str
    argument: str


@dataclass(frozen=True, slots=True)
class Use:
    """A place in user code that refers, or may refer, to the library.

    ``span`` covers the reference itself: the dotted expression for NAME (`np.core.numeric.ones`),
    `receiver.attribute` for MEMBER, the imported name for IMPORT, the whole expression for OPERATOR.
    ``symbol`` is the canonical qualified name for NAME/IMPORT/STRING, the bare attribute name for
    MEMBER (``receiver`` has the types), the operator token for OPERATOR.
    Of an ARGUMENT the span is the literal's, ``sinks`` are all arguments it reaches, ``symbol`` the first one's.
    ``context`` is "load", "store" or "del". ``guard`` says why the place is compat code
    ("inside try/except ImportError (line 3)"), empty when it is not.
    """

    kind: UseKind
    span: Span
    symbol: str
    certainty: Certainty
    reason: str
    receiver: Value | None = None
    receiver_span: Span | None = None
    context: str = "load"
    guard: str = ""
    sinks: tuple[Sink, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportBinding:
    """One name bound by an import statement.

    ``statement`` spans the whole import statement, ``item`` the piece for this name
    (`core as c`); ``name`` is the bound name, ``target`` the qualified name it stands for.
    ``uses`` are all references to the binding in this file, in order. ``scope`` spans the
    function or class body that holds it, or the whole file.
    """

    statement: Span
    item: Span
    name: str
    target: str
    uses: tuple[Span, ...]
    scope: Span
    exported: bool = False  # in __all__, re-exported (`as` same name, __init__), imported by others
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Interest:
    """What the active rules look for; the resolver reports uses of nothing else.

    ``roots`` are import names (``numpy``); ``members`` attribute names on instances;
    ``operators`` tokens such as ``&`` or ``[]``; ``followed`` qualified names whose string arguments are followed
    back through parameters of the repository's functions. Of the libraries with the import names ``accounted`` every
    use is reported, also of members that no rule is about.
    """

    roots: frozenset[str]
    members: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    followed: frozenset[str] = frozenset()
    accounted: frozenset[str] = frozenset()


class Resolution(Protocol):
    """What is known about one file. Implemented by ``resolve``, used by ``match`` and ``rewrite``."""

    @property
    def source(self) -> SourceFile:
        """The file."""

    @property
    def tree(self) -> Tree:
        """Its tree."""

    @property
    def uses(self) -> Sequence[Use]:
        """Every use of the libraries, in source order."""

    @property
    def imports(self) -> Sequence[ImportBinding]:
        """Every name bound by an import, in source order."""

    def value_at(self, span: Span) -> Value:
        """The value of the expression that has exactly this span; unknown if there is none."""

    def spell(self, qualified: str, at: int) -> str | None:
        """An expression that means ``qualified`` at byte ``at`` with the names in scope, or None."""

    def is_bound(self, name: str, at: int) -> bool:
        """Whether ``name`` already means something at byte ``at`` (any enclosing scope, builtins not)."""

    def guard_at(self, span: Span, kind: UseKind) -> str:
        """Why a use of this kind at a place is compat code, "" when it is not."""

    def is_subtype(self, name: str, base: str) -> bool:
        """Whether class ``name`` (library's or repository's own) is ``base`` or derives from it."""

    def canonical(self, qualified: str) -> str:
        """The preferred public name of an object known under several (``pandas.core.frame.DataFrame``)."""


# --------------------------------------------------------------------------- match


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: its whole span (`axis=1`, `*xs`), its value's span, its keyword."""

    span: Span
    value: Span
    keyword: str | None = None
    star: str = ""  # "", "*" or "**"


@dataclass(frozen=True, slots=True)
class Capture:
    """What a metavariable stands for: one expression, or a run of arguments for variadic ones."""

    spans: tuple[Span, ...]
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A use that a rule speaks about: a site.

    ``span`` is the whole matched expression or statement. ``refusal`` is empty when the rule can rewrite here,
    else the reason why it must not. ``step`` is the index of the pattern or operation that matched.
    ``doubt`` says why the edit here may change what the code does, where the rule as a whole is safe.
    ``left_alone`` marks compat code and sites ignored by a comment; ``refusal`` says which.
    """

    rule: str
    use: Use
    span: Span
    certainty: Certainty
    applicability: Applicability
    reason: str
    refusal: str = ""
    doubt: str = ""
    step: int = 0
    captures: Mapping[str, Capture] = field(default_factory=dict)
    message: str = ""
    left_alone: bool = False


# --------------------------------------------------------------------------- rewrite


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``span`` by ``parts``: literal UTF-8 bytes, and spans of the source carried over.

    A carried span keeps its bytes and the edits nested in it, so inner and outer sites compose.
    ``imports`` are qualified names that the new text needs, as ``(qualified, bound_name)``;
    the bound name is what the literal parts spell. ``rule`` made it.
    """

    span: Span
    parts: tuple[bytes | Span, ...]
    rule: str = ""
    imports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """All edits of one file and the text they lead to (UTF-8, as ``SourceFile.text``)."""

    source: SourceFile
    text: bytes
    edits: tuple[Edit, ...]


# --------------------------------------------------------------------------- outcomes


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The site was rewritten."""

    location: Location
    rule: str
    before: str
    after: str
    certainty: Certainty
    applicability: Applicability
    reason: str
    reference: str = ""
    prose: bool = False  # in a comment or a docstring, which nothing runs


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """The site is affected, and no rewrite is certain: ``why`` says what stands in the way.

    ``reason`` says how it is known that the use is the library's. Where several rules ask what the same open ``*args``
    or ``**kwargs`` of a call hold, they are one site: ``parts`` has what each says, ``rule`` is the first of them,
    ``why`` sums all up, and advice and reference are those that they share.
    """

    location: Location
    rule: str
    code: str
    certainty: Certainty
    applicability: Applicability
    why: str
    advice: str = ""
    reference: str = ""
    parts: tuple[NeedsPerson, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnknownReceiver:
    """A rule's member is used, but nothing says whether the receiver is the library's."""

    location: Location
    rule: str
    code: str
    why: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """The site is affected but is compat code or ignored on purpose."""

    location: Location
    rule: str
    code: str
    why: str


Outcome = Rewritten | NeedsPerson | UnknownReceiver | LeftAlone


def rules_of(outcome: Outcome) -> tuple[str, ...]:
    """The rules that an outcome speaks for."""
    parts = outcome.parts if isinstance(outcome, NeedsPerson) else ()
    return tuple(part.rule for part in parts) or (outcome.rule,)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A use of a library of which nothing can be said: ``why`` tells what stands in the way."""

    location: Location
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every use of the libraries whose releases were compared; each use counts once, so they add up.

    ``fine``: the new release offers it, and binds its arguments as the old one did. ``unknown``: receivers that
    may be the library's, and the uses among a run's ``unchecked``. A use that several rules speak about counts as what
    needs the most attention.
    """

    rewritten: int = 0
    fine: int = 0
    needs_person: int = 0
    unknown: int = 0
    left_alone: int = 0

    @property
    def uses(self) -> int:
        """All of them."""
        return self.rewritten + self.fine + self.needs_person + self.unknown + self.left_alone

    def __add__(self, other: Account) -> Account:
        return Account(
            self.rewritten + other.rewritten,
            self.fine + other.fine,
            self.needs_person + other.needs_person,
            self.unknown + other.unknown,
            self.left_alone + other.left_alone,
        )


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's old and new bytes, as they are on disk."""

    path: Path
    name: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What reports say about a rule: never more than its file says."""

    summary: str
    reference: str = ""
    deprecated: str = ""
    removed: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a run found and did; every report is made from this alone."""

    root: Path
    migrations: tuple[str, ...]  # "pandas 1.5.3 -> 2.0.3"
    outcomes: tuple[Outcome, ...] = ()
    changes: tuple[FileChange, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()  # stale locks, pins, what was not checked
    files_seen: int = 0
    files_with_library: int = 0
    written: bool = False
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)  # of the rules that occur in the outcomes
    account: Account | None = None  # None where no releases were compared
    unchecked: tuple[Unchecked, ...] = ()
    validation: Validation | None = None  # None where nothing was run
