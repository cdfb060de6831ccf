"""How often the successor that a deprecation names is found: over all deprecation texts of the releases in a folder.

    python benchmarks/deprecation_wording.py WHEELS [--judged FILE] [--show]

WHEELS is a folder with wheels. Texts are those that ``apimig surface`` reads: decorators, warnings and docstring
directives, of whole objects and of parameters. Texts that name something in quotes, in a role or in a call count as
such that may name a successor. ``deprecation_wording_judged.yaml`` says of a sample what a reader takes from it.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from apimig.surface.deprecations import stated_by
from apimig.surface.docstrings import read_docstring
from apimig.surface.model import Deprecation

JUDGED = Path(__file__).with_name("deprecation_wording_judged.yaml")
_NAMED = re.compile(r"`|:\w+:|\w\(\)|'\w+'|\"\w+\"|\b\w+\.\w+|\b\w+_\w+")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def texts(wheel: Path) -> Iterator[tuple[str, str]]:
    """The deprecation texts of a wheel, each once, and the successor that is taken from each."""
    seen: set[str] = set()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py") and "/tests/" not in name and "/test/" not in name:
                for each in _texts_of(archive.read(name).decode("utf-8", "replace")):
                    if each.text and each.text not in seen:
                        seen.add(each.text)
                        yield each.text, each.replacement


def _texts_of(source: str) -> Iterator[Deprecation]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS):
            stated = stated_by(node)
            found = [stated.whole, *stated.parameters.values()]
            if documentation := ast.get_docstring(node):
                read = read_docstring(documentation)
                found += [read.deprecated, *read.deprecated_parameters.values()]
            yield from (each for each in found if each is not None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="print this many, for reading")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without", action="store_true", help="print those with names of which none is taken")
    options = parser.parse_args()
    every: list[tuple[str, str, str]] = []
    print("| release | texts | that name something | a successor is taken |\n|---|---|---|---|")
    for wheel in sorted(options.wheels.glob("*.whl")):
        release = " ".join(wheel.name.split("-")[:2])
        found = [(release, text, taken) for text, taken in texts(wheel)]
        every += found
        named = [each for each in found if _NAMED.search(each[1])]
        print(f"| {release} | {len(found)} | {len(named)} | {sum(1 for each in found if each[2])} |")
    if options.without:
        for release, text, taken in every:
            if not taken and _NAMED.search(text):
                print(f"{release}\t{text}")
    if options.sample:
        for release, text, taken in random.Random(options.seed).sample(every, options.sample):
            print(
                yaml.safe_dump([{"release": release, "text": text, "taken": taken}], width=10_000, sort_keys=False),
                end="",
            )
    _judge({text: taken for _, text, taken in every})


def _judge(taken: dict[str, str]) -> None:
    """Compare what is taken with what a reader says of the sample."""
    judged = yaml.safe_load(JUDGED.read_text(encoding="utf-8")) if JUDGED.exists() else []
    known = [each for each in judged if each["text"] in taken]
    right = sum(1 for each in known if each["successor"] and taken[each["text"]] == each["successor"])
    named = sum(1 for each in known if each["successor"])
    wrong = [each for each in known if taken[each["text"]] not in ("", each["successor"])]
    print(
        f"judged by reading: {len(known)} texts, {named} name one successor, {right} of them found, {len(wrong)} wrong"
    )
    for each in wrong:
        print(f"  wrong: {taken[each['text']]!r} of {each['text']!r}")


if __name__ == "__main__":
    main()
