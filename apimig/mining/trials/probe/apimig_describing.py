"""Runs inside the interpreter of a release, of any Python from 3.6 on: says what a value is, as plain data.

Two releases spell one thing differently: classes move between modules, reprs and internals change. So a description
holds values and the last name of a class, never a repr with an address, and of a library's own objects only what is
public. A description is a list: its kind, then what belongs to it; ``comparing.py`` reads it. Descriptions are
bounded in depth and in number, and what cannot be described says so.
"""

import enum
import hashlib
import inspect
import re
import types

_DEPTH = 7
_ITEMS = 400  # of a list, a mapping, an iterator
_CELLS = 4000  # of an array
_TEXT = 20000
_NODES = 30000
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+|0x[0-9a-fA-F]{6,}")
_DIGITS = re.compile(r"\d{9,}")


def describe(value):
    """The description of a value."""
    return _Describing().of(value, 0)


def plain(text):
    """A text without addresses, and not too long."""
    return _ADDRESS.sub("", text)[:_TEXT]


class _Describing:
    """One value on its way; what was met above is not described again."""

    def __init__(self):
        self.above = []
        self.nodes = 0
        self.in_estimator = False

    def of(self, value, depth):
        """The description of a value at a depth."""
        self.nodes += 1
        simple = _simple(value)
        if simple is not None:
            return simple
        if depth > _DEPTH or self.nodes > _NODES:
            return ["deep", _name(type(value))]
        if any(each is value for each in self.above):
            return ["again", len(self.above)]
        self.above.append(value)
        try:
            return self._of(value, depth + 1)
        except Exception as error:  # a library's object may do anything when it is looked at
            return ["failed", _name(type(value)), type(error).__name__]
        finally:
            self.above.pop()

    def _of(self, value, depth):
        if isinstance(value, types.ModuleType):
            return ["named", "module", value.__name__.rpartition(".")[2].strip("_"), False]
        if isinstance(value, type):
            module = str(value.__module__)
            return ["named", "class", value.__name__, module == "__main__", module.partition(".")[0] == "builtins"]
        for test, make in _KINDS:
            if test in _lineage(value):
                return make(self, value, depth)
        if callable(value) and hasattr(value, "__name__") and not hasattr(value, "__dataclass_fields__"):
            own = getattr(value, "__module__", "") == "__main__"
            return ["named", "function", str(value.__name__).strip("_"), own]
        return self.builtin(value, depth)

    def builtin(self, value, depth):
        """Containers, iterators, and at last any object."""
        kind = type(value)
        if isinstance(value, dict):
            pairs = [[self.of(k, depth), self.of(v, depth)] for k, v in _first(value.items())]
            return ["map", _name(kind), pairs, len(value)]
        if isinstance(value, (set, frozenset)):
            items = sorted((self.of(each, depth) for each in list(value)[:_ITEMS]), key=repr)
            return ["items", _name(kind), items, len(value)]
        if isinstance(value, (list, tuple)):
            return ["items", _name(kind), [self.of(each, depth) for each in value[:_ITEMS]], len(value)]
        if isinstance(value, (range, memoryview)):
            return ["items", _name(kind), [self.of(each, depth) for each in _first(value)], len(value)]
        if inspect.isgenerator(value) or (hasattr(value, "__next__") and not hasattr(value, "read")):
            return ["items", "iterator", [self.of(each, depth) for each in _first(value)], -1]
        if isinstance(value, re.compile("").__class__):
            return ["text", "Pattern", value.pattern]
        if isinstance(value, BaseException):
            return ["text", _name(kind), plain(str(value))]
        if kind.__module__ in ("datetime", "decimal", "fractions", "uuid", "pathlib"):
            return ["text", _name(kind), plain(str(value))]
        return self.thing(value, depth)

    def thing(self, value, depth):
        """Any object: its class, and its public state; of an object of the snippet's own class all of it."""
        own = type(value).__module__ == "__main__"
        state = dict(getattr(value, "__dict__", None) or {})
        kept = {name: each for name, each in state.items() if not name.startswith("_") or (own and _is_plain(each))}
        parts = [[name, self.of(each, depth)] for name, each in sorted(kept.items())[:60] if not callable(each) or own]
        return ["thing", _name(type(value)), parts, own]

    # ----------------------------------------------------------------------- numpy

    def scalar(self, value, depth):
        """A number of numpy's."""
        item = value.item() if value.dtype.kind in "biufcSU" else str(value)
        if value.dtype.kind in "mM":
            return ["text", _name(type(value)), str(value)]
        inner = self.of(item, depth) if not isinstance(item, type(value)) else ["text", "number", str(value)]
        return ["scalar", str(value.dtype), inner]

    def array(self, value, depth):
        """An array: dtype, shape and elements, those of a masked one with its mask."""
        if hasattr(value, "mask") and hasattr(value, "filled"):
            parts = [["data", self.array(value.filled(), depth)], ["mask", self.of(value.mask, depth)]]
            return ["thing", "MaskedArray", parts, False]
        flat = value.ravel()
        if flat.size > _CELLS:
            flat = flat[:_CELLS]
        if value.dtype.names:
            cells = [self.of(tuple(each.tolist()), depth) for each in flat]
        elif value.dtype.kind in "mM":
            cells = [["text", "time", str(each)] for each in flat]
        else:
            cells = [self.of(each, depth) for each in flat.tolist()]
        return ["array", _name(type(value)), _dtype(value.dtype), list(value.shape), cells]

    def dtype(self, value, depth):
        """A dtype by its text."""
        return ["text", "dtype", _dtype(value)]

    def poly(self, value, depth):
        """A polynomial by its coefficients."""
        coefficients = value.coeffs if hasattr(value, "coeffs") else value.coef
        return ["thing", _name(type(value)), [["coef", self.of(coefficients, depth)]], False]

    # ----------------------------------------------------------------------- pandas

    def frame(self, value, depth):
        """A data frame: index, columns, and each column's dtype and cells."""
        columns = [self.cells(value.iloc[:, at], depth) for at in range(min(len(value.columns), _ITEMS))]
        return ["frame", self.of(value.index, depth), self.of(value.columns, depth), columns]

    def series(self, value, depth):
        """A series: index, name, dtype and cells."""
        return ["series", self.of(value.index, depth), self.of(value.name, depth), self.cells(value, depth)]

    def index(self, value, depth):
        """An index, of whatever class: names, dtype, elements, and the frequency where there is one."""
        names = self.of(list(value.names), depth)
        frequency = self.of(getattr(value, "freq", None), depth)
        return ["index", names, self.cells(value, depth), frequency]

    def cells(self, value, depth):
        """Dtype and elements of a column, an index or an extension array."""
        found = [self.of(each, depth) for each in list(value[:_CELLS] if hasattr(value, "dtype") else value)]
        return ["cells", _dtype(getattr(value, "dtype", "object")), found, len(value)]

    def moment(self, value, depth):
        """A timestamp, an interval of time, a period: by its text."""
        return ["text", _name(type(value)), str(value)]

    def offset(self, value, depth):
        """An offset by class, number and arguments: its name changed with releases."""
        words = sorted("%s=%s" % pair for pair in dict(getattr(value, "kwds", {}) or {}).items())
        return ["text", _name(type(value)), "%s %s" % (value.n, " ".join(words))]

    def groups(self, value, depth):
        """What is grouped or resampled, group by group."""
        pairs = [[self.of(key, depth), self.of(part, depth)] for key, part in _first(value)]
        return ["map", "groups", pairs, len(pairs)]

    def window(self, value, depth):
        """A rolling, expanding or weighted window, by the means in it."""
        return ["thing", "window", [["mean", self.of(value.mean(), depth)]], False]

    def styler(self, value, depth):
        """A styled frame, by its HTML without the random name of the table."""
        return ["text", "Styler", re.sub(r"T_[0-9a-f]+_?", "T", (getattr(value, "to_html", None) or value.render)())]

    # ----------------------------------------------------------------------- others

    def image(self, value, depth):
        """An image: mode, size and bytes."""
        return ["text", "Image", "%s %s %s" % (value.mode, value.size, _digest(value.tobytes()))]

    def estimator(self, value, depth):
        """An estimator by what it learned; one that learned nothing yet by what it does with sample data.

        Its parameters have other names and spellings in other releases; they are told where it cannot be fitted.
        """
        learned = _learned(value)
        if not learned and not self.in_estimator:
            self.in_estimator = True
            try:
                learned = _fitted(value)
            except Exception:  # it wants other data than these
                learned = {}
            finally:
                self.in_estimator = False
        if not learned:
            learned = {"parameters": value.get_params(deep=False)}
        parts = [[name, self.of(each, depth)] for name, each in sorted(learned.items())]
        return ["thing", _name(type(value)), parts, False]

    def clause(self, value, depth):
        """A statement of SQLAlchemy, by its compiled text and parameters."""
        compiled = value.compile()
        return ["text", "SQL", "%s %s" % (" ".join(str(compiled).split()), sorted(compiled.params.items()))]

    def query(self, value, depth):
        """A query by the text of its statement."""
        return ["text", "SQL", " ".join(str(value).split())]

    def table(self, value, depth):
        """A table by its name and columns."""
        columns = ", ".join("%s %s" % (each.name, each.type) for each in value.columns)
        return ["text", "Table", "%s (%s)" % (value.fullname, columns)]

    def shown(self, value, depth):
        """Something that its text says all of."""
        return ["text", _name(type(value)), plain(str(value))]

    def rows(self, value, depth):
        """What a statement gave, row by row."""
        return ["items", "result", [self.of(tuple(each), depth) for each in _first(value)], -1]

    def row(self, value, depth):
        """A row as a tuple."""
        return ["items", "row", [self.of(each, depth) for each in tuple(value)], len(tuple(value))]

    def by_class(self, value, depth):
        """Something of which there is nothing to compare but that it is one."""
        return ["thing", _name(type(value)), [], False]

    def relationship(self, value, depth):
        """A relationship of two mapped classes, whose own class has had several names."""
        return ["thing", "Relationship", [["argument", self.of(getattr(value, "argument", None), depth)]], False]

    def colours(self, value, depth):
        """A colormap by some of its colours."""
        return ["thing", "Colormap", [["colours", self.of([value(at / 8.0) for at in range(9)], depth)]], False]

    def figure(self, value, depth):
        """A figure by its size and axes."""
        parts = [["size", self.of(list(value.get_size_inches()), depth)], ["axes", self.of(list(value.axes), depth)]]
        return ["thing", "Figure", parts, False]

    def axes(self, value, depth):
        """Axes by titles, limits, and the data of the lines."""
        lines = [
            [self.of(list(line.get_xdata()), depth), self.of(list(line.get_ydata()), depth)] for line in value.lines
        ]
        words = [value.get_title(), value.get_xlabel(), value.get_ylabel()]
        parts = [["words", self.of(words, depth)], ["lines", ["map", "lines", lines, len(lines)]]]
        return ["thing", "Axes", parts, False]


# The first of these that is in a value's lineage says how it is described: package and last name of a class.
_KINDS = (
    ("pandas DataFrame", _Describing.frame), ("pandas Series", _Describing.series),
    ("pandas Index", _Describing.index), ("pandas ExtensionArray", _Describing.cells),
    ("pandas Timestamp", _Describing.moment), ("pandas Timedelta", _Describing.moment),
    ("pandas Period", _Describing.moment), ("pandas _Period", _Describing.moment),
    ("pandas NaTType", _Describing.moment), ("pandas NAType", _Describing.moment),
    ("pandas Interval", _Describing.moment), ("pandas BaseOffset", _Describing.offset),
    ("pandas _BaseOffset", _Describing.offset), ("pandas DateOffset", _Describing.offset),
    ("pandas ExtensionDtype", _Describing.shown), ("pandas GroupBy", _Describing.groups),
    ("pandas BaseGroupBy", _Describing.groups), ("pandas _GroupBy", _Describing.groups),
    ("pandas BaseWindow", _Describing.window), ("pandas _Window", _Describing.window),
    ("pandas EWM", _Describing.window), ("pandas Styler", _Describing.styler),
    ("numpy ndarray", _Describing.array), ("numpy generic", _Describing.scalar), ("numpy dtype", _Describing.dtype),
    ("numpy poly1d", _Describing.poly), ("numpy ABCPolyBase", _Describing.poly),
    ("PIL Image", _Describing.image), ("PIL ImageDraw", _Describing.by_class),
    ("sklearn BaseEstimator", _Describing.estimator),
    ("sqlalchemy Query", _Describing.query), ("sqlalchemy Table", _Describing.table),
    ("sqlalchemy TypeEngine", _Describing.shown), ("sqlalchemy ClauseElement", _Describing.clause),
    ("sqlalchemy Result", _Describing.rows), ("sqlalchemy ResultProxy", _Describing.rows),
    ("sqlalchemy Row", _Describing.row), ("sqlalchemy BaseRow", _Describing.row),
    ("sqlalchemy RowProxy", _Describing.row), ("sqlalchemy BaseRowProxy", _Describing.row),
    ("sqlalchemy URL", _Describing.shown), ("sqlalchemy MetaData", _Describing.by_class),
    ("sqlalchemy Engine", _Describing.shown), ("sqlalchemy Connection", _Describing.by_class),
    ("sqlalchemy Session", _Describing.by_class), ("sqlalchemy Inspector", _Describing.by_class),
    ("sqlalchemy RelationshipProperty", _Describing.relationship),
    ("sqlalchemy Mapper", _Describing.by_class), ("sqlalchemy InstrumentedAttribute", _Describing.shown),
    ("matplotlib Colormap", _Describing.colours), ("matplotlib Figure", _Describing.figure),
    ("matplotlib Axes", _Describing.axes), ("matplotlib Artist", _Describing.by_class),
)  # fmt: skip


def _learned(estimator):
    return {n: each for n, each in vars(estimator).items() if n.endswith("_") and not n.startswith("_")}


def _fitted(estimator):
    """What a copy of an estimator learns from sample data of several scales, and what it makes of them."""
    import numpy as np
    from sklearn.base import clone, is_classifier

    draw = np.random.RandomState(0)
    rows = draw.uniform(0.1, 1.0, (40, 4)) * [1.0, 10.0, 0.1, 3.0]
    target = rows[:, 0] * 2 + rows[:, 1] * 0.3 - rows[:, 3] + draw.normal(0, 0.1, 40)
    copy = clone(estimator)
    if copy.get_params(deep=False).get("random_state", 0) is None:
        copy.set_params(random_state=0)
    np.random.seed(0)
    if is_classifier(copy):
        copy.fit(rows, (target > np.median(target)).astype(int))
    else:
        try:
            copy.fit(rows, target)
        except ValueError:  # it wants several targets
            copy.fit(rows, np.column_stack([target, rows[:, 2]]))
    found = _learned(copy)
    for name in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(copy, name):
            found[name] = getattr(copy, name)(rows)
    return found


def _simple(value):
    kind = type(value)
    if isinstance(value, enum.IntEnum):
        return ["int", str(int(value))]
    if value is None:
        return ["none"]
    if kind is bool:
        return ["bool", value]
    if kind is int:
        return ["int", str(value)]
    if kind is float:
        return ["float", repr(value)]
    if kind is complex:
        return ["complex", repr(value.real), repr(value.imag)]
    if kind is str:
        return ["str", value if len(value) <= _TEXT else value[:_TEXT] + _digest(value.encode("utf-8", "replace"))]
    if kind in (bytes, bytearray):
        return ["bytes", value.hex() if len(value) <= 200 else _digest(value)]
    return None


def _is_plain(value):
    """Whether a value is of Python's or the snippet's own classes: libraries leave their own things in objects."""
    return type(value).__module__ in ("builtins", "__main__")


def _digest(data):
    return hashlib.sha1(bytes(data)).hexdigest()  # no secret: only whether two are the same


def _dtype(dtype):
    return str(dtype)


def _lineage(value):
    """``pandas DataFrame`` for a value's class and all its bases."""
    bases = type.__dict__["__mro__"].__get__(type(value))
    return ["%s %s" % (base.__module__.partition(".")[0], base.__name__) for base in bases]


def _name(kind):
    return _DIGITS.sub("", kind.__name__)


def _first(items):
    """The first items of what may never end."""
    found = []
    for each in items:
        found.append(each)
        if len(found) >= _ITEMS:
            break
    return found
