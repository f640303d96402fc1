#!/usr/bin/env python3
"""Connections that say nothing, half of a request, or a byte now and then, do not stop others.
Prints TAP.

usage: idle.py PLUMBLINE DATA [N]     N connections of each kind (150); the long target: 10,000"""
import http.client
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

PROGRAM, DATA = sys.argv[1:3]
N = int(sys.argv[3]) if len(sys.argv) > 3 else 150
ASKED = 40
HALF = b"GET /matters HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"


def raise_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))  # root may
    elif soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def ask(port, n):
    """How many of n pages were answered, over a few connections."""
    good = 0
    for at in range(n):
        if at % 10 == 0:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", ("/matters", "/", "/calendar", "/healthz")[at % 4])
        answer = connection.getresponse()
        good += answer.status == 200 and len(answer.read()) > 0
    return good


def connect(port, first=b""):
    s = socket.create_connection(("127.0.0.1", port), timeout=60)
    s.sendall(first)
    return s


def checks(folder):
    site = str(pathlib.Path(folder) / "site")
    subprocess.run([PROGRAM, "--site", site, "init", "--data", DATA], stdout=subprocess.DEVNULL, check=True)
    server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", DATA,
                               "--connections", str(3 * N + 200), "--idle", "600"],
                              stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
    try:
        yield "alone", ask(port, ASKED) == ASKED
        idle = [connect(port) for _ in range(N)]
        yield f"{N} idle connections beside", ask(port, ASKED) == ASKED
        half = [connect(port, HALF) for _ in range(N)]
        yield f"{N} half requests beside", ask(port, ASKED) == ASKED
        slow = [connect(port, b"G") for _ in range(N)]
        for _ in range(3):
            for s in slow:
                s.send(b"E")
            good = ask(port, ASKED)
        yield f"{N} that send a byte now and then beside", good == ASKED
        for s in idle[: N // 2]:
            s.close()
        for s in half:
            s.sendall(b"A: b\r\n\r\n")
        answers = [s.recv(12) for s in half]
        yield "a half request that is finished is answered", all(a == b"HTTP/1.1 200" for a in answers)
        for s in idle + half + slow:
            s.close()
        yield "and when they have gone", ask(port, ASKED) == ASKED
    finally:
        server.send_signal(signal.SIGTERM)
        yield "stops", server.wait(timeout=60) == 0


raise_limit(2 * (3 * N + 300))
with tempfile.TemporaryDirectory() as folder:
    results = list(checks(folder))
print(f"1..{len(results)}")
for number, (what, ok) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {what}")
sys.exit(not all(ok for _, ok in results))
