"""A small bureau for the campaign: made at the command line, served, used over HTTP, its tables read
by nobody's code but the database's own."""
import http.client
import http.cookiejar
import json
import os
import pathlib
import re
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "postgres"))
from cluster import programs  # noqa: E402

PEOPLE = (("zhang", "张三", "clerk"), ("wang", "王五", "head,clerk"), ("root", "管理", "system_admin"))
GIVEN, PASSWORD = "correct horse battery staple", "a second one of her own"
HIDDEN = re.compile(r'name="token" value="([^"]+)"')
SECRET = re.compile(r"plt_[A-Za-z0-9_-]{43}")


class Gone(Exception):
    """The server is not there any more, or went while it was asked."""


class Server:
    """plumbline serve, from its start to its end."""

    def __init__(self, program, site, source, *more):
        self.log = tempfile.TemporaryFile()  # a pipe that nobody empties would stop it
        self.process = subprocess.Popen([program, "--site", site, "serve", "--port", "0", "--data", source, *more],
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.port = None

    def opened(self, seconds):
        """Has it said within so many seconds where it listens?"""
        if self.port is None and select.select([self.process.stdout], [], [], seconds)[0]:
            said = re.search(rb"http://[^:]+:(\d+)/", self.process.stdout.readline())
            self.port = int(said.group(1)) if said else None
        return self.port is not None

    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def end(self, how):
        """Returns what it ended with before it was told to (None: it ran), and its log."""
        ended = self.process.poll()
        self.process.send_signal(how)
        self.process.communicate(timeout=120)
        with self.log:
            self.log.seek(0)
            return ended, self.log.read().decode(errors="replace")


class Program:
    """One that acts as a member of staff, over one connection."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = token

    def post(self, path, key, body):
        """Status and answer, once the answer is here whole."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key,
                   "Content-Type": "application/json", "Accept": "application/json"}
        try:
            self.connection.request("POST", path, json.dumps(body).encode(), headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as why:
            raise Gone from why


class Bureau:
    def __init__(self, program, source, folder, store):
        self.program, self.source, self.folder = program, source, folder
        self.site, self.store = f"{folder}/site", store
        data = str(pathlib.Path(source, "tests/golden/cli/data"))
        self.must("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299", "--city", "测试市",
                  "--data", data, *(["--store", store] if store else []))
        self.must("act", "register:units", "put", '{"id":"bureau","name":"局"}', "--system")
        for who, name, roles in PEOPLE:
            self.must("user", "add", who, name, "--unit", "bureau", "--roles", roles)
        self.must("user", "password", "root", stdin=GIVEN + "\n")
        self.tokens = self.make_tokens()

    def run(self, *words, stdin=None):
        return subprocess.run([self.program, "--site", self.site, *words], input=stdin, capture_output=True,
                              text=True, timeout=3600)

    def must(self, *words, stdin=None):
        done = self.run(*words, stdin=stdin)
        if done.returncode:
            sys.exit(f"Bail out! {words}: {done.stdout}{done.stderr}")

    def make_tokens(self):
        """As an administrator does it: signed in, on the page for it."""
        server = Server(self.program, self.site, self.source)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def send(path, **fields):
            with opener.open(server.address() + path, timeout=60) as page:
                fields["token"] = HIDDEN.search(page.read().decode()).group(1)
            with opener.open(server.address() + path, urllib.parse.urlencode(fields).encode(), timeout=60) as page:
                return page.read().decode()

        try:
            if not server.opened(120):
                sys.exit("Bail out! it does not open")
            send("/work/sign-in", id="root", password=GIVEN, to="")
            send("/work/password", old=GIVEN, new=PASSWORD, again=PASSWORD)
            return {who: SECRET.search(send("/work/admin/tokens", account=who, label="campaign")).group(0)
                    for who, _, _ in PEOPLE[:2]}
        finally:
            server.end(signal.SIGTERM)

    # ---- The tables ----

    def rows(self, *queries):
        """The rows of each query, all from one moment."""
        if self.store:
            return self.rows_of_server(queries)
        db = sqlite3.connect(f"{self.site}/plumbline.db", isolation_level=None)
        db.execute("BEGIN")
        rows = [db.execute(query).fetchall() for query in queries]
        db.close()
        return rows

    def rows_of_server(self, queries):
        uri, schema = self.store.split("#")
        text = f"\\set QUIET on\nSET search_path = {schema};\nBEGIN ISOLATION LEVEL REPEATABLE READ;\n"
        text += "".join(f"{query};\n\\echo ====\n" for query in queries) + "COMMIT;\n"
        done = subprocess.run([f"{programs()}/psql", "-XqAt", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", uri],
                              input=text, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
        if done.returncode:
            sys.exit(f"Bail out! {done.stderr}")

        def value(cell):
            return int(cell) if re.fullmatch(r"-?\d+", cell) else cell
        return [[tuple(map(value, line.split("\x1f"))) for line in part.strip("\n").split("\n") if line]
                for part in done.stdout.split("====\n")[:-1]]


def wait_for(condition, seconds, pause=0.001):
    """True once it holds; False if it has not within so many seconds."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True
