#!/usr/bin/env python3
"""Lives a scenario and holds its report against the figures that were published. Prints TAP.

usage: year.py PROGRAM SCENARIO FIGURES YEAR

Each figure is opened: what `plumbline figure` lists must be as many rows, add up to, or name as
many different ones as the figure says; ratios and growth are worked out again from the figures
that they are made of."""
import collections
import decimal
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

from tap import Tap

D = decimal.Decimal
UNTOLD = "未纳入"
Opened = collections.namedtuple("Opened", "value rows operands parameter")


def run(program, site, *words):
    return subprocess.run([program, "--site", site, *words], capture_output=True, text=True)


def open_figure(program, site, figure, year):
    """What a figure opens to: its value as told, and the rows behind it."""
    done = run(program, site, "figure", figure, "--year", str(year))
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    if "参数" in done.stderr:
        return Opened(None, [], [], True)
    value = re.search(r" \d{4}：(—|-?[\d.]+)", done.stderr).group(1)
    ratio = re.search(r"由 (\S+) 和 (\S+) 得出", done.stderr)
    growth = re.search(r"由 (\S+) 的 (\d+) 年和 (\d+) 年得出", done.stderr)
    operands = []
    if ratio:
        operands = [(ratio.group(1), year), (ratio.group(2), year)]
    elif growth:
        operands = [(growth.group(1), int(growth.group(2))), (growth.group(1), int(growth.group(3)))]
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return Opened(None if value == "—" else D(value), rows, operands, False)


def add_up(opened, unit):
    """The figure made again from its rows."""
    names = {row[6] for row in opened.rows if row[6]}
    if names:
        return D(len(names))
    total = sum((D(row[1]) for row in opened.rows), D(0))
    return total / 10000 if unit.startswith("万") else total


def rounded(value, like):
    places = -min(0, D(like).as_tuple().exponent)
    return value.quantize(D(1).scaleb(-places), decimal.ROUND_HALF_UP)


def make_again(program, site, figure, year, unit, shown):
    """The figure from its rows, or from those of the figures it is made of."""
    opened = open_figure(program, site, figure, year)
    if opened.parameter:
        return D(shown)
    if not opened.operands:
        return add_up(opened, unit)
    parts = []
    for name, when in opened.operands:
        part = open_figure(program, site, name, when)
        # A year that another system published has no rows here: its figure stands.
        parts.append(add_up(part, "") if part.rows or part.value is None else part.value)
    if opened.operands[0][0] == opened.operands[1][0]:
        return rounded((parts[0] - parts[1]) / parts[1] * 100, shown)
    return rounded(parts[0] / parts[1] * (100 if unit == "%" else 1), shown)


def read_table(text):
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def check_figures(tap, program, site, expected, lines, year):
    report = run(program, site, "report", str(year), "--tsv")
    told = {row[0]: row for row in read_table(report.stdout)}
    for figure, value, qualifier, unit, indicator, line in expected:
        row = told.pop(figure, None)
        if row is None:
            tap.say(False, f"{figure} {value}{unit}", "the report does not tell it")
            continue
        if line not in lines:
            continue
        said = (row[1], row[3], row[4])
        tap.say(said == (value, qualifier, indicator) or
                (said[:2] == (value, qualifier) and indicator in ("-", "")),
                f"{figure} {qualifier}{value}{unit}", f"the report says {row}")
        try:
            made = make_again(program, site, figure, year, row[2], value)
        except (ValueError, decimal.DecimalException, AttributeError) as why:
            tap.say(False, f"{figure} opens to records", str(why))
            continue
        if qualifier == ">":
            ok = made > D(value) and made < D(value) + 1000
        else:
            ok = made == D(value)
        tap.say(ok, f"{figure} opens to records", f"they make {made}")
    others = [row[0] for row in told.values() if row[1] != UNTOLD]
    tap.say(not others, f"the other {len(told)} figures are not yet told", " ".join(others))


def check_timers(tap, site):
    """Each warning and expiry is told when it falls due, or right behind the act that set it."""
    database = sqlite3.connect(f"file:{site}/plumbline.db?mode=ro", uri=True)
    newest, late, n = {}, [], 0
    for leaf, data, matter in database.execute("SELECT CAST(leaf AS TEXT), data, matter FROM event ORDER BY id"):
        event = json.loads(leaf)
        if event["act"] in ("sys_warn", "sys_expire"):
            n += 1
            due = max(json.loads(data)["$due"], newest.get(matter, ""))
            if event["time"] != due:
                late.append(f"{event['matter']} {event['act']}: {event['time']}, due {due}")
        newest[matter] = event["time"]
    tap.say(n > 0 and not late, f"{n} timers are told when they fall due", "\n".join(late))


def main():
    program, scenario, figures, year = sys.argv[1:]
    program, year = str(pathlib.Path(program).resolve()), int(year)
    expected = read_table(pathlib.Path(figures).read_text(encoding="utf-8"))
    head = pathlib.Path(scenario, "scenario.yaml").read_text(encoding="utf-8")
    lines = set(re.findall(r"\b(\d\d)-[a-z-]+\.yaml", re.search(r"^streams:.*?\]", head,
                                                             re.M | re.S).group(0)))
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="plumbline-year-") as folder:
        site = os.path.join(folder, "site")
        began = time.monotonic()
        lived = run(program, site, "run-year", scenario, "--data", ".")
        tap.say(lived.returncode == 0, "the year is lived without a fault", lived.stderr)
        print(f"# {lived.stdout.strip()} ({time.monotonic() - began:.0f} s)")
        check_figures(tap, program, site, expected, lines, year)
        check_timers(tap, site)
        for words, says in ((["verify"], "验证通过"), (["recount", str(year)], "不同的 0 项"),
                            (["rebuild", "--check"], "逐行一致")):
            began = time.monotonic()
            done = run(program, site, *words)
            tap.say(done.returncode == 0 and says in done.stdout, " ".join(words),
                    done.stdout + done.stderr)
            print(f"# {time.monotonic() - began:.0f} s")
    missing = sorted({row[5] for row in expected} - lines)
    if missing:
        print(f"# lines without a stream yet: {' '.join(missing)}")
    sys.exit(tap.end())


if __name__ == "__main__":
    main()
