"""``apimig learn``: finds rules in two releases of a library, or in code before and after a migration."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apimig.errors import UsageError

if TYPE_CHECKING:
    from apimig.pipeline.packing import Entry, Pack

_PATH = click.Path(path_type=Path)


@click.command("learn")
@click.option("--lib", default="", metavar="NAME", help="The library: scikit-learn.")
@click.option("--from", "start", default="", metavar="VERSION", help="The release that code was written for.")
@click.option("--to", "end", default="", metavar="VERSION", help="The release that it moves to.")
@click.option("--git", "repository", type=_PATH, metavar="REPO", help="Learn from the commits of a repository.")
@click.option("--range", "revisions", default="", metavar="A..B", help="With --git: only these commits.")
@click.option("--trees", nargs=2, type=_PATH, metavar="OLD NEW", help="Learn from two folders, before and after.")
@click.option("--pairs", type=_PATH, metavar="FILE", help="Learn from lines of JSON with before and after.")
@click.option("-o", "--output", type=_PATH, metavar="DIR", help="Write the pack there: a rule a file.")
@click.option(
    "--review", is_flag=True, help="Go through what is left for a person; without --lib, what is left in DIR."
)
@click.option("--known", is_flag=True, help="Also write what existing rules cover.")
@click.option("--through", multiple=True, metavar="VERSION", help="A release in between, whose shims are read as well.")
@click.option("--no-verify", is_flag=True, help="Run nothing; every rule that rewrites is left for a person.")
@click.option("--reference", default="", metavar="URL", help="Where the library tells of its changes.")
@click.option(
    "--rules", "folders", multiple=True, type=_PATH, metavar="DIR", help="A folder of more rules to compare with."
)
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Processes; default: one a core.")
@click.option("--offline", is_flag=True, help="Never download releases.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option("--verbose", "-v", is_flag=True, help="Show every rule, with its reason.")
def command(
    *,
    lib: str,
    start: str,
    end: str,
    repository: Path | None,
    revisions: str,
    trees: tuple[Path, Path] | None,
    pairs: Path | None,
    output: Path | None,
    review: bool,
    known: bool,
    through: tuple[str, ...],
    no_verify: bool,
    reference: str,
    folders: tuple[Path, ...],
    jobs: int | None,
    offline: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Find the rules for a library, try them under both releases, and write them as a pack.

    \b
    apimig learn --lib scikit-learn --from 1.1.3 --to 1.2.2 -o rules/sklearn
    apimig learn --lib pandas --from 1.5.3 --to 2.0.3 --git ./repo --range v1..v2
    apimig learn --review -o rules/sklearn
    apimig upgrade ./repo --lib scikit-learn==1.2.2 --rules rules/sklearn

    Without --git, --trees or --pairs the two releases themselves are compared. A rule whose cases give the same under
    both releases is safe; one that gives something else is unsafe; what could not be run waits in DIR/candidates.
    A run that was interrupted goes on where it stopped.
    """  # noqa: D301 - \b is click's mark for lines that keep their breaks
    from apimig.cli import reviewing

    if review:
        reviewing.check(output)
    if not lib and review and output is not None:
        reviewing.walk(output)
        return
    _check(lib, start, end, [repository, trees, pairs], revisions, repository)

    from apimig.pipeline.teaching import Sources, learn

    sources = Sources(
        repository=repository, revisions=revisions, trees=trees, pairs=pairs, through=through, reference=reference,
        offline=offline,
    )  # fmt: skip
    from apimig.cli.waiting import waiting

    with waiting() as shown:
        pack = learn(
            lib,
            start,
            end,
            sources,
            rules=folders,
            verify=not no_verify,
            jobs=jobs,
            tell=None if shown is None else shown.tell,
            progress=None if shown is None else shown.advance,
        )
    if as_json:
        _print_json(pack)
    else:
        _summary(pack, verbose=verbose)
    if output is not None:
        _save(pack, output, known=known, quiet=as_json)
        if review:
            reviewing.walk(output)


def _check(lib: str, start: str, end: str, sources: list[object], revisions: str, repository: Path | None) -> None:
    if not (lib and start and end):
        raise UsageError(
            "learn needs a library and two of its releases", help="Write --lib NAME --from VERSION --to VERSION."
        )
    if "=" in lib:
        raise UsageError(f"--lib {lib} names a release", help="Write --lib NAME --from VERSION --to VERSION.")
    if sum(each is not None for each in sources) > 1:
        raise UsageError("--git, --trees and --pairs are different sources", help="Learn from one of them at a time.")
    if revisions and repository is None:
        raise UsageError("--range is of a repository", help="Name it with --git REPO.")


# --------------------------------------------------------------------------- output


def _summary(pack: Pack, *, verbose: bool) -> None:
    counts = Counter(_state(entry) for entry in pack.entries)
    from apimig.rulebook.problems import counted

    click.echo(f"{pack.learned_from}: {counted(len(pack.entries), 'rule')} found")
    for state, number in counts.most_common():
        click.echo(f"  {number:5}  {state}")
    for entry in pack.entries if verbose else ():
        click.echo(f"{entry.candidate.name}  {_state(entry)}  {entry.candidate.rule['summary']}")
        if entry.verification is not None and entry.verification.reason:
            click.echo(f"    {' '.join(entry.verification.reason.split())}")
    for note in pack.notes if verbose else pack.notes[:5]:
        click.echo(f"note: {note}", err=True)
    if not verbose and len(pack.notes) > 5:
        click.echo(f"note: and {len(pack.notes) - 5} more; --verbose shows them", err=True)


def _state(entry: Entry) -> str:
    from apimig.mining.curating import Standing

    if entry.standing is Standing.KNOWN:
        return "known: existing rules cover it"
    if entry.standing is Standing.CONTRADICTS:
        return "contradicts an existing rule: left for a person"
    if not entry.rewrites:
        return "reported only: says what changed, without an edit"
    if entry.is_idle:
        return "not needed: the old code works as before; left for a person"
    if entry.verification is None:
        return "not run: left for a person"
    return {
        "verified": "verified: the same under both releases",
        "differs": "differs: gives something else, so unsafe",
        "unrun": "could not be run: left for a person",
    }[str(entry.verification.status)]


def _print_json(pack: Pack) -> None:
    import json

    from apimig.mining.writing import provenance

    entries = [
        {
            "name": entry.candidate.name,
            "kind": str(entry.candidate.kind),
            "standing": str(entry.standing),
            "rules": list(entry.rules),
            "rule": {
                **entry.candidate.rule,
                "provenance": provenance(entry.candidate, pack.learned_from, entry.verification),
            },
        }
        for entry in pack.entries
    ]
    click.echo(json.dumps({"learned_from": pack.learned_from, "entries": entries, "notes": list(pack.notes)}, indent=2))


def _save(pack: Pack, output: Path, *, known: bool, quiet: bool) -> None:
    from apimig.rulebook.packs import CANDIDATES
    from apimig.rulebook.problems import counted

    saved = pack.save(output, known=known)
    if quiet:
        return
    click.echo(f"{counted(len(saved.rules), 'file')} written to {output}")
    if saved.candidates:
        how = f"`apimig learn --review -o {output}` goes through them"
        click.echo(f"{counted(len(saved.candidates), 'candidate')} left for a person in {output / CANDIDATES}; {how}")
