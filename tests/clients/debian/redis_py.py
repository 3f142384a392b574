"""What redis-py sends: pipelines, transactions, scripts, locks, messages, blocking pops, scans and a connection cut."""

import os
import sys
import threading
import time

import checks
import redis

JOBS = 1000
WORKERS = 4

URL = os.environ["REDIS_URL"]


def connect(**options):
    return redis.Redis.from_url(URL, decode_responses=True, **options)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.005)


class Client:
    def __init__(self):
        self.redis = connect()

    def parsed_replies(self):
        """Replies that redis-py takes apart itself."""
        info = self.redis.info()
        assert info["redis_version"].startswith("7."), info["redis_version"]
        assert info["tcp_port"] == int(URL.split(":")[2].split("/")[0])
        assert self.redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        self.redis.client_setname("me")
        mine = [client for client in self.redis.client_list() if client["id"] == str(self.redis.client_id())]
        assert [client["name"] for client in mine] == ["me"], mine
        assert self.redis.command_count() > 100 and "lpush" in self.redis.command()
        seconds, micros = self.redis.time()
        assert abs(seconds + micros / 1e6 - time.time()) < 60
        assert self.redis.dbsize() == 0 and self.redis.role()[0] == "master"
        self.redis.set("text", "x" * 100)
        assert self.redis.object("encoding", "text") == "raw"
        assert self.redis.memory_usage("text") > 100

    def pipeline(self):
        with self.redis.pipeline(transaction=False) as pipe:
            for number in range(JOBS):
                pipe.rpush("list", number)
            pipe.hset("list", "field", "value")
            pipe.lrange("list", 0, -1)
            replies = pipe.execute(raise_on_error=False)
        assert replies[:JOBS] == list(range(1, JOBS + 1))
        assert isinstance(replies[JOBS], redis.ResponseError)
        assert replies[-1] == [str(number) for number in range(JOBS)]

    def optimistic_counters(self):
        """Eight threads count under WATCH; every increment that was committed is there."""
        def count():
            def add(pipe):
                value = int(pipe.get("counter") or 0)
                pipe.multi()
                pipe.set("counter", value + 1)
            for _ in range(25):
                self.redis.transaction(add, "counter")
        in_threads(8, count)
        assert self.redis.get("counter") == "200"

    def scripts(self):
        script = self.redis.register_script("return {KEYS[1], ARGV[1], redis.call('INCRBY', KEYS[1], ARGV[1])}")
        assert script(keys=["scripted"], args=[5]) == ["scripted", "5", 5]
        self.redis.script_flush()
        assert script(keys=["scripted"], args=[5])[2] == 10
        with self.redis.pipeline() as pipe:
            script(keys=["scripted"], args=[1], client=pipe)
            assert pipe.execute() == [["scripted", "1", 11]]
        assert self.redis.script_exists(script.sha, "0" * 40) == [True, False]

    def locks(self):
        """Redis-py's lock lets one thread in at a time and is lost when its time is over."""
        inside, most = [], []
        def enter():
            for _ in range(10):
                with self.redis.lock("lock", timeout=30, sleep=0.002):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
        in_threads(4, enter)
        assert len(most) == 40 and max(most) == 1, f"{len(most)} times, at most {max(most)} inside"
        short = self.redis.lock("lock", timeout=0.05)
        assert short.acquire(blocking=False)
        wait_for(lambda: not self.redis.exists("lock"))
        try:
            short.release()
            raise AssertionError("a lock that ran out was released")
        except redis.exceptions.LockError:
            pass
        assert short.acquire() and short.extend(10) and short.reacquire()
        short.release()

    def messages(self):
        received = []
        listener = self.redis.pubsub(ignore_subscribe_messages=True)
        listener.subscribe(jobs=lambda message: received.append(message["data"]))
        listener.psubscribe(**{"n?ws": lambda message: received.append(message["channel"])})
        thread = listener.run_in_thread(sleep_time=0.01)
        wait_for(lambda: self.redis.pubsub_numsub("jobs") == [("jobs", 1)] and self.redis.pubsub_numpat() == 1)
        for number in range(JOBS):
            assert self.redis.publish("jobs", number) == 1
        self.redis.publish("news", "")
        wait_for(lambda: len(received) == JOBS + 1)
        thread.stop()
        thread.join()
        assert received == [str(number) for number in range(JOBS)] + ["news"]

    def blocking_pops(self):
        done = []
        def work():
            connection = connect()
            while (job := connection.brpop(["critical", "default"], 0)[1]) != "stop":
                done.append(job)
        threads = [threading.Thread(target=work) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for number in range(JOBS):
            self.redis.lpush(("critical", "default")[number % 2], number)
        wait_for(lambda: len(done) == JOBS)
        self.redis.lpush("default", *["stop"] * WORKERS)
        for thread in threads:
            thread.join()
        assert sorted(map(int, done)) == list(range(JOBS))
        assert self.redis.brpop("default", 0.01) is None
        self.redis.zadd("scores", {"a": 1.5, "b": float("-inf")})
        assert self.redis.bzpopmin("scores", 1) == ("scores", "b", float("-inf"))

    def scans(self):
        members = {f"member:{number}": number for number in range(3000)}
        self.redis.zadd("scanned", members)
        self.redis.hset("scanned:hash", mapping=members)
        self.redis.sadd("scanned:set", *members)
        assert dict(self.redis.zscan_iter("scanned")) == members
        assert {key: int(value) for key, value in self.redis.hscan_iter("scanned:hash", count=500)} == members
        assert set(self.redis.sscan_iter("scanned:set")) == set(members)
        assert set(self.redis.scan_iter("scanned*", _type="zset")) == {"scanned"}
        assert self.redis.zrange("scanned", 0, 1, withscores=True) == [("member:0", 0.0), ("member:1", 1.0)]
        assert self.redis.sort("scanned:set", start=0, num=2, alpha=True, desc=True) == ["member:999", "member:998"]

    def streams(self):
        for number in range(100):
            self.redis.xadd("log", {"number": number}, maxlen=50, approximate=False)
        assert self.redis.xlen("log") == 50
        self.redis.xgroup_create("log", "group", id="0")
        (_, entries), = self.redis.xreadgroup("group", "me", {"log": ">"}, count=10)
        assert [fields["number"] for _, fields in entries] == [str(number) for number in range(50, 60)]
        assert self.redis.xpending("log", "group")["pending"] == 10
        assert self.redis.xack("log", "group", *[entry for entry, _ in entries]) == 10
        assert self.redis.xinfo_groups("log")[0]["lag"] == 40

    def cut_connection(self):
        """A killed connection costs its command; a retrying client sees nothing of it."""
        victim = connect(retry=redis.retry.Retry(redis.backoff.NoBackoff(), 3), retry_on_error=[redis.ConnectionError])
        for _ in range(20):
            self.redis.client_kill_filter(_id=victim.client_id())
            assert victim.ping()


def in_threads(count, work):
    failures = []
    def guarded():
        try:
            work()
        except Exception as error:  # told by the thread that waits
            failures.append(error)
    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def main():
    suite = checks.Checks("redis-py")
    client = Client()
    suite.run("INFO, CLIENT LIST, COMMAND and others parse", client.parsed_replies)
    suite.run("a pipeline's replies come in order, an error in its place", client.pipeline)
    suite.run("WATCH lets eight threads count to 200", client.optimistic_counters)
    suite.run("scripts are loaded again after SCRIPT FLUSH", client.scripts)
    suite.run("a lock admits one thread at a time and runs out", client.locks)
    suite.run(f"{JOBS + 1} messages arrive once and in order", client.messages)
    suite.run(f"{WORKERS} threads in BRPOP take {JOBS} jobs once each", client.blocking_pops)
    suite.run("scans find every element, SORT sorts", client.scans)
    suite.run("streams and a consumer group", client.streams)
    suite.run("cut connections are opened again", client.cut_connection)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
