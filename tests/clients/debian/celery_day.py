"""Celery with real workers: tasks, results, groups, chains and chords, retries, ETAs, priorities, remote control, and a
worker killed with a task in its hands."""

import os
import signal
import subprocess
import sys
import time

import celery
import checks
import journal
import redis
from journal import wait_for

import celery_app
from celery_app import app

TASKS = 1000
URL = os.environ["REDIS_URL"]


class Day:
    def __init__(self):
        self.redis = redis.Redis.from_url(URL)
        self.workers = []

    def start_worker(self, name, *options):
        log = os.path.join(os.environ["FOLDER"], f"{name}.log")
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--hostname", f"{name}@here", "--loglevel", "INFO",
             "--logfile", log, "--concurrency", "2", "--without-gossip", "--without-mingle", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.workers.append(worker)
        return worker

    def wait_for_workers(self, count):
        wait_for(lambda: len(app.control.ping(timeout=0.5, limit=count)) == count, describe=lambda: "workers answer no ping")

    def end(self):
        for worker in self.workers:
            kill_group(worker)

    def many_tasks(self):
        results = [celery_app.work.delay(number) for number in range(TASKS)]
        assert self.redis.llen("celery") == TASKS
        self.start_worker("one")
        self.start_worker("two")
        assert [result.get(timeout=60) for result in results] == [number * 2 for number in range(TASKS)]
        assert journal.noted("done") == {str(number): 1 for number in range(TASKS)}, "not each task ran once"
        assert self.redis.llen("celery") == 0
        wait_for(lambda: self.redis.hlen("unacked") == 0, describe=lambda: f"{self.redis.hlen('unacked')} unacknowledged")
        assert self.redis.zcard("unacked_index") == 0

    def canvas(self):
        work, add = celery_app.work, celery_app.add
        assert celery.group(work.s(number) for number in range(50)).delay().get(timeout=30) == list(range(0, 100, 2))
        assert celery.chain(work.s(1), work.s(), work.s())().get(timeout=30) == 8
        chord = celery.chord((work.s(number) for number in range(50)), add.s())
        assert chord.delay().get(timeout=30) == sum(range(0, 100, 2))

    def failures(self):
        assert celery_app.recover.delay(3).get(timeout=30) == "at last"
        assert journal.noted("tried") == {"0": 1, "1": 1, "2": 1}
        failed = celery_app.fail.delay()
        try:
            failed.get(timeout=30)
            raise AssertionError("a failed task has a result")
        except ValueError as error:
            assert str(error) == "on purpose"
        assert failed.state == "FAILURE" and "ValueError" in failed.traceback
        failed.forget()
        assert not self.redis.exists(f"celery-task-meta-{failed.id}")

    def etas(self):
        at = time.time() + 1
        for number in range(30):
            celery_app.due.apply_async((number, at), countdown=1)
        wait_for(lambda: journal.noted("due").total() == 30)
        assert journal.noted("due") == {f"{number} on-time": 1 for number in range(30)}

    def remote_control(self):
        wait_for(lambda: sorted(app.control.inspect(timeout=0.5).ping() or {}) == ["one@here", "two@here"])
        stats = app.control.inspect(timeout=2).stats()
        ran = sum(count for worker in stats.values() for count in worker["total"].values())
        assert ran >= TASKS, f"{ran} tasks by the workers' own count"
        revoked = celery_app.due.apply_async(("revoked", 0), countdown=1)
        revoked.revoke()
        wait_for(lambda: revoked.state == "REVOKED")
        assert not any(event.startswith("revoked") for event in journal.noted("due")), "a revoked task ran"

    def priorities(self):
        self.stop(2)
        for number in range(20):
            celery_app.work.apply_async((f"low-{number}",), priority=9)
        urgent = [celery_app.work.apply_async((f"urgent-{number}",), priority=0) for number in range(20)]
        self.start_worker("one", "--concurrency", "1", "--prefetch-multiplier", "0")
        [result.get(timeout=30) for result in urgent]
        wait_for(lambda: sum("-" in event for event in journal.noted("done")) == 40)
        order = [event.split("-")[0] for event in journal.noted("done") if "-" in event]
        assert order == ["urgent"] * 20 + ["low"] * 20, order

    def killed_worker(self):
        """The task of a worker that was killed runs on another after the visibility timeout."""
        self.stop(1)
        killed = self.start_worker("killed", "--concurrency", "1")
        celery_app.hang_once.delay("orphan")
        wait_for(lambda: journal.noted("began") == {"orphan": 1})
        kill_group(killed)
        self.workers.clear()
        self.redis.zadd("unacked_index", {tag: 0 for tag in self.redis.zrange("unacked_index", 0, -1)})
        self.start_worker("rescuer")
        wait_for(lambda: journal.noted("rescued") == {"orphan": 1})
        wait_for(lambda: self.redis.hlen("unacked") == 0)

    def stop(self, count):
        assert len(self.workers) == count
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        statuses = [worker.wait(30) for worker in self.workers]
        self.workers.clear()
        assert statuses == [0] * count, statuses


def kill_group(worker):
    try:
        os.killpg(worker.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    worker.wait()


def main():
    suite = checks.Checks("celery")
    day = Day()
    try:
        suite.run(f"{TASKS} tasks run once each on two workers, results arrive", day.many_tasks)
        suite.run("a group, a chain and a chord", day.canvas)
        suite.run("failing tasks are tried again or report their error", day.failures)
        suite.run("30 tasks with an ETA run when due", day.etas)
        suite.run("workers answer remote control", day.remote_control)
        suite.run("urgent tasks run before others", day.priorities)
        suite.run("the task of a killed worker runs on another", day.killed_worker)
        suite.run("a worker ends at SIGTERM", lambda: day.stop(1))
    finally:
        day.end()
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
