"""What a repository needs, from its files: tables of files and the needs that are read from them."""

from __future__ import annotations

import pytest

from apimig.environments import Choices, needs_of
from apimig.errors import UsageError


def put(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def read(folder, files, **choices):
    found = needs_of(put(folder, files), Choices(**choices))
    return {(each.why.value, str(each.requirement)) for each in found.needs if each.place != "seen in the tests"}


FILES = {
    "PEP 621, with the extra for tests": (
        {
            "pyproject.toml": '[project]\nname="me"\ndependencies=["a>=1,<2"]\n[project.optional-dependencies]\ntest=["t"]\ndocs=["sphinx", "d"]\n'
        },
        {("run", "a<2,>=1"), ("test", "t")},
    ),
    "dependency groups include each other, and linters are no need of tests": (
        {
            "pyproject.toml": '[project]\nname="me"\n[dependency-groups]\nbase=["b"]\ntest=["t", {include-group="base"}, "ruff"]\n'
        },
        {("test", "b"), ("test", "t")},
    ),
    "an extra that names others of the repository": (
        {"pyproject.toml": '[project]\nname="me"\n[project.optional-dependencies]\nall=["x"]\ntest=["t", "me[all]"]\n'},
        {("test", "t"), ("test", "x")},
    ),
    "without a list for tests, that of developers": (
        {
            "pyproject.toml": '[project]\nname="me"\n[project.optional-dependencies]\ndev=["d", "mypy", "flake8-print"]\n'
        },
        {("soft", "d")},
    ),
    "poetry": (
        {
            "pyproject.toml": '[tool.poetry]\nname="me"\n[tool.poetry.dependencies]\npython="^3.9"\na="^1.2"\nb={version="~2.3", extras=["z"]}\nc={version="*", optional=true}\n'
            '[tool.poetry.group.test.dependencies]\nt="^0.2.1"\n'
        },
        {("run", "a<2,>=1.2"), ("run", "b[z]<2.4,>=2.3"), ("test", "t<0.3,>=0.2.1")},
    ),
    "setup.cfg": (
        {
            "setup.cfg": "[metadata]\nname = me\n[options]\ninstall_requires =\n  a>=1  # why\n  b; python_version<'3.0'\ntests_require = t\n[options.extras_require]\ntesting =\n  u\n"
        },
        {("run", "a>=1"), ("run", 'b; python_version < "3.0"'), ("test", "t"), ("test", "u")},
    ),
    "setup.py through names, sums and growth": (
        {
            "setup.py": "from setuptools import setup\nreq = ['a']\nreq += ['b>1']\nreq.append('c')\nTESTS = ['t']\nsetup(name='me', install_requires=req, extras_require={'test': TESTS + ['u'], 'docs': ['d']})\n"
        },
        {("run", "a"), ("run", "b>1"), ("run", "c"), ("test", "t"), ("test", "u")},
    ),
    "setup.py that reads a file": (
        {
            "setup.py": "import os\nfrom setuptools import setup\nhere = os.path.dirname(__file__)\nwith open(os.path.join(here, 'requirements.txt')) as f:\n    lines = f.read().splitlines()\nsetup(name='me', install_requires=[l for l in lines if l])\n",
            "requirements.txt": "a==1\n-r more.txt\n",
            "more.txt": "b\n",
        },
        {("run", "a==1"), ("run", "b")},
    ),
    "setup.py that calls a function which reads a file": (
        {
            "setup.py": "from setuptools import setup\ndef read(name):\n    return [l.strip() for l in open(name)]\nsetup(name='me', install_requires=read('requirements.txt'))\n",
            "requirements.txt": "a\n",
        },
        {("run", "a")},
    ),
    "requirements files alone": (
        {
            "requirements.txt": "a==1 \\\n  --hash=sha256:00\n# no\n-c constraints.txt\n",
            "constraints.txt": "z<1\n",
            "requirements-test.txt": "-r requirements.txt\nt\n",
        },
        {("run", "a==1"), ("test", "t")},
    ),
    "tox, without what single factors need": (
        {"tox.ini": "[testenv]\ndeps =\n  t\n  lint: flake8\n  -r{toxinidir}/req/more.txt\n", "req/more.txt": "u\n"},
        {("test", "t"), ("test", "u")},
    ),
    "nox": (
        {
            "noxfile.py": "import nox\n@nox.session\ndef tests(session):\n    session.install('t', '-r', 'r.txt')\n@nox.session\ndef lint(session):\n    session.install('no')\n",
            "r.txt": "u\n",
        },
        {("test", "t"), ("test", "u")},
    ),
    "a conda environment, under the index's names": (
        {
            "environment.yml": "dependencies:\n  - python=3.9\n  - pytorch=2.1\n  - conda-forge::a>=1\n  - pip:\n    - b==2\n"
        },
        {("run", "torch==2.1.*"), ("run", "a>=1"), ("run", "b==2")},
    ),
    "Pipfile": (
        {"Pipfile": '[packages]\na = "*"\nb = "==1.0"\n[dev-packages]\nt = ">=1"\n'},
        {("run", "a"), ("run", "b==1.0"), ("soft", "t>=1")},
    ),
    "what workflows install, when nothing else is for tests": (
        {
            "setup.py": "from setuptools import setup\nsetup(name='me', install_requires=['a'])\n",
            ".github/workflows/t.yml": "steps:\n  - run: |\n      pip install -U pip t 'u<2'\n      pytest\n",
        },
        {("run", "a"), ("soft", "t"), ("soft", "u<2")},
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_needs_are_read_from_files(case, tmp_path):
    files, needs = FILES[case]
    assert read(tmp_path, files) == needs


def guessed(folder, files):
    found = needs_of(put(folder, files))
    return sorted(str(each.requirement) for each in found.needs if each.place == "seen in the tests")


SEEN = {
    "an option": ({"pytest.ini": "[pytest]\naddopts = -n2 --cov=me\n"}, ["pytest", "pytest-cov", "pytest-xdist"]),
    "a key": ({"pyproject.toml": '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'}, ["pytest", "pytest-asyncio"]),
    "a fixture": ({"tests/test_a.py": "def test_a(mocker): ...\n"}, ["pytest", "pytest-mock"]),
    "a fixture of its own": (
        {"tests/test_a.py": "import pytest\n@pytest.fixture\ndef mocker(): ...\ndef test_a(mocker): ...\n"},
        ["pytest"],
    ),
    "a mark": (
        {"tests/test_a.py": "import pytest\n@pytest.mark.asyncio\nasync def test_a(): ...\n"},
        ["pytest", "pytest-asyncio"],
    ),
    "a mark of its own": (
        {
            "pytest.ini": "[pytest]\nmarkers =\n  timeout: ours\n",
            "tests/test_a.py": "import pytest\n@pytest.mark.timeout\ndef test_a(): ...\n",
        },
        ["pytest"],
    ),
    "set-up as nose has it": (
        {"tests/test_a.py": "class TestA:\n    def setup(self): ...\n    def test_a(self): ...\n"},
        ["pytest<8"],
    ),
    "an import that is known, and one that is not": (
        {"tests/test_a.py": "import mock, os, unheard_of\ndef test_a(): ...\n"},
        ["mock", "pytest"],
    ),
}


@pytest.mark.parametrize("case", SEEN)
def test_what_no_list_names_is_seen_in_the_tests(case, tmp_path):
    files, needs = SEEN[case]
    assert guessed(tmp_path, files) == needs


def test_what_a_person_says_counts(tmp_path):
    files = {
        "pyproject.toml": '[project]\nname="me"\ndependencies=["a"]\n[project.optional-dependencies]\nplot=["p"]\n'
    }
    assert read(tmp_path, files, extras=("plot",), test_deps=("t>1",), leave_out=("A",)) == {
        ("asked", "p"),
        ("asked", "t>1"),
    }


def test_an_unknown_extra_names_those_there_are(tmp_path):
    put(tmp_path, {"pyproject.toml": '[project]\nname="me"\n[project.optional-dependencies]\nplot=["p"]\n'})
    with pytest.raises(UsageError) as error:
        needs_of(tmp_path, Choices(extras=("plots",)))
    assert "plot" in error.value.help


def test_an_address_is_taken_from_the_index_and_said(tmp_path):
    put(tmp_path, {"requirements.txt": "a @ git+https://example.org/a.git\n./local\n-e .\n"})
    found = needs_of(tmp_path)
    assert [str(each.requirement) for each in found.needs if each.why.value == "run"] == ["a"]
    assert [note.partition(":")[0] for note in found.notes] == ["requirements.txt", "requirements.txt"]


def test_the_layout_and_what_is_not_built(tmp_path):
    put(tmp_path, {"src/me/__init__.py": "", "setup.py": "setup(name='me', ext_modules=[1])\n"})
    found = needs_of(tmp_path)
    assert found.layout == ("src", "")
    assert "compiled parts" in found.notes[0]


def test_a_file_outside_the_repository_is_not_read(tmp_path):
    put(tmp_path, {"outside.txt": "secret\n", "repo/requirements.txt": "-r ../outside.txt\na\n"})
    assert {str(each.requirement) for each in needs_of(tmp_path / "repo").needs} == {"a", "pytest"}


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "environment.yml"])
def test_a_broken_file_is_a_note(name, tmp_path):
    put(tmp_path, {name: "[[[ : not\n  = )"})
    assert any(name in note for note in needs_of(tmp_path).notes)
