"""``frame.set_value(row, column, value)`` became ``frame.at[row, column] = value``, with takeable ``iat``."""

from __future__ import annotations

from apimig import Edit, Refusal, Site


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of set_value."""
    if site.call is None or site.receiver is None:
        return Refusal("it is passed on without being called")
    series = site.is_a(site.receiver, "pandas.Series")
    if not series and not site.is_a(site.receiver, "pandas.DataFrame"):
        return Refusal("whether it is a Series or a frame cannot be told")
    keys = ("label", "value") if series else ("index", "col", "value")
    bound = site.bind(f"({', '.join(keys)}, takeable=False)")
    if any(key not in bound.given for key in keys) or bound.extra or bound.maybe:
        return Refusal("its arguments cannot be told apart")
    takeable = bound.given.get("takeable")
    if takeable is not None and site.holds(takeable, "True", "False") is not True:
        return Refusal("whether it takes labels or positions cannot be told")
    if site.statement.type != "expression_statement" or site.statement.named_children[0] != site.call.node:
        return Refusal("its result, the object itself, is used")
    indexer = "iat" if takeable is not None and site.holds(takeable, "True") else "at"
    places = "$label" if series else "$index, $col"
    given = {key: bound.given[key] for key in keys}
    return site.replace_statements(
        site.statement, site.statement, f"$owner.{indexer}[{places}] = $value", owner=site.receiver, **given
    )
