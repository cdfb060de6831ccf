"""Runs inside the interpreter of a repository's tests, of any Python from 3.6 on: says which marked places are reached.

What it sees goes as lines of JSON to files in the folder ``APIMIG_EVENTS``, one file a process, each line complete
when it is written, so that a process that dies has said all it knew. ``APIMIG_MARKS`` names a JSON file: the absolute
path of each watched file with its marks ``[number, kind, line, column, end line, end column]`` (lines from 1, columns
in UTF-8 bytes from 0). A mark of the kind "reach" says that an expression or a statement is about to run, "type" what
an expression is. Marks are put into the syntax tree while a file is compiled: its text, its lines and its tracebacks
stay as they are, and what is not marked costs nothing. ``APIMIG_LIBRARIES`` are import names whose deprecations are
recorded, ``APIMIG_ROOT`` is the folder of the repository.
"""

import ast
import builtins
import json
import os
import sys
import time
import types
import warnings

import apimig_marking

ONLY_AST = 0x400
_REAL_COMPILE = builtins.compile
_MOST_BASES = 40


class _Log:
    """The file of this process; a child made by fork gets one of its own."""

    def __init__(self):
        self.process = 0
        self.stream = None

    def write(self, event):
        if self.process != os.getpid():
            self.process = os.getpid()
            name = "%d-%d.jsonl" % (self.process, time.time() * 1e6)
            self.stream = open(os.path.join(os.environ["APIMIG_EVENTS"], name), "a", encoding="utf-8")
        self.stream.write(json.dumps(event) + "\n")
        self.stream.flush()


_LOG = _Log()
_SEEN = set()
heard = set()  # the texts of warnings that came through the functions that are watched
_MARKS = {}
_LIBRARIES = frozenset(filter(None, os.environ.get("APIMIG_LIBRARIES", "").split(",")))
_ROOT = os.path.join(os.environ.get("APIMIG_ROOT", ""), "")
_STANDARD = os.path.dirname(os.path.abspath(os.__file__))
current = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]  # a process that a test starts belongs to it


def say(**event):
    """Write one event; what cannot be written is lost, and the tests go on."""
    try:
        _LOG.write(event)
    except (OSError, ValueError, TypeError):
        pass


def start():
    """Watch what is compiled and what is warned of from now on."""
    try:
        with open(os.environ["APIMIG_MARKS"], encoding="utf-8") as stream:
            _MARKS.update(json.load(stream))
    except (KeyError, OSError, ValueError):
        pass
    if _MARKS:
        builtins.__apimig_reach__ = _reach
        builtins.__apimig_type__ = _type
        builtins.compile = _compile
    if _LIBRARIES:
        warnings.warn = _Warn(warnings.warn)
        warnings.warn_explicit = _warn_explicit


# --------------------------------------------------------------------------- marks


def _reach(number):
    """Called before a marked place runs; gives None, so that ``reach(1) or x`` is x."""
    key = number, current
    if key not in _SEEN:
        _SEEN.add(key)
        say(e="reach", m=number, t=current)


def _type(number, value):
    """Called with the value of a marked expression, which it gives back."""
    kind = type(value)
    key = number, kind
    if key not in _SEEN:
        _SEEN.add(key)
        say(e="type", m=number, n=_names(value, kind))
    return value


def _names(value, kind):
    """The qualified names of an instance's class and its bases; of a module or a class none."""
    if isinstance(value, (type, types.ModuleType)):
        return []
    bases = type.__dict__["__mro__"].__get__(kind)[:_MOST_BASES]
    return ["%s.%s" % (base.__module__, base.__qualname__) for base in bases]


def _compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, **others):
    """Stand in for the builtin: a watched file's tree is marked on its way."""
    if not dont_inherit:
        flags |= sys._getframe(1).f_code.co_flags & apimig_marking.FUTURE
    marks = _marks_of(filename, mode)
    if marks and not isinstance(source, ast.AST):
        try:
            marked = _marked(source, filename, marks, flags)
            return _REAL_COMPILE(marked, filename, mode, flags, True, optimize, **others)
        except (SyntaxError, ValueError, RecursionError, TypeError, MemoryError) as error:
            # Whatever is wrong with it, the builtin says it better; if nothing is, the tests go on without marks.
            say(e="problem", p=filename, x="%s: %s" % (type(error).__name__, error))
    return _REAL_COMPILE(source, filename, mode, flags, True, optimize, **others)


def _marks_of(filename, mode):
    if mode != "exec" or isinstance(filename, bytes):
        return None
    try:
        return _MARKS.get(os.path.realpath(filename))
    except (OSError, ValueError, TypeError):
        return None


def _marked(source, filename, marks, flags):
    if flags & ONLY_AST:
        # pytest reads a test module as a tree, to rewrite its asserts; others who do so want what is in the file.
        caller = sys._getframe(3).f_globals.get("__name__", "")
        if caller != "_pytest.assertion.rewrite":
            return source
    return apimig_marking.mark(_REAL_COMPILE(source, filename, "exec", flags | ONLY_AST, True), marks)


# --------------------------------------------------------------------------- deprecations


class _Warn:
    """Stands in for ``warnings.warn``: notes a deprecation before any filter, and hands it on."""

    def __init__(self, real):
        self.real = real
        self.__name__ = "warn"
        self.__doc__ = real.__doc__

    def __call__(self, message, category=None, stacklevel=1, *others, **named):
        note(message, category, sys._getframe(1))
        return self.real(message, category, stacklevel + 1, *others, **named)


_REAL_EXPLICIT = warnings.warn_explicit


def _warn_explicit(message, category, *others, **named):
    note(message, category, sys._getframe(1))
    return _REAL_EXPLICIT(message, category, *others, **named)


def note(message, category, frame):
    """Write down a deprecation of a library, at the line of the repository that led to it."""
    try:
        kind = type(message) if isinstance(message, Warning) else category
        heard.add(str(message))
        if is_deprecation(kind) and _package(frame) in _LIBRARIES:
            line = _line_of_ours(frame)
            if line is not None:
                seen_warning(line[0], line[1], kind, message)
    except Exception:  # a warning with a strange text must not change what the tests do
        return


def seen_warning(path, line, kind, message):
    """Write down a deprecation, once for each place and text."""
    text = str(message)
    key = path, line, text[:200]
    if key not in _SEEN:
        _SEEN.add(key)
        say(e="warning", p=path, l=line, c=kind.__name__, x=text[:2000], t=current)


def is_deprecation(kind):
    """Whether a class of warnings announces that something will change or go."""
    if not isinstance(kind, type):
        return False
    if issubclass(kind, (DeprecationWarning, PendingDeprecationWarning, FutureWarning)):
        return True
    return "Deprecat" in kind.__name__ or "Removed" in kind.__name__


def ours(path):
    """Whether a file is the repository's; what is installed below it is not."""
    return path.startswith(_ROOT) and "site-packages" not in path


def _line_of_ours(frame):
    """The nearest frame of the repository, where only the libraries and the standard library lie in between."""
    while frame is not None:
        path = os.path.abspath(frame.f_code.co_filename)
        if ours(path):
            return path, frame.f_lineno
        frozen = frame.f_code.co_filename.startswith("<frozen ")
        standard = path.startswith(_STANDARD) and "site-packages" not in path
        if not (frozen or standard or _package(frame) in _LIBRARIES):
            return None
        frame = frame.f_back
    return None


def _package(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]
