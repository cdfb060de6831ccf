"""Monthly sales figures."""

from sales.loading import load_orders, load_prices
from sales.report import monthly, quarterly, summary

__all__ = ["load_orders", "load_prices", "monthly", "quarterly", "summary"]
