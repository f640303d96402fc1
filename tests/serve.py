#!/usr/bin/env python3
"""plumbline serve: opens on a free port, answers, and stops cleanly when told. Prints TAP.

usage: serve.py PLUMBLINE DATA"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from tap import report

PROGRAM, DATA = sys.argv[1:3]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def answer_of(url, **headers):
    """Status, text and headers, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), refused.headers


def trouble(site):
    """Ready, and not ready while the store is gone; alive all the time; and what the log says."""
    folder = pathlib.Path(site)
    with open(folder.parent / "log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", DATA,
                                   "--log", "debug"], stdout=subprocess.PIPE, stderr=log, text=True)
        address = server.stdout.readline().split("在 ")[1].split(" ")[0]
        yield "ready", answer_of(address + "readyz")[:2] == (200, "ok\n")
        os.rename(folder / "plumbline.db", folder / "away.db")
        status, why, _ = answer_of(address + "readyz")
        yield "not ready: the store is gone", status == 503 and "E_STORE_REPLACED" in why
        yield "alive all the same", answer_of(address + "healthz")[:2] == (200, "ok\n")
        yield "a page says so", answer_of(address)[0] == 500
        os.rename(folder / "away.db", folder / "plumbline.db")
        yield "ready again by itself", answer_of(address + "readyz")[0] == 200
        given = answer_of(address + "matters?q=%E6%9E%97%E9%9D%99", **{"X-Request-ID": "from-nginx-1"})[2]
        yield "the proxy's id of a request is kept", given["X-Request-ID"] == "from-nginx-1"
        odd = answer_of(address + "matters", **{"X-Request-ID": 'x" level=error'})[2]["X-Request-ID"]
        yield "an odd one is not", odd is None
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
        log.seek(0)
        lines = log.read().splitlines()
    asked = [line for line in lines if "request=from-nginx-1 " in line]
    yield "a line for the request, with its time and row", len(asked) == 1 and asked[0].startswith(
        "time=20") and 'route="/matters" status=200' in asked[0]
    yield "the failure is in the log", any("E_STORE_REPLACED" in line for line in lines)
    yield "what was looked for is not", not any("林静" in line or "%E6%9E%97" in line for line in lines)


REGISTER = """register: %s
label: 名录%s
key: id
keepers: [system_admin]
public: true
fields: {name: {label: 名称, type: text, class: public}}
"""


def follows(site, address, name):
    """What the command brings into force is on the pages of the server that runs, with no act after it."""
    file = pathlib.Path(site).parent / "registers" / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(REGISTER % (name, name), encoding="utf-8")
    label = f"名录{name}"
    yield "not there before", label not in get(address + "registers")[1]
    done = subprocess.run([PROGRAM, "--site", site, "definition", "activate", str(file)], capture_output=True, text=True)
    yield "brought into force by the command", done.returncode == 0
    until = time.monotonic() + 60
    while label not in get(address + "registers")[1] and time.monotonic() < until:
        time.sleep(0.2)
    yield "and on the server's pages by itself", label in get(address + "registers.json")[1]


def serve(site, stop, *more):
    server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", DATA, *more],
                              stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().split("在 ")[1].split(" ")[0]
    yield "health", get(address + "healthz") == (200, "ok\n")
    yield "home page", "依法办理" in get(address)[1]
    yield "an unknown address", get(address + "none")[0] == 404
    yield from follows(site, address, stop.name.lower())
    server.send_signal(stop)
    yield f"stops on {stop.name}", server.wait(timeout=20) == 0 and "已停止" in server.stdout.read()


def checks(folder):
    site = str(pathlib.Path(folder) / "site")
    made = subprocess.run([PROGRAM, "--site", site, "init", "--data", DATA], stdout=subprocess.DEVNULL)
    yield "a new site", made.returncode == 0
    yield from serve(site, signal.SIGTERM)
    # A clock that stands before the newest record: nothing can be recorded there, all can be read.
    yield from serve(site, signal.SIGINT, "--as-of", "2020-01-01T09:00:00+08:00")
    if "PLUMBLINE_TEST_STORE" not in os.environ:  # it is about a file
        yield from trouble(site)
    for wrong in (["--port", "70000"], ["--bind", "nowhere"], ["--as-of", "soon"], ["--log", "loud"], ["--connections", "0"],
                  ["--idle", "x"]):
        run = subprocess.run([PROGRAM, "--site", site, "serve", "--data", DATA, *wrong], timeout=20,
                             capture_output=True, text=True)
        yield f"refuses {' '.join(wrong)}", run.returncode != 0 and "plumbline：" in run.stderr
    verified = subprocess.run([PROGRAM, "--site", site, "verify"], stdout=subprocess.DEVNULL)
    yield "the ledger holds", verified.returncode == 0


with tempfile.TemporaryDirectory() as folder:
    status = report(checks(folder))
sys.exit(status)
