"""Print the public names of the installed pandas as JSON: what its API reference speaks of, with inherited members.

pandas has no line between public modules and private ones that its code would show: nearly all of it lies in
``pandas.core``. This list of modules is the one of the API reference.
"""

import importlib
import inspect
import json
import sys
import warnings

MODULES = [
    "pandas",
    "pandas.api.types",
    "pandas.api.extensions",
    "pandas.api.indexers",
    "pandas.io.json",
    "pandas.tseries.offsets",
    "pandas.tseries.frequencies",
    "pandas.plotting",
    "pandas.testing",
    "pandas.errors",
    "pandas.arrays",
]
HERE = "pandas"


def is_own(module, value):
    home = getattr(value, "__module__", None) or ""
    return home == module if module == "pandas.tseries.frequencies" else home.split(".")[0] in (HERE, "")


def members(name, cls):
    return [f"{name}.{member}" for member in dir(cls) if not member.startswith("_")]


def walk():
    names = []
    for module in MODULES:
        try:
            found = importlib.import_module(module)
        except ImportError:
            continue
        listed = None if module == "pandas.api.types" else getattr(found, "__all__", None)
        for name in listed or dir(found):
            value = getattr(found, name, None)
            if name.startswith("_") or inspect.ismodule(value) or not is_own(module, value):
                continue
            qualified = f"{module}.{name}"
            names.append(qualified)
            if inspect.isclass(value) and str(value.__module__).split(".")[0] == HERE:
                names += members(qualified, value)
    return names + instances()


def instances():
    """Members of the classes that only calls give."""
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame({"a": [1, 2]})
    dates = pandas.Series([1, 2], index=pandas.date_range("2020-01-01", periods=2))
    made = {
        "pandas.api.typing.DataFrameGroupBy": frame.groupby("a"),
        "pandas.api.typing.SeriesGroupBy": frame["a"].groupby([0, 0]),
        "pandas.api.typing.Resampler": dates.resample("D"),
        "pandas.api.typing.Rolling": frame.rolling(1),
        "pandas.api.typing.Expanding": frame.expanding(),
        "pandas.api.typing.ExponentialMovingWindow": frame.ewm(span=2),
        "pandas.core.strings.accessor.StringMethods": pandas.Series(["a"]).str,
        "pandas.core.indexes.accessors.CombinedDatetimelikeProperties": dates.index.to_series().dt,
        "pandas.core.arrays.categorical.CategoricalAccessor": frame["a"].astype("category").cat,
    }
    return [name for owner, value in made.items() for name in members(owner, type(value))]


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.stdout.write("\n" + json.dumps(sorted(set(walk()))))
