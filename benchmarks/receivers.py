"""How often apimig, and type checkers, are right about what a method is called on.

    python benchmarks/receivers.py [receivers.yaml] --clones DIR --trees DIR [--types pyrefly ...] [--releases DIR]
                                   [--lib pandas ...] [--repo OWNER/NAME ...] [--wrong]

The set was labelled by reading. DIR of ``--clones`` holds bare clones, as for ``real_commits.py``; their trees are
written to DIR of ``--trees``. Every candidate's receiver is typed by apimig's own inference, one library at a time,
over the repository's modules as a run would load them. With ``--types`` the checkers are asked about the same
receivers; what a library is they learn from its old release, unpacked below ``--releases`` (it is downloaded where it
is not there).

A claim is that the receiver is an instance of a class of the library, and nothing else. It is right where the label
says that class or one that it derives from. Precision: right claims of all claims. Recall: right claims of all
receivers that are the library's. ``open`` are the receivers of which apimig's own inference says nothing; that is
where a checker is asked. Times are of the wall clock; memory is the largest that was seen of the server's processes
together.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from clones import export, find_clone
from tree_sitter import Node

import apimig
from apimig import checker, scan, syntax
from apimig.checker import Release, World
from apimig.records import Certainty, Interest, SourceFile, Span, TypeKind, Value
from apimig.resolve import Project
from apimig.resolve.answers import value_of
from apimig.resolve.values import without_none
from apimig.rulebook import load
from apimig.rulebook.rule import ClassTypes, Library
from apimig.surface.libraries import library_of

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Candidate:
    """One entry of the set; ``label`` is a class of a library, or begins with "other"."""

    library: str
    repo: str
    file: str
    line: int
    column: int
    code: str
    label: str

    def is_theirs(self, roots: Sequence[str]) -> bool:
        return self.label.partition(".")[0] in roots


@dataclass(frozen=True)
class Claim:
    """What somebody says: the class, "" for nothing, "other" for something that is not the library's."""

    name: str = ""
    certainty: str = ""
    shown: str = ""


@dataclass
class Score:
    """Claims counted."""

    theirs: int = 0
    all: int = 0
    right: int = 0
    claims: int = 0
    ruled_out: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, candidate: Candidate, claim: Claim, roots: Sequence[str], above: dict[str, list[str]]) -> None:
        self.all += 1
        theirs = candidate.is_theirs(roots)
        self.theirs += theirs
        if claim.name == "other":
            self.ruled_out += not theirs
            if theirs:
                self.wrong.append(f"{where(candidate)} is {candidate.label}, said: {claim.shown} (ruled out)")
            return
        if not claim.name:
            return
        self.claims += 1
        if theirs and is_right(claim.name, candidate.label, above):
            self.right += 1
        else:
            self.wrong.append(f"{where(candidate)} is {candidate.label}, said: {claim.name} {claim.shown}")

    def row(self) -> str:
        precision = f"{self.right / self.claims:7.1%}" if self.claims else "      -"
        recall = f"{self.right / self.theirs:7.1%}" if self.theirs else "      -"
        return f"{self.all:6}{self.theirs:8}{self.claims:8}{self.right:7}{precision:>10}{recall:>9}{self.ruled_out:10}"


HEADER = f"{'':32}{'all':>6}{'theirs':>8}{'claims':>8}{'right':>7}{'precision':>10}{'recall':>9}{'ruled out':>10}"


def where(candidate: Candidate) -> str:
    return f"{candidate.library}: {candidate.repo} {candidate.file}:{candidate.line} {candidate.code}"


def is_right(name: str, label: str, above: dict[str, list[str]]) -> bool:
    """Whether a class is the label's or above it; libraries define classes elsewhere than they export them."""
    short = name.rpartition(".")[2]
    return name.partition(".")[0] == label.partition(".")[0] and short in (
        label.rpartition(".")[2],
        *above.get(label, ()),
    )


# ------------------------------------------------------------------ apimig's own inference


class Own:
    """apimig's own inference in one tree, for one library."""

    def __init__(self, folder: Path, library: Library, members: frozenset[str]) -> None:
        files = sorted(folder.rglob("*.py"))
        self.folder = folder
        self._modules = scan.Modules(files, folder)
        self.project = Project([library], Interest(frozenset(library.imports), members), load=self._load)

    def _load(self, module: str) -> SourceFile | None:
        path = self._modules.find(module)
        return None if path is None else self.source(path)

    def source(self, path: Path) -> SourceFile | None:
        raw = scan.load(path, self.folder)
        source = scan.decode(raw, path, self.folder) if isinstance(raw, bytes) else None
        return source if isinstance(source, SourceFile) else None

    def claim(self, candidate: Candidate) -> tuple[Claim, SourceFile, Span]:
        source = self.source(self.folder / candidate.file)
        assert source is not None, candidate
        resolution = self.project.resolve(source)
        receiver, use_span = receiver_of(resolution.tree.root_node, source.text, candidate)
        for use in resolution.uses:
            if use.span == use_span and use.receiver is not None:
                return self.claimed(use.receiver, use.certainty, use.reason), source, receiver
        value = resolution.value_at(receiver)
        return self.claimed(value, value.certainty, value.reason), source, receiver

    def claimed(self, value: Value, certainty: Certainty, reason: str) -> Claim:
        kinds = [one for one in value.types if one.name != "builtins.NoneType"]
        if not kinds or certainty is Certainty.UNKNOWN:
            return Claim()
        bases = {self.project.library_base(one.name) if one.kind is TypeKind.INSTANCE else "" for one in kinds}
        if all(bases):
            return Claim(min(bases), str(certainty), reason) if len(bases) == 1 else Claim()
        if any(one.kind is TypeKind.OBJECT and self.project.library_base(one.name) for one in kinds):
            return Claim()  # something of the library by its name, whatever that is
        if not any(bases) and not value.open:
            vague = any(self.project.has_unknown_base(one.name) for one in kinds if one.is_local)
            return Claim() if vague else Claim("other", str(certainty), ", ".join(one.name for one in kinds))
        return Claim()


def receiver_of(root: Node, text: bytes, candidate: Candidate) -> tuple[Span, Span]:
    """The spans of the receiver and of `receiver.name`, from the place of the name."""
    lines = text.split(b"\n")
    before = lines[candidate.line - 1].decode("utf-8", "replace")[: candidate.column - 1]
    offset = sum(len(line) + 1 for line in lines[: candidate.line - 1]) + len(before.encode())
    node = root.descendant_for_byte_range(offset, offset + 1)
    while node is not None and node.type != "attribute":
        node = node.parent
    assert node is not None, candidate
    target = node.child_by_field_name("object")
    return syntax.span_of(target), syntax.span_of(node)


# ------------------------------------------------------------------ the checkers


def release_of(library: str, version: str, folder: Path) -> Release:
    """The old release unpacked below ``folder``, with the stubs that are made for it."""
    place = folder / f"{library}-{version}"
    if not place.exists():
        from apimig.surface.fetching import download
        from apimig.surface.unpacking import unpack

        with tempfile.TemporaryDirectory() as scratch:
            unpack(download(library, version, Path(scratch)), place)
    stubs = folder / f"{library}-stubs"
    return Release(library, version, (place, stubs) if stubs.exists() else (place,))


class Memory:
    """The largest memory of a process and its children, in MiB, looked at ten times a second."""

    def __init__(self, process: int) -> None:
        self.process, self.peak, self._ends = process, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ends.wait(0.1):
            self.peak = max(self.peak, sum(resident(each) for each in family(self.process)))

    def stop(self) -> float:
        self._ends.set()
        self._thread.join()
        return self.peak


def family(process: int) -> Iterator[int]:
    yield process
    children = Path(f"/proc/{process}/task/{process}/children")
    for child in children.read_text().split() if children.exists() else ():
        yield from family(int(child))


def resident(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 2**20
    except (OSError, IndexError):
        return 0.0


@dataclass
class Asked:
    """A checker's claims, and what they took."""

    claims: dict[Candidate, Claim]
    first: list[float] = field(default_factory=list)
    total: float = 0.0
    slowest: float = 0.0
    peak: float = 0.0
    sessions: int = 0
    notes: list[str] = field(default_factory=list)


def ask_checker(
    name: str, places: dict[Candidate, tuple[Path, bytes, Span]], folders: dict[Candidate, Path],
    releases: dict[str, Release], records: dict[str, Library],
) -> Asked:  # fmt: skip
    """Ask one checker about every candidate: one session a tree and library, as a run would have it."""
    found = Asked({})
    groups: dict[tuple[Path, str], list[Candidate]] = defaultdict(list)
    for candidate in places:
        groups[folders[candidate], candidate.library].append(candidate)
    for (folder, library), candidates in groups.items():
        sources = tuple(each for each in (folder, folder / "src") if each.is_dir())
        world = World(sources, (releases[library],))
        begun = time.monotonic()
        answered: dict[Candidate, checker.Answer] = {}
        try:
            with checker.Session(checker.find(name), world) as session:
                memory = Memory(session.process_id)
                by_file: dict[tuple[Path, bytes], list[Candidate]] = defaultdict(list)
                for candidate in candidates:
                    by_file[places[candidate][:2]].append(candidate)
                for number, ((path, text), those) in enumerate(by_file.items()):
                    before = time.monotonic()
                    answers = session.ask(path, text, [places[each][2] for each in those], 120)
                    if number == 0:
                        found.first.append(time.monotonic() - begun)
                    found.slowest = max(found.slowest, time.monotonic() - before)
                    answered |= {each: answers[places[each][2]] for each in those}
                found.peak = max(found.peak, memory.stop())
        except checker.ServerGone as gone:
            found.notes.append(f"{folder.name} {library}: {gone}")
        found.total += time.monotonic() - begun
        found.sessions += 1
        own = Own(folder, records[library], frozenset())
        for candidate, answer in answered.items():
            source = own.source(folder / candidate.file)
            assert source is not None, candidate
            found.claims[candidate] = claim_of(answer, own, source, places[candidate][2])
    return found


class _Any(dict[str, ClassTypes]):
    """A table of classes that has them all, and knows nothing of them."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> ClassTypes:
        return ClassTypes(name)


def claim_of(answer: checker.Answer, own: Own, source: SourceFile, span: Span) -> Claim:
    """What the resolver makes of an answer: classes of the repository count by what they derive from."""
    own.project.answered = lambda *_: (frozenset() if answer.open else answer.names, answer.reason)
    if not own.project.tables.classes:  # no record says which classes there are: any will do
        own.project.tables.classes = _Any()
    value = without_none(value_of(own.project, source, span))
    claim = own.claimed(value, value.certainty, "")
    return replace(claim, certainty="", shown=", ".join(sorted(answer.names))) if claim.name else claim


# ------------------------------------------------------------------ the whole


def libraries_known(releases: Mapping[str, str]) -> dict[str, Library]:
    """What a run knows of the libraries: a pack's facts, or those of the surface of the old release."""
    packs = {library.distribution: library for library in load(()).libraries}
    return {
        name: packs[name] if name in packs else library_of(apimig.surface(f"{name}=={version}"))
        for name, version in releases.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", type=Path, default=HERE / "receivers.yaml")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--releases", type=Path, default=Path("releases"))
    parser.add_argument("--types", nargs="*", default=[], choices=checker.NAMES)
    parser.add_argument("--lib", nargs="*", help="only these libraries")
    parser.add_argument("--repo", nargs="*", help="only these repositories")
    parser.add_argument("--wrong", action="store_true", help="list the claims that are wrong")
    options = parser.parse_args()
    Benchmark(options).run()


class Benchmark:
    """The set, the trees and the claims."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        held = yaml.safe_load(options.set.read_text(encoding="utf-8"))
        self.versions: dict[str, str] = {name: str(version) for name, version in held["releases"].items()}
        self.above: dict[str, list[str]] = held["bases"]
        self.candidates = [candidate for one in held["candidates"] if (candidate := self.read(one)) is not None]
        self.folders = self.write_trees({tree["repo"]: tree["commit"] for tree in held["trees"]})
        self.known = libraries_known(self.versions)
        self.roots = {name: library.imports for name, library in self.known.items()}
        self.own: dict[Candidate, Claim] = {}
        self.places: dict[Candidate, tuple[Path, bytes, Span]] = {}

    def read(self, one: dict[str, str]) -> Candidate | None:
        if self.options.lib and one["lib"] not in self.options.lib:
            return None
        if self.options.repo and one["repo"] not in self.options.repo:
            return None
        line, column = map(int, one["at"].split(":"))
        return Candidate(one["lib"], one["repo"], one["file"], line, column, one["code"], one["is"])

    def write_trees(self, commits: dict[str, str]) -> dict[str, Path]:
        found = {}
        for repo in sorted({candidate.repo for candidate in self.candidates}):
            found[repo] = self.options.trees / repo.replace("/", "+")
            if not found[repo].exists():
                export(find_clone(self.options.clones, repo), commits[repo], found[repo])
        return found

    def run(self) -> None:
        begun = time.monotonic()
        self.infer()
        print(f"apimig's own inference: {time.monotonic() - begun:.0f} s", flush=True)
        print(HEADER)
        self.print_own()
        for name in self.options.types:
            self.print_checker(name)

    def infer(self) -> None:
        groups: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
        for candidate in self.candidates:
            groups[candidate.repo, candidate.library].append(candidate)
        for (repo, library), those in groups.items():
            own = Own(
                self.folders[repo], self.known[library], frozenset(each.code.rpartition(".")[2] for each in those)
            )
            for candidate in those:
                claim, source, span = own.claim(candidate)
                self.own[candidate] = claim
                self.places[candidate] = (source.path, source.text, span)

    def print_own(self) -> None:
        for library in self.versions:
            those = [each for each in self.candidates if each.library == library]
            if not those:
                continue
            for level in ("proven", "inferred", ""):
                scored = self.score(those, {c: self.own[c] for c in those if level in ("", self.own[c].certainty)})
                print(f"{library + ' ' + (level or 'all'):32}{scored.row()}")
                self.show(scored if level else Score())

    def print_checker(self, name: str) -> None:
        releases = {
            library: release_of(library, version, self.options.releases)
            for library, version in self.versions.items()
            if any(each.library == library for each in self.candidates)
        }
        folders = {each: self.folders[each.repo] for each in self.candidates}
        asked = ask_checker(name, self.places, folders, releases, self.known)
        first = sorted(asked.first)
        print(f"\n{name}: {len(self.candidates)} questions in {asked.sessions} sessions, {asked.total:.0f} s in all; "
              f"first answer after {first[len(first) // 2]:.1f} s (median), {first[-1]:.1f} s (longest); "
              f"longest file {asked.slowest:.1f} s; {asked.peak:.0f} MiB")  # fmt: skip
        for note in asked.notes:
            print("  " + note)
        print(HEADER)
        total = Score()
        for library in self.versions:
            those = [each for each in self.candidates if each.library == library]
            for what, some in (("", those), (" open", [each for each in those if not self.own[each].name])):
                if some:
                    scored = self.score(some, asked.claims)
                    print(f"{library + what:32}{scored.row()}")
                    self.show(scored if not what else Score())
        for candidate in self.candidates:
            total.add(candidate, asked.claims.get(candidate, Claim()), self.roots[candidate.library], self.above)
        print(f"{'all':32}{total.row()}")

    def score(self, those: Sequence[Candidate], claims: dict[Candidate, Claim]) -> Score:
        scored = Score()
        for candidate in those:
            scored.add(candidate, claims.get(candidate, Claim()), self.roots[candidate.library], self.above)
        return scored

    def show(self, scored: Score) -> None:
        if self.options.wrong:
            for line in scored.wrong:
                print("    " + line)


if __name__ == "__main__":
    sys.exit(main())
