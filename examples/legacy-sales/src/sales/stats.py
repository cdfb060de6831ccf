"""A few figures that the report needs."""

import numpy as np
from numpy import Inf, in1d


def spread(values):
    """Largest minus smallest value."""
    values = np.asarray(values, dtype=np.float_)
    if values.size == 0:
        return np.NaN
    return values.ptp()


def best(values):
    best = -Inf
    for value in values:
        best = max(best, value)
    return best


def growth(rates):
    """Product of all growth rates."""
    return np.product(1 + np.asarray(rates))


def known(products, catalogue):
    """Which products are in the catalogue."""
    return in1d(products, catalogue)


def area(values):
    return np.trapz(values)
