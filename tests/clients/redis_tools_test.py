"""redis-cli and redis-benchmark, as Debian's redis-tools brings them, in the ways people use them."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import checks
import launcher
import resp

BENCHMARK_REQUESTS = int(os.environ.get("BENCHMARK_REQUESTS", 10000))
MASS_INSERTION = 50000


class Terminal:
    """A redis-cli that believes a person sits before it."""

    def __init__(self, server, *options):
        self._pid, self._screen = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm"
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execvp("redis-cli", ["redis-cli", "-p", str(server.port), *options])
        self._text = ""

    def type(self, line, end="\r"):
        os.write(self._screen, (line + end).encode())

    def expect(self, pattern, seconds=10):
        """Reads until the pattern shows up after what was expected before; raises with what did show up."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self._text)):
            ready = select.select([self._screen], [], [], max(0, deadline - time.monotonic()))[0]
            if not ready:
                raise AssertionError(f"no {pattern!r} on the screen, but {self._text[-300:]!r}")
            self._text += os.read(self._screen, 65536).decode(errors="replace")
        self._text = self._text[found.end():]
        return found

    def close(self):
        os.close(self._screen)
        os.waitpid(self._pid, 0)


class Tools:
    def __init__(self, server):
        self.server = server

    def cli(self, *words, stdin="", port=True, status=0):
        """redis-cli's output; its exit status must be as given."""
        address = ["-p", str(self.server.port)] if port else []
        done = subprocess.run(["redis-cli", *address, *words], input=stdin, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, f"exit status {done.returncode}: {done.stdout[-200:]}{done.stderr[-200:]}"
        return done.stdout

    def piped_session(self):
        commands = ['SET greeting "hello there"', "GET greeting", "LPUSH jobs a b c", "LRANGE jobs 0 -1", "LPOP greeting",
                    "NOSUCH x", ""]
        answers = ["OK", "hello there", "3", "c", "b", "a",
                   "WRONGTYPE Operation against a key holding the wrong kind of value", "",
                   "ERR unknown command 'NOSUCH', with args beginning with: 'x' ", "", ""]
        same(answers, self.cli(stdin="\n".join(commands)).split("\n"))

    def interactive_session(self):
        terminal = Terminal(self.server)
        prompt = re.escape(f"127.0.0.1:{self.server.port}")
        for line, answer in (("SET n 41", "OK"), ("MULTI", "OK"), ("INCR n", "QUEUED"), ("EXEC", r"1\) \(integer\) 42"),
                             ("SELECT 3", "OK"), ("HELP BRPOP", "summary:"), ("HGETALL none", r"\(empty array\)"),
                             ("BRPOP none 1", r"\(nil\)\r\n\(1\.\d+s\)")):
            terminal.expect(prompt + r"(\[3\])?(\(TX\))?> ")
            terminal.type(line)
            terminal.expect(answer)
        terminal.expect(prompt + r"\[3\]> ")
        terminal.type("LPUSH ", end="")
        terminal.expect(r"key element \[element")  # the hint while typing
        terminal.type("\x15quit")
        terminal.close()

    def subscription(self):
        terminal = Terminal(self.server)
        terminal.expect("> ")
        terminal.type("SUBSCRIBE news")
        terminal.expect(r"Reading messages.*\r\n1\) \"subscribe\"\r\n2\) \"news\"\r\n3\) \(integer\) 1")
        same("1\n", self.cli("PUBLISH", "news", "flash"))
        terminal.expect(r"1\) \"message\"\r\n2\) \"news\"\r\n3\) \"flash\"")
        terminal.close()

    def output_formats(self):
        self.cli("DEL", "jobs")
        self.cli("RPUSH", "jobs", "a", "b c")
        same('"a","b c"\n', self.cli("--csv", "LRANGE", "jobs", "0", "-1"))
        same(["a", "b c"], json.loads(self.cli("--json", "-3", "LRANGE", "jobs", "0", "-1")))
        same('1) "a"\n2) "b c"\n', self.cli("--no-raw", "LRANGE", "jobs", "0", "-1"))
        self.cli("HSET", "fields", "f", "1")
        same('1# "f" => "1"\n', self.cli("--no-raw", "-3", "HGETALL", "fields"))

    def small_options(self):
        self.cli("-x", "SET", "from-stdin", stdin="some\nlines\n")
        same("some\nlines\n\n", self.cli("GET", "from-stdin"))
        same("PONG\n" * 3, self.cli("-r", "3", "-i", "0.01", "PING"))
        same("PONG\n", self.cli("-s", self.server.unix_socket, "PING", port=False))
        self.cli("-n", "7", "SET", "in-seven", "yes")
        same("\n", self.cli("GET", "in-seven"))
        same("yes\n", self.cli("-n", "7", "GET", "in-seven"))
        self.cli("-e", "LPUSH", "greeting", "x", status=1)

    def script_file(self):
        script = self.server.folder / "script.lua"
        script.write_text("return {redis.call('GET', KEYS[1]), ARGV[1], #ARGV}")
        self.cli("SET", "k", "v")
        same("v\nargument\n1\n", self.cli("--eval", str(script), "k", ",", "argument"))

    def mass_insertion(self):
        protocol = b"".join(resp.encode("SET", f"mass:{number}", number) for number in range(MASS_INSERTION))
        done = subprocess.run(["redis-cli", "-p", str(self.server.port), "--pipe"], input=protocol,
                              capture_output=True, timeout=60)
        contains(f"errors: 0, replies: {MASS_INSERTION}".encode(), done.stdout)
        same(0, done.returncode)
        same(f"{MASS_INSERTION - 1}\n", self.cli("GET", f"mass:{MASS_INSERTION - 1}"))

    def scan(self):
        keys = self.cli("--scan", "--pattern", "mass:*").split()
        same(MASS_INSERTION, len(keys))
        same(MASS_INSERTION, len(set(keys)))

    def biggest_keys(self):
        self.cli("RPUSH", "biglist", *["x"] * 500)
        self.cli("SADD", "bigset", *map(str, range(200)))
        self.cli("ZADD", "bigzset", "1", "a", "2", "b")
        self.cli("HSET", "bighash", *map(str, range(100)))
        self.cli("SET", "bigstring", "x" * 10000)
        report = self.cli("--bigkeys")
        contains(f"Sampled {int(self.cli('DBSIZE'))} keys in the keyspace!", report)
        for line in ('list found \'"biglist"\' has 500 items', 'set found \'"bigset"\' has 200 members',
                     'zset found \'"bigzset"\' has 2 members', 'hash found \'"bighash"\' has 50 fields',
                     'string found \'"bigstring"\' has 10000 bytes'):
            contains(line, re.sub(" +", " ", report))
        contains("Biggest string found '\"bigstring\"' has", re.sub(" +", " ", self.cli("--memkeys")))

    def statistics(self):
        size = sum(map(int, re.findall(r"keys=(\d+)", self.cli("INFO", "keyspace"))))
        terminal = Terminal(self.server, "--stat", "-i", "0.1")
        terminal.expect("keys +mem +clients +blocked +requests +connections")
        for _ in range(3):
            terminal.expect(rf"{size} +\d+(\.\d+)?[BKMG] +\d+ +0 +\d+ \(\+\d+\) +\d+")
        terminal.close()

    def latency(self):
        done = subprocess.Popen(["redis-cli", "-p", str(self.server.port), "--latency", "--raw", "-i", "1"],
                                stdout=subprocess.PIPE, text=True)
        least, most, average, count = done.communicate(timeout=30)[0].split()
        assert int(count) > 10 and int(least) <= float(average) <= int(most), f"{least} {most} {average} {count}"

    def benchmark(self, *options):
        """redis-benchmark ends with a status other than 0 at the first error reply."""
        done = subprocess.run(["redis-benchmark", "-p", str(self.server.port), "-q", *options],
                              capture_output=True, text=True, timeout=300)
        same(0, done.returncode, done.stdout[-300:] + done.stderr[-300:])
        contains("requests per second", done.stdout)
        return done.stdout

    def default_benchmark(self):
        report = self.benchmark("-n", str(BENCHMARK_REQUESTS))
        for test in ("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP", "SADD",
                     "HSET", "SPOP", "ZADD", "ZPOPMIN", "LRANGE_100", "LRANGE_300", "LRANGE_500", "LRANGE_600", "MSET"):
            contains(test, report)

    def other_benchmarks(self):
        requests = str(BENCHMARK_REQUESTS)
        self.benchmark("-n", requests, "-P", "16", "-r", "10000", "-t", "set,get,lpush,rpop,sadd,hset,zadd")
        self.benchmark("-n", requests, "--threads", "2", "-t", "ping,lpush")
        self.benchmark("-n", requests, "-d", "10000", "-t", "set,get")
        self.benchmark("-n", requests, "-k", "0", "-c", "20", "-t", "ping")
        self.benchmark("-n", requests, "-3", "-t", "get,lrange_100")
        self.benchmark("-n", requests, "EVAL", "return redis.call('INCR', KEYS[1])", "1", "counted")
        same(f"{requests}\n", self.cli("GET", "counted"))


def same(expected, got, more=""):
    if expected != got:
        raise AssertionError(f"expected {expected!r}, got {got!r} {more}")


def contains(part, whole):
    if part not in whole:
        raise AssertionError(f"no {part!r} in {whole[-800:]!r}")


def main():
    suite = checks.Checks("redis-tools")
    with launcher.server() as server:
        tools = Tools(server)
        suite.run("redis-cli runs commands from standard input", tools.piped_session)
        suite.run("redis-cli serves a person at a terminal", tools.interactive_session)
        suite.run("redis-cli shows published messages", tools.subscription)
        suite.run("redis-cli writes CSV, JSON and RESP3 forms", tools.output_formats)
        suite.run("redis-cli takes -x, -r, -s, -n and -e", tools.small_options)
        suite.run("redis-cli --eval runs a script file", tools.script_file)
        suite.run(f"redis-cli --pipe inserts {MASS_INSERTION} keys", tools.mass_insertion)
        suite.run("redis-cli --scan lists each key once", tools.scan)
        suite.run("redis-cli --bigkeys and --memkeys name the biggest", tools.biggest_keys)
        suite.run("redis-cli --stat counts keys and clients", tools.statistics)
        suite.run("redis-cli --latency measures", tools.latency)
        suite.run("redis-benchmark runs its default tests", tools.default_benchmark)
        suite.run("redis-benchmark runs with its other options", tools.other_benchmarks)
        suite.close(server)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
