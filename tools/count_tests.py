#!/usr/bin/env python3
"""Counts the tests of a meson log (one JSON object a line) and prints "N passed, N failed".

A test program that speaks TAP counts once for each of its lines "ok" and "not ok"; a
program that fails without saying which line failed counts as one more failure."""
import json
import re
import sys


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
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
