"""Surfaces on disk: what is written comes back, what is damaged is read again."""

from __future__ import annotations

import json
import string
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimig.rulebook.signature import Parameter
from apimig.surface import entries as entries_on_disk
from apimig.surface import store
from apimig.surface.changes import diff
from apimig.surface.linear import linearise
from apimig.surface.loading import surface
from apimig.surface.model import Surface
from apimig.surface.parameters import read_signature, write_signature
from apimig.surface.shipment import ship, shipped, shipped_versions
from tests.surface.tools import read

TEXT = "class K:\n    def m(self, a, /, b=1, *c, d='é', **e): ...\ndef f(): ...\n"

names = st.text(string.ascii_lowercase, min_size=1, max_size=6).map(lambda text: f"x{text}")
defaults = st.sampled_from([None, "1", "None", "'a'", "no_default", "lib.x", "-1", "(1, 2)"])


@st.composite
def signatures(draw) -> tuple[Parameter, ...]:
    """Parameter lists that Python takes."""
    each = draw(st.lists(names, unique=True, max_size=8))
    order = ("positional", "either", "*", "keyword", "**")
    kinds = sorted((draw(st.sampled_from(order)) for _ in each), key=order.index)
    seen: set[str] = set()
    parameters, optional = [], False
    for name, kind in zip(each, kinds, strict=True):
        if kind in ("*", "**") and kind in seen:
            continue
        seen.add(kind)
        default = None if kind in ("*", "**") else draw(defaults)
        if kind in ("positional", "either"):
            default = default if default is not None or not optional else "0"
            optional = default is not None
        parameters.append(Parameter(name, kind, default))
    return tuple(parameters)


@given(signatures())
def test_a_signature_written_and_read_is_itself(parameters):
    assert read_signature(write_signature(parameters)).parameters == parameters


def plain(made: Surface) -> tuple:
    return (str(made), made.roots, made.entries, made.aliases, made.implicit, made.probed, made.digest, made.notes)


entries = st.dictionaries(
    names.map("lib.{}".format),
    st.fixed_dictionaries({"k": st.sampled_from("cfa")}, optional={"s": st.just("(a, b=1)"), "r": st.text(max_size=5)}),
    max_size=6,
)


@given(entries, st.dictionaries(names, names, max_size=3), st.booleans(), st.lists(st.text(max_size=9), max_size=2))
def test_a_surface_written_and_read_is_itself(entries, aliases, probed, notes):
    made = Surface("Lib", "1.0", ("lib",), entries, aliases, {}, probed=probed, digest="ab", notes=tuple(notes))
    assert plain(store.loads(store.dumps(made))) == plain(made)


def test_a_surface_read_from_disk_has_no_changes_to_the_one_built(tmp_path):
    built = read(tmp_path, TEXT)
    loaded = store.loads(store.dumps(built))
    assert diff(built, loaded) == () == diff(loaded, built)
    assert list(loaded.symbols()) == list(built.symbols())


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-4],
        lambda content: content.replace(b'"format": 2', b'"format": 0'),
        lambda content: b"[]\n" + content.partition(b"\n")[2],
        lambda content: content.partition(b"\n")[0] + b"\nnothing",
        lambda content: content.partition(b"\n")[0] + b"\n" + zlib.compress(b'[["lib"],{},{}]'),
    ],
)
def test_a_damaged_file_is_no_surface(damage, tmp_path):
    assert store.loads(damage(store.dumps(read(tmp_path, TEXT)))) is None


def test_of_a_surface_on_disk_only_the_entries_that_are_asked_for_are_read(tmp_path, monkeypatch):
    content = store.dumps(read(tmp_path, TEXT))
    asked: list[bytes] = []
    monkeypatch.setattr(entries_on_disk, "read_line", lambda line: asked.append(line) or json.loads(line))
    made = store.loads(content)
    assert "lib.K" in made.entries
    assert made.offers("lib.nothing") is None
    assert asked == []
    for _ in range(2):
        assert made.find("lib.K").name == "lib.K"
    assert len(asked) == 1


def test_the_cache_gives_what_was_put_in(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    built = read(tmp_path, TEXT)
    made = Surface("My-Lib", "1.2", built.roots, built.entries, built.aliases, digest="0123456789abcdef0")
    store.keep(made)
    assert plain(store.cached("my_lib", "1.2")) == plain(made)
    assert store.cached("my-lib", "1.2", digest="other") is None
    assert store.cached("my-lib", "1.2", probed=True) is None
    assert store.cached("my-lib", "1.20") is None
    assert store.known_versions("my-lib") == ("1.2",)


def test_of_two_entries_the_introspected_one_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path))
    for probed in (True, False):
        store.keep(Surface("lib", "1.0", ("lib",), {}, {}, probed=probed, digest="aa"))
    assert store.cached("lib", "1.0").probed
    assert not store.cached("lib", "1.0", plain=True).probed


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "file"))
    store.keep(Surface("lib", "1.0", ("lib",), {}, {}))
    assert store.cached("lib", "1.0") is None


def test_a_second_look_at_a_file_reads_the_cache(tmp_path, monkeypatch):
    import zipfile

    monkeypatch.setenv("APIMIG_CACHE_DIR", str(tmp_path / "cache"))
    wheel = tmp_path / "lib-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lib/__init__.py", TEXT)
        archive.writestr("lib-1.0.dist-info/METADATA", "Name: lib\nVersion: 1.0\n")
    told: list[str] = []
    first = surface(wheel, progress=told.append)
    again: list[str] = []
    second = surface(wheel, progress=again.append)
    assert plain(first) == plain(second)
    assert any(line.startswith("reading") for line in told)
    assert not any(line.startswith("reading") for line in again)
    assert plain(surface("lib==1.0", offline=True)) == plain(first)


# --------------------------------------------------------------------------- shipped


def test_releases_of_one_library_ship_in_one_file(tmp_path):
    old, new = read(tmp_path / "a", TEXT), read(tmp_path / "b", TEXT + "def g(): ...\n")
    releases = [
        Surface("My_Lib", version, made.roots, made.entries, made.aliases)
        for version, made in (("1.10.0", new), ("1.9", old))
    ]
    file = ship(releases, tmp_path)
    assert file.name == "my-lib.surfaces"
    assert shipped_versions("my-lib", tmp_path) == ("1.9", "1.10.0")
    assert plain(shipped("my-lib", "1.10", tmp_path)) == plain(releases[0])
    assert plain(shipped("my-lib", "1.9", tmp_path)) == plain(releases[1])
    assert shipped("my-lib", "2.0", tmp_path) is None
    assert shipped("other", "1.9", tmp_path) is None


def test_a_shipped_file_of_another_format_is_left_alone(tmp_path):
    file = ship([Surface("lib", "1.0", ("lib",), {}, {})], tmp_path)
    head, _, body = file.read_bytes().partition(b"\n")
    file.write_bytes(json.dumps({**json.loads(head), "format": 0}).encode() + b"\n" + body)
    assert shipped("lib", "1.0", tmp_path) is None


# --------------------------------------------------------------------------- the order of lookup


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.lists(st.lists(st.integers(0, 6), unique=True, max_size=3), min_size=7, max_size=7))
def test_the_order_of_lookup_is_pythons(bases):
    """Class i may derive from classes of lower numbers only; Python refuses some of these, which we must not."""
    direct = {f"C{i}": [f"C{j}" for j in each if j < i] for i, each in enumerate(bases)}
    made: dict[str, type] = {}
    for name, parents in direct.items():
        try:
            made[name] = type(name, tuple(made[each] for each in parents), {})
        except (TypeError, KeyError):
            continue
        assert linearise(name, direct.__getitem__) == [each.__name__ for each in made[name].__mro__[:-1]]


def test_classes_that_derive_from_each_other_come_once_each():
    bases = {"a": ["b"], "b": ["a"]}
    assert linearise("a", bases.__getitem__) == ["a", "b"]
