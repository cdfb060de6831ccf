"""Time and memory on a large tree of which few files use the library, against a plain LibCST codemod.

    python benchmarks/large_tree.py [--files 5000] [--using 100] [--sample 250] [--rounds 3]

The tree is made of copies of the standard library's modules; ``--using`` of them get numpy code with five old
names each. The peer is what one writes with LibCST today: a transformer over ``QualifiedNameProvider`` that
renames those names, in as many processes as apimig has; once over every file, and once over those only that hold the
word numpy. It would take a quarter of an hour for the whole tree, so both peers run over a random ``--sample`` of its
files, and so does apimig once more: the comparison is of those runs. Everything only computes the change.

Seconds are of the fastest round. CPU time counts all processes. Memory is the highest sum, over the processes of a
run, of their proportional set sizes (pages that processes share count once), looked at twenty times a second.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

USING = """
import numpy as np
from numpy import product


def figures(values):
    values = np.asarray(values, dtype=np.float_)
    if not np.alltrue(values):
        return np.NaN
    return product(values) + np.Inf
"""

PEER = """
import concurrent.futures, pathlib, sys
import libcst as cst
from libcst.metadata import MetadataWrapper, QualifiedNameProvider

RENAMES = {"numpy.float_": "float64", "numpy.alltrue": "all", "numpy.NaN": "nan", "numpy.Inf": "inf"}

class Renamer(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)
    def leave_Attribute(self, old, new):
        for name in self.get_metadata(QualifiedNameProvider, old, ()):
            if name.name in RENAMES:
                return new.with_changes(attr=cst.Name(RENAMES[name.name]))
        return new
    def leave_Name(self, old, new):
        for name in self.get_metadata(QualifiedNameProvider, old, ()):
            if name.name == "numpy.product":
                return new.with_changes(value="prod")
        return new

def one(path):
    try:
        text = path.read_bytes()
        if FILTER and b"numpy" not in text:
            return False
        return MetadataWrapper(cst.parse_module(text)).visit(Renamer()).bytes != text
    except (cst.ParserSyntaxError, UnicodeDecodeError):
        return False

FILTER = len(sys.argv) > 2
if __name__ == "__main__":
    paths = sorted(pathlib.Path(sys.argv[1]).rglob("*.py"))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        print(sum(pool.map(one, paths, chunksize=5)), "files would change")
"""


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds on the wall, seconds of processor time, MiB at its peak."""

    wall: float
    cpu: float
    memory: float


def build(root: Path, files: int, using: int) -> None:
    """Write the tree."""
    library = Path(sysconfig.get_paths()["stdlib"])
    modules = sorted(p for p in library.rglob("*.py") if "site-packages" not in p.parts and "lib2to3" not in p.parts)
    for number, module in enumerate(itertools.islice(itertools.cycle(modules), files)):
        text = module.read_bytes() + (USING.encode() if number % (files // using) == 0 else b"")
        write(root / f"part{number // 100}" / f"module_{number}.py", text)


def draw(tree: Path, sample: Path, count: int) -> None:
    """Copy some of the tree's files, always the same ones."""
    for path in random.Random(1).sample(sorted(tree.rglob("*.py")), count):
        write(sample / path.relative_to(tree), path.read_bytes())


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def described(root: Path) -> str:
    """How large a tree is."""
    texts = [path.read_bytes() for path in root.rglob("*.py")]
    using = sum(USING.encode() in text for text in texts)
    lines = b"".join(texts).count(b"\n")
    return f"{len(texts)} files, {lines / 1000:.0f} kLOC, {using} use numpy"


def measure(command: list[str]) -> Cost:
    """Run a command and wait for it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.05)
    wall = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[:4]} exited {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak)


def memory_of(group: int) -> float:
    """Proportional set size in MiB of all processes of a session."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == group:
                rolled = (entry / "smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024


def best(command: list[str], rounds: int) -> Cost:
    """The fastest of several runs."""
    return min((measure(command) for _ in range(rounds)), key=lambda cost: cost.wall)


def row(name: str, cost: Cost, base: Cost | None) -> str:
    """A row of the table; with a base, how many times that it costs."""
    numbers = ((cost.wall, ".1f"), (cost.cpu, ".1f"), (cost.memory, ".0f"))
    cells = [format(number, style) for number, style in numbers]
    if base is not None:
        bases = (base.wall, base.cpu, base.memory)
        cells = [f"{cell} ({n / b:.1f} times)" for cell, (n, _), b in zip(cells, numbers, bases, strict=True)]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--using", type=int, default=100)
    parser.add_argument("--sample", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tree, sample, peer = Path(scratch, "tree"), Path(scratch, "sample"), Path(scratch, "peer.py")
        build(tree, args.files, args.using)
        draw(tree, sample, args.sample)
        peer.write_text(PEER)
        print(f"tree: {described(tree)}; sample: {described(sample)}; {os.cpu_count()} cores\n")
        ours = [sys.executable, "-m", "apimig", "upgrade", "--lib", "numpy==2.0", "--from", "1.26", "--diff"]
        theirs = [sys.executable, str(peer), str(sample)]
        whole = best([*ours, str(tree)], args.rounds)
        part = best([*ours, str(sample)], args.rounds)
        every, filtered = best(theirs, args.rounds), best([*theirs, "filter"], args.rounds)
    print("| what | seconds | CPU seconds | peak memory (MiB) |\n|---|---|---|---|")
    print(row(f"apimig, all {args.files} files", whole, None))
    print(row(f"apimig, a sample of {args.sample} of them", part, None))
    print(row("LibCST codemod, the sample", every, part))
    print(row("LibCST codemod, the sample's files that hold the word numpy", filtered, part))


if __name__ == "__main__":
    main()
