"""A small bureau behind a server, for tests from outside, and a browser that only knows forms."""
import contextlib
import gzip
import html.parser
import http.client
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.parse

import tap

NOW = "2024-01-03T09:30:00+08:00"  # where the server's clock stands; behind all that was lived through
ONLY_PEOPLE = ("05-inspection.yaml", "31-mediation.yaml", "33-legal-aid.yaml")  # of these no matters


def _scenario(source, folder):
    """The first days of small-2023."""
    to = folder / "scenario"
    shutil.copytree(source / "scenarios" / "small-2023", to)
    file = to / "scenario.yaml"
    text = re.sub(r"(?m)^until:.*$", "until: 2023-01-12", file.read_text())
    file.write_text(re.sub(r"(?m)^freeze:.*$", "", text))
    for name in ONLY_PEOPLE:
        file = to / name
        file.write_text(re.sub(r"(?ms)^(pools|streams):.*", "", file.read_text()))
    with open(to / ONLY_PEOPLE[1], "a") as file:  # its list of people is the last thing in it
        file.writelines(f"  - {{role: {role}, unit: qs, count: 1}}\n" for role in ("system_admin", "director", "auditor"))
    return to


@contextlib.contextmanager
def bureau(program, source):
    """(port, {account: password}) of a bureau that is gone afterwards."""
    source = pathlib.Path(source)
    with tempfile.TemporaryDirectory(prefix="plumbline-town-") as folder:
        site = str(pathlib.Path(folder) / "site")
        run = lambda *words: subprocess.run([program, "--site", site, *words], check=True, text=True, capture_output=True).stdout
        run("run-year", str(_scenario(source, pathlib.Path(folder))), "--data", str(source))
        rows = run("user", "demo", NOW[:10]).strip().split("\n")[1:]
        passwords = dict(row.split("\t")[:2] for row in rows)
        server = subprocess.Popen([program, "--site", site, "serve", "--port", "0", "--data", str(source), "--as-of", NOW],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            yield int(re.search(r":(\d+)/", server.stdout.readline()).group(1)), passwords
        finally:
            server.terminate()
            assert server.wait(timeout=120) == 0


class Form:
    def __init__(self, attributes):
        self.action, self.method = attributes.get("action", ""), attributes.get("method", "get")
        self.files = attributes.get("enctype") == "multipart/form-data"
        self.fields = []  # [name, value, kind]
        self.buttons = []  # (name, value)

    def shape(self):
        """Forms that ask the same are one: numbers and keys in the address are passed over."""
        route = re.sub(r"/(work/matters|track|registers|matters)/[^/]+", r"/\1/{}", self.action.split("?")[0])
        return route, tuple(sorted({name for name, _, _ in self.fields}))


class _Reader(html.parser.HTMLParser):
    """What a page has: forms, links, sheets and pictures."""

    def __init__(self):
        super().__init__()
        self.forms, self.links, self.parts = [], [], []
        self._form = self._area = None

    def handle_starttag(self, tag, attrs):
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(a)
            self.forms.append(self._form)
        elif tag == "a" and a.get("href"):
            self.links.append(a["href"])
        elif tag == "link" and a.get("rel") in ("stylesheet", "icon", "preload") or tag in ("script", "img") and a.get("src"):
            self.parts.append(a.get("href") or a["src"])
        if self._form is None or not a.get("name"):
            return
        if tag == "button":
            self._form.buttons.append((a["name"], a.get("value", "")))
        elif tag == "input":
            self._form.fields.append([a["name"], a.get("value", ""), a.get("type", "text")])
        elif tag in ("textarea", "select"):
            self._form.fields.append([a["name"], "", tag])
            self._area = self._form.fields[-1] if tag == "textarea" else None

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = None
        elif tag == "form":
            self._form = None


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.getheaders(), response.read()
        self.location = response.getheader("Location", "")
        self.is_packed = response.getheader("Content-Encoding") == "gzip"

    @property
    def text(self):
        return (gzip.decompress(self.body) if self.is_packed else self.body).decode("utf-8", "replace")

    def read(self):
        reader = _Reader()
        reader.feed(self.text)
        return reader


class Browser:
    def __init__(self, port):
        self.port, self.cookies = port, {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, address, body=None, kind=None, more=()):
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())} if self.cookies else {}
        if kind:
            headers["Content-Type"] = kind
        headers.update(more)
        for attempt in (1, 2):  # the server may have ended a connection that had rested
            try:
                self.connection.request(method, address, body, headers)
                answer = Answer(self.connection.getresponse())
                break
            except (http.client.HTTPException, OSError):
                self.connection.close()
                if attempt == 2:
                    raise
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.split(";")[0]
        return answer

    def get(self, address, **more):
        return self.ask("GET", address, **more)

    def post(self, address, fields, files=False):
        """fields: [(name, value)], or (name, value, file name); values may be bytes."""
        raw = lambda value: value if isinstance(value, bytes) else str(value).encode()
        if not files:
            body = b"&".join(urllib.parse.quote_from_bytes(raw(f[0])).encode() + b"=" +
                             urllib.parse.quote_from_bytes(raw(f[1])).encode() for f in fields)
            return self.ask("POST", address, body, "application/x-www-form-urlencoded")
        body = b""
        for name, value, *file in fields:
            head = b'Content-Disposition: form-data; name="' + raw(name) + b'"'
            if file:
                head += b'; filename="' + raw(file[0]) + b'"\r\nContent-Type: application/octet-stream'
            body += b"--edge7348\r\n" + head + b"\r\n\r\n" + raw(value) + b"\r\n"
        return self.ask("POST", address, body + b"--edge7348--\r\n", "multipart/form-data; boundary=edge7348")

    def sign_in(self, account, password):
        form = self.get("/work/sign-in").read().forms[0]
        token = next(value for name, value, _ in form.fields if name == "token")
        answer = self.post("/work/sign-in", [("token", token), ("id", account), ("password", password), ("to", "")])
        assert answer.status == 303, (account, answer.status)
        return self


class Tap(tap.Tap):
    def say(self, why, name):
        """`why`: what is wrong; empty: nothing."""
        super().say(not why, name, why)
