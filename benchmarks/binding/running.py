"""Starts what runs inside the environments, in batches, and collects the answers."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apimig import sandbox
from apimig.surface.introspection import look

_HERE = Path(__file__).parent
_BATCH = 1200  # programs of one process, which its time limit allows even where all are slow to start
_SECONDS = 8


@dataclass(frozen=True)
class Ran:
    """What a program left in its variables, or how it ended."""

    names: Mapping[str, Any] | None
    error: str = ""
    text: str = ""

    @property
    def well(self) -> bool:
        return self.names is not None


def inspected(python: Path, names: Sequence[str]) -> dict[str, Any]:
    """The answer of ``inspecting`` for these names."""
    with tempfile.TemporaryDirectory(prefix="binding-") as folder:
        out = Path(folder) / "answer.json"
        done = _script(python, "inspecting.py", out, {"names": list(names)})
        if not out.exists():
            raise SystemExit(f"{python} cannot look: {done.stderr[-1000:].decode(errors='replace')}")
        answer: dict[str, Any] = json.loads(out.read_bytes())
        return answer


def run_all(
    python: Path,
    programs: Sequence[str],
    modules: Iterable[str],
    *,
    jobs: int = 2,
    together: int = 1,
    observe: bool = True,
) -> list[Ran]:
    """What became of each program, in their order; equal programs run once.

    With ``together`` above one, so many share a process. Without ``observe`` only whether they run is told.
    """
    distinct = list(dict.fromkeys(programs))
    size = max(1, min(_BATCH, -(-len(distinct) // jobs)))
    batches = [distinct[at : at + size] for at in range(0, len(distinct), size)]
    wanted = sorted(set(modules))
    with ThreadPoolExecutor(jobs) as pool:
        answers = list(
            pool.map(lambda batch: _batch(python, batch, wanted, {"together": together, "observe": observe}), batches)
        )
    known = dict(zip(distinct, (each for answer in answers for each in answer), strict=True))
    return [known[program] for program in programs]


def _batch(python: Path, programs: Sequence[str], modules: Sequence[str], options: Mapping[str, object]) -> list[Ran]:
    """A batch; where its process ends before its time, what is left runs again without the program that ended it."""
    found: dict[int, Ran] = {}
    left = list(enumerate(programs))
    while left:
        got = _once(python, left, modules, options)
        found.update(got)
        left = [each for each in left if each[0] not in found]
        if left:
            found[left[0][0]] = Ran(None, "Died")
            left = left[1:]
    return [found[index] for index in range(len(programs))]


def _once(
    python: Path, programs: Sequence[tuple[int, str]], modules: Sequence[str], options: Mapping[str, object]
) -> dict[int, Ran]:
    listed = [list(each) for each in programs]
    request = {"modules": list(modules), "programs": listed, "seconds": _SECONDS, **options}
    with tempfile.TemporaryDirectory(prefix="binding-") as folder:
        out = Path(folder) / "answer.jsonl"
        _script(python, "executing.py", out, request)
        lines = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    answers = [json.loads(line) for line in lines if line.endswith("}")]
    return {each["key"]: Ran(each.get("names"), each.get("error", ""), each.get("text", "")) for each in answers}


def _script(python: Path, script: str, out: Path, request: Mapping[str, Any]) -> sandbox.Ran:
    for name in (script, "observing.py"):
        shutil.copy(_HERE / name, out.parent / name)
    command = [str(python), "-s", "-E", "-W", "ignore", str(out.parent / script), str(out)]
    return look(command, out.parent, request)
