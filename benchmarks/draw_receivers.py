"""Draw method calls from real trees, to be read and labelled for ``receivers.yaml``.

    python benchmarks/draw_receivers.py [receivers.yaml] --clones DIR --trees DIR [--each 90] [--seed 7] [--everyday]

The trees are those of the list, each with the libraries it is searched for; DIR holds bare clones, as for
``real_commits.py``. A candidate is a call ``receiver.name(...)`` in a file that imports the library, where ``name`` is
a method of the library; most of the names below are methods of other everyday objects as well. Every name has its
turn and within a name every repository, so that no common name and no large repository fills the sample; of one file
at most two are taken. With ``--everyday`` only names count that lists, dicts, texts or arrays have too. Calls on
modules, classes, ``super()`` and literals are no candidates: the text tells what they are.

For each candidate the lines that its receiver comes from are printed, for a person to go on from.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from clones import export, find_clone

NAMES = {
    "pandas": (
        "append copy replace get items update filter drop sum mean max min count apply join pop insert unique "
        "sort_values merge groupby map fillna rename reset_index astype resample rolling to_dict to_csv iterrows "
        "dropna add keys head std shift diff transform where any all round isin first last strftime to_pydatetime "
        "tolist index values tz_localize date total_seconds normalize take query sample corr agg loc stack div sub "
        "mul"
    ),
    "numpy": (
        "copy sum mean reshape astype max min all any flatten ravel transpose tolist fill sort std dot squeeze "
        "item round argmax cumsum nonzero repeat take view clip tobytes resize swapaxes conj prod var choice "
        "normal shuffle uniform randint seed argsort argmin trace partition compress put diagonal dump byteswap "
        "newbyteorder setflags permutation random standard_normal poisson index count"
    ),
    "scikit-learn": (
        "fit transform predict fit_transform score get_params set_params predict_proba decision_function split "
        "inverse_transform fit_predict kneighbors partial_fit get_n_splits get_feature_names_out fit_resample "
        "predict_log_proba score_samples set_output sample clone get_support apply path"
    ),
    "SQLAlchemy": (
        "execute query commit filter add all first join get update delete count order_by where scalar scalars "
        "flush rollback refresh connect close one label in_ like desc asc is_ create_all select_from group_by "
        "options limit offset begin merge values fetchall one_or_none filter_by distinct subquery alias any has "
        "between cast append keys ilike isnot exec expunge copy add_all dispose mappings returning"
    ),
    "pydantic": (
        "dict json copy model_dump model_copy model_dump_json schema get items update keys validate to_dict "
        "model_json_schema model_validate append pop get_secret_value format hex unicode_string errors "
        "validate_python"
    ),
    "torch": (
        "view size to numpy backward item sum mean cpu cuda detach append step zero_grad train eval parameters "
        "state_dict load_state_dict forward copy_ transpose permute reshape squeeze unsqueeze float long max "
        "expand contiguous repeat masked_fill dim update items clone t log split apply register_buffer modules "
        "tolist type gather chunk mul_ add exp get copy all any pow sample log_prob named_parameters children "
        "scatter_ fill_ zero_ norm min argmax int bool flatten register_forward_hook requires_grad_ numel abs "
        "backward std"
    ),
}
_EVERYDAY = (
    "append add get items update copy keys values format split join index count replace pop insert all any sum "
    "mean max min round log size type dict json filter query transform apply sample"
)
EVERYDAY = frozenset(_EVERYDAY.split())
ROOTS = {"scikit-learn": ("sklearn",), "SQLAlchemy": ("sqlalchemy", "sqlmodel")}
_SAY_NOTHING = ("self", "np", "pd", "torch", "len", "range", "list", "dict")
LEFT_OUT = re.compile(r"(^|/)(docs?|vendor|_vendor|third_party|expected|docs_src)/")


@dataclass(frozen=True)
class Candidate:
    """A call of a method; ``line`` and ``column`` (from 1) are those of the method's name."""

    library: str
    repo: str
    file: str
    line: int
    column: int
    receiver: str
    name: str


def candidates(library: str, repo: str, folder: Path, *, everyday: bool) -> Iterator[Candidate]:
    names = frozenset(NAMES[library].split())
    names = names & EVERYDAY if everyday else names
    roots = ROOTS.get(library, (library,))
    imports = re.compile(rf"^[ \t]*(?:from|import)[ \t]+(?:{'|'.join(roots)})\b".encode(), re.MULTILINE)
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        raw = path.read_bytes()
        if LEFT_OUT.search(name) or not imports.search(raw):
            continue
        try:
            tree = ast.parse(raw)
        except (SyntaxError, ValueError):
            continue
        lines = raw.decode("utf-8", "replace").splitlines()
        modules = modules_of(tree)
        for node in ast.walk(tree):
            found = candidate_of(node, names, modules, lines)
            if found is not None:
                line, column, receiver, attribute = found
                yield Candidate(library, repo, name, line, column, receiver, attribute)


def candidate_of(
    node: ast.AST, names: frozenset[str], modules: frozenset[str], lines: list[str]
) -> tuple[int, int, str, str] | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in names:
        return None
    receiver, attribute = node.func.value, node.func.attr
    if isinstance(receiver, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Set | ast.Tuple):
        return None
    dotted = path_of(receiver)
    last = dotted.rpartition(".")[2]
    if dotted and (dotted.partition(".")[0] in modules or last[:1].isupper() or last == "cls"):
        return None
    if isinstance(receiver, ast.Call) and path_of(receiver.func) == "super":
        return None
    line = node.func.end_lineno or 0
    end = len(lines[line - 1].encode()[: node.func.end_col_offset or 0].decode("utf-8", "replace"))
    return line, end - len(attribute) + 1, ast.unparse(receiver), attribute


def modules_of(tree: ast.Module) -> frozenset[str]:
    """Names that are surely modules or classes: bound by an import, and not written in small letters by one from."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name for each in node.names if (each.asname or each.name)[:1].isupper()}
    return frozenset(found)


def path_of(node: ast.expr) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def draw(found: list[Candidate], each: int, chance: random.Random) -> list[Candidate]:
    by_name: defaultdict[str, defaultdict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        by_name[one.name][one.repo].append(one)
    for repos in by_name.values():
        for those in repos.values():
            chance.shuffle(those)
    names = sorted(by_name)
    chance.shuffle(names)
    taken: list[Candidate] = []
    files: Counter[tuple[str, str]] = Counter()
    while len(taken) < each and any(by_name[name] for name in names):
        for name in names:
            one = next_of(by_name[name], files, chance)
            if one is not None and len(taken) < each:
                files[one.repo, one.file] += 1
                taken.append(one)
    return taken


def next_of(
    repos: dict[str, list[Candidate]], files: Counter[tuple[str, str]], chance: random.Random
) -> Candidate | None:
    while repos:
        repo = chance.choice(sorted(repos))
        while repos[repo]:
            one = repos[repo].pop()
            if files[one.repo, one.file] < 2:
                return one
        del repos[repo]
    return None


# ------------------------------------------------------------------ the lines to read


def slice_of(raw: bytes, one: Candidate, depth: int = 3) -> list[str]:
    """The lines of the file that mention what the receiver is made of, within its functions and for ``self.x``."""
    lines = raw.decode("utf-8", "replace").splitlines()
    tree = ast.parse(raw)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    around = [n for n in functions if n.lineno <= one.line <= (n.end_lineno or 0)]
    outer = min(around, key=lambda n: n.lineno, default=None)
    first, last = (1, len(lines)) if outer is None else (outer.lineno, outer.end_lineno or outer.lineno)
    wanted = words_of(ast.parse(one.receiver, mode="eval"))
    shown: set[int] = {*range(max(one.line - 2, 1), one.line + 2)}
    if outer is not None:
        shown |= {*range(outer.lineno, outer.body[0].lineno)}
    for _ in range(depth):
        pattern = re.compile("|".join(binding(word) for word in sorted(wanted)) or "(?!)")
        for number, line in enumerate(lines, start=1):
            inside = first <= number <= last
            own = any(word.startswith("self.") and word in line for word in wanted)
            if (inside or own or line.startswith(("from", "import"))) and pattern.search(line):
                shown.add(number)
                if inside and len(wanted) < 14:
                    wanted |= right_of(line)
    return [f"{n:5} {lines[n - 1][:150]}" for n in sorted(shown) if n <= len(lines)][:40]


def binding(word: str) -> str:
    name = re.escape(word)
    bound = r"\b(?:\s*[,:)]|\s*=[^=]|.*\sin\s|[^=]*(?<!=)=[^=]|\s*\()"
    return rf"(?<![\w.]){name}{bound}|\b(?:as|import)\b.*\b{name}\b"


def right_of(line: str) -> set[str]:
    right = line.partition("=")[2] or line.partition(" in ")[2]
    try:
        return words_of(ast.parse(right.strip().rstrip(":,(["), mode="eval"))
    except (SyntaxError, ValueError):
        return set()


def words_of(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and path_of(node).startswith("self."):
            found.add(".".join(path_of(node).split(".")[:2]))
        elif isinstance(node, ast.Name) and node.id not in (
            "self",
            "np",
            "pd",
            "torch",
            "len",
            "range",
            "list",
            "dict",
        ):
            found.add(node.id)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", type=Path, default=Path(__file__).parent / "receivers.yaml")
    parser.add_argument("--clones", type=Path, required=True)
    parser.add_argument("--trees", type=Path, required=True, help="folder for the exported trees")
    parser.add_argument("--each", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--everyday", action="store_true", help="only names that other objects have too")
    parser.add_argument("--only", help="one library")
    options = parser.parse_args()
    trees = yaml.safe_load(options.set.read_text(encoding="utf-8"))["trees"]
    for library in [options.only] if options.only else NAMES:
        found: list[Candidate] = []
        for tree in trees:
            if library in tree["libraries"]:
                folder = options.trees / tree["repo"].replace("/", "+")
                if not folder.exists():
                    export(find_clone(options.clones, tree["repo"]), tree["commit"], folder)
                found += candidates(library, tree["repo"], folder, everyday=options.everyday)
        print(f"{library}: {len(found)} candidates", file=sys.stderr)
        for number, one in enumerate(draw(found, options.each, random.Random(options.seed)), start=1):
            folder = options.trees / f"{one.repo.replace('/', '+')}"
            print(f"\n### {library} {number} {one.repo} {one.file}:{one.line}:{one.column} {one.receiver}.{one.name}")
            print("\n".join(slice_of((folder / one.file).read_bytes(), one)))


if __name__ == "__main__":
    main()
