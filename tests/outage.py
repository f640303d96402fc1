#!/usr/bin/env python3
"""A store that does not answer, under a server that is asked: it says so, stays alive, loses nothing,
and goes on by itself. Prints TAP.

usage: outage.py PLUMBLINE SOURCE [--postgres]

On SQLite another program keeps the file locked; on PostgreSQL the server is killed and comes back,
and the process behind the writer's connection is stopped in its turn."""
import os
import pathlib
import signal
import sqlite3
import sys
import tempfile
import threading
import urllib.error
import urllib.request

from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "campaign"))
from bureau import Bureau, Program, Server, wait_for  # noqa: E402
from cluster import Cluster  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
PATIENCE = 90  # seconds, on a busy machine


class Desk:
    """A server and one who acts at it."""

    def __init__(self, bureau):
        self.bureau, self.server, self.done = bureau, Server(PROGRAM, bureau.site, SOURCE), 0
        if not self.server.opened(PATIENCE):
            sys.exit("Bail out! it does not open")

    def act(self, key):
        """Status and answer; counts what was acknowledged for the first time."""
        program = Program(self.server.port, self.bureau.tokens["zhang"])
        status, answer = program.post("/api/matters", key, {"procedure": "note", "act": "write", "fields": {"subject": "甲"}})
        self.done += status == 201
        return status, answer

    def get(self, path):
        try:
            with urllib.request.urlopen(self.server.address() + path, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def is_ready(self):
        return self.get("/readyz")[0] == 200

    def numbers(self):
        """As many as were acknowledged, none left out, none twice?"""
        (rows,) = self.bureau.rows("SELECT number FROM matter WHERE procedure LIKE 'note%'")
        n = sorted(int(number.rpartition("〕")[2].rstrip("号")) for (number,) in rows)
        return n == list(range(1, self.done + 1))


def locked(desk):
    """Another program keeps the file locked for longer than the desk waits."""
    other = sqlite3.connect(f"{desk.bureau.site}/plumbline.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, answer = desk.act("b")
    yield "locked: refused as busy", status == 503 and answer["code"] == "E_STORE_BUSY"
    status, why = desk.get("/readyz")
    yield "not ready, and why", status == 503 and "desk: the newest turn failed" in why
    yield "alive, and pages are read", desk.get("/healthz")[0] == 200 and desk.get("/")[0] == 200
    other.execute("ROLLBACK")
    other.close()
    yield "ready again by itself", wait_for(desk.is_ready, PATIENCE, 0.2)
    yield "the same act again: done now", desk.act("b")[0] == 201


def gone(desk, cluster):
    """The database server is killed, and comes back after a while."""
    cluster.stop(signal.SIGQUIT)
    status, answer = desk.act("b")
    yield "server gone: refused", status in (500, 503) and answer["code"] == "E_STORE_LOST"
    status, why = desk.get("/readyz")
    yield "not ready, and why", status == 503 and "store: E_STORE_LOST" in why
    yield "alive", desk.get("/healthz")[0] == 200
    cluster.start()
    yield "ready again by itself", wait_for(desk.is_ready, PATIENCE, 0.2)
    yield "the same act again: done now", desk.act("b")[0] == 201


def stuck(desk, cluster):
    """The process behind the writer's connection stops in the midst of its turn."""
    writer = int(cluster.sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'plumbline %' AND query = "
                             "'COMMIT' ORDER BY state_change DESC LIMIT 1"))
    os.kill(writer, signal.SIGSTOP)
    try:
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(desk.act("c")))
        waiting.start()
        yield "stuck: not ready, and why", wait_for(lambda: "desk: a turn takes" in desk.get("/readyz")[1], PATIENCE, 0.2)
        yield "alive, and pages are read", desk.get("/healthz")[0] == 200 and desk.get("/")[0] == 200
    finally:
        os.kill(writer, signal.SIGCONT)
    waiting.join()
    yield "it goes on: the act that waited is done", answers and answers[0][0] == 201
    yield "and it is ready", wait_for(desk.is_ready, PATIENCE, 0.2)


def checks(folder, cluster):
    desk = Desk(Bureau(PROGRAM, SOURCE, folder, f"{cluster.uri}#outage" if cluster else None))
    yield "ready", desk.is_ready()
    yield "an act", desk.act("a")[0] == 201
    if cluster:
        yield from gone(desk, cluster)
        yield from stuck(desk, cluster)
    else:
        yield from locked(desk)
    status, answer = desk.act("a")
    yield "what was done before is known", status == 200 and answer.get("repeated") is True
    ended, _ = desk.server.end(signal.SIGTERM)
    yield "it ran all the time, and stops", ended is None and desk.server.process.returncode == 0
    yield "no number lost, doubled or left out", desk.numbers()
    yield "the ledger holds", desk.bureau.run("verify", "--tables").returncode == 0


def main():
    cluster = Cluster("") if "--postgres" in sys.argv else None
    with tempfile.TemporaryDirectory() as folder:
        try:
            if cluster:
                cluster.__enter__()
            status = report(checks(folder, cluster))
        finally:
            if cluster:
                cluster.__exit__()
    sys.exit(status)


main()
