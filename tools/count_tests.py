#!/usr/bin/env python3
"""Counts the tests of a meson log (one JSON object a line) and prints "N passed, N failed".

A test program that speaks TAP counts once for each of its lines "ok" and "not ok"; a
program that fails without saying which line failed counts as one more failure. What failed
is said once more above the last line, so that the end of a long log is enough to go on."""
import json
import re
import sys

SAID_OF_ONE = 40  # lines of explanation below a "not ok"


def told(run):
    """The lines "not ok" of a program with what follows each, or the end of what it said."""
    lines = run.get("stdout", "").splitlines()
    found = [n for n, line in enumerate(lines) if line.startswith("not ok")]
    for start in found:
        yield lines[start]
        for line in lines[start + 1:start + 1 + SAID_OF_ONE]:
            if re.match(r"(not )?ok\b|1\.\.\d", line):
                break
            yield "  " + line
    if not found:
        yield f"{run['result']}, exit {run.get('returncode')}"
        yield from ("  " + line for line in lines[-SAID_OF_ONE:])
    yield from ("  " + line for line in run.get("stderr", "").splitlines()[-SAID_OF_ONE:])


def main():
    passed = failed = 0
    for line in open(sys.argv[1], encoding="utf-8"):
        run = json.loads(line)
        points = re.findall(r"^(ok|not ok)\b", run.get("stdout", ""), re.M)
        good, bad = points.count("ok"), points.count("not ok")
        if run["result"] not in ("OK", "EXPECTEDFAIL", "SKIP") and bad == 0:
            bad = 1
        if not points and run["result"] == "OK":
            good = 1
        passed, failed = passed + good, failed + bad
        if bad:
            print(f"failed: {run['name']}", *told(run), sep="\n  ")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
