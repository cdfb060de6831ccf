"""Packs made on the spot: a rule is a base rule with some keys changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

LIBRARY = """\
library: pandas
imports: pandas
releases: ["1.0.0", "1.5.3", "2.0.0", "2.0.3"]
classes:
  pandas.DataFrame: {}
  pandas.Series: {}
"""

RULE = """\
library: pandas
removed: "2.0.0"
reference: https://example.org/notes
summary: DataFrame.iteritems became items
rename_member: {pandas.DataFrame.iteritems: items}
cases:
  - before: df.iteritems()
    after: df.items()
unchanged:
  - d.iteritems()
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write files of a source of packs (below ``rules/`` in the current folder) and return its folder."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Path:
        folder = tmp_path / "rules"
        for name, text in {"pandas/_library": LIBRARY, **files}.items():
            path = folder / (name if "." in name else f"{name}.yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return write
