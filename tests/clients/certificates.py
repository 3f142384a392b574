"""Certificates for a test's lifetime, made by the openssl tool: authorities, and what they sign."""

import pathlib
import subprocess


class Authority:
    """Signs certificates for 127.0.0.1 below a folder; all keys die with it."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / f"{name}.crt"
        self._key = self.folder / f"{name}.key"
        self._make(name, self.certificate, self._key, "-addext", "basicConstraints=critical,CA:TRUE")

    def sign(self, name, passphrase=""):
        """A new certificate and its key: two paths."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        self._make(name, certificate, key, "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                   "-addext", "basicConstraints=CA:FALSE", "-CA", str(self.certificate), "-CAkey", str(self._key),
                   passphrase=passphrase)
        return certificate, key

    @staticmethod
    def _make(name, certificate, key, *further, passphrase=""):
        locked = ["-passout", f"pass:{passphrase}"] if passphrase else ["-nodes"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", *locked,
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate), *further],
                       check=True, capture_output=True)
