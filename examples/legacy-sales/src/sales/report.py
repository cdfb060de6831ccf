"""Tables for the monthly meeting."""

import pandas as pd

from sales import stats
from sales.loading import load_orders


def monthly(path):
    """Revenue of each month and product."""
    orders = load_orders(path)
    orders["revenue"] = orders["quantity"] * orders["price"]
    table = pd.DataFrame(columns=["month", "product", "revenue"])
    for (month, product), group in orders.groupby([orders["day"].dt.month, "product"]):
        table = table.append(
            {"month": month, "product": product, "revenue": group["revenue"].sum()},
            ignore_index=True,
        )
    return table


def with_total(table):
    """The table with a last row that adds up all others."""
    total = pd.DataFrame({"month": ["all"], "product": ["all"], "revenue": [table["revenue"].sum()]})
    return table.append(total, ignore_index=True)


def quarterly(paths):
    """One frame out of several files."""
    frames = []
    for path in paths:
        frames.append(load_orders(path))  # a list: stays as it is
    first, *others = frames
    return first.append(others, ignore_index=True)


def summary(path):
    """Name and figures of each numeric column."""
    orders = load_orders(path)
    lines = []
    for name, column in orders[["quantity", "price"]].iteritems():
        lines.append(f"{name}: {stats.spread(column.to_numpy()):.2f}")
    return lines


def filled(table):
    """Gaps take the value above them (upstream's, where there is one)."""
    return table.fillna(method="ffill")
