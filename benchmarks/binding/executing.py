"""Runs programs, each in a process of its own with limits: run as a script in the environment of a release.

Reads {"modules": [...], "programs": [[key, source]], "seconds": s} on stdin and writes one JSON object a line to the
file named by its one argument: {"key", "names": {name: description}} with what the program's variables hold in the
end, or {"key", "error": class, "text"}. The modules are imported once; every program starts as a copy of that process.
With "together": n, so many programs share a copy; with "observe": false only whether they run is told.
"""

import contextlib
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
        together = request.get("together", 1)
        programs = request["programs"]
        for at in range(0, len(programs), together):
            out.writelines(
                json.dumps(line) + "\n"
                for line in _run(
                    programs[at : at + together], request["seconds"], observing=request.get("observe", together == 1)
                )
            )
            out.flush()


def _run(programs, seconds, observing):
    """What became of the programs; those after one that takes too long or ends the process run again, alone."""
    folder = tempfile.mkdtemp(prefix="case-")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _child([source for _, source in programs], write, folder, seconds, observing)
    os.close(write)
    content, late = _read(read, time.monotonic() + seconds)
    os.close(read)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    lines = content.split(b"\n")[:-1]
    answers = [{"key": key, **json.loads(line)} for (key, _), line in zip(programs, lines)]  # noqa: B905 - Python 3.9
    left = programs[len(answers) :]
    if left and len(programs) == 1:
        return [{"key": left[0][0], "error": "Timeout" if late else "Died", "text": ""}]
    return answers + [line for each in left for line in _run([each], seconds, observing)]


def _read(read, until):
    """What was written, and whether the time was up before the end of it."""
    pieces = []
    while True:
        ready, _, _ = select.select([read], [], [], max(0, until - time.monotonic()))
        piece = os.read(read, 1 << 16) if ready else b""
        if not piece:
            return b"".join(pieces), not ready
        pieces.append(piece)


def _child(sources, write, folder, seconds, observing):
    os.setsid()
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    for source in sources:
        content = _answer(source, observing).encode() + b"\n"
        while content:
            content = content[os.write(write, content) :]
    os._exit(0)


def _answer(source, observing):
    try:
        answer = json.dumps(_outcome(source, observing))
    except BaseException as error:
        answer = json.dumps({"error": "Indescribable", "text": "%s: %s" % (type(error).__name__, str(error)[:300])})
    return answer if len(answer) <= _MOST else json.dumps({"error": "Indescribable", "text": "too large"})


def _outcome(source, observing):
    _seed()
    space = {"__name__": "__main__"}
    try:
        exec(compile(source, "program.py", "exec"), space)
    except BaseException as error:
        return {"error": type(error).__name__, "text": str(error)[:500]}
    names = {}
    if not observing:
        return {"names": names}
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
