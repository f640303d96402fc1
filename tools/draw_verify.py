#!/usr/bin/env python3
"""Checks a published draw, independently of plumbline: written from docs/draw-format.md alone.

usage: draw_verify.py FILE     says what was checked and exits 0, or what differs and exits 1. Standard library only."""
import hashlib
import json
import re
import sys


def need(condition, message):
    if not condition:
        sys.exit("不符：" + message)


def ticket(*parts):
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).digest()


def members(context, names, where):
    need(isinstance(context, dict) and set(context) == set(names.split()), f"{where}: 成员不是 {names}")


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "成员重复")
    return dict(pairs)


def check_form(f):
    members(f, "format batch pool announcement values seed key strata tasks replacements substitutions", "文件")
    members(f["pool"], "objects inspectors sha256", "pool")
    members(f["announcement"], "method sources strata total inspectors", "announcement")
    for o in f["pool"]["objects"]:
        members(o, "id name stratum region weight excluded", "object")
        need(type(o["weight"]) is int and 1 <= o["weight"] <= 100, "权重")
    for p in f["pool"]["inspectors"]:
        members(p, "id name unit district kind valid_to lead load recusals", "inspector")
        need(p["kind"] == "officer" or p["kind"] == "guest" and not p["lead"], "人员类别：受邀人员不能带队")
        need(p["recusals"] == sorted(set(p["recusals"]), key=str.encode), "回避名单未排序")
    for items in (f["pool"]["objects"], f["pool"]["inspectors"]):
        ids = [i["id"].encode() for i in items]
        need(ids == sorted(set(ids)), "名录未按编号排序")
    need(f["format"] == "plumbline-draw 1", "格式")


def pool_hash(pool):
    text = "plumbline-pool 1\n"
    for n, o in enumerate(pool["objects"], 1):
        text += f"object\t{n}\t{o['id']}\t{o['name']}\t{o['stratum']}\t{o['region']}\t{o['weight']}\t{o['excluded']}\n"
    for n, p in enumerate(pool["inspectors"], 1):
        text += f"inspector\t{n}\t{p['id']}\t{p['name']}\t{p['unit']}\t{p['district']}\t{p['kind']}\t{p['valid_to']}"
        text += f"\t{'lead' if p['lead'] else ''}\t{p['load']}\n"
        text += "".join(f"recusal\t{p['id']}\t{o}\n" for o in p["recusals"])
    return hashlib.sha256(text.encode()).hexdigest()


def compute_seed(f, pool):
    told = json.dumps(f["announcement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text = f"plumbline-seed 1\nbatch\t{f['batch']}\npool\t{pool}\nannouncement\t{hashlib.sha256(told).hexdigest()}\n"
    need(len(f["values"]) == len(f["announcement"]["sources"]) > 0, "公开数值与来源不对应")
    for s, value in zip(f["announcement"]["sources"], f["values"]):
        members(s, "source issue shape", "source")
        shape = "".join({"9": "[0-9]", "h": "[0-9a-f]"}.get(c, re.escape(c)) for c in s["shape"])
        need(re.fullmatch(shape, value), f"数值 {value} 不符合公告的格式 {s['shape']}")
        text += f"value\t{s['source']}\t{s['issue']}\t{value}\n"
    return hashlib.sha256(text.encode()).digest()


def compute_key(f):
    key = ""
    for s, value in zip(f["announcement"]["sources"], f["values"]):
        need("h" not in s["shape"], "RFC 3797 只用十进制数")
        parts = [text.partition(".") for text in re.findall(r"[0-9.]+", value)]
        numbers = [(int(whole or "0"), fraction.rstrip("0")) for whole, _, fraction in parts]
        key += "".join(f"{whole}.{fraction}" for whole, fraction in sorted(numbers)) + "/"
    return key


def sample_size(s, size):
    counted = s["rule"] == "count"
    members(s, "name rule substitutes " + ("count" if counted else "ratio minimum"), "stratum")
    need(counted or 0 <= s["ratio"] <= 10000, "比例")
    n = s["count"] if counted else max(s["minimum"], -(-s["ratio"] * size // 10000), 1 if size else 0)
    need(min(1, size) <= n <= size, f"层 {s['name']} 的数量")
    return n


def by_ticket(seed, s, objects):
    order = []
    for o in objects:
        parts = seed, b"object", s["name"].encode(), o["id"].encode()
        low, k = min((ticket(*parts, str(k).encode()), k) for k in range(1, o["weight"] + 1))
        order.append((o, k, low))
    return sorted(order, key=lambda x: x[2])


def by_rfc3797(key, objects):
    need(all(o["weight"] == 1 for o in objects), "RFC 3797 不能加权")
    left, order = list(objects), []
    for r in range(len(objects)):
        digest = hashlib.md5(r.to_bytes(2, "big") + key.encode() + r.to_bytes(2, "big")).digest()
        order.append((left.pop(int.from_bytes(digest, "big") % len(left)), 1, digest))
    return order


def draw(f, seed, key):
    numbers = {o["id"]: n for n, o in enumerate(f["pool"]["objects"], 1)}
    taking_part = [o for o in f["pool"]["objects"] if not o["excluded"]]
    names = [s["name"] for s in f["announcement"]["strata"]]
    need(len(set(names)) == len(names) and {o["stratum"] for o in taking_part} <= set(names), "分层")
    strata = []
    for n_stratum, s in enumerate(f["announcement"]["strata"], 1):
        objects = [o for o in taking_part if o["stratum"] == s["name"]]
        n = sample_size(s, len(objects))
        order = by_rfc3797(f"{key}{n_stratum}./", objects) if key else by_ticket(seed, s, objects)
        rows = [{"id": o["id"], "number": numbers[o["id"]], "k": k, "ticket": t.hex()} for o, k, t in order]
        strata.append({"name": s["name"], "size": len(objects), "weight": sum(o["weight"] for o in objects),
                       "sample": n, "picks": rows[:n], "substitutes": rows[n:n + s["substitutes"]]})
    need(f["announcement"]["total"] in (None, sum(s["sample"] for s in strata)), "各层之和与公告总数")
    return strata


def replace(f, strata):
    gone, result = [], []
    for r in f["replacements"]:
        need(r["reason"] > "" and r["object"] not in [x["object"] for x in result], "替换")
        s = next(s for s in strata if r["object"] in [p["id"] for p in s["picks"]] or
                 (r["object"] in gone and r["object"] in [p["id"] for p in s["substitutes"]]))
        by = next(p for p in s["substitutes"] if p["id"] not in gone)
        gone += [r["object"], by["id"]]
        result.append({"object": r["object"], "reason": r["reason"], "by": by["id"], "ticket": by["ticket"]})
    return result


def pair(f, seed, objects):
    rule, people, tasks = f["announcement"]["inspectors"], f["pool"]["inspectors"], []
    load, leader = {p["id"]: p["load"] for p in people}, {p["id"]: p["lead"] for p in people}
    n, m = rule["officers"], rule["guests"]

    def order(o, kind):
        may = [p for p in people if p["kind"] == kind and o["id"] not in p["recusals"]
               and (kind == "guest" or p["valid_to"] >= rule["day"])
               and not (rule["cross_district"] and p["district"] and p["district"] == o["region"])]
        rows = [{"id": p["id"], "load": load[p["id"]],
                 "ticket": ticket(seed, b"inspector", o["id"].encode(), p["id"].encode()).hex()} for p in may]
        rows.sort(key=lambda r: (r["load"], r["ticket"]))
        leads = [r for r in rows if leader[r["id"]]] if kind == "officer" and rule["lead"] else rows
        return leads[:1] + [r for r in rows if r is not leads[0]] if leads else []

    for o in objects:
        officers, guests = order(o, "officer"), order(o, "guest")
        need(2 <= n <= len(officers), f"{o['id']} 的执法人员不足")
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
                  if s["reason"] > "" and (s["object"], r["id"]) not in gone and (not lead or people[r["id"]]["lead"])
                  and (guest or people[r["id"]]["valid_to"] >= s["day"]))
        gone += [(s["object"], out["id"]), (s["object"], by["id"])]
        told = {name: s[name] for name in ("object", "inspector", "reason", "day")}
        result.append({**told, "by": by["id"], "ticket": by["ticket"]})
    return result


def main():
    f = json.load(open(sys.argv[1], encoding="utf-8"), object_pairs_hook=once)
    check_form(f)
    seed = compute_seed(f, pool := pool_hash(f["pool"]))
    key = compute_key(f) if f["announcement"]["method"] == "rfc3797" else ""
    strata = draw(f, seed, key)
    replacements = replace(f, strata)
    objects = {o["id"]: o for o in f["pool"]["objects"]}
    drawn = [objects[p["id"]] for s in strata for p in s["picks"]] + [objects[r["by"]] for r in replacements]
    tasks = pair(f, seed, drawn) if f["announcement"]["inspectors"] else []
    for name, value in {"seed": seed.hex(), "key": key, "strata": strata, "tasks": tasks,
                        "replacements": replacements, "substitutions": substitute(f, tasks)}.items():
        need(f[name] == value, f"{name} 与重新计算的结果不一致")
    need(f["pool"]["sha256"] == pool, "名录库摘要")
    need(drawn, "没有可以核对的内容")
    print(f"一致：名录 {len(objects)} 个，抽中 {len(drawn)} 个，检查组 {len(tasks)} 个，种子 {seed.hex()}")


if __name__ == "__main__":
    try:
        main()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
        sys.exit(f"文件格式：{error!r}")
