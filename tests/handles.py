#!/usr/bin/env python3
"""A server over PostgreSQL that may open no more files, because others hold them all, and then at all while its
connections to the database are cut: it says what is wrong, stays alive, loses nothing, and goes on by itself.
Prints TAP.

usage: handles.py PLUMBLINE SOURCE"""
import http.client
import os
import pathlib
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "campaign"))
from bureau import Bureau, Program, Server, wait_for  # noqa: E402
from cluster import Cluster  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
PATIENCE = 90  # seconds, on a busy machine
SPARE = 4      # files that it may still open
CALLERS = 12   # who ask at the same time


class Caller:
    """One whose connection stands already."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


def files_of(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/fd")]


def few_files(pid):
    """No more than it has open now, and a few."""
    hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (max(files_of(pid)) + 1 + SPARE, hard))


def crowd(server):
    """Connections that say nothing, until it can take no more."""
    held = []
    while len(held) < 200:
        held.append(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
        limit = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)[0]
        if len(held) > SPARE and wait_for(lambda: len(files_of(server.process.pid)) >= limit, 0.5, 0.05):
            break
    return held


def cut(cluster):
    """Every connection to the database ends, the writer's too."""
    cluster.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'plumbline %'")


NOTE = {"procedure": "note", "act": "write", "fields": {"subject": "甲"}}


def refused_for_files(answer):
    status, text = answer
    return status == 503 and "打开的文件过多" in str(text)


def crowded(server, staff, callers):
    """Others hold all that may be open: whoever needs one more connection to the database is told so."""
    few_files(server.process.pid)
    held = crowd(server)
    answers, told = [], threading.Event()
    until = time.monotonic() + PATIENCE

    def ask(caller):  # two must ask at one moment, which on a busy machine they may not for long
        while not told.is_set() and time.monotonic() < until:
            answer = caller.get("/matters")
            answers.append(answer)
            if refused_for_files(answer):
                told.set()
    threads = [threading.Thread(target=ask, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    odd = [answer for answer in answers if answer[0] != 200 and not refused_for_files(answer)]
    yield "crowded: a page that finds no connection says so, in words for its reader", told.is_set(), len(answers)
    yield "the others are answered", not odd, odd[:1]
    status, answer = staff.post("/api/matters", "b", NOTE)
    yield "the writer has its own: an act is done", status == 201, (status, answer)
    yield "alive", callers[0].get("/healthz")[0] == 200
    for one in held:
        one.close()
    yield "the crowd is gone: others come in again, by itself", wait_for(lambda: is_ready(server), PATIENCE, 0.2)
    answer = Caller(server.port).get("/matters")
    yield "and get their page", answer[0] == 200, answer


def cut_off(server, cluster, staff, caller):
    """Not one file may be opened, and the database has ended every connection."""
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
    cut(cluster)
    staff.post("/api/matters", "c", NOTE)  # it may learn by this one that its connection has ended
    status, answer = staff.post("/api/matters", "c", NOTE)
    yield "cut off: an act is refused, and why", status == 503 and answer["code"] == "E_STORE_HANDLES", (status, answer)
    caller.get("/matters")
    answer = caller.get("/matters")
    yield "a page says so", refused_for_files(answer), answer
    status, why = caller.get("/readyz")
    yield "not ready, and why", status == 503 and "store: E_STORE_HANDLES" in why, (status, why)
    yield "alive", caller.get("/healthz")[0] == 200
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    yield "the limit is raised: ready again without a restart", wait_for(lambda: is_ready(server), PATIENCE, 0.2)
    status, answer = staff.post("/api/matters", "c", NOTE)
    yield "the same act again: done now", status == 201, (status, answer)


def points(folder, cluster):
    bureau = Bureau(PROGRAM, SOURCE, folder, f"{cluster.uri}#handles")
    server = Server(PROGRAM, bureau.site, SOURCE, "--threads", str(CALLERS))
    if not server.opened(PATIENCE):
        sys.exit("Bail out! it does not open")
    staff, callers = Program(server.port, bureau.tokens["zhang"]), [Caller(server.port) for _ in range(CALLERS)]
    yield "an act", staff.post("/api/matters", "a", NOTE)[0] == 201
    yield "each has a connection", all(caller.get("/healthz")[0] == 200 for caller in callers)
    yield from crowded(server, staff, callers)
    yield from cut_off(server, cluster, staff, callers[0])
    status, answer = staff.post("/api/matters", "a", NOTE)
    yield "what was done before is known", status == 200 and answer.get("repeated") is True, (status, answer)
    ended, log = server.end(signal.SIGTERM)
    yield "it ran all the time, and stops", ended is None and server.process.returncode == 0
    yield "the log names it", "E_STORE_HANDLES" in log, "\n".join(line for line in log.splitlines() if "level=error" in line or "batch" in line)
    (rows,) = bureau.rows("SELECT number FROM matter WHERE procedure LIKE 'note%'")
    yield "three acts, no more", len(rows) == 3, rows
    verified = bureau.run("verify", "--tables")
    yield "the ledger holds", verified.returncode == 0, verified.stderr


def is_ready(server):
    try:
        with urllib.request.urlopen(server.address() + "/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


with tempfile.TemporaryDirectory() as top, Cluster("") as one:
    status = report(points(top, one))
sys.exit(status)
