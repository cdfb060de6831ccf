"""The page in a real browser: it filters, links, is read without its script, and fits the window."""

from __future__ import annotations

import pytest

from apimig.records import NeedsPerson, Rewritten, UnknownReceiver
from apimig.report import render
from tests.report.browser import CHROMIUM, WHY_NOT, chromium
from tests.report.many import many, rule_of
from tests.report.results import VALIDATED
from tests.report.test_html import hostile

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHY_NOT)

RESULT = many()
EDITS = sum(isinstance(outcome, Rewritten) for outcome in RESULT.outcomes)
SHOWN = "[...document.querySelectorAll('.site')].filter((site) => !site.closest('[hidden]')).length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as started:
        yield started


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    results = {"many": RESULT, "small": VALIDATED, "hostile": hostile()}
    for name, result in results.items():
        (folder / f"{name}.html").write_text(render(result, "r.html"), "utf-8")
    return {name: folder / f"{name}.html" for name in results}


@pytest.fixture
def tab(browser):
    opened = []

    def open_(file, fragment="", **options):
        page = browser.page(**options)
        opened.append(page)
        page.open(file, fragment)
        return page

    yield open_
    for page in opened:
        page.close()


def choose(page, name, label):
    """Chooses an option by what it says, as a person does."""
    page.value(f"""(() => {{
        const select = document.getElementById("by-{name}");
        select.value = [...select.options].find((option) => option.text === {label!r}).value;
        select.dispatchEvent(new Event("input", {{bubbles: true}}));
    }})()""")
    page.frame()


def status(page):
    return page.value("document.getElementById('shown').value")


def drawn(page):
    """Whether the page is no wider than its window."""
    return page.value("document.documentElement.scrollWidth <= innerWidth")


# ------------------------------------------------------------------------------------------ filters


def count(of):
    return sum(map(of, RESULT.outcomes))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, len(RESULT.outcomes)),
        ({"rule": rule_of(3)}, count(lambda o: o.rule == rule_of(3))),
        ({"file": "lib/other_07.py"}, count(lambda o: o.location.path == "lib/other_07.py")),
        ({"file": "src/package_0/module_000.py"}, count(lambda o: o.location.path == "src/package_0/module_000.py")),
        ({"outcome": "needs a person"}, count(lambda o: isinstance(o, NeedsPerson))),
        ({"outcome": "receiver unknown"}, count(lambda o: isinstance(o, UnknownReceiver))),
        ({"verdict": "unverified"}, EDITS // 4),
        ({"verdict": "unverified", "rule": rule_of(2)}, EDITS // 20),
        ({"verdict": "confirmed", "rule": rule_of(2)}, 0),
    ],
    ids=[
        "none",
        "rule",
        "file without a diff",
        "file",
        "outcome",
        "other outcome",
        "verdict",
        "verdict and rule",
        "nothing",
    ],
)
def test_filters_leave_the_right_sites(tab, files, chosen, expected):
    page = tab(files["many"])
    for name, label in chosen.items():
        choose(page, name, label)
    assert page.value(SHOWN) == expected
    assert status(page) == (f"{expected:,} of {len(RESULT.outcomes):,} sites" if chosen else f"{expected:,} sites")
    assert page.problems() == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [("axis=1234", 1), ("SPREAD", 200), ("module_001", 22), ("item_7 rows", 11), ("no such words", 0)],
)
def test_the_search_is_for_all_words_in_code_reason_and_file(tab, files, words, expected):
    page = tab(files["many"])
    page.value("document.getElementById('search').focus()")
    page.type(words)
    assert page.value(SHOWN) == expected
    assert status(page).startswith(f"{expected} of ")


def test_what_holds_no_shown_site_is_hidden_and_reset_shows_it_again(tab, files):
    page = tab(files["many"])
    hunks = "[...document.querySelectorAll('.hunk')].filter((hunk) => hunk.checkVisibility()).length"
    links = "[...document.querySelectorAll('nav [data-file]')].filter((link) => link.checkVisibility()).length"
    assert (page.value(hunks), page.value(links)) == (2_000, 100)
    page.value("document.getElementById('search').focus()")
    page.type("axis=1234")
    assert (page.value(hunks), page.value(links)) == (1, 1)
    assert page.value(
        "[...document.querySelectorAll('main > section')].filter((part) => part.checkVisibility()).map((part) => part.id)"
    ) == ["rewritten"]
    assert page.value("document.querySelector('#rewritten .count').textContent") == "1 of 2,000"
    page.value("document.querySelector('[type=reset]').click()")
    page.frame()
    page.frame()
    assert (page.value(hunks), page.value(links)) == (2_000, 100)
    assert page.value("document.querySelector('#rewritten .count').textContent") == "2,000"
    assert page.value("document.getElementById('tests').checkVisibility()")


def test_a_file_alone_keeps_its_whole_diff(tab, files):
    page = tab(files["small"])
    choose(page, "file", "b.py")
    assert page.value(
        "[...document.querySelectorAll('.file')].filter((file) => file.checkVisibility()).map((file) => file.id)"
    ) == ["file:b.py"]


def test_tests_are_filtered(tab, files):
    page = tab(files["small"])
    rows = "[...document.querySelectorAll('#tests-table tbody tr')].filter((row) => !row.hidden).length"
    seen = [page.value(rows)]
    for choice in ("changed", "failing"):
        page.value(f"document.querySelector('#test-filter [value={choice}]').click()")
        seen.append(page.value(rows))
    assert seen == [6, 3, 3]


# ------------------------------------------------------------------------------------------ the window


@pytest.mark.parametrize("width", [1400, 768, 390, 320])
@pytest.mark.parametrize("name", ["many", "small", "hostile"])
def test_it_fits_the_window(tab, files, name, width):
    page = tab(files[name], width=width)
    assert drawn(page)
    page.value("document.querySelector('#rewritten')?.scrollIntoView()")
    page.frame()
    assert drawn(page)
    assert page.problems() == []


@pytest.mark.parametrize(("width", "stacked"), [(1400, False), (390, True)])
def test_the_diff_is_stacked_where_it_is_narrow(tab, files, width, stacked):
    page = tab(files["many"], "src/package_0/module_000.py:4:25", width=width)
    old, new = page.value(
        "['.o', '.i'].map((side) => document.querySelector(`.diff ${side}`).getBoundingClientRect().y)"
    )
    assert (new > old) is stacked


BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_the_theme_is_the_systems_until_it_is_switched_by_keyboard(tab, files):
    light = tab(files["small"]).value(BACKGROUND)
    page = tab(files["small"], dark=True)
    dark = page.value(BACKGROUND)
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(15, 19, 23)")
    page.press("Tab")  # the link that skips to the findings
    page.press("Tab")
    assert page.value("document.activeElement.id") == "theme"
    page.press("Enter")
    assert page.value(BACKGROUND) == light
    assert page.value("document.activeElement.textContent") == "Dark"
    page.press(" ")
    assert page.value(BACKGROUND) == dark
    page.value("localStorage.clear()")


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_their_ground(tab, files, dark):
    page = tab(files["small"], dark=dark)
    weak = page.value("""(() => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
        const paint = (...colors) => {
            canvas.clearRect(0, 0, 1, 1);
            for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
            return [...canvas.getImageData(0, 0, 1, 1).data];
        };
        const light = (rgb) => {
            const [r, g, b] = rgb.map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
        };
        const found = [];
        for (const element of document.querySelectorAll("body *")) {
            if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || !element.checkVisibility()) continue;
            const grounds = [];
            for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
            const ground = light(paint(...grounds)), ink = light(paint(...grounds, getComputedStyle(element).color));
            const contrast = (Math.max(ground, ink) + .05) / (Math.min(ground, ink) + .05);
            if (contrast < 4.5) found.push(`${element.tagName}.${element.className} ${contrast.toFixed(2)}`);
        }
        return found;
    })()""")
    assert weak == []


# ------------------------------------------------------------------------------------------ links and keys


def in_view(page, address):
    return page.value(f"""(() => {{
        const {{top, height}} = document.getElementById({address!r}).getBoundingClientRect();
        return height > 0 && top >= 0 && top < innerHeight;
    }})()""")


@pytest.mark.parametrize(
    "address", ["src/package_0/module_099.py:202:25", "lib/other_39.py:200:9", "file:src/package_8/module_098.py"]
)
@pytest.mark.parametrize("width", [1400, 390])
def test_a_link_to_a_place_opens_it(tab, files, address, width):
    page = tab(files["many"], address, width=width)
    page.frame()
    page.frame()
    assert in_view(page, address)


def test_a_link_to_what_is_filtered_out_takes_the_filters_off(tab, files):
    page = tab(files["many"])
    choose(page, "outcome", "receiver unknown")
    page.value("location.hash = 'src/package_0/module_000.py:4:25'")
    page.wait(f"{SHOWN} === {len(RESULT.outcomes)}")
    page.frame()
    page.frame()
    assert in_view(page, "src/package_0/module_000.py:4:25")


def test_a_name_with_a_space_has_a_link(tab, files):
    page = tab(files["small"])
    page.value("document.querySelector('[id=\"a%20b.py:1:1\"] .at').click()")
    page.frame()
    assert page.value("document.querySelector(':target').id") == "a%20b.py:1:1"


def test_every_control_is_reached_by_keyboard(tab, files):
    page = tab(files["small"])
    reached = set()
    for _ in range(45):
        page.press("Tab")
        reached.add(page.value("document.activeElement.id || document.activeElement.tagName"))
    assert {"theme", "search", "by-rule", "by-file", "by-outcome", "by-verdict", "SUMMARY", "BUTTON"} <= reached


def test_a_filter_is_set_by_keyboard(tab, files):
    page = tab(files["small"])
    page.value("document.getElementById('by-outcome').focus()")
    page.press("ArrowDown")
    assert status(page) == "2 of 9 sites"


def test_every_control_and_table_has_a_name(tab, files):
    page = tab(files["small"])
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "combobox", "searchbox", "radio", "link", "navigation", "main", "search", "table", "region"}
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if node.get("role")]
    assert {"navigation", "main", "search", "combobox", "searchbox"} <= {role for role, _ in named}
    assert [role for role, name in named if role in roles - {"main", "table"} and not name.strip()] == []


# ------------------------------------------------------------------------------------------ safety


def test_hostile_texts_do_nothing(tab, files):
    page = tab(files["hostile"])
    page.value("for (const details of document.querySelectorAll('details')) details.open = true")
    page.value("document.getElementById('search').focus()")
    page.type("<img onerror")
    page.frame()
    assert page.value("window.hit === undefined")
    assert page.value("document.querySelectorAll('img').length") == 0
    assert page.value("document.scripts.length") == 1
    assert page.value(SHOWN) > 0
    assert page.problems() == []


def test_the_policy_stops_what_escaping_would_have_let_through(tab, files, tmp_path):
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(
        files["small"]
        .read_text("utf-8")
        .replace("</main>", "<script>window.hit=1</script><img src=x onerror='window.hit=1'></main>"),
        "utf-8",
    )
    page = tab(spoiled)
    assert page.value("window.hit === undefined")
    assert page.value("document.querySelectorAll('img').length") == 1


def test_it_is_read_without_its_script(tab, files):
    page = tab(files["small"], script=False)
    assert page.value("document.querySelectorAll('.site').length") == 9
    assert page.value("[...document.querySelectorAll('.script-only')].every((element) => !element.checkVisibility())")
    assert page.value(SHOWN) == 9
    assert page.value("document.querySelector('#tests-table').checkVisibility()")
    assert drawn(page)


def test_it_prints(tab, files):
    page = tab(files["small"])
    pdf = page.send("Page.printToPDF", printBackground=True)["data"]
    assert len(pdf) > 10_000
    page.send("Emulation.setEmulatedMedia", media="print")
    page.frame()
    assert page.value("['nav', '#filters', '#theme'].every((each) => !document.querySelector(each).checkVisibility())")
    assert page.value("document.querySelector('.diff').checkVisibility()")
