"""The expressions of the library that a pair changes: the smallest that cover each change and name the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from apimig.mining.diffs.alignment import Aligned, Statement, align
from apimig.mining.diffs.expecting import hidden_in, is_within, wanted_in
from apimig.mining.diffs.names import is_private
from apimig.mining.diffs.tree import (
    BODIES,
    CALL,
    KEYWORD,
    LIST,
    SYMBOL,
    Tree,
    is_expression,
    is_statement,
    local_names,
    replaced,
)  # fmt: skip

LIKE = 0.6  # of the letters of two names
MOST_WORDS = 5  # of a text that an API may take as a name or a setting
MOST_ADDED = 3  # statements that a template may have beside the one that was there
SIGNS = {"BitAnd": "&", "BitOr": "|", "BitXor": "^", "Add": "+", "Sub": "-", "Mult": "*", "FloorDiv": "//", "Div": "/"}
SIMPLE = frozenset({"Expr", "Assign", "AnnAssign", "AugAssign", "Return", "Assert", "Raise"})


@dataclass(frozen=True, slots=True)
class Api:
    """What of the library an expression is about.

    ``name`` is the qualified name of a symbol; of a member of an instance (``owners`` are its classes, where known)
    it is the member with a dot before it (``.append``), of an operator its token.
    """

    name: str
    owners: frozenset[str] = frozenset()

    @property
    def is_member(self) -> bool:
        """Whether it is an attribute of an instance."""
        return self.name.startswith(".")


@dataclass(frozen=True, slots=True)
class Change:
    """One expression, or statement, before and after; several after where statements were added.

    ``seen`` is the call around a changed name, before and after, which shows better what it is.
    """

    api: Api
    old: Tree
    new: tuple[Tree, ...]
    place: str = ""
    source: int = 0  # the number of the pair
    origin: str = ""
    seen: tuple[Tree, Tree] | None = None
    is_import: bool = False  # only that one import came where another went
    held: Mapping[str, Tree] = field(default_factory=dict, compare=False)  # what variables hold there

    @property
    def one(self) -> Tree:
        """The new expression, or the first statement."""
        return self.new[0]


@dataclass(frozen=True, slots=True)
class Found:
    """What one pair shows: its changes, and the uses of the library that it left as they are."""

    changes: tuple[Change, ...] = ()
    kept: tuple[tuple[Api, Tree], ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the changed expressions of libraries with these import names.

    ``owners`` gives the classes that have a member: what says nothing of its receiver counts only where there are any.
    """

    roots: frozenset[str]
    owners: Callable[[str], Sequence[str]] = field(default=lambda _member: ())

    def find(self, old: Tree, new: Tree, place: str = "", source: int = 0) -> Found:
        """The changes between two modules, and what they left."""
        aligned = align(old, new)
        changes: dict[tuple[Tree, tuple[Tree, ...], Api], Change] = {}
        kept: list[tuple[Api, Tree]] = []
        wanted, hidden = wanted_in(new), hidden_in(old)
        for pair in aligned:
            covered: set[Tree] = set()
            for found in self._between(pair):
                if is_within(found.one.span, wanted) or _is_about_text(found) or _is_claim(found):
                    continue
                if self._is_internal(found):
                    continue
                change = replace(found, place=place, source=source)
                covered.update(found.old.walk())
                key = change.old, change.new, change.api
                if key not in changes or changes[key].seen is None:
                    changes[key] = change
            if pair.old is not None and pair.new is not None and not is_within(pair.new.tree.span, wanted):
                parts = None if pair.is_same else set(pair.new.header.walk())
                uses = [use for use in self._uses(pair.old.header) if parts is None or use[1] in parts]
                kept += [use for use in uses if use[1] not in covered and not is_within(use[1].span, hidden)]
        others = [change for change in changes.values() if not change.is_import]
        sure = [change for change in changes.values() if not change.is_import or not _is_explained(change, others)]
        return Found(tuple(sure), tuple(kept))

    def _between(self, pair: Aligned) -> Iterator[Change]:
        if pair.old is None or pair.new is None or pair.is_same:
            return
        whole = self._with_added(pair.old, pair.new)
        if whole is not None:
            yield whole
            return
        yield from self._statements(pair.old.header, pair.new.header)

    # ---- statements

    def _statements(self, old: Tree, new: Tree) -> Iterator[Change]:
        """The changes of a statement that stayed one statement."""
        if old.kind == new.kind == "Imports":
            yield from self._imports(old, new)
        elif self._has_other_targets(old, new):
            api = self.api(_value(old))
            lost = local_names(_target(old)) - local_names(_target(new))
            if api and all(name.startswith("_") for name in lost):  # else somebody may read it
                yield Change(api, old, (new,))
        elif old.kind == new.kind:
            yield from self.differences(old, new)[0]
        elif {old.kind, new.kind} <= SIMPLE and (api := self.api(_value(old))):
            if _value(old) == _value(new):
                return
            if new.kind in ("Assign", "Expr") and old.kind == "Expr":
                yield Change(api, old, (new,))
            else:
                yield from self.differences(_value(old), _value(new))[0]

    def _has_other_targets(self, old: Tree, new: Tree) -> bool:
        """Whether an assignment takes the result apart in another way, since the call gives something else."""
        if not old.kind == new.kind == "Assign" or self.api(_value(old)) is None:
            return False
        targets = [side.children[0].children for side in (old, new)]
        if len(targets[0]) != 1 or len(targets[1]) != 1 or targets[0][0].kind == targets[1][0].kind == "Name":
            return False
        names = [local_names(_target(side)) for side in (old, new)]
        return targets[0] != targets[1] and names[1] <= names[0] and _value(old) != _value(new)

    def _with_added(self, old: Statement, new: Statement) -> Change | None:
        """The statement as a template of several, where the new one needs names that statements beside it make."""
        if old.tree.kind not in SIMPLE or new.tree.kind not in SIMPLE or old.children or new.children:
            return None
        api = self.api(_value(old.tree))
        if not api:
            return None
        missing = local_names(_value(new.tree)) - local_names(old.tree)
        added = _added_around(new)
        fresh = local_names(_target(new.tree)) - local_names(old.tree)
        if not any(_bound(one.tree) & missing or fresh & local_names(_value(one.tree)) for one in added):
            return None
        run = _run(new, added)
        return Change(api, old.tree, tuple(one.tree for one in run)) if 1 < len(run) <= MOST_ADDED + 1 else None

    def _imports(self, old: Tree, new: Tree) -> Iterator[Change]:
        """Names that one import statement brought, and another brings now under the same name, or in their stead."""
        before, after = ({one.name: one.children[0] for one in _brought(side)} for side in (old, new))
        for name, one in before.items():
            other = after.get(name)
            if other is not None and one != other and self._is_library(one):
                yield Change(Api(one.name), one, (other,))
        gone = [one for name, one in before.items() if name not in after]
        come = [one for name, one in after.items() if name not in before]
        if (
            len(gone) == len(come) == 1
            and old.values == new.values
            and self._is_library(gone[0])
            and _alike(gone[0].name, come[0].name)
        ):
            yield Change(Api(gone[0].name), gone[0], (come[0],), is_import=True)

    # ---- expressions

    def differences(self, old: Tree, new: Tree) -> tuple[list[Change], bool]:
        """The changes within two trees at the same place, and whether something differs that none of them covers."""
        if old == new:
            return [], False
        if self._is_library(old) and new.kind == SYMBOL:
            return [Change(Api(old.name), old, (new,))], False
        if old.kind != new.kind:
            return self._other_kind(old, new)
        if old.kind == CALL:
            return self._calls(old, new)
        inner, is_open = self._children(old.children, new.children)
        is_open = is_open or old.values != new.values
        if not is_expression(old):
            return inner, is_open
        api, weak = self.api(old), [change for change in inner if _is_weak(change)]
        if api and (is_open or weak):
            return self._whole(api, old, new, [change for change in inner if change not in weak]), False
        chained = [change for change in inner if _is_on_spine(change.old, old)]
        if chained and (is_open or chained[-1] in weak):
            return [Change(chained[-1].api, old, (new,))], False
        return inner, is_open

    def _other_kind(self, old: Tree, new: Tree) -> tuple[list[Change], bool]:
        api = self.api(old) if is_expression(old) else None
        if api and new.kind != "Name":
            return [Change(api, old, (new,))], False
        if api is None and is_expression(old) and is_expression(new):
            outer = self.spine(old)
            if outer:
                return [Change(outer, old, (new,))], False
        return [], True

    def _calls(self, old: Tree, new: Tree) -> tuple[list[Change], bool]:
        function, arguments = self.differences(old.children[0], new.children[0]), self._arguments(old, new)
        head = old.children[0]
        about = [change for change in function[0] if change.old == head or _is_called(change.old, head)]
        inner = [change for change in function[0] if change not in about] + arguments[0]
        api, weak = self.api(old), [change for change in inner + about if _is_weak(change)]
        more = any(not _is_path(change) for change in about)
        if api and (function[1] or arguments[1] or weak or more):
            return self._whole(api, old, new, [change for change in inner if change not in weak]), False
        chained = [change for change in inner if _is_on_spine(change.old, old)]
        if chained and (function[1] or arguments[1] or chained[-1] in weak):
            return [Change(chained[-1].api, old, (new,))], False
        if not arguments[1]:
            within = {change.old: change.one for change in inner}
            about = [replace(change, seen=(replaced(old, within), new)) for change in about]
        return inner + about, function[1] or arguments[1]

    def _arguments(self, old: Tree, new: Tree) -> tuple[list[Change], bool]:
        """The changes within the arguments that both calls have: by position, and by keyword."""
        before, after = old.children[1].children, new.children[1].children
        changes, is_open = self._children(
            tuple(one for one in before if one.kind != "keyword"), tuple(one for one in after if one.kind != "keyword")
        )
        names = {one.name: one for one in after if one.kind == "keyword"}
        given = [one for one in before if one.kind == "keyword"]
        for one in given:
            if one.name in names:
                found, open_here = self.differences(one, names[one.name])
                changes, is_open = changes + found, is_open or open_here
        return changes, is_open or {one.name for one in given} != set(names)

    def _children(self, old: Sequence[Tree], new: Sequence[Tree]) -> tuple[list[Change], bool]:
        if len(old) != len(new):
            kept = [(one, other) for one, other in _paired(old, new) if one != other]
            found = [change for one, other in kept for change in self.differences(one, other)[0]]
            return found, True
        changes: list[Change] = []
        is_open = False
        for one, other in zip(old, new, strict=True):
            if one.kind == LIST and one.name in BODIES:
                continue
            found, open_here = self.differences(one, other)
            changes, is_open = changes + found, is_open or open_here
        return changes, is_open

    def _whole(self, api: Api, old: Tree, new: Tree, inner: list[Change]) -> list[Change]:
        """The change of a whole expression, apart from those within it that stand for themselves."""
        within = {change.old: change.one for change in inner}
        return [*inner, Change(api, replaced(old, within), (new,))]

    # ---- what is the library's

    def _is_internal(self, change: Change) -> bool:
        """Whether the old or the new code names what only the library itself may."""
        symbols = (node for one in (change.old, *change.new) for node in one.walk() if self._is_library(node))
        return any(is_private(node.name) for node in symbols)

    def api(self, tree: Tree) -> Api | None:
        """What of the library a tree is about itself, not only in its parts."""
        if tree.kind == SYMBOL:
            return Api(tree.name) if self._is_library(tree) else None
        if tree.kind in (CALL, "Expr", "Return", "Await"):
            return self.api(tree.children[0])
        if tree.kind == "Attribute":
            return self._member(tree)
        if tree.kind == "Subscript" and tree.children[0].kind == SYMBOL:
            return self.api(tree.children[0])
        if tree.kind in ("Subscript", "BinOp"):
            types = self._library_types(tree.children[0])
            token = "[]" if tree.kind == "Subscript" else SIGNS.get(tree.children[1].kind, "")
            return Api(token, types) if types and token else None
        return None

    def _member(self, tree: Tree) -> Api | None:
        receiver, name = tree.children[0], f".{tree.name}"
        if types := self._library_types(receiver):
            return Api(name, types)
        if not receiver.types and (self.spine(receiver) or self.owners(tree.name)):
            return Api(name)
        return None

    def spine(self, tree: Tree) -> Api | None:
        """The library's use that a chain of calls, attributes and subscripts begins or goes on with."""
        while tree.kind in (CALL, "Attribute", "Subscript") and tree.children:
            tree = tree.children[0]
            api = self.api(tree) if tree.kind != "Attribute" else self._typed_member(tree)
            if api:
                return api
        return None

    def _typed_member(self, tree: Tree) -> Api | None:
        types = self._library_types(tree.children[0])
        return Api(f".{tree.name}", types) if types or self.owners(tree.name) else None

    def _library_types(self, tree: Tree) -> frozenset[str]:
        types = tree.types
        return types if types and all(name.partition(".")[0] in self.roots for name in types) else frozenset()

    def _is_library(self, tree: Tree) -> bool:
        return tree.kind == SYMBOL and tree.name.partition(".")[0] in self.roots

    def _uses(self, header: Tree) -> Iterator[tuple[Api, Tree]]:
        """The library's uses in a statement, calls whole; imports only by themselves."""
        if header.kind == "Imports":
            for one in _brought(header):
                if self._is_library(one.children[0]):
                    yield Api(one.children[0].name), one.children[0]
            return
        for node in header.walk():
            if is_expression(node) and (api := self.api(node)):
                yield api, node


def _is_explained(imported: Change, others: Sequence[Change]) -> bool:
    """Whether an import came for another because of what else changed: its name, what is below it, what it became."""
    old, new = imported.old.name, imported.one.name
    return any(
        f"{change.api.name}.".startswith(f"{old}.")
        or any(node.name == new for one in change.new for node in one.walk())
        for change in others
    )


def _is_claim(change: Change) -> bool:
    """Whether a test came to say something else: what is asserted changed, and not how."""
    old, new = change.old, change.one
    if not change.api.name.rpartition(".")[2].startswith("assert") or old.kind != CALL or new.kind != CALL:
        return False
    values = [[one for one in call.children[1].children if one.kind != KEYWORD] for call in (old, new)]
    return old.children[0] == new.children[0] and values[0] != values[1]


def _is_about_text(change: Change) -> bool:
    """Whether prose became other prose: what documentation, a message or generated code says is no API."""
    return set(_prose(change.old)) != {text for one in change.new for text in _prose(one)}


def _prose(tree: Tree) -> Iterator[str]:
    """The texts in it that are sentences, or code."""
    for node in tree.walk():
        if node.kind == "Constant" and node.values[0] in ("str", "bytes"):
            text = str(node.values[1])
            if "\\n" in text or len(text.split()) > MOST_WORDS:
                yield text


def _alike(old: str, new: str) -> bool:
    """Whether one name can be the other's successor: other imports come and go in the same line, too."""
    import difflib

    return difflib.SequenceMatcher(None, old, new).ratio() >= LIKE


def _is_path(change: Change) -> bool:
    """Whether a called name, or a member, only became another path of names, so that its arguments do not matter."""
    old, new = change.old, change.one
    if old.kind == SYMBOL:
        return new.kind == SYMBOL and not f"{new.name}.".startswith(f"{old.name}.")
    while new.kind == "Attribute" and new != old.children[0]:
        new = new.children[0]
    return old.kind == "Attribute" and new == old.children[0]


def _is_weak(change: Change) -> bool:
    """Whether a change may be one of what is around it: it only wraps, names a thing, or brings variables."""
    new = change.one
    if change.old.kind == SYMBOL and new.kind == "Constant":
        return new.values[0] == "str"
    wraps = change.old != new and any(node == change.old for node in new.walk())
    return wraps or not local_names(new) <= local_names(change.old)


def _is_on_spine(part: Tree, tree: Tree) -> bool:
    """Whether a chain of calls, attributes and subscripts goes on from a part."""
    while tree.kind in (CALL, "Attribute", "Subscript"):
        tree = tree.children[0]
        if tree == part:
            return True
    return False


def _is_called(changed: Tree, head: Tree) -> bool:
    """Whether what changed is the called attribute itself, though its receiver changed too."""
    return changed.kind == head.kind == "Attribute" and changed.values == head.values and changed not in head.children


def _value(tree: Tree) -> Tree:
    """The expression of a simple statement."""
    if is_statement(tree) and tree.kind in SIMPLE and tree.children:
        return tree.children[1] if tree.kind in ("Assign", "AugAssign") and len(tree.children) > 1 else tree.children[0]
    return tree


def _target(tree: Tree) -> Tree:
    return tree.children[0] if tree.kind in ("Assign", "AnnAssign", "AugAssign") else Tree("None")


def _bound(tree: Tree) -> set[str]:
    return local_names(tree.children[0]) if tree.kind == "Assign" else set()


def _added_around(one: Statement) -> list[Statement]:
    """The simple statements without a counterpart right before and right after one."""
    siblings = [] if one.parent is None else one.parent.children
    at = next((i for i, sibling in enumerate(siblings) if sibling is one), 0)
    first, last = at, at
    while first and siblings[first - 1].partner is None and siblings[first - 1].tree.kind in SIMPLE:
        first -= 1
    while last + 1 < len(siblings) and siblings[last + 1].partner is None and siblings[last + 1].tree.kind in SIMPLE:
        last += 1
    return siblings[first:at] + siblings[at + 1 : last + 1]


def _run(one: Statement, added: Iterable[Statement]) -> list[Statement]:
    wanted = {id(one), *map(id, added)}
    siblings = [] if one.parent is None else one.parent.children
    return [sibling for sibling in siblings if id(sibling) in wanted]


def _brought(imports: Tree) -> tuple[Tree, ...]:
    return imports.children[0].children


def _paired(old: Sequence[Tree], new: Sequence[Tree]) -> Iterator[tuple[Tree, Tree]]:
    """Items of two lists of different lengths that are at the same place between equal ones."""
    import difflib

    matcher = difflib.SequenceMatcher(None, [hash(one) for one in old], [hash(one) for one in new], autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "replace" and end - start == new_end - new_start:
            yield from zip(old[start:end], new[new_start:new_end], strict=True)


def names_api(tree: Tree, api: str) -> bool:
    """Whether a tree speaks of the API of this name."""
    kind, name = ("Attribute", api[1:]) if api.startswith(".") else (SYMBOL, api)
    return any(node.kind == kind and node.name == name for node in tree.walk())


def receiver_types(tree: Tree, api: str) -> frozenset[str]:
    """The types of what a member of this name belongs to, in the outermost place that names it."""
    receivers = (node.children[0] for node in tree.walk() if node.kind == "Attribute" and f".{node.name}" == api)
    return next((receiver.types for receiver in receivers), frozenset())
