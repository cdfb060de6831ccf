"""What a pin is there for, as the names around it tell: to run on, to build, as a floor, as one of a test matrix."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name
from packaging.version import Version

from apimig.pins.model import Entry, Op, Role

_CI = re.compile(r"(?:^|[/.])(?:ci|github|circleci|continuous_integration)/(?:.*/)?[^/]*\d[^/]*\.(?:ya?ml|txt)$")
_FLOOR = re.compile(r"(?<![a-z])(?:oldest(?:deps)?|lowest|minimum|min(?:deps|reqs|ver)?)(?![a-z])", re.IGNORECASE)
_CI_MINIMAL = re.compile(r"(?:^|[/.])(?:ci|github|circleci|continuous_integration)/.*(?<![a-z])minimal(?![a-z])")
_NARROW = frozenset({Op.EXACT, Op.WILDCARD, Op.COMPATIBLE, Op.TILDE})
_FAMILIES = tuple(
    map(
        re.compile,
        (
            r"(project\.optional-dependencies\.).*()",
            r"(dependency-groups\.).*()",
            r"(options\.extras_require\.).*()",
            r"(.*testenv).*(\.deps)",
            r"(tool\.\w+\.(?:env|envs|feature|group|dev-dependencies)\.).*?((?:\.[a-z-]*(?:dependencies|deps))?$)",
            r"(feature\.).*(\.[a-z-]*dependencies)",
        ),
    )
)


def with_roles(entries: Sequence[Entry], name: str, distribution: str) -> tuple[Entry, ...]:
    """The entries of the file ``name``, each with its role."""
    return _side_by_side([replace(entry, role=_role(name, entry, distribution)) for entry in entries])


def _role(name: str, entry: Entry, distribution: str) -> Role:
    """The role that the names of the file and of the section give a pin.

    `pandas15` in them tells one version of a test matrix, as does a numbered file of the continuous integration
    (`ci/envs/311-pd15.yaml`); `oldest` or `minimum` tells the floor of the support range, as does `minimal` there.
    """
    if entry.role is not Role.RUN:
        return entry.role
    place = f"{PurePosixPath(name).name} {entry.section}"
    spelled = re.escape(canonicalize_name(distribution)).replace(r"\-", "[-_.]")
    numbered = rf"(?<![A-Za-z0-9]){spelled}[-_.=]?v?\d"
    if re.search(numbered, place, re.IGNORECASE) or _CI.search(name):
        return Role.MATRIX
    return Role.FLOOR if _FLOOR.search(place) or _CI_MINIMAL.search(name) else Role.RUN


def _side_by_side(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, with those as a matrix that keep another series in a sister section.

    Two environments, extras or groups that hold `==1.4.*` and `==1.5.*` do so to have both.
    """
    series: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    sections: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if (held := _series(entry)) is not None:
            series[_family(entry.section)].add(held)
            sections[_family(entry.section)].add(entry.section)
    families = {name for name in series if len(series[name]) > 1 and len(sections[name]) > 1}
    return tuple(
        replace(entry, role=Role.MATRIX)
        if entry.role is Role.RUN and _series(entry) is not None and _family(entry.section) in families
        else entry
        for entry in entries
    )


def _series(entry: Entry) -> tuple[int, ...] | None:
    """Major and minor of the one series that a pin holds; None when it is wider, or a marker says why it differs."""
    if entry.marker or entry.role is not Role.RUN:
        return None
    if len(entry.clauses) != 1 or entry.clauses[0].op not in _NARROW:
        return None
    return Version(entry.clauses[0].version).release[:2]


def _family(section: str) -> str:
    """The section without what tells it from its sisters: `project.optional-dependencies.old`, `testenv:old.deps`."""
    for pattern in _FAMILIES:
        if found := pattern.match(section):
            return "*".join(found.groups())
    return section
