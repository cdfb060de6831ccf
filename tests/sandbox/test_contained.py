"""What a run in bubblewrap cannot reach; without bubblewrap only the environment is scrubbed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.sandbox.tools import both, needs_sandbox, run, said

SECRET = "a-planted-secret-4711"


@both
def test_nothing_of_our_environment_is_passed_but_language_and_time_zone(how, folder, monkeypatch):
    monkeypatch.setenv("API_TOKEN", SECRET)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    seen = json.loads(
        said("import json, os; print(json.dumps(dict(os.environ)))", folder, how=how, environment={"MINE": "1"})
    )
    assert SECRET not in json.dumps(seen)
    assert (seen["MINE"], seen["TZ"]) == ("1", "Europe/Berlin")
    assert seen["HOME"] not in {str(Path.home()), os.environ.get("HOME")}
    assert not set(seen) - {
        "HOME",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "LC_CTYPE",
        "LOGNAME",
        "MINE",
        "PATH",
        "PWD",
        "TMPDIR",
        "TZ",
        "USER",
    }


@both
def test_a_secret_in_our_environment_is_not_found_in_the_processes_that_are_seen(how, folder, monkeypatch):
    """The kernel shows the environment that a process was started with, also of those that keep the run."""
    monkeypatch.setenv("API_TOKEN", SECRET)
    code = """
        import os, sys
        pid = os.getpid()
        while pid > 1 and pid != int(sys.argv[1]):
            content = open(f"/proc/{pid}/environ", "rb").read()
            print("found" if sys.argv[2][::-1].encode() in content else "nothing")
            pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
        """
    assert "found" not in said(code, folder, os.getpid(), SECRET[::-1], how=how)


LOOKING = """
    import os, sys
    for path in sys.argv[1:]:
        try: print("read", open(path).read())
        except OSError as error: print(type(error).__name__)
    """


@needs_sandbox
def test_files_elsewhere_are_not_there(folder, tmp_path):
    beside = tmp_path / "secret"
    beside.write_text(SECRET)
    at_home = Path.home() / f".apimig-test-{os.getpid()}"
    at_home.write_text(SECRET)
    link = folder / "link"
    link.symlink_to(beside)
    try:
        seen = said(
            LOOKING,
            folder,
            beside,
            at_home,
            link,
            "/etc/shadow",
            "/etc/ssh/ssh_config",
            f"{tmp_path}/repository/../secret",
            "/proc/1/root/etc/shadow",
        )
    finally:
        at_home.unlink()
    assert SECRET not in seen
    assert "read" not in seen


@needs_sandbox
def test_home_shows_nothing_but_what_the_interpreter_needs(folder):
    home = Path.home()
    code = "import os, sys; print([os.path.join(p, n) for p, _, names in os.walk(sys.argv[1]) for n in names if '/lib/' not in p and '/include/' not in p])"
    seen = said(code, folder, home)
    assert not [
        each
        for each in (".bashrc", ".profile", ".ssh", ".netrc", ".gitconfig", ".config", ".cache")
        if f"{home}/{each}'" in seen or f"{home}/{each}/" in seen
    ]


WRITING = """
    import sys
    for path in sys.argv[1:]:
        try:
            with open(path, "a") as file: file.write("x")
            print("wrote", path)
        except OSError as error: print(type(error).__name__)
    """


@needs_sandbox
def test_nothing_is_written_outside(folder, tmp_path):
    original = tmp_path / "original.py"
    original.write_text("x = 1\n")
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "data").write_text("d")
    (folder / "link").symlink_to(original)
    (folder / "link2").symlink_to(shown / "data")
    targets = [
        original, folder / "link", folder / "link2", shown / "data", shown / "new", "/usr/lib/marker", "/etc/marker", "/etc/passwd",
        "/marker", "/dev/marker", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/swappiness", "/proc/sysrq-trigger",
        "/proc/self/oom_score_adj", sys.executable, os.__file__,
    ]  # fmt: skip
    seen = said(WRITING, folder, *targets, readable=[shown]).splitlines()
    in_memory = 2 if tmp_path.is_relative_to("/tmp") else 0  # the first two make a file of the sandbox's own
    assert not [each for each in seen[in_memory:] if each.startswith("wrote")]
    assert original.read_text() == "x = 1\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["original.py", "repository", "shown"]


@needs_sandbox
def test_what_is_written_at_home_and_to_temporary_folders_stays_inside(folder):
    code = """
        import os, pathlib, tempfile
        for place in (tempfile.gettempdir(), os.path.expanduser("~"), "/dev/shm", "/var/tmp"):
            path = pathlib.Path(place, "apimig-test-marker")
            assert not path.exists() or place == "/var/tmp"
            path.write_text("x")
            print(path)
        """
    for _ in range(2):
        paths = said(code, folder).splitlines()
    assert len(paths) == 4
    assert not any(Path(path).exists() for path in paths)


@both
def test_the_folder_and_what_was_named_is_written(how, folder, tmp_path):
    named = tmp_path / "named"
    named.mkdir()
    said(
        "import sys; open('a', 'w').write('1'); open(sys.argv[1] + '/b', 'w').write('2')",
        folder,
        named,
        how=how,
        writable=[named],
    )
    assert ((folder / "a").read_text(), (named / "b").read_text()) == ("1", "2")


@needs_sandbox
def test_what_is_shown_inside_the_folder_is_not_written(folder):
    inner = folder / "vendored"
    inner.mkdir()
    seen = said(WRITING, folder, inner / "x", folder / "y", readable=[inner])
    assert seen.splitlines() == ["OSError", f"wrote {folder / 'y'}"]


CONNECTING = """
    import socket, sys
    for family, address in ((socket.AF_INET, ("127.0.0.1", int(sys.argv[1]))), (socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_UNIX, sys.argv[2]), (socket.AF_UNIX, "\\0" + sys.argv[3])):
        s = socket.socket(family)
        s.settimeout(2)
        try:
            s.connect(address)
            print("connected")
        except OSError as error: print(type(error).__name__)
    try:
        print(socket.getaddrinfo("example.org", 80))
    except OSError as error: print(type(error).__name__)
    """


@needs_sandbox
def test_no_listener_outside_is_reached(folder, tmp_path):
    abstract = f"apimig-test-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as inet,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as hidden,
    ):
        unix.bind(str(tmp_path / "socket"))
        hidden.bind("\0" + abstract)
        unix.listen()
        hidden.listen()
        arguments = (inet.getsockname()[1], tmp_path / "socket", abstract)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(CONNECTING), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.count("connected") == 3, "the attack itself works"
        seen = said(CONNECTING, folder, *arguments).split()
    assert seen == ["ConnectionRefusedError", "OSError", "FileNotFoundError", "ConnectionRefusedError", "gaierror"]


@needs_sandbox
def test_other_processes_are_neither_seen_nor_signalled(folder):
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
    code = """
        import os, signal, sys
        print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) == [1, os.getpid()])
        for pid in map(int, sys.argv[1:]):
            try:
                os.kill(pid, signal.SIGKILL)
                print("killed")
            except ProcessLookupError: print("nobody")
        """
    try:
        seen = said(code, folder, other.pid, os.getpid() + 100_000).split()
        assert seen == ["True", "nobody", "nobody"]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@needs_sandbox
def test_nobody_is_root_inside(folder):
    code = """
        import ctypes, os
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(os.geteuid() == 0, int(status["CapEff"], 16), int(status["CapPrm"], 16), status["NoNewPrivs"].strip())
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.unshare(0x10000000), libc.sethostname(b"x", 1))
        try: os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0)); print("made")
        except OSError: print("refused")
        """
    first, second, third = said(code, folder).splitlines()
    assert first == "False 0 0 1"
    assert second.split()[0] == "-1"
    assert second.split()[2] == "-1"
    assert third == "refused"


@needs_sandbox
def test_the_terminal_is_not_ours(folder):
    code = """
        try: open("/dev/tty").read(0); print("opened")
        except OSError: print("none")
        """
    assert said(code, folder) == "none"


@needs_sandbox
def test_a_run_in_a_run_still_has_an_answer(folder):
    """The sandbox cannot be made again inside; what is inside is told why."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); from apimig import sandbox; k = sandbox.kind(); print(bool(k.name), bool(k.reason))"
    checkout = Path(__file__).parents[2]
    assert said(code, folder, checkout, readable=[checkout]) in {"False True", "True False"}


@needs_sandbox
def test_a_failure_to_set_up_is_an_error_with_words(folder, monkeypatch):
    from apimig.sandbox import SandboxError, mounts

    monkeypatch.setattr(mounts, "HOME", "/proc/1/nothing")
    with pytest.raises(SandboxError, match="could not be set up: bwrap: "):
        run("print('must not run')", folder)
