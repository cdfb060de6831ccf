"""The YAML models -> the compiled records that the rooms use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from apimig.records import Applicability
from apimig.rulebook import schema
from apimig.rulebook.rule import (
    Advise,
    Body,
    ChangeCall,
    ClassTypes,
    Codemod,
    Condition,
    Evidence,
    FunctionToMethod,
    Library,
    MethodToFunction,
    MethodToProperty,
    ParameterOp,
    PropertyToMethod,
    Rename,
    RenameMember,
    Returns,
    Rewrite,
    Rule,
    Template,
)


def compile_rule(file: schema.RuleFile, *, id: str, path: str = "") -> Rule:
    """The compiled rule of one valid file."""
    return Rule(
        id=id,
        library=file.library,
        body=_body(file),
        summary=file.summary,
        reference=file.reference,
        applicability=Applicability(file.applicability),
        deprecated=file.deprecated or "",
        removed=file.removed or "",
        changed=file.changed or "",
        replacement_since=file.replacement_since or "",
        advise=file.advise or "",
        ask=file.ask,
        prose=file.prose,
        when=tuple(map(_condition, file.when)),
        path=path,
    )


def _body(file: schema.RuleFile) -> Body:
    for name, build in _BODIES.items():
        if getattr(file, name) is not None:
            return build(file)
    return Advise(api=_api(file), signature=file.signature or "")


def _api(file: schema.RuleFile) -> tuple[str, ...]:
    return tuple(file.api or ())


def _pairs(mapping: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple((mapping or {}).items())


def _move(file: schema.RuleFile) -> Rename:
    moves = file.move or ()
    return Rename(tuple((f"{move.from_}.{name}", f"{move.to}.{name}") for move in moves for name in move.names))


def _change_call(file: schema.RuleFile) -> ChangeCall:
    ops = tuple(op for spec in file.parameters or () for op in _operations(spec))
    return ChangeCall(_api(file), file.signature or "", ops)


def _operations(spec: schema.ParameterSpec) -> Iterator[ParameterOp]:
    for old, new in (spec.rename or {}).items():
        yield ParameterOp("rename", name=old, new=new)
    if spec.remove is not None:
        removed = schema.RemoveSpec(name=spec.remove) if isinstance(spec.remove, str) else spec.remove
        yield ParameterOp("remove", name=removed.name, holds=tuple(removed.holds))
    if spec.omit is not None:
        yield ParameterOp("omit", name=spec.omit.name, holds=tuple(spec.omit.holds))
    for name, value in (spec.add or {}).items():
        yield ParameterOp("add", name=name, value=value)
    for name, value in (spec.explicit or {}).items():
        yield ParameterOp("explicit", name=name, value=value)
    if spec.keyword_only is not None:
        yield ParameterOp("keyword_only", count=spec.keyword_only)
    if spec.order is not None:
        yield ParameterOp("order", names=tuple(spec.order))
    if spec.values is not None:
        yield ParameterOp("values", name=spec.values.name, mapping=_pairs(spec.values.map))
    if spec.replace is not None:
        yield ParameterOp("replace", name=spec.replace.name, mapping=_pairs(spec.replace.values))


def _match(file: schema.RuleFile) -> Rewrite | Advise:
    patterns = [file.match] if isinstance(file.match, str) else list(file.match or ())
    templates = tuple(
        Template(p, file.rewrite or "") if isinstance(p, str) else Template(p.match, p.rewrite) for p in patterns
    )
    where = {name: tuple(types) for name, types in file.where.items()}
    signature = file.signature or ""
    if any(template.rewrite for template in templates) or file.rewrite is not None:
        return Rewrite(templates, where, signature, tuple(file.imports))
    return Advise(_api(file), templates, where, signature)


def _condition(spec: schema.ConditionSpec) -> Condition:
    return Condition(
        argument=spec.argument or "",
        values=tuple(spec.is_ or spec.is_not or ()),
        types=tuple(spec.type or spec.not_type or ()),
        present=spec.present,
        negated=spec.is_not is not None or spec.not_type is not None,
        certain=spec.certain,
        result_used=None if spec.result is None else spec.result == "used",
    )


_BODIES: Mapping[str, Callable[[schema.RuleFile], Body]] = {
    "rename": lambda file: Rename(_pairs(file.rename)),
    "rename_member": lambda file: RenameMember(_pairs(file.rename_member)),
    "move": _move,
    "parameters": _change_call,
    "match": _match,
    "property_to_method": lambda file: PropertyToMethod(tuple(file.property_to_method or ())),
    "method_to_property": lambda file: MethodToProperty(tuple(file.method_to_property or ())),
    "function_to_method": lambda file: FunctionToMethod(_pairs(file.function_to_method)),
    "method_to_function": lambda file: MethodToFunction(_pairs(file.method_to_function)),
    "codemod": lambda file: Codemod(file.codemod or "", _api(file), follow=file.follow or False),
}


# --------------------------------------------------------------------------- _library.yaml


def compile_library(file: schema.LibraryFile) -> Library:
    """The compiled facts of one valid ``_library.yaml``."""
    return Library(
        distribution=file.library,
        imports=tuple(file.imports),
        oldest=file.oldest or "",
        releases=tuple(file.releases),
        aliases=dict(file.aliases),
        conventional=dict(file.conventional),
        names=dict(file.names),
        functions={name: _returns(spec) for name, spec in file.functions.items()},
        objects=dict(file.objects),
        classes={name: _class(name, spec) for name, spec in file.classes.items()},
        evidence=tuple(map(_evidence, file.evidence)),
        rivals=tuple(file.rivals),
        everyday=tuple(file.everyday),
        no_rule=dict(file.no_rule),
        modules=tuple(file.modules),
        companions=tuple(file.companions),
        samples=dict(file.samples),
    )


def _returns(spec: schema.ReturnsSpec) -> Returns:
    if isinstance(spec, str):
        return Returns(spec)
    default = next((item for item in spec if isinstance(item, str)), "unknown")
    return Returns(default, tuple((item.when, item.type) for item in spec if not isinstance(item, str)))


def _class(name: str, spec: schema.ClassSpec) -> ClassTypes:
    return ClassTypes(
        name=name,
        bases=tuple(spec.bases or ()),
        attributes=dict(spec.attributes),
        returns={member: _returns(result) for member, result in spec.returns.items()},
        items=dict(spec.items),
        iterates=spec.iterates,
        operators=spec.operators,
        enters=spec.enters,
        made_by=tuple(spec.made_by),
    )


def _evidence(spec: schema.EvidenceSpec) -> Evidence:
    keywords = tuple((method, keyword) for method, names in spec.keywords.items() for keyword in names)
    return Evidence(tuple(spec.types), keywords, tuple(spec.attributes), tuple(spec.used_results), tuple(spec.spelled))
