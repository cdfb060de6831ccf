"""The guarantees over code that nobody here wrote: the standard library, what is installed, and real users of pandas.

Everything is upgraded in a copy, as a user would do it, by all shipped rules over the longest migration there is,
first without and then with ``--unsafe``. Since the standard library hardly uses pandas or NumPy, its files are also
upgraded by made-up rules about names that they use in every second line.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from tests.sweep.sweeping import ALL, REACHING, Swept, copy_python, package, sweep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

RULES = Path(__file__).parent / "rules"
EVERYDAY = {"lib": "everyday==2.0.0", "rules": [RULES]}
STANDARD = Path(sysconfig.get_path("stdlib"))
INSTALLED = Path(sysconfig.get_path("purelib"))
# Users of pandas and NumPy, as they were when these had not yet lost what the rules are about; how many edits there
# are at least.
PACKAGES = [
    ("seaborn==0.11.0", "seaborn", 10),
    ("statsmodels==0.12.2", "statsmodels", 150),
    ("xarray==0.19.0", "xarray", 150),
    ("scikit-learn==1.0.2", "sklearn", 30),
]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))


def check(swept: Swept, *, edits: int) -> None:
    print(swept.summary())
    if swept.wrong:
        shown = "\n".join(swept.wrong[:20])
        pytest.fail(f"{len(swept.wrong)} things do not hold, such as\n{shown}", pytrace=False)
    assert swept.edits >= edits, "the sweep is about something"


@pytest.mark.parametrize(
    ("folder", "edits"), [pytest.param(STANDARD, 3, id="standard library"), pytest.param(INSTALLED, 0, id="installed")]
)
def test_this_environment(tmp_path, folder, edits):
    tree = tmp_path / "tree"
    check(sweep(tree, copy_python(folder, tree), reaching=REACHING, **ALL), edits=edits)


@pytest.mark.parametrize(("requirement", "name", "edits"), PACKAGES)
def test_users_of_the_libraries(tmp_path, requirement, name, edits):
    tree = tmp_path / "tree"
    number = copy_python(package(requirement, name), tree / name)
    check(sweep(tree, number, reaching=REACHING, **ALL), edits=edits)


def test_names_of_every_day(tmp_path):
    tree = tmp_path / "tree"
    number = copy_python(STANDARD, tree, wanted=_some, change=_some_with_carriage_returns())
    check(sweep(tree, number, **EVERYDAY), edits=5_000)


def _some(relative: Path) -> bool:
    """All files but most of the tests, which are many; and not the modules whose names the rules are about."""
    ours = (RULES / "everyday" / "_library.yaml").read_text()
    first = relative.parts[0].removesuffix(".py")
    tests = "test" in relative.parts or "tests" in relative.parts
    return f" {first}," not in ours.replace("[", " ").replace("]", ",") and (not tests or hash_of(relative) % 8 == 0)


def hash_of(relative: Path) -> int:
    return sum(relative.as_posix().encode())


def _some_with_carriage_returns():
    count = iter(range(10**6))
    return lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if next(count) % 3 == 0 else raw
