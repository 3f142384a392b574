"""TLS as clients use it: who may come in, what a connection carries, how it ends, and what others notice of it."""

import contextlib
import os
import random
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import certificates
import checks
import launcher
import resp

RECONNECTING = int(os.environ.get("RECONNECTING", 200))
ROUNDS = 5
# Far above what a handshake in the engine's thread would cost once, far below what hundreds of them would.
MOST_PING_SECONDS = 1
BIG = os.urandom(1 << 20) * 20
HOLDFAST = launcher.default_kind() == "holdfast"


class Site:
    """A server with a TLS port, and what its clients know of it."""

    def __init__(self, folder):
        self.authority = certificates.Authority(folder, "authority")
        self.stranger = certificates.Authority(folder, "stranger")
        self.server_files = self.authority.sign("server")
        self.client_files = self.authority.sign("client")
        self.strange_files = self.stranger.sign("strange-client")
        self.port = launcher.free_port()
        self.server = None

    def options(self):
        certificate, key = self.server_files
        return ["--tls-port", str(self.port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key),
                "--tls-ca-cert-file", str(self.authority.certificate)]

    def context(self, files=None, version=None):
        """What a client speaks TLS with; files: its certificate and key, its own by default, () for none."""
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        files = self.client_files if files is None else files
        if files:
            context.load_cert_chain(*map(str, files))
        if version:
            context.minimum_version = context.maximum_version = version
        return context

    def connect(self, context=None, session=None, timeout=10):
        return resp.Connection(self.port, timeout=timeout, tls=context or self.context(), session=session)

    def plain(self):
        return resp.Connection(self.server.port)

    def configure(self, *words):
        with self.plain() as visitor:
            return visitor.call("CONFIG", "SET", *words)


class Tools:
    def __init__(self, site):
        self.site = site

    def _words(self, program, *files):
        words = [program, "-p", str(self.site.port), "--tls", "--cacert", str(self.site.authority.certificate)]
        return words + (["--cert", str(files[0]), "--key", str(files[1])] if files else [])

    def _run(self, program, *words, files=None):
        files = self.site.client_files if files is None else files
        return subprocess.run([*self._words(program, *files), *words], capture_output=True, text=True, timeout=120)

    def cli(self):
        same("OK\n", self._run("redis-cli", "SET", "greeting", "hello over TLS").stdout)
        same("hello over TLS\n", self._run("redis-cli", "GET", "greeting").stdout)

    def cli_without_certificate(self):
        for files in ((), self.site.strange_files):
            done = self._run("redis-cli", "PING", files=files)
            assert done.returncode != 0 and "PONG" not in done.stdout, done.stdout

    def benchmark(self):
        for further in (["-P", "16"], ["--threads", "2"], ["-d", "20000", "-n", "1000", "-t", "set,get"],
                        ["-k", "0", "-c", "5", "-n", "100", "-t", "ping"]):
            done = self._run("redis-benchmark", "-q", "-n", "4000", "-t", "ping,set,get,lpush,rpop", *further)
            assert done.returncode == 0 and "requests per second" in done.stdout, done.stdout[-300:] + done.stderr[-300:]


class Admission:
    def __init__(self, site):
        self.site = site

    def admits(self, files, version=None):
        try:
            with self.site.connect(self.site.context(files, version)) as visitor:
                return visitor.call("PING") == b"PONG"
        except (OSError, resp.Closed):
            return False

    def answers(self, files):
        return {mode: self._with(mode, files) for mode in ("yes", "optional", "no")}

    def _with(self, mode, files):
        self.site.configure("tls-auth-clients", mode)
        try:
            return self.admits(files)
        finally:
            self.site.configure("tls-auth-clients", "yes")

    def certificates(self):
        same({"yes": True, "optional": True, "no": True}, self.answers(self.site.client_files))
        same({"yes": False, "optional": True, "no": True}, self.answers(()))
        same({"yes": False, "optional": False, "no": True}, self.answers(self.site.strange_files))

    def refusal_is_said(self):
        try:
            with self.site.connect(self.site.context(files=())) as visitor:
                visitor.read()
        except ssl.SSLError as error:
            assert "certificate required" in str(error).lower().replace("_", " "), error
            return
        raise AssertionError("nothing was said")

    def protocols(self):
        self.site.configure("tls-protocols", "TLSv1.2")
        same([True, False], [self.admits(None, version) for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)])
        self.site.configure("tls-protocols", "TLSv1.3")
        same([False, True], [self.admits(None, version) for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)])
        self.site.configure("tls-protocols", "")

    def resumption(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            # Redis 7.0 forgets a session whose connection ended without close_notify.
            for tickets in (True, False) if version == ssl.TLSVersion.TLSv1_2 and HOLDFAST else (True,):
                context = self.site.context(version=version)
                if not tickets:
                    context.options |= ssl.OP_NO_TICKET
                same([False, True, True], self._resumed(context), f"{version.name}, tickets: {tickets}")

    def no_resumption(self):
        self.site.configure("tls-session-caching", "no")
        same([False, False, False], self._resumed(self.site.context(version=ssl.TLSVersion.TLSv1_3)))
        self.site.configure("tls-session-caching", "yes")

    def _resumed(self, context):
        seen, session = [], None
        for _ in range(3):
            with self.site.connect(context, session) as visitor:
                visitor.call("PING")  # a ticket comes with the first reply
                seen.append(visitor.socket.session_reused)
                session = visitor.socket.session
        return seen

    def counted_in_maxclients(self):
        """Those who have not shaken hands yet are clients."""
        with self.site.plain() as visitor:
            visitor.call("CONFIG", "SET", "maxclients", 20)
            silent = [socket.create_connection(("127.0.0.1", self.site.port), 10) for _ in range(40)]
            refused = sum(at_end(one) for one in silent[20:])
            same(20, refused)
            for one in silent:
                one.close()
            visitor.call("CONFIG", "SET", "maxclients", 10000)
        wait_for(lambda: self.admits(None))


class Renewal:
    def __init__(self, site):
        self.site = site

    def _name_seen(self):
        with self.site.connect() as visitor:
            visitor.call("PING")
            return dict(part[0] for part in visitor.socket.getpeercert()["subject"])["commonName"]

    def by_configuration(self):
        before = self.site.connect()
        certificate, key = self.site.authority.sign("renewed")
        same(b"OK", self.site.configure("tls-cert-file", certificate, "tls-key-file", key))
        same("renewed", self._name_seen())
        same(b"PONG", before.call("PING"), "the connection from before")
        before.close()

    def bad_files(self):
        _, other_key = self.site.authority.sign("other")
        for words in (("tls-cert-file", "/nowhere.crt"), ("tls-key-file", other_key), ("tls-key-file", __file__),
                      ("tls-ca-cert-file", "/nowhere.crt"), ("tls-ciphers", "nonsense"), ("tls-protocols", "SSLv9"),
                      ("timeout", "0", "tls-cert-file", "")):
            try:
                self.site.configure(*words)
                raise AssertionError(f"{words} was accepted")
            except resp.ReplyError as error:
                same(f"ERR CONFIG SET failed (possibly related to argument '{words[-2]}') - "
                     "Unable to update TLS configuration. Check server logs.", str(error))
        same("renewed", self._name_seen())
        with self.site.plain() as visitor:
            assert b"renewed.crt" in visitor.call("CONFIG", "GET", "tls-cert-file")[1]

    def locked_key(self):
        certificate, key = self.site.authority.sign("locked", passphrase="open sesame")
        words = ("tls-cert-file", certificate, "tls-key-file", key, "tls-key-file-pass")
        try:
            self.site.configure(*words, "wrong")
            raise AssertionError("a wrong passphrase was accepted")
        except resp.ReplyError:
            pass
        self.site.configure(*words, "open sesame")
        same("locked", self._name_seen())

    def by_signal(self):
        certificate, key = self.site.authority.sign("first")
        self.site.configure("tls-cert-file", certificate, "tls-key-file", key)
        for new, old in zip(self.site.authority.sign("second"), (certificate, key)):
            os.replace(new, old)
        same("first", self._name_seen())
        os.kill(self.site.server.pid, signal.SIGHUP)
        wait_for(lambda: self._name_seen() == "second")
        certificate.write_text("broken")
        os.kill(self.site.server.pid, signal.SIGHUP)
        wait_for(lambda: "TLS stays as it was" in self.site.server.log_tail())
        same("second", self._name_seen())


class Traffic:
    def __init__(self, site):
        self.site = site

    def big_values(self):
        with self.site.connect(timeout=60) as visitor:
            same(b"OK", visitor.call("SET", "big", BIG))
            assert visitor.call("GET", "big") == BIG, "another value came back"
            same(len(BIG), visitor.call("STRLEN", "big"))

    def slow_reader(self):
        """Replies wait for a client that does not read, and nobody waits for it."""
        with self.site.connect(timeout=60) as visitor:
            visitor.send(resp.encode("GET", "big") * 4)
            with self.site.connect() as other:
                for _ in range(100):
                    same(b"PONG", other.call("PING"))
            assert [visitor.read() == BIG for _ in range(4)] == [True] * 4
            visitor.call("DEL", "big")

    def pipeline(self):
        with self.site.connect(timeout=60) as visitor:
            same(list(range(1, 50001)), visitor.pipeline([("INCR", "counted")] * 50000))

    def byte_by_byte(self):
        """Each byte a record of its own."""
        with self.site.connect() as visitor:
            for byte in resp.encode("ECHO", b"slow\r\nsender") + b"ECHO inline\r\n":
                visitor.send(bytes([byte]))
            same([b"slow\r\nsender", b"inline"], [visitor.read(), visitor.read()])

    def half_close(self):
        """The end of the socket, as on a plain port, and close_notify with an open socket."""
        requests = b"".join(resp.encode("RPUSH", "half", number) for number in range(2000))
        replies = b"".join(b":%d\r\n" % length for length in range(1, 2001))
        for say_end in (InHand.end, InHand.close_notify):
            with self.site.connect() as visitor:
                visitor.call("DEL", "half")
            with InHand(self.site) as visitor:
                visitor.send(requests)
                say_end(visitor)
                assert visitor.read_all() == replies, say_end.__name__

    def blocked(self):
        with self.site.connect() as worker, self.site.connect() as producer:
            worker.send(resp.encode("BRPOP", "jobs", 0) + resp.encode("PING"))
            wait_for(lambda: info(producer, "blocked_clients") == 1)
            same(1, producer.call("LPUSH", "jobs", "job"))
            same([[b"jobs", b"job"], b"PONG"], [worker.read(), worker.read()])

    def hung_up_while_blocked(self):
        for hang_up in (reset, resp.Connection.close, lambda one: end_without_notice(one.socket),
                        lambda one: close_notify(one.socket)):
            visitor = self.site.connect()
            visitor.send(resp.encode("BRPOP", "jobs", 0))
            with self.site.connect() as other:
                wait_for(lambda: info(other, "blocked_clients") == 1)
                hang_up(visitor)
                other.call("LPUSH", "jobs", "job")
                same(b"job", other.call("RPOP", "jobs"), "the job went to a connection that is gone")
                wait_for(lambda: info(other, "blocked_clients") == 0)

    def reconnecting(self):
        """Prints the longest PING of a client that stays while the others come and go."""
        context = self.site.context()
        failures, longest = [], 0

        def come_and_go():
            for _ in range(ROUNDS):
                try:
                    with self.site.connect(context, timeout=60) as visitor:
                        same(b"PONG", visitor.call("PING"))
                except Exception as error:  # told by the thread that waits for this one
                    failures.append(error)

        with self.site.connect() as steady:
            threads = [threading.Thread(target=come_and_go) for _ in range(RECONNECTING)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                started = time.monotonic()
                same(b"PONG", steady.call("PING"))
                longest = max(longest, time.monotonic() - started)
        same([], failures[:3])
        print(f"        {RECONNECTING * ROUNDS} handshakes, the longest PING meanwhile took {longest * 1000:.0f} ms")
        assert longest < MOST_PING_SECONDS, f"a PING took {longest:.3f} s"


class Strangers:
    def __init__(self, site):
        self.site = site

    def _raw(self, port=None):
        return socket.create_connection(("127.0.0.1", port or self.site.port), 10)

    def plaintext(self):
        with self._raw() as stranger:
            stranger.sendall(b"PING\r\n")
            said = read_all(stranger)
            assert not HOLDFAST or said.startswith(b"-ERR Protocol error: this port speaks TLS only"), said

    def hello_at_the_plain_port(self):
        try:
            self.site.context().wrap_socket(self._raw(self.site.server.port), server_hostname="127.0.0.1")
            raise AssertionError("a handshake at the plain port")
        except ssl.SSLError as error:
            assert "WRONG_VERSION_NUMBER" in str(error), error

    def garbage(self):
        chance = random.Random(1)
        for number in range(100):
            with self._raw() as stranger:
                beginning = (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")[number % 3]
                with contextlib.suppress(ConnectionError):
                    stranger.sendall(beginning + chance.randbytes(chance.randrange(1, 2000)))
        self.all_left()

    def truncated_hello(self):
        hello = client_hello(self.site.context())
        for length in range(0, len(hello), 13):
            with self._raw() as stranger:
                stranger.sendall(hello[:length])
        self.all_left()

    def garbage_inside(self):
        """A record that was tampered with ends its connection and nothing else."""
        with self.site.connect() as visitor:
            same(b"PONG", visitor.call("PING"))
            raw = socket.socket(fileno=os.dup(visitor.socket.fileno()))
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            raw.close()
            try:
                assert visitor.at_end(), "something was answered"
            except ssl.SSLError:
                pass
        self.all_left()

    def all_left(self):
        with self.site.connect() as visitor:
            wait_for(lambda: info(visitor, "connected_clients") == 1)
            same(b"PONG", visitor.call("PING"))


class Starts:
    def __init__(self, site):
        self.site = site

    def _start(self, *words):
        return subprocess.Popen([*self.site.server.command(), "--port", "0", *map(str, words)], cwd=self.site.server.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def without_a_plain_port(self):
        process = self._start()
        try:
            wait_for(lambda: self._answers())
            with self.site.connect() as visitor:
                assert f"tcp_port:{self.site.port}\r\n".encode() in visitor.call("INFO", "server")
        finally:
            process.terminate()
            process.communicate(timeout=30)
        same(0, process.returncode)

    def _answers(self):
        with contextlib.suppress(resp.ReplyError):  # a real Redis is LOADING for a moment
            return Admission(self.site).admits(None)

    def with_wrong_files(self):
        _, other_key = self.site.authority.sign("not-the-servers")
        for words in (("--tls-cert-file", "/nowhere.crt"), ("--tls-key-file", other_key), ("--tls-ca-cert-file", "/nowhere.crt"),
                      ("--tls-dh-params-file", "/nowhere.pem")):
            process = self._start(*words)
            said = process.communicate(timeout=30)[0]
            same(1, process.returncode, said)
            assert not HOLDFAST or f"{words[0][2:]} '{words[1]}': " in said, said


class InHand:
    """A TLS connection whose records are in the test's hand: Python's sockets cannot end one side alone."""

    def __init__(self, site):
        self._socket = socket.create_connection(("127.0.0.1", site.port), 10)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._talk = site.context().wrap_bio(self._incoming, self._outgoing, server_hostname="127.0.0.1")
        self._go_on(self._talk.do_handshake)
        self._flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._talk.write(data)
        self._flush()

    def close_notify(self):
        with contextlib.suppress(ssl.SSLWantReadError):
            self._talk.unwrap()
        self._flush()

    def end(self):
        self._socket.shutdown(socket.SHUT_WR)

    def read_all(self):
        """Until the server's close_notify."""
        parts = []
        with contextlib.suppress(ssl.SSLZeroReturnError):
            while part := self._go_on(lambda: self._talk.read(65536)):
                parts.append(part)
        return b"".join(parts)

    def _go_on(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                data = self._socket.recv(65536)
                assert data, "the server ended without close_notify"
                self._incoming.write(data)

    def _flush(self):
        if self._outgoing.pending:
            self._socket.sendall(self._outgoing.read())


def close_notify(connection):
    """Says that nothing more is sent, and leaves the socket open: unwrap alone would wait for the answer."""
    timeout = connection.gettimeout()
    connection.setblocking(False)
    with contextlib.suppress(ssl.SSLError, BlockingIOError):
        connection.unwrap()
    connection.settimeout(timeout)


def end_without_notice(connection):
    socket.socket.shutdown(connection, socket.SHUT_WR)


def reset(visitor):
    visitor.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.close()


def client_hello(context):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    talk = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with contextlib.suppress(ssl.SSLWantReadError):
        talk.do_handshake()
    return outgoing.read()


def read_all(connection):
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def at_end(connection, seconds=2):
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def info(connection, field):
    for line in connection.call("INFO", "clients").decode().split("\r\n"):
        if line.startswith(field + ":"):
            return int(line.split(":")[1])
    raise AssertionError(f"INFO clients has no {field}")


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


def same(expected, got, more=""):
    if expected != got:
        raise AssertionError(f"expected {str(expected)[:300]}, got {str(got)[:300]} {more}")


def claims(site):
    tools, admission, renewal = Tools(site), Admission(site), Renewal(site)
    traffic, strangers = Traffic(site), Strangers(site)
    yield "redis-cli --tls", tools.cli
    yield "redis-cli --tls without a certificate, or with a stranger's, is refused", tools.cli_without_certificate
    yield "redis-benchmark --tls, with pipelines, threads, big values and reconnects", tools.benchmark
    yield "clients' certificates are required, optional, or not asked for", admission.certificates
    yield "a client without a certificate is told that one is required", admission.refusal_is_said
    yield "tls-protocols says which are spoken", admission.protocols
    yield "sessions are resumed: TLS 1.2 by ticket and by cache, TLS 1.3 by ticket", admission.resumption
    yield "20 MB both ways", traffic.big_values
    yield "a slow reader of 80 MB holds up nobody", traffic.slow_reader
    yield "a pipeline of 50000", traffic.pipeline
    yield "a request in records of one byte", traffic.byte_by_byte
    yield "a blocked BRPOP is served, and its pipeline goes on", traffic.blocked
    yield "a plaintext client is ended with a clear word", strangers.plaintext
    yield "garbage leaves no client behind", strangers.garbage
    yield "a handshake cut off anywhere leaves no client behind", strangers.truncated_hello
    yield "a tampered record ends its connection", strangers.garbage_inside
    yield "certificates are renewed by CONFIG SET while a connection goes on", renewal.by_configuration
    yield "bad files and words are refused and the old ones stay", renewal.bad_files
    yield "a key with a passphrase", renewal.locked_key
    if not HOLDFAST:
        return
    # Redis 7.0 ends a handshake with an error where its cache is off, hears no end of one side as one, and does the
    # handshakes in its one thread.
    yield "a job is not handed to a blocked client that hung up", traffic.hung_up_while_blocked
    yield f"{RECONNECTING} clients that reconnect do not stop another's PINGs", traffic.reconnecting
    yield "a half-closed connection, with close_notify or without, gets all its replies", traffic.half_close
    yield "tls-session-caching no: none is resumed", admission.no_resumption
    yield "clients in their handshake count in maxclients", admission.counted_in_maxclients
    yield "a TLS hello at the plain port is ended at once", strangers.hello_at_the_plain_port
    yield "certificates are renewed by SIGHUP, broken ones are not", renewal.by_signal


def main():
    suite = checks.Checks("tls")
    with launcher.scratch_folder("certificates") as folder:
        site = Site(folder)
        with launcher.server(options=site.options()) as server:
            site.server = server
            for claim, test in claims(site):
                suite.run(claim, test)
            waiting = site.connect()
            waiting.send(resp.encode("BRPOP", "none", 0))
            suite.close(server)
            suite.run("at SIGTERM a waiting client is told the end", lambda: same(True, waiting.at_end()))
            waiting.close()
            suite.run("port 0: TLS alone", Starts(site).without_a_plain_port)
            suite.run("wrong files end the start, named", Starts(site).with_wrong_files)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
