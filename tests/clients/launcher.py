"""Starts a Holdfast, or a real Redis, on a free loopback port for a test or a benchmark.

    with launcher.server("holdfast") as server:
        server.kill()        # SIGKILL
        server.start()       # again, on the same port and the same data folder

Each server has a data folder of its own below build/clients, on the disk of the project, removed at the end unless
KEEP_DATA is set. Nothing is installed and no service of the machine is touched: the real Redis is the program that
Debian's redis-tools brings under the name redis-check-rdb, which is a server when called redis-server.

Environment: HOLDFAST_SERVER (path of the binary), HOLDFAST_OPTIONS (further words of its command line),
TEST_SERVER (holdfast or redis; what default_kind() answers), MEMORY_FACTOR (by how much bounds on memory are multiplied: sanitizers need more).
"""

import contextlib
import ctypes
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRATCH = ROOT / "build" / "clients"
REDIS_BINARY = "/usr/bin/redis-check-rdb"
READY_SECONDS = 30
STOP_SECONDS = 30

_SANITIZER_REPORT = re.compile("(ERROR|WARNING): [A-Za-z]+Sanitizer|: runtime error: ")

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def default_kind():
    return os.environ.get("TEST_SERVER", "holdfast")


def memory_bound(size):
    """A bound on a server's memory in bytes, as this run's environment allows it."""
    return int(size * float(os.environ.get("MEMORY_FACTOR", 1)))


def holdfast_binary():
    # Absolute, because the server starts in its own folder.
    return os.path.abspath(os.environ.get("HOLDFAST_SERVER", ROOT / "build" / "release" / "bin" / "holdfast-server"))


def free_port():
    # Below the ephemeral range: a client that keeps dialling a dead server's port from inside that range ends up
    # connected to itself and keeps the port from the restarted server.
    for _ in range(1000):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError("no free port between 20000 and 32000")


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """One server process at a time, always on the same port and data folder."""

    def __init__(self, kind, folder, durability="always", options=()):
        """kind: "holdfast" or "redis". durability: "always" or "everysec". options: further --name value words.

        Set .wrapper before start() to run the server under another program that keeps its process id (strace -D).
        """
        self.kind = kind
        self.folder = pathlib.Path(folder)
        self.durability = durability
        self.options = list(options)
        self.wrapper = []
        self.port = free_port()
        self.log = self.folder / "server.log"
        self._process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def unix_socket(self):
        return str(self.folder / "s")

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Starts the server and returns when it answers PING; raises with the log's end when it does not.

        Call it from a thread that lives on: the kernel ends the server together with the thread that started it.
        """
        self.launch()
        self._wait_until_ready()
        return self

    def launch(self):
        """The same without waiting for anything."""
        (self.folder / "data").mkdir(exist_ok=True)
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen([*self.wrapper, *self.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             cwd=self.folder, preexec_fn=_die_with_parent)

    def kill(self):
        """SIGKILL: what a crash of the process leaves behind."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """SIGTERM; returns the exit status."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.kind} did not stop within {STOP_SECONDS} s of SIGTERM")

    def stop_cleanly(self):
        """Stops; raises if the exit status is not 0 or the log holds a sanitizer's report."""
        status = self.stop()
        assert status == 0, f"exit status {status}"
        reports = [line for line in self.log.read_text(errors="replace").splitlines() if _SANITIZER_REPORT.search(line)]
        assert not reports, f"{len(reports)} reports: {reports[:3]}"

    def running(self):
        return self._process is not None and self._process.poll() is None

    def memory(self):
        """Bytes of the process: {"rss": resident, "private": resident and shared with nobody}."""
        sizes = {}
        for line in open(f"/proc/{self.pid}/smaps_rollup"):
            words = line.split()
            if len(words) == 3 and words[2] == "kB":
                sizes[words[0].rstrip(":")] = int(words[1]) * 1024
        return {"rss": sizes["Rss"], "private": sizes["Private_Clean"] + sizes["Private_Dirty"]}

    def log_tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def command(self):
        """The words of the command line; further --name value words win."""
        common = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder / "data"), "--unixsocket", self.unix_socket]
        if self.kind == "holdfast":
            further = os.environ.get("HOLDFAST_OPTIONS", "").split()
            return [holdfast_binary(), *common, "--durability", self.durability, *further, *self.options]
        binary = self.folder / "redis-server"
        if not binary.exists():
            binary.symlink_to(REDIS_BINARY)
        # Rewriting the log in the middle of a measurement would be charged to whoever is measured.
        return [str(binary), *common, "--save", "", "--appendonly", "yes", "--appendfsync", self.durability,
                "--auto-aof-rewrite-percentage", "0", *self.options]

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.kind} exited with {self._process.returncode}:\n{self.log_tail()}")
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    connection.sendall(b"PING\r\n")
                    # A refusal for want of a password is an answer too.
                    reply = connection.recv(64)
                    if reply and not reply.startswith(b"-LOADING"):
                        return
            time.sleep(0.01)
        raise RuntimeError(f"{self.kind} did not answer within {READY_SECONDS} s:\n{self.log_tail()}")


@contextlib.contextmanager
def scratch_folder(name):
    """A new folder below build/clients, removed at the end unless KEEP_DATA is set."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=SCRATCH))
    try:
        yield folder
    finally:
        if not os.environ.get("KEEP_DATA"):
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def server(kind=None, durability="always", options=(), start=True):
    """A started server with a fresh data folder; killed and cleaned up at the end."""
    kind = kind or default_kind()
    with scratch_folder(kind) as folder:
        started = Server(kind, folder, durability, options)
        try:
            yield started.start() if start else started
        finally:
            if started.running():
                started.kill()
