"""The Test Anything Protocol, as the scripts of these folders print it.

    sys.exit(report(points()))      # points() yields (what, ok) or (what, ok, why)

or, where points come up in the course of other work:

    tap = Tap()
    tap.say(done.returncode == 0, "it verifies", done.stderr)
    tap.same("the root", expected, got)
    sys.exit(tap.end())"""
import sys

LINES_OF_WHY, COLUMNS_OF_WHY = 12, 300


class Tap:
    """Numbers the points; `why` is shown below one that does not hold."""

    def __init__(self):
        self.n, self.failed = 0, False

    def say(self, ok, what, why=""):
        self.n += 1
        self.failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {self.n} - {what}", flush=True)
        for line in str(why).splitlines()[:LINES_OF_WHY] if not ok else []:
            print(f"# {line[:COLUMNS_OF_WHY]}", flush=True)

    def same(self, what, expected, got):
        self.say(expected == got, what, f"expected {expected!r}\ngot      {got!r}")

    def end(self):
        """The plan, and what the program exits with: to have looked at nothing is a failure."""
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed or self.n == 0 else 0


def report(points):
    """Prints each point as it comes; what the program exits with."""
    tap = Tap()
    for what, ok, *why in points:
        tap.say(ok, what, *why)
    return tap.end()


def skip(why):
    """There is nothing to be looked at on this machine: the whole script is left out."""
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
