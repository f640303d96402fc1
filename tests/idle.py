#!/usr/bin/env python3
"""Connections that say nothing, half of a request, or a byte now and then, do not stop others.
Prints TAP.

usage: idle.py PLUMBLINE DATA [N]     N connections of each kind (150); the long target: 10,000

The server holds all three kinds at once if it may have so many open files (3 N and some), else one kind after
the other (N and some). The other ends are held by processes of their own, from an address each, so that it is
the server's limit that counts."""
import http.client
import multiprocessing
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

from tap import report, skip

PROGRAM, DATA = sys.argv[1:3]
N = int(sys.argv[3]) if len(sys.argv) > 3 else 150
ASKED = 40
OTHERS = 300  # what a server has open beside its connections
PER_HOLDER = 4000
HALF = b"GET /matters HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"


def raise_limit():
    """As many files as may be; returns whether a server may hold all kinds at once."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < N + OTHERS:
        skip(f"a server may have {hard} files open here, {N + OTHERS} are wanted")
    return hard == resource.RLIM_INFINITY or hard >= 3 * N + OTHERS


class Kind:
    """N connections that begin alike, held by processes."""

    def __init__(self, port, first=b""):
        self.holders = []
        for at in range(0, N, PER_HOLDER):
            here, there = multiprocessing.Pipe()
            address = f"127.0.0.{2 + at // PER_HOLDER}"
            process = multiprocessing.Process(
                target=hold, args=(there, port, address, first, min(PER_HOLDER, N - at)), daemon=True)
            process.start()
            there.close()
            self.holders.append((process, here))
        self.tell(None)

    def tell(self, what):
        """A number: so many bytes are read from each; bytes: they are sent to each. Whether all went well."""
        for _, pipe in self.holders:
            pipe.send(what)
        return all([pipe.recv() for _, pipe in self.holders])

    def close(self):
        for process, pipe in self.holders:
            pipe.send("close")
            process.join()


def hold(pipe, port, address, first, n):
    held = []
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(address, 0))
        s.sendall(first)
        held.append(s)
    what = pipe.recv()
    while what != "close":
        if isinstance(what, int):
            pipe.send(all([s.recv(what) == b"HTTP/1.1 200" for s in held]))
        else:
            for s in held:
                s.sendall(what or b"")
            pipe.send(True)
        what = pipe.recv()
    for s in held:
        s.close()


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


def checks(folder, together):
    site = str(pathlib.Path(folder) / "site")
    subprocess.run([PROGRAM, "--site", site, "init", "--data", DATA], stdout=subprocess.DEVNULL, check=True)
    server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", DATA,
                               "--connections", str((3 if together else 1) * N + 200), "--idle", "600"],
                              stdout=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
    try:
        yield "alone", ask(port, ASKED) == ASKED
        idle = Kind(port)
        yield f"{N} idle connections beside", ask(port, ASKED) == ASKED
        if not together:
            idle.close()
        half = Kind(port, HALF)
        yield f"{N} half requests beside", ask(port, ASKED) == ASKED
        if not together:
            finished = half.tell(b"A: b\r\n\r\n") and half.tell(12)
            half.close()
        slow = Kind(port, b"G")
        good = 0
        for _ in range(3):
            slow.tell(b"E")
            good += ask(port, ASKED)
        yield f"{N} that send a byte now and then beside", good == 3 * ASKED
        if together:
            idle.close()
            finished = half.tell(b"A: b\r\n\r\n") and half.tell(12)
            half.close()
        yield "a half request that is finished is answered", finished
        slow.close()
        yield "and when they have gone", ask(port, ASKED) == ASKED
    finally:
        server.send_signal(signal.SIGTERM)
        yield "stops", server.wait(timeout=60) == 0


AT_ONCE = raise_limit()
with tempfile.TemporaryDirectory() as folder:
    status = report(checks(folder, AT_ONCE))
sys.exit(status)
