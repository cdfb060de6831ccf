"""How large the HTML report of a large run is, how long it takes to write, and to open in a browser.

    python benchmarks/html_report.py [--edits 2000] [--runs 5]

The run is made up (`tests/report/many.py`). Needs a Chromium. Prints medians: seconds of writing the page, MB, and in
milliseconds from the start of the navigation: the first paint, the filters at work, the page loaded; then a search
typed at once and a filter chosen, each until what is left is drawn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from apimig.report import render
from tests.report.browser import Browser, chromium
from tests.report.many import many

TIMES = """(() => {
  const at = (name) => performance.getEntriesByName(name)[0].startTime;
  const [page] = performance.getEntriesByType("navigation");
  const paint = at("first-contentful-paint"), ready = at("apimig-ready");
  return {first_paint_ms: paint, filters_ready_ms: ready, loaded_ms: page.loadEventEnd};
})()"""
DRAWN = """new Promise((done) => {
  const start = performance.now();
  %s;
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""
SEARCH = "const box = document.getElementById('search'); box.value = 'axis=1234'"
CHOOSE = "const box = document.getElementById('by-verdict'); box.value = 'unverified'"
TOLD = "; box.dispatchEvent(new Event('input', {bubbles: true}))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    result = many(given.edits)
    written = []
    for _ in range(given.runs):
        start = time.perf_counter()
        page = render(result, "report.html")
        written.append(time.perf_counter() - start)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "report.html"
        file.write_text(page, "utf-8")
        size = file.stat().st_size
        with chromium(Path(temporary) / "profile") as browser:
            opened = [measure(browser, file, width) for width in (1400, 390) for _ in range(given.runs)]
    wide, narrow = opened[: given.runs], opened[given.runs :]
    said = {"edits": given.edits, "write_s": round(statistics.median(written), 2), "size_mb": round(size / 1e6, 2)}
    print(json.dumps(said | {"wide": medians(wide), "narrow": medians(narrow)}, indent=2))


def measure(browser: Browser, file: Path, width: int) -> dict[str, float]:
    page = browser.page(width=width)
    page.open(file)
    times: dict[str, float] = page.value(TIMES)
    times["search_ms"] = page.value(DRAWN % (SEARCH + TOLD))
    times["back_ms"] = page.value(DRAWN % "document.querySelector('[type=reset]').click()")
    times["filter_ms"] = page.value(DRAWN % (CHOOSE + TOLD))
    page.close()
    return times


def medians(runs: list[dict[str, float]]) -> dict[str, int]:
    return {name: round(statistics.median(run[name] for run in runs)) for name in runs[0]}


if __name__ == "__main__":
    main()
