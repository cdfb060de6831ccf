"""Which modules and names a library means for its users, and which of an object's paths is its name."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from apimig.shipped import folder

# Parts of a dotted name that say "not for you" by convention, whatever the library.
_INTERNAL_PARTS = frozenset(
    {
        "tests", "testsuite", "conftest", "setup", "benchmarks", "examples", "externals", "extern", "vendor",
        "vendored", "third_party", "internals", "internal", "impl", "_vendor", "testing_utils"
    }
)  # fmt: skip
_PRIVATE_PART = re.compile(r"^_(?!_\w+__$)")


@dataclass(frozen=True, slots=True)
class Conventions:
    """What is private in one library, by its names and by what its documentation declares; who makes its stubs."""

    private: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    stubs: str = ""

    def is_public_module(self, path: str) -> bool:
        """Whether users may import from the module."""
        _, _, rest = path.partition(".")
        parts = rest.split(".") if rest else []
        if any(part in _INTERNAL_PARTS or _PRIVATE_PART.match(part) for part in parts):
            return False
        longest = max((each for each in self.private if _within(path, each)), key=len, default="")
        return not longest or any(
            path == each or (_within(path, each) and len(each) > len(longest)) for each in self.public
        )

    def rank(self, path: str, home: str, *, listed: bool) -> tuple[int, ...]:
        """The order of an object's paths; the least is its name."""
        parts = path.split(".")
        return (
            sum(part in _INTERNAL_PARTS or bool(_PRIVATE_PART.match(part)) for part in parts),
            0 if self.is_public_module(path.rpartition(".")[0]) else 1,
            len(parts),
            0 if parts[-1] == home.rpartition(".")[2] else 1,
            0 if listed else 1,
        )


def conventions(roots: Collection[str]) -> Conventions:
    """The conventions of the library with these import names, as ``data/surfaces/conventions.yaml`` has them."""
    stated = _declared()
    entries = [stated[root] for root in roots if root in stated]
    return Conventions(
        tuple(name for entry in entries for name in entry.get("private", ())),
        tuple(name for entry in entries for name in entry.get("public", ())),
        next((entry["stubs"] for entry in entries if "stubs" in entry), ""),
    )


def distribution_of(root: str) -> str | None:
    """The distribution of an import name that is not its own, as far as the conventions say it."""
    said: str | None = _declared().get(root, {}).get("distribution")
    return said


def release_notes(roots: Collection[str], version: str) -> str:
    """The address where a library says what a release changed; empty where the conventions name none."""
    template = next((_declared()[root]["notes"] for root in roots if "notes" in _declared().get(root, {})), "")
    major, minor = [*version.split("."), "0"][:2]
    address: str = template.format(major=major, minor=minor, version=f"{major}.{minor}.0")
    return address


@cache
def _declared() -> dict[str, dict[str, Any]]:
    import yaml

    text = (folder("data") / "surfaces" / "conventions.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def is_public_name(name: str) -> bool:
    """Whether a name in a module or class is meant for users, by its underscores alone."""
    return not name.startswith("_")


# Members that Python or pickling calls, never the user: a change of these changes no call.
_MACHINERY = frozenset(
    {
        "__repr__", "__str__", "__hash__", "__doc__", "__module__", "__slots__", "__annotations__", "__dict__",
        "__weakref__", "__init_subclass__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__",
        "__getnewargs__", "__sizeof__", "__dir__", "__copy__", "__deepcopy__", "__del__", "__set_name__",
        "__subclasshook__", "__class_getitem__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__",
        "__all__", "__version__", "__author__", "__path__", "__file__", "__name__", "__package__", "__spec__",
        "__loader__", "__builtins__", "__cached__", "__qualname__", "__match_args__", "__dataclass_fields__",
        "__dataclass_params__", "__abstractmethods__", "__orig_bases__", "__parameters__", "__instancecheck__",
        "__subclasscheck__", "__prepare__", "__post_init__", "__pydantic_fields__", "__test__", "__deprecated__",
        "__signature__", "__wrapped__", "__firstlineno__", "__static_attributes__", "__format__", "__fspath__",
        "__class__", "__rich_repr__", "__attrs_attrs__", "__mypy_ext__", "__dataframe__", "__metaclass__",
        "__visit_name__", "__getnewargs_ex__", "__clause_element__", "__sklearn_tags__", "__sklearn_clone__",
        "__future_annotations__", "__pydantic_decorators__", "__private_attributes__", "__constants__"
    }
)  # fmt: skip


def is_public_member(name: str) -> bool:
    """Whether a member of a class is part of the surface: public names, and special methods that operators call."""
    if name.startswith("__") and name.endswith("__"):
        return name not in _MACHINERY
    return is_public_name(name)


def _within(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + ".")
