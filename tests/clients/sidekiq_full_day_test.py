"""Plays sidekiq/full_day.rb against a fresh server with a small quota."""

import sys

import launcher
import sidekiq_edition

SMALL = ["--memtable-bytes", "4mb", "--log-segment-bytes", "1mb", "--checkpoint-interval-ms", "200"]
QUOTA = "48mb"
# A scenario that hangs is a failure, not a run without end.
MOST_SECONDS = 240


def main():
    sidekiq_edition.install("7.3")
    with launcher.server("holdfast", options=[*SMALL, "--maxdisk", QUOTA]) as server:
        played = sidekiq_edition.start("7.3", "full_day.rb", REDIS_URL=server.url, FOLDER=str(server.folder))
        try:
            status = played.wait(MOST_SECONDS)
        finally:
            # Not a kill: it ends its worker.
            played.terminate()
            played.wait()
        if status:
            print(f"--- the end of {server.kind}'s log\n{server.log_tail()}", flush=True)
        else:
            server.stop_cleanly()
        return status


if __name__ == "__main__":
    sys.exit(main())
