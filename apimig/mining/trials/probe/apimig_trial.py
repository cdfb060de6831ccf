"""Runs inside the interpreter of a release, of any Python from 3.6 on: runs pieces of code, each in a child of its own.

    python apimig_trial.py JOB

JOB is a JSON file: ``modules`` to import at first, which costs the most, ``library`` (import names whose deprecations
count), ``seconds`` and ``bytes`` that each may use, and ``pieces``. For each piece a line of JSON goes to stdout when
it starts (``{"begun": number}``) and one when it has ended: ``number`` and what came of it. A child that hangs is
killed with all its processes; one that dies, prints without end or fills its folder takes nothing else along.

``JOB NUMBER`` runs one piece in this very process: for systems that cannot fork, and for comparison.
"""

import ast
import builtins
import importlib
import io
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import types
import warnings

sys.path[:] = [each for each in sys.path if os.path.abspath(each) != os.path.dirname(os.path.abspath(__file__))]
sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import apimig_describing as describing  # noqa: E402

sys.path.pop()

_PRINTED = 100000  # characters that are kept
_MOST = 4 << 20  # bytes of a result
_FILE = "<case>"
_THROWN = {"_", "print"}  # what is not looked at: names for what nobody wants, and our own


def main(path, number=None):
    """Run a job's pieces, or one of them."""
    with open(path, encoding="utf-8") as stream:
        job = json.load(stream)
    say = os.dup(1)
    if number is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _say(say, _piece(job, job["pieces"][int(number)]))
        return
    for name in () if _is_apart(job) else job["modules"]:
        _imported(name)
    for at, piece in enumerate(job["pieces"]):
        _say(say, {"begun": at})
        _say(say, dict(_contained(job, piece, path, at), number=at))


def _say(to, what):
    data = (json.dumps(what) + "\n").encode("utf-8")
    while data:
        data = data[os.write(to, data) :]


# --------------------------------------------------------------------------- a child for each piece


def _contained(job, piece, path, at):
    """What came of a piece; ``ended`` says in words why there is no more than that."""
    folder = tempfile.mkdtemp(prefix="case-")
    try:
        if _is_apart(job):
            return _started(job, path, at, folder)
        return _forked(job, piece, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_apart(job):
    return job["apart"] or not hasattr(os, "fork")


def _forked(job, piece, folder):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            _child(job, piece, folder, write)
        finally:
            os._exit(1)
    os.close(write)
    data, late = _heard(read, time.time() + job["seconds"])
    os.close(read)
    for kill, whom in ((os.killpg, child), (os.kill, child)):
        try:
            kill(whom, signal.SIGKILL)
        except OSError:
            pass
    _, status = os.waitpid(child, 0)
    return _result(data, late, status & 0x7F, job)


def _heard(pipe, until):
    """What a child says until its line is complete, it ends, or time is out."""
    data = b""
    while not data.endswith(b"\n") and len(data) <= _MOST:
        wait = until - time.time()
        if wait <= 0 or not select.select([pipe], [], [], wait)[0]:
            return data, True
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            break
        data += chunk
    return data, False


def _started(job, path, at, folder):
    command = [sys.executable, "-s", os.path.abspath(__file__), os.path.abspath(path), str(at)]
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, timeout=job["seconds"] + 60)
    except subprocess.TimeoutExpired:
        return {"ended": "late"}
    return _result(done.stdout, False, max(0, -done.returncode), job)


def _result(data, late, signalled, job):
    if late:
        return {"ended": "late"}
    try:
        return json.loads(data.decode("utf-8"))
    except ValueError:
        pass
    return {"ended": "signal %d" % signalled if signalled not in (0, 9) else "gone"}


def _child(job, piece, folder, write):
    os.setsid()
    os.chdir(folder)
    output = os.open(os.path.join(folder, ".printed"), os.O_RDWR | os.O_CREAT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    _limit(job)
    for file in range(3, 256):
        if file != write:
            try:
                os.close(file)
            except OSError:
                pass
    result = _piece(job, piece)
    _say(write, result)
    os._exit(0)


def _limit(job):
    import resource

    for what, most in (
        (resource.RLIMIT_FSIZE, job["bytes"]),
        (resource.RLIMIT_AS, job["memory"]),
        (resource.RLIMIT_CPU, int(job["seconds"]) + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            pass


# --------------------------------------------------------------------------- one piece


def _piece(job, piece):
    run = _Run(job, piece)
    try:
        run.all()
    except SystemExit as error:
        run.raised = ["SystemExit", describing.plain(str(error)), run.stage]
    except BaseException as error:  # whatever it raises is its result
        run.failed(error)
    try:
        return run.result()
    except Exception as error:
        return {"ended": "no result: %s" % type(error).__name__}


class _Run:
    """A piece of code on its way: what is given, the code, and what is there afterwards."""

    def __init__(self, job, piece):
        self.job, self.piece = job, piece
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.names = main.__dict__
        self.names["__name__"] = "__main__"
        self.names["print"] = self._print
        self.stage = "given"
        self.raised, self.warned, self.printed = None, [], []
        self.value, self.calls, self.imported, self.acts = None, {}, set(), False
        self.standard = _Bounded()

    def all(self):
        """Everything, in order."""
        random.seed(0)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(0)
        sys.stdout = sys.stderr = self.standard
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._prepare()
        self.files = set(_files())
        self.before = {name: id(each) for name, each in self.names.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = self._warned
            self.stage = "code"
            self._code()
            self.stage = "described"
            # Lazy things (iterators, queries) do their work when they are looked at, so this is watched as well.
            self.described = self._described()

    def _prepare(self):
        for name, module in self.piece["aliases"].items():
            self.names[name] = importlib.import_module(module)
        for name, text in self.piece["given"].items():
            self.names[name] = eval(compile(text, "<given>", "eval"), self._qualified(text))  # noqa: S307
        if self.piece["setup"]:
            names = self._qualified(self.piece["setup"])
            exec(compile(self.piece["setup"], "<setup>", "exec"), names)
            self.names.update({name: each for name, each in names.items() if name not in self.roots})

    def _qualified(self, text):
        """The names so far and, beside them, the modules that qualified names in a text begin with."""
        names = dict(self.names)
        self.roots = set()
        nodes = list(ast.walk(ast.parse(text)))
        bound = {getattr(each, "name", None) for each in nodes}
        bound.update(each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
        for node in nodes:
            dotted = _dotted(node)
            root = dotted.partition(".")[0]
            known = root in bound or hasattr(builtins, root) or (root in names and root not in self.roots)
            if root and not known:
                module = _imported(dotted)
                if module is not None:
                    self.roots.add(root)
                    names[root] = module
        return names

    def _code(self):
        tree = ast.parse(self.piece["code"], _FILE)
        self.imported = _imported_names(tree)
        self.acts = any(not isinstance(each, _DEFINITIONS) and not _is_text(each) for each in tree.body)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, _FILE, "exec"), self.names)
        if last is not None:
            self.value = [eval(compile(ast.Expression(last.value), _FILE, "eval"), self.names)]  # noqa: S307
        if not self.acts:
            for node in tree.body:
                if isinstance(node, ast.FunctionDef):
                    self._call(node.name)

    def _call(self, name):
        """Call a function that the code only defines, where there is something for each parameter."""
        import inspect

        arguments, samples = {}, self.piece["samples"]
        for each in inspect.signature(self.names[name]).parameters.values():
            kind = getattr(each.annotation, "__name__", str(each.annotation)).rpartition(".")[2]
            if each.name in self.before and each.name not in self.job["library"]:
                arguments[each.name] = self.names[each.name]
            elif each.default is not each.empty or each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
                continue
            elif each.name in samples or kind in samples:
                text = samples.get(each.name) or samples[kind]
                arguments[each.name] = eval(compile(text, "<given>", "eval"), self._qualified(text))  # noqa: S307
            else:
                return
        self.calls[name] = self.names[name](**arguments)

    def failed(self, error):
        """Note how the code ended: class, words, and whether that was in what is given already."""
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
        words = describing.plain(str(error))
        if isinstance(error, OSError) and error.errno == 27:
            words = "it writes more than it may"
        self.raised = [type(error).__name__, words, self.stage, lines[-1] if lines else 0]

    def result(self):
        """All of it as plain data."""
        if self.raised:
            return {"raised": self.raised, "warned": self.warned}
        return dict(self.described, warned=self.warned, raised=None)

    def _described(self):
        names = {}
        for name, value in sorted(self.names.items()):
            if name in _THROWN or name.startswith("__") or name in self.piece["aliases"]:
                continue
            names[name] = describing.describe(value)
        return {
            "names": names,
            "given": sorted(name for name in names if name in self.before),
            "imported": sorted(self.imported),
            "value": describing.describe(self.value[0]) if self.value else None,
            "calls": {name: describing.describe(value) for name, value in sorted(self.calls.items())},
            "printed": self.printed,
            "text": describing.plain("".join(text for text, _ in self.standard.parts)),
            "written": describing.plain("".join(text for text, is_ours in self.standard.parts if not is_ours)),
            "files": _files(),
            "acts": self.acts,
        }

    def _print(self, *values, **options):
        """Stand in for the builtin: what is printed is compared by value, as reprs differ between releases."""
        if options.get("file") is None and len(self.printed) < 1000:
            self.printed.append([describing.describe(each) for each in values])
            self.standard.is_ours = True
        try:
            builtins.print(*values, **options)
        finally:
            self.standard.is_ours = False

    def _warned(self, message, category, filename, lineno, file=None, line=None):
        if len(self.warned) >= 50 or not _is_deprecation(category):
            return
        frame = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") in ("warnings", "_py_warnings"):
            frame = frame.f_back
        package = frame.f_globals.get("__name__", "").partition(".")[0] if frame is not None else ""
        if package in self.job["library"] or package == "__main__":
            self.warned.append([category.__name__, describing.plain(str(message))[:500]])


class _Bounded(io.TextIOBase):
    """Takes what is printed, and refuses more than it may."""

    def __init__(self):
        self.parts, self.size, self.is_ours = [], 0, False

    def writable(self):
        return True

    def write(self, text):
        self.size += len(text)
        if self.size > _MOST:
            raise OSError(27, "File too large")
        self.parts.append((text, self.is_ours))
        return len(text)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _is_text(node):
    """Whether a statement is a docstring."""
    return isinstance(node, ast.Expr) and type(node.value).__name__ in ("Str", "Constant")


def _imported_names(tree):
    """Names that import statements bind outside of functions and classes."""
    found, left = set(), list(tree.body)
    while left:
        node = left.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(each.asname or each.name.partition(".")[0] for each in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            left.extend(ast.iter_child_nodes(node))
    return found


def _dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id] + parts[::-1]) if isinstance(node, ast.Name) else ""


def _imported(dotted):
    """Import as much of a qualified name as is a module, and give its first part; None where nothing is."""
    found, parts = None, dotted.split(".")
    for count in range(1, len(parts) + 1):
        try:
            importlib.import_module(".".join(parts[:count]))
        except Exception:
            break
        found = sys.modules.get(parts[0])
    return found


def _is_deprecation(kind):
    if issubclass(kind, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
        return True
    return "Deprecat" in kind.__name__ or "Removed" in kind.__name__


def _files():
    """The files in the folder: texts as they are, others by their being there."""
    found = {}
    for name in sorted(os.listdir("."))[:50]:
        if name.startswith(".") or not os.path.isfile(name):
            continue
        with open(name, "rb") as stream:
            data = stream.read(_PRINTED)
        try:
            found[name] = data.decode("utf-8") if b"\0" not in data else ""
        except UnicodeDecodeError:
            found[name] = ""
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
