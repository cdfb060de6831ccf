"""One use and one rule: whether the use is a site of it, and what stands in the way of a rewrite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from apimig import syntax
from apimig.match import conditions, receivers, structure
from apimig.match.conditions import Subject
from apimig.match.index import Target
from apimig.match.receivers import Verdict, weakest
from apimig.match.targets import target_of
from apimig.records import Applicability, Capture, Certainty, Finding, Span, Use, UseKind
from apimig.rulebook.calls import Call, Facts, call_of, partial_of
from apimig.rulebook.parameters import plan
from apimig.rulebook.rule import (
    Advise,
    ChangeCall,
    Codemod,
    FunctionToMethod,
    MethodToFunction,
    MethodToProperty,
    PropertyToMethod,
    Rename,
    RenameMember,
    Rewrite,
)
from apimig.rulebook.signature import Signature, parse_signature


@dataclass(frozen=True, slots=True)
class Candidate:
    """A use that may be a site of a target; ``node`` is the part of it that the target names, None inside strings."""

    use: Use
    target: Target
    span: Span
    node: Node | None
    facts: Facts
    roots: frozenset[str]
    certainty: Certainty
    refusal: str = ""
    name: str = ""  # the qualified name that the span stands for, of symbols
    everyday: bool = False  # nothing types the receiver, and many other objects have the member

    @property
    def through_class(self) -> bool:
        """Whether a member is taken from its class: ``pandas.DataFrame.append``."""
        return self.use.kind is not UseKind.MEMBER and self.target.is_member


@dataclass(frozen=True, slots=True)
class Site:
    """What a body says of a candidate."""

    span: Span
    refusal: str = ""
    captures: Mapping[str, Capture] = field(default_factory=dict)
    certainty: Certainty = Certainty.PROVEN
    node: Node | None = None
    doubt: str = ""


def find(candidate: Candidate) -> Finding | None:
    """The finding for a candidate, None when the rule does not speak about it."""
    body = candidate.target.rule.body
    if candidate.target.pattern is not None:
        site = _pattern(candidate)
    elif candidate.use.kind is UseKind.IMPORT and not isinstance(body, Rename):
        site = _unused_import(candidate)
    else:
        site = _BODIES[type(body)](candidate)
        site = None if site is None else _with_conditions(candidate, site)
    return None if site is None else _finding(candidate, site)


def _finding(candidate: Candidate, site: Site) -> Finding:
    rule, use = candidate.target.rule, candidate.use
    return Finding(
        rule=rule.id,
        use=use,
        span=site.span,
        certainty=weakest(candidate.certainty, site.certainty),
        applicability=_applicability(candidate, site),
        reason=use.reason,
        refusal=candidate.refusal or site.refusal,
        doubt=site.doubt,
        step=candidate.target.step,
        captures=site.captures,
        message=rule.advise,
    )


def _applicability(candidate: Candidate, site: Site) -> Applicability:
    rule = candidate.target.rule
    if isinstance(rule.body, Advise) or (candidate.target.pattern is not None and not candidate.target.becomes):
        return Applicability.MANUAL
    doubted = site.doubt and rule.applicability is Applicability.SAFE
    return Applicability.UNSAFE if doubted else rule.applicability


# ------------------------------------------------------------------------ bodies


def _here(candidate: Candidate) -> Site:
    return Site(candidate.span, node=candidate.node)


def _unused_import(candidate: Candidate) -> Site | None:
    """An import counts by itself only where nothing in the file uses it: the uses are sites of their own."""
    body = candidate.target.rule.body
    if isinstance(body, (ChangeCall, RenameMember)):
        return None
    if isinstance(body, Advise) and candidate.name != candidate.use.symbol:
        return _here(candidate)  # something of a module that the rule is about
    bindings = [b for b in candidate.facts.resolution.imports if b.item.contains(candidate.span)]
    if not bindings or any(b.uses for b in bindings):
        return None
    refusal = "" if isinstance(body, Advise) else "it is imported here and used elsewhere, if at all"
    return Site(candidate.span, refusal)


def _rename(candidate: Candidate) -> Site | None:
    return replace(_here(candidate), refusal=_stored(candidate)) if _spells_it(candidate) else None


def _spells_it(candidate: Candidate) -> bool:
    """Whether the place itself has the old name: what goes through an alias changes with the import alone."""
    node = candidate.node
    if candidate.use.kind is not UseKind.NAME or node is None or node.type != "identifier":
        return True
    return syntax.text_of(node) == candidate.name.rpartition(".")[2] and not _is_variable(candidate, node)


def _is_variable(candidate: Candidate, node: Node) -> bool:
    """Whether a bare name is the code's own: it holds what is spelled where it is assigned."""
    resolution = candidate.facts.resolution
    if node.type != "identifier" or any(candidate.span in binding.uses for binding in resolution.imports):
        return False
    return resolution.is_bound(syntax.text_of(node), candidate.span.start)  # else it comes from a star import


def _rename_member(candidate: Candidate) -> Site | None:
    if candidate.node is not None and candidate.node.type == "identifier":
        return None  # a variable that holds the method: where it gets it is the site
    return replace(_here(candidate), refusal=_stored(candidate))


def _stored(candidate: Candidate) -> str:
    if candidate.use.context == "load" or candidate.span != candidate.use.span:
        return ""
    return f"it is {'deleted' if candidate.use.context == 'del' else 'assigned to'} here, not used"


def _call(candidate: Candidate) -> Call | None:
    return None if candidate.node is None else call_of(candidate.node)


def _change_call(candidate: Candidate) -> Site | None:
    body = candidate.target.rule.body
    node = candidate.node
    if not isinstance(body, ChangeCall) or node is None:
        return None
    call = call_of(node) or partial_of(node)
    if call is None:
        return _uncalled(candidate, body)
    bound, problem = receiver_bound(call, parse_signature(body.signature), through_class=candidate.through_class)
    changes = plan(bound, parse_signature(body.signature), body.ops, candidate.facts)
    if not changes.is_site:
        return None
    return Site(syntax.span_of(call.node), problem or changes.refusal, node=node, doubt=changes.doubt)


def receiver_bound(call: Call, signature: Signature, *, through_class: bool) -> tuple[Call, str]:
    """The call without a receiver passed as its first argument, and why that may be wrong."""
    if not through_class or signature.receiver == "cls":
        return call, ""
    if signature.receiver == "self" and call.arguments and not call.arguments[0].star:
        return replace(call, arguments=call.arguments[1:]), ""
    return call, "it is called through its class, so its first argument may be the receiver"


def _uncalled(candidate: Candidate, body: ChangeCall) -> Site | None:
    """A function passed on is affected for certain only where each call must now say more."""
    if any(op.op in ("add", "explicit") for op in body.ops) and not _is_base_or_annotation(candidate.node):
        return replace(_here(candidate), refusal="it is passed on without being called: look at the calls made with it")
    return None


_NO_CALLS = frozenset(("type", "class_definition", "except_clause", "as_pattern", "subscript", "attribute"))


def _is_base_or_annotation(node: Node | None) -> bool:
    """Whether a class is named without being called: a base, an annotation, ``isinstance``."""
    node = None if node is None else node.parent
    while node is not None and not node.type.endswith("_statement"):
        if node.type in _NO_CALLS:
            return True
        if node.type == "call":
            function = node.child_by_field_name("function")
            return function is not None and syntax.text_of(function) in ("isinstance", "issubclass")
        node = node.parent
    return False


def _property_to_method(candidate: Candidate) -> Site | None:
    if _call(candidate) is not None:
        return None
    refusal = _stored(candidate)
    if candidate.through_class:
        refusal = refusal or "the property itself is taken from its class here"
    return replace(_here(candidate), refusal=refusal)


def _method_to_property(candidate: Candidate) -> Site | None:
    call = _call(candidate)
    if call is None:  # where it is read, that is how a property is used
        stored = _stored(candidate)
        return replace(_here(candidate), refusal=stored) if stored else None
    refusal = "it is called with arguments, which a property cannot take" if call.arguments else ""
    if candidate.through_class:
        refusal = "it is called through its class"
    return Site(syntax.span_of(call.node), refusal, node=candidate.node)


def _function_to_method(candidate: Candidate) -> Site | None:
    call = _call(candidate)
    if call is None:
        return replace(_here(candidate), refusal="it is passed on without being called; a method needs its receiver")
    first = call.arguments[0] if call.arguments else None
    refusal = ""
    if first is None:
        refusal = "it is called without arguments"
    elif first.star or first.keyword is not None:
        refusal = f"`{candidate.facts.text(first.span)}` may not be the object whose method it is now"
    return Site(syntax.span_of(call.node), refusal, node=candidate.node)


def _method_to_function(candidate: Candidate) -> Site | None:
    call = _call(candidate)
    if call is None:
        return replace(_here(candidate), refusal=_stored(candidate) or "the method is passed on without being called")
    refusal = "it is called through its class" if candidate.through_class else ""
    return Site(syntax.span_of(call.node), refusal, node=candidate.node)


def _codemod(candidate: Candidate) -> Site | None:
    refusal = "it stands inside a string" if candidate.node is None else ""
    return replace(_here(candidate), refusal=refusal)


def _advise(candidate: Candidate) -> Site | None:
    return _here(candidate)


_BODIES: dict[type, Callable[[Candidate], Site | None]] = {
    Rename: _rename,
    RenameMember: _rename_member,
    ChangeCall: _change_call,
    PropertyToMethod: _property_to_method,
    MethodToProperty: _method_to_property,
    FunctionToMethod: _function_to_method,
    MethodToFunction: _method_to_function,
    Codemod: _codemod,
    Advise: _advise,
}


def _with_conditions(candidate: Candidate, site: Site) -> Site | None:
    """The site with what ``when`` says of it; None where a condition certainly fails."""
    rule = candidate.target.rule
    if not rule.when:
        return site
    if candidate.node is None:
        return replace(site, refusal=site.refusal or "it stands inside a string")
    call = call_of(candidate.node) or partial_of(candidate.node)
    if call is None:
        return replace(
            site, refusal=site.refusal or "it is passed on without being called: look at its arguments there"
        )
    signature = parse_signature(getattr(rule.body, "signature", ""))
    bound, problem = receiver_bound(call, signature, through_class=candidate.through_class)
    binding = signature.bind(bound.arguments)
    verdict = conditions.check(rule.when, Subject(candidate.facts, call.node, {}, binding, signature, call))
    if verdict is False:
        return None
    return replace(site, refusal=site.refusal or problem or ("" if verdict is True else verdict))


# ------------------------------------------------------------------------ patterns


def _pattern(candidate: Candidate) -> Site | None:
    target = candidate.target
    body = target.rule.body
    if target.pattern is None or target.anchor is None or not isinstance(body, (Rewrite, Advise)):
        return None
    if candidate.use.kind is UseKind.IMPORT:
        return _unused_import(candidate) if target.pattern.root == target.anchor else None
    if candidate.node is None:
        return Site(candidate.span, "it stands inside a string") if target.pattern.root == target.anchor else None
    if target.pattern.root == target.anchor and _is_variable(candidate, candidate.node):
        return None
    try:
        found = structure.match_at(
            target.pattern, target.anchor, candidate.node, candidate.facts, body.signature, candidate.roots
        )
    except structure.Undecided as doubt:
        return Site(candidate.span, str(doubt), node=candidate.node)
    return None if found is None else _matched(candidate, body, found)


def _matched(candidate: Candidate, body: Rewrite | Advise, found: structure.Match) -> Site | None:
    certainty = weakest(Certainty.PROVEN, *(use.certainty for use in found.uses))
    refusal = ""
    for name, classes in body.where.items():
        verdict = _where(candidate, name, classes, found)
        if not verdict.is_site:
            return None
        certainty, refusal = weakest(certainty, verdict.certainty), refusal or verdict.refusal
    verdict_when = _when(candidate, body, found)
    if verdict_when is False:
        return None
    refusal = refusal or ("" if verdict_when is True else verdict_when)
    if (
        candidate.target.pattern is not None
        and candidate.target.pattern.is_expression
        and (what := target_of(found.node))
    ):
        refusal = refusal or f"it is {what} here, not used"
    return Site(syntax.span_of(found.node), refusal, found.captures, certainty, found.node)


def _where(candidate: Candidate, name: str, classes: tuple[str, ...], found: structure.Match) -> Verdict:
    capture = found.captures.get(name)
    if capture is None or len(capture.spans) != 1:
        return Verdict(fits=True, certainty=Certainty.PROVEN)
    span = capture.spans[0]
    facts = candidate.facts
    use = candidate.use
    if span == use.receiver_span and use.receiver is not None:
        sure = use.certainty is not Certainty.UNKNOWN
        return receivers.judge(use.receiver, classes, facts, f"`{facts.text(span)}`", open_fits=sure)
    return receivers.judge(facts.resolution.value_at(span), classes, facts, f"`{facts.text(span)}`")


def _when(candidate: Candidate, body: Rewrite | Advise, found: structure.Match) -> bool | str:
    conditions_ = candidate.target.rule.when
    if not conditions_:
        return True
    call = None if candidate.node is None else call_of(candidate.node)
    signature = parse_signature(body.signature)
    binding = None if call is None else signature.bind(call.arguments)
    subject = Subject(candidate.facts, found.node, found.captures, binding, signature, call)
    return conditions.check(conditions_, subject)
