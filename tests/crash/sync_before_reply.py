#!/usr/bin/env python3
"""No reply byte leaves before the synced write that covers it has completed.

A SIGKILL cannot show this: the page cache survives it. So the server runs under strace over real files, clients do work
whose replies reveal unique tokens, and the trace must show, for each token, a completed write to the log that holds it
(O_DSYNC, or followed by a completed fdatasync of the same file) before the first send to a socket that holds it.

Tokens leave in every way a state can be revealed: the reply of a write, of a read by another connection, of a script,
of EXEC, a pub/sub message, and the reply of a blocked client.
"""

import re
import shutil
import sys
import pathlib
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
import launcher  # noqa: E402
from checks import Checks  # noqa: E402
from resp import Connection, encode  # noqa: E402

ROUNDS = 60
CALLS = "openat,write,pwrite64,pwritev,pwritev2,fdatasync,fsync,sendto,sendmsg,writev,io_uring_enter"


def drive(port):
    """Does the work; returns the tokens."""
    tokens = []

    def token(kind, number):
        tokens.append(f"<{kind}-{number:06d}>".encode())
        return tokens[-1]

    with Connection(port) as one, Connection(port) as other, Connection(port) as blocked, Connection(port) as listener:
        listener.call("SUBSCRIBE", "news")
        for number in range(ROUNDS):
            one.pipeline([["LPUSH", "list", token("own", number)], ["LINDEX", "list", "0"]])
            # Two connections in one breath: the read may fall into the same turn as the write it sees.
            one.send(encode("SET", "key", token("read", number)))
            other.send(encode("GET", "key"))
            one.read(), other.read()
            one.call("EVAL", "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])", "1", "script",
                     token("script", number))
            one.pipeline([["MULTI"], ["HSET", "hash", "field", token("exec", number)], ["HGET", "hash", "field"], ["EXEC"]])
            one.pipeline([["MULTI"], ["SET", "told", token("told", number)], ["PUBLISH", "news", tokens[-1]], ["EXEC"]])
            listener.read()
            blocked.send(encode("BRPOP", "queue", "5"))
            wait_until_blocked(one)
            one.call("LPUSH", "queue", token("pop", number))
            blocked.read()
    return tokens


def wait_until_blocked(connection):
    while b"blocked_clients:1" not in connection.call("INFO", "clients"):
        time.sleep(0.001)


class Trace:
    """The order in which calls began and completed, read off strace's output."""

    CALL = re.compile(r"^(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*))$")

    def __init__(self, lines):
        self.writes, self.syncs, self.sends = [], [], []
        self._dsync = set()  # descriptors whose writes are synced when they return; files are renamed under them
        begun = {}
        for at, line in enumerate(lines):
            match = self.CALL.match(line)
            if not match:
                continue
            thread, name, rest, resumed, tail = match.groups()
            if name and rest.endswith("<unfinished ...>"):
                begun[thread] = (at, name, rest.removesuffix("<unfinished ...>"))
                if name in ("sendto", "sendmsg"):
                    self.sends.append((at, rest))
                continue
            if resumed:
                start, name, head = begun.pop(thread, (at, resumed, ""))
                rest = head + tail
            else:
                start = at
            self._note(name, rest, start, at, resumed is None)

    def _note(self, name, rest, start, end, whole):
        ok = not re.search(r"= -1 ", rest)
        if name == "openat" and ok:
            opened = re.search(r"= (\d+)<", rest).group(1)
            (self._dsync.add if "O_DSYNC" in rest else self._dsync.discard)(opened)
        elif name in ("pwrite64", "pwritev", "pwritev2") and ok:
            self.writes.append((end, self._path(rest), rest.split("<")[0] in self._dsync, rest))
        elif name in ("fdatasync", "fsync") and ok:
            self.syncs.append((end, self._path(rest)))
        elif name in ("sendto", "sendmsg") and whole:
            self.sends.append((start, rest))
        elif name in ("write", "writev") and "socket:" in rest:
            self.sends.append((start, rest))

    @staticmethod
    def _path(rest):
        found = re.search(r"^\d+<([^>]*)>", rest)
        return found.group(1) if found else ""

    def durable_at(self, token):
        """When the first write of the token was on disk; None if it never was."""
        for end, path, synced_at_once, data in self.writes:
            if token not in data:
                continue
            if synced_at_once:
                return end
            return next((sync for sync, synced in self.syncs if sync > end and synced == path), None)
        return None

    def revealed_at(self, token):
        return next((start for start, data in self.sends if token in data), None)


def main():
    checks = Checks("sync-before-reply")
    if not shutil.which("strace"):
        checks.check("strace is installed", False, "apt-get install strace")
        return checks.finish()
    with launcher.server("holdfast", start=False) as server:
        trace_file = server.folder / "trace"
        server.wrapper = ["strace", "-D", "-f", "-y", "-s", "65536", "-e", f"trace={CALLS}", "-o", str(trace_file)]
        server.start()
        result = []
        worker = threading.Thread(target=lambda: result.extend(drive(server.port)))
        worker.start()
        worker.join()
        checks.equal("the server stops cleanly", 0, server.stop())
        tokens = [token.decode() for token in result]
        trace = Trace(wait_for_whole(trace_file))

    checks.equal("every kind of reply was asked for", ROUNDS * 6, len(tokens))
    missing = [token for token in tokens if trace.durable_at(token) is None]
    checks.equal("every token was written to the log and synced", [], missing[:5])
    unseen = [token for token in tokens if trace.revealed_at(token) is None]
    checks.equal("every token was revealed to a client", [], unseen[:5])
    if tokens and not missing and not unseen:
        early = [token for token in tokens if trace.revealed_at(token) < trace.durable_at(token)]
        checks.equal("no token left before it was durable", [], early[:5])
    return checks.finish()


def wait_for_whole(path, seconds=30):
    """The trace's lines, once strace has written the end of the process."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines = path.read_text(errors="replace").splitlines()
        if lines and any("+++ exited with" in line or "+++ killed by" in line for line in lines[-3:]):
            return lines
        time.sleep(0.05)
    raise RuntimeError("strace did not finish its trace")


if __name__ == "__main__":
    sys.exit(main())
