#!/usr/bin/env python3
"""Checks a published draw, independently of plumbline: written from docs/draw-format.md alone.

usage: draw_verify.py FILE
Prints what was checked and exits 0, or prints what differs and exits 1. Python 3 standard library only."""
import hashlib
import json
import re
import sys


def fail(message):
    sys.exit("不符：" + message)


def sha256(data):
    return hashlib.sha256(data).digest()


def ticket(*parts):
    return sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts))


def members(context, names, where):
    if not isinstance(context, dict) or set(context) != set(names.split()):
        fail(f"{where}: 成员不是 {names}")


def read(path):
    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            fail("成员重复")
        return dict(pairs)

    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once)


def by_id(items):
    ids = [i["id"].encode() for i in items]
    return ids == sorted(set(ids))


def check_form(f):
    members(f, "format batch pool announcement values seed key strata tasks replacements substitutions", "文件")
    members(f["pool"], "objects inspectors sha256", "pool")
    members(f["announcement"], "method sources strata total inspectors", "announcement")
    for o in f["pool"]["objects"]:
        members(o, "id name stratum region weight excluded", "object")
        if type(o["weight"]) is not int or not 1 <= o["weight"] <= 100:
            fail("权重")
    for p in f["pool"]["inspectors"]:
        members(p, "id name unit district kind valid_to lead load recusals", "inspector")
        if p["recusals"] != sorted(set(p["recusals"]), key=str.encode):
            fail("回避名单未排序")
    if f["format"] != "plumbline-draw 1" or not by_id(f["pool"]["objects"]) or not by_id(f["pool"]["inspectors"]):
        fail("格式，或名录未按编号排序")


def pool_hash(pool):
    text = "plumbline-pool 1\n"
    for n, o in enumerate(pool["objects"], 1):
        text += "\t".join(["object", str(n), o["id"], o["name"], o["stratum"], o["region"], str(o["weight"]),
                           o["excluded"]]) + "\n"
    for n, p in enumerate(pool["inspectors"], 1):
        text += "\t".join(["inspector", str(n), p["id"], p["name"], p["unit"], p["district"], p["kind"],
                           p["valid_to"], "lead" if p["lead"] else "", str(p["load"])]) + "\n"
        text += "".join(f"recusal\t{p['id']}\t{o}\n" for o in p["recusals"])
    return sha256(text.encode()).hex()


def compute_seed(f, pool):
    text = f"plumbline-seed 1\nbatch\t{f['batch']}\npool\t{pool}\n"
    if len(f["values"]) != len(f["announcement"]["sources"]) or not f["values"]:
        fail("公开数值与来源不对应")
    for s, value in zip(f["announcement"]["sources"], f["values"]):
        members(s, "source issue shape", "source")
        shape = "".join({"9": "[0-9]", "h": "[0-9a-f]"}.get(c, re.escape(c)) for c in s["shape"])
        if not re.fullmatch(shape, value):
            fail(f"数值 {value} 不符合公告的格式 {s['shape']}")
        text += f"value\t{s['source']}\t{s['issue']}\t{value}\n"
    return sha256(text.encode())


def compute_key(f):
    key = ""
    for value in f["values"]:
        numbers = []
        for text in re.findall(r"[0-9.]+", value):
            whole, _, fraction = text.partition(".")
            numbers.append((int(whole or "0"), fraction.rstrip("0")))
        key += "".join(f"{whole}.{fraction}" for whole, fraction in sorted(numbers)) + "/"
    return key


def sample_size(s, size):
    if s["rule"] == "count":
        members(s, "name rule count substitutes", "stratum")
        n = s["count"]
        if n == 0 and size:
            fail("非空的层至少抽1个")
    else:
        members(s, "name rule ratio minimum substitutes", "stratum")
        if not 0 <= s["ratio"] <= 10000:
            fail("比例")
        n = max(s["minimum"], -(-s["ratio"] * size // 10000), 1 if size else 0)
    if not 0 <= n <= size:
        fail(f"层 {s['name']} 的数量")
    return n


def by_ticket(seed, s, objects):
    order = []
    for o in objects:
        low, k = min((ticket(seed, b"object", s["name"].encode(), o["id"].encode(), str(k).encode()), k)
                     for k in range(1, o["weight"] + 1))
        order.append((low, o["id"].encode(), k, o))
    return [(o, k, low) for low, _, k, o in sorted(order, key=lambda x: x[:2])]


def by_rfc3797(key, objects):
    left, order = list(objects), []
    for r in range(len(objects)):
        digest = hashlib.md5(r.to_bytes(2, "big") + key.encode() + r.to_bytes(2, "big")).digest()
        order.append((left.pop(int.from_bytes(digest, "big") % len(left)), 1, digest))
    return order


def draw(f, seed, key):
    numbers = {o["id"]: n for n, o in enumerate(f["pool"]["objects"], 1)}
    taking_part = [o for o in f["pool"]["objects"] if not o["excluded"]]
    names = [s["name"] for s in f["announcement"]["strata"]]
    if len(set(names)) != len(names) or not {o["stratum"] for o in taking_part} <= set(names):
        fail("分层")
    strata = []
    for n_stratum, s in enumerate(f["announcement"]["strata"], 1):
        objects = [o for o in taking_part if o["stratum"] == s["name"]]
        n = sample_size(s, len(objects))
        order = by_ticket(seed, s, objects) if f["announcement"]["method"] == "ticket" else \
            by_rfc3797(f"{key}{n_stratum}./", objects)
        rows = [{"id": o["id"], "number": numbers[o["id"]], "k": k, "ticket": t.hex()} for o, k, t in order]
        strata.append({"name": s["name"], "size": len(objects), "weight": sum(o["weight"] for o in objects),
                       "sample": n, "picks": rows[:n], "substitutes": rows[n:n + s["substitutes"]]})
    total = f["announcement"]["total"]
    if total is not None and total != sum(s["sample"] for s in strata):
        fail("各层之和与公告总数")
    return strata


def replace(f, strata):
    gone, result = [], []
    for r in f["replacements"]:
        s = next(s for s in strata if r["object"] in [p["id"] for p in s["picks"]] or
                 (r["object"] in gone and r["object"] in [p["id"] for p in s["substitutes"]]))
        by = next(p for p in s["substitutes"] if p["id"] not in gone)
        gone += [r["object"], by["id"]]
        result.append({"object": r["object"], "reason": r["reason"], "by": by["id"], "ticket": by["ticket"]})
    return result


def pair(f, seed, objects):
    rule, people = f["announcement"]["inspectors"], f["pool"]["inspectors"]
    load, tasks = {p["id"]: p["load"] for p in people}, []

    def order(o, kind):
        rows = [{"id": p["id"], "load": load[p["id"]],
                 "ticket": ticket(seed, b"inspector", o["id"].encode(), p["id"].encode()).hex()} for p in people
                if p["kind"] == kind and o["id"] not in p["recusals"] and (kind == "guest" or p["valid_to"] >= rule["day"])
                and not (rule["cross_district"] and p["district"] and p["district"] == o["region"])]
        rows.sort(key=lambda r: (r["load"], r["ticket"]))
        leads = [r for r in rows if leader[r["id"]]] if kind == "officer" and rule["lead"] else rows
        return leads[:1] + [r for r in rows if r is not leads[0]] if leads else []

    leader = {p["id"]: p["lead"] for p in people}
    for o in objects:
        officers, guests = order(o, "officer"), order(o, "guest")
        n, m = rule["officers"], rule["guests"]
        if n < 2 or len(officers) < n:
            fail(f"{o['id']} 的执法人员不足")
        for r in officers[:n] + guests[:m]:
            load[r["id"]] += 1
        tasks.append({"object": o["id"], "officers": officers[:n], "substitutes": officers[n:n + 64],
                      "guests": guests[:m], "guest_substitutes": guests[m:m + 64]})
    return tasks


def substitute(f, tasks):
    rule, people = f["announcement"]["inspectors"], {p["id"]: p for p in f["pool"]["inspectors"]}
    gone, result = [], []
    for s in f["substitutions"]:
        task, out = next(t for t in tasks if t["object"] == s["object"]), people[s["inspector"]]
        guest = out["kind"] == "guest"
        lead = not guest and rule["lead"] and out["lead"] and not any(
            people[r["id"]]["lead"] for r in task["officers"] if r["id"] != out["id"])
        by = next(r for r in task["guest_substitutes" if guest else "substitutes"]
                  if (s["object"], r["id"]) not in gone and (not lead or people[r["id"]]["lead"])
                  and (guest or people[r["id"]]["valid_to"] >= s["day"]))
        gone += [(s["object"], out["id"]), (s["object"], by["id"])]
        result.append({**s, "by": by["id"], "ticket": by["ticket"]})
    return result


def main():
    f = read(sys.argv[1])
    check_form(f)
    pool = pool_hash(f["pool"])
    seed = compute_seed(f, pool)
    key = compute_key(f) if f["announcement"]["method"] == "rfc3797" else ""
    strata = draw(f, seed, key)
    replacements = replace(f, strata)
    objects = {o["id"]: o for o in f["pool"]["objects"]}
    drawn = [objects[p["id"]] for s in strata for p in s["picks"]] + [objects[r["by"]] for r in replacements]
    tasks = pair(f, seed, drawn) if f["announcement"]["inspectors"] else []
    want = {"seed": seed.hex(), "key": key, "strata": strata, "tasks": tasks, "replacements": replacements,
            "substitutions": substitute(f, tasks)}
    for name, value in want.items():
        if f[name] != value:
            fail(f"{name} 与重新计算的结果不一致")
    if f["pool"]["sha256"] != pool:
        fail("名录库摘要")
    if not drawn:
        fail("没有可以核对的内容")
    print(f"一致：名录 {len(objects)} 个，抽中 {len(drawn)} 个，检查组 {len(tasks)} 个，种子 {seed.hex()}")


if __name__ == "__main__":
    try:
        main()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
        fail(f"文件格式：{error!r}")
