"""Time and peak memory on a large tree of which few files use the library, against a plain LibCST codemod.

    python benchmarks/large_tree.py [--files 5000] [--using 100]

The tree is made of copies of the standard library's modules; ``--using`` of them get numpy code with five old
names each. The peer is what one writes with LibCST today: a transformer over ``QualifiedNameProvider`` that
renames those names, run over every file in as many processes as apimig has. Both only compute the change.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
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
        return MetadataWrapper(cst.parse_module(text)).visit(Renamer()).bytes != text
    except (cst.ParserSyntaxError, UnicodeDecodeError):
        return False

if __name__ == "__main__":
    paths = sorted(pathlib.Path(sys.argv[1]).rglob("*.py"))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        print(sum(pool.map(one, paths, chunksize=20)), "files would change")
"""


def build(root: Path, files: int, using: int) -> int:
    """Write the tree; returns its lines of code."""
    library = Path(sysconfig.get_paths()["stdlib"])
    modules = sorted(p for p in library.rglob("*.py") if "site-packages" not in p.parts and "lib2to3" not in p.parts)
    lines = 0
    for number, module in enumerate(itertools.islice(itertools.cycle(modules), files)):
        target = root / f"part{number // 100}" / f"module_{number}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = module.read_bytes()
        if number % (files // using) == 0:
            text += USING.encode()
        target.write_bytes(text)
        lines += text.count(b"\n")
    return lines


def measure(command: list[str]) -> tuple[float, float]:
    """Wall seconds, and peak resident memory of the largest process in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[:4]} exited {process.returncode}")
    return time.perf_counter() - start, peak


def resident(group: int) -> float:
    """Resident memory in MiB of all processes of the session ``group``."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == group:
                total += int((entry / "statm").read_text().split()[1])
        except (OSError, ProcessLookupError):
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--using", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "tree")
        lines = build(root, args.files, args.using)
        peer = Path(scratch, "peer.py")
        peer.write_text(PEER)
        print(f"{args.files} files, {lines / 1000:.0f} kLOC, {args.using} files use numpy, {os.cpu_count()} cores")
        ours = [sys.executable, "-m", "apimig", "upgrade", str(root), "--lib", "numpy==2.0", "--from", "1.26", "--diff"]
        best = {
            name: min(measure(command) for _ in range(args.rounds))
            for name, command in {"apimig": ours, "LibCST codemod": [sys.executable, str(peer), str(root)]}.items()
        }
    print("| tool | seconds | peak memory, all processes (MiB) |\n|---|---|---|")
    for name, (seconds, memory) in best.items():
        print(f"| {name} | {seconds:.1f} | {memory:.0f} |")
    (a, m), (b, n) = best["apimig"], best["LibCST codemod"]
    print(f"\napimig takes 1/{b / a:.0f} of the time and 1/{n / m:.1f} of the memory.")


if __name__ == "__main__":
    main()
