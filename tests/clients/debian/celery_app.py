"""The Celery application: its settings and tasks; loaded by the workers and by the script that plays them."""

import os
import time

import celery
import journal

app = celery.Celery("day", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.update(
    task_serializer="json",
    worker_prefetch_multiplier=4,
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    # Seconds until a task of a worker that was killed is given to another.
    broker_transport_options={"visibility_timeout": 5, "priority_steps": [0, 9], "queue_order_strategy": "priority"},
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
)


@app.task
def work(number):
    journal.note("done", number)
    return number * 2


@app.task
def add(numbers):
    return sum(numbers)


@app.task
def due(number, at):
    journal.note("due", number, "early" if time.time() < at else "on-time")


@app.task(bind=True, max_retries=3)
def recover(self, tries):
    journal.note("tried", self.request.retries)
    if self.request.retries + 1 < tries:
        raise self.retry(countdown=0.05, exc=RuntimeError("on purpose"))
    return "at last"


@app.task
def fail():
    raise ValueError("on purpose")


@app.task
def hang_once(name):
    """Hangs the first time that it runs."""
    journal.note("began", name)
    if journal.noted("began")[name] == 1:
        time.sleep(60)
    journal.note("rescued", name)
