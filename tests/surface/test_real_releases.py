"""Real releases from the package index: what everybody knows changed in them."""

from __future__ import annotations

import pytest

from apimig.errors import UnknownVersionError, UsageError
from apimig.surface.changes import Change, diff
from apimig.surface.loading import surface
from apimig.surface.model import Surface

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "surfaces"))


def read(release: str, **options) -> Surface:
    try:
        return surface(release, shipped=False, **options)
    except UnknownVersionError:
        raise
    except UsageError as error:  # the release exists, so that only the way to it can be missing
        pytest.skip(f"no package index: {error.title}")


def between(old: str, new: str, **options) -> dict[tuple[str, str, str], Change]:
    found = diff(read(old, **options), read(new, **options))
    return {(change.name, change.parameter, str(change.kind)): change for change in found}


def test_pandas_2_as_text_shows_it():
    found = between("pandas==1.5.3", "pandas==2.0.3")
    assert found["pandas.DataFrame.append", "", "removed"].replacement == "pandas.concat"
    assert ("pandas.DataFrame.drop", "axis", "parameter kind changed") in found
    assert ("pandas.read_csv", "squeeze", "parameter removed") in found
    assert ("pandas.DataFrame.merge", "how", "parameter kind changed") not in found


def test_numpy_1_24_from_inside():
    found = between("numpy==1.23.5", "numpy==1.24.4", introspect=True)
    for name in ("bool", "int", "float", "complex", "object", "str"):
        assert found[f"numpy.{name}", "", "removed"].text
    assert found["numpy.bool8", "", "deprecated"].replacement == "np.bool_"
    assert not any(name.startswith("numpy.sum") for name, _, _ in found)


def test_scikit_learn_1_2():
    found = between("scikit-learn==1.1.3", "scikit-learn==1.2.0")
    renamed = found["sklearn.preprocessing.OneHotEncoder", "sparse", "parameter renamed"]
    assert (renamed.after, renamed.breaking) == ("sparse_output", False)
    assert ("sklearn.datasets.load_boston", "", "removed") in found


def test_return_types_come_from_stubs_where_a_library_has_none():
    found = read("requests==2.31.0").find("requests.Session.get")
    assert (found.returns, found.returns_from) == ("requests.Response", "stub")


def test_a_release_that_has_no_wheel():
    assert read("networkx==1.9").find("networkx.Graph.add_edge") is not None


def test_an_unknown_release():
    with pytest.raises(UnknownVersionError) as caught:
        read("requests==2.99.0")
    assert "2.31.0" in caught.value.help


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("click==8.1.7", "click.Context.invoke"),
        ("networkx==3.0", "networkx.Graph.add_edge"),
        ("matplotlib==3.7.0", "matplotlib.pyplot.plot"),
        ("Pillow==10.0.0", "PIL.Image.Image.resize"),
        ("scipy==1.11.0", "scipy.signal.convolve"),
        ("polars==1.0.0", "polars.DataFrame.group_by"),
        ("pydantic==2.5.0", "pydantic.BaseModel.model_dump"),
        ("SQLAlchemy==2.0.23", "sqlalchemy.orm.Session.execute"),
        ("Django==4.2", "django.db.models.Model.save"),
    ],
)
def test_libraries_load(release, name):
    assert read(release).find(name) is not None
