"""A bare RESP client over one socket, for tests that must see every byte and every broken connection."""

import socket


class ReplyError(Exception):
    """An error reply; str() is its text without the leading '-'."""


class Closed(ConnectionError):
    """The server closed the connection."""


def encode(*words):
    """One command as a multibulk request."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


class Connection:
    """Replies: bytes, int, float, None, bool, list, dict, and ReplyError as a value inside pipelines and arrays."""

    def __init__(self, port=None, path=None, timeout=10, tls=None, session=None):
        """tls: the ssl.SSLContext to speak with; session: one of an earlier connection, to be resumed."""
        if path:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(path)
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1", session=session)
        self._stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stream.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def call(self, *words):
        """Sends one command and returns its reply; raises ReplyError for an error reply."""
        self.send(encode(*words))
        reply = self.read()
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def pipeline(self, commands):
        """Sends all commands in one write; returns all replies, errors as values."""
        self.send(b"".join(encode(*words) for words in commands))
        return [self.read() for _ in commands]

    def at_end(self):
        """True when the server has closed and nothing is left to read."""
        try:
            return self._stream.read(1) == b""
        except ConnectionResetError:
            return True

    def read(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return ReplyError(rest.decode(errors="replace"))
        if kind in (b":", b"("):
            return int(rest)
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        if kind in (b"$", b"="):
            return self._bulk(int(rest))
        if kind in (b"*", b"~", b">"):
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(rest))}
        raise ValueError(f"not RESP: {line!r}")

    def _line(self):
        line = self._stream.readline()
        if not line.endswith(b"\r\n"):
            raise Closed("connection closed while a reply was awaited")
        return line[:-2]

    def _bulk(self, length):
        if length < 0:
            return None
        data = self._stream.read(length + 2)
        if len(data) != length + 2:
            raise Closed("connection closed inside a bulk reply")
        return data[:-2]
