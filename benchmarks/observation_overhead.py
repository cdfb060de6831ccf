"""The time that tests take when they are observed, as a ratio to plain pytest in the same sandbox.

    python benchmarks/observation_overhead.py TREE PYTHON [--marks 500] [--rounds 3] -- tests/unit

``PYTHON`` is that of an environment in which the tests of ``TREE`` run. In each round pytest runs plainly, with the
probe (results, deprecations), and with the probe and marks at so many receivers of the packages' code, evenly spread,
whose types are recorded. The ratios are those of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from apimig import sandbox, syntax
from apimig.validation import suite
from apimig.validation.copies import copied
from apimig.validation.marks import TYPE, Mark


def receivers(tree: Path) -> Iterator[tuple[Mark, bytes]]:
    """The objects left of a dot in functions' bodies, outside of tests."""
    for path in sorted(tree.rglob("*.py")):
        name = path.relative_to(tree).as_posix()
        if "test" in name or name.startswith(("docs", "examples", "setup")):
            continue
        text = path.read_bytes()
        for node in syntax.walk(syntax.parse(text).root_node):
            owner = node.child_by_field_name("object") if node.type == "attribute" else None
            if owner is not None and owner.type == "identifier":
                yield Mark(TYPE, name, syntax.span_of(owner)), text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("python", type=Path)
    parser.add_argument("--marks", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    said, tests = parser.parse_args(sys.argv[1:at]), sys.argv[at + 1 :]
    everything = list(receivers(said.tree))
    chosen = everything[:: max(1, len(everything) // said.marks)][: said.marks]
    texts = {mark.file: text for mark, text in chosen}
    with tempfile.TemporaryDirectory() as name:
        tree = copied(said.tree.resolve(), Path(name).resolve() / "tree")
        python = said.python.absolute()  # a link into the interpreter's folder must stay
        home = python.parent.parent
        job = suite.Job("run", "", python, tree, suite.PYTEST, tuple(tests), (tree,), (home,))

        def plainly() -> None:
            command = [str(python), "-m", "pytest", *tests]
            environment = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
            sandbox.run(command, folder=tree, readable=(home,), environment=environment)

        ways: dict[str, Callable[[], object]] = {
            "plain pytest": plainly,
            "with the probe": lambda: suite.run(job),
            f"with {len(chosen)} marks, too": lambda: suite.run(job, watch=[m for m, _ in chosen], texts=texts),
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(said.rounds + 1):  # the first fills the caches
            for way, run in ways.items():
                begun = time.monotonic()
                run()
                took[way].append(time.monotonic() - begun)
        tests = len(suite.run(job).suite.tests)
    plain = statistics.median(took["plain pytest"][1:])
    print(f"{tests} tests")
    for way, seconds in took.items():
        median = statistics.median(seconds[1:])
        print(f"| {way} | {median:.1f} s | {median / plain:.2f} |")


if __name__ == "__main__":
    main()
