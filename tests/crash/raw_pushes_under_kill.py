"""Plain RESP writers while their server is SIGKILLed at random moments and restarted on the same data folder.

    python3 raw_pushes_under_kill.py        (KILLS: how many, 20; SEED: of the moments, random)

Several connections, each with keys of its own, write numbered values and note what the server acknowledged. The
claims, checked by reading everything back at the end: what was acknowledged is there, in order, once; what was under
way at a kill is there once or not at all; of a MULTI both halves are there or neither; what an acknowledged DEL
removed has not come back.
"""

import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

import checks  # noqa: E402
import launcher  # noqa: E402
import resp  # noqa: E402

WRITERS = 8
LIFE_SECONDS = (0.05, 1.0)
DOWN_SECONDS = (0.0, 0.2)
PIPELINE = 5


class Writer(threading.Thread):
    """Writes until told to stop; a round is one pipeline: pushes, a pair of pushes in MULTI, a counter, a flag."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server = server
        self.keys = {kind: f"{kind}:{name}" for kind in ("list", "left", "right", "counter", "last")}
        self.name_of_flag = f"flag:{name}:%d"
        self.stopping = threading.Event()
        self.acknowledged = []  # rounds whose every reply came
        self.unknown = []       # rounds that a kill cut short
        self.errors = []        # error replies: there should be none
        self._chance = random.Random(name)

    def run(self):
        number, connection = 0, None
        while not self.stopping.is_set():
            try:
                connection = connection or self.connect()
            except (OSError, resp.ReplyError):
                time.sleep(0.005)
                continue
            try:
                replies = connection.pipeline(self.commands(number))
                self.errors += [str(reply) for reply in replies if isinstance(reply, resp.ReplyError)]
                self.acknowledged.append(number)
            except OSError:
                self.unknown.append(number)
                connection.close()
                connection = None
            number += 1

    def connect(self):
        connection = resp.Connection(self.server.port)
        # Redis listens before it has loaded its data, and refuses everything until then.
        connection.call("PING")
        return connection

    def commands(self, number):
        values = values_of(number)
        pair = f"pair-{number}"
        return [("LPUSH", self.keys["list"], value) for value in values] + [
            ("MULTI",), ("LPUSH", self.keys["left"], pair), ("LPUSH", self.keys["right"], pair), ("EXEC",),
            ("INCR", self.keys["counter"]), ("SET", self.keys["last"], number),
            ("SET", self.name_of_flag % number, "x"), ("DEL", self.name_of_flag % (number - 1))]


def values_of(number):
    # Of every size, so that records end everywhere in the log's blocks; mostly small, so that restarts stay quick.
    return [f"{number}.{place}:" + "v" * ((number * 37 + place * 211) % (1500 if number % 8 == 0 else 50))
            for place in range(PIPELINE)]


def main():
    kills = int(os.environ.get("KILLS", 20))
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    chance = random.Random(seed)
    suite = checks.Checks("raw-pushes-under-kill")
    with launcher.server() as server:
        print(f"{server.kind}, {kills} kills, SEED={seed}", flush=True)
        writers = [Writer(server, name) for name in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in range(kills):
            time.sleep(chance.uniform(*LIFE_SECONDS))
            server.kill()
            time.sleep(chance.uniform(*DOWN_SECONDS))
            server.start()
        for writer in writers:
            writer.stopping.set()
            writer.join(30)
        judge(suite, server, writers, kills)
        suite.close(server)
    return suite.finish()


def judge(suite, server, writers, kills):
    rounds, cut = sum(len(w.acknowledged) for w in writers), sum(len(w.unknown) for w in writers)
    print(f"{rounds} rounds acknowledged ({rounds * PIPELINE} pushes), {cut} cut short")
    suite.check("writers were at work", rounds >= 10 * kills and cut >= 1, f"{rounds} rounds, {cut} cut short")
    suite.equal("no command was refused", [], [error for writer in writers for error in writer.errors][:3])
    with resp.Connection(server.port, timeout=60) as connection:
        for claim, test in CLAIMS.items():
            faults = [fault for writer in writers for fault in test(writer, connection)]
            suite.check(claim, not faults, f"{len(faults)} faults: {faults[:5]}")


def list_faults(writer, connection):
    expected = {value for number in writer.acknowledged for value in values_of(number)}
    maybe = {value for number in writer.unknown for value in values_of(number)}
    found = read_list(connection, writer.keys["list"])
    yield from compare(found, expected, maybe, writer.keys["list"])
    places = [tuple(int(part) for part in value.split(":")[0].split(".")) for value in found]
    if places != sorted(places):
        yield f"{writer.keys['list']} is out of order"


def pair_faults(writer, connection):
    left, right = (read_list(connection, writer.keys[side]) for side in ("left", "right"))
    if left != right:
        yield f"{writer.keys['left']} and its twin differ in {sorted(set(left) ^ set(right))[:3]}"
    yield from compare(left, {f"pair-{n}" for n in writer.acknowledged}, {f"pair-{n}" for n in writer.unknown},
                       writer.keys["left"])


def counter_faults(writer, connection):
    value, least = int(connection.call("GET", writer.keys["counter"]) or 0), len(writer.acknowledged)
    if not least <= value <= least + len(writer.unknown):
        yield f"{writer.keys['counter']} is {value}, acknowledged {least}, unknown {len(writer.unknown)}"


def last_faults(writer, connection):
    value, last = int(connection.call("GET", writer.keys["last"]) or -1), max(writer.acknowledged, default=-1)
    if value != last and (value < last or value not in writer.unknown):
        yield f"{writer.keys['last']} is {value}, last acknowledged {last}"


def flag_faults(writer, connection):
    deleted = [writer.name_of_flag % (number - 1) for number in writer.acknowledged if number]
    back = connection.pipeline([("EXISTS", name) for name in deleted])
    yield from (name for name, exists in zip(deleted, back) if exists)


CLAIMS = {
    "every acknowledged push is there, once and in order; others once or not at all": list_faults,
    "a MULTI is there whole or not at all, and whole if acknowledged": pair_faults,
    "a counter counts every acknowledged INCR and at most those under way besides": counter_faults,
    "an overwritten key holds the last acknowledged value or a later one": last_faults,
    "an acknowledged DEL stays done": flag_faults,
}


def read_list(connection, key):
    """Oldest first."""
    return [value.decode() for value in reversed(connection.call("LRANGE", key, 0, -1))]


def compare(found, expected, maybe, key):
    there = set(found)
    if len(there) != len(found):
        yield f"{key} holds {len(found) - len(there)} values twice"
    yield from (f"{key} lost {value[:20]}" for value in expected - there)
    yield from (f"{key} holds {value[:20]}, which nobody pushed" for value in there - expected - maybe)


if __name__ == "__main__":
    sys.exit(main())
