#!/usr/bin/env python3
"""Drives one server with the same case work as the others: create a case, three transitions,
list 50; two clients, each over one connection. Prints one JSON line.

usage: drive.py NAME PORT GROUP CASES SECONDS STARTED [EXTRA]

The start-up is the time from STARTED (seconds since 1970) to the first answer.
Memory is the proportional share (PSS) of the server's group of processes at the end."""
import base64
import http.client
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

NAME, PORT, GROUP, CASES, SECONDS = sys.argv[1], *map(int, sys.argv[2:6])
STARTED, EXTRA = float(sys.argv[6]), sys.argv[7] if len(sys.argv) > 7 else ""
CLIENTS, WARM = 2, 2


class Client:
    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        self.headers = {}
        self.open()

    def open(self):
        pass

    def ask(self, method, path, body=None, **headers):
        """The answer as (status, headers, bytes); any failure is an exception."""
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return answer.status, answer.headers, data

    def json(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        return json.loads(self.ask(method, path, text, **{"Content-Type": "application/json"})[2]
                          or "null")


class Rt(Client):
    """Request Tracker 5, REST2."""
    ready = "/"

    def open(self):
        self.headers["Authorization"] = "Basic " + base64.b64encode(b"root:password").decode()

    def create(self):
        return self.json("POST", "/REST/2.0/ticket", {"Queue": "General", "Subject": "case",
                                                      "Content": "text"})["id"]

    def steps(self, case):
        for status in ("open", "stalled", "resolved"):
            yield lambda status=status: self.json("PUT", f"/REST/2.0/ticket/{case}", {"Status": status})

    def list(self):
        return len(self.json("GET", "/REST/2.0/tickets?per_page=50&query=" + urllib.parse.quote(
            "Queue = 'General'") + "&fields=Subject,Status")["items"])


class Redmine(Client):
    ready = "/login"

    def open(self):
        self.headers["X-Redmine-API-Key"] = EXTRA

    def create(self):
        return self.json("POST", "/issues.json", {"issue": {"project_id": "p", "tracker_id": 1,
                                                            "subject": "case"}})["issue"]["id"]

    def steps(self, case):
        for status in (2, 3, 5):  # in progress, resolved, closed
            yield lambda status=status: self.json("PUT", f"/issues/{case}.json",
                                                  {"issue": {"status_id": status}})

    def list(self):
        return len(self.json("GET", "/issues.json?limit=50&status_id=*")["issues"])


class Bpmn(Client):
    ready = "/cases"

    def create(self):
        return self.json("POST", "/cases", {"subject": "case"})["id"]

    def steps(self, case):
        for task in ("accept", "review", "close"):
            yield lambda task=task: self.json("POST", f"/cases/{case}/{task}", {})

    def list(self):
        return len(self.json("GET", "/cases?limit=50"))


class Plumbline(Client):
    ready = "/cases"

    def create(self):
        return self.json("POST", "/cases", {})["id"]

    def steps(self, case):
        for step in ("receive", "process", "correct"):
            yield lambda step=step: self.json("POST", f"/cases/{case}/{step}", {})

    def list(self):
        return len(self.json("GET", "/cases"))


KINDS = {"plumbline": Plumbline, "rt": Rt, "redmine": Redmine, "bpmn": Bpmn}


def pss(group):
    """Kilobytes of all processes of the group."""
    total = 0
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
            if int(stat.rpartition(") ")[2].split()[2]) == group:
                total += int(re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(),
                                       re.M).group(1))
        except (OSError, AttributeError, ValueError):
            continue
    return total


def wait_until_ready(kind):
    while time.time() - STARTED < 120:
        try:
            kind().ask("GET", kind.ready)
            return time.time() - STARTED
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
    sys.exit(f"{NAME}: not ready after 120 s")


class Taken:
    def __init__(self):
        self.times, self.lists, self.errors = [], [], 0

    def take(self, client, what, into, counts):
        """Its answer, and the time it took; an error answer is counted, and the case given up."""
        began = time.monotonic()
        try:
            answer = what()
        except RuntimeError as refused:
            self.errors += counts
            if self.errors == 1:
                print(f"{NAME}: {refused}", file=sys.stderr)
            return None
        if counts:
            into.append(time.monotonic() - began)
        return answer if answer is not None else True


def work(kind, until, share, taken):
    client = kind()
    for n in range(share + WARM):
        if time.monotonic() > until:
            return
        counts = n >= WARM
        case = taken.take(client, client.create, taken.times, counts)
        for step in client.steps(case) if case is not None else ():
            if taken.take(client, step, taken.times, counts) is None:
                break
        if n % 5 == 4:
            taken.take(client, client.list, taken.lists, counts)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(p * len(values)))] * 1000 if values else None


def main():
    kind = KINDS[NAME]
    started = wait_until_ready(kind)
    taken = Taken()
    began = time.monotonic()
    threads = [threading.Thread(target=work, args=(kind, began + SECONDS, CASES // CLIENTS, taken))
               for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    times, lists = taken.times, taken.lists
    if not times:
        sys.exit(f"{NAME}: no act was done in {SECONDS} s")
    print(json.dumps({"name": NAME, "acts": len(times), "errors": taken.errors,
                      "acts_per_s": len(times) / took,
                      "p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99),
                      "list_p50_ms": percentile(lists, 0.5), "list_p99_ms": percentile(lists, 0.99),
                      "memory_mb": pss(GROUP) / 1024, "start_s": started}))


main()
