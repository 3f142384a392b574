"""RQ with real workers: jobs, results, failures and retries, dependencies, scheduled jobs, timeouts, a killed worker."""

import datetime
import os
import signal
import subprocess
import sys

import checks
import journal
import redis
import rq
from journal import wait_for
from rq.command import send_stop_job_command

import rq_jobs

JOBS = 1000
URL = os.environ["REDIS_URL"]
# A worker that forks for each job, as rq does by default, spends its time on forking.
SIMPLE = ["--worker-class", "rq.SimpleWorker"]


class Day:
    def __init__(self):
        self.redis = redis.Redis.from_url(URL)
        self.queue = rq.Queue(connection=self.redis)
        self.workers = []

    def start_worker(self, *options):
        with open(os.path.join(os.environ["FOLDER"], "rq.log"), "ab") as log:
            worker = subprocess.Popen([sys.executable, "-m", "rq.cli", "worker", "--url", URL, *options], stdout=log, stderr=log,
                                      env=os.environ | {"PYTHONPATH": f"{os.environ['PYTHONPATH']}:{os.getcwd()}"})
        self.workers.append(worker)
        return worker

    def stop_workers(self):
        for worker in self.workers:
            worker.send_signal(signal.SIGINT)
        statuses = [worker.wait(20) for worker in self.workers]
        self.workers.clear()
        return statuses

    def end(self):
        for worker in self.workers:
            worker.kill()

    def many_jobs(self):
        jobs = [self.queue.enqueue(rq_jobs.work, number) for number in range(JOBS - 200)]
        jobs += self.queue.enqueue_many([rq.Queue.prepare_data(rq_jobs.work, (number,)) for number in range(JOBS - 200, JOBS)])
        assert self.queue.count == JOBS and len(self.queue.job_ids) == JOBS
        burst = [self.start_worker("--burst", *SIMPLE, "default") for _ in range(2)]
        assert [worker.wait(120) for worker in burst] == [0, 0]
        self.workers.clear()
        assert journal.noted("done") == {str(number): 1 for number in range(JOBS)}, "not each job ran once"
        assert [job.result for job in jobs] == [number * 2 for number in range(JOBS)]
        assert self.queue.count == 0 and self.queue.finished_job_registry.count == JOBS
        assert len(self.queue.started_job_registry) == 0

    def forked_jobs(self):
        """Workers as they are by default: a process for each job."""
        numbers = range(JOBS, JOBS + 50)
        jobs = [self.queue.enqueue(rq_jobs.work, number) for number in numbers]
        self.start_worker("default")
        wait_for(lambda: all(job.get_status(refresh=True) == "finished" for job in jobs))
        assert all(journal.noted("done")[str(number)] == 1 for number in numbers)
        workers = rq.Worker.all(connection=self.redis)
        assert [worker.successful_job_count for worker in workers] == [50], workers

    def failures(self):
        hopeless = self.queue.enqueue(rq_jobs.fail_until, "hopeless", 99)
        recovering = self.queue.enqueue(rq_jobs.fail_until, "recovering", 3, retry=rq.Retry(max=3))
        wait_for(lambda: hopeless.get_status(refresh=True) == "failed" and recovering.get_status(refresh=True) == "finished")
        assert journal.noted("tried") == {"hopeless": 1, "recovering": 3}
        registry = self.queue.failed_job_registry
        assert registry.get_job_ids() == [hopeless.id] and "on purpose" in hopeless.exc_info
        registry.requeue(hopeless.id)
        wait_for(lambda: journal.noted("tried")["hopeless"] == 2)
        wait_for(lambda: registry.get_job_ids() == [hopeless.id])

    def dependencies(self):
        first = self.queue.enqueue(rq_jobs.work, "first")
        second = self.queue.enqueue(rq_jobs.work, "second", depends_on=[first])
        third = self.queue.enqueue(rq_jobs.work, "third", depends_on=[first, second])
        wait_for(lambda: third.get_status(refresh=True) == "finished")
        order = [event for event in journal.events() if event.split()[1] in ("first", "second", "third")]
        assert order == ["done first", "done second", "done third"], order

    def scheduled(self):
        soon = [self.queue.enqueue_in(datetime.timedelta(seconds=1), rq_jobs.work, f"soon-{number}") for number in range(20)]
        later = self.queue.enqueue_at(datetime.datetime(2099, 1, 1), rq_jobs.work, "later")
        assert self.queue.scheduled_job_registry.count == 21
        self.stop_workers()
        self.start_worker("--with-scheduler", *SIMPLE, "default")
        wait_for(lambda: all(job.get_status(refresh=True) == "finished" for job in soon))
        assert self.queue.scheduled_job_registry.get_job_ids() == [later.id]
        later.delete()
        assert self.queue.scheduled_job_registry.count == 0

    def stopped_job(self):
        """A command sent over pub/sub ends a job; a worker that is killed leaves its job to the registry."""
        self.stop_workers()
        worker = self.start_worker("default")
        hanging = self.queue.enqueue(rq_jobs.hang)
        wait_for(lambda: journal.noted("hanging").total() == 1)
        send_stop_job_command(self.redis, hanging.id)
        wait_for(lambda: hanging.get_status(refresh=True) == "failed" or hanging.is_stopped)
        orphan = self.queue.enqueue(rq_jobs.hang)
        wait_for(lambda: journal.noted("hanging").total() == 2)
        assert orphan.id in self.queue.started_job_registry.get_job_ids()
        for pid in [int(orphan_pid) for orphan_pid in journal.noted("hanging")]:
            kill_if_there(pid)
        worker.kill()
        worker.wait()
        self.workers.clear()
        # Long after the worker's last sign of life the registry takes the job for lost.
        self.queue.started_job_registry.cleanup(timestamp=datetime.datetime(2099, 1, 1).timestamp())
        assert orphan.id in self.queue.failed_job_registry.get_job_ids()

    def stopping(self):
        self.start_worker("default")
        wait_for(lambda: len(rq.Worker.all(connection=self.redis)) >= 1)
        job = self.queue.enqueue(rq_jobs.work, "last")
        wait_for(lambda: job.get_status(refresh=True) == "finished")
        assert self.stop_workers() == [0]
        assert self.queue.empty() == 0


def kill_if_there(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main():
    suite = checks.Checks("rq")
    day = Day()
    try:
        suite.run(f"{JOBS} jobs run once each on two workers, results are kept", day.many_jobs)
        suite.run("50 jobs run in processes of their own", day.forked_jobs)
        suite.run("failing jobs are tried again or end as failed, and are requeued", day.failures)
        suite.run("jobs wait for those they depend on", day.dependencies)
        suite.run("scheduled jobs run when due", day.scheduled)
        suite.run("a stopped job and a killed worker's job end as failed", day.stopped_job)
        suite.run("a worker ends its work at SIGINT", day.stopping)
    finally:
        day.end()
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
