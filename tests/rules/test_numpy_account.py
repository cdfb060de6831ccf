"""For every public name that a release of NumPy dropped there is a rule, advice, or a reason why none is needed.

``LIBRARIES`` holds what another pack adds to be held to the same account.
"""

from __future__ import annotations

import pytest

from apimig.rulebook import load
from tests.rules.account import Account, Release, different_objects, removed_names, surface

NUMPY = Release("numpy==2.4.6", "3.11")
LIBRARIES = [
    pytest.param("numpy", Release("numpy==1.16.6", "3.7"), NUMPY, id="numpy-1.16"),
    pytest.param("numpy", Release("numpy==1.19.5", "3.8"), NUMPY, id="numpy-1.19"),
    pytest.param("numpy", Release("numpy==1.20.3", "3.9"), NUMPY, id="numpy-1.20"),
    pytest.param("numpy", Release("numpy==1.26.4", "3.11"), NUMPY, id="numpy-1.26"),
    pytest.param("numpy", Release("numpy==2.0.2", "3.11"), NUMPY, id="numpy-2.0"),
]

# Names under which a release has another object than the one a rule leads to, and why that is right.
ANOTHER_OBJECT = {
    "numpy.bool": "came back in 2.0 as NumPy's own scalar type",
    "numpy.long": "came back in 2.0 as the C long",
    "numpy.lib.info": "was a module of that name before 1.17",
    "numpy.loads": "called pickle.loads with a warning",
    "numpy.lib.loads": "called pickle.loads with a warning",
    "numpy.lib.npyio.loads": "called pickle.loads with a warning",
    "numpy.ma.loads": "called pickle.loads with a warning",
    "numpy.ma.core.loads": "called pickle.loads with a warning",
    "numpy.ma.dumps": "called pickle.dumps with a warning",
    "numpy.ma.core.dumps": "called pickle.dumps with a warning",
    "numpy.testing.rand": "called numpy.random.rand with a warning",
}

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize(("library", "old", "new"), LIBRARIES)
def test_every_removed_name_is_accounted_for(library, old, new):
    account = Account(load(), library)
    removed = removed_names(surface(old), surface(new))
    assert len(removed) > 500, "the surfaces were read"
    assert account.missing(removed) == []


@pytest.mark.parametrize(("library", "old", "new"), LIBRARIES)
def test_the_account_sees_what_is_missing(library, old, new):
    account = Account(load(), library)
    assert not account.covers(f"{library}.there_is_no_such_name")
    account.names = set()
    assert account.missing(removed_names(surface(old), surface(new)))


def test_the_reasons_speak_of_names_that_were_there():
    known = {name for _, old, _ in (param.values for param in LIBRARIES) for name in surface(old).public}
    assert [name for name in Account(load(), "numpy").library.no_rule if name not in known] == []


@pytest.mark.parametrize(("library", "new"), [("numpy", NUMPY)])
def test_what_rules_write_exists_in_the_new_release(library, new):
    account, known = Account(load(), library), surface(new)
    wrong = {name: rule for name, rule in account.written_names().items() if not known.has(name)}
    # A name that another rule takes on is replaced in the next pass of the same run.
    assert {name: rule for name, rule in wrong.items() if name not in account.names} == {}


@pytest.mark.parametrize(("library", "old", "new"), LIBRARIES)
def test_what_moves_is_the_same_object_under_both_names(library, old, new):
    moves = Account(load(), library).moves()
    assert len(moves) > 100
    differing = different_objects(old, moves)
    assert [name for name in differing if name not in ANOTHER_OBJECT] == []
