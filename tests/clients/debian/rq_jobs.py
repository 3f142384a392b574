"""The jobs of the RQ application; imported by its workers."""

import os
import time

import journal


def work(number):
    journal.note("done", number)
    return number * 2


def fail_until(path, tries):
    journal.note("tried", path)
    if journal.noted("tried")[path] < tries:
        raise RuntimeError("on purpose")
    return "at last"


def hang():
    journal.note("hanging", os.getpid())
    time.sleep(60)
