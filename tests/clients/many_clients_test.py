"""Very many blocked workers, and clients that do not read what they asked for: bounded memory, nobody else waits.

BLOCKED: how many connections wait in BRPOP (10000, or what the limit of open files allows).
"""

import os
import resource
import selectors
import sys
import threading
import time

import checks
import launcher
import resp
from bad_input_test import MEGABYTE, info, wait_for

BLOCKED = int(os.environ.get("BLOCKED", 10000))
# A blocked worker's connection, its place in the queues of waiters, and the kernel is not counted.
MOST_BYTES_A_CONNECTION = 32 * 1024
QUEUES = ("queue:critical", "queue:default", "queue:low")
FILES_OF_OUR_OWN = 100

# By default Redis lets a normal client's unread replies grow without end.
REPLY_LIMITS = ["--client-output-buffer-limit", *"normal 64mb 0 0 pubsub 32mb 8mb 60".split()]


def raise_file_limit(wanted):
    """Returns how many files this process may open: wanted, or the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
    return allowed


class Crowd:
    """Connections that wait in BRPOP, in the order in which they came."""

    def __init__(self, server, size):
        self.server = server
        self.size = size
        self.members = []
        self.control = resp.Connection(server.port)
        self.before = server.memory()

    def gather(self):
        for _ in range(self.size):
            member = resp.Connection(self.server.port)
            self.members.append(member)
            # The answer to PING says that the server has come to the BRPOP behind it before the next one's.
            member.send(resp.encode("PING") + resp.encode("BRPOP", *QUEUES, 0))
            assert member.read() == b"PONG"
        wait_for(lambda: info(self.control, "blocked_clients") == self.size)

    def weigh(self):
        now = self.server.memory()
        a_connection = {kind: (now[kind] - self.before[kind]) // self.size for kind in now}
        print(f"{self.server.kind} with {self.size} blocked connections: resident {now['rss'] // MEGABYTE} MB, "
              f"a connection: {a_connection['private']} private bytes", flush=True)
        most = launcher.memory_bound(MOST_BYTES_A_CONNECTION)
        assert a_connection["private"] <= most, f"{a_connection['private']} bytes a connection"

    def wake(self):
        """Each is served once, and in the order of arrival."""
        pushed = 0
        while pushed < self.size:
            batch = range(pushed, min(pushed + 100, self.size))
            self.control.call("LPUSH", QUEUES[pushed // 100 % 3], *batch)
            pushed = batch.stop
        served = {}
        with selectors.DefaultSelector() as selector:
            for place, member in enumerate(self.members):
                selector.register(member.socket, selectors.EVENT_READ, place)
            deadline = time.monotonic() + 60
            while len(served) < self.size and time.monotonic() < deadline:
                for key, _ in selector.select(1):
                    served[key.data] = int(self.members[key.data].read()[1])
                    selector.unregister(key.fileobj)
        assert len(served) == self.size, f"{self.size - len(served)} of {self.size} were not served"
        wrong = [(place, job) for place, job in served.items() if place != job]
        assert not wrong, f"{len(wrong)} out of order, first {wrong[:3]}"
        assert [self.control.call("LLEN", queue) for queue in QUEUES] == [0, 0, 0], "jobs are left over"
        assert info(self.control, "blocked_clients") == 0, "clients are still blocked"

    def block_again_and_leave(self):
        for member in self.members:
            member.send(resp.encode("BRPOP", *QUEUES, 0))
        wait_for(lambda: info(self.control, "blocked_clients") == self.size)
        for member in self.members:
            member.close()
        wait_for(lambda: info(self.control, "connected_clients") == 1)
        assert info(self.control, "blocked_clients") == 0
        self.control.call("LPUSH", QUEUES[0], "left alone")
        assert self.control.call("LLEN", QUEUES[0]) == 1, "a job went to a connection that is gone"


class SlowReaders:
    def __init__(self, server):
        self.server = server

    def replies_unread(self):
        """Two gigabytes asked for and not read, while others are served."""
        with resp.Connection(self.server.port) as owner:
            owner.call("SET", "big", "x" * (10 * MEGABYTE))
            before = self.server.memory()["private"]
            with resp.Connection(self.server.port) as slow:
                slow.socket.settimeout(0.2)
                with_patience(lambda: slow.send(resp.encode("GET", "big") * 200))
                highest = self.watch(owner, before)
            owner.call("DEL", "big")
        assert highest < launcher.memory_bound(300 * MEGABYTE), f"{highest // MEGABYTE} MB for one client's unread replies"

    def messages_unread(self):
        """A subscriber that sleeps is cut off; the publisher goes on."""
        with resp.Connection(self.server.port) as owner, resp.Connection(self.server.port) as sleeper:
            sleeper.call("SUBSCRIBE", "news")
            before = self.server.memory()["private"]
            receivers = [owner.call("PUBLISH", "news", "x" * MEGABYTE) for _ in range(300)]
            grown = self.server.memory()["private"] - before
        assert receivers[0] == 1 and receivers[-1] == 0, f"receivers at first {receivers[0]}, at last {receivers[-1]}"
        assert grown < launcher.memory_bound(150 * MEGABYTE), f"{grown // MEGABYTE} MB for one subscriber"

    def requests_half_read(self):
        """A sender who never reads and never stops: its own connection stalls or ends, no one else's."""
        with resp.Connection(self.server.port) as owner:
            before = self.server.memory()["private"]
            with resp.Connection(self.server.port) as flood:
                flood.socket.settimeout(0.2)
                sender = threading.Thread(target=with_patience, args=(lambda: send_for(flood, 3),))
                sender.start()
                highest = self.watch(owner, before)
                sender.join()
        assert highest < launcher.memory_bound(300 * MEGABYTE), f"{highest // MEGABYTE} MB for one flooding client"

    def watch(self, owner, before, seconds=3):
        """The most private bytes above before; meanwhile each command of another client is answered within a second."""
        highest, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            asked = time.monotonic()
            owner.call("INCR", "served")
            assert time.monotonic() - asked < 1, "another client waited for more than a second"
            highest = max(highest, self.server.memory()["private"] - before)
        return highest


def with_patience(send):
    """A send that the server stalls or cuts off has done what it can."""
    try:
        send()
    except OSError:
        pass


def send_for(connection, seconds):
    end = time.monotonic() + seconds
    echoes = resp.encode("ECHO", "x" * 1000) * 1000
    while time.monotonic() < end:
        connection.send(echoes)


def main():
    suite = checks.Checks("many-clients")
    # The server must raise its own limit, so ours is raised after it has started.
    with launcher.server(options=["--maxclients", str(BLOCKED + FILES_OF_OUR_OWN)]) as server:
        size = min(BLOCKED, raise_file_limit(BLOCKED + FILES_OF_OUR_OWN) - FILES_OF_OUR_OWN)
        crowd = Crowd(server, size)
        suite.run(f"{size} connections wait in BRPOP", crowd.gather)
        suite.run(f"each costs at most {MOST_BYTES_A_CONNECTION // 1024} KB of private memory", crowd.weigh)
        suite.run("each is woken once, in the order of arrival", crowd.wake)
        suite.run("all may leave while blocked, and get no job afterwards", crowd.block_again_and_leave)
        suite.close(server)
    with launcher.server(options=REPLY_LIMITS) as server:
        slow = SlowReaders(server)
        suite.run("unread replies take bounded memory", slow.replies_unread)
        suite.run("a subscriber who does not read is cut off", slow.messages_unread)
        suite.run("a client that only sends takes bounded memory", slow.requests_half_read)
        suite.close(server)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
