"""Learn rules from pairs of code, all but one, and see whether they rewrite the one that was held out.

    python benchmarks/learning_from_diffs.py cases [--lib numpy] [--verbose]
    python benchmarks/learning_from_diffs.py commits COMMITS.jsonl --clones DIR [--lib pandas] [--verbose]
    python benchmarks/learning_from_diffs.py alignment COMMITS.jsonl --clones DIR

``cases``: each entry under ``cases`` of the shipped rules is a pair. One is held out; rules are learned from all other
pairs of its library and applied to it, with ``--unsafe`` and, in the last row, without. Exact is the text of the case,
equal the same tree (imports, quotes and the order of keywords aside). ``--itself`` learns from the pair as well.

``commits``: each real commit is held out; rules are learned from the library's other commits and applied to the files
with migration hunks. A hunk counts when its lines become the maintainers', formatting aside. ``itself`` is the same
with the rules learned from the commit: what the learning loses where everything was shown. Hunks that were judged to be
no mechanical change (``real_commits_judged.yaml``) do not count. ``COMMITS.jsonl`` and DIR are as for real_commits.py.

``alignment``: for the statements that changed in those commits and name the library, how tree differencing and a line
diff pair them.
"""

from __future__ import annotations

import argparse
import collections
import json
import resource
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from clones import find_clone, git
from packaging.version import Version
from real_commits import JUDGED, hunks, normal, our_lines

from apimig.errors import ApimigError
from apimig.mining.candidate import Candidate, Status
from apimig.mining.diffs.alignment import align
from apimig.mining.diffs.changes import Finder
from apimig.mining.diffs.examples import Writer, alike
from apimig.mining.diffs.joining import joined
from apimig.mining.diffs.learning import Study, Subject, Trial, by_api, learn_from_studies, propose, study
from apimig.mining.diffs.names import Language, read
from apimig.mining.diffs.pairs import Pair, changed_lines, is_own_code
from apimig.mining.releases.examples import Examples
from apimig.mining.trials.running import Runner
from apimig.pipeline.learned_runs import verify
from apimig.pipeline.learning_diffs import Typing, subject_of
from apimig.pipeline.learning_releases import LearnedPack
from apimig.pipeline.sampling import with_samples
from apimig.pipeline.settling import settled
from apimig.pipeline.sources import apply_rules
from apimig.pipeline.surfaces import enriched
from apimig.pipeline.trying import RuleTrial, with_classes
from apimig.pipeline.verifying import Watcher, releases_of
from apimig.rulebook.casebook import RuleCase, cases_of
from apimig.rulebook.loading import load
from apimig.rulebook.rule import Library, Rule
from apimig.shipped import folder
from apimig.surface.libraries import library_of

IMPORTS = {
    "scikit-learn": ("sklearn",), "torch": ("torch",), "transformers": ("transformers",), "scipy": ("scipy",),
    "tensorflow": ("tensorflow",), "networkx": ("networkx",), "Django": ("django",), "pytest": ("pytest",),
    "gymnasium": ("gym", "gymnasium"),
}  # fmt: skip
CONVENTIONAL = {"tensorflow": {"tf": "tensorflow"}, "networkx": {"nx": "networkx"}}


def head(library: str) -> dict[str, Any]:
    return {"library": library, "removed": "1.0", "reference": "https://example.org/changes"}


def libraries() -> dict[str, Library]:
    known = {library.distribution.lower(): library for library in load().libraries}
    for name, roots in IMPORTS.items():
        known.setdefault(name.lower(), Library(name, roots, conventional=CONVENTIONAL.get(name, {})))
    return known


SHIPPED = {"pandas": ("1.5.3", "2.0.3"), "numpy": ("1.26.4", "2.0.2"), "Pillow": ("9.5.0", "10.4.0"),
           "SQLAlchemy": ("1.4.54", "2.0.36"), "matplotlib": ("3.6.3", "3.9.4")}  # fmt: skip


def surfaces(library: str) -> tuple[Any, Any]:
    """The surfaces of two releases around the migration, where apimig ships them."""
    from apimig.surface.loading import surface

    try:
        old, new = (surface(f"{library}=={version}", offline=True) for version in SHIPPED[library])
    except (KeyError, ApimigError) as error:
        print(f"no surfaces of {library} ({error}), so it is learned without")
        return None, None
    return old, new


def compiled(candidates: Sequence[Candidate], trial: RuleTrial) -> tuple[list[Rule], Library]:
    library = trial.library
    for one in candidates:
        library = with_classes(library, one.rule)
    return [trial.compiled(one.rule, one.id) for one in candidates], library


# ------------------------------------------------------------------------ cases of the shipped packs


@dataclass
class Score:
    """What became of the held-out pairs."""

    counts: collections.Counter[str] = field(default_factory=collections.Counter)

    def add(self, verdict: str) -> None:
        self.counts[verdict] += 1

    def row(self, name: str) -> str:
        n, c = self.counts.total(), self.counts
        good, touched = c["exact"] + c["equal"], n - c["left"]
        precision = f"{good / touched:.0%}" if touched else "-"
        cells = [name, n, c["exact"], c["equal"], c["wrong"], c["left"], f"{good / max(n, 1):.0%}", precision]
        return f"| {' | '.join(map(str, cells))} |"


HEAD = (
    "| kind | held out | exact | equal | other | left alone | rewritten right | precision |\n"
    "|---|---|---|---|---|---|---|---|"
)


def as_pair(case: RuleCase, library: Library) -> Pair:
    """The case as two modules: what it assumes stands at the top of both."""
    lines = [f"import {root}" for root in library.imports if case.given]
    if "import " not in case.before:
        lines += [f"import {target} as {alias}" for alias, target in library.conventional.items()]
    lines += [f"{name} = {value}" for name, value in case.given.items()]
    top = "".join(f"{line}\n" for line in lines)
    return Pair(f"{top}{case.before}", f"{top}{case.after}", case.id, case.id)


class Bench:
    """The cases of one library."""

    def __init__(self, library: Library, rules: Sequence[Rule]) -> None:
        old, new = surfaces(library.distribution)
        self.old = old
        library = library if old is None else enriched(library_of(old), library)
        self.library = library
        self.subject: Subject = subject_of(library, head(library.distribution), old, new)
        self.trial = RuleTrial(library)
        typing = Typing(library)
        self.cases = [(rule, case) for rule in rules for case in cases_of(rule) if not case.is_no_op]
        self.studies = [
            study(as_pair(case, library), self.subject, number, typing.types_of)
            for number, (_, case) in enumerate(self.cases)
        ]
        self.changes, self.kept = by_api(self.studies)
        self.made: dict[str, Any] = {}
        self.base = {api: self._proposals(api, -1) for api in self.changes}

    def _proposals(self, api: str, without: int) -> list[Any]:
        changes = [change for change in self.changes[api] if change.source != without]
        kept = [use for use in self.kept.get(api, ()) if use.source != without]
        return propose(changes, kept, self.subject).proposals if changes else []

    def learned(self, number: int, *, itself: bool) -> tuple[list[Candidate], list[str]]:
        """The candidates of all cases but this one, or of this one too."""
        mine = {change.api.name for change in self.studies[number].found.changes}
        proposals = []
        for api in self.changes:
            proposals += self._proposals(api, number) if api in mine and not itself else self.base[api]
        imports = frozenset(pair for one in self.studies for pair in one.imports)
        trial = Trial(self.subject, self.trial, Writer(self.subject.language, imports), {})
        found, notes = [], []
        for proposal in joined(proposals):
            key = repr(
                (proposal.body, [(c.old, c.new, c.source) for c in proposal.changes], proposal.doubt, proposal.against)
            )
            if key not in self.made:
                self.made[key] = trial.candidates(proposal)
            made, why = self.made[key]
            found += made
            notes += why
        return found, notes

    def kind(self, number: int) -> str:
        """How the code of a case is transformed, as its changes alone would be learned."""
        changes, _ = by_api([self.studies[number]])
        made = [one for some in changes.values() for one in propose(some, (), self.subject).proposals]
        return str(made[0].kind) if made else "nothing that a rule says"

    def verdict(self, number: int, candidates: Sequence[Candidate], *, unsafe: bool) -> tuple[str, str]:
        case = self.cases[number][1]
        rules, library = compiled(candidates, self.trial)
        snippet = "import " not in case.before
        got = apply_rules(case.before, _named(rules), (library,), given=case.given, snippet=snippet, unsafe=unsafe).text
        if got == case.after:
            return "exact", got
        if got == case.before:
            return "left", got
        return ("equal" if same_tree(got, case.after, self.subject.language) else "wrong"), got


class Proven:
    """What running the cases of learned rules shows, between the releases of the shipped rules that taught them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.safe: dict[str, bool] = {}

    def is_safe(self, candidate: Candidate) -> bool:
        return self.safe.get(self._key(candidate), False)

    def _key(self, candidate: Candidate) -> str:
        return json.dumps([candidate.rule, [each.place for each in candidate.evidence]], sort_keys=True)

    def run(self, candidates: Sequence[Candidate], *, verbose: bool = False) -> None:
        """Run each that is another rule."""
        every = {self._key(each): each for each in candidates}
        old, library = self.bench.old, self.bench.library
        examples = Examples(old, library.conventional) if old is not None else None
        sampled = {
            key: each if examples is None else with_samples(each, examples, library.samples)
            for key, each in every.items()
        }
        groups: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
        for key, each in sampled.items():
            if between := self._releases(each):
                groups[between].append(key)
        for between, keys in groups.items():
            named = {key: replace(sampled[key], name=f"learned_{at}") for at, key in enumerate(keys)}
            print(f"   {between}: {len(named)} rules", file=sys.stderr, flush=True)
            pack = LearnedPack(tuple(named.values()), library_file(library.distribution))
            try:
                seen = verify(pack, between, load(), runner=Runner.keeping(jobs=2), watcher=Watcher())
            except ApimigError as error:
                print(f"   {between}: {error.title}", file=sys.stderr, flush=True)
                continue
            for key, each in named.items():
                verified = seen.get(each.id)
                if verified is not None and verified.status is Status.VERIFIED:
                    self.safe[key] = "applicability" not in settled(each, verified).rule
                if verbose and verified is not None and not self.safe.get(key):
                    needed = [one.needed for one in verified.tried]
                    print(f"   not safe: {each.rule['summary']}: {verified.status} {verified.reason} {needed}")

    def _releases(self, candidate: Candidate) -> tuple[str, str] | None:
        """The releases of the newest of the shipped rules whose cases speak for it."""
        places = {each.place for each in candidate.evidence}
        found = [
            between
            for rule, case in self.bench.cases
            if case.id in places and (between := releases_of(rule, self.bench.library))
        ]
        return max(found, key=lambda two: Version(two[1]), default=None)


def library_file(distribution: str) -> dict[str, Any]:
    """What the shipped pack says of its library."""
    files = (yaml.safe_load(path.read_text()) for path in sorted(folder("rules").glob("*/_library.yaml")))
    return next(each for each in files if each["library"].lower() == distribution.lower())


def _named(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    return tuple(replace(rule, id=f"{rule.id}-{number}") for number, rule in enumerate(rules))


def same_tree(one: str, other: str, language: Language) -> bool:
    try:
        first, second = read(one, language).children[0].children, read(other, language).children[0].children
    except (SyntaxError, ValueError):
        return False
    rest = [[tree for tree in side if tree.kind != "Imports"] for side in (first, second)]
    return len(rest[0]) == len(rest[1]) and all(map(alike, *rest))


def cases(args: argparse.Namespace) -> None:
    book = load()
    rows: dict[str, Score] = collections.defaultdict(Score)
    for library in book.libraries:
        if args.lib and library.distribution not in args.lib:
            continue
        started = time.monotonic()
        bench = Bench(library, [rule for rule in book.rules if rule.library == library.distribution])
        learned = [bench.learned(number, itself=args.itself) for number in range(len(bench.cases))]
        proven = Proven(bench)
        if args.verify:
            proven.run([one for candidates, _ in learned for one in candidates], verbose=args.verbose)
        for number, (rule, case) in enumerate(bench.cases):
            candidates, why = learned[number]
            verdict, got = bench.verdict(number, candidates, unsafe=True)
            alone = "alone with its API" if not _has_sibling(bench, number) else "with another case of its API"
            names = (type(rule.body).__name__, library.distribution, alone, f"kind: {bench.kind(number)}", "**all**")
            for name in names:
                rows[name].add(verdict)
            if args.verify:
                safe = [one for one in candidates if proven.is_safe(one)]
                verdict, made = bench.verdict(number, safe, unsafe=False)
                if args.verbose and verdict == "wrong":
                    print(f"--- verified, and other: {case.id}\n{case.before}\n=> {made}\nwanted {case.after}")
                for name in names:
                    rows[f"{name}, verified"].add(verdict)
            else:
                rows["**all, safe rules alone**"].add(bench.verdict(number, candidates, unsafe=False)[0])
            if args.verbose and verdict in ("wrong", *(("left",) if args.left else ())):
                print(f"--- {verdict} {case.id}\n{case.before}\n=> {got}\nwanted {case.after}")
                mine = {change.api.name for change in bench.studies[number].found.changes}
                print("changes:", *bench.studies[number].found.changes, sep="\n   ")
                print("why:", [note[:300] for note in why if any(api.lstrip(".") in note for api in mine)], flush=True)
        print(f"{library.distribution}: {len(bench.cases)} cases, {time.monotonic() - started:.0f} s", flush=True)
    print(HEAD)
    for name in sorted(rows, key=lambda name: (name.startswith("**"), name)):
        print(rows[name].row(name))
    print_memory()


def _has_sibling(bench: Bench, number: int) -> bool:
    """Whether another pair shows a change of the same API."""
    return any(
        other.source != number
        for change in bench.studies[number].found.changes
        for other in bench.changes[change.api.name]
    )


def print_memory() -> None:
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


# ------------------------------------------------------------------------ real commits


@dataclass
class Commit:
    """A commit with the texts of the Python files that it changed."""

    case: Mapping[str, Any]
    files: dict[str, tuple[str, str]]
    studies: list[Study] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.case['repo']} {str(self.case['commit'])[:8]}"


def real(args: argparse.Namespace) -> Iterator[Commit]:
    for line in args.commits.read_text().splitlines():
        case = json.loads(line)
        if args.lib and case["lib"] not in args.lib:
            continue
        try:
            clone = find_clone(args.clones, case["repo"])
        except SystemExit as error:
            print(error)
            continue
        old, new = case["parent"], case["commit"]
        names = git(clone, "diff", "--name-only", "--diff-filter=M", old, new).decode().split("\n")
        files = {}
        for name in filter(is_own_code, names):
            texts = [git(clone, "show", f"{side}:{name}").decode("utf-8", "replace") for side in (old, new)]
            files[name] = (texts[0], texts[1])
        yield Commit(case, files)


def commits(args: argparse.Namespace) -> None:
    known = libraries()
    judged = yaml.safe_load(JUDGED.read_text()) or {}
    groups: dict[str, list[Commit]] = collections.defaultdict(list)
    for one in real(args):
        groups[one.case["lib"]].append(one)
    print(
        "| commit | mechanical hunks | with a change of the library | of an API that another commit changes |"
        " right from the others | of those | right from itself | our hunks | right | only others' |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    totals: collections.Counter[str] = collections.Counter()
    started = time.monotonic()
    for lib, group in groups.items():
        library = known[lib.lower()]
        old, new = surfaces(lib)
        if old is not None:
            library = enriched(library_of(old), library)
        subject, typing = subject_of(library, head(library.distribution), old, new), Typing(library)
        for one in group:
            one.studies = [
                study(Pair(a, b, n, one.name), subject, 0, typing.types_of) for n, (a, b) in one.files.items()
            ]
        for one in group:
            rest = [study_ for other in group if other is not one for study_ in other.studies]
            shown = {change.api.name for study_ in rest for change in study_.found.changes}
            row = collections.Counter(judge_commit(one, rest, "others", library, subject, judged, shown, args.verbose))
            row += collections.Counter(
                judge_commit(one, one.studies, "itself", library, subject, judged, shown, args.verbose)
            )
            totals += row
            print(cells(one.name, row), flush=True)
    print(cells("**total**", totals))
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")
    print_memory()


def cells(name: str, row: Mapping[str, int]) -> str:
    made = f"{row.get('others ours', 0)}"
    good = row.get("others ours right", 0)
    return (
        f"| {name} | {row.get('itself hunks', 0)} | {row.get('itself seen', 0)} | {row.get('others learnable', 0)} "
        f"| {row.get('others right', 0)} | {row.get('others learnable right', 0)} | {row.get('itself right', 0)} "
        f"| {made} | {good} | itself {row.get('itself ours right', 0)} of {row.get('itself ours', 0)} |"
    )


class _Packs(dict[str, tuple[Rule, ...]]):
    """The shipped rules of each library: what they do too is right, though a commit did not do it."""

    def __missing__(self, library: str) -> tuple[Rule, ...]:
        self[library] = tuple(rule for rule in load().rules if rule.library.lower() == library.lower())
        return self[library]


PACKS = _Packs()


def judge_commit(
    one: Commit, studies: Sequence[Study], which: str, library: Library, subject: Subject,
    judged: Mapping[str, Any], shown: Collection[str], verbose: bool,
) -> dict[str, int]:  # fmt: skip
    trial = RuleTrial(library)
    learned = learn_from_studies(studies, subject, trial)
    rules, widened = compiled(learned.candidates, trial)
    if verbose:
        print(f"== {one.name} from {which}: {len(rules)} rules")
        for candidate in learned.candidates:
            body = {
                k: v
                for k, v in candidate.rule.items()
                if k not in ("library", "removed", "reference", "cases", "unchanged")
            }
            print("  ", candidate.support, candidate.against, candidate.kind, body)
        for note in learned.notes:
            print("   note:", note[:300])
    notes = judged.get(f"{one.case['repo']}@{str(one.case['commit'])[:8]}", {})
    row: collections.Counter[str] = collections.Counter()
    for name in one.files:
        listed = name in one.case["files"]
        before, after = one.files[name]
        got = apply_rules(before, _named(rules), (widened,), unsafe=True).text
        lines = before.splitlines(keepends=True)
        gold, ours = hunks(before, after, name), hunks(before, got, name)
        places = places_of(one, name, subject.language)
        right_at: set[int] = set()
        for hunk in gold:
            said = notes.get(hunk.key, "")
            made = our_lines(ours, hunk, lines)
            right = made == hunk.new or normal(made) == normal(hunk.new)
            if right:
                right_at |= set(range(hunk.start, hunk.start + max(1, len(hunk.old))))
            reformatted = normal(hunk.old) == normal(hunk.new)
            if listed and not reformatted and said.split(":")[0] not in ("not ours", "by hand"):
                row[f"{which} hunks"] += 1
                row[f"{which} right"] += right
                lines_of_hunk = range(hunk.start, hunk.start + max(1, len(hunk.old)))
                apis = {api for line in lines_of_hunk for api in places.get(line, ())}
                row[f"{which} seen"] += bool(apis)
                if any(api in shown for api in apis):
                    row[f"{which} learnable"] += 1
                    row[f"{which} learnable right"] += right
                if verbose and not right:
                    print(
                        f"   missed {hunk.key}\n      -{''.join(hunk.old).rstrip()}\n"
                        f"      g{''.join(hunk.new).rstrip()}\n      o{''.join(made).rstrip()}"
                    )
        shipped = hunks(before, apply_rules(before, PACKS[library.distribution], (library,), unsafe=True).text, name)
        for hunk in ours:
            good = hunk in shipped or all(n in right_at for n in range(hunk.start, hunk.start + max(1, len(hunk.old))))
            row[f"{which} ours"] += 1
            row[f"{which} ours right"] += good
            if verbose and not good:
                print(f"   extra {hunk.key}\n      -{''.join(hunk.old).rstrip()}\n      +{''.join(hunk.new).rstrip()}")
    return dict(row)


def places_of(one: Commit, name: str, language: Language) -> dict[int, set[str]]:
    """The APIs whose change is seen in a file, by the lines (from 1) on which code like the old one begins."""
    before = one.files[name][0]
    (studied,) = (each for each in one.studies if each.pair.place == name)
    apis = {change.old: change.api.name for change in studied.found.changes}
    found: dict[int, set[str]] = collections.defaultdict(set)
    try:
        nodes = read(before, language).walk() if apis else ()
    except (SyntaxError, ValueError, RecursionError):
        nodes = ()
    text = before.encode()
    for node in nodes:
        if node in apis and node.span[0] >= 0:
            found[text[: node.span[0]].count(b"\n") + 1].add(apis[node])
    return found


# ------------------------------------------------------------------------ alignment


def alignment(args: argparse.Namespace) -> None:
    """Pairs of changed statements with the library on the old side, by trees and by lines."""
    known = libraries()
    counts: collections.Counter[str] = collections.Counter()
    for one in real(args):
        library = known[one.case["lib"].lower()]
        language = Language(frozenset(library.imports), dict(library.conventional))
        owners = subject_of(library, {}).owners
        for name, (before, after) in one.files.items():
            try:
                old, new = read(before, language), read(after, language)
            except (SyntaxError, ValueError):
                continue
            finder = Finder(language.roots, owners)
            by_lines = lines_paired(before, after)
            for pair in align(old, new):
                if pair.old is None or pair.is_same or not any(True for _ in finder._uses(pair.old.header)):
                    continue
                start = before.encode()[: max(0, pair.old.tree.span[0])].count(b"\n")
                other = by_lines.get(start)
                mine = None if pair.new is None else after.encode()[: pair.new.tree.span[0]].count(b"\n")
                verdict = (
                    "same"
                    if mine == other
                    else "trees only"
                    if other is None
                    else "lines only"
                    if mine is None
                    else "differ"
                )
                counts[verdict] += 1
                if args.verbose and verdict != "same":
                    print(
                        f"{verdict} {one.name}:{name}:{start + 1}\n   -{_line(before, start)}\n"
                        f"   t{_line(after, mine)}\n   l{_line(after, other)}"
                    )
    total = counts.total()
    print(
        f"{total} changed statements with the library: "
        + ", ".join(f"{k} {v} ({v / total:.1%})" for k, v in counts.most_common())
    )


def _line(text: str, at: int | None) -> str:
    return "(none)" if at is None else text.splitlines()[at].strip()


def lines_paired(before: str, after: str) -> dict[int, int]:
    """The lines that a line diff puts side by side."""
    paired: dict[int, int] = {}
    at = new_at = 0
    for start, end, new_start, new_end in changed_lines(before, after):
        paired.update(zip(range(at, start), range(new_at, new_start), strict=False))
        paired.update(zip(range(start, end), range(new_start, new_end), strict=False))
        at, new_at = end, new_end
    last = len(before.splitlines())
    paired.update((at + i, new_at + i) for i in range(last - at))
    return paired


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(required=True)
    for name, work in (("cases", cases), ("commits", commits), ("alignment", alignment)):
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        command.add_argument("--lib", action="append", help="only this library (repeatable)")
        command.add_argument("--verbose", action="store_true", help="show what is wrong")
        if name == "cases":
            command.add_argument(
                "--itself", action="store_true", help="learn from the pair as well: what learning can say"
            )
            command.add_argument("--verify", action="store_true", help="also what rules do that are safe by running")
            command.add_argument("--left", action="store_true", help="with --verbose: also what is left alone")
        else:
            command.add_argument("commits", type=Path)
            command.add_argument("--clones", type=Path, required=True)
    args = parser.parse_args()
    args.work(args)


if __name__ == "__main__":
    main()
