"""Print the public names of an installed package as JSON; runs alone under Python 3.7 and later.

    python surface_walk.py PACKAGE

A name is public when no part of its dotted path starts with an underscore and its module lists it in
``__all__`` or defines it; where there is no ``__all__``, and in the package itself, everything of the package counts that is
no module from elsewhere. So do the members that a class of the package defines itself.
The answer has two tables, "public" and "other" (what can be
reached besides), of names and the text of the warning that reaching them gives ("" for none).
"""

import importlib
import inspect
import json
import pkgutil
import sys
import types
import warnings

HIDDEN = ("tests", "test", "conftest", "setup", "__main__")


def hidden(dotted):
    return any(part.startswith("_") or part in HIDDEN for part in dotted.split(".")[1:])


def warned(caught):
    kinds = (DeprecationWarning, FutureWarning)
    texts = [str(one.message) for one in caught if issubclass(one.category, kinds)]
    return texts[-1] if texts else ""


def reach(action):
    """(value, warning text) of an action, or None where it fails in any way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return action(), warned(caught)
        except BaseException:  # noqa: BLE001 - a module may do anything when it is imported
            return None


def modules(root):
    yield root.__name__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for info in pkgutil.walk_packages(root.__path__, root.__name__ + ".", onerror=lambda name: None):
            if not hidden(info.name):
                yield info.name


def belongs(module, root, name, value):
    listed = getattr(module, "__all__", None)
    if isinstance(value, types.ModuleType):
        here = value.__name__ == module.__name__ + "." + name
        return here or module.__name__ == root == value.__name__.split(".")[0]
    if listed is not None and module.__name__ != root:
        return name in listed or getattr(value, "__module__", None) == module.__name__
    home = getattr(value, "__module__", None)
    return not isinstance(home, str) or home.split(".")[0] == root or module.__name__ == root


def members(root, value):
    """The public names that a class of the package defines itself."""
    if str(value.__module__).split(".")[0] == root:
        return [name for name in vars(value) if not name.startswith("_")]
    return []


def walk(package):
    public, other = {}, {}
    for dotted in modules(importlib.import_module(package)):
        reached = reach(lambda: importlib.import_module(dotted))  # noqa: B023 - called at once
        if reached is None:
            continue
        module, public[dotted] = reached
        for name in sorted(set(dir(module)) | set(getattr(module, "__all__", ()))):
            reached = None if name.startswith("_") else reach(lambda: getattr(module, name))  # noqa: B023
            if reached is None:
                continue
            names = public if belongs(module, package, name, reached[0]) else other
            names[dotted + "." + name] = reached[1]
            if inspect.isclass(reached[0]):
                names.update((f"{dotted}.{name}.{member}", "") for member in members(package, reached[0]))
    return {"public": public, "other": other}


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(walk(sys.argv[1])))
