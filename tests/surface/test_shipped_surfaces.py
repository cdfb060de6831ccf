"""The surfaces that come with apimig: they load, they are whole, and they say what everybody knows."""

from __future__ import annotations

import pytest

from apimig.shipped import folder
from apimig.surface.changes import diff
from apimig.surface.loading import surface
from apimig.surface.shipment import SUFFIX, shipped, shipped_versions

FILES = sorted((folder("data") / "surfaces").glob(f"*{SUFFIX}"))
RELEASES = [
    (file.name.removesuffix(SUFFIX), version)
    for file in FILES
    for version in shipped_versions(file.name.removesuffix(SUFFIX))
]
_MOST = 3_000_000  # bytes of all files: they travel in the wheel


def test_there_are_some_and_they_are_small():
    assert {"numpy", "pandas"} <= {name for name, _ in RELEASES}
    assert sum(file.stat().st_size for file in FILES) < _MOST


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_each_loads_offline_and_was_looked_at_from_inside(name, version, monkeypatch, tmp_path):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path))
    made = surface(f"{name}=={version}", offline=True)
    assert (made.distribution.lower(), made.version, made.probed) == (name, version, True)
    assert len(made) > 1700


KNOWN = [
    ("numpy", "1.23.5", "1.24.4", "numpy.float", "", "removed"),
    ("numpy", "1.26.4", "2.0.2", "numpy.in1d", "", "deprecated"),
    ("numpy", "1.26.4", "2.0.2", "numpy.alltrue", "", "removed"),
    ("pandas", "1.5.3", "2.0.3", "pandas.DataFrame.append", "", "removed"),
    ("pandas", "1.5.3", "2.0.3", "pandas.Int64Index", "", "removed"),
    ("pandas", "1.5.3", "2.0.3", "pandas.DataFrame.drop", "axis", "parameter kind changed"),
    ("Pillow", "9.5.0", "10.0.1", "PIL.ImageFont.FreeTypeFont.getsize", "", "removed"),
    ("SQLAlchemy", "1.4.54", "2.0.36", "sqlalchemy.orm.Query.from_self", "", "removed"),
    ("pandas", "2.0.3", "2.1.4", "pandas.DataFrame.applymap", "", "deprecated"),
]


@pytest.mark.parametrize(("name", "old", "new", "what", "parameter", "kind"), KNOWN)
def test_known_changes(name, old, new, what, parameter, kind):
    found = {(each.name, each.parameter, str(each.kind)) for each in diff(shipped(name, old), shipped(name, new))}
    assert (what, parameter, kind) in found


@pytest.mark.parametrize("name", ["numpy", "pandas"])
def test_a_release_differs_from_itself_in_nothing(name):
    version = shipped_versions(name)[-1]
    assert diff(shipped(name, version), shipped(name, version)) == ()
