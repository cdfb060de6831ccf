"""Runs resolve, match and rewrite on one text until nothing changes, with a small library to migrate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from apimig.match import Matcher
from apimig.records import Applicability, Finding, SourceFile, Span
from apimig.resolve import Project
from apimig.rewrite import rewrite
from apimig.rulebook.rule import Body, ClassTypes, Condition, Library, Returns, Rule

FRAME, SERIES, INDEX = "pandas.DataFrame", "pandas.Series", "pandas.Index"

NUMPY = Library(
    distribution="numpy",
    imports=("numpy",),
    conventional={"np": "numpy"},
    aliases={"numpy.core.fromnumeric.product": "numpy.product"},
    functions={"numpy.array": Returns("numpy.ndarray"), "numpy.zeros": Returns("numpy.ndarray")},
    objects={"numpy.registry": "numpy.Registry"},
    classes={
        "numpy.ndarray": ClassTypes("numpy.ndarray", returns={"ptp": Returns("unknown")}, operators="numpy.ndarray")
    },
)
PANDAS = Library(
    distribution="pandas",
    imports=("pandas",),
    conventional={"pd": "pandas"},
    names={"df": FRAME},
    functions={"pandas.read_csv": Returns(FRAME, (("squeeze=True", SERIES),)), "pandas.concat": Returns(FRAME)},
    classes={
        FRAME: ClassTypes(
            FRAME,
            attributes={"index": INDEX, "columns": INDEX},
            returns={"append": Returns(FRAME), "head": Returns(FRAME), "lookup": Returns("numpy.ndarray")},
            items={"string": SERIES, "list": FRAME},
            operators=FRAME,
        ),
        SERIES: ClassTypes(SERIES, returns={"append": Returns(SERIES)}, operators=SERIES),
        INDEX: ClassTypes(INDEX, operators=INDEX),
    },
)
LIBRARIES = (NUMPY, PANDAS)


def rule(
    body: Body,
    *,
    name: str = "numpy/test",
    applicability: Applicability = Applicability.SAFE,
    when: Sequence[Condition] = (),
    advise: str = "",
    path: str = "",
) -> Rule:
    """A rule with this body."""
    return Rule(
        id=name,
        library=name.partition("/")[0],
        body=body,
        summary="",
        reference="",
        applicability=applicability,
        when=tuple(when),
        advise=advise,
        path=path,
    )


@dataclass(frozen=True)
class Outcome:
    """The text at the end, and what was refused on the way (the last pass's refusals)."""

    text: str
    done: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self.refused]


def upgrade(
    code: str | bytes,
    *rules: Rule,
    snippet: bool = False,
    given: Mapping[str, str] | None = None,
    unsafe: bool = False,
    modules: Mapping[str, str] | None = None,
    name: str = "mod.py",
    module: str = "mod",
    allow_codemods: bool = False,
    protected: Sequence[Span] = (),
) -> Outcome:
    """Upgrade one text to a fixpoint; ``modules`` are the other modules of the repository."""
    text = code.encode() if isinstance(code, str) else code
    others = {n: _source(f"{n}.py", n, t.encode()) for n, t in (modules or {}).items()}
    matcher = Matcher(rules, LIBRARIES)
    by_id = {each.id: each for each in rules}
    done: list[Finding] = []
    for _ in range(10):
        source = _source(name, module, text)
        project = Project(LIBRARIES, matcher.interest, load=others.get, snippet=snippet, given=given or {})
        project.survey([*others.values(), source])
        resolution = project.resolve(source)
        result = rewrite(
            resolution,
            matcher.find(resolution),
            by_id,
            libraries=LIBRARIES,
            unsafe=unsafe,
            allow_codemods=allow_codemods,
            protected=protected,
        )
        done += result.done
        if result.patch is None:
            break
        assert matcher.words.found_in(text), "the prefilter would have skipped this file"
        text = result.patch.text
    else:
        raise AssertionError(f"no fixpoint: {text.decode()}")
    return Outcome(text.decode(), tuple(done), result.refused)


def _source(name: str, module: str, text: bytes) -> SourceFile:
    return SourceFile(path=Path(name), name=name, text=text, module=module, is_package=name.endswith("__init__.py"))
