"""Clients that speak wrongly, stop in the middle, or hang up: clear errors, bounded memory, nobody else disturbed."""

import os
import random
import socket
import struct
import sys
import time

import checks
import launcher
import resp

GARBAGE_CONNECTIONS = int(os.environ.get("GARBAGE_CONNECTIONS", 300))
MEGABYTE = 1 << 20

# What is sent, and the error that must be the answer before the server hangs up.
PROTOCOL_ERRORS = {
    b"*2147483648\r\n": "invalid multibulk length",
    b"*12x\r\n": "invalid multibulk length",
    b"*" + b"1" * 70000: "too big mbulk count string",
    b"*1\r\n:4\r\nPING\r\n": "expected '$', got ':'",
    b"*02\r\n": "invalid multibulk length",
    b"*1\r\n\r\n": "expected '$', got ' '",
    b"*1\r\n$-1\r\n": "invalid bulk length",
    b"*1\r\n$536870913\r\n": "invalid bulk length",
    b"*1\r\n$9223372036854775808\r\n": "invalid bulk length",
    b"*1\r\n$x\r\n": "invalid bulk length",
    b"*1\r\n$" + b"1" * 70000: "too big bulk count string",
    b"x" * 70000: "too big inline request",
    b"SET a \"b\r\n": "unbalanced quotes in request",
    b"SET a 'b'c\r\n": "unbalanced quotes in request",
}
UNAUTHENTICATED_ERRORS = {
    b"*11\r\n": "unauthenticated multibulk length",
    b"*1\r\n$16385\r\n": "unauthenticated bulk length",
}
# What is accepted although it looks odd, and the replies.
ODD_BUT_RIGHT = {
    b"*0\r\n*-1\r\n\r\n\r\nPING\r\n": [b"PONG"],
    b"  PING  \r\nPING\n": [b"PONG", b"PONG"],
    b"ECHO \"\\x41\\t'\"\r\nECHO 'it\\'s'\r\n": [b"A\t'", b"it's"],
    b"*2\r\n$4\r\neChO\r\n$0\r\n\r\n": [b""],
    b"*2\r\n$4\r\nECHO\r\n$3\r\n\0\r\n\r\n": [b"\0\r\n"],
}


class Visitors:
    def __init__(self, server):
        self.server = server

    def connect(self, timeout=10):
        return resp.Connection(self.server.port, timeout=timeout)

    def answers_then_hangs_up(self, sent, error):
        with self.connect() as visitor:
            visitor.send(sent)
            reply = visitor.read()
            assert isinstance(reply, resp.ReplyError) and str(reply) == f"ERR Protocol error: {error}", repr(reply)
            assert visitor.at_end(), "the connection stays open"

    def answers(self, sent, replies):
        with self.connect() as visitor:
            visitor.send(sent)
            got = [visitor.read() for _ in replies]
            assert got == replies, f"expected {replies}, got {got}"

    def byte_by_byte(self):
        with self.connect() as visitor:
            for byte in resp.encode("ECHO", b"slow\r\nsender") + b"ECHO 'inline too'\r\n":
                visitor.send(bytes([byte]))
            assert [visitor.read(), visitor.read()] == [b"slow\r\nsender", b"inline too"]

    def every_truncation(self):
        frame = resp.encode("SET", "truncated", "x" * 20)
        for length in range(len(frame)):
            with self.connect() as visitor:
                visitor.send(frame[:length])
        with self.connect() as visitor:
            assert visitor.call("EXISTS", "truncated") == 0, "a truncated command was executed"
        self.all_left()

    def garbage(self):
        chance = random.Random(1)
        alphabets = [bytes(range(256)), b"*$\r\n0123456789-", b"*$:+-_#,(!=%~>|\r\n19\"'\\ PINGSET"]
        for number in range(GARBAGE_CONNECTIONS):
            with self.connect() as visitor:
                visitor.send(bytes(chance.choices(alphabets[number % 3], k=chance.randrange(1, 3000))))
        self.all_left()

    def control_characters_in_errors(self):
        with self.connect() as visitor:
            error = visitor.pipeline([("no\r\nsuch\0", "a\nb")])[0]
            assert str(error) == "ERR unknown command 'no  such', with args beginning with: 'a b' ", repr(error)
            error = visitor.pipeline([("x" * 500, "y" * 500)])[0]
            expected = f"ERR unknown command '{'x' * 128}', with args beginning with: '{'y' * 128}' "
            assert str(error) == expected, repr(error)

    def cross_site_request(self):
        with self.connect() as visitor:
            visitor.send(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nSET stolen 1\r\n")
            while not visitor.at_end():
                pass
        with self.connect() as visitor:
            assert visitor.call("EXISTS", "stolen") == 0, "a browser's request was executed"

    def promises_of_much(self):
        """Lengths are claims: memory is for bytes that came."""
        before = self.server.memory()["private"]
        visitors = [self.connect() for _ in range(200)]
        for visitor in visitors:
            visitor.send(b"*1000000\r\n$3\r\nSET\r\n$500000000\r\nabc")
        self.still_served()
        grown = self.server.memory()["private"] - before
        for visitor in visitors:
            visitor.close()
        assert grown < launcher.memory_bound(50 * MEGABYTE), f"{grown // MEGABYTE} MB for 200 connections that sent 40 bytes each"

    def big_value(self):
        value = os.urandom(MEGABYTE) * 64
        with self.connect(timeout=60) as visitor:
            assert visitor.call("SET", "big", value) == b"OK"
            assert visitor.call("GET", "big") == value, "another value came back"
            assert visitor.call("STRLEN", "big") == len(value)
            visitor.call("DEL", "big")

    def many_errors(self):
        with self.connect(timeout=30) as visitor:
            replies = visitor.pipeline([("NOSUCH",)] * 20000 + [("PING",)])
            assert replies[-1] == b"PONG" and all(isinstance(reply, resp.ReplyError) for reply in replies[:-1])

    def half_closed(self):
        """`printf ... | nc -N`: the client says that it is done sending, and then reads."""
        for count in (1, 100, 2000):
            with self.connect() as visitor:
                visitor.send(b"".join(resp.encode("RPUSH", f"half:{count}", number) for number in range(count)))
                visitor.socket.shutdown(socket.SHUT_WR)
                replies = [visitor.read() for _ in range(count)]
                assert replies == list(range(1, count + 1)), f"{count}: {replies[:5]}"
                assert visitor.at_end(), "the connection stays open"

    def hung_up_while_blocked(self):
        """A job must not be handed to a connection that is gone."""
        for hang_up in (reset, half_close, resp.Connection.close):
            visitor = self.connect()
            visitor.send(resp.encode("BRPOP", "jobs", 0))
            with self.connect() as other:
                wait_for(lambda: info(other, "blocked_clients") == 1)
                hang_up(visitor)
                other.call("LPUSH", "jobs", "job")
                job = other.call("RPOP", "jobs")
                assert job == b"job", f"the job went to a connection that is gone ({hang_up.__name__})"
                wait_for(lambda: info(other, "blocked_clients") == 0)
        self.all_left()

    def still_served(self):
        with self.connect(timeout=2) as visitor:
            assert visitor.call("PING") == b"PONG"

    def all_left(self):
        with self.connect() as visitor:
            wait_for(lambda: info(visitor, "connected_clients") == 1)


def reset(visitor):
    visitor.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.close()


def half_close(visitor):
    visitor.socket.shutdown(socket.SHUT_WR)


def info(connection, field):
    for line in connection.call("INFO", "clients").decode().split("\r\n"):
        if line.startswith(field + ":"):
            return int(line.split(":")[1])
    raise AssertionError(f"INFO clients has no {field}")


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def main():
    suite = checks.Checks("bad-input")
    with launcher.server() as server:
        visitors = Visitors(server)
        for sent, error in PROTOCOL_ERRORS.items():
            suite.run(f"{shown(sent)}: {shown(error)}", lambda: visitors.answers_then_hangs_up(sent, error))
        for sent, replies in ODD_BUT_RIGHT.items():
            suite.run(f"{shown(sent)} is understood", lambda: visitors.answers(sent, replies))
        for claim, test in (
                ("commands may come byte by byte", visitors.byte_by_byte),
                ("a command cut off anywhere is not executed and leaves no client behind", visitors.every_truncation),
                (f"{GARBAGE_CONNECTIONS} connections of garbage leave no client behind", visitors.garbage),
                ("an error stays one short line whatever it quotes", visitors.control_characters_in_errors),
                ("a browser's cross-site request is cut off", visitors.cross_site_request),
                ("announced lengths cost no memory", visitors.promises_of_much),
                ("a value of 64 MB comes back as it was", visitors.big_value),
                ("20000 errors in a pipeline", visitors.many_errors),
                ("a half-closed connection gets all its replies and is then closed", visitors.half_closed),
                ("a job is not handed to a blocked client that hung up", visitors.hung_up_while_blocked),
                ("and the server still serves", visitors.still_served)):
            suite.run(claim, test)
        suite.close(server)
    with launcher.server(options=["--requirepass", "secret"]) as server:
        visitors = Visitors(server)
        for sent, error in UNAUTHENTICATED_ERRORS.items():
            suite.run(f"before AUTH {shown(sent)}: {error}", lambda: visitors.answers_then_hangs_up(sent, error))
    return suite.finish()


def shown(sent):
    text = repr(sent).removeprefix("b")
    return text if len(text) < 60 else f"{text[:20]}...{len(sent)} bytes"


if __name__ == "__main__":
    sys.exit(main())
