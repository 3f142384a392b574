"""Plays sidekiq/scenario.rb against a fresh server: python3 sidekiq_test.py 7.3|6.4 (JOBS: how many, 20000)."""

import sys

import launcher
import sidekiq_edition


def main(edition):
    sidekiq_edition.install(edition)
    with launcher.server() as server:
        played = sidekiq_edition.start(edition, "scenario.rb", REDIS_URL=server.url, FOLDER=str(server.folder))
        status = played.wait()
        if status:
            print(f"--- the end of {server.kind}'s log\n{server.log_tail()}")
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
