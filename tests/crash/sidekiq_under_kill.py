"""Real Sidekiq while its server is SIGKILLed at random moments and restarted on the same data folder.

    python3 sidekiq_under_kill.py 7.3|6.4        (KILLS: how many, 20; SEED: of the moments, random)

The claim: each job whose push returned is executed, except those in hands at a kill, i.e. popped for a worker whose
reply never arrived, or failing in a worker just when its retry could not be written. Those are listed, and at most
one for each worker thread and kill. A job executed twice must have been pushed (a client resends a push whose reply
it never got) or popped around a kill; those are counted.
"""

import collections
import os
import pathlib
import random
import signal
import sys
import textwrap
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

import checks  # noqa: E402
import kill_journal  # noqa: E402
import launcher  # noqa: E402
import sidekiq_edition  # noqa: E402

THREADS = 10
# A worker's thread sleeps a second after a failed fetch before it tries again.
LIFE_SECONDS = (0.0, 1.5)
DOWN_SECONDS = (0.0, 0.3)
PROGRESS_SECONDS = 30
END_SECONDS = 180
# How far from a kill a job's first execution may have begun for the kill to make it run again: the server keeps what
# it handed out until the connection's next command, and the next fetch comes after the job.
HANDOVER_SECONDS = 3


def main(edition):
    kills = int(os.environ.get("KILLS", 20))
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    suite = checks.Checks(f"sidekiq-{edition}-under-kill")
    sidekiq_edition.install(edition)
    with launcher.server() as server:
        print(f"{server.kind}, {kills} kills, SEED={seed}", flush=True)
        traffic = sidekiq_edition.start(edition, "traffic.rb", REDIS_URL=server.url, FOLDER=str(server.folder),
                                        THREADS=str(THREADS))
        try:
            moments = kill_repeatedly(server, traffic, kills, random.Random(seed))
            traffic.send_signal(signal.SIGTERM)
            status = traffic.wait(END_SECONDS)
        finally:
            traffic.kill()
        judge(suite, kill_journal.read(server.folder), moments, status)
        suite.check("kills met pushes under way", interrupted(server.folder, moments), "no push was")
        suite.close(server)
    return suite.finish()


def kill_repeatedly(server, traffic, kills, chance):
    """Returns the moments of the kills, on the monotonic clock: as many as asked for, and more until one of them met a
    push under way, which takes a millisecond of each producer's twenty."""
    moments = []
    while len(moments) < kills or (len(moments) < 10 * kills and not interrupted(server.folder, moments)):
        wait_for_progress(server.folder / "journal", traffic)
        time.sleep(chance.uniform(*LIFE_SECONDS))
        moments.append(time.monotonic())
        server.kill()
        time.sleep(chance.uniform(*DOWN_SECONDS))
        server.start()
    wait_for_progress(server.folder / "journal", traffic)
    return moments


def wait_for_progress(journal, traffic):
    """Until jobs are executed again, so that each kill meets a server at work."""
    size = journal.stat().st_size if journal.exists() else 0
    deadline = time.monotonic() + PROGRESS_SECONDS
    while not journal.exists() or journal.stat().st_size <= size:
        if traffic.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"no job was executed within {PROGRESS_SECONDS} s of a restart")
        time.sleep(0.02)


def judge(suite, told, moments, status):
    missing = [push for jid, push in told.returned.items() if jid not in told.done]
    repeated = {jid: count for jid, count in told.done.items() if count > 1}
    unknown_but_done = [jid for jid in told.done if jid not in told.returned]
    print(f"pushed {len(told.returned)}, raised {len(told.raised)} (of which executed {len(unknown_but_done)}), "
          f"missing {len(missing)}, executed twice {len(repeated)}")
    print_hands("a worker", [push for push in missing if push.jid in told.begun])
    print_hands("a reply", [push for push in missing if push.jid not in told.begun])

    suite.check("everything was drained and the worker exited with 0", status == 0, f"status {status}")
    suite.check("pushes and executions went on between the kills", len(told.returned) > 20 * len(moments),
                f"only {len(told.returned)} pushes")
    suite.check("missing jobs: at most one for each worker thread and kill", len(missing) <= THREADS * len(moments),
                f"{len(missing)} missing")
    suite.check("jobs of pushes that raised: no more than were put at stake", len(unknown_but_done) <= len(told.raised),
                f"{len(unknown_but_done)} executed of {len(told.raised)}")
    causes = collections.Counter(cause_of_repetition(told, jid, moments) for jid in repeated)
    print("executed twice, by cause:", dict(causes) or "none")
    suite.check("each job executed twice was pushed or popped around a kill", not causes["unexplained"],
                f"{causes['unexplained']} unexplained")


def interrupted(folder, moments):
    """The pushes that raised because a kill met them under way."""
    return [push for push in kill_journal.pushes(folder)[1] if in_progress_at_a_kill(push, moments)]


def print_hands(whose, missing):
    if missing:
        jids = " ".join(f"{push.jid} ({push.kind})" for push in missing)
        print(textwrap.fill(f"in the hands of {whose} at a kill, {len(missing)}: {jids}", 110, subsequent_indent="  "))


def in_progress_at_a_kill(push, moments):
    return any(push.begun <= moment <= push.ended for moment in moments)


def cause_of_repetition(told, jid, moments):
    push = told.returned.get(jid)
    if push is None:
        return "push that raised"
    if in_progress_at_a_kill(push, moments):
        return "push resent by the client"
    first = min(told.begun[jid])
    if any(abs(first - moment) <= HANDOVER_SECONDS for moment in moments):
        return "handed out again after the kill"
    return "unexplained"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
