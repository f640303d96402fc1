#!/usr/bin/env python3
"""Random draws: strata, rules, weights, exclusions, inspectors, recusals, leaders, districts, replacements and
substitutions of all kinds. tools/draw_verify.py works out what each must give; `plumbline draw verify` must find the
same, and both must refuse it once anything was changed; what cannot be drawn, both refuse. Prints TAP.

usage: draw_random.py PLUMBLINE SOURCE [DRAWS [SEED]]"""
import contextlib
import copy
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
PLUMBLINE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
DRAWS, SEED = int((sys.argv[3:] or ["300"])[0]), int((sys.argv[4:] or ["2021"])[0])
sys.path.insert(0, str(SOURCE / "tools"))
import draw_verify  # noqa: E402

DISTRICTS = ["350203", "350205", "350211", ""]
SHAPES = ["99", "999.99", "hhhhhhhh", "9,9", "一9"]


def sometimes(chance):
    return random.random() < chance


def some_id(prefix, n):
    return f"{prefix}{random.choice(['', '-', '号'])}{n}"


def some_value(shape):
    return "".join(random.choice("0123456789") if c == "9" else random.choice("0123456789abcdef") if c == "h" else c
                   for c in shape)


def by_id(items):
    return [v for _, v in sorted({i["id"].encode(): i for i in items}.items())]


def objects(names, weighted):
    n = random.randint(0, 60)
    return by_id({"id": some_id("A", random.randint(1, 999)), "name": f"第{i}所", "stratum": random.choice(names),
                  "region": random.choice(DISTRICTS), "weight": random.randint(1, 9) if weighted else 1,
                  "excluded": random.choice(["本年度已抽查", "新设立"]) if sometimes(0.1) else ""} for i in range(n))


def inspectors(pool):
    ids = [o["id"] for o in pool]
    people = by_id({"id": some_id("P", random.randint(1, 99)), "name": f"第{i}人", "unit": "局",
                    "district": random.choice(DISTRICTS), "kind": "guest" if sometimes(0.2) else "officer",
                    "valid_to": random.choice(["2021-05-31", "2021-06-01", "2021-06-02", "2025-12-31"]),
                    "lead": sometimes(0.3), "load": random.choice([0, 0, 0, 1, 5]),
                    "recusals": sorted(random.sample(ids, min(len(ids), random.choice([0, 0, 1, 3]))), key=str.encode)}
                   for i in range(random.randint(2, 30)))
    for p in people:
        p["lead"] = p["lead"] and (p["kind"] == "officer" or sometimes(0.02))
    return people


def stratum(name):
    if sometimes(0.5):
        return {"name": name, "rule": "count", "count": random.choice([0, 1, 1, 2, 3, 5]), "substitutes": random.randint(0, 4)}
    return {"name": name, "rule": "ratio", "ratio": random.choice([0, 1, 500, 3333, 10000]),
            "minimum": random.choice([0, 1, 1, 2]), "substitutes": random.randint(0, 4)}


def given():
    """All of a draw that is no result of it."""
    names = random.sample(["律师事务所", "公证处", "司法鉴定机构", "b", "a"], random.randint(1, 4))
    rfc = sometimes(0.25)
    pool = objects(names, sometimes(0.5) and not (rfc and sometimes(0.9)))
    shapes = [random.choice(SHAPES) for _ in range(random.randint(1, 3))]
    team = {"day": "2021-06-01", "officers": random.choice([2, 2, 2, 3]), "guests": random.choice([0, 0, 1, 2]),
            "lead": sometimes(0.5), "cross_district": sometimes(0.4)}
    return {"format": "plumbline-draw 1", "batch": f"抽〔2021〕{random.randint(1, 99)}号",
            "pool": {"objects": pool, "inspectors": inspectors(pool)},
            "announcement": {"method": "rfc3797" if rfc else "ticket", "strata": [stratum(n) for n in names], "total": None,
                             "sources": [{"source": f"来源{i}", "issue": "第2021001期", "shape": s} for i, s in enumerate(shapes)],
                             "inspectors": team if sometimes(0.6) else None},
            "values": [some_value(s) for s in shapes], "replacements": [], "substitutions": []}


def aftermath(f, strata):
    """Objects that closed and inspectors who fell out; sometimes more than there are substitutes for."""
    left = [p["id"] for s in strata for p in s["picks"]]
    random.shuffle(left)
    f["replacements"] = [{"object": o, "reason": "已注销"} for o in left[:random.choice([0, 0, 1, 2])]]


def fallen_out(f, tasks):
    for task in random.sample(tasks, min(len(tasks), random.choice([0, 1, 3]))):
        team = task["officers"] + task["guests"]
        for out in random.sample(team, min(len(team), random.choice([1, 1, 2]))):
            f["substitutions"].append({"object": task["object"], "inspector": out["id"], "reason": "出差",
                                       "day": random.choice(["2021-06-01", "2021-06-02"])})


def results(f):
    """What follows from the given by the published rule; raises where it cannot be drawn."""
    f["pool"]["sha256"] = pool = draw_verify.pool_hash(f["pool"])
    seed = draw_verify.compute_seed(f, pool)
    f["seed"], f["key"] = seed.hex(), draw_verify.compute_key(f) if f["announcement"]["method"] == "rfc3797" else ""
    f["strata"] = draw_verify.draw(f, seed, f["key"])
    aftermath(f, f["strata"])
    f["replacements"] = draw_verify.replace(f, f["strata"])
    if sometimes(0.3):
        f["announcement"]["total"] = None
    known = {o["id"]: o for o in f["pool"]["objects"]}
    drawn = [known[p["id"]] for s in f["strata"] for p in s["picks"]] + [known[r["by"]] for r in f["replacements"]]
    f["tasks"] = draw_verify.pair(f, seed, drawn) if f["announcement"]["inspectors"] else []
    fallen_out(f, f["tasks"])
    f["substitutions"] = draw_verify.substitute(f, f["tasks"])
    draw_verify.need(drawn, "nothing drawn")
    draw_verify.check_form(f)


def complete(f):
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            results(f)
        return True
    except (SystemExit, StopIteration):
        for name, empty in (("seed", "0" * 64), ("key", ""), ("strata", []), ("tasks", [])):
            f.setdefault(name, empty)
        return False


def verdicts(path, f):
    path.write_text(json.dumps(f, ensure_ascii=False, sort_keys=True, separators=(",", ":")), encoding="utf-8")
    ours = subprocess.run([PLUMBLINE, "draw", "verify", path], capture_output=True, text=True)
    theirs, why = independent(path)
    return ours.returncode == 0, theirs, (ours.stderr or ours.stdout) + why


def independent(path):
    """draw_verify.py, in this process."""
    sys.argv[1:] = [str(path)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            draw_verify.main()
        return True, ""
    except (SystemExit, KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as why:
        return False, repr(why)


def places(value, path=()):
    """Every text, number and truth in it."""
    if isinstance(value, (dict, list)):
        for key in (value if isinstance(value, dict) else range(len(value))):
            yield from places(value[key], path + (key,))
    elif value is not None:
        yield path


def walk(f, path):
    for key in path:
        f = f[key]
    return f


def change_value(f):
    """One text, number or truth becomes another of its kind (but a reason, which is told and not used)."""
    path = random.choice([p for p in places(f) if p[-1] not in ("reason", "format")])
    holder, old = walk(f, path[:-1]), walk(f, path)
    if isinstance(old, bool):
        holder[path[-1]] = not old
    elif isinstance(old, int):
        holder[path[-1]] = old + random.choice([-1, 1])
    else:
        at = random.randrange(len(old) + 1)
        holder[path[-1]] = old[:at] + random.choice("0123456789abcdef") + old[at + random.choice([0, 1]):]
    return path


def change_list(f):
    """A list loses an item, gets one twice, or two change places."""
    paths = sorted({p[:i] for p in places(f) for i in range(1, len(p)) if isinstance(p[i], int)})
    path = random.choice(paths)
    items = walk(f, path)
    at = random.randrange(len(items))
    if sometimes(0.4):
        del items[at]
    elif sometimes(0.5):
        items.insert(at, copy.deepcopy(items[at]))
    else:
        items[at], items[0] = items[0], items[at]
    return path


def change_members(f):
    """A member more, or one less."""
    paths = [()] + [p[:i] for p in places(f) for i in range(1, len(p)) if isinstance(p[i], str)]
    path = random.choice(paths)
    holder = walk(f, path)
    if sometimes(0.5):
        holder["x"] = random.choice([None, "", 0, []])
    else:
        del holder[random.choice(sorted(holder))]
    return path


def changed(f):
    other = copy.deepcopy(f)
    path = random.choice([change_value, change_value, change_value, change_list, change_members])(other)
    return (other, "/".join(map(str, path))) if other != f else (None, "")


def main():
    random.seed(SEED)
    lines = pathlib.Path(draw_verify.__file__).read_text(encoding="utf-8").split("\n")
    imports = sorted(line for line in lines if "import" in line)
    print(f"{'ok' if len(lines) <= 200 and imports == ['import hashlib', 'import json', 'import re', 'import sys'] else 'not ok'}"
          " 1 - the other verifier: under 200 lines, of the standard library")
    drawn = refused = noticed = 0
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "draw.json"
        for number in range(DRAWS):
            f = given()
            feasible = complete(f)
            ours, theirs, told = verdicts(path, f)
            if (ours, theirs) != (feasible, feasible):
                wrong.append(f"draw {number}: {feasible} {ours} {theirs} {told}")
            drawn, refused = drawn + feasible, refused + (not feasible)
            other, what = changed(f) if feasible else (None, "")
            if other is not None:
                ours, theirs, told = verdicts(path, other)
                noticed += not ours and not theirs
                if ours or theirs:
                    wrong.append(f"draw {number}, {what} changed: {ours} {theirs} {told}")
    for line in wrong[:20]:
        print("# " + line.strip().replace("\n", " | "))
    print(f"{'not ok' if wrong else 'ok'} 2 - both agree on {DRAWS} draws: {drawn} drawn, {refused} refused, {noticed} changes noticed")
    print(f"{'ok' if drawn > DRAWS // 3 and refused > DRAWS // 20 and noticed > DRAWS // 3 else 'not ok'} 3 - of all kinds")
    print("1..3")
    sys.exit(bool(wrong))


main()
