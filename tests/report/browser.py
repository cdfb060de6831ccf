"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WHY_NOT = "no Chromium is installed (Debian: apt-get install chromium)"
_PATIENCE = 60.0


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser of its own, which ends with the block."""
    from websockets.sync.client import connect

    assert CHROMIUM is not None, WHY_NOT
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--hide-scrollbars",
    ]
    command = [CHROMIUM, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    with (
        (profile.parent / "chromium.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            port, path = _endpoint(profile / "DevToolsActivePort")
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None) as socket:
                yield Browser(socket)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _endpoint(file: Path) -> tuple[str, str]:
    """Port and path, which the browser writes to a file when it listens."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        lines = file.read_text().split() if file.exists() else []
        if len(lines) == 2:
            return lines[0], lines[1]
        time.sleep(0.05)
    raise TimeoutError(f"Chromium did not begin to listen in {_PATIENCE} s")


class Browser:
    """The connection; every page has a session on it."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """A command's answer; events that come before it are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = json.loads(self._socket.recv(timeout=_PATIENCE))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def page(self, *, width: int = 1400, height: int = 900, dark: bool = False, script: bool = True) -> Page:
        """A new tab."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target, script=script)
        for domain in ("Page", "Runtime", "Log", "Network", "Performance"):
            page.send(f"{domain}.enable")
        page.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        page.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
        page.send("Emulation.setScriptExecutionDisabled", value=not script)
        return page


class Page:
    """A tab."""

    def __init__(self, browser: Browser, session: str, target: str, *, script: bool = True) -> None:
        self._browser, self._session, self._target = browser, session, target
        self._script = script

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.send(method, self._session, **parameters)

    def close(self) -> None:
        self._browser.send("Target.closeTarget", targetId=self._target)

    def open(self, file: Path, fragment: str = "") -> None:
        """Goes to a file and waits until it is loaded and drawn."""
        self.send("Page.navigate", url=file.as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        self.frame()

    def value(self, expression: str) -> Any:
        """What an expression comes to; a promise is waited for."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until the condition holds."""
        end = time.monotonic() + _PATIENCE
        while not self.value(condition):
            assert time.monotonic() < end, f"it never came to {condition}"
            time.sleep(0.01)

    def frame(self) -> None:
        """Two frames: what was asked for is drawn. A page without scripts is never told of frames."""
        if not self._script:
            self.send("Page.captureScreenshot")
            return
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def press(self, key: str, text: str = "") -> None:
        """A key, as from the keyboard."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowRight": 39}
        said = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes.get(key, 0)}
        text = text or {"Enter": "\r", " ": " "}.get(key, "")
        self.send("Input.dispatchKeyEvent", type="keyDown", **said, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **said)
        self.frame()

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.send("Input.insertText", text=text)
        self.frame()

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def problems(self) -> list[str]:
        """Errors and warnings of the console, uncaught exceptions, and requests other than for the page itself."""
        self.frame()
        return [
            said
            for event in self._browser.events
            if event.get("sessionId") == self._session and (said := _problem(event))
        ]


def _problem(event: dict[str, Any]) -> str:
    what = event["params"]
    match event["method"]:
        case "Runtime.exceptionThrown":
            return str(what["exceptionDetails"])
        case "Runtime.consoleAPICalled" if what["type"] in ("error", "warning", "assert"):
            return str(what["args"])
        case "Log.entryAdded" if what["entry"]["level"] in ("error", "warning"):
            return str(what["entry"])
        case "Network.requestWillBeSent" if what["type"] != "Document":
            return f"asks for {what['request']['url']}"
    return ""
