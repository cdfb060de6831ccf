from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sales import load_orders, load_prices, monthly, quarterly, stats, summary
from sales.loading import load_customers, save_orders
from sales.report import filled, with_total

ORDERS = Path(__file__).parent.parent / "data" / "orders.csv"


def test_broken_lines_are_left_out():
    assert load_orders(ORDERS)["order"].astype(int).tolist() == list(range(1001, 1009))


def test_prices():
    assert load_prices(ORDERS).to_dict() == {"coffee": 8.5, "sugar": 1.05, "tea": 4.5}


def test_monthly():
    table = monthly(ORDERS)
    assert list(table.columns) == ["month", "product", "revenue"]
    assert len(table) == 7
    assert table["revenue"].sum() == pytest.approx(398.3)


def test_with_total():
    table = with_total(pd.DataFrame({"month": [1, 2], "product": ["tea", "tea"], "revenue": [2.0, 3.5]}))
    assert table["revenue"].tolist() == [2.0, 3.5, 5.5]
    assert table.index.tolist() == [0, 1, 2]


def test_quarterly():
    assert len(quarterly([ORDERS, ORDERS, ORDERS])) == 24


def test_summary():
    assert summary(ORDERS) == ["quantity: 38.00", "price: 7.45"]


def test_filled():
    assert filled(pd.DataFrame({"a": [1.0, None, 3.0]}))["a"].tolist() == [1.0, 1.0, 3.0]


def test_customers():
    assert load_customers([{"a": {"b": 1}}]).columns.tolist() == ["a.b"]


def test_save(tmp_path):
    save_orders(load_orders(ORDERS), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 9


def test_stats():
    assert stats.best([1, 5, 2]) == 5
    assert stats.best([]) == -np.Inf
    assert stats.growth([0.5, 1.0]) == 3.0
    assert stats.known(["tea", "salt"], ["tea"]).tolist() == [True, False]
    assert stats.area([1, 2, 3]) == 4.0
    assert np.isnan(stats.spread([]))
