#!/usr/bin/env python3
"""Takes every draw that the rehearsals published and has it checked twice: by `plumbline draw verify` and by
tools/draw_verify.py, which knows only docs/draw-format.md. Both must accept it, and both must refuse it once one
drawn name was changed.

usage: draw_published.py PLUMBLINE REHEARSAL..."""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def verdicts(plumbline, path):
    checkers = [[plumbline, "draw", "verify", path], [sys.executable, f"{HERE}/../tools/draw_verify.py", path]]
    return [subprocess.run(c, capture_output=True).returncode == 0 for c in checkers]


def check(plumbline, published, folder, number):
    path = os.path.join(folder, f"draw-{number}.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(published)
    if verdicts(plumbline, path) != [True, True]:
        sys.exit(f"draw {number}: not accepted by both")
    changed = json.loads(published)
    picks = changed["strata"][0]["picks"]
    picks[0]["id"] = next(o["id"] for o in changed["pool"]["objects"] if o["id"] != picks[0]["id"])
    with open(path, "w", encoding="utf-8") as file:
        json.dump(changed, file, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if verdicts(plumbline, path) != [False, False]:
        sys.exit(f"draw {number}: a changed name was not noticed by both")


def main():
    plumbline, rehearsals = sys.argv[1], sys.argv[2:]
    published = []
    for name in rehearsals:
        with open(name, encoding="utf-8") as file:
            published += [m.group(1) for m in re.finditer(r"抽取核对文件：(\{\"announcement.*\})", file.read())]
    published = sorted(set(published))
    if not published:
        sys.exit("no draw was published")
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(published, 1):
            check(plumbline, text, folder, number)
    print(f"{len(published)} published draws: both checkers agree")


main()
