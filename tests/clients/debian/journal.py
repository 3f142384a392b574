"""What jobs did, kept outside the server under test: one line an event, appended with one write, so that lines of
many processes never mix. The file is FOLDER/journal."""

import collections
import os
import time

PATH = os.path.join(os.environ["FOLDER"], "journal")


def note(*words):
    """Appends one event."""
    descriptor = os.open(PATH, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())
    finally:
        os.close(descriptor)


def events():
    """How often each event was noted: {"job 7": 1}."""
    with open(PATH, "a+") as file:
        file.seek(0)
        return collections.Counter(file.read().splitlines())


def noted(prefix):
    """The events that begin with this word, without it."""
    return collections.Counter({event.partition(" ")[2]: count for event, count in events().items()
                                if event.split(" ")[0] == prefix})


def wait_for(condition, seconds=30, describe=lambda: ""):
    """Polls until condition() is true; raises after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s; {describe()}"
        time.sleep(0.01)
