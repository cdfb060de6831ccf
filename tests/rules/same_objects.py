"""Read ``{old name: new name}`` as JSON and print the pairs that are two different objects here; runs alone.

A pair of which one side does not exist in the installed release is left out.
"""

import importlib
import json
import sys
import warnings


def find(name):
    """The object of a qualified name; LookupError when there is none."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
            for part in parts[count:]:
                found = getattr(found, part)
        except (ImportError, AttributeError):
            continue
        return found
    raise LookupError(name)


def differ(old, new):
    try:
        one, other = find(old), find(new)
    except LookupError:
        return False
    return one is not other and not (isinstance(one, (int, str)) and one == other)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    pairs = json.load(sys.stdin)
    sys.stdout.write("\n" + json.dumps({old: new for old, new in pairs.items() if differ(old, new)}))
