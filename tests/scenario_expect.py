#!/usr/bin/env python3
"""Works out from a scenario's own files what its year must report, and holds the program to it;
then lives the same scenario again, which must give the same year. Prints TAP.

usage: scenario_expect.py PROGRAM SOURCE SCENARIO

Nothing is taken from the program's output but what is compared. A field counts as set in a path
if one of the path's acts sets it by its definition: every path is lived to its last step before
the scenario ends (docs/scenario.md)."""
import csv
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal as D

import yaml

from tap import Tap


ROOT = pathlib.Path(__file__).resolve().parent.parent


class Loader(yaml.SafeLoader):
    """YAML 1.2: only true and false are truths, so that `on:` is a key."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), "tf")


def load(file):
    return yaml.load(file.read_text(encoding="utf-8"), Loader)


class Path:
    """One way through a procedure, and how many matters go it."""

    def __init__(self, stream, path, count, fields):
        self.procedure = stream["procedure"]
        self.units = stream["unit"] if isinstance(stream["unit"], dict) else {stream["unit"]: 1}
        self.count = count
        self.vars = {**(stream.get("vars") or {}), **(path.get("vars") or {})}
        self.n_acts = self.n_refused = 0
        self.given, self.set = {}, set()
        last = None
        for number, step in enumerate(path["acts"]):
            times = step.get("repeat", 1) * self.on_how_many(step, path["acts"])
            self.n_acts += times
            if step.get("expect") == "refused":
                self.n_refused += times
                continue
            if "on" in step:
                continue
            last = (self.procedure, step["begin"] if number == 0 else step["act"])
            self.given.update(step.get("give") or {})
            self.set |= fields.get(last, set()) | set(step.get("give") or {})
        # Left alone, the matter goes on when what its last act set running runs out.
        self.set |= fields.get((*last, "expires"), set())
        # One that is joined to another of its kind is counted with that one.
        self.counted = "linked_to" not in self.set or \
            self.given["linked_type"] != self.given.get("type")

    @staticmethod
    def on_how_many(step, steps):
        """Sub-matters acted on: the slice, or as many as the widest slice of them reaches."""
        def ends(one):
            first, _, until = str(one["slice"]).partition("..")
            return int(first), int(until or first)
        if step.get("on") != "children":
            return 1
        if "slice" in step:
            first, until = ends(step)
            return until - first + 1
        return max(ends(other)[1] for other in steps
                   if "slice" in other and other.get("procedure") == step["procedure"])


def divide(count, paths):
    """Exact counts, and the rest by shares, as the running sum of the shares falls."""
    exact = sum(path.get("count", 0) for path in paths)
    total = sum(path.get("share", 0) for path in paths)
    rest, run, given, counts = (count or exact) - exact, 0, 0, []
    for path in paths:
        if "share" not in path:
            counts.append(path["count"])
            continue
        run += path["share"]
        upto = rest * run // total
        counts.append(upto - given)
        given = upto
    return counts


def act_fields(source):
    """(procedure, act) -> the fields that its definition sets, in any version."""
    fields = {}
    for file in sorted(source.glob("procedures/*.yaml")):
        definition = load(file)
        for version in definition["versions"]:
            for name, act in (version.get("acts") or {}).items():
                if not act:
                    continue
                key = (definition["procedure"], name)
                fields.setdefault(key, set()).update(act.get("set") or {})
                starts = act.get("starts") or []
                for clock in [starts] if isinstance(starts, str) else starts:
                    follows = ((version.get("clocks") or {}).get(clock) or {}).get("expires")
                    expiry = version["acts"].get(follows) or {}
                    fields.setdefault((*key, "expires"), set()).update(expiry.get("set") or {})
    return fields


def read_table(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


class Scenario:
    def __init__(self, folder, source):
        self.folder = folder
        self.head = load(folder / "scenario.yaml")
        self.pools, self.paths, self.entries = dict(self.head.get("pools") or {}), [], []
        fields = act_fields(source)
        self.entries += self.head.get("entries") or []
        for name in self.head["streams"]:
            part = load(folder / name)
            self.pools.update(part.get("pools") or {})
            self.entries += part.get("entries") or []
            for stream in part["streams"]:
                counts = divide(stream.get("count"), stream["paths"])
                self.paths += [Path(stream, path, count, fields)
                               for path, count in zip(stream["paths"], counts)]

    def count(self, procedure, sets=(), lacks=(), units=None, **given):
        return sum(path.count for path in self.paths
                   if path.procedure == procedure and path.counted
                   and path.set.issuperset(sets)
                   and not path.set.intersection(lacks)
                   and all(path.given.get(k) == v for k, v in given.items())
                   and (units is None or set(path.units) <= units))

    def pool(self, name):
        return D(self.pools[name]["total"]) / 10000

    def frozen(self, figure):
        for report in self.head.get("frozen") or []:
            if figure in report["figures"]:
                value = report["figures"][figure]
                return D(str(value["value"] if isinstance(value, dict) else value))
        return None


def rounded(value, places):
    return value.quantize(D(1).scaleb(-places), ROUND_HALF_UP)


def list_figures(scenario):
    """What the power list says, from the table that its yearly version is made of."""
    items = [row for row in read_table(scenario.folder / "power_items.tsv")
             if row["applied"] == "true"]
    n = D(len(items))
    days = [row for row in items if row["day_unit"] == "工作日"]

    def total(rows, column):
        return sum(D(row[column] or 0) for row in rows)

    own = [row for row in read_table(scenario.folder / "power_items.tsv")
           if (row["power_type"], row["power_source"]) == ("行政许可", "法定本级")]
    return {
        "F006": rounded((total(items, "steps_before") - total(items, "steps_count")) / n, 1),
        "F007": rounded(100 * sum(row["visits_max"] == "0" for row in items) / n, 2),
        "F008": rounded(total(items, "materials_count") / n, 1),
        "F009": rounded(100 * total(days, "promised_days") / total(days, "statutory_days"), 1),
        "F010": rounded(100 * sum(row["instant"] == "true" for row in items) / n, 2),
        "F011": D(sum(bool(row["template_id"] and row["template_version"]) for row in own)),
        "F005": D(len({row["proof_code"]
                       for row in read_table(scenario.folder / "commitment_proofs.tsv")})),
    }


def figures(scenario):
    s = scenario
    received = s.count("mediation", ["accepted_on"], type="行政")
    agreed = s.count("mediation", ["accepted_on", "signed_on"], ["end_reason"], type="行政")
    people = s.count("mediation", ["signed_on"], ["end_reason"], type="人民")
    before = s.frozen("F061")
    centre = {s.head["site"].get("centre", "qs-aid")}
    return {
        **list_figures(s),
        "F001": D(s.count("permit", ["closed_on"])),
        "F003": D(s.count("permit", ["published_on"])),
        "F036": D(s.count("foi_request", ["received_on"])),
        "F038": D(s.count("foi_remedy", remedy_kind="行政复议")),
        "F039": D(s.count("foi_remedy", remedy_kind="行政诉讼")),
        "F058": D(received), "F059": D(agreed),
        "F060": rounded(D(100 * agreed) / received, 0),
        "F061": D(people), "F062": rounded(100 * (people - before) / before, 1),
        "F063": s.pool("people_amount"),
        "F064": D(s.count("aid_consultation")),
        "F065": D(s.count("aid_case", ["first_assigned_on"])),
        "F067": s.pool("recovered"),
        "F068": D(s.count("aid_case", ["first_assigned_on"], units=centre)),
    }


def live(program, source, scenario, site):
    done = subprocess.run([program, "--site", site, "run-year", str(scenario), "--data",
                           str(source)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"Bail out! run-year: {done.stderr}")
    return done.stdout


def report(program, site, year):
    done = subprocess.run([program, "--site", site, "report", year, "--tsv"],
                          capture_output=True, text=True, check=True)
    return done.stdout


def begun(site):
    """Matters by procedure that somebody began, not an act of another matter."""
    counts = Counter()
    with sqlite3.connect(f"{site}/plumbline.db") as db:
        for (leaf,) in db.execute("SELECT leaf FROM event WHERE id = matter"):
            leaf = json.loads(leaf)
            if leaf["actor"] != "system":
                counts[leaf["procedure"].split("@")[0]] += 1
    return dict(counts)


def events(site):
    """Everything an event says but its salted commitment; and the secrets."""
    with sqlite3.connect(f"{site}/plumbline.db") as db:
        rows = db.execute("SELECT id, matter, prev, leaf, data, key, secret FROM event "
                          "ORDER BY id").fetchall()
    said = []
    for number, matter, prev, leaf, data, key, _ in rows:
        leaf = {k: v for k, v in json.loads(leaf).items() if k != "data"}
        said.append((number, matter, prev, json.dumps(leaf, sort_keys=True), data, key))
    return said, [row[6] for row in rows]


def check_again(tap, program, source, folder, site, again, year):
    live(program, source, folder, again)
    tap.same("lived again: the same report", report(program, site, year),
             report(program, again, year))
    first, secrets = events(site)
    second, other_secrets = events(again)
    tap.same("lived again: as many events", len(first), len(second))
    differ = next((pair for pair in zip(first, second) if pair[0] != pair[1]), (None, None))
    tap.same("lived again: the same acts, people, moments, numbers and contents", *differ)
    tap.same("lived again: no secret is used twice", 0,
             len(set(secrets) & set(other_secrets)))


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


def check_draws(tap, program, site, folder):
    """The published draws as a stranger gets them: they hold, and no change of them goes unnoticed."""
    done = run(program, "--site", site, "draw", "export", folder)
    tap.same("draws exported", 0, done.returncode)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    drawn = [d for d in index["draws"] if "file" in d]
    tap.same("there are draws", True, len(drawn) > 0)
    tap.same("the folder holds", 0, run(program, "draw", "verify", folder).returncode)
    for draw in drawn:
        tap.same(f"{draw['number']} as another program sees it", 0,
                 run(sys.executable, ROOT / "tools" / "draw_verify.py", folder / draw["file"]["name"]).returncode)
    again = run(program, "--site", site, "draw", "export", folder)
    tap.same("exported again: nothing is written", True, "写入 0 个文件" in again.stdout)

    announced = folder / drawn[0]["announced"]["name"]
    told = announced.read_bytes()
    announced.write_bytes(told.replace(b'"weight":1', b'"weight":2', 1))
    tap.same("an announcement that was changed is noticed", True, run(program, "draw", "verify", folder).returncode != 0)
    announced.write_bytes(told)

    whole = (folder / "index.json").read_text(encoding="utf-8")
    for reason, change in (("a draw that vanished", lambda d: d.update(number=d["number"] + "旧")),
                           ("another announcement", lambda d: d["announced"].update(sha256="0" * 64))):
        other = json.loads(whole)
        change(other["draws"][0])
        (folder / "index.json").write_text(json.dumps(other, ensure_ascii=False), encoding="utf-8")
        refused = run(program, "--site", site, "draw", "export", folder)
        tap.same(f"{reason} is not written over", "E_DRAW_GONE", "E_DRAW_GONE" if "E_DRAW_GONE" in refused.stderr else refused.stderr)
    (folder / "index.json").write_text("[]", encoding="utf-8")
    tap.same("an index that is none is refused", True, run(program, "draw", "verify", folder).returncode != 0)


def main():
    program, source, folder = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    scenario, tap = Scenario(folder, source), Tap()
    year = str(scenario.head["until"])[:4]
    with tempfile.TemporaryDirectory(prefix="plumbline-scenario-") as temporary:
        site, again = os.path.join(temporary, "site"), os.path.join(temporary, "again")
        said = live(program, source, folder, site)
        numbers = [int(n) for n in re.findall(r"(\d+) [件次]", said.split("：", 1)[1])]
        planned = Counter()
        for path in scenario.paths:
            planned[path.procedure] += path.count
        tap.same("matters begun", sum(planned.values()), numbers[0])
        tap.same("acts handed in", sum(p.count * p.n_acts for p in scenario.paths), numbers[1])
        tap.same("acts refused, all of them meant", sum(p.count * p.n_refused
                                                        for p in scenario.paths), numbers[2])
        tap.same("matters by procedure", {k: v for k, v in planned.items() if v}, begun(site))
        told = {line.split("\t")[0]: line.split("\t")[1]
                for line in report(program, site, year).splitlines()}
        for figure, value in sorted(figures(scenario).items()):
            tap.same(f"{figure} is {value}", value, D(told[figure]))
        check_draws(tap, program, site, pathlib.Path(temporary) / "draws")
        check_again(tap, program, source, folder, site, again, year)
    sys.exit(tap.end())


if __name__ == "__main__":
    main()
