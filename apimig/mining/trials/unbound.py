"""Names that a piece of code uses and nobody gives."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Collection


def unbound(code: str, given: Collection[str]) -> tuple[str, ...]:
    """The names that the code would look for in vain, in order of the alphabet.

    Raises SyntaxError where it is no Python of today.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is none of our business
        if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(ast.parse(code))):
            return ()
        top = symtable.symtable(code, "<case>", "exec")
    bound = {each.get_name() for each in top.get_symbols() if each.is_assigned() or each.is_imported()}
    bound |= _made_global(top)
    used = _used(top)
    return tuple(sorted(used - bound - set(given) - set(dir(builtins)) - _ALWAYS))


_ALWAYS = {"__name__", "__file__", "__doc__"}


def _used(table: symtable.SymbolTable) -> set[str]:
    """Names that are looked for outside of all functions, here and below."""
    found = {
        each.get_name()
        for each in table.get_symbols()
        if each.is_referenced() and (table.get_type() == "module" or each.is_global())
    }
    for inner in table.get_children():
        found |= _used(inner)
    return found


def _made_global(table: symtable.SymbolTable) -> set[str]:
    found = {each.get_name() for each in table.get_symbols() if each.is_declared_global() and each.is_assigned()}
    for inner in table.get_children():
        found |= _made_global(inner)
    return found
