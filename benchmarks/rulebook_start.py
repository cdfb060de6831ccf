"""How long a run waits for its rules: cold (YAML read and checked) and warm (from the cache), in fresh processes.

    python benchmarks/rulebook_start.py [--rules 1000] [--runs 15]

Writes synthetic rules of mixed kinds into a temporary folder. Prints medians over the runs, in milliseconds of
processor time, which others on the machine change little; "interpreter" is a process that imports nothing, to be
subtracted from "process".
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIBRARY = """\
library: synthetic
imports: synthetic
releases: ["1.0.0", "1.5.0", "2.0.0"]
classes:
  synthetic.Frame: {}
"""

HEAD = """\
library: synthetic
deprecated: "1.{minor}.0"
removed: "2.0.0"
replacement_since: "1.0.0"
reference: https://example.org/notes/2.0#{number}
summary: What number {number} did is done by another name
"""

BODIES = (
    "rename: {{synthetic.old_{number}: synthetic.new_{number}}}\n",
    "rename_member: {{synthetic.Frame.old_{number}: new_{number}}}\n",
    (
        "api: synthetic.call_{number}\n"
        "signature: \"(path, sep=',', *, squeeze=False, names=None)\"\n"
        "parameters:\n  - rename: {{sep: separator}}\n  - remove: {{name: squeeze, holds: ['False']}}\n"
    ),
    (
        "match: $frame.method_{number}($other, $*rest)\nrewrite: synthetic.method_{number}([$frame, $other], $*rest)\n"
        "where: {{frame: synthetic.Frame}}\n"
    ),
)

TAIL = """\
cases:
  - before: "x = frame.old_{number}(1)"
    after: "x = frame.new_{number}(1)"
    given: {{frame: 'synthetic.Frame()'}}
unchanged:
  - "d = {{}}\\nd.old_{number}(1)"
"""

LOAD = """\
import sys, time
start = time.process_time()
from apimig.rulebook import load, select, Migration
imported = time.process_time()
rulebook = load([sys.argv[1]])
loaded = time.process_time()
chosen = select(rulebook.rules, Migration("synthetic", "1.5.0", "2.0.0"))
end = time.process_time()
slow = [name for name in ("yaml", "pydantic") if name in sys.modules]
print(len(chosen), imported - start, loaded - imported, end - loaded, ",".join(slow) or "-")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        rules = Path(temporary) / "rules"
        write_pack(rules / "synthetic", given.rules)
        environment = {**os.environ, "APIMIG_CACHE_DIR": str(Path(temporary) / "cache")}
        cold = measure(rules, environment)
        warm = [measure(rules, environment) for _ in range(given.runs)]
        bare = [interpreter() for _ in range(given.runs)]
    assert all(run["chosen"] == given.rules and run["slow"] == "-" for run in warm), "the cache was not used"
    result = {"rules": given.rules, "cold_load_ms": cold["load"], "interpreter_ms": median(bare)}
    print(json.dumps(result | medians(warm), indent=2))


def write_pack(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    (folder / "_library.yaml").write_text(LIBRARY)
    for number in range(count):
        text = HEAD + BODIES[number % len(BODIES)] + TAIL
        (folder / f"change_{number}.yaml").write_text(text.format(number=number, minor=number % 5 + 1))


def measure(rules: Path, environment: dict[str, str]) -> dict[str, object]:
    start = spent()
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(rules)], env=environment, check=True, capture_output=True, text=True
    )
    total = spent() - start
    chosen, imports, load, select, slow = done.stdout.split()
    times = {"imports": imports, "load": load, "select": select, "process": str(total)}
    return {name: round(float(text) * 1000, 1) for name, text in times.items()} | {"chosen": int(chosen), "slow": slow}


def interpreter() -> float:
    start = spent()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (spent() - start) * 1000


def spent() -> float:
    """Seconds of processor time of all processes that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def medians(runs: list[dict[str, object]]) -> dict[str, float]:
    return {f"{name}_ms": median([run[name] for run in runs]) for name in ("imports", "load", "select", "process")}


def median(values: list[float]) -> float:
    return round(statistics.median(values), 1)


if __name__ == "__main__":
    main()
