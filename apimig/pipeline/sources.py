"""Code that lies in no file: strings from Python, and stdin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from apimig.pipeline.options import Options, Said, load, merged
from apimig.pipeline.plan import Plan
from apimig.pipeline.surfaces import known, planned
from apimig.pipeline.workshop import FileResult, Workshop
from apimig.records import FileChange, Outcome, RunResult, Skipped, rules_of
from apimig.rulebook.rule import Library, Rule
from apimig.scan.encodings import Problem, encoding_of

STDIN = "<stdin>"


@dataclass(frozen=True, slots=True)
class SourceResult:
    """New text and the outcome of every site; ``skipped`` says why the code could not be analysed.

    ``text`` is the given code, unchanged, where nothing was rewritten.
    """

    text: str
    outcomes: tuple[Outcome, ...] = ()
    skipped: Skipped | None = None
    migrations: tuple[str, ...] = ()


def upgrade_source(
    code: str,
    *,
    lib: str | Sequence[str],
    from_: str | Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    name: str = "<code>",
    **options: Unpack[Said],
) -> SourceResult:
    """Upgrade code given as text.

    ``snippet`` says that its imports are missing: ``pd``, ``np`` and the like mean what they usually mean.
    ``given`` maps names to expressions for what they hold, with fully qualified names:
    ``{"df": "pandas.DataFrame()"}``. ``name`` stands for the file in outcomes.
    """
    said = merged(Options(), options, lib=lib, from_=from_)
    plan = planned(said, known(said), {})
    result = _apply(code, plan, said, given=given, name=name)
    return SourceResult(result.text, result.outcomes, result.skipped, tuple(map(str, plan.migrations)))


def apply_rules(
    code: str,
    rules: Sequence[Rule],
    libraries: Sequence[Library],
    *,
    given: Mapping[str, str] | None = None,
    snippet: bool = False,
    unsafe: bool = False,
    allow_codemods: bool = False,
) -> SourceResult:
    """Apply these rules to code, whatever their versions; how a rule's own cases are run."""
    options = Options(snippet=snippet, unsafe=unsafe, allow_codemods=allow_codemods)
    return _apply(code, Plan((), tuple(rules), tuple(libraries)), options, given=given, name="<case>")


def upgrade_stream(
    code: bytes, *, lib: Sequence[str] = (), from_: Sequence[str] = (), **said: Unpack[Said]
) -> tuple[RunResult, bytes]:
    """Upgrade the bytes of a file that came through stdin; the result, and the bytes after it.

    Code that cannot be analysed comes back as it is, with the reason among the skipped.
    """
    here = Path.cwd()
    options = merged(load(here, Path(here.anchor)), said, lib=lib, from_=from_)
    plan = planned(options, known(options), {})
    result = Workshop(here, (), plan, options).process_bytes(code, Path(STDIN))
    changes = () if result.change is None else (result.change,)
    info = plan.info()
    summary = RunResult(
        root=here,
        migrations=tuple(map(str, plan.migrations)),
        outcomes=result.outcomes,
        changes=changes,
        skipped=result.skipped,
        notes=plan.notes,
        files_seen=1,
        files_with_library=int(result.mentions),
        written=True,
        account=result.account if plan.surfaced else None,
        unchecked=result.unchecked,
        rules={rule: info[rule] for outcome in result.outcomes for rule in rules_of(outcome)},
    )
    return summary, changes[0].after if changes else code


def _apply(code: str, plan: Plan, options: Options, *, given: Mapping[str, str] | None, name: str) -> SourceResult:
    raw, encoding = _encoded(code)
    workshop = Workshop(Path(), (), plan, options, given=given)
    result: FileResult = workshop.process_bytes(raw, Path(name))
    after = code if result.change is None else _text(result.change, encoding)
    return SourceResult(after, result.outcomes, result.skipped[0] if result.skipped else None)


def _encoded(code: str) -> tuple[bytes, str]:
    """The code as the bytes of a file, in the encoding that its own cookie names."""
    raw = code.encode("utf-8", "surrogatepass")
    encoding = encoding_of(raw)
    if isinstance(encoding, Problem) or encoding.startswith("utf"):
        return raw, "utf-8"
    try:
        return code.encode(encoding), encoding
    except UnicodeEncodeError:
        return raw, "utf-8"


def _text(change: FileChange, encoding: str) -> str:
    return change.after.decode(encoding)
