"""How many test runs three wrong rules cost among 8, 32 and 128 edit groups, in a made tree with real environments.

    python benchmarks/planted_groups.py [--groups N ...] --work DIR

Every module of the tree has one edit under numpy 1.26.4 → 2.0.2 and one test that computes something with it: three
modules are reached by wrong rules, the others by a right one that is shipped. A group is the edits of one rule in one
file. In half of the rows each test runs its own module alone, so that only three groups are suspects; in the other half
it runs all modules, and every group is. Where a wrong edit stays, or a right one is taken back, the script says so and
exits with 1.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import sys
import tempfile
from pathlib import Path

from planted_rules import groups, planted, upgraded
from real_e2e import shown

WRONG = {"numpy.cumsum": "numpy.cumprod", "numpy.sort": "numpy.unique", "numpy.repeat": "numpy.tile"}
HEAD = ["groups", "edits that a test runs", "wrong ones taken back", "right ones taken back", "edits that stay",
        "test runs", "before", "after"]  # fmt: skip
EXPECTED = {
    "np.product([2, 3])": "6",
    "np.cumsum([1, 2, 4])[-1]": "7",
    "np.sort([2, 1, 1])[1]": "1",
    "np.repeat([1, 2], 2)[1]": "1",
}


def made(tree: Path, number: int, *, together: bool) -> None:
    """A tree of ``number`` modules, each with a test; which are reached by wrong rules is drawn, always alike.

    Where they are run ``together``, each test runs the code of all modules and asserts what its own one gives.
    """
    right, *wrong = EXPECTED
    expressions = wrong + [right] * (number - len(wrong))
    random.Random(number).shuffle(expressions)
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "tests").mkdir(parents=True)
    for at, expression in enumerate(expressions):
        (tree / f"m{at}.py").write_text(f"import numpy as np\n\n\ndef value():\n    return {expression}\n")
        (tree / "tests" / f"test_m{at}.py").write_text(
            f"from run import value\n\n\ndef test_value():\n    assert value({at}) == {EXPECTED[expression]}\n"
        )
    found = f"[importlib.import_module(f'm{{n}}').value() for n in range({number})][at]"
    one = "importlib.import_module(f'm{at}').value()"
    (tree / "run.py").write_text(f"import importlib\n\n\ndef value(at):\n    return {found if together else one}\n")
    (tree / "setup.cfg").write_text("[options]\ninstall_requires =\n    numpy\n")


def row(number: int, work: Path, *, together: bool) -> tuple[str, bool]:
    """A line of the table, and whether all went as it should."""
    tree = work / f"groups-{number}"
    made(tree, number, together=together)
    entry = {"repo": tree.name, "lib": "numpy==2.0.2", "from": "1.26.4", "options": {"tests": "pytest -q tests"}}
    with tempfile.TemporaryDirectory() as name:
        planted(Path(name), "numpy", WRONG, "2.0.2", "wrong")
        found = upgraded(entry, tree, work / f"{tree.name}-after", Path(name))
    validation = found["validation"]
    back = [each["rule"] for each in validation["rolled_back"]]
    wrong = [rule for rule in back if "/wrong_" in rule]
    stays = len(groups(found))
    passed = validation["after"]["counts"].get("passed")
    good = (len(wrong), len(back), stays, passed) == (3, 3, number - 3, number)
    cells = [number, "all" if together else "its own", len(wrong), len(back) - len(wrong), stays, validation["runs"]]
    cells += [shown(validation[side]["counts"]) for side in ("before", "after")]
    return "| " + " | ".join(map(str, cells)) + " |", good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, nargs="+", default=[8, 32, 128])
    parser.add_argument("--work", type=Path, required=True)
    said = parser.parse_args()
    print("| " + " | ".join(HEAD) + " |\n|---:|---|---:|---:|---:|---:|---|---|")
    good = True
    for number, together in itertools.product(said.groups, (False, True)):
        line, fine = row(number, said.work.resolve(), together=together)
        print(line, flush=True)
        good = good and fine
    if not good:
        print("An edit stayed that breaks a test, or a right one was taken back.", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
