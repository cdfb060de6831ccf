"""A library small enough to read, shaped like pandas, that the tests of this room resolve against."""

from pathlib import Path

from apimig.records import Interest, SourceFile
from apimig.resolve import Project
from apimig.rulebook.rule import ClassTypes, Evidence, Library, Returns

FRAME, SERIES = "tab.Frame", "tab.Series"

TAB = Library(
    distribution="tab",
    imports=("tab",),
    aliases={"tab.core.frame.Frame": FRAME},
    conventional={"tb": "tab"},
    names={"fr": FRAME},
    functions={
        "tab.read": Returns(FRAME, (("squeeze=True", SERIES), ("chunks", "iterator[tab.Frame]"))),
        "tab.concat": Returns(FRAME, (("arg0[]:tab.Series", SERIES),)),
    },
    objects={"tab.EMPTY": FRAME},
    classes={
        FRAME: ClassTypes(
            FRAME,
            attributes={"T": "self", "columns": "tab.Index"},
            returns={
                "head": Returns("self"),
                "add": Returns("self"),
                "drop": Returns("self", (("inplace=True", "None"),)),
                "group": Returns("tab.Groups"),
                "pairs": Returns("iterator[tuple[str, tab.Series]]"),
                "append": Returns("self"),
            },
            items={"string": "~tab.Series", "list": "self", "other": "~tab.Frame | tab.Series"},
            operators="self",
        ),
        SERIES: ClassTypes(SERIES, returns={"append": Returns("self"), "head": Returns("self")}, operators="self"),
        "tab.Groups": ClassTypes("tab.Groups", returns={"mean": Returns(FRAME)}, iterates="tuple[unknown, tab.Frame]"),
        "tab.Index": ClassTypes("tab.Index", returns={"append": Returns("self")}),
        "tab.Store": ClassTypes("tab.Store", returns={"get": Returns(FRAME)}),
    },
    evidence=(
        Evidence((FRAME, SERIES), keywords=(("append", "ignore_index"),)),
        Evidence((FRAME,), attributes=("columns", "group", "pairs")),
        Evidence((FRAME, SERIES), used_results=("append",)),
        Evidence((FRAME, SERIES, "tab.Index"), attributes=("cast", "fill")),
        Evidence((FRAME,), spelled=("__frame__",)),
    ),
    rivals=("bat",),
    modules=("tab.Tools",),
)
INTEREST = Interest(frozenset({"tab"}), frozenset({"append", "pairs"}), frozenset({"&"}))


def source(text, name="mod.py", *, module=None, package=False):
    dotted = name.removesuffix(".py").replace("/", ".") if module is None else module
    return SourceFile(Path(name), name, text.encode(), module=dotted, is_package=package)


def resolve(text, *, others=None, snippet=False, given=None, interest=INTEREST):
    """The resolution of one module; ``others`` are further modules of the repository by dotted name."""
    files = {
        name: source(code, name.replace(".", "/") + ".py", module=name, package=f"{name}." in " ".join(others))
        for name, code in (others or {}).items()
    }
    project = Project([TAB], interest, load=files.get, snippet=snippet, given=given)
    main = source(text)
    project.survey([main, *files.values()])
    return project.resolve(main)
