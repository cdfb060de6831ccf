"""Two releases of a made-up library, and what is learned from them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from apimig.mining.releases.release import Release
from apimig.mining.releases.sources import Sources
from apimig.pipeline.learning_releases import LearnedPack, learn
from tests.surface.tools import put, read

NOTES = "https://example.org/lib/changes"
BODIES = ("rename", "rename_member", "move", "api", "signature", "parameters", "match", "rewrite", "where", "when", "imports", "property_to_method", "method_to_property", "applicability")  # fmt: skip


def release(folder: Path, files, version: str) -> Release:
    surface = replace(read(put(folder, files), files), distribution="lib", version=version)
    return Release(surface, Sources(folder, f"lib {version}"))


def learned(tmp_path: Path, before, after, *, between=None) -> LearnedPack:
    first, last = release(tmp_path / "old", before, "1.0.0"), release(tmp_path / "new", after, "2.0.0")
    through = [release(tmp_path / "between", between, "1.5.0")] if between is not None else []
    return learn(first, last, through=through, releases=("1.0.0", "1.5.0", "2.0.0"), reference=NOTES)


def bodies(pack: LearnedPack) -> str:
    """What the rules do, as YAML by their names, in the order of the names."""
    found = {each.name: _body(each.rule) for each in sorted(pack.candidates, key=lambda each: each.name)}
    return yaml.safe_dump(found, sort_keys=False, width=200)


def _body(rule: Mapping[str, object]) -> dict[str, object]:
    return {key: rule[key] for key in BODIES if key in rule}


def expected(text: str) -> str:
    return yaml.safe_dump(yaml.safe_load(textwrap.dedent(text)) or {}, sort_keys=False, width=200)
