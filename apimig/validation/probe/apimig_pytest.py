"""A plugin for any pytest from 3.6 on: writes down how each test ended, as soon as it has.

Its words are the ones that pytest counts in its last line. ``APIMIG_ONLY`` names a JSON file with the names of the
tests that are to be run; the others are deselected.
"""

import json
import os
import traceback

import apimig_probe
import pytest

_DETAILS = 20000  # characters kept of a traceback
_FRAMES = 60


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Leave only the tests that are asked for."""
    file = os.environ.get("APIMIG_ONLY")
    if not file:
        return
    with open(file, encoding="utf-8") as stream:
        wanted = set(json.load(stream))
    chosen = [item for item in items if item.nodeid in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
    items[:] = chosen


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """Say which test runs: a process that dies has said so."""
    apimig_probe.current = item.nodeid
    apimig_probe.say(e="start", t=item.nodeid)
    yield
    apimig_probe.current = ""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep the lines that an exception came through; a report has them as text alone."""
    outcome = yield
    report = outcome.get_result()
    if call.excinfo is not None and report.failed:
        apimig_probe.say(e="raised", t=item.nodeid, **_raised(call.excinfo))


@pytest.hookimpl(trylast=True)
def pytest_exception_interact(node, call, report):
    """Do the same for a file that cannot be collected."""
    if getattr(report, "when", "collect") == "collect" and call.excinfo is not None:
        apimig_probe.say(e="raised", t=report.nodeid, **_raised(call.excinfo))


class Plugin:
    """The hooks that need the configuration: how a report counts is what pytest's own reporter says."""

    def __init__(self, config):
        self.config = config
        self.uncollected = set()

    def pytest_runtest_logreport(self, report):
        """One step of a test: a set-up, the test itself, or a tear-down."""
        said = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
        category = str(said[0]) if said else ""
        if category:
            details = str(report.longrepr)[-_DETAILS:] if report.longrepr is not None and report.failed else ""
            reason = _reason(report)
            apimig_probe.say(
                e="report", t=report.nodeid, w=report.when, c=category, s=report.duration, d=details, r=reason
            )

    def pytest_collectreport(self, report):
        """A file that could not be collected, or that skips itself."""
        if report.failed or report.skipped:
            category = "error" if report.failed else "skipped"
            details = str(report.longrepr)[-_DETAILS:] if report.failed else ""
            # With --doctest-modules a file is collected twice, and pytest counts both.
            name = report.nodeid + (" (again)" if report.nodeid in self.uncollected else "")
            self.uncollected.add(report.nodeid)
            apimig_probe.say(e="report", t=name, w="collect", c=category, s=0, d=details, r=_reason(report))

    def pytest_sessionfinish(self, session, exitstatus):
        """The run came to its end."""
        apimig_probe.say(e="finish", x=int(exitstatus))

    @pytest.hookimpl(optionalhook=True)
    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        """A warning that filters let through: C code warns without asking the module whose function is watched."""
        _warned(warning_message, nodeid)


if not hasattr(pytest, "version_tuple") and int(pytest.__version__.split(".")[0]) < 6:

    def _pytest_warning_captured(self, warning_message, when, item):
        """The same, as pytest before 6.0 says it; later ones complain of a plugin that listens to both."""
        _warned(warning_message, getattr(item, "nodeid", ""))

    Plugin.pytest_warning_captured = pytest.hookimpl(optionalhook=True)(_pytest_warning_captured)


def pytest_configure(config):
    """Take part in this process's session."""
    config.pluginmanager.register(Plugin(config), "apimig-reports")


def _reason(report):
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:300]
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message)[:1000] if crash is not None else ""


def _raised(excinfo):
    value = excinfo.value
    if type(value).__name__ == "CollectError" and value.__cause__ is not None:
        value = value.__cause__  # what the file itself raised, of which pytest tells as text
    entries = traceback.extract_tb(value.__traceback__)
    frames = [[os.path.abspath(entry[0]), entry[1], entry[2]] for entry in entries[-_FRAMES:]]
    return {"c": type(value).__name__, "x": str(value)[:2000], "f": frames}


def _warned(warning, name):
    path = os.path.abspath(warning.filename)
    if str(warning.message) in apimig_probe.heard:
        return
    if apimig_probe.is_deprecation(warning.category) and apimig_probe.ours(path):
        apimig_probe.say(
            e="shown",
            p=path,
            l=warning.lineno,
            c=warning.category.__name__,
            x=str(warning.message)[:2000],
            t=name or "",
        )
