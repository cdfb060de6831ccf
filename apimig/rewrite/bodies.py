"""What each kind of rule does at a site: the edit, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from apimig import syntax
from apimig.records import Capture, Edit, Finding, Span, UseKind
from apimig.rewrite import loading, spelling, surgery, templates
from apimig.rewrite.codemod import Site
from apimig.rewrite.naming import Names
from apimig.rewrite.spelling import ImportChange, Renaming
from apimig.rewrite.templates import Filling, Refused
from apimig.rulebook.calls import Call, Facts, call_of, partial_of
from apimig.rulebook.parameters import plan
from apimig.rulebook.pattern import parse_pattern, parse_template
from apimig.rulebook.rule import (
    ChangeCall,
    Codemod,
    FunctionToMethod,
    MethodToFunction,
    MethodToProperty,
    PropertyToMethod,
    Rename,
    RenameMember,
    Rewrite,
    Rule,
)
from apimig.rulebook.signature import parse_signature


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What a finding asks for: an edit, a change of an import, or (a codemod's None) nothing at all."""

    finding: Finding
    edit: Edit | None = None
    change: ImportChange | None = None

    @property
    def is_site(self) -> bool:
        """Whether anything is to be done."""
        return self.edit is not None or self.change is not None


@dataclass(frozen=True, slots=True)
class Context:
    """One file, for making drafts."""

    names: Names
    facts: Facts
    allow_codemods: bool = False

    def node(self, finding: Finding) -> Node:
        """The node of the reference that the finding is about."""
        node = self.facts.node(finding.use.span)
        if node is None:
            raise Refused("it stands inside a string")
        return node

    def call(self, finding: Finding) -> Call:
        """The call whose whole span the finding has; its function may be the beginning of the use's chain."""
        node: Node | None = self.node(finding)
        while node is not None:
            call = call_of(node) or partial_of(node)
            if call is not None and syntax.span_of(call.node) == finding.span:
                return call
            node = node.child_by_field_name("object")
        raise Refused("it is not called here")


def draft(rule: Rule, finding: Finding, context: Context) -> Draft:
    """The draft for a finding; Refused says why there is none."""
    if finding.use.kind is UseKind.MENTION:
        return Draft(finding, Edit(finding.span, (finding.message.encode(),), rule.id))
    make = _MAKERS.get(type(rule.body))
    if make is None:
        raise Refused(rule.advise or "there is no automatic rewrite")
    made = make(rule, finding, context)
    if isinstance(made, Renaming):
        return Draft(finding, made.edit, made.change)
    return Draft(finding, None if made is None else replace(made, rule=rule.id))


Made = Edit | Renaming | None


def _pair(pairs: tuple[tuple[str, str], ...], finding: Finding) -> tuple[str, str]:
    return pairs[finding.step]


def _rename(rule: Rule, finding: Finding, context: Context) -> Made:
    assert isinstance(rule.body, Rename)  # noqa: S101 - the table below says so
    old, new = _pair(rule.body.pairs, finding)
    use = finding.use
    if use.kind is UseKind.MEMBER:
        return _renamed_member(finding, new.rpartition(".")[2], context)
    names = context.names
    if use.kind is UseKind.IMPORT:
        qualified = spelling.new_name(use, old, new, names.resolution.canonical(old))
        binding = next((b for b in names.resolution.imports if b.item.contains(use.span)), None)
        if binding is None:
            return spelling.rename_star(names, use, qualified, rule.id)
        return Renaming(None, spelling.change_of(names, binding, qualified))
    return spelling.rename_at(names, use, finding.span, new, rule.id)


def _rename_member(rule: Rule, finding: Finding, context: Context) -> Made:
    assert isinstance(rule.body, RenameMember)  # noqa: S101
    return _renamed_member(finding, _pair(rule.body.pairs, finding)[1].rpartition(".")[2], context)


def _renamed_member(finding: Finding, name: str, context: Context) -> Edit:
    """Only the last identifier changes, whatever stands before it."""
    node = context.facts.node(finding.span)
    attribute = None if node is None else node.child_by_field_name("attribute")
    if attribute is None:
        raise Refused("it stands inside a string")
    return Edit(syntax.span_of(attribute), (name.encode(),), finding.rule)


def _property_to_method(rule: Rule, finding: Finding, context: Context) -> Made:
    span = syntax.span_of(context.node(finding))
    return Edit(span, (span, b"()"), rule.id)


def _method_to_property(rule: Rule, finding: Finding, context: Context) -> Made:
    return Edit(syntax.span_of(context.call(finding).brackets), (), rule.id)


def _function_to_method(rule: Rule, finding: Finding, context: Context) -> Made:
    assert isinstance(rule.body, FunctionToMethod)  # noqa: S101
    method = _pair(rule.body.pairs, finding)[1].rpartition(".")[2]
    call = context.call(finding)
    first = call.arguments[0]
    node = context.facts.node(first.value)
    if node is None:
        raise Refused("its first argument is not one expression")
    receiver = templates.code_of(node, first.value)
    if receiver.power < 17 or receiver.kind == "integer" or receiver.breaks:
        receiver = receiver.bracketed()
    rest = call.arguments[1].span.start if len(call.arguments) > 1 else call.brackets.end_byte - 1
    tail = Span(rest, call.brackets.end_byte)
    if call.brackets.type == "generator_expression":
        return Edit(finding.span, (*receiver.parts, f".{method}()".encode()), rule.id)
    return Edit(finding.span, (*receiver.parts, f".{method}(".encode(), tail), rule.id)


def _method_to_function(rule: Rule, finding: Finding, context: Context) -> Made:
    assert isinstance(rule.body, MethodToFunction)  # noqa: S101
    function = _pair(rule.body.pairs, finding)[1]
    call = context.call(finding)
    receiver = context.node(finding).child_by_field_name("object")
    spelled = context.names.spell(function, finding.span.start)
    if receiver is None:
        raise Refused("its receiver is not one expression")
    if spelled is None:
        raise Refused(context.names.unspellable(function))
    parts: list[bytes | Span] = [f"{spelled.text}(".encode()]
    code = templates.code_of(receiver)
    first = syntax.span_of(receiver) if code.inner is None else code.inner.parts[0]
    if call.brackets.type == "generator_expression":
        parts += [first, b", ", syntax.span_of(call.brackets), b")"]
    elif not call.arguments:
        parts += [first, Span(call.brackets.start_byte + 1, call.brackets.end_byte)]
    else:
        parts += _with_first(first, call, context)
    return Edit(finding.span, tuple(parts), rule.id, spelled.imports)


def _with_first(receiver: bytes | Span, call: Call, context: Context) -> list[bytes | Span]:
    """The arguments with the receiver before them, in the layout they have."""
    start, first = call.brackets.start_byte + 1, call.arguments[0].span.start
    gap = context.facts.resolution.source.text[start:first]
    plain = gap if not gap.strip() else b""
    return [
        plain,
        receiver,
        b"," + (plain or b" "),
        Span(first if plain == gap else start, call.brackets.end_byte),
    ]


def _change_call(rule: Rule, finding: Finding, context: Context) -> Made:
    body = rule.body
    assert isinstance(body, ChangeCall)  # noqa: S101
    call = context.call(finding)
    signature = parse_signature(body.signature)
    if finding.use.kind is not UseKind.MEMBER and signature.receiver == "self":
        call = replace(call, arguments=call.arguments[1:])
    changes = plan(call, signature, body.ops, context.facts)
    if changes.refusal:
        raise Refused(changes.refusal)
    return surgery.edit_call(call, changes, context.names, rule.id)


def _rewrite(rule: Rule, finding: Finding, context: Context) -> Made:
    body = rule.body
    assert isinstance(body, Rewrite)  # noqa: S101
    template = body.templates[finding.step]
    if not template.rewrite:
        raise Refused(rule.advise or "there is no automatic rewrite")
    place = context.facts.node(finding.span)
    if place is None:
        raise Refused("it stands inside a string")
    fillings = _fillings(finding.captures, context.facts)
    for variable in parse_pattern(template.match).names:
        fillings.setdefault(variable.name, None)
    roots = context.names.roots | frozenset(name.partition(".")[0] for name in body.imports)
    if parse_template(template.rewrite).is_expression and parse_pattern(template.match).is_expression:
        code = templates.expression(template.rewrite, context.names, fillings, place, roots)
        return templates.replacement(code, place, rule.id)
    if place.prev_sibling is not None and place.prev_sibling.type == ";":
        raise Refused("it shares its line with another statement")
    code = templates.statements(template.rewrite, context.names, fillings, place, roots)
    return Edit(finding.span, code.parts, rule.id, code.imports)


def _fillings(captures: Mapping[str, Capture], facts: Facts) -> dict[str, Filling]:
    found: dict[str, Filling] = {}
    for name, capture in captures.items():
        if capture.arguments or not capture.spans:
            found[name] = templates.run_of(capture.arguments)
            continue
        node = facts.node(capture.spans[0])
        if node is None:
            raise Refused(f"`{facts.text(capture.spans[0])}` is not one expression")
        found[name] = templates.code_of(node, capture.spans[0])
    return found


def _codemod(rule: Rule, finding: Finding, context: Context) -> Made:
    body = rule.body
    assert isinstance(body, Codemod)  # noqa: S101
    function = loading.codemod(rule, body, allowed=context.allow_codemods)
    site = Site(finding.use, rule.id, context.names, context.facts, member=body.api[finding.step])
    made = function(site)
    if isinstance(made, Refused):
        raise made
    return made


_MAKERS: dict[type, Callable[[Rule, Finding, Context], Made]] = {
    Rename: _rename,
    RenameMember: _rename_member,
    ChangeCall: _change_call,
    Rewrite: _rewrite,
    PropertyToMethod: _property_to_method,
    MethodToProperty: _method_to_property,
    FunctionToMethod: _function_to_method,
    MethodToFunction: _method_to_function,
    Codemod: _codemod,
}
