"""The Test Anything Protocol, as the scripts of this folder print it.

    from tap import Tap, report, skip

    sys.exit(report(points()))      # points() yields (what, ok) or (what, ok, why)

or, where points come up in the course of other work:

    tap = Tap()
    tap.check("it verifies", done.returncode == 0, done.stderr)
    sys.exit(tap.end())"""
import sys

LINES_OF_WHY = 8


class Tap:
    """Numbers the points; `why` is shown below one that does not hold."""

    def __init__(self):
        self.n, self.failed = 0, False

    def check(self, what, ok, why=""):
        self.n += 1
        self.failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {self.n} - {what}", flush=True)
        for line in str(why).splitlines()[:LINES_OF_WHY] if not ok else []:
            print(f"# {line}", flush=True)
        return bool(ok)

    def end(self):
        """The plan, and what the program exits with: to have looked at nothing is a failure."""
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed or self.n == 0 else 0


def report(points):
    """Prints each point as it comes; what the program exits with."""
    tap = Tap()
    for point in points:
        tap.check(*point)
    return tap.end()


def skip(why):
    """There is nothing to be looked at on this machine: the whole script is left out."""
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
