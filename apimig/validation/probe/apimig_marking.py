"""Puts marks into the syntax tree of a file, for any Python from 3.6 on; before 3.8 by whole lines alone."""

import __future__

import ast

FUTURE = 0
for _name in __future__.all_feature_names:
    FUTURE |= getattr(__future__, _name).compiler_flag

REACH, TYPE = "__apimig_reach__", "__apimig_type__"
_UNTOUCHED = tuple(
    getattr(ast, name) for name in ("JoinedStr", "TemplateStr", "pattern", "TypeAlias") if hasattr(ast, name)
)  # places in them are not exact, or no expression may stand there
_QUOTED = (ast.Assert,) + _UNTOUCHED  # pytest shows what stands in an assert


def mark(tree, marks):
    """Put every mark at its place in a module's tree, and give the tree back."""
    for number, kind, line, column, end_line, end_column in marks:
        wanted = (line, column), (end_line, end_column)
        path = _path_to(tree, wanted)
        if _is_documentation(path):
            continue
        if kind == "type":
            _see(path, number, wanted)
        elif not _reach_expression(path, number):
            _reach_statement(path, number)
    return ast.fix_missing_locations(tree)


def _path_to(tree, wanted):
    """The nodes around a place, the outermost first, each with the field and the index that lead to it."""
    path, node = [(tree, "", None)], tree
    while node is not None:
        inner = None
        for field, index, child in _children(node):
            span = _span(child)
            if span is None:
                span = _hull(child)
            if span is not None and span[0] <= wanted[0] and wanted[1] <= span[1]:
                inner = child
                path.append((child, field, index))
                break
        node = inner
    return path


def _is_documentation(path):
    """Whether a place is in a first string, which would be none any more with something around or before it."""
    at = next((at for at, each in enumerate(path) if isinstance(each[0], ast.Expr)), None)
    if at is None or path[at][1:] != ("body", 0):
        return False
    value = path[at][0].value
    return isinstance(getattr(value, "value", getattr(value, "s", None)), str)


def _children(node):
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            for index, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield field, index, each
        elif isinstance(value, ast.AST):
            yield field, None, value


def _span(node):
    if not hasattr(node, "lineno"):
        return None
    end = getattr(node, "end_lineno", None)
    if end is None:  # before 3.8: the lines of what is in it
        hull = _hull(node)
        last = hull[1][0] if hull else node.lineno
        return (node.lineno, 0), (max(last, node.lineno), 1 << 30)
    first = node.lineno, node.col_offset
    decorators = getattr(node, "decorator_list", None)
    if decorators:
        first = min(first, (decorators[0].lineno, decorators[0].col_offset - 1))
    return first, (end, node.end_col_offset)


def _hull(node):
    """The place of a node that has none itself, such as a keyword or the arguments of a function."""
    spans = [span for _, _, child in _children(node) for span in [_span(child) or _hull(child)] if span is not None]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


def _name(text):
    return ast.Name(id=text, ctx=ast.Load())


def _number(value):
    return ast.Constant(value=value, kind=None)


def _call(function, number, *more):
    return ast.Call(func=_name(function), args=[_number(number)] + list(more), keywords=[])


def _see(path, number, wanted):
    """Let the value of the expression that has just this place be looked at."""
    node, field, index = path[-1]
    if isinstance(node, ast.expr) and _span(node) == wanted and _may_stand(path, _UNTOUCHED):
        _replace(path[-2][0], field, index, ast.copy_location(_call(TYPE, number, node), node))


def _reach_expression(path, number):
    """Wrap the smallest expression around a place; whether that was possible."""
    while len(path) > 1 and not isinstance(path[-1][0], ast.stmt):
        node, field, index = path[-1]
        if isinstance(node, ast.expr) and hasattr(node, "end_lineno") and _may_stand(path, _QUOTED):
            wrapped = ast.BoolOp(op=ast.Or(), values=[_call(REACH, number), node])
            _replace(path[-2][0], field, index, ast.copy_location(wrapped, node))
            return True
        path = path[:-1]
    return False


def _may_stand(path, untouched):
    """Whether another expression may take the place of the last node of a path, without changing what is run."""
    node, field, _ = path[-1]
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if isinstance(node, (ast.Starred, ast.Slice)) or _has_slice(node):
        return False
    if any(isinstance(each, untouched) for each, _, _ in path):
        return False
    return not any(each in ("annotation", "returns", "type_params") for _, each, _ in path) and field != "ctx"


def _has_slice(node):
    return isinstance(node, ast.Tuple) and any(isinstance(each, (ast.Slice, ast.Starred)) for each in node.elts)


def _replace(parent, field, index, new):
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _reach_statement(path, number):
    """Put a statement before the innermost one around a place."""
    for at in range(len(path) - 1, 0, -1):
        node, field, index = path[at]
        if isinstance(node, ast.stmt):
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                return
            statement = ast.copy_location(ast.Expr(value=_call(REACH, number)), node)
            getattr(path[at - 1][0], field).insert(index, statement)
            return
