"""The cache of compiled packs: fresh when nothing changed, never wrong, never in the way."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimig.errors import RulebookError
from apimig.records import Applicability
from apimig.rulebook import cache, load, reading
from apimig.rulebook import rule as r
from apimig.rulebook.loading import load_packs
from apimig.rulebook.packs import Pack, find_packs

from .conftest import LIBRARY, RULE


def packs(folder: Path) -> tuple[Pack, ...]:
    return tuple(pack for pack in find_packs([folder]) if pack.folder.is_relative_to(folder))


@pytest.fixture
def readings(monkeypatch):
    """The packs that were read from YAML, in order."""
    seen: list[str] = []
    original = reading.read_pack

    def counting(pack, libraries):
        seen.append(pack.library)
        return original(pack, libraries)

    monkeypatch.setattr(reading, "read_pack", counting)
    return seen


def test_the_second_load_reads_no_yaml_and_gives_the_same(write, readings):
    folder = write(**{"pandas/change": RULE})
    first = load_packs(packs(folder))
    assert load_packs(packs(folder)) == first
    assert readings == ["pandas"]
    assert first.by_id()["pandas/change"].removed == "2.0.0"


def test_a_fresh_cache_imports_neither_yaml_nor_pydantic(write, own_cache):
    folder = write(**{"pandas/change": RULE})
    code = "import sys, apimig.rulebook as r; r.load([sys.argv[1]]); print([m for m in ('yaml', 'pydantic') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    said = [
        subprocess.run(
            [sys.executable, "-c", code, folder], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said == ["['yaml', 'pydantic']\n", "[]\n"]


def test_without_the_cache_nothing_is_written(write, readings, own_cache):
    folder = write(**{"pandas/change": RULE})
    for _ in range(2):
        load_packs(packs(folder), use_cache=False)
    assert readings == ["pandas", "pandas"]
    assert not own_cache.exists()


def test_a_change_within_one_tick_of_the_clock_is_seen(write):
    folder = write(**{"pandas/change": RULE})
    path = folder / "pandas" / "change.yaml"
    load_packs(packs(folder))
    before = path.stat()
    path.write_text(RULE.replace('"2.0.0"', '"2.0.1"'))  # the same size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert load_packs(packs(folder)).by_id()["pandas/change"].removed == "2.0.1"


def test_only_the_pack_that_changed_is_read_again(write, readings):
    numpy = LIBRARY.replace("pandas", "numpy")
    folder = write(**{"numpy/_library": numpy, "numpy/change": RULE.replace("pandas", "numpy"), "pandas/change": RULE})
    load_packs(packs(folder))
    (folder / "numpy" / "change.yaml").write_text(RULE.replace("pandas", "numpy").replace("2.0.0", "2.0.1"))
    load_packs(packs(folder))
    assert readings == ["numpy", "pandas", "numpy"]


def test_rules_are_checked_again_when_the_facts_they_were_checked_against_change(write, readings):
    folder = write(**{"pandas/change": RULE})
    project = folder.parent / "project"
    (project / "pandas").mkdir(parents=True)
    (project / "pandas" / "own.yaml").write_text(RULE)
    both = packs(folder) + packs(project)
    load_packs(both)
    (folder / "pandas" / "_library.yaml").write_text(LIBRARY.replace("pandas.DataFrame: {}", "pandas.Frame: {}"))
    with pytest.raises(RulebookError) as caught:
        load_packs(both)
    assert {line.partition(":")[0] for line in caught.value.problems} == {
        "rules/pandas/change.yaml",
        "project/pandas/own.yaml",
    }


@pytest.mark.parametrize("change", ["add", "remove", "rename"])
def test_files_that_come_and_go_are_seen(write, change):
    folder = write(**{"pandas/change": RULE, "pandas/other": RULE})
    load_packs(packs(folder))
    path = folder / "pandas" / "change.yaml"
    if change == "add":
        path.with_stem("added").write_text(RULE)
    elif change == "remove":
        path.unlink()
    else:
        path.rename(path.with_stem("added"))
    expected = {f"pandas/{each.stem}" for each in (folder / "pandas").iterdir()} - {"pandas/_library"}
    assert set(load_packs(packs(folder)).by_id()) == expected


def test_mistakes_are_never_cached(write):
    folder = write(**{"pandas/change": RULE + "sumary: x\n"})
    for _ in range(2):
        with pytest.raises(RulebookError, match="1 problem in 1 rule file"):
            load_packs(packs(folder))


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-10],
        lambda content: content.replace(b"pandas/change", b"pandas/chance"),
        lambda content: b"\xff\xfe" + content,
        lambda content: content.split(b"\n")[0],
        lambda content: b"[" * 100_000,
    ],
)
def test_a_damaged_entry_is_made_again(write, own_cache, readings, damage):
    folder = write(**{"pandas/change": RULE})
    first = load_packs(packs(folder))
    (entry,) = (own_cache / "rulebook").iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    assert load_packs(packs(folder)) == first
    assert readings == ["pandas", "pandas"]
    assert load_packs(packs(folder)) == first
    assert readings == ["pandas", "pandas"]


@pytest.mark.parametrize(
    "body", [[1], {"Nothing": []}, [[{"Rule": []}], None], [[{"Rule": [1] * 40}], None], "x", [[{}], None]]
)
def test_an_entry_of_another_shape_is_made_again(write, own_cache, body):
    folder = write(**{"pandas/change": RULE})
    first = load_packs(packs(folder))
    (entry,) = (own_cache / "rulebook").iterdir()
    key = entry.read_bytes().split()[0].decode()
    text = json.dumps(body).encode()
    entry.write_bytes(f"{key} {cache._sum(text)}\n".encode() + text)
    assert load_packs(packs(folder)) == first


def test_a_cache_that_is_a_file_or_cannot_be_written_is_no_obstacle(write, own_cache):
    folder = write(**{"pandas/change": RULE})
    own_cache.write_text("in the way")
    assert load_packs(packs(folder)).by_id()
    assert own_cache.read_text() == "in the way"


def test_an_entry_is_replaced_whole_and_leaves_no_other_file(write, own_cache):
    folder = write(**{"pandas/change": RULE})
    load_packs(packs(folder))
    (folder / "pandas" / "change.yaml").write_text(RULE.replace("2.0.0", "2.0.1"))
    load_packs(packs(folder))
    (entry,) = (own_cache / "rulebook").iterdir()
    assert entry.name.startswith("pandas-")
    assert not stat.S_IMODE(entry.stat().st_mode) & 0o022


def test_processes_share_the_cache(write, own_cache):
    folder = write(**{"pandas/change": RULE})
    code = "import sys, apimig.rulebook as r; print(sorted(r.load([sys.argv[1]]).by_id())[-1])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    running = [
        subprocess.Popen([sys.executable, "-c", code, folder], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = {process.communicate()[0] for process in running}
    assert len(outputs) == 1
    assert all(process.returncode == 0 for process in running)
    assert not list((own_cache / "rulebook").glob("*.tmp"))


def test_the_folder_of_the_cache(monkeypatch, tmp_path):
    assert cache.folder() == Path(os.environ["APIMIG_CACHE_DIR"])
    monkeypatch.delenv("APIMIG_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "apimig"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder() == tmp_path / ".cache" / "apimig"


# --------------------------------------------------------------------------- any record comes back

text = st.text(max_size=8)
texts = st.lists(text, max_size=3).map(tuple)
pairs = st.lists(st.tuples(text, text), max_size=3).map(tuple)
mapping = st.dictionaries(text, text, max_size=3)
where = st.dictionaries(text, texts, max_size=2)
templates = st.lists(st.builds(r.Template, text, text), max_size=2).map(tuple)
bodies = st.one_of(
    st.builds(r.Rename, pairs),
    st.builds(r.RenameMember, pairs),
    st.builds(
        r.ChangeCall,
        texts,
        text,
        st.lists(
            st.builds(r.ParameterOp, text, text, text, text, st.integers(0, 9), texts, texts, pairs), max_size=2
        ).map(tuple),
    ),
    st.builds(r.Rewrite, templates, where, text, texts),
    st.builds(r.PropertyToMethod, texts),
    st.builds(r.MethodToProperty, texts),
    st.builds(r.FunctionToMethod, pairs),
    st.builds(r.MethodToFunction, pairs),
    st.builds(r.Codemod, text, texts),
    st.builds(r.Advise, texts, templates, where, text),
)
conditions = st.builds(
    r.Condition, text, texts, texts, st.none() | st.booleans(), st.booleans(), st.none() | st.booleans()
)
rules = st.builds(
    r.Rule,
    id=text,
    library=text,
    body=bodies,
    summary=text,
    reference=text,
    applicability=st.sampled_from(Applicability),
    deprecated=text,
    advise=text,
    when=st.lists(conditions, max_size=2).map(tuple),
)
returns = st.builds(r.Returns, text, pairs)
classes = st.builds(
    r.ClassTypes, text, texts, mapping, st.dictionaries(text, returns, max_size=2), mapping, text, text, text
)
libraries = st.builds(
    r.Library,
    text,
    texts,
    text,
    texts,
    mapping,
    mapping,
    mapping,
    st.dictionaries(text, returns, max_size=2),
    mapping,
    st.dictionaries(text, classes, max_size=2),
    st.lists(st.builds(r.Evidence, texts, pairs, texts, texts), max_size=2).map(tuple),
    mapping,
)


@given(st.lists(rules, max_size=3).map(tuple), st.none() | libraries)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_what_is_stored_is_what_is_loaded(tmp_path, some, library):
    pack = Pack(tmp_path, "pandas", "test", ())
    cache.store(pack, "key", cache.Compiled(some, library))
    assert cache.load(pack, "key") == cache.Compiled(some, library)
    assert cache.load(pack, "other") is None


def test_every_record_of_the_compiled_form_can_be_cached():
    bodies_of_rules = {each.__name__ for each in r.Body.__args__}
    assert bodies_of_rules <= cache._RECORDS.keys()


def test_the_shipped_rulebook_comes_back_whole(own_cache):
    assert load() == load() == load(use_cache=False)
