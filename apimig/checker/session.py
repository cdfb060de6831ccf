"""One run of a language server: opens file after file, and asks about expressions in each."""

from __future__ import annotations

import builtins
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from apimig.checker import places, typetext
from apimig.checker.client import Client, ServerGone
from apimig.checker.marking import mark
from apimig.checker.model import UNKNOWN, Answer, Checker, World
from apimig.records import Span

_BUILTINS = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) | {"NoneType"}
_CAPABILITIES: Mapping[str, object] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}, "typeDefinition": {"linkSupport": False}},
}
_START = 60.0  # seconds that a server may take to start


class Session:
    """A running server; a context manager, which ends it. Raises ServerGone as soon as the server is of no use."""

    def __init__(self, checker: Checker, world: World) -> None:
        self.checker = checker
        self.world = world
        self._places = places.Places(world.search)
        self._folder = tempfile.TemporaryDirectory(prefix="apimig-", ignore_cleanup_errors=True)
        self._client: Client | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except ServerGone:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def process_id(self) -> int:
        """The server's; 0 where none runs."""
        return 0 if self._client is None else self._client.process.pid

    def close(self) -> None:
        """End the server and remove what was written for it."""
        if self._client is not None:
            self._client.close()
        self._folder.cleanup()

    def _start(self) -> None:
        command = self.checker.command()
        if command is None:
            raise ServerGone("it is not installed")
        folder = Path(self._folder.name).resolve()
        options = self.checker.prepare(self.world, folder)
        self._client = client = Client(command, folder, self._reply(folder))
        root = folder.as_uri()
        client.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "apimig"}],
                "capabilities": _CAPABILITIES,
                "initializationOptions": options,
            },
            time.monotonic() + _START,
        )
        client.notify("initialized", {})
        client.notify("workspace/didChangeConfiguration", {"settings": {}})

    def _reply(self, folder: Path) -> Callable[[str, Mapping[str, Any]], object]:
        def reply(method: str, parameters: Mapping[str, Any]) -> object:
            if method != "workspace/configuration":
                return None
            items = parameters.get("items")
            listed = items if isinstance(items, list) else []
            sections = [str(item.get("section", "")) if isinstance(item, dict) else "" for item in listed]
            return [self.checker.settings(section, self.world, folder) for section in sections]

        return reply

    def ask(self, path: Path, text: bytes, spans: Iterable[Span], seconds: float) -> dict[Span, Answer]:
        """What the expressions of one module are. Raises ServerGone when that takes longer than ``seconds``."""
        client = self._client
        if client is None:
            raise ServerGone("it does not run")
        marked = mark(text, spans)
        uri = path.resolve().as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": marked.text}
        client.notify("textDocument/didOpen", {"textDocument": document})
        deadline = time.monotonic() + seconds
        asked = {span: _at(uri, place) for span, place in marked.places.items()}
        shown = {span: client.send("textDocument/hover", at) for span, at in asked.items()}
        defined = {span: client.send("textDocument/typeDefinition", at) for span, at in asked.items()}
        found = {
            span: self._answer(client.wait(shown[span], deadline), client.wait(defined[span], deadline))
            for span in asked
        }
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        return found

    def _answer(self, hover: object, defined: object) -> Answer:
        shape = typetext.parse(self.checker.read(_text(hover)))
        names, some_unknown = places.qualified(shape.classes, self._places.names(defined), _BUILTINS)
        if not names:
            return UNKNOWN
        shown = " or ".join(sorted(name.rpartition(".")[2] for name in names))
        is_open = shape.unknown or shape.other or some_unknown
        return Answer(frozenset(names), f"{shown}, {self.checker.name} says", open=is_open)


def _at(uri: str, place: Sequence[int]) -> Mapping[str, object]:
    return {"textDocument": {"uri": uri}, "position": {"line": place[0], "character": place[1] + 1}}


def _text(hover: object) -> str:
    """The text of what is shown, in any of the three forms that it may have."""
    contents = hover.get("contents") if isinstance(hover, dict) else None
    first = contents[0] if isinstance(contents, list) and contents else contents
    value = first.get("value") if isinstance(first, dict) else first
    return value if isinstance(value, str) else ""
