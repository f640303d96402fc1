#!/usr/bin/env python3
"""Takes every draw that the rehearsals published and has it checked twice: by `plumbline draw verify` and by
tools/draw_verify.py, which knows only docs/draw-format.md. Both must accept it, and both must refuse it once one
drawn name was changed. Its announcement, published before, must fit it, and no longer once a weight was changed.

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


def texts_of(rehearsals, label):
    found = set()
    for name in rehearsals:
        with open(name, encoding="utf-8") as file:
            found |= {m.group(1) for m in re.finditer(label + r"：(\{\"announcement.*?\})(?=$|；)", file.read(), re.M)}
    return sorted(found)


def fits(plumbline, folder, draw, announced):
    paths = [os.path.join(folder, name) for name in ("draw.json", "announced.json")]
    for path, text in zip(paths, (draw, announced)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    command = [plumbline, "draw", "verify", paths[0], "--announced", paths[1]]
    return subprocess.run(command, capture_output=True).returncode == 0


def check_announced(plumbline, published, announced, folder):
    """Every draw has one announcement, of the same pool, and it tells when anything of it was changed."""
    for draw in published:
        pool = json.loads(draw)["pool"]["sha256"]
        own = [a for a in announced if json.loads(a)["pool"]["sha256"] == pool and fits(plumbline, folder, draw, a)]
        if len(own) != 1:
            sys.exit(f"a draw with {len(own)} announcements that fit it")
        changed = json.loads(own[0])
        changed["pool"]["objects"][0]["weight"] += 1
        if fits(plumbline, folder, draw, json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))):
            sys.exit("a changed announcement was not noticed")


def main():
    plumbline, rehearsals = sys.argv[1], sys.argv[2:]
    published = texts_of(rehearsals, "抽取核对文件")
    if not published:
        sys.exit("no draw was published")
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(published, 1):
            check(plumbline, text, folder, number)
        check_announced(plumbline, published, texts_of(rehearsals, "抽取预告文件"), folder)
    print(f"{len(published)} published draws: both checkers agree")


main()
