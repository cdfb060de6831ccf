"""Surfaces and changes as text and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from apimig.surface.changes import Change, diff
from apimig.surface.model import Deprecation, Surface, Symbol
from apimig.surface.parameters import write_signature


def symbols(surface: Surface, names: Sequence[str] = ()) -> Iterator[Symbol]:
    """The public symbols, or those named and what they contain; inherited members are found under each class."""
    wanted = [surface.canonical(name) or name for name in names]
    for symbol in surface.symbols():
        if wanted:
            if any(symbol.name == each or symbol.name.startswith(each + ".") for each in wanted):
                yield symbol
        elif symbol.public or symbol.held:
            yield symbol


def changes(old: Surface, new: Surface, names: Sequence[str], *, everything: bool) -> list[Change]:
    """The changes of the objects named, or all; without ``everything`` those that break or deprecate."""
    wanted = [old.canonical(name) or name for name in names]
    found = diff(old, new)
    if wanted:
        found = tuple(each for each in found if any(_within(name, wanted) for name in each.names or (each.name,)))
    return [each for each in found if everything or each.breaking or each.text or "deprecated" in each.kind]


def _within(name: str, wanted: Sequence[str]) -> bool:
    return any(name == each or name.startswith(each + ".") for each in wanted)


# --------------------------------------------------------------------------- text


def surface_text(surface: Surface, shown: Sequence[Symbol]) -> str:
    """A line for each symbol, and a count."""
    lines = [_line(symbol) for symbol in shown]
    kinds = Counter(str(symbol.kind) for symbol in shown)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    how = "read and introspected" if surface.probed else "read without running it"
    lines.append(f"{surface}: {counted or 'nothing public'} ({how})")
    lines += [f"note: {note}" for note in surface.notes]
    return "\n".join(lines) + "\n"


def _line(symbol: Symbol) -> str:
    signature = "" if symbol.signature is None else write_signature(symbol.signature.parameters)
    returns = f" -> {symbol.returns}" if symbol.returns else ""
    said = symbol.deprecated
    deprecated = "" if said is None else f"  [deprecated{' since ' + said.since if said.since else ''}]"
    return f"{symbol.kind:<13} {symbol.name}{signature}{returns}{deprecated}"


def changes_text(old: Surface, new: Surface, found: Sequence[Change]) -> str:
    """A line for each change and what the library says of it, then a count of each kind."""
    lines: list[str] = []
    for change in found:
        lines.append(f"{'!' if change.breaking else ' '} {change}")
        if change.text and change.text not in str(change):
            lines.append(f"      {change.text}")
    counted = ", ".join(f"{count} {kind}" for kind, count in Counter(str(each.kind) for each in found).most_common())
    breaking = sum(each.breaking for each in found)
    lines.append(f"{old} -> {new}: {len(found)} changes, {breaking} can break callers ({counted or 'none'})")
    if old.probed != new.probed:
        lines.append("note: only one of the two was introspected; generated members may look removed or added")
    return "\n".join(lines) + "\n"


# --------------------------------------------------------------------------- JSON


def surface_json(surface: Surface, shown: Sequence[Symbol]) -> str:
    """The surface for machines."""
    data = {
        "distribution": surface.distribution,
        "version": surface.version,
        "imports": surface.roots,
        "introspected": surface.probed,
        "notes": surface.notes,
        "symbols": [_symbol(each) for each in shown],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _symbol(symbol: Symbol) -> dict[str, Any]:
    data: dict[str, Any] = {"name": symbol.name, "kind": str(symbol.kind), "public": symbol.public}
    if symbol.paths:
        data["paths"] = symbol.paths
    if symbol.home != symbol.name:
        data["defined"] = symbol.home
    if symbol.signature is not None:
        data["parameters"] = [dataclasses.asdict(each) for each in symbol.signature.parameters]
    for key in ("overloads", "returns", "returns_from", "bases"):
        if value := getattr(symbol, key):
            data[key] = value
    if symbol.deprecated is not None:
        data["deprecated"] = _said(symbol.deprecated)
    if symbol.parameters_deprecated:
        data["parameters_deprecated"] = {key: _said(each) for key, each in symbol.parameters_deprecated.items()}
    return data


def _said(deprecation: Deprecation) -> dict[str, str]:
    return {key: value for key, value in dataclasses.asdict(deprecation).items() if value}


def changes_json(old: Surface, new: Surface, found: Sequence[Change]) -> str:
    """The changes for machines."""
    data = {
        "from": str(old),
        "to": str(new),
        "changes": [
            {key: value for key, value in dataclasses.asdict(each).items() if value not in ("", ())} for each in found
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
