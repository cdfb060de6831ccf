"""What ordinary programs and test suites do works as it does outside."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from apimig import sandbox
from apimig.sandbox import SandboxError
from apimig.uv import find_uv
from tests.sandbox.tools import HERE, TIGHT, both, needs_sandbox, run, said

ORDINARY = {
    "arguments, input and output": ("import sys; print(sys.stdin.read().upper())", "TEXT"),
    "a pool of processes": (
        """
        import multiprocessing, sys
        def double(x): return 2 * x
        if __name__ == "__main__":
            for way in ("fork", "spawn", "forkserver"):
                context = multiprocessing.get_context(way)
                with context.Pool(3) as pool: print(sum(pool.map(abs, range(-10, 0))), end=" ")
        """,
        "55 55 55",
    ),
    "locks and memory that processes share": (
        """
        import multiprocessing
        from multiprocessing import shared_memory
        memory = shared_memory.SharedMemory(create=True, size=100)
        memory.buf[0] = 7
        same = shared_memory.SharedMemory(memory.name)
        with multiprocessing.Lock(): print(same.buf[0])
        same.close(); memory.close(); memory.unlink()
        """,
        "7",
    ),
    "futures": (
        """
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        for pool in (ProcessPoolExecutor, ThreadPoolExecutor):
            with pool(2) as workers: print(list(workers.map(abs, [-1, -2])), end=" ")
        """,
        "[1, 2] [1, 2]",
    ),
    "temporary files": (
        """
        import os, tempfile
        with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
            os.link(file.name, folder + "/link"); os.symlink("link", folder + "/other"); print(os.path.getsize(folder + "/other"))
        """,
        "0",
    ),
    "a Python of its own": (
        "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout)",
        "42",
    ),
    "an environment of its own": (
        """
        import subprocess, sys
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "made"], check=True)
        print(subprocess.run(["made/bin/python", "-c", "import sys; print(sys.prefix != sys.base_prefix)"], capture_output=True, text=True).stdout)
        """,
        "True",
    ),
    "a shell": ("import subprocess; print(subprocess.run('echo $((6*7)) | cat', shell=True, capture_output=True, text=True).stdout)", "42"),
    "a database": (
        """
        import sqlite3
        with sqlite3.connect("data.db") as db:
            db.execute("pragma journal_mode=wal"); db.execute("create table t (x)"); db.execute("insert into t values (1)")
            print(db.execute("select sum(x) from t").fetchone())
        """,
        "(1,)",
    ),
    "a server of its own": (
        """
        import socket, threading
        with socket.create_server(("localhost", 0)) as server:
            threading.Thread(target=lambda: server.accept()[0].sendall(b"hello")).start()
            print(socket.create_connection(server.getsockname()[:2]).recv(9))
        """,
        "b'hello'",
    ),
    "the name of the machine": ("import socket; print(bool(socket.gethostbyname(socket.gethostname())))", "True"),
    "who the user is": (
        "import getpass, os, pwd; print(bool(getpass.getuser()), bool(pwd.getpwuid(os.getuid()).pw_name))",
        "True True",
    ),
    "a cache at home": (
        "import pathlib; p = pathlib.Path('~/.cache/matplotlib').expanduser(); p.mkdir(parents=True); (p / 'x').write_text('1'); print(len(list(p.iterdir())))",
        "1",
    ),
    "texts of all languages": ("open('grüße', 'w').write('ü€'); print(len(open('grüße').read()), 'ü€')", "2 ü€"),
    "locales": ("import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.getpreferredencoding())", "UTF-8"),
    "time zones": (
        "import zoneinfo, datetime; print(datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')).utcoffset())",
        "2:00:00",
    ),
    "libraries of the system": ("import ctypes, ctypes.util; print(ctypes.CDLL(ctypes.util.find_library('c')).abs(-3))", "3"),
    "threads": (
        """
        import threading
        found = []
        threads = [threading.Thread(target=found.append, args=(1,)) for _ in range(50)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(sum(found))
        """,
        "50",
    ),
    "signals and timers": (
        """
        import os, signal, time
        signal.signal(signal.SIGALRM, lambda *_: print("rang"))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(0.2)
        """,
        "rang",
    ),
    "terminals": ("import os, pty; a, b = pty.openpty(); os.write(a, b'x\\n'); print(os.read(b, 9), os.isatty(b))", "b'x\\n' True"),
    "processors": ("import os; print(os.cpu_count())", str(os.cpu_count())),
    "random numbers and null": ("import os, secrets; print(len(secrets.token_bytes(4)), open(os.devnull, 'w').write('x'))", "4 1"),
    "compiled modules": ("import ssl, zlib, bz2, lzma, ctypes; print(bool(ssl.create_default_context()), zlib.crc32(b'x'))", "True 2363233923"),
    "a file of its own output": ("print('x', file=open('/dev/stdout', 'w')); print(open('/proc/self/status').readline().split()[0])", "x\nName:"),
}  # fmt: skip


@both
@pytest.mark.parametrize("what", ORDINARY)
def test_it_works(what, how, folder):
    code, wanted = ORDINARY[what]
    assert said(code, folder, how=how, stdin=b"text") == wanted


@both
def test_much_input_and_output_pass_each_other(how, folder):
    limits = dataclasses.replace(TIGHT, output=64 << 20)
    ran = run(
        "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)",
        folder,
        how=how,
        stdin=b"0123456789" * 1_000_000,
        limits=limits,
    )
    assert ran.stdout == b"0123456789" * 1_000_000


@both
def test_input_that_nobody_reads_is_no_trouble(how, folder):
    ran = run("import os; os.close(0); print(1)", folder, how=how, stdin=b"x" * 10_000_000)
    assert (ran.exit_code, ran.stdout) == (0, b"1\n")


NUMERICAL = """
    import numpy
    a = numpy.random.default_rng(0).random((600, 600))
    print(numpy.allclose(a @ numpy.linalg.inv(a), numpy.eye(600)))
    """


@both
@pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="numpy is not installed: pip install numpy")
def test_numerical_libraries_use_their_threads(how, folder):
    assert said(NUMERICAL, folder, how=how, limits=sandbox.DEFAULT, environment={"OPENBLAS_NUM_THREADS": "4"}) == "True"


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An environment made by uv, the files of which are links to those in its cache, with one module in it."""
    uv = find_uv()
    if uv is None:  # its links into a cache are what is looked at here
        pytest.skip("uv is not installed: pip install uv")
    place = tmp_path_factory.mktemp("uv")
    wheel = place / "lib-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lib/__init__.py", "value = 11\n")
        archive.writestr("lib-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: lib\nVersion: 1.0\n")
        archive.writestr(
            "lib-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("lib-1.0.dist-info/RECORD", "")
    where = place / "environment"
    options = ("--offline", "--quiet", "--cache-dir", str(place / "cache"), "--no-python-downloads")
    subprocess.run([uv, "venv", *options, "--python", sys.executable, str(where)], check=True)
    subprocess.run(
        [uv, "pip", "install", *options, "--link-mode", "hardlink", "--python", str(where), str(wheel)], check=True
    )
    return where


@both
def test_an_environment_made_by_uv_works_and_stays_as_it_is(how, environment, folder):
    module = (
        environment
        / "lib"
        / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        / "site-packages"
        / "lib"
        / "__init__.py"
    )
    code = (
        f"import lib, sys; print(lib.value, sys.prefix); open({str(module)!r}, 'a').write('changed')"
        if how.name
        else "import lib, sys; print(lib.value, sys.prefix)"
    )
    ran = sandbox.run([str(environment / "bin" / "python"), "-c", code], folder=folder, how=how, limits=TIGHT)
    assert ran.stdout.decode().split() == ["11", str(environment)]
    assert module.read_text() == "value = 11\n"


@both
def test_a_test_suite_runs(how, folder):
    (folder / "test_it.py").write_text("def test_it(tmp_path, capsys): (tmp_path / 'x').write_text('y')\n")
    ran = sandbox.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], folder=folder, how=how, limits=TIGHT
    )
    assert b"1 passed" in ran.stdout


@both
def test_a_suite_that_runs_in_parallel_runs(how, folder):
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed: pip install pytest-xdist")
    (folder / "test_it.py").write_text(
        "import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_it(n): pass\n"
    )
    ran = sandbox.run([sys.executable, "-m", "pytest", "-q", "-n", "2"], folder=folder, how=how, limits=TIGHT)
    assert b"20 passed" in ran.stdout


@both
def test_programs_are_found_by_name(how, folder):
    assert sandbox.run(["echo", "hello"], folder=folder, how=how).stdout == b"hello\n"


@both
@pytest.mark.parametrize("name", ["with space", "with'quote", "grüße", "-dash"])
def test_folders_of_any_name(name, how, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    assert said("import os; print(os.path.basename(os.getcwd()))", folder, how=how) == name


@both
def test_a_folder_that_is_reached_by_a_link(how, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert said("open('x', 'w').write('1'); print(1)", tmp_path / "link", how=how) == "1"
    assert (folder / "x").exists()


@needs_sandbox
def test_a_folder_at_home_is_seen_and_what_is_beside_it_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / "projects" / "one"
    place.mkdir(parents=True)
    (tmp_path / "projects" / "two").mkdir()
    (tmp_path / ".netrc").write_text("secret")
    assert (
        said("import os, sys; print(os.listdir(sys.argv[1]), os.listdir(sys.argv[1] + '/projects'))", place, tmp_path)
        == "['projects'] ['one']"
    )


def test_a_path_that_is_not_there_is_said(folder):
    with pytest.raises(SandboxError, match="does not exist"):
        run("pass", folder, readable=[folder / "missing"])


def test_a_program_that_is_not_there_is_said(folder):
    with pytest.raises(SandboxError, match="no program frobnicate"):
        sandbox.run(["frobnicate"], folder=folder)


def test_a_sandbox_can_be_required(folder):
    with pytest.raises(SandboxError) as caught:
        run(
            "open('ran', 'w')",
            folder,
            how=sandbox.Kind("", reason="bubblewrap is not installed", help="Install it."),
            require=True,
        )
    assert (caught.value.title, caught.value.help) == (
        "There is no sandbox here: bubblewrap is not installed",
        "Install it.",
    )
    assert not (folder / "ran").exists()


@needs_sandbox
def test_where_there_is_one_the_requirement_holds(folder):
    assert run("print(1)", folder, how=HERE, require=True).stdout == b"1\n"
