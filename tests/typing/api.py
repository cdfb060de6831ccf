"""Never run: mypy checks here that the public API is typed as users will use it."""

from __future__ import annotations

from pathlib import Path

import apimig

result: apimig.RunResult = apimig.upgrade("src", lib="pandas==2.0")
apimig.upgrade([Path("src"), "tests"], lib=["pandas==2.0", "numpy==2.0"], from_="pandas==1.5", write=False)
apimig.upgrade(".", lib="pandas==2.0", unsafe=True, annotate=True, exclude=("vendor",), jobs=2, rules=(Path("rules"),))
checked: apimig.RunResult = apimig.check(".", lib="pandas==2.0", only_required=True)

for outcome in result.outcomes:
    where: str = outcome.location.path
    match outcome:
        case apimig.Rewritten(before=before, after=after):
            texts: tuple[str, str] = (before, after)
        case apimig.NeedsPerson(why=why, advice=advice):
            texts = (why, advice)
        case apimig.UnknownReceiver() | apimig.LeftAlone():
            reason: str = outcome.why

for change in result.changes:
    new: bytes = change.after

source: apimig.SourceResult = apimig.upgrade_source(
    "df.append(row)", lib="pandas==2.0", snippet=True, given={"df": "pandas.DataFrame()"}
)
text: str = source.text
restored: tuple[str, ...] = apimig.undo(".").restored

try:
    apimig.upgrade(".", lib="pandas==2.0")
except apimig.DirtyTreeError as error:
    title: str = error.title
except apimig.ApimigError as error:
    code: int = error.exit_code


def rewrite(site: apimig.Site) -> apimig.Edit | apimig.Refusal | None:
    return None


apimig.upgrade(".", lib=3)  # type: ignore[arg-type]
apimig.upgrade(".", lib="pandas==2.0", unsave=True)  # type: ignore[call-arg]
apimig.upgrade_source("x", lib="pandas==2.0", snippet="yes")  # type: ignore[arg-type]
