#!/usr/bin/env python3
"""plumbline serve: opens on a free port, answers, and stops cleanly when told. Prints TAP.

usage: serve.py PLUMBLINE DATA"""
import pathlib
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

PROGRAM, DATA = sys.argv[1:3]


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def serve(site, stop):
    server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", DATA],
                              stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().split("在 ")[1].split(" ")[0]
    yield "health", get(address + "healthz") == (200, "ok\n")
    yield "home page", "依法办理" in get(address)[1]
    yield "an unknown address", get(address + "none")[0] == 404
    server.send_signal(stop)
    yield f"stops on {stop.name}", server.wait(timeout=20) == 0 and "已停止" in server.stdout.read()


def checks(folder):
    site = str(pathlib.Path(folder) / "site")
    made = subprocess.run([PROGRAM, "--site", site, "init", "--data", DATA], stdout=subprocess.DEVNULL)
    yield "a new site", made.returncode == 0
    yield from serve(site, signal.SIGTERM)
    yield from serve(site, signal.SIGINT)
    for wrong in (["--port", "70000"], ["--bind", "nowhere"], ["--as-of", "soon"]):
        run = subprocess.run([PROGRAM, "--site", site, "serve", "--data", DATA, *wrong], timeout=20,
                             capture_output=True, text=True)
        yield f"refuses {' '.join(wrong)}", run.returncode != 0 and "plumbline：" in run.stderr
    verified = subprocess.run([PROGRAM, "--site", site, "verify"], stdout=subprocess.DEVNULL)
    yield "the ledger holds", verified.returncode == 0


with tempfile.TemporaryDirectory() as folder:
    results = list(checks(folder))
print(f"1..{len(results)}")
for number, (what, ok) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {what}")
sys.exit(not all(ok for _, ok in results))
