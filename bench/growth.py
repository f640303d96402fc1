#!/usr/bin/env python3
"""What things cost as matters grow in number: an act, a page of the docket, a matter's page, the
report, a figure opened, what waits for a clerk with one post and for one with 200, verify; memory of the server, bytes on the disk. Prints a table, writes
it and draws it.

usage: bench/growth.py [--build DIR] [--dir DIR] [--sizes N,N] [--long] [--keep] [--load]
   --build DIR   a release build with bench/bench_growth, bench/bench_load, src/plumbline (build-release)
   --dir DIR     where the bureaus are made (bench/tmp/growth); those that are there are used again
   --sizes       10000,100000,1000000; --long adds 10000000 (hours, 30 GB)
   --load        at the largest size also 500 requests a second, beside nginx and with 10,000 idle
   --docs DIR    growth.tsv and growth.svg go here (docs); - = nowhere

Each question is asked over HTTP by one connection, as often as fits into two seconds."""
import argparse
import http.cookiejar
import json
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request

YEAR = 2021
PASSWORD = "correct horse battery staple"
PAGES = ("docket", "matter", "report", "figure")
CLERKS = (("many", "work_of_many"), ("one", "work_of_one"))
# What is drawn: key, label, unit of the table.
LINES = (("act_p50_ms", "act, durable"), ("docket_p50_ms", "docket page of 50"),
         ("matter_p50_ms", "matter page"), ("report_p50_ms", "report"),
         ("figure_p50_ms", "figure opened"), ("work_of_one_p50_ms", "my work, one post"),
         ("work_of_many_p50_ms", "my work, 200 posts"), ("verify_us", "verify, µs an event"))


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def pairs(text):
    return {key: float(value) for key, value in (line.split() for line in text.splitlines())}


class Server:
    def __init__(self, given, site, *options):
        self.process = subprocess.Popen(
            [f"{given.build}/src/plumbline", "--site", str(site), "serve", "--port", "0", "--data", ".",
             "--as-of", f"{YEAR + 1}-01-02 12:00", *options], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline()).group(1))

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return answer.read()

    def memory(self):
        """Peak of what is resident, and the proportional share now, in MB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        share = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return (int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) / 1024,
                int(re.search(r"^Pss:\s+(\d+)", share, re.M).group(1)) / 1024)

    def cpu(self):
        """Milliseconds of processor time so far."""
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(words[11]) + int(words[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def wrk(port, path, *more, seconds=2):
    out = run("wrk", "-t1", "-c1", f"-d{seconds}s", "--latency", *more, f"http://127.0.0.1:{port}{path}")
    times = {}
    for share, value, unit in re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", out, re.M):
        times[share] = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    if "Non-2xx" in out:
        sys.exit(f"{path}: answered with an error")
    return times["50"], times["99"]


def links(server, pattern, path):
    found = re.findall(pattern, server.get(path).decode())
    if not found:
        sys.exit(f"nothing like {pattern} on {path}")
    return found


def measure(given, size, site):
    made = pairs((site.parent / f"{size}.txt").read_text())
    row = {"matters": made["matters"]}
    events = count_events(site)
    row["events"] = events
    row["bytes_per_event"] = os.path.getsize(f"{site}/plumbline.db") / events
    appoint(given, site)
    server = Server(given, site)
    matter = links(server, r'href="(/matters/[0-9%A-F]+)"', "/matters")[25]
    asked = {"docket": "/matters", "matter": matter, "report": f"/report/{YEAR}",
             "figure": slowest(server, links(server, r'href="(/figures/[^"]+)"', f"/report/{YEAR}"))}
    for key in PAGES:
        row[f"{key}_p50_ms"], row[f"{key}_p99_ms"] = wrk(server.port, asked[key])
    for who, key in CLERKS:
        cookie, _ = sign_in(server, who)
        row[f"{key}_p50_ms"], row[f"{key}_p99_ms"] = wrk(server.port, "/work", "-H", f"Cookie: {cookie}")
    row["memory_mb"], _ = server.memory()
    server.close()
    start = time.monotonic()
    run(f"{given.build}/src/plumbline", "--site", str(site), "verify")
    row["verify_us"] = (time.monotonic() - start) / events * 1e6
    row["verify_s"] = time.monotonic() - start
    row.update(pairs(run(f"{given.build}/bench/bench_growth", "act", str(site), "300",
                         env=dict(os.environ, PLUMBLINE_SOURCE="."))))
    return row


def count_events(site):
    with sqlite3.connect(f"file:{site}/plumbline.db?mode=ro", uri=True) as db:
        return db.execute("SELECT size FROM ledger").fetchone()[0]


def slowest(server, paths):
    """The figure that takes longest to open, each asked twice."""
    best, at = -1.0, paths[0]
    for path in list(dict.fromkeys(path.replace("&amp;", "&") for path in paths))[:80]:
        server.get(path)
        start = time.monotonic()
        server.get(path)
        if time.monotonic() - start > best:
            best, at = time.monotonic() - start, path
    return at


# ---- The table and the drawing ----

COLUMNS = (("matters", "matters", 0), ("events", "events", 0), ("bytes_per_event", "bytes/event", 0),
           ("act_p50_ms", "act", 2), ("docket_p50_ms", "docket", 2), ("matter_p50_ms", "matter", 2),
           ("report_p50_ms", "report", 2), ("figure_p50_ms", "figure", 2), ("work_of_one_p50_ms", "my work", 2),
           ("work_of_many_p50_ms", "of 200 posts", 2), ("verify_us", "verify", 1),
           ("verify_s", "all of it, s", 1), ("memory_mb", "memory MB", 0))


def table(rows):
    lines = ["| " + " | ".join(label for _, label, _ in COLUMNS) + " |",
             "|" + "--:|" * len(COLUMNS)]
    for row in rows:
        lines.append("| " + " | ".join(f"{row[key]:,.{digits}f}" for key, _, digits in COLUMNS) + " |")
    return "\n".join(lines)


def scale(value, low, high, start, end):
    return start + (math.log10(value) - low) / (high - low) * (end - start)


def draw(rows):
    """Both axes logarithmic; lines are told apart by their dashes and their labels, not by colour."""
    width, height, left, right, top, bottom = 760, 420, 70, 190, 30, 50
    xs = [row["matters"] for row in rows]
    ys = [row[key] for key, _ in LINES for row in rows]
    x0, x1 = math.floor(math.log10(min(xs))), math.ceil(math.log10(max(xs)))
    y0, y1 = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
    x = lambda v: scale(v, x0, max(x1, x0 + 1), left, width - right)
    y = lambda v: scale(v, y0, max(y1, y0 + 1), height - bottom, top)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
           f'font-family="sans-serif" font-size="12">',
           "<title>Milliseconds (verify: microseconds an event) by the number of matters</title>",
           f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for power in range(x0, max(x1, x0 + 1) + 1):
        at = x(10.0 ** power)
        out.append(f'<line x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{height - bottom}" stroke="#ddd"/>'
                   f'<text x="{at:.1f}" y="{height - bottom + 18}" text-anchor="middle">'
                   f'{10 ** power:,}</text>')
    for power in range(y0, max(y1, y0 + 1) + 1):
        at = y(10.0 ** power)
        out.append(f'<line x1="{left}" y1="{at:.1f}" x2="{width - right}" y2="{at:.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 12}" text-anchor="middle">matters</text>'
               f'<text x="14" y="{top - 10}">ms</text>')
    dashes = ("", "6 3", "2 3", "10 4", "10 3 2 3", "1 4", "14 3", "4 4 1 4")
    ends = sorted((y(rows[-1][key]), label) for key, label in LINES)
    places, last = {}, 0.0
    for at, label in ends:  # labels that would overlap move down
        last = max(at, last + 15)
        places[label] = last
    for (key, label), dash in zip(LINES, dashes):
        points = " ".join(f"{x(row['matters']):.1f},{y(row[key]):.1f}" for row in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="#1d4f91" stroke-width="2"'
                   + (f' stroke-dasharray="{dash}"' if dash else "") + "/>")
        for row in rows:
            out.append(f'<circle cx="{x(row["matters"]):.1f}" cy="{y(row[key]):.1f}" r="3" fill="#1d4f91"/>')
        out.append(f'<text x="{width - right + 12}" y="{places[label] + 4:.1f}">{label}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


# ---- A steady load at the largest size ----

POSTS = ("office_info", "window_clerk", "pm_window", "pm_reviewer", "pm_approver", "pm_head", "pm_publish",
         "assigner", "aid_examiner", "case_officer")


def appoint(given, site):
    """A member of staff with 200 posts in force: ten, in each of twenty units; and one with one, in a
    unit in which little happens."""
    lines = [{"register": "units", "act": "put", "system": True, "fields": {
        "id": f"u{n}", "name": f"第{n}科", "kind": "section", "parent": "bureau", "region": "350200"}}
        for n in range(1, 20)]
    lines.append({"register": "staff", "act": "put", "system": True, "fields": {
        "id": "many", "name": "林多岗", "unit": "bureau", "roles": [], "grants": [
            {"role": role, "unit": unit, "from": f"{YEAR}-01-01"}
            for role in POSTS
            for unit in ("office", *(f"u{n}" for n in range(1, 20)))]}})
    lines.append({"register": "staff", "act": "put", "system": True, "fields": {
        "id": "one", "name": "林一岗", "unit": "u7", "roles": [],
        "grants": [{"role": POSTS[0], "unit": "u7", "from": f"{YEAR}-01-01"}]}})
    file = pathlib.Path(given.dir, "posts")
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    run(f"{given.build}/src/plumbline", "--site", str(site), "import", str(file))
    for who, _ in CLERKS:
        run(f"{given.build}/src/plumbline", "--site", str(site), "user", "password", who, "--keep",
            input=PASSWORD + "\n")


def sign_in(server, who="many"):
    """His cookie, and the matters on his first page."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    at = f"http://127.0.0.1:{server.port}/work/"
    fields = {"id": who, "password": PASSWORD, "to": ""}
    with opener.open(at + "sign-in", timeout=60) as page:
        fields["token"] = re.search(r'name="token" value="([^"]+)"', page.read().decode()).group(1)
    opener.open(at + "sign-in", urllib.parse.urlencode(fields).encode(), timeout=60).close()
    cookie = "; ".join(f"{one.name}={one.value}" for one in jar)
    with opener.open(at + "matters", timeout=60) as page:
        found = re.findall(r'href="(/work/matters/[0-9%A-F]+)"', page.read().decode())
    return cookie, found


def load(given, site):
    server = Server(given, site, "--connections", str(given.idle + 2000), "--idle", "600")
    matters = links(server, r'href="(/matters/[0-9%A-F]+)"', "/matters")
    paths = pathlib.Path(given.dir, "paths")
    paths.write_text("\n".join(f"/matters\n{path}" for path in matters) + "\n")
    root = pathlib.Path(given.dir, "root")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    names = []
    for n, path in enumerate(["/matters", *matters]):
        (root / f"{n}.html").write_bytes(server.get(path))
        names.append(f"/{n}.html")
    files = pathlib.Path(given.dir, "files")
    files.write_text("\n".join(f"/0.html\n{name}" for name in names[1:]) + "\n")
    cookie, worked = sign_in(server)
    if len(worked) < 50:
        sys.exit(f"who has 200 posts sees {len(worked)} matters")
    work = pathlib.Path(given.dir, "work")
    work.write_text("\n".join(f"/work/matters\n{path}" for path in worked) + "\n")
    front, port = nginx(given, root)
    program = f"{given.build}/bench/bench_load"
    try:
        print("\n| 500 requests/s, docket and matter pages in turn | requests | errors | p50 ms | p99 ms | max ms | "
              "server's CPU ms a request |")
        print("|---|--:|--:|--:|--:|--:|--:|")
        results = {}
        for name, at, what, more in (
                ("Plumbline", server.port, paths, ()), ("nginx, the same bytes as files", port, files, ()),
                ("Plumbline, signed in, 200 posts in force", server.port, work, ("--cookie", cookie)),
                (f"Plumbline, {given.idle:,} idle connections beside", server.port, paths, ("--idle", str(given.idle))),
                ("Plumbline, 200 half-open and 200 slow beside", server.port, paths,
                 ("--half", "200", "--slow", "200"))):
            before = server.cpu()
            done = subprocess.run([program, str(at), "500", str(given.seconds), str(what), *more],
                                  capture_output=True, text=True)
            if not done.stdout:
                print(f"| {name} | did not run: {done.stderr.strip()} | | | | | |")
                continue
            row = results[name] = pairs(done.stdout)
            cpu = f"{(server.cpu() - before) / row['requests']:.2f}" if at == server.port else "-"
            print(f"| {name} | {row['requests']:.0f} | {row['errors']:.0f} | {row['p50_ms']:.2f} | "
                  f"{row['p99_ms']:.2f} | {row['max_ms']:.2f} | {cpu} |", flush=True)
        if len(results) < 2:
            return
        ours, theirs = list(results.values())[:2]
        print(f"\np99 over nginx's: {ours['p99_ms'] / theirs['p99_ms']:.1f}; p50: "
              f"{ours['p50_ms'] / theirs['p50_ms']:.1f}; server's memory at its peak "
              f"{server.memory()[0]:.0f} MB")
    finally:
        server.close()
        front.terminate()
        front.wait(timeout=30)


def nginx(given, root):
    work = pathlib.Path(given.dir, "nginx").absolute()
    work.mkdir(exist_ok=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    temporary = "".join(f"{kind}_temp_path {work};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (work / "nginx.conf").write_text(
        f"worker_processes 2; pid {work}/pid; error_log {work}/log; daemon off; events {{}}\n"
        f"http {{ access_log off; {temporary} default_type text/html; sendfile on; keepalive_requests "
        f"10000000; server {{ listen 127.0.0.1:{port}; root {root.absolute()}; }} }}\n")
    front = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf", "-p", str(work)],
                             stderr=subprocess.DEVNULL)
    time.sleep(1)
    return front, port


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default="build-release")
    parser.add_argument("--dir", default="bench/tmp/growth")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--docs", default="docs")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--idle", type=int, default=10000)
    for switch in ("--long", "--keep", "--load"):
        parser.add_argument(switch, action="store_true")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")] + ([10000000] if given.long else [])
    os.makedirs(given.dir, exist_ok=True)
    rows = []
    for size in sizes:
        site, note = pathlib.Path(given.dir, str(size)), pathlib.Path(given.dir, f"{size}.txt")
        if not note.exists() or "seconds" not in note.read_text():
            shutil.rmtree(site, ignore_errors=True)
            note.write_text(run(f"{given.build}/bench/bench_growth", "make", str(site), str(size),
                                env=dict(os.environ, PLUMBLINE_SOURCE=".")))
        rows.append(measure(given, size, site))
        print(f"# {size} measured", file=sys.stderr, flush=True)
    print(table(rows))
    if given.docs != "-":
        pathlib.Path(given.docs, "growth.tsv").write_text(
            "\t".join(key for key, _, _ in COLUMNS) + "\n"
            + "".join("\t".join(f"{row[key]:.4g}" for key, _, _ in COLUMNS) + "\n" for row in rows))
        pathlib.Path(given.docs, "growth.svg").write_text(draw(rows))
    if given.load:
        load(given, pathlib.Path(given.dir, str(sizes[-1])))
    if not given.keep:
        shutil.rmtree(given.dir)


main()
