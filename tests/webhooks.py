#!/usr/bin/env python3
"""Events told to a subscriber by two servers over one store, each killed in the midst of it, to a
receiver that fails, hangs up and dawdles: nothing is lost, nothing overtakes, nothing comes from two at
the same time, every signature holds. Prints TAP.

usage: webhooks.py PLUMBLINE SOURCE"""
import base64
import collections
import hashlib
import hmac
import http.cookiejar
import http.server
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "campaign"))
from bureau import HIDDEN, PASSWORD, Bureau, Gone, Program, Server, wait_for  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:3])
LIVES, ACTS, PATIENCE = 2, 25, 180


class Receiver(http.server.ThreadingHTTPServer):
    """Takes what is told; until it is told to be good, some of it only the second or third time."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.random, self.good, self.lock = random.Random(7), False, threading.Lock()
        self.secret, self.heard, self.taken = b"", [], []
        self.under_way = self.at_once = self.forged = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/in?of=court"

    def handle_error(self, request, client_address):
        pass  # who sent it has been killed


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        r = self.server
        with r.lock:
            r.under_way += 1
            r.at_once += r.under_way > 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        ident, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        mac = hmac.new(r.secret, f"{ident}.{stamp}.".encode() + body, hashlib.sha256).digest()
        holds = self.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
        one = (int(self.headers["Plumbline-Log-Position"]), ident, body)
        with r.lock:
            how = "take" if r.good else r.random.choice(("take", "take", "take", "slow", "refuse", "hang up"))
        time.sleep(0.3 if how == "slow" else 0.01)
        with r.lock:
            r.forged += not holds
            r.heard.append(one)
            if how in ("take", "slow"):
                r.taken.append(one)
            r.under_way -= 1
        if how == "hang up":
            self.close_connection = True
            return
        self.send_response(500 if how == "refuse" else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def shadow(folder):
    """A source whose notes anybody may read, so that they are told."""
    source = pathlib.Path(folder, "source")
    data = source / "tests/golden/cli/data"
    shutil.copytree(pathlib.Path(SOURCE, "tests/golden/cli/data"), data)
    for name in ("pages", "assets"):
        (source / name).symlink_to(pathlib.Path(SOURCE, name))
    note = data / "procedures/note.yaml"
    note.write_text(note.read_text().replace("visible: never", "visible: always"))
    return str(source)


def page(opener, address, **fields):
    """The page; with fields, what it answers to its form."""
    with opener.open(address, timeout=60) as answer:
        text = answer.read().decode()
    if not fields:
        return text
    fields["token"] = HIDDEN.search(text).group(1)
    with opener.open(address, urllib.parse.urlencode(fields).encode(), timeout=60) as answer:
        return answer.read().decode()


def sign_in(server):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(
        http.cookiejar.CookieJar()))
    page(opener, server.address() + "/work/sign-in", id="root", password=PASSWORD, to="")
    return opener


def opened(bureau):
    server = Server(PROGRAM, bureau.site, bureau.source)
    if not server.opened(120):
        sys.exit("Bail out! it does not open")
    return server


class Writers:
    """Two programs, each at a server of its own, as fast as it goes; whoever is killed ends his."""

    def __init__(self, bureau, servers, life):
        self.bureau, self.life, self.positions = bureau, life, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.write, args=(n, server)) for n, server in enumerate(servers)]
        for thread in self.threads:
            thread.start()

    def write(self, n, server):
        program = Program(server.port, self.bureau.tokens["zhang"])
        try:
            for i in range(ACTS):
                status, answer = program.post("/api/matters", f"{self.life}-{n}-{i}", {
                    "procedure": "note", "act": "write", "fields": {"subject": "修路"}})
                if status == 201:
                    with self.lock:
                        self.positions.append(answer["position"])
                time.sleep(0.02)
        except Gone:
            pass

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.positions


def metric(server, name):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    text = page(opener, server.address() + "/metrics")
    return int(re.search(rf"^plumbline_{name} (\d+)$", text, re.M).group(1))


def fits(folder, opener, server, token, receiver):
    """The bodies that were sent, and a list of matters, against the schemas; one that must not fit."""
    place = pathlib.Path(folder, "schemas")
    place.mkdir()
    (place / "openapi.json").write_text(page(opener, server.address() + "/openapi.json"))
    (place / "answers.tsv").write_text("")
    asked = urllib.request.Request(server.address() + "/api/matters?procedure=note", headers={
        "Authorization": f"Bearer {token}", "Accept": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60) as answer:
        listed = json.loads(answer.read())
    bodies = [("api.event", "yes", body.decode()) for _, _, body in receiver.taken]
    bodies += [("api.event", "no", '{"data":{},"type":"note.write"}'), ("api.docket", "yes", json.dumps(listed))]
    (place / "acts.tsv").write_text("".join("\t".join(one) + "\n" for one in bodies))
    told = subprocess.run([sys.executable, f"{SOURCE}/tests/json_schema.py", str(place)], capture_output=True,
                          text=True).stderr
    wrong = [line for line in told.splitlines() if not line.endswith("never answered")]  # pages: test_openapi asks
    print("".join(f"# {line}\n" for line in wrong), end="")
    return not wrong and len(listed["rows"]) == 50 and "next_url" in listed


def checks(folder):
    receiver = Receiver()
    bureau = Bureau(PROGRAM, shadow(folder), folder, None)
    with open(f"{bureau.site}/site.yaml", "a", encoding="utf-8") as config:
        config.write('receivers: "127.0.0.1"\n')
    servers = [opened(bureau), opened(bureau)]
    opener, at = sign_in(servers[0]), "/work/admin/webhooks"
    told = page(opener, servers[0].address() + at, do="add", label="法院", url=receiver.url(), filter="note.write")
    secret = re.search(r"whsec_([A-Za-z0-9+/=]+)", told)
    yield "a subscription, its secret shown", secret is not None
    receiver.secret = base64.b64decode(secret.group(1))
    written = []
    for life in range(LIVES):
        writers = Writers(bureau, servers, life)
        before = len(receiver.heard)
        yield f"life {life + 1}: told while acts are done", wait_for(lambda: len(receiver.heard) > before + 3, PATIENCE)
        servers[life % 2].end(signal.SIGKILL)
        written += writers.join()
        servers[life % 2] = opened(bureau)
    receiver.good = True
    yield "acts were done", len(written) > ACTS
    yield "every event was received", wait_for(
        lambda: {one[0] for one in receiver.taken} >= set(written), PATIENCE)
    first = list(dict.fromkeys(one[0] for one in receiver.taken))
    yield "in their order", first == sorted(first)
    ids = collections.defaultdict(set)
    for position, ident, body in receiver.heard:
        ids[position].add((ident, body))
    yield "the same event has the same id and body each time", all(len(one) == 1 for one in ids.values())
    yield "no two at the same time", receiver.at_once == 0
    yield "every signature holds", receiver.forged == 0 and len(receiver.heard) > len(written)
    data = json.loads(receiver.taken[-1][2])["data"]
    yield "what is told", data["act"] == "write" and data["fields"] == {"subject": "修路"} and (
        data["position"] == receiver.taken[-1][0])
    yield "what is told and listed is as /openapi.json says", fits(
        folder, opener, servers[0], bureau.tokens["zhang"], receiver)
    yield "its page is there", "修路" in page(opener, servers[0].address() + data["url"])
    yield "its leaf is in the ledger", data["leaf"] in page(
        opener, servers[0].address() + data["url"] + ".json")
    yield "the numbers say so", wait_for(lambda: metric(servers[1], "webhook_events_waiting") == 0, 30) and (
        metric(servers[1], "webhook_sent") >= len(written) and metric(servers[1], "webhooks_failing") == 0)
    for server in servers:
        ended, _ = server.end(signal.SIGTERM)
        yield "it ran until it was told to stop", ended is None and server.process.returncode == 0
    yield "the ledger holds", bureau.run("verify").returncode == 0


with tempfile.TemporaryDirectory() as temporary:
    status = report(checks(temporary))
sys.exit(status)
