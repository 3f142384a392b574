"""Reads what clients/sidekiq/traffic.rb left behind: see there for the lines of `pushes`, journal.rb for `journal`."""

import collections
import dataclasses

Push = collections.namedtuple("Push", "kind jid begun ended")  # jid: None where the push raised


@dataclasses.dataclass
class Told:
    returned: dict  # jid -> Push, for each push that returned
    raised: list    # Push, one for each job whose push raised
    begun: dict     # jid -> times at which an execution of it began
    done: collections.Counter  # jid -> executions that came to their end


def pushes(folder):
    """Returned and raised, as in Told, of the whole lines so far."""
    returned, raised = {}, []
    for line in open(folder / "pushes"):
        if not line.endswith("\n"):
            break
        outcome, kind, detail, begun, ended = line.split()
        if outcome == "returned":
            returned[detail] = Push(kind, detail, float(begun), float(ended))
        else:
            raised.append(Push(kind, None, float(begun), float(ended)))
    return returned, raised


def read(folder):
    returned, raised = pushes(folder)
    begun, done = collections.defaultdict(list), collections.Counter()
    for line in open(folder / "journal"):
        event, jid, _job, _attempt, _pid, _thread, moment = line.split()
        if event == "start":
            begun[jid].append(float(moment))
        elif event == "done":
            done[jid] += 1
    return Told(returned, raised, begun, done)
