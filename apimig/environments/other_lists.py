"""The lists in conda environments and in the workflows of continuous integration."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from apimig.environments.lists import Lists
from apimig.pins.document import index_name
from apimig.pins.model import Dialect
from apimig.pins.specifier import read_value
from apimig.pins.versions import limits

_MATCH = re.compile(r"(?:[\w./-]+::)?([A-Za-z0-9][A-Za-z0-9._-]*?)\s*((?:[=<>!~].*)?)$")
_NOT_ON_THE_INDEX = frozenset(
    {"python", "pip", "conda", "mamba", "nodejs", "compilers", "gcc", "cudatoolkit", "mkl", "git"}
)
_PIP = re.compile(r"(?:^|[;&|]\s*|\s)(?:\S*python\S*\s+-m\s+)?(?:uv\s+)?pip3?\s+install\s+([^;&|\n]+)")


def read_environment(lists: Lists, name: str) -> None:
    """Add what a conda environment lists, in the index's own names where those are known."""
    import yaml

    try:
        document = yaml.safe_load(lists.text(name) or "")
    except (yaml.YAMLError, RecursionError):
        lists.notes.append(f"{name} is not valid YAML")
        return
    listed = document.get("dependencies") if isinstance(document, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, str):
            lists.add(f"file:{name}", _from_conda(each), name)
        elif isinstance(each, dict) and isinstance(pip := each.get("pip"), list):
            lists.add(f"file:{name}", pip, name)


def _from_conda(text: str) -> Iterator[str]:
    match = _MATCH.match(text.strip())
    if match is None or match.group(1).lower() in _NOT_ON_THE_INDEX:
        return
    name = index_name(match.group(1))
    specifier = match.group(2).partition(" ")[0]
    if re.fullmatch(r"=?=[\w.*]+=\w+", specifier):  # with a build
        specifier = specifier.rpartition("=")[0]
    entry = read_value(specifier, 0, len(specifier), Dialect.CONDA)
    clauses = entry.alternatives[-1] if entry.alternatives else ()
    yield name + ",".join(str(limits(clause)) for clause in clauses)


def read_workflows(lists: Lists) -> None:
    """Add what the workflows install with pip by plain names, and the extras of the repository that they ask for."""
    names = [".travis.yml", ".circleci/config.yml", "azure-pipelines.yml", ".gitlab-ci.yml"]
    workflows = lists.root / ".github" / "workflows"
    if workflows.is_dir():
        found = sorted(each.name for each in workflows.iterdir() if each.suffix in (".yml", ".yaml"))
        names += [f".github/workflows/{each}" for each in found]
    for name in names:
        text = lists.text(name) or ""
        if not re.search(r"pytest|unittest|nosetests|\btests?\b", text):
            continue
        for line in _PIP.findall(text.replace("\\\n", " ")):
            _installed(lists, line, name)


def _installed(lists: Lists, line: str, place: str) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return
    skip = False
    for before, word in zip(["", *words], words, strict=False):
        if skip or word.startswith("-") or "$" in word or "{" in word:
            skip = False
            if word.startswith("-r") and len(word) > 2:
                lists.file("ci", word[2:])
            continue
        if before in ("-r", "--requirement"):
            lists.file("ci", word)
        elif before not in ("-c", "--constraint", "-t", "--target", "-i", "--index-url", "--extra-index-url", "-f"):
            lists.add("ci", [word], place)
