"""Which statement of the new code was which of the old: tree differencing with moves.

In the manner of GumTree, over statements: whole statements that are the same are paired first, the largest first and
wherever they went; then blocks that share what is in them; then what is left within paired blocks, in order and by
similarity; and at last what was changed *and* moved. Below a pair of statements, :mod:`~apimig.mining.diffs.changes`
goes down both trees at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apimig.mining.diffs.tree import BODIES, CLAUSES, LIST, Tree

ENOUGH = 0.45  # of what two statements at the same place hold, to be one that was changed
ENOUGH_MOVED = 0.7
ALIKE = 0.6  # of the letters of the names that two imports bring
ENOUGH_BLOCK = 0.4  # of the statements in two blocks, paired already
SMALL = 5  # nodes: `return x` says nothing of where it came from
MOST_COMPARED = 250_000


@dataclass(eq=False, slots=True)
class Statement:
    """A statement where it stands. ``header`` is it without the blocks in it."""

    tree: Tree
    parent: Statement | None
    header: Tree
    children: list[Statement] = field(default_factory=list)
    partner: Statement | None = None
    tokens: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def below(self) -> Iterator[Statement]:
        """It and all statements in it, in source order."""
        yield self
        for child in self.children:
            yield from child.below()


@dataclass(frozen=True, slots=True)
class Aligned:
    """Statements of the old code and of the new; either is None where it has no counterpart."""

    old: Statement | None
    new: Statement | None

    @property
    def is_same(self) -> bool:
        """Whether nothing changed in the statement but its place, blocks in it aside."""
        return self.old is not None and self.new is not None and self.old.header == self.new.header


def align(old: Tree, new: Tree) -> list[Aligned]:
    """Every statement of both modules, with its counterpart; in the order of the old code, then what was added."""
    first, second = statement(old), statement(new)
    first.partner, second.partner = second, first
    _pair_same(first, second)
    _pair_blocks(first, second)
    _recover(first, second)
    _pair_moved(first, second)
    before, after = list(first.below())[1:], list(second.below())[1:]
    pairs = [Aligned(one, one.partner) for one in before]
    return pairs + [Aligned(None, one) for one in after if one.partner is None]


def statement(tree: Tree, parent: Statement | None = None) -> Statement:
    """The statement (or module) of a tree, with those in it."""
    made = Statement(tree, parent, header_of(tree))
    made.tokens = Counter((node.kind, *node.values) for node in made.header.walk() if node.values)
    made.children = [statement(child, made) for child in _inner(tree)]
    return made


def header_of(tree: Tree) -> Tree:
    """The statement without its blocks; of its handlers and cases what they are for stays."""
    kept = tuple(_without_blocks(child) if child.kind == LIST else child for child in tree.children)
    return tree.with_children(kept)


def _without_blocks(child: Tree) -> Tree:
    if child.name in BODIES:
        return Tree(LIST, child.values)
    return child.with_children(tuple(map(header_of, child.children))) if child.name in CLAUSES else child


def _inner(tree: Tree) -> Iterator[Tree]:
    """The statements directly in a statement; those of handlers and cases count as its own."""
    for child in tree.children:
        if child.kind == LIST and child.name in BODIES:
            yield from child.children
        elif child.kind == LIST and child.name in CLAUSES:
            for clause in child.children:
                yield from _inner(clause)


def _pair(old: Statement, new: Statement) -> None:
    old.partner, new.partner = new, old


# ------------------------------------------------------------------------ what is the same


def _pair_same(old: Statement, new: Statement) -> None:
    places: defaultdict[Tree, tuple[list[Statement], list[Statement]]] = defaultdict(lambda: ([], []))
    for side, root in enumerate((old, new)):
        for one in root.below():
            if one.parent is not None and one.tree.size >= SMALL:
                places[one.tree][side].append(one)
    for tree in sorted(places, key=lambda tree: -tree.size):
        before, after = ([one for one in side if one.partner is None] for side in places[tree])
        for one, other in _best_first(before, after):
            for inner, counterpart in zip(one.below(), other.below(), strict=True):
                _pair(inner, counterpart)


def _best_first(before: list[Statement], after: list[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of equal statements: those that have more in common around them first, else in order."""
    if len(before) == len(after) or not before or not after or len(before) * len(after) > MOST_COMPARED:
        yield from zip(before, after, strict=False)
        return
    scored = [(-_around(a, b), abs(i - j), i, j) for i, a in enumerate(before) for j, b in enumerate(after)]
    taken_old, taken_new = set[int](), set[int]()
    for _, _, i, j in sorted(scored):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            yield before[i], after[j]


def _around(one: Statement, other: Statement) -> int:
    """How much of what stands around two statements is the same."""
    score = 0
    above, beyond = one.parent, other.parent
    while above is not None and beyond is not None and above.header == beyond.header:
        score += 2
        above, beyond = above.parent, beyond.parent
    return score + sum(a == b for a, b in zip(_neighbours(one), _neighbours(other), strict=True) if a is not None)


def _neighbours(one: Statement) -> tuple[Tree | None, Tree | None]:
    siblings = [] if one.parent is None else one.parent.children
    at = next((i for i, sibling in enumerate(siblings) if sibling is one), 0)
    before = siblings[at - 1].header if at else None
    return before, siblings[at + 1].header if at + 1 < len(siblings) else None


# ------------------------------------------------------------------------ blocks


def _pair_blocks(old: Statement, new: Statement) -> None:
    """Pair functions and classes by name, and other blocks by what is in them, from the outside in."""
    named = {_path(one): one for one in new.below() if one.tree.kind.endswith("Def") and one.partner is None}
    for one in old.below():
        if one.partner is None and (found := named.get(_path(one))) is not None and found.partner is None:
            _pair(one, found)
    for one in sorted(old.below(), key=lambda one: one.tree.size):
        if one.partner is None and one.children:
            other = _sharing(one)
            if other is not None:
                _pair(one, other)


def _path(one: Statement) -> tuple[str, ...]:
    path: list[str] = []
    above: Statement | None = one
    while above is not None:
        if above.tree.kind.endswith("Def"):
            path.append(above.tree.name)
        above = above.parent
    return (one.tree.kind, *path)


def _sharing(one: Statement) -> Statement | None:
    """The unpaired block of the same kind that has the most of the same statements, if they are enough."""
    shared: Counter[Statement] = Counter()
    inside = list(one.below())[1:]
    for inner in inside:
        above = inner.partner.parent if inner.partner is not None else None
        while above is not None:
            shared[above] += 1
            above = above.parent
    best, most = None, ENOUGH_BLOCK
    for other, count in shared.items():
        if other.partner is None and other.tree.kind == one.tree.kind:
            dice = 2 * count / (len(inside) + len(list(other.below())) - 1)
            if dice > most:
                best, most = other, dice
    return best


# ------------------------------------------------------------------------ what is left


def _recover(old: Statement, new: Statement) -> None:
    """Pair the statements left in paired blocks, in order, by how similar they are."""
    for one, other in _in_order(old.children, new.children):
        if one.partner is None and other.partner is None:
            _pair(one, other)
    for one, other in _left_alone(old.children, new.children):
        _pair(one, other)
    for one in old.children:
        if one.partner is not None:
            _recover(one, one.partner)


def _left_alone(old: Sequence[Statement], new: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Statements of one kind that are the only ones left between two that are paired, on both sides."""
    after = {one.partner: i for i, one in enumerate(new) if one.partner is not None}
    start = 0
    gap: list[Statement] = []
    for one in [*old, None]:
        if one is not None and one.partner is None:
            gap.append(one)
            continue
        end = len(new) if one is None else after.get(one, -1)
        between = [other for other in new[start : max(start, end)] if other.partner is None]
        if len(gap) == len(between) == 1 and end >= 0 and _may_be(gap[0], between[0]):
            yield gap[0], between[0]
        start, gap = (end + 1 if end >= 0 else start), []


def _may_be(one: Statement, other: Statement) -> bool:
    return one.tree.kind == other.tree.kind and (one.tree.kind != "Imports" or similarity(one, other) > 0)


def _in_order(old: Sequence[Statement], new: Sequence[Statement]) -> list[tuple[Statement, Statement]]:
    """The pairs of two sequences, in order in both, that are the most similar altogether."""
    if len(old) * len(new) > MOST_COMPARED:
        return []
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores: dict[tuple[int, int], float] = {}
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            score = scores[i, j] = _score(old[i], new[j])
            taken = best[i + 1][j + 1] + score if score > 0 else -1.0
            best[i][j] = max(taken, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if scores[i, j] > 0 and best[i][j] == best[i + 1][j + 1] + scores[i, j]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _score(one: Statement, other: Statement) -> float:
    if one.partner is other:
        return 1.0
    if one.partner is not None or other.partner is not None:
        return 0.0
    found = similarity(one, other)
    return found if found >= ENOUGH else 0.0


def similarity(one: Statement, other: Statement) -> float:
    """How much of the headers is the same, from 0 to 1; statements of different kinds have half of that."""
    if one.header == other.header:
        return 1.0
    if one.tree.kind == other.tree.kind == "Imports":
        return _imports_alike(one.header, other.header)
    whole = one.tokens.total() + other.tokens.total()
    shared = (one.tokens & other.tokens).total()
    dice = 2 * shared / whole if whole else 0.0
    if one.tree.kind == other.tree.kind:
        return min(1.0, dice + _same_place(one.header, other.header))
    simple = {one.tree.kind, other.tree.kind} <= {"Expr", "Assign", "AnnAssign", "AugAssign", "Return"}
    return dice if simple else dice / 2


def _imports_alike(one: Tree, other: Tree) -> float:
    """How much the names are alike that two import statements bring, at best."""
    import difflib

    names = [[node.name for node in side.walk() if node.kind == "Symbol"] for side in (one, other)]
    ratios = [difflib.SequenceMatcher(None, a, b).ratio() for a in names[0] for b in names[1]]
    return max((ratio for ratio in ratios if ratio >= ALIKE), default=0.0)


def _same_place(one: Tree, other: Tree) -> float:
    """What an equal first part is worth: the target of an assignment, the test of a condition."""
    return (
        0.3
        if one.children and other.children and one.children[0] == other.children[0] and one.children[0].size > 1
        else 0.0
    )


def _pair_moved(old: Statement, new: Statement) -> None:
    before = [one for one in old.below() if one.partner is None and one.tree.size >= SMALL]
    after = [one for one in new.below() if one.partner is None and one.tree.size >= SMALL]
    if len(before) * len(after) > MOST_COMPARED:
        return
    scored = [
        (similarity(one, other), -abs(i - j), i, j) for i, one in enumerate(before) for j, other in enumerate(after)
    ]
    for score, _, i, j in sorted(scored, reverse=True):
        if score < ENOUGH_MOVED:
            break
        if before[i].partner is None and after[j].partner is None:
            _pair(before[i], after[j])
            _recover(before[i], after[j])
