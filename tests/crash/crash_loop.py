"""Jobs on their way through queues while the server is SIGKILLed at random moments, recovery included.

    python3 crash_loop.py        (CYCLES: how many kills, 50; SEED: of the moments, random)

Clients push jobs, pop them (plainly, blocking and several at once), move them between lists, in MULTI and by
scripts, and through a sorted set, and keep a ledger of what was acknowledged. The claims, checked after each
restart by reading everything back: a job whose push was acknowledged is in the store or was popped with its
reply received, and nowhere twice; a push or move that a kill cut short happened whole or not at all; what comes
back after its pop was acknowledged is at most the last pop of its connection; a key that must expire does, and
one that must not does not.
"""

import collections
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

PUSHERS, POPPERS, MOVERS = 3, 4, 3
LIFE_SECONDS = (0.02, 0.5)
# As often the server is killed before it has recovered.
EARLY_KILLS = 0.25
EARLY_SECONDS = (0.0, 0.08)
QUEUES = ("queue:a", "queue:b")
SCHEDULE = "schedule"
SHELVES = ("shelf:1", "shelf:2")  # lists that jobs are moved to and from
MANY = 3
PROMOTE = "local due = redis.call('zrange', KEYS[1], 0, 0)[1]; if due then redis.call('zrem', KEYS[1], due); " \
          "redis.call('lpush', KEYS[2], due) end; return due"
TURN_OVER = "local job = redis.call('rpop', KEYS[1]); if job then redis.call('lpush', KEYS[2], job) end; return job"


class Client(threading.Thread):
    """Asks one thing after the other over one connection, until the server is gone."""

    def __init__(self, port, name, seed):
        super().__init__(daemon=True)
        self.port, self.name = port, name
        self.chance = random.Random(seed)
        self.stopping = threading.Event()
        self.errors = []
        self.asked = 0

    def run(self):
        try:
            with resp.Connection(self.port, timeout=launcher.READY_SECONDS) as connection:
                while not self.stopping.is_set():
                    self.asked += 1
                    self.ask(connection)
        except resp.ReplyError as error:
            self.errors.append(str(error))
        except OSError:
            pass  # killed


class Pusher(Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.acknowledged, self.unknown = [], []
        self.number = 0

    def jobs(self, count):
        self.number += count
        return [f"{self.name}:{self.number - i}" for i in range(count)]

    def ask(self, connection):
        way = self.chance.randrange(4)
        jobs = self.jobs(2 if way == 1 else 1)
        self.unknown = jobs
        if way == 0:
            connection.call("LPUSH", self.chance.choice(QUEUES), *jobs)
        elif way == 1:
            replies = connection.pipeline([("MULTI",), ("LPUSH", QUEUES[0], jobs[0]), ("RPUSH", QUEUES[1], jobs[1]), ("EXEC",)])
            if replies[-1] is None or isinstance(replies[-1], resp.ReplyError):
                raise resp.ReplyError(str(replies[-1]))
        elif way == 2:
            connection.call("ZADD", SCHEDULE, self.chance.random(), *jobs)
        else:
            connection.call("EVAL", "return redis.call('lpush', KEYS[1], ARGV[1])", 1, QUEUES[0], *jobs)
        self.acknowledged += jobs
        self.unknown = []


class Popper(Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.popped, self.last = [], []

    def ask(self, connection):
        way = self.chance.randrange(6)
        if way == 0:
            reply = [connection.call("RPOP", QUEUES[0])]
        elif way == 1:
            reply = connection.call("LPOP", QUEUES[1], MANY) or []
        elif way == 2:
            reply = (connection.call("LMPOP", 2, *QUEUES, "RIGHT", "COUNT", 2) or [None, []])[1]
        elif way == 3:
            reply = (connection.call("ZPOPMIN", SCHEDULE) or [])[:1]
        else:
            reply = (connection.call("BRPOP", *QUEUES, 0.05) or [None, None])[1:]
        jobs = [job.decode() for job in reply if job is not None]
        self.popped += jobs
        # One that finds nothing writes nothing: the pop before it is still the last.
        self.last = jobs or self.last


class Mover(Client):
    def ask(self, connection):
        way = self.chance.randrange(5)
        if way == 0:
            connection.call("LMOVE", self.chance.choice(QUEUES), self.chance.choice(SHELVES), "RIGHT", "LEFT")
        elif way == 1:
            connection.call("RPOPLPUSH", self.chance.choice(SHELVES), self.chance.choice(QUEUES))
        elif way == 2:
            connection.call("EVAL", PROMOTE, 2, SCHEDULE, QUEUES[0])
        elif way == 3:
            connection.call("EVAL", TURN_OVER, 2, self.chance.choice(SHELVES), QUEUES[1])
        else:
            connection.pipeline([("SET", f"short:{self.name}", self.asked, "PX", 1), ("SET", f"long:{self.name}", self.asked, "EX", 1000)])


class Ledger:
    """What has been acknowledged over all lives of the server."""

    def __init__(self):
        self.pushed, self.popped, self.maybe = set(), set(), []
        self.lost, self.doubled, self.halves, self.strangers, self.errors = [], [], [], [], []
        self.returned = self.cut_short = 0

    def take(self, clients):
        may_return = set()
        for client in clients:
            self.errors += client.errors
            if isinstance(client, Pusher):
                self.pushed.update(client.acknowledged)
                if client.unknown:
                    self.maybe.append(client.unknown)
                    self.cut_short += 1
            elif isinstance(client, Popper):
                self.popped.update(client.popped)
                may_return.update(client.last)
        return may_return

    def compare(self, stored, may_return):
        counts = collections.Counter(stored)
        self.doubled += [job for job, count in counts.items() if count > 1]
        back = self.popped & counts.keys()
        self.doubled += sorted(back - may_return)
        self.returned += len(back)
        self.popped -= back  # it is in its queue again, and will be popped again
        for jobs in self.maybe:
            seen = [job in counts or job in self.popped for job in jobs]
            if any(seen) and not all(seen):
                self.halves.append(jobs)
            if all(seen):
                self.pushed.update(jobs)
        self.maybe = []
        self.lost += sorted(self.pushed - counts.keys() - self.popped)
        self.strangers += sorted(counts.keys() - self.pushed)
        # What was found wrong is not found again.
        self.pushed = self.pushed - set(self.lost) | set(counts)


def stored_jobs(connection):
    jobs = []
    for key in (*QUEUES, *SHELVES):
        jobs += connection.call("LRANGE", key, 0, -1)
    jobs += connection.call("ZRANGE", SCHEDULE, 0, -1)
    return [job.decode() for job in jobs]


def expiry_faults(connection):
    faults = []
    for key in connection.call("KEYS", "*:m*"):
        if key.startswith(b"long:") and not 0 < connection.call("TTL", key) <= 1000:
            faults.append(key.decode())
    time.sleep(0.002)
    return faults + [key.decode() for key in connection.call("KEYS", "short:*")]


def cycle(server, ledger, chance, faults):
    clients = [Pusher(server.port, f"p{i}:{chance.getrandbits(48)}", chance.random()) for i in range(PUSHERS)]
    clients += [Popper(server.port, f"w{i}", chance.random()) for i in range(POPPERS)]
    clients += [Mover(server.port, f"m{i}", chance.random()) for i in range(MOVERS)]
    for client in clients:
        client.start()
    time.sleep(chance.uniform(*LIFE_SECONDS))
    server.kill()
    for client in clients:
        client.stopping.set()
        client.join()
    while chance.random() < EARLY_KILLS:
        server.launch()
        time.sleep(chance.uniform(*EARLY_SECONDS))
        server.kill()
    server.start()
    may_return = ledger.take(clients)
    with resp.Connection(server.port, timeout=launcher.READY_SECONDS) as connection:
        ledger.compare(stored_jobs(connection), may_return)
        faults += expiry_faults(connection)


def main():
    cycles = int(os.environ.get("CYCLES", 50))
    seed = int(os.environ.get("SEED", random.getrandbits(32)))
    suite = checks.Checks("crash-loop")
    chance, ledger, faults = random.Random(seed), Ledger(), []
    print(f"{launcher.default_kind()}, {cycles} kills, SEED={seed}", flush=True)
    with launcher.server() as server:
        for _ in range(cycles):
            cycle(server, ledger, chance, faults)
        print(f"{len(ledger.pushed)} jobs, {len(ledger.popped)} popped, {ledger.cut_short} pushes cut short, "
              f"{ledger.returned} came back after a pop", flush=True)
        suite.check("every job whose push was acknowledged is in the store or was popped", not ledger.lost, f"lost: {ledger.lost[:5]}")
        suite.check("nothing is there twice but the last pop of a connection", not ledger.doubled, f"twice: {ledger.doubled[:5]}")
        suite.check("what a kill cut short happened whole or not at all", not ledger.halves, f"in half: {ledger.halves[:5]}")
        suite.check("nothing is there that nobody pushed", not ledger.strangers, f"{ledger.strangers[:5]}")
        suite.check("expiries survived as they were", not faults, f"{faults[:5]}")
        suite.check("no command was answered by an error", not ledger.errors, f"{ledger.errors[:5]}")
        suite.check("kills met pushes under way, and pops went on", ledger.cut_short > 0 and ledger.popped)
        suite.close(server)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
