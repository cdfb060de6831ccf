"""Describes what a program left behind, in plain data that compares across releases and processes.

Used by ``executing`` inside an environment. A description is JSON: plain values as they are, everything else a list
whose first item says what it is. ``["attributes", class name, {...}]`` compares by the keys that both sides have: what
a release adds to or drops from its own objects is not a result of the program.
"""

import itertools
import math
import sys
import types

_ITEMS = 5000  # of one array or container
_DEEP = 6
_ARTIST = (
    "visible", "alpha", "label", "xdata", "ydata", "color", "facecolor", "edgecolor", "linewidth", "linestyle",
    "marker", "markersize", "text", "position", "rotation", "fontsize", "fontweight", "ha", "va", "offsets", "sizes",
    "array", "clim", "extent", "width", "height", "xy", "bbox", "zorder", "xlim", "ylim", "xscale", "yscale", "title",
    "xlabel", "ylabel", "xticks", "yticks", "aspect", "hatch", "fill", "loc", "frame_on", "segments", "verts",
)  # fmt: skip


def observe(value, deep=0, held=()):
    """The description of a value."""
    if value is None or isinstance(value, (bool, str)):
        return value if not isinstance(value, str) else str(value)[:20000]
    if type(value) is int:
        return value if abs(value) < 1 << 53 else ["int", str(value)]
    if isinstance(value, float) and type(value).__module__ == "builtins":
        return _number(value)
    if isinstance(value, complex) and type(value).__module__ == "builtins":
        return ["complex", _number(value.real), _number(value.imag)]
    if deep > _DEEP or any(value is each for each in held):
        return ["deeper", type(value).__name__]
    held = (*held, value)
    for known in (_of_numpy, _of_pandas, _of_scipy, _of_networkx, _of_matplotlib, _plain):
        found = known(value, deep, held)
        if found is not NotImplemented:
            return found
    return _object(value, deep, held)


def _number(value):
    if math.isnan(value):
        return ["nan"]
    return ["inf", value > 0] if math.isinf(value) else float(value)


def _module(name):
    return sys.modules.get(name) or types.SimpleNamespace()


def _of_numpy(value, deep, held):
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return NotImplemented
    if isinstance(value, numpy.ma.MaskedArray):
        mask = observe(numpy.ma.getmaskarray(value).tolist(), deep + 1, held)
        return ["masked", str(value.dtype), observe(value.filled().tolist(), deep + 1, held), mask]
    if isinstance(value, numpy.ndarray):
        kind = "matrix" if isinstance(value, numpy.matrix) else "array"
        flat = value.ravel()[:_ITEMS]
        items = [observe(each, deep + 1, held) for each in (flat.tolist() if not value.dtype.hasobject else flat)]
        return [kind, str(value.dtype), list(value.shape), items]
    if isinstance(value, numpy.generic):
        return [
            "scalar",
            str(value.dtype),
            observe(value.item(), deep + 1, held) if value.dtype.kind != "V" else str(value),
        ]
    if isinstance(value, numpy.dtype):
        return ["dtype", str(value)]
    return NotImplemented


def _of_pandas(value, deep, held):
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return NotImplemented
    if isinstance(value, pandas.DataFrame):
        columns = [_column(value.iloc[:, at], deep, held) for at in range(value.shape[1])]
        return ["frame", observe(value.columns, deep + 1, held), observe(value.index, deep + 1, held), columns]
    if isinstance(value, pandas.Series):
        return [
            "series",
            observe(value.name, deep + 1, held),
            observe(value.index, deep + 1, held),
            _column(value, deep, held),
        ]
    if isinstance(value, pandas.MultiIndex):
        return [
            "index",
            observe(list(value.names), deep + 1, held),
            [observe(each, deep + 1, held) for each in value[:_ITEMS]],
        ]
    if isinstance(value, pandas.Index):
        name, items = observe(value.name, deep + 1, held), [observe(each, deep + 1, held) for each in value[:_ITEMS]]
        return ["index", name, str(value.dtype), items, str(getattr(value, "freq", None))]
    if value is pandas.NaT or value is getattr(pandas, "NA", None):
        return ["missing", str(value)]
    if isinstance(value, (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval)):
        return ["time", str(value)]
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return ["extension", str(value.dtype), [observe(each, deep + 1, held) for each in value[:_ITEMS]]]
    if type(value).__module__.startswith("pandas.core.groupby") and hasattr(value, "groups"):
        groups = {str(key): observe(list(rows), deep + 1, held) for key, rows in value.groups.items()}
        return ["groups", groups, observe(value.obj, deep + 1, held)]
    if type(value).__module__.startswith("pandas.core.window"):
        attributes = {name: observe(getattr(value, name, None), deep + 1, held) for name in value._attributes}
        return ["attributes", type(value).__name__, attributes]
    if type(value).__name__ == "Styler":
        return ["styler", value.to_html(uuid="x", doctype_html=False) if deep < 3 else ""]
    return NotImplemented


def _column(series, deep, held):
    return [str(series.dtype), [observe(each, deep + 1, held) for each in list(series.iloc[:_ITEMS])]]


def _of_scipy(value, deep, held):
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(value):
        return ["sparse", value.format, str(value.dtype), observe(value.toarray(), deep + 1, held)]
    if sys.modules.get("scipy") is not None and type(value).__name__ in (
        "rv_frozen",
        "rv_continuous_frozen",
        "rv_discrete_frozen",
    ):
        return [
            "frozen",
            observe(value.args, deep + 1, held),
            observe(value.kwds, deep + 1, held),
            _moments(value, deep, held),
        ]
    return NotImplemented


def _moments(value, deep, held):
    try:
        return observe(tuple(map(float, value.stats("mv"))), deep + 1, held)
    except Exception:
        return None


def _of_networkx(value, deep, held):
    networkx = sys.modules.get("networkx")
    if networkx is None or not isinstance(value, networkx.Graph):
        return NotImplemented
    edges = value.edges(keys=True, data=True) if value.is_multigraph() else value.edges(data=True)
    kind = [value.is_directed(), value.is_multigraph()]
    return [
        "graph", kind, observe(dict(value.graph), deep + 1, held),
        observe(list(value.nodes(data=True)), deep + 1, held), observe(list(edges), deep + 1, held),
    ]  # fmt: skip


def _of_matplotlib(value, deep, held):
    artist = sys.modules.get("matplotlib.artist")
    if artist is None or not isinstance(value, artist.Artist):
        return NotImplemented
    seen = {}
    for name in _ARTIST:
        try:
            seen[name] = observe(getattr(value, "get_" + name)(), max(deep + 1, _DEEP - 1), held)
        except Exception:
            continue
    children = [observe(each, deep + 1, held) for each in value.get_children()] if deep < 4 else []
    return ["attributes", type(value).__name__, {**seen, "children": children}]


def _plain(value, deep, held):
    if isinstance(value, (list, tuple)):
        return ["items", [observe(each, deep + 1, held) for each in value[:_ITEMS]]]
    if isinstance(value, (set, frozenset)):
        items = [observe(each, deep + 1, held) for each in itertools.islice(value, _ITEMS)]
        return ["set", sorted(items, key=repr)]
    if isinstance(value, (types.GeneratorType, map, filter, zip, itertools.chain)) or type(value).__name__.endswith(
        "iterator"
    ):
        return ["items", [observe(each, deep + 1, held) for each in itertools.islice(value, 200)]]
    if _is_mapping(value):
        pairs = list(itertools.islice(value.items(), _ITEMS))
        return ["mapping", [[observe(k, deep + 1, held), observe(v, deep + 1, held)] for k, v in pairs]]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", bytes(value)[:20000].hex()]
    if isinstance(value, type) or (callable(value) and hasattr(value, "__name__")):
        return ["named", value.__name__]
    if isinstance(value, types.ModuleType):
        return ["named", value.__name__]
    if isinstance(value, BaseException):
        return ["raised", type(value).__name__]
    if hasattr(value, "getvalue"):
        held_text = value.getvalue()
        return ["text", held_text if isinstance(held_text, str) else bytes(held_text).hex()[:40000]]
    if type(value).__module__ in ("datetime", "decimal", "fractions", "pathlib", "uuid", "re"):
        return ["said", str(value)]
    return NotImplemented


def _is_mapping(value):
    import collections.abc

    return isinstance(value, collections.abc.Mapping)


def _object(value, deep, held):
    """Any other object: its class's name, and what it keeps under public names, or says of its parameters."""
    kept = {}
    if hasattr(value, "__dict__"):
        kept = {name: each for name, each in vars(value).items() if not name.startswith("_")}
    for name in getattr(type(value), "__slots__", ()) or ():
        if isinstance(name, str) and not name.startswith("_") and hasattr(value, name):
            kept[name] = getattr(value, name)
    if hasattr(value, "get_params") and any(name.endswith("_") for name in kept):
        kept = {name: each for name, each in kept.items() if name.endswith("_")}  # what an estimator learned
    attributes = {name: observe(each, deep + 1, held) for name, each in sorted(kept.items())}
    if not kept and hasattr(type(value), "__iter__"):
        try:
            return ["items", [observe(each, deep + 1, held) for each in itertools.islice(iter(value), 200)]]
        except Exception:
            return ["attributes", type(value).__name__, attributes]
    return ["attributes", type(value).__name__, attributes]
