"""The compiled form of a rule: plain frozen dataclasses, cheap to load from the cache.

``schema`` describes the YAML that people write; ``compile`` turns that into these. Rooms use
only these. A qualified name is ``module.object`` or ``module.Class.member``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apimig.records import Applicability


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement on a call or a capture; all conditions of a rule must hold.

    ``argument`` names a parameter of the signature or a metavariable of the pattern; "result"
    conditions have an empty one. Exactly one of the other groups is set. ``values`` are source
    texts, compared as normalised expressions ('"a"' equals "'a'"); ``types`` are qualified class names.
    A condition on a type holds only when *all* types of the argument are in ``types``; a ``certain`` one (or one on
    values) fails where that is not known, others are asked about.
    """

    argument: str
    values: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    present: bool | None = None
    negated: bool = False
    certain: bool = False
    result_used: bool | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Qualified names that became other qualified names, wherever they are referred to.

    Old names may be modules (everything below moves along), classes, functions, constants, class
    attributes or enum members.
    ``builtins.float`` as a new name means the builtin.
    """

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RenameMember:
    """Attributes and methods of instances: (``pandas.DataFrame.iteritems``, ``items``)."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ParameterOp:
    """One change of a call's arguments.

    ``op`` is one of:

    - ``rename``: argument ``name`` is now called ``new``. With a ``value``, which derived rules have, that is only
      likely: where it is passed by that name the edit is unsafe, and ``value`` says why.
    - ``remove``: argument ``name`` goes. ``holds`` lists the source texts it may hold (its default
      and what is equal to it); empty means always. With a ``value``, which derived rules have, it goes whatever it
      holds, but then the edit is unsafe.
    - ``omit``: argument ``name``, which still exists, is left out where it certainly holds one of ``holds``: its
      former default, which it no longer takes.
    - ``add``: argument ``name`` with source ``value`` is added when absent (a new required parameter).
    - ``explicit``: the default changed: ``name=value`` (the old default) is written when absent.
    - ``keyword_only``: positional arguments after the first ``count`` become keywords.
    - ``positional``: the parameters ``names``, the first of all, are passed by position. Only derived rules have it.
    - ``order``: the new signature's positional order is ``names``.
    - ``values``: the value of ``name`` is mapped through ``mapping`` (source text to source text).
    - ``gone``: argument ``name`` given at all is for a person; ``value`` says why. ``*args``: more than
      ``count`` positional arguments beyond the signature, ``**kwargs``: keywords that are not among ``names``. Only
      derived rules have it.
    - ``unplaced``: argument ``name`` given by position goes where it holds one of ``holds`` and is else for a person;
      ``value`` says why. Only derived rules have it.
    - ``undecided``: every call may be affected, and nothing tells. Only derived rules have it.
    - ``require``: every call without argument ``name`` is for a person. Only derived rules have it.
    - ``replace``: argument ``name`` with value v becomes the arguments ``mapping[v]`` (source text of
      arguments, ``on_bad_lines="skip"``; empty text removes it).
    """

    op: str
    name: str = ""
    new: str = ""
    value: str = ""
    count: int = 0
    names: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeCall:
    """Calls of ``api``: arguments bound with the old ``signature``, changed by ``ops`` in order."""

    api: tuple[str, ...]
    signature: str
    ops: tuple[ParameterOp, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One pattern and what becomes of it; an empty ``rewrite`` only reports."""

    match: str
    rewrite: str = ""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Patterns tried in order; the first that matches a site wins."""

    templates: tuple[Template, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signature: str = ""
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PropertyToMethod:
    """Members that were attributes and are methods now: ``x.a`` becomes ``x.a()``."""

    api: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodToProperty:
    """Members that were methods and are attributes now: ``x.a()`` becomes ``x.a``."""

    api: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionToMethod:
    """``old(x, ...)`` became ``x.new(...)``; pairs of (qualified function, method name)."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MethodToFunction:
    """``x.old(...)`` became ``new(x, ...)``; pairs of (qualified member, qualified function)."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Codemod:
    """A body in Python: ``codemods/<id>.py``, called for every use of ``api``.

    With ``follow`` also for string literals that reach ``api`` through parameters of the repository's functions.
    """

    id: str
    api: tuple[str, ...]
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Advise:
    """No automatic rewrite: every use of ``api`` (or match of a template) is reported."""

    api: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signature: str = ""


Body = (
    Rename
    | RenameMember
    | ChangeCall
    | Rewrite
    | PropertyToMethod
    | MethodToProperty
    | FunctionToMethod
    | MethodToFunction
    | Codemod
    | Advise
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. ``id`` is ``<library>/<file name>``; versions are PEP 440 texts or ""."""

    id: str
    library: str
    body: Body
    summary: str
    reference: str
    applicability: Applicability
    deprecated: str = ""
    removed: str = ""
    changed: str = ""
    replacement_since: str = ""
    advise: str = ""
    when: tuple[Condition, ...] = ()
    path: str = ""
    ask: bool = True  # whether receivers of which nothing is known are reported
    derived: bool = False  # made from the difference of two releases, not from a rule file
    prose: bool = True  # whether the old names of a rename are renamed in docstrings and comments, too


# ------------------------------------------------------------------------ what a library's objects are


@dataclass(frozen=True, slots=True)
class Returns:
    """A result type: the first alternative whose condition holds, else ``default``.

    Conditions: ``inplace=True`` (the argument has this source), ``chunksize`` (the argument is
    given), ``arg:builtins.dict`` (the argument has this type); several joined by `` and ``.
    Type expressions: ``pandas.DataFrame``, ``self`` (the receiver's class), ``None``, ``A | B``,
    ``list[A]``, ``tuple[A, B]``, ``dict[K, V]``, ``iterator[A]``, ``unknown``; builtins may be written bare (``str``).
    A leading ``~`` makes the result inferred instead of proven.
    """

    default: str
    alternatives: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassTypes:
    """What is known of a library class; members are inherited through ``bases``.

    ``attributes`` and ``returns`` map member names to types (of the attribute, of the call's result).
    ``items`` gives the type of ``x[key]`` by kind of key: ``string``, ``number``, ``list``, ``slice``,
    ``tuple``, ``mask`` (comparison), ``other``. ``iterates`` is the element type of ``for e in x``; ``operators`` the
    result type of arithmetic, comparison and bitwise operators; ``enters`` of ``with x as e`` (default self).
    ``made_by``: names, one of which stands somewhere in every code base that has an instance. ``listed`` are further
    members, of which nothing more is said.
    """

    name: str
    bases: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[str, Returns] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    iterates: str = "unknown"
    operators: str = "unknown"
    enters: str = "self"
    made_by: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signs in the code that a variable is an instance of ``types`` (certainty ``inferred``).

    ``keywords``: (method, keyword) pairs that only these types' method takes. ``attributes``: names so
    particular to these types that two of them on one variable, counted over all evidence of the library, tell that it
    is one of the types that have both. ``used_results``: methods
    whose namesake on a builtin returns None, so a used result excludes the builtin, and one that is thrown away these.
    ``spelled``: attributes that the library itself sets on users' objects, which hold one wherever they stand.
    """

    types: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()
    attributes: tuple[str, ...] = ()
    used_results: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """What a pack says about its library beside its rules (``rules/<library>/_library.yaml``).

    ``aliases`` maps qualified names (also prefixes of them) to the preferred public one.
    ``conventional`` are import aliases that count as imported in snippets (``np``: ``numpy``);
    ``names`` conventional variable names (``df``: ``pandas.DataFrame``). ``no_rule`` accounts for
    removed public names that need no rule, with the reason. ``releases`` are the final releases that exist.
    ``rivals`` are import names of libraries with look-alike classes: a file that imports one gets no evidence.
    """

    distribution: str
    imports: tuple[str, ...]
    oldest: str = ""
    releases: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    conventional: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Returns] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)  # constants: qualified name -> type
    classes: Mapping[str, ClassTypes] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    rivals: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()  # members that so many objects have that unknown ones are not asked about
    no_rule: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()  # modules with a capital letter, which would be taken for classes
    companions: tuple[str, ...] = ()  # requirements beside the library, to run cases
    samples: Mapping[str, str] = field(default_factory=dict)  # class or usual name -> expression, to run cases
    homes: Mapping[str, str] = field(default_factory=dict)  # where classes are defined -> the preferred public name
