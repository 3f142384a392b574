"""A disk that fills: by a small quota, and a small file system that really is full.

The second part mounts a file of its own by a loop device, which takes root and a kernel that allows it; where it is not
allowed, that part is skipped, and says so with the reason.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

import checks
import launcher
import resp

JOB = "j" * 1000
PIPELINE = 50
SMALL = ["--memtable-bytes", "4mb", "--log-segment-bytes", "1mb", "--checkpoint-interval-ms", "200"]
QUOTA = 48 << 20
FILE_SYSTEM_MB = 64
DRAIN_SECONDS = 60


class Queue:
    """Pushes, pops, and knows what must be there."""

    def __init__(self, server):
        self.server = server
        self.connection = resp.Connection(server.port, timeout=30)
        self.accepted = self.refused = self.popped = 0

    def reconnect(self):
        self.connection.close()
        self.connection = resp.Connection(self.server.port, timeout=30)

    def push(self, count):
        """Pushes numbered jobs; returns whether all were accepted."""
        requests = [("LPUSH", "queue", f"{self.accepted + i}:{JOB}") for i in range(count)]
        replies = self.connection.pipeline(requests)
        refused = [reply for reply in replies if isinstance(reply, resp.ReplyError)]
        wrong = [str(reply) for reply in refused if not str(reply).startswith("OOM command not allowed when used disk")]
        assert not wrong, wrong[:3]
        self.accepted += count - len(refused)
        self.refused += len(refused)
        return not refused

    def push_until_refused(self, most=500_000):
        while self.accepted < most:
            if not self.push(PIPELINE):
                return
        raise AssertionError(f"{most} jobs were accepted and none refused")

    def pop(self, count):
        replies = self.connection.pipeline([("RPOP", "queue")] * count)
        got = [reply for reply in replies if reply is not None]
        wrong = [reply for reply in got if isinstance(reply, resp.ReplyError)]
        assert not wrong, wrong[:3]
        self.popped += len(got)
        return len(got)

    def drain(self):
        while self.pop(500):
            pass
        assert self.popped == self.accepted, f"{self.accepted} accepted, {self.popped} popped"

    def take_back(self, most):
        """After a kill the last pops may be back, which nothing written since has confirmed: so many at most."""
        back = self.connection.call("LLEN", "queue") - (self.accepted - self.popped)
        assert 0 <= back <= most, f"{back} came back"
        self.popped -= back

    def all_there(self):
        length = self.connection.call("LLEN", "queue")
        assert length == self.accepted - self.popped, f"{self.accepted} - {self.popped} expected, {length} found"

    def info(self):
        lines = self.connection.call("INFO", "holdfast", "memory").decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def wait_for(self, *levels):
        """The level follows a checkpoint: PINGs, each answered at once, until it is one of these."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while (level := self.info()["disk_level"]) not in levels:
            assert time.monotonic() < deadline, f"the level is still {level}: {self.info()}"
            time.sleep(0.02)


class SmallQuota:
    def __init__(self, server):
        self.queue = Queue(server)

    def refuses_at_the_quota(self):
        self.queue.push_until_refused()
        info = self.queue.info()
        assert info["disk_level"] in ("full", "exhausted"), info
        assert int(info["maxmemory"]) == QUOTA, info
        # Not long before the full level; and data, not garbage, is what fills it.
        assert self.queue.accepted * len(JOB) > QUOTA * 0.55, f"{self.queue.accepted} jobs of {len(JOB)} bytes"

    def counts_match(self):
        self.queue.all_there()
        info = self.queue.info()
        assert int(info["refused_disk_full"]) == self.queue.refused, info
        assert info["refused_queue_1"] == f'name="queue",count={self.queue.refused}', info

    def consumers_go_on(self):
        for _ in range(20):
            self.queue.pop(20)
            self.queue.push(20)
        self.queue.all_there()

    def empties_and_accepts_again(self):
        self.queue.drain()
        self.queue.wait_for("normal")
        assert self.queue.push(PIPELINE)

    def quota_moves(self):
        queue = self.queue
        while queue.accepted - queue.popped < 10_000:
            assert queue.push(PIPELINE)
        queue.connection.call("CONFIG", "SET", "maxdisk", "1mb")
        assert not queue.push(1)
        assert queue.info()["disk_level"] == "exhausted"
        assert queue.pop(500) == 500
        queue.connection.call("CONFIG", "SET", "maxdisk", str(2 * QUOTA))
        queue.wait_for("normal")
        assert queue.push(PIPELINE)
        queue.all_there()


class FullFileSystem:
    """A server alone with a neighbour on a file system of FILE_SYSTEM_MB."""

    def __init__(self, server, folder):
        self.server = server
        self.queue = Queue(server)
        self.neighbour = pathlib.Path(folder) / "neighbour"

    def refuses_when_it_is_full(self):
        self.queue.push_until_refused()
        self.queue.all_there()

    def survives_a_neighbour_that_takes_the_rest(self):
        with open(self.neighbour, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
        assert os.statvfs(self.neighbour).f_bavail * 4096 < 1 << 20
        for _ in range(50):
            self.queue.push(PIPELINE)
        self.queue.all_there()
        assert self.queue.pop(200) == 200
        self.queue.all_there()

    def keeps_what_it_accepted_through_a_kill(self):
        self.server.kill()
        self.neighbour.unlink()
        self.server.start()
        self.queue.reconnect()
        self.queue.take_back(200)
        self.queue.all_there()

    def recovers_by_itself(self):
        self.survives_a_neighbour_that_takes_the_rest()
        self.neighbour.unlink()
        self.queue.drain()
        self.queue.wait_for("normal")
        assert self.queue.push(PIPELINE)
        self.queue.all_there()


@contextlib.contextmanager
def small_file_system():
    """A folder on an ext4 of its own; (None, why) where mounting is not allowed."""
    with launcher.scratch_folder("full-disk") as folder:
        image, mounted = folder / "image", folder / "mounted"
        mounted.mkdir()
        with open(image, "wb") as file:
            file.truncate(FILE_SYSTEM_MB << 20)
        why = failure(["mkfs.ext4", "-q", "-m", "0", image]) or failure(["mount", "-o", "loop", image, mounted])
        try:
            yield (None, why) if why else (mounted, "")
        finally:
            if not why:
                subprocess.run(["umount", "--lazy", mounted], check=False)


def failure(words):
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{words[0]}: {error}"
    return "" if done.returncode == 0 else f"{words[0]}: {done.stderr.strip() or done.returncode}"


def main():
    suite = checks.Checks("full-disk")
    with launcher.server("holdfast", options=[*SMALL, "--maxdisk", str(QUOTA)]) as server:
        quota = SmallQuota(server)
        suite.run("producers are refused at the quota", quota.refuses_at_the_quota)
        suite.run("what was accepted is there, what was refused is counted", quota.counts_match)
        suite.run("pops go on, and make room for pushes", quota.consumers_go_on)
        suite.run("the queue empties, and producers succeed again", quota.empties_and_accepts_again)
        suite.run("the quota is lowered below the use, and raised again", quota.quota_moves)
        suite.close(server)
    with small_file_system() as (folder, why_not):
        if why_not:
            print(f"SKIPPED a file system that is really full: none can be mounted here: {why_not}", flush=True)
            return suite.finish()
        server = launcher.Server("holdfast", folder, options=[*SMALL, "--maxdisk", "0"])
        server.start()
        try:
            full = FullFileSystem(server, folder)
            suite.run("producers are refused when the file system fills", full.refuses_when_it_is_full)
            suite.run("a neighbour takes the last block: nothing is lost", full.survives_a_neighbour_that_takes_the_rest)
            suite.run("a kill then loses nothing", full.keeps_what_it_accepted_through_a_kill)
            suite.run("it recovers by itself when there is space", full.recovers_by_itself)
            suite.close(server)
        finally:
            if server.running():
                server.kill()
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
