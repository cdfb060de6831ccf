"""Runs programs, each in a process of its own with limits: run as a script in the environment of a release.

Reads {"modules": [...], "programs": [[key, source]], "seconds": s} on stdin and writes one JSON object a line to the
file named by its one argument: {"key", "names": {name: description}} with what the program's variables hold in the
end, or {"key", "error": class, "text"}. The modules are imported once; every program starts as a copy of that process.
"""

import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import types
import warnings

from observing import observe

_MEMORY = 6 << 30
_MOST = 4 << 20  # bytes of one description


def main():
    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    for name in request["modules"]:
        try:
            importlib.import_module(name)
        except BaseException:
            continue
    gc.disable()
    gc.freeze()  # so that copies of this process share its memory
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for key, source in request["programs"]:
            out.write(json.dumps({"key": key, **_run(source, request["seconds"])}) + "\n")
            out.flush()


def _run(source, seconds):
    folder = tempfile.mkdtemp(prefix="case-")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _child(source, write, folder, seconds)
    os.close(write)
    content = _read(read, time.monotonic() + seconds)
    os.close(read)
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if content is None:
        return {"error": "Timeout", "text": ""}
    return json.loads(content) if content else {"error": "Died", "text": ""}


def _read(read, until):
    pieces = []
    while True:
        ready, _, _ = select.select([read], [], [], max(0, until - time.monotonic()))
        if not ready:
            return None
        piece = os.read(read, 1 << 16)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _child(source, write, folder, seconds):
    os.setsid()
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    try:
        answer = json.dumps(_outcome(source))
    except BaseException as error:
        answer = json.dumps({"error": "Indescribable", "text": "%s: %s" % (type(error).__name__, str(error)[:300])})
    if len(answer) > _MOST:
        answer = json.dumps({"error": "Indescribable", "text": "too large"})
    content = answer.encode()
    while content:
        content = content[os.write(write, content) :]
    os._exit(0)


def _outcome(source):
    _seed()
    space = {"__name__": "__main__"}
    try:
        exec(compile(source, "program.py", "exec"), space)
    except BaseException as error:
        return {"error": type(error).__name__, "text": str(error)[:500]}
    names = {}
    for name, value in space.items():
        if name.startswith("_") or isinstance(
            value, (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)
        ):
            continue
        if name != "result" and callable(value) and hasattr(value, "__name__"):
            continue
        names[name] = observe(value)
    return {"names": names}


def _seed():
    import random

    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


if __name__ == "__main__":
    main()
