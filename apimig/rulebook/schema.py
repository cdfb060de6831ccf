"""The rule language: pydantic models of the YAML files, and the JSON Schema made from them.

``rules/<library>/<change>.yaml`` is a :class:`RuleFile`, ``rules/<library>/_library.yaml`` a
:class:`LibraryFile`. Patterns are Python with metavariables: ``$x`` is any expression, ``$?x`` an
argument that may be missing, ``$*xs`` any run of arguments (positional or keyword), ``$_`` anything.
Library names in patterns and templates are written fully qualified (``pandas.concat``); the engine
spells them with the imports of each file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

BODIES = (
    "rename",
    "rename_member",
    "move",
    "parameters",
    "match",
    "property_to_method",
    "method_to_property",
    "function_to_method",
    "method_to_function",
    "codemod",
)


def _version(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"write the version in quotes: {str(value)!r}")  # noqa: TRY004 - pydantic wants ValueError
    try:
        Version(value)
    except InvalidVersion as error:
        raise ValueError(f"not a version: {value!r}") from error
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


VersionText = Annotated[str, BeforeValidator(_version, json_schema_input_type=str)]
_Several = Annotated[list[str], Field(min_length=1)]
Names = Annotated[_Several, BeforeValidator(_listed, json_schema_input_type=str | _Several)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConditionSpec(_Strict):
    """A requirement on an argument (or on a metavariable), or on the use of the result."""

    argument: str | None = Field(None, description="A parameter of the signature, or a metavariable without its $.")
    is_: list[str] | None = Field(None, alias="is", description="Source texts, one of which it holds.")
    is_not: list[str] | None = Field(None, description="Source texts, none of which it holds.")
    type: Names | None = Field(None, description="Every type of the argument is one of these (or derived).")
    not_type: Names | None = Field(None, description="No type of the argument is one of these; unknown types fail.")
    certain: bool = Field(
        default=False, description="With is or type: an argument of which that is not known fails, too."
    )
    present: bool | None = Field(None, description="Whether the argument is given at all.")
    result: Literal["used", "unused"] | None = Field(None, description="Whether the result of the call is used.")

    @model_validator(mode="after")
    def _one_requirement(self) -> ConditionSpec:
        given = [n for n in ("is_", "is_not", "type", "not_type", "present", "result") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError("a condition has exactly one of: is, is_not, type, not_type, present, result")
        if self.certain and self.type is None and self.is_ is None:
            raise ValueError("only is and type can be certain")
        if (self.argument is None) != (self.result is not None):
            raise ValueError("a condition names its argument, unless it is about the result")
        return self


class RemoveSpec(_Strict):
    """A parameter that no longer exists."""

    name: str
    holds: list[str] = Field(
        default_factory=list, description="Removed only when it holds one of these; empty: always."
    )


class OmitSpec(_Strict):
    """A parameter that no longer takes its former default."""

    name: str
    holds: list[str] = Field(min_length=1, description="Left out where it certainly holds one of these.")


class ReplaceSpec(_Strict):
    """A parameter whose values became other arguments."""

    name: str
    values: dict[str, str] = Field(description="Source of the value -> source of the new arguments ('' removes).")


class ValuesSpec(_Strict):
    """A parameter some of whose values have new names."""

    name: str
    map: dict[str, str] = Field(description="Source of the old value -> source of the new one.")


class ParameterSpec(_Strict):
    """One change of a call's arguments; exactly one key."""

    rename: dict[str, str] | None = Field(None, description="Old parameter name -> new one.")
    remove: RemoveSpec | str | None = None
    omit: OmitSpec | None = None
    add: dict[str, str] | None = Field(None, description="New required parameter -> source of its value.")
    explicit: dict[str, str] | None = Field(None, description="Parameter whose default changed -> source of the old.")
    keyword_only: int | None = Field(None, description="Positional arguments after this many become keywords.")
    order: list[str] | None = Field(None, description="The new positional order.")
    values: ValuesSpec | None = None
    replace: ReplaceSpec | None = None

    @model_validator(mode="after")
    def _one_operation(self) -> ParameterSpec:
        if len(self.model_fields_set) != 1:
            raise ValueError("one operation each: " + ", ".join(type(self).model_fields))
        return self


class MoveSpec(_Strict):
    """Objects that keep their name and left their module."""

    from_: str = Field(alias="from", description="The module that they were in.")
    to: str = Field(description="The module that they are in now.")
    names: Names = Field(description="Their names, the same in both modules.")


class TemplateSpec(_Strict):
    """A pattern with its own template, for rules with several forms."""

    match: str
    rewrite: str


class Case(_Strict):
    """Code before and after; the rule's test, and its example in the documentation.

    Code without any import line is taken as a snippet: the conventional aliases (``np``, ``pd``)
    count as imported, no import is added or removed. ``given`` maps names to expressions that make them, written
    with qualified names (``pandas.DataFrame({"a": [1]})``): what the code may assume, and what
    makes the case executable. ``setup`` is what only running it needs: nothing is inferred from it.
    """

    before: str
    after: str
    given: dict[str, str] = Field(default_factory=dict)
    setup: str = Field(
        "", description="Statements, with qualified names, before either code where the case is run: files it reads."
    )
    unsafe: bool = Field(default=False, description="Needs --unsafe.")
    differs: str = Field("", description="Why old and new code do not give the same under the two releases.")


class Unchanged(_Strict):
    """Code that must stay as it is, and whether the site must be reported."""

    code: str
    given: dict[str, str] = Field(default_factory=dict)
    reported: bool | None = Field(None, description="True: reported for a person; False: not a site; None: either.")


def _unchanged(value: object) -> object:
    return {"code": value} if isinstance(value, str) else value


class RuleFile(_Strict):
    """One change of one library: which uses, what becomes of them, from which version, with cases."""

    library: str = Field(description="The distribution's name: scikit-learn.")
    summary: str
    reference: str = Field(description="URL of the release note or deprecation.")
    deprecated: VersionText | None = None
    removed: VersionText | None = None
    changed: VersionText | None = Field(None, description="The call means something else from here on.")
    replacement_since: VersionText | None = Field(None, description="The rewritten code works from here on.")
    applicability: Literal["safe", "unsafe", "manual"] = "safe"

    api: Names | None = Field(None, description="Qualified names that parameters, codemod or advise speak about.")
    signature: str | None = Field(None, description="The old signature: \"(path, sep=',', *, header=0)\".")
    rename: dict[str, str] | None = Field(None, description="Qualified old name -> qualified new name.")
    rename_member: dict[str, str] | None = Field(None, description="Class.member -> new member name.")
    move: list[MoveSpec] | None = Field(None, description="Names that moved to another module: many renames in one.")
    parameters: list[ParameterSpec] | None = None
    match: str | list[str | TemplateSpec] | None = None
    rewrite: str | None = None
    where: dict[str, Names] = Field(default_factory=dict, description="Metavariable -> types.")
    when: list[ConditionSpec] = Field(default_factory=list)
    imports: list[str] = Field(default_factory=list, description="Modules beside the library that templates name.")
    property_to_method: Names | None = None
    method_to_property: Names | None = None
    function_to_method: dict[str, str] | None = None
    method_to_function: dict[str, str] | None = None
    codemod: str | None = Field(None, description="<library>/<name> of a file in codemods/.")
    follow: bool | None = Field(
        None, description="Call the codemod too for string literals that the repository's functions pass on to the api."
    )
    ask: bool = Field(default=True, description="Whether unknown receivers are listed without --ask-all.")
    prose: bool = Field(default=True, description="Whether docstrings and comments are renamed as well.")
    advise: str | None = Field(None, description="What a person (or a model) should do where no edit is certain.")

    cases: list[Case] = Field(default_factory=list)
    unchanged: list[Annotated[Unchanged, BeforeValidator(_unchanged, json_schema_input_type=str | Unchanged)]] = Field(
        default_factory=list
    )
    provenance: dict[str, Any] = Field(default_factory=dict, description="Where a learned rule comes from.")

    @model_validator(mode="after")
    def _consistent(self) -> RuleFile:
        found = inconsistencies({name: getattr(self, name) for name in self.model_fields_set})
        if found:
            raise ValueError("; ".join(text for _, text in found))
        return self


def inconsistencies(given: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong between the keys of a rule: (key, message). Works on raw data too, where keys may hold anything."""
    rule = {name: value for name, value in given.items() if value is not None}
    return [*_body_problems(rule), *_version_problems(rule), *_case_problems(rule)]


def _body_problems(rule: Mapping[str, object]) -> list[tuple[str, str]]:
    bodies = [name for name in BODIES if name in rule]
    problems = [(key, f"{key} belongs to match, which is missing") for key in ("rewrite", "where") if _stray(rule, key)]
    if len(bodies) > 1:
        return [*problems, (bodies[1], f"one body a rule, found {' and '.join(bodies)}")]
    if not bodies and "advise" not in rule:
        return [*problems, ("", f"a body is missing: one of {', '.join(BODIES)}, or advise with api")]
    body = bodies[0] if bodies else "advise"
    if body in ("parameters", "codemod", "advise") and "api" not in rule:
        problems.append((body, f"{body} needs api: the qualified names it is about"))
    if "follow" in rule and body != "codemod":
        problems.append(("follow", "follow belongs to codemod, which is missing"))
    if body == "match" and not _replaces(rule) and "advise" not in rule:
        problems.append(("match", "match needs rewrite, or advise"))
    return problems


def _stray(rule: Mapping[str, object], key: str) -> bool:
    return bool(rule.get(key)) and "match" not in rule


def _replaces(rule: Mapping[str, object]) -> bool:
    """Whether a rule with match says what becomes of at least one of its patterns."""
    match = rule["match"]
    return "rewrite" in rule or (isinstance(match, list) and any(not isinstance(item, str) for item in match))


def _version_problems(rule: Mapping[str, object]) -> list[tuple[str, str]]:
    if not {"deprecated", "removed", "changed"} & rule.keys():
        return [("", "a version is missing: deprecated, removed or changed")]
    try:
        late = Version(str(rule["deprecated"])) > Version(str(rule["removed"]))
    except (KeyError, InvalidVersion):
        return []
    return [("deprecated", "deprecated is later than removed")] if late else []


def _case_problems(rule: Mapping[str, object]) -> list[tuple[str, str]]:
    rewrites = any(name in rule for name in BODIES) and ("match" not in rule or _replaces(rule))
    problems = []
    if rewrites and rule.get("applicability") != "manual" and not rule.get("cases"):
        problems.append(("cases", "a rule that rewrites has at least one case"))
    if not rule.get("unchanged"):
        problems.append(("unchanged", "a rule shows under unchanged at least one piece of code that it leaves alone"))
    return problems


# --------------------------------------------------------------------------- _library.yaml


class ReturnsAlternative(_Strict):
    """A result type under a condition."""

    when: str
    type: str


ReturnsSpec = str | list[ReturnsAlternative | str]


class ClassSpec(_Strict):
    """What is known of a class (see :class:`apimig.rulebook.rule.ClassTypes`)."""

    bases: Names | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    returns: dict[str, ReturnsSpec] = Field(default_factory=dict)
    items: dict[str, str] = Field(default_factory=dict)
    iterates: str = "unknown"
    operators: str = "unknown"
    enters: str = "self"
    made_by: list[str] = Field(
        default_factory=list, description="Names, one of which stands in every code base that has an instance."
    )


class EvidenceSpec(_Strict):
    """Signs that a variable is an instance of these types."""

    types: Names
    keywords: dict[str, Names] = Field(default_factory=dict, description="Method -> keywords only it takes.")
    attributes: list[str] = Field(default_factory=list)
    used_results: list[str] = Field(default_factory=list)
    spelled: list[str] = Field(
        default_factory=list, description="Attributes that hold one wherever they stand: __mapper__."
    )


class LibraryFile(_Strict):
    """What a pack says about its library beside its rules."""

    library: str
    imports: Names
    oldest: VersionText | None = None
    releases: list[VersionText] = Field(default_factory=list, description="Final releases that exist, oldest first.")
    aliases: dict[str, str] = Field(default_factory=dict)
    conventional: dict[str, str] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)
    functions: dict[str, ReturnsSpec] = Field(default_factory=dict)
    objects: dict[str, str] = Field(default_factory=dict)
    classes: dict[str, ClassSpec] = Field(default_factory=dict)
    evidence: list[EvidenceSpec] = Field(default_factory=list)
    rivals: list[str] = Field(
        default_factory=list, description="Import names of libraries with look-alike classes: they rule evidence out."
    )
    everyday: list[str] = Field(
        default_factory=list,
        description="Members, or Class.member, that so many objects have that unknown ones are not asked about.",
    )
    no_rule: dict[str, str] = Field(default_factory=dict)
    companions: list[str] = Field(
        default_factory=list, description="Requirements that an environment needs beside the library to run the cases."
    )
    samples: dict[str, str] = Field(
        default_factory=dict, description="Class or usual name -> expression that makes one, to run cases."
    )
    modules: list[str] = Field(
        default_factory=list, description="Modules whose name has a capital letter: they are no classes (PIL.Image)."
    )


def json_schema(*, library: bool = False) -> dict[str, Any]:
    """The JSON Schema of rule files, or of ``_library.yaml``."""
    model: type[BaseModel] = LibraryFile if library else RuleFile
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(mode="validation")}
