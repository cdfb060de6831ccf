"""``frame.lookup(rows, columns)`` is gone: one ``frame.at`` a label pair gives the same values, types and KeyErrors."""

from __future__ import annotations

from apimig import Edit, Refusal, Site

SIGNATURE = "(row_labels, col_labels)"


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of lookup."""
    if site.call is None or site.receiver is None:
        return Refusal("it is passed on without being called")
    bound = site.bind(SIGNATURE)
    rows, columns = bound.given.get("row_labels"), bound.given.get("col_labels")
    if rows is None or columns is None or bound.extra or bound.maybe:
        return Refusal("its arguments cannot be told apart")
    if site.receiver.type != "identifier":
        return Refusal("the frame is an expression that would be evaluated for every label; give it a name first")
    row, column = site.fresh("row", "row_label"), site.fresh("column", "column_label")
    template = f"pandas.Series([$frame.at[{row}, {column}] for {row}, {column} in zip($rows, $columns)]).to_numpy()"
    return site.replace(site.call.node, template, frame=site.receiver, rows=rows, columns=columns)
