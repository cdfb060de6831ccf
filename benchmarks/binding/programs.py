"""Programs: a fixture, one call, and what is done with its result, written out with imports in one of three styles."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_ALIASES = {"numpy": "np", "pandas": "pd", "matplotlib.pyplot": "plt", "networkx": "nx", "matplotlib": "mpl"}
OUTSIDE = frozenset(
    ("numpy", "numpy.random", "numpy.linalg", "pandas", "matplotlib", "matplotlib.pyplot", "scipy.sparse", "io",
     "datetime",
     "math", "operator", "functools", "itertools", "random", "fractions", "pathlib", "re", "string", "decimal",
     "collections", "tempfile", "warnings", "os")
)  # fmt: skip
STYLES = ("plain", "from", "alias")


@dataclass(frozen=True)
class Program:
    """Statements with full dotted names for all that is imported; ``call`` is an expression, named ``result``."""

    setup: tuple[str, ...]
    call: str
    finish: tuple[str, ...] = ()

    @property
    def statements(self) -> list[str]:
        return [*self.setup, f"result = {self.call}", *self.finish]


@dataclass(frozen=True)
class Written:
    """The source of a program, and the first and last line of the call."""

    source: str
    first: int
    last: int


def write(program: Program, modules: Collection[str], style: str = "plain") -> Written:
    """The program with its imports. Raises SyntaxError when its pieces are no Python."""
    trees = [ast.parse(each).body for each in program.statements]
    flat = [statement for tree in trees for statement in tree]
    taken = {node.id for tree in flat for node in ast.walk(tree) if isinstance(node, ast.Name)}
    spelling = _Spelling(modules, style, taken)
    pieces = ["\n".join(ast.unparse(spelling.visit(statement)) for statement in tree) for tree in trees]
    head = sorted(spelling.imports, key=lambda line: (line.startswith("from"), line))
    before = [*head, *([""] if head else []), *pieces[: len(program.setup)]]
    first = "\n".join(before).count("\n") + 2 if before else 1
    call = pieces[len(program.setup)]
    source = "\n".join([*before, call, *pieces[len(program.setup) + 1 :]]) + "\n"
    return Written(source, first, first + call.count("\n"))


class _Spelling(ast.NodeTransformer):
    """Writes dotted names as the imports of a style have them, and collects the imports."""

    def __init__(self, modules: Collection[str], style: str, taken: Collection[str]) -> None:
        self.modules, self.style, self.taken = modules, style, taken
        self.imports: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        dotted = _dotted(node)
        if dotted is None or not (module := self._module(dotted)):
            return self.generic_visit(node)
        rest = dotted[len(module) + 1 :]
        return ast.parse(self._spelled(module, rest), mode="eval").body

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.modules or node.id in OUTSIDE:
            self.imports.add(f"import {node.id}")
        return node

    def _module(self, dotted: str) -> str:
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            name = ".".join(parts[:cut])
            if name in self.modules or name in OUTSIDE:
                return name
        return ""

    def _spelled(self, module: str, rest: str) -> str:
        name = rest.partition(".")[0]
        if self.style == "from" and name not in self.taken and not hasattr(builtins, name):
            self.imports.add(f"from {module} import {name}")
            return rest
        if self.style == "alias" and (alias := _ALIASES.get(module)) and alias not in self.taken:
            self.imports.add(f"import {module} as {alias}")
            return f"{alias}.{rest}"
        package, _, last = module.rpartition(".")
        if self.style == "alias" and package and last not in self.taken:
            self.imports.add(f"from {package} import {last}")
            return f"{last}.{rest}"
        self.imports.add(f"import {module}")
        return f"{module}.{rest}"


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def free_names(text: str) -> set[str]:
    """The names that an expression or statement reads and does not bind itself."""
    tree = ast.parse(text)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - bound


def needed(texts: Collection[str], variables: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The statements that make the variables which the texts read, each before what needs it."""
    made: list[str] = []
    done: set[str] = set()

    def make(name: str) -> None:
        if name in done or name not in variables:
            return
        done.add(name)
        for statement in variables[name]:
            for each in sorted(free_names(statement)):
                make(each)
        made.extend(variables[name])

    for text in texts:
        for name in sorted(free_names(text)):
            make(name)
    return tuple(made)
