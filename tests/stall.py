#!/usr/bin/env python3
"""Two servers over one store in PostgreSQL; the one that holds a lease is stopped (SIGSTOP) in the midst of
its work for longer than the lease, the other takes over, and the stopped one wakes up (SIGCONT): no timer,
no notice, no event told and no act is lost, and none is done twice. Prints TAP.

usage: stall.py PLUMBLINE SOURCE

That a lease has run out is written into its row, so that nobody waits for minutes; the server ends the
transaction that is left open by itself, after 30 seconds. The files of notices are taken away as they
come, as a gateway does."""
import collections
import datetime
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

sys.dont_write_bytecode = True
from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "campaign"))
from bureau import HIDDEN, PASSWORD, Bureau, Program, Server, wait_for  # noqa: E402
from cluster import Cluster  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
SCHEMA, PATIENCE = "stall", 240
DAYS, A_DAY = 40, 15  # so many matters fall due on each of so many days
N = DAYS * A_DAY
LOOKS, NOTICES = 3 * N, 2 * N  # yellow, red, lapsed; the first two with a notice to the unit


def shadow(folder):
    """A source whose notes anybody may read, so that they are told of; a term may have begun before
    today."""
    source = pathlib.Path(folder, "source")
    data = source / "tests/golden/cli/data"
    shutil.copytree(pathlib.Path(SOURCE, "tests/golden/cli/data"), data)
    for name in ("pages", "assets"):
        (source / name).symlink_to(pathlib.Path(SOURCE, name))
    note = data / "procedures/note.yaml"
    text = note.read_text()
    for old, new in (("visible: never", "visible: always"),
                     ("      copies:", "      since: {label: 起算日, type: date}\n      copies:"),
                     ("starts: reply}", "takes: [since], starts: {reply: {from: since}}}")):
        assert old in text
        text = text.replace(old, new, 1)
    note.write_text(text)
    return str(source)


class Receiver(http.server.ThreadingHTTPServer):
    """Takes every event; when it is told to, holds one back until it is let go."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard, self.lock = [], threading.Lock()
        self.hold, self.held, self.go_on = False, threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # who sent it was stopped meanwhile


class Hearing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        r, body = self.server, self.rfile.read(int(self.headers["Content-Length"]))
        with r.lock:
            r.heard.append((int(self.headers["Plumbline-Log-Position"]), self.headers["webhook-id"], body))
            holds, r.hold = r.hold, False
        if holds:
            r.held.set()
            r.go_on.wait(PATIENCE)
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Gateway:
    """Takes the files away as they come."""

    def __init__(self, folder):
        self.folder, self.taken, self.stop = pathlib.Path(folder), [], False
        self.folder.mkdir()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stop:
            for path in list(self.folder.glob("[0-9]*.json")):
                os.remove(path)
                self.taken.append(path.name)
            time.sleep(0.005)


class Pair:
    """Both servers, and the rows of their store."""

    def __init__(self, bureau, cluster):
        self.bureau, self.cluster = bureau, cluster
        self.servers = [Server(PROGRAM, bureau.site, bureau.source) for _ in range(2)]
        if not all(server.opened(PATIENCE) for server in self.servers):
            sys.exit("Bail out! they do not open")

    def number(self, query):
        return int(self.cluster.sql(f"SET search_path = {SCHEMA}; {query}"))

    def holder(self, lease):
        """(its server, the other one); None: nobody has it."""
        pid = self.cluster.sql(f"SELECT split_part(holder, '/', 2) FROM {SCHEMA}.lease WHERE name LIKE '{lease}'")
        return next(((s, self.servers[1 - i]) for i, s in enumerate(self.servers) if str(s.process.pid) == pid), None)

    def stop_holder(self, lease):
        """Stopped, and its leases have run out; returns it and the other."""
        both = []
        if not wait_for(lambda: both.append(self.holder(lease)) or both[-1], PATIENCE):
            sys.exit(f"Bail out! nobody takes {lease}")
        holder, other = both[-1]
        holder.process.send_signal(signal.SIGSTOP)
        self.cluster.sql(f"UPDATE {SCHEMA}.lease SET until = 0 WHERE split_part(holder, '/', 2) = '{holder.process.pid}'")
        return holder, other

    def is_ready(self, server):
        try:
            with urllib.request.urlopen(server.address() + "/readyz", timeout=20) as answer:
                return answer.status == 200
        except OSError:
            return False


def subscribe(server, receiver):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def send(path, **fields):
        with opener.open(server.address() + path, timeout=60) as page:
            fields["token"] = HIDDEN.search(page.read().decode()).group(1)
        with opener.open(server.address() + path, urllib.parse.urlencode(fields).encode(), timeout=60) as page:
            return page.read().decode()

    send("/work/sign-in", id="root", password=PASSWORD, to="")
    told = send("/work/admin/webhooks", do="add", label="法院", filter="note.write",
                url=f"http://127.0.0.1:{receiver.server_address[1]}/in")
    return re.search(r"whsec_([A-Za-z0-9+/=]+)", told) is not None


def fall_due(bureau, folder):
    """Matters whose term ran out in the past: three looks each, yellow, red, lapsed."""
    lines = []
    begin = datetime.date.today() - datetime.timedelta(days=DAYS + 30)
    for day in range(DAYS):
        for n in range(A_DAY):
            name, since = f"m{day}-{n}", str(begin + datetime.timedelta(days=day))
            lines.append({"procedure": "note", "act": "write", "by": "zhang", "fields": {"subject": "修路"}, "as": name})
            lines.append({"on": name, "act": "ask", "by": "zhang", "fields": {"since": since}})
    file = pathlib.Path(folder, "due.jsonl")
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    done = bureau.run("import", str(file))
    return done.returncode == 0 or print(f"# {done.stdout[-300:]}{done.stderr[-300:]}")


DUE = "SELECT count(*) FROM clock WHERE next_look <= extract(epoch FROM now())"
LAPSED = "SELECT count(*) FROM matter WHERE state = 'lapsed'"
WAITING = "SELECT count(*) FROM outbox WHERE done = 0"


def timers(pair, bureau, folder, gateway):
    """Stopped while it looks at clocks."""
    events = pair.number("SELECT count(*) FROM event") + 2 * N
    yield f"{N} matters whose term has run out", fall_due(bureau, folder)
    began = wait_for(lambda: pair.number("SELECT count(*) FROM event") > events + 20, PATIENCE)
    holder, other = pair.stop_holder("timers")
    left = pair.number(DUE)
    yield f"stopped in the midst of its timers, {left} clocks still due", began and 0 < left
    yield "the other looks at the rest", wait_for(lambda: pair.number(DUE) == 0, PATIENCE, 0.2)
    yield "it answers", wait_for(lambda: pair.is_ready(other), PATIENCE, 0.2)
    holder.process.send_signal(signal.SIGCONT)
    yield "woken, it is ready again by itself", wait_for(lambda: pair.is_ready(holder), PATIENCE, 0.2)
    yield "every notice is out", wait_for(lambda: pair.number(WAITING) == 0, PATIENCE, 0.2)
    time.sleep(3)  # what it would do twice, it would do now
    looks = pair.number("SELECT count(*) FROM event") - events
    yield f"{N} terms lapsed, three looks each, none twice", pair.number(LAPSED) == N and looks == LOOKS
    yield from all_came(gateway, NOTICES)


def all_came(gateway, n):
    """The one that was just being written may come again."""
    different = len(set(gateway.taken))
    yield f"{different} notices of {n}, {len(gateway.taken) - different} again", different == n and (
        len(gateway.taken) - different <= 1)


def notices(pair, bureau, folder, gateway):
    """Stopped between two files of one batch."""
    before = len(gateway.taken)
    yield "as many fall due once more", fall_due(bureau, folder)
    if not wait_for(lambda: len(gateway.taken) > before, PATIENCE):
        sys.exit("Bail out! no notice comes")
    holder, _ = pair.stop_holder("notices")
    yield "stopped in the midst of its notices", len(gateway.taken) - before < NOTICES
    yield "the other writes the rest", wait_for(
        lambda: pair.number(DUE) == 0 and pair.number(WAITING) == 0, PATIENCE, 0.2)
    time.sleep(16)  # its lease is over by its own clock, too
    holder.process.send_signal(signal.SIGCONT)
    yield "woken, it is ready again", wait_for(lambda: pair.is_ready(holder), PATIENCE, 0.2)
    time.sleep(3)
    yield from all_came(gateway, 2 * NOTICES)


def events(pair, receiver):
    """Stopped while it waits for the receiver's answer."""
    program = Program(pair.servers[0].port, pair.bureau.tokens["zhang"])
    receiver.hold = True
    for n in range(5):
        program.post("/api/matters", f"told-{n}", {"procedure": "note", "act": "write", "fields": {"subject": "甲"}})
    if not receiver.held.wait(PATIENCE):
        sys.exit("Bail out! nothing is told")
    holder, _ = pair.stop_holder("webhook:%")
    end = pair.number("SELECT size FROM ledger")
    told = f"SELECT count(*) FROM webhook WHERE position >= {end}"
    yield "stopped while an event is told: the other tells the rest", wait_for(lambda: pair.number(told) == 1, PATIENCE, 0.2)
    n = len(receiver.heard)
    receiver.go_on.set()
    holder.process.send_signal(signal.SIGCONT)
    yield "woken, it is ready", wait_for(lambda: pair.is_ready(holder), PATIENCE, 0.2)
    time.sleep(3)
    yield "and tells nothing again", len(receiver.heard) == n
    places = [position for position, _, _ in receiver.heard]
    again = [position for position, times in collections.Counter(places).items() if times > 1]
    ids = {(position, ident) for position, ident, _ in receiver.heard}
    yield f"told twice: what was on the way ({len(again)}), with the same id", (
        len(again) <= 2 and len(ids) == len(set(places)) and list(dict.fromkeys(places)) == sorted(set(places)))


def acts(pair):
    """Handed in at the one that is stopped, then at the other with the same key."""
    stopped, other = pair.servers
    answers = []

    def hand_in(server):
        body = {"procedure": "note", "act": "write", "fields": {"subject": "乙"}}
        return Program(server.port, pair.bureau.tokens["zhang"]).post("/api/matters", "once", body)

    stopped.process.send_signal(signal.SIGSTOP)
    waiting = threading.Thread(target=lambda: answers.append(hand_in(stopped)))
    waiting.start()
    status, first = hand_in(other)
    yield "the other does the act", status == 201
    stopped.process.send_signal(signal.SIGCONT)
    waiting.join()
    yield "the woken one answers with the same", answers and answers[0][0] == 200 and answers[0][1]["repeated"] is True and (
        answers[0][1]["position"] == first["position"])


def checks(folder, cluster):
    receiver, gateway = Receiver(), Gateway(f"{folder}/spool")
    bureau = Bureau(PROGRAM, shadow(folder), folder, f"{cluster.uri}#{SCHEMA}" if cluster else None)
    with open(f"{bureau.site}/site.yaml", "a", encoding="utf-8") as config:
        config.write(f'receivers: "127.0.0.1"\nspool: {folder}/spool\n')
    pair = Pair(bureau, cluster)
    yield "a subscriber", subscribe(pair.servers[0], receiver)
    yield from timers(pair, bureau, folder, gateway)
    yield from notices(pair, bureau, folder, gateway)
    yield from events(pair, receiver)
    yield from acts(pair)
    for server in pair.servers:
        ended, _ = server.end(signal.SIGTERM)
        yield "it ran all the time, and stops", ended is None and server.process.returncode == 0
    yield "the ledger holds, the tables follow from it", bureau.run("verify", "--tables").returncode == 0


def main():
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        status = report(checks(folder, cluster))
    sys.exit(status)


main()
