"""Where rules come from, and which of two rules of one name holds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from apimig.errors import RulebookError, UsageError
from apimig.rulebook import load
from apimig.rulebook.packs import find_packs, installed_sources, normalise

from .conftest import LIBRARY, RULE

TOYS = LIBRARY.replace("pandas", "toys")
TOY_RULE = RULE.replace("pandas", "toys")


def install(site: Path, name: str, value: str, group: str = "apimig.rules") -> None:
    """A wheel's metadata as installers leave it."""
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[console_scripts]\ntoy = toy:main\n\n[{group}]\n{name} = {value}\n")


def put(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of installed distributions that the interpreter sees."""
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


def test_the_shipped_packs_are_there():
    assert "pandas" in {pack.library for pack in find_packs() if pack.origin == "apimig"}


def test_a_folder_of_packs(write):
    folder = write(
        **{
            "pandas/change": RULE,
            "toys/_library": TOYS,
            "toys/change": TOY_RULE,
            "toys/notes.txt": "x",
            "toys/.hidden.yaml": "x",
        }
    )
    book = load([folder])
    assert {"pandas/change", "toys/change"} <= book.by_id().keys()


def test_a_folder_that_is_a_pack_itself_may_have_any_name(tmp_path):
    put(tmp_path / "our own rules", _library=TOYS, change=TOY_RULE)
    assert "toys/change" in load([tmp_path / "our own rules"]).by_id()


def test_a_project_adds_rules_to_a_shipped_pack(tmp_path):
    put(tmp_path / "rules" / "pandas", our_change=RULE)
    book = load([tmp_path / "rules"])
    assert "pandas/our_change" in book.by_id()
    assert book.notes == ()


def test_a_projects_rule_replaces_the_shipped_one_of_the_same_id_and_that_is_noted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "rules" / "pandas", dataframe_iteritems=RULE.replace("became items", "is forbidden here"))
    book = load([tmp_path / "rules"])
    assert book.by_id()["pandas/dataframe_iteritems"].summary == "DataFrame.iteritems is forbidden here"
    (note,) = book.notes
    assert note.startswith("rules/pandas/dataframe_iteritems.yaml replaces the rule pandas/dataframe_iteritems of ")


def test_of_two_folders_the_later_one_holds(tmp_path):
    one = put(tmp_path / "one" / "toys", _library=TOYS, change=TOY_RULE).parent
    two = put(tmp_path / "two" / "toys", change=TOY_RULE.replace("became items", "two")).parent
    assert load([one, two]).by_id()["toys/change"].summary.endswith("two")


def test_what_is_not_said_again_stays_as_it_is_shipped(tmp_path):
    put(tmp_path / "pandas", _library="library: pandas\nimports: pandas\n")
    assert load([tmp_path]).libraries == load().libraries


def test_a_folder_given_twice_is_read_once(tmp_path):
    folder = put(tmp_path / "one" / "toys", _library=TOYS, change=TOY_RULE).parent
    assert load([folder, folder]).notes == ()


def test_what_a_project_says_of_a_library_is_added_to_what_is_shipped(tmp_path):
    put(
        tmp_path / "pandas",
        _library='library: pandas\nimports: [pandas, ourpandas]\nreleases: ["99.0.0"]\nnames: {our_frame: pandas.DataFrame}\n'
        "conventional: {pd: ourpandas}\noldest: '0.9'\nclasses: {ourpandas.Frame: {bases: pandas.DataFrame}}\n",
        uses_both=RULE.replace("cases:", "  ourpandas.Frame.iteritems: items\ncases:").replace(
            "{pandas.DataFrame.iteritems: items}", "\n  pandas.DataFrame.iteritems: items"
        ),
    )
    shipped = next(each for each in load().libraries if each.distribution == "pandas")
    both = next(each for each in load([tmp_path]).libraries if each.distribution == "pandas")
    assert both.imports == ("pandas", "ourpandas")
    assert both.releases == (*shipped.releases, "99.0.0")
    assert both.names == {**shipped.names, "our_frame": "pandas.DataFrame"}
    assert both.conventional == {**shipped.conventional, "pd": "ourpandas"}
    assert both.oldest == "0.9"
    assert {**both.classes, **shipped.classes} == both.classes


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "is not a folder with rules"),
        (lambda folder: folder.write_text("x"), "is not a folder with rules"),
        (lambda folder: folder.mkdir(), "holds no rules"),
        (lambda folder: (folder / "pandas").mkdir(parents=True), "holds no rules"),
    ],
)
def test_a_folder_without_rules_is_one_clear_message(tmp_path, make, message):
    make(tmp_path / "x")
    with pytest.raises(UsageError, match=message):
        load([tmp_path / "x"])


def test_a_wheel_brings_rules_along_and_is_not_imported(site):
    put(site / "toylib" / "apimig_rules" / "toys", _library=TOYS, change=TOY_RULE)
    (site / "toylib" / "__init__.py").write_text("raise RuntimeError('imported')")
    install(site, "toylib", "toylib.apimig_rules")
    assert "toys/change" in load().by_id()
    assert "toylib" not in sys.modules
    assert {pack.origin for pack in find_packs() if pack.library == "toys"} == {"toylib"}


def test_a_wheel_with_mistakes_in_its_rules_is_left_out_with_a_note(site):
    put(site / "toylib" / "toys", _library=TOYS, change=TOY_RULE + "sumary: x\n")
    install(site, "toylib", "toylib")
    book = load()
    assert not any(rule.library == "toys" for rule in book.rules)
    assert not any(library.distribution == "toys" for library in book.libraries)
    (note,) = book.notes
    assert note.startswith("the rules for toys that toylib brings do not load: ")
    assert "change.yaml:11: unknown key 'sumary' (did you mean 'summary'?)" in note


def test_an_editable_install_brings_rules_along(site, tmp_path, monkeypatch):
    put(tmp_path / "source" / "toylib" / "rules" / "toys", _library=TOYS, change=TOY_RULE)
    (tmp_path / "source" / "toylib" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "source")
    install(site, "toylib", "toylib.rules")
    assert "toys/change" in load().by_id()


def test_a_given_folder_is_stronger_than_a_wheel(site, tmp_path):
    put(site / "toylib" / "toys", _library=TOYS, change=TOY_RULE)
    (site / "toylib" / "__init__.py").write_text("")
    install(site, "toylib", "toylib")
    own = put(tmp_path / "own" / "toys", change=TOY_RULE.replace("became items", "own"))
    assert load([own.parent]).by_id()["toys/change"].summary.endswith("own")


@pytest.mark.parametrize(
    ("group", "value"), [("apimig.rules", "no_such.folder"), ("other.group", "toylib"), ("apimig.rules", "")]
)
def test_other_entry_points_bring_nothing(site, group, value):
    put(site / "toylib" / "toys", _library=TOYS, change=TOY_RULE)
    install(site, "toylib", value, group)
    assert list(installed_sources([str(site)])) == []


def test_a_path_without_distributions_brings_nothing(tmp_path):
    assert list(installed_sources([str(tmp_path / "missing"), ""])) == []


@pytest.mark.parametrize("name", ["Scikit_Learn", "scikit.learn", "scikit--learn", "SCIKIT-LEARN"])
def test_names_of_distributions_compare_normalised(name):
    assert normalise(name) == "scikit-learn"


CODEMOD_RULE = """\
library: toys
removed: "2.0.0"
reference: https://example.org/notes
summary: f became g
api: toys.f
codemod: toys/from_f
cases: [{before: f(), after: g()}]
unchanged: [h()]
"""


@pytest.mark.parametrize("place", ["codemods", "rules/codemods", "rules/toys/codemods"])
def test_a_projects_codemods_lie_beside_or_above_its_rules(tmp_path, place):
    put(tmp_path / "rules" / "toys", _library=TOYS, change=CODEMOD_RULE)
    (tmp_path / place / "toys").mkdir(parents=True)
    (tmp_path / place / "toys" / "from_f.py").write_text("def rewrite(site): ...\n")
    assert load([tmp_path / "rules"]).by_id()["toys/change"].body.id == "toys/from_f"


def test_a_misspelt_codemod_gets_a_suggestion(tmp_path):
    put(tmp_path / "rules" / "toys", _library=TOYS, change=CODEMOD_RULE)
    (tmp_path / "codemods" / "toys").mkdir(parents=True)
    (tmp_path / "codemods" / "toys" / "from_ff.py").write_text("")
    with pytest.raises(RulebookError) as caught:
        load([tmp_path / "rules"])
    assert "unknown codemod 'toys/from_f': there is no codemods/toys/from_f.py (did you mean 'toys/from_ff'?)" in str(
        caught.value
    )
