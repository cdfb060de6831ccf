"""Reading what the shop system exports."""

import numpy as np
import pandas as pd

try:
    from pandas import json_normalize
except ImportError:  # pandas < 1.0
    from pandas.io.json import json_normalize


def load_orders(path):
    """All orders of a file; lines that do not parse are left out."""
    orders = pd.read_csv(path, error_bad_lines=False, warn_bad_lines=False, parse_dates=["day"])
    orders["price"] = orders["price"].astype(np.float)
    orders["quantity"] = orders["quantity"].astype(np.int)
    return orders


def load_prices(path):
    """The last price of each product, as a Series."""
    orders = load_orders(path)
    return orders.groupby("product")["price"].last()


def load_customers(records):
    return json_normalize(records)


def save_orders(orders, path):
    orders.to_csv(path, index=False, line_terminator="\n")
