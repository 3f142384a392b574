"""Named checks: one that fails is reported and the next goes on; the closing line counts them."""

import time


class Checks:
    def __init__(self, suite):
        self.suite = suite
        self.passed = self.failed = 0

    def check(self, claim, truth, otherwise=""):
        """Records whether the claim is true; otherwise: what is told when it is not."""
        if truth:
            self.passed += 1
            print(f"ok      {claim}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {claim}\n        {otherwise}", flush=True)
        return bool(truth)

    def run(self, claim, test):
        """Runs test(), which returns nothing or raises; an exception is a failed claim."""
        started = time.monotonic()
        try:
            test()
        except Exception as error:  # any failure of a claim must not hide the next claim
            return self.check(claim, False, f"{type(error).__name__}: {error}")
        return self.check(f"{claim} ({time.monotonic() - started:.1f} s)", True)

    def equal(self, claim, expected, got):
        return self.check(claim, expected == got, f"expected {expected!r}, got {got!r}")

    def close(self, server):
        """The last claim about a server: it stops as it should. Shows its log's end if any claim failed."""
        self.run("the server ends with 0 at SIGTERM and its log is clean", server.stop_cleanly)
        if self.failed:
            print(f"--- the end of {server.kind}'s log\n{server.log_tail()}", flush=True)

    def finish(self):
        """Prints the closing line; the exit status."""
        print(f"{self.suite}: {self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0
