"""The public names, pinned: a change here is a change for users."""

from __future__ import annotations

import subprocess
import sys

import pytest

import apimig

PUBLIC = {
    "Account",
    "ApimigError",
    "Applicability",
    "Argument",
    "Certainty",
    "Change",
    "ChangeKind",
    "Code",
    "DirtyTreeError",
    "Edit",
    "EditVerdict",
    "Explained",
    "FileChange",
    "LeftAlone",
    "Location",
    "NeedsPerson",
    "OneTest",
    "Outcome",
    "Pack",
    "Refusal",
    "Rewritten",
    "RolledBack",
    "RulebookError",
    "RunResult",
    "SeenWarning",
    "Sink",
    "Site",
    "Skipped",
    "SourceResult",
    "Sources",
    "Span",
    "Status",
    "SuiteRun",
    "Surface",
    "Symbol",
    "Unchecked",
    "UnknownLibraryError",
    "UnknownReceiver",
    "UnknownVersionError",
    "UsageError",
    "Validation",
    "Verdict",
    "WriteError",
    "__version__",
    "check",
    "learn",
    "surface",
    "surface_changes",
    "undo",
    "upgrade",
    "upgrade_source",
    "validate",
}


def test_the_public_names_are_these():
    assert set(apimig.__all__) == PUBLIC == set(dir(apimig))


def test_every_name_is_there():
    for name in PUBLIC:
        assert getattr(apimig, name) is not None, name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="upgrad"):
        apimig.upgrad  # noqa: B018 - the access is what is tested


def test_importing_apimig_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import apimig; print(sorted(m for m in set(sys.modules) - before if 'apimig' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['apimig']\n"
