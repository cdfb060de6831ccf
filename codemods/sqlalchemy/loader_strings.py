"""``joinedload("posts")`` became ``joinedload(User.posts)``, and so ``join``: names of attributes are no longer taken.

The class is certain where the option stands in the query of one entity, or in a ``Load`` of it. A path of several names
would need the class that each relationship leads to, which the code does not say.
"""

from __future__ import annotations

from tree_sitter import Node

from apimig import Argument, Edit, Refusal, Site

COLUMNS = ("load_only", "undefer", "defer")  # of these, load_only takes several attributes of one class
CHANGING = (  # after these a query has other entities, or none that is certain
    "with_entities",
    "from_self",
    "select_entity_from",
    "with_polymorphic",
    "add_entity",
    "add_columns",
    "add_column",
    "union",
    "union_all",
    "select_from",
)
JOINS = ("join", "outerjoin")
MAYBE_TEXT = ("identifier", "subscript", "binary_operator", "conditional_expression")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of a loader option, or of join."""
    if site.call is None or site.call.node.type != "call":
        return None
    method = site.member.rpartition(".")[2]
    arguments = [a for a in site.call.arguments if not a.keyword]
    if method in JOINS:
        arguments = arguments[:1]
    if any(a.star for a in arguments):
        return None
    texts = [(a, text) for a in arguments if (text := _text(site, a)) is not None]
    if not texts or all(text == "*" for _, text in texts):
        return _doubt(site, arguments)
    if len(arguments) > 1 and method != "load_only":
        return Refusal("a path of several names is a chain of options now: joinedload(A.b).joinedload(B.c)")
    if len(site.call.arguments) > 1 and method in JOINS:
        return Refusal("what else it says has no place beside a string any more; name the class and the condition")
    entity = _entity(site, site.call.node, method)
    if entity is None:
        return Refusal(f"which class has `{texts[0][1]}` is not certain here; write the attribute of the class")
    return site.together(*(_attribute(site, entity, argument, text) for argument, text in texts))


def _text(site: Site, argument: Argument) -> str | None:
    """The text of a string literal; None for anything else."""
    node = site.node_at(argument)
    if node.type != "string":
        return None
    content = [child for child in node.named_children if child.type == "string_content"]
    return site.text(content[0]) if len(content) == 1 and len(node.named_children) == 3 else ""


def _doubt(site: Site, arguments: list[Argument]) -> Refusal | None:
    """What is said of arguments that may be strings while the code runs."""
    for argument in arguments:
        if site.node_at(argument).type not in MAYBE_TEXT:
            continue
        if site.is_a(argument, "builtins.str") is not False and not site.object(argument):
            return Refusal(f"`{site.text(argument)}` may be a string, which is refused now: give the class's attribute")
    return None


def _attribute(site: Site, entity: str, argument: Argument, text: str) -> Edit:
    if not text.isidentifier():
        raise Refusal(f"`{text}` is a path; chain the options of each class: defaultload(A.b).joinedload(B.c)")
    return site.replace(site.node_at(argument), f"{entity}.{text}")


# ---------------------------------------------------------------------- the entity of a query


def _entity(site: Site, call: Node, method: str) -> str | None:
    """How the one class that the strings are about is spelled."""
    if method in JOINS:
        return None if site.receiver is None else _of_query(site, site.receiver, (*CHANGING, *JOINS))
    if site.member.startswith("sqlalchemy.orm.Load.") and site.receiver is not None:
        return _of_load(site, site.receiver)
    brackets = call.parent
    outer = None if brackets is None or brackets.type != "argument_list" else brackets.parent
    function = None if outer is None else outer.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return None
    name, query = function.child_by_field_name("attribute"), function.child_by_field_name("object")
    if name is None or query is None or site.text(name) != "options":
        return None
    return _of_query(site, query, CHANGING)


def _of_load(site: Site, receiver: Node) -> str | None:
    function = receiver.child_by_field_name("function") if receiver.type == "call" else None
    if function is None or site.symbol(function) != "sqlalchemy.orm.Load":
        return None
    return _single(site, receiver)


def _of_query(site: Site, query: Node, barred: tuple[str, ...], seen: frozenset[str] = frozenset()) -> str | None:
    """The entity of ``session.query(User).filter(...)``, of ``select(User)``, of ``User.query``, or of a variable."""
    if query.type == "parenthesized_expression" and query.named_child_count == 1:
        return _of_query(site, query.named_children[0], barred, seen)
    if query.type == "identifier":
        return _of_variable(site, site.text(query), barred, seen)
    if query.type == "attribute":
        return _of_property(site, query)
    function = query.child_by_field_name("function") if query.type == "call" else None
    if function is None:
        return None
    if site.symbol(function) == "sqlalchemy.select":
        return _single(site, query)
    name, owner = function.child_by_field_name("attribute"), function.child_by_field_name("object")
    if name is None or owner is None or site.text(name) in barred:
        return None
    return _single(site, query) if site.text(name) == "query" else _of_query(site, owner, barred, seen)


def _single(site: Site, call: Node) -> str | None:
    """The one class that a call is given, as it is spelled."""
    brackets = call.child_by_field_name("arguments")
    given = [] if brackets is None else [child for child in brackets.named_children if child.type != "comment"]
    return site.text(given[0]) if len(given) == 1 and _is_class(site, given[0]) else None


def _is_class(site: Site, node: Node) -> bool:
    """Whether a name is spelled as classes are, or as a class method calls its own; ``User.id`` is none."""
    last = node.child_by_field_name("attribute") if node.type == "attribute" else node
    if node.type not in ("identifier", "attribute") or last is None:
        return False
    return site.text(node) == "cls" or site.text(last)[:1].isupper()


def _of_property(site: Site, node: Node) -> str | None:
    """``User`` for ``User.query``."""
    name, owner = node.child_by_field_name("attribute"), node.child_by_field_name("object")
    found = name is not None and owner is not None and site.text(name) == "query" and _is_class(site, owner)
    return site.text(owner) if found and owner is not None else None


def _of_variable(site: Site, name: str, barred: tuple[str, ...], seen: frozenset[str]) -> str | None:
    """The entity of a query in a variable, where all that is assigned to it agrees."""
    writes = [one for one in site.references(name) if one.kind != "read"]
    if name in seen or not writes or any(one.kind != "write" or one.nested for one in writes):
        return None
    found = set[str | None]()
    for one in writes:
        assignment = one.node.parent
        right = None if assignment is None else assignment.child_by_field_name("right")
        if assignment is None or assignment.type != "assignment" or right is None:
            return None
        if not _starts_with(site, right, name):
            found.add(_of_query(site, right, barred, seen | {name}))
        elif any(f".{method}(" in site.text(right) for method in barred):
            return None
    return found.pop() if len(found) == 1 else None


def _starts_with(site: Site, node: Node, name: str) -> bool:
    """Whether an expression is a chain of calls that begins with a variable."""
    while node.type in ("call", "attribute"):
        inner = node.child_by_field_name("function") or node.child_by_field_name("object")
        if inner is None:
            return False
        node = inner
    return node.type == "identifier" and site.text(node) == name
