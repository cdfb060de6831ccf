"""Runs many pieces of code under a release: some dozens in one process, each in a child of its own, in the sandbox.

What imports a library costs most, so the process that has imported it forks for each piece. What came of a piece is
kept by the bytes of the piece, the environment and the probe, so that a run that was interrupted goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apimig import sandbox
from apimig.mining.trials.comparing import Result
from apimig.rulebook.cache import folder as cache_folder

_PROBE = Path(__file__).parent / "probe"
_CHUNK = 40  # pieces a process: what is done when a run is interrupted is kept up to here
_START = 120  # seconds for a process to import a library, on a machine that has other things to do
_TOGETHER = 6 << 30  # bytes of memory
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_ENVIRONMENT = {
    **dict.fromkeys(_THREADS, "1"),
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108 - the sandbox's own
}


@dataclass(frozen=True, slots=True)
class Release:
    """A release that code is run under: "pandas 1.5.3", and the Python of an environment that has it.

    ``key`` names exactly that environment; results are kept for it. Without one they are not kept. ``modules`` are
    imported before anything runs, and ``library`` are the import names whose deprecations count.
    """

    name: str
    python: Path
    readable: tuple[Path, ...] = ()
    library: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Code and what it is given; pairs are of names and expressions, or of aliases and modules."""

    code: str
    given: tuple[tuple[str, str], ...] = ()
    setup: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    samples: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        code: str,
        given: Mapping[str, str],
        setup: str,
        aliases: Mapping[str, str],
        samples: Mapping[str, str],
    ) -> Piece:
        """The piece with these, in their order."""
        return cls(code, tuple(given.items()), setup, tuple(aliases.items()), tuple(samples.items()))

    def data(self) -> dict[str, object]:
        """As the probe reads it."""
        return {
            "code": self.code, "setup": self.setup, "given": dict(self.given),
            "aliases": dict(self.aliases), "samples": dict(self.samples),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowed:
    """What each piece may use: seconds on the clock, bytes of memory, and bytes that it prints or writes to a file."""

    seconds: float = 20
    memory: int = 6 << 30
    written: int = 16 << 20


class Runner:
    """Runs pieces, some at a time, and keeps what came of them in ``cache``, a folder; None keeps nothing.

    ``apart`` gives each piece a process that imports the library by itself, ``again`` runs what is known, too.
    """

    def __init__(
        self,
        *,
        jobs: int = 1,
        cache: Path | None = None,
        allowed: Allowed = Allowed(),
        apart: bool = False,
        again: bool = False,
    ) -> None:
        self._jobs = jobs
        self._cache = cache
        self._allowed = allowed
        self._apart = apart
        self._again = again

    @classmethod
    def keeping(cls, *, jobs: int = 1, again: bool = False) -> Runner:
        """One that keeps its results in apimig's cache; ``again`` finds none there."""
        return cls(jobs=jobs, cache=cache_folder() / "trials", again=again)

    def run(
        self,
        work: Sequence[tuple[Release, Iterable[Piece]]],
        *,
        fresh: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[tuple[Release, Piece], Result]:
        """The result of every piece under its release; ``fresh`` runs also what is known. Raises SandboxError."""
        found: dict[tuple[Release, Piece], Result] = {}
        chunks: list[tuple[Release, list[Piece]]] = []
        for release, pieces in work:
            left = []
            for piece in dict.fromkeys(pieces):
                known = None if fresh or self._again else self._kept(release, piece)
                if known is None:
                    left.append(piece)
                else:
                    found[release, piece] = known
            chunks += [(release, left[at : at + _CHUNK]) for at in range(0, len(left), _CHUNK)]
        total = len(found) + sum(len(chunk) for _, chunk in chunks)
        with contextlib.ExitStack() as stack:
            pool = ThreadPoolExecutor(max_workers=self._jobs)
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)  # Ctrl-C waits for what has begun only
            for release, results in pool.map(lambda chunk: self._chunk(*chunk), chunks):
                for piece, result in results.items():
                    found[release, piece] = result
                    if not fresh:
                        self._keep(release, piece, result)
                if progress is not None:
                    progress(len(found), total)
        return found

    def _chunk(self, release: Release, pieces: list[Piece]) -> tuple[Release, dict[Piece, Result]]:
        """Run some pieces; whoever takes the process along is named, and the rest is run in another one."""
        found: dict[Piece, Result] = {}
        left = pieces
        while left:
            begun, results = self._process(release, left)
            found.update({left[at]: result for at, result in results.items()})
            if begun is not None and begun not in results:
                found[left[begun]] = {"ended": "gone"}
            elif begun is None or not results:
                return release, {**found, **{piece: {"ended": "unstarted"} for piece in left}}
            left = [piece for piece in left if piece not in found]
        return release, found

    def _process(self, release: Release, pieces: Sequence[Piece]) -> tuple[int | None, dict[int, Result]]:
        """The number of the piece that was begun last, and what came of those that ended."""
        allowed = self._allowed
        job = {
            "modules": release.modules, "library": release.library, "seconds": allowed.seconds,
            "memory": allowed.memory, "bytes": allowed.written, "apart": self._apart,
            "pieces": [piece.data() for piece in pieces],
        }  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="apimig-trial-") as name:
            folder = Path(name).resolve()
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            ran = sandbox.run(
                (str(release.python), "-s", str(_PROBE / "apimig_trial.py"), "job.json"),
                folder=folder,
                readable=(_PROBE, *release.readable),
                environment=_ENVIRONMENT,
                limits=sandbox.Limits(
                    memory=_TOGETHER, wall_seconds=_START + allowed.seconds * len(pieces), output=256 << 20
                ),
            )
        return _read(ran.stdout)

    def _kept(self, release: Release, piece: Piece) -> Result | None:
        if self._cache is None or not release.key:
            return None
        with contextlib.suppress(OSError, ValueError):
            kept: Result = json.loads((self._cache / _key(release, piece)).read_text(encoding="utf-8"))
            return kept
        return None

    def _keep(self, release: Release, piece: Piece, result: Result) -> None:
        """Write a result where another process finds it whole; that a machine was too busy is not kept."""
        if self._cache is None or not release.key or result.get("ended"):
            return
        path = self._cache / _key(release, piece)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
                json.dump(result, file)
            Path(file.name).replace(path)


def _read(output: bytes) -> tuple[int | None, dict[int, Result]]:
    begun: int | None = None
    found: dict[int, Result] = {}
    for said in _lines(output):
        if "begun" in said:
            begun = said["begun"]
        elif "number" in said:
            found[said["number"]] = said
    return begun, found


def _lines(output: bytes) -> Iterator[dict[str, int]]:
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict):
                yield said


def _key(release: Release, piece: Piece) -> str:
    text = json.dumps([_probe_text(), release.key, release.modules, release.library, piece.data()])
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digest[:2]}/{digest[2:]}.json"


@cache
def _probe_text() -> str:
    """Changes with the probe."""
    data = b"".join(path.read_bytes() for path in sorted(_PROBE.glob("*.py")))
    return hashlib.blake2b(data, digest_size=16).hexdigest()
