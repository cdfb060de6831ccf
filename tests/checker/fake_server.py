"""A language server for tests: a real process that behaves as its first argument says.

``good``: hovers show `pandas.core.frame.DataFrame` for everything, defined at the place that the second argument names.
The misbehaviours are those that servers have: they end, they fall silent, they say what is no message, they never read.
"""

import json
import sys
import time
from pathlib import Path


def read():
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def write(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


def misbehave(mode, message):
    """What the server does about a request instead of answering; whether it did anything."""
    opened = message.get("method") == "textDocument/hover"
    if mode == "dies at once" or (mode == "dies when asked" and opened):
        sys.exit(3)
    if mode == "is silent when asked" and opened:
        return True
    if mode == "is silent" and message.get("method") == "initialize":
        return True
    if mode == "talks garbage" and opened:
        sys.stdout.buffer.write(b"Segmentation fault (core dumped)\n" * 40)
        sys.stdout.buffer.flush()
        return True
    if mode == "sends half a message" and opened:
        sys.stdout.buffer.write(b"Content-Length: 500\r\n\r\n{")
        sys.stdout.buffer.flush()
        sys.exit(0)
    if mode == "says a huge length" and opened:
        sys.stdout.buffer.write(b"Content-Length: 99999999999\r\n\r\n")
        sys.stdout.buffer.flush()
        return True
    if mode == "refuses" and opened:
        write({"id": message["id"], "error": {"code": -32603, "message": "internal error"}})
        return True
    if mode == "answers oddly" and opened:
        write({"id": message["id"], "result": [["?"], 7]})
        return True
    if mode == "chokes on b.py" and opened and message["params"]["textDocument"]["uri"].endswith("b.py"):
        sys.exit(4)
    return False


def main():
    mode, defined = sys.argv[1], sys.argv[2]
    if mode == "never reads":
        time.sleep(600)
    starts = Path(sys.argv[3])
    starts.write_text(f"{starts.read_text() if starts.exists() else ''}x")
    while (message := read()) is not None:
        method, number = message.get("method"), message.get("id")
        if method == "exit":
            return
        if misbehave(mode, message):
            continue
        if method == "initialize":
            write({"id": "settings", "method": "workspace/configuration", "params": {"items": [{"section": "x"}]}})
            write({"id": number, "result": {"capabilities": {}}})
        elif method == "textDocument/hover":
            text = "```python\n(variable) _apimig_0: pandas.core.frame.DataFrame\n```"
            write({"id": number, "result": {"contents": {"kind": "markdown", "value": text}}})
        elif method == "textDocument/typeDefinition":
            place = {"line": 2, "character": 6}
            write({"id": number, "result": [{"uri": defined, "range": {"start": place, "end": place}}]})
        elif number is not None and method is not None:
            write({"id": number, "result": None})


main()
