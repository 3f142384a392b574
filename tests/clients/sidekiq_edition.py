"""The two real Sidekiqs: how to start a Ruby program under each.

"7.3" is the newest of RubyGems, installed by Bundler from sidekiq/Gemfile.lock into build/clients/bundle; it speaks
RESP3 through redis-client. "6.4" is Debian's package ruby-sidekiq; it speaks RESP2 through redis-rb 4.
"""

import os
import subprocess

import bundle
import launcher

FOLDER = launcher.ROOT / "tests" / "clients" / "sidekiq"
GEMFILE = FOLDER / "Gemfile"
NAMES = ("7.3", "6.4")


def install(edition):
    """Brings the gems of the lock file into the build folder; does nothing when they are there."""
    if edition == "7.3":
        bundle.install(GEMFILE)


def start(edition, script, **environment):
    """Starts sidekiq/<script> and returns the process; its output is ours. environment: REDIS_URL, FOLDER and so on."""
    prefix = ["bundle", "exec"] if edition == "7.3" else []
    return subprocess.Popen([*prefix, "ruby", script], cwd=FOLDER, env=_environment(edition) | environment)


def _environment(edition):
    # LANG: Ruby takes source and server texts for UTF-8 whatever the machine's locale is.
    return os.environ | {"LANG": "C.UTF-8"} | (bundle.environment(GEMFILE) if edition == "7.3" else {})
