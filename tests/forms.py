#!/usr/bin/env python3
"""Every form of the town, filled in badly: found by walking through the pages as citizen, as party of a matter
and as one of each role, each put to the same trials. None is a list kept by hand: a procedure that is added
brings its forms with it. Then what is somebody else's, what is over, and what is too large. Prints TAP.

usage: forms.py PROGRAM SOURCE"""
import re
import sys
import urllib.parse

import town

PROGRAM, SOURCE = sys.argv[1:3]
PAGES_MOST = 260  # for one viewer; like pages are opened once
CLEAR = {200, 303, 400, 403, 404, 409, 411, 413, 415, 422}  # 503 only where tries are counted
ASKED_FOR = ("/work/matters", "/work/admin/templates")
MARK = "<script>alert('pl7348')</script>"
HOSTILE = {
    "script": MARK,
    "SQL": "x'); DROP TABLE event; --",
    "path": "../../../../etc/passwd%00.pdf",
    "header": "x\r\nSet-Cookie: pl7348=1\r\n\r\n<b>",
    "template": "{{site.name}} ${7*7} %n%n%s",
    "long": "长" * 30000,
}
BROKEN = {"not UTF-8": b"\xff\xfe\xc3(", "NUL": b"a\x00b", "surrogate": b"\xed\xa0\x80", "overlong": b"\xc0\xaf"}
INSIDE = re.compile(rb"(sqlite|SQL logic|/root/|Traceback|std::|E_STORE)")
ZIP = b"PK\x03\x04" + b"\x14\0\0\0\x08\0" + b"\xff" * 64


# ---- Finding them ----

def like(address):
    """Pages of one kind: matters, entries, years and numbers do not make another page."""
    path, _, query = urllib.parse.unquote(address).partition("?")
    path = re.sub(r"^/(work/)?matters/[^/]+$", r"/\1matters/{}", path)
    path = re.sub(r"^/(work/)?matters/[^/]+/documents/.*", r"/\1matters/{}/documents/{}", path)
    path = re.sub(r"^/(work/)?matters/[^/]+/acts/", r"/\1matters/{}/acts/", path)
    path = re.sub(r"^/track/[^/]+", "/track/{}", path)
    if path in ASKED_FOR:  # another page for another question
        path += "?" + "&".join(sorted(part.split("=")[0] for part in query.split("&")))
    return re.sub(r"\d+", "9", path)


def walk(browser, start, found, opened, within="/work", method="post"):
    """Opens what can be opened from here; each form once, with the page that it stands on."""
    queue, n = list(start), 0
    while queue and n < PAGES_MOST:
        address = queue.pop(0)
        kind = like(address)
        if opened.get(kind, 0) >= (24 if kind == "/work/matters/{}" else 1):
            continue
        opened[kind] = opened.get(kind, 0) + 1
        n += 1
        answer = browser.get(address)
        if answer.status >= 500:
            raise AssertionError(f"GET {address}: {answer.status}")
        if answer.status != 200 or not answer.body.startswith(b"<!DOCTYPE"):
            continue
        page = answer.read()
        for form in page.forms:
            if form.method.lower() == method and not re.match(r"/work/sign-out", form.action):
                found.setdefault(form.shape(), (browser, address, form))
        queue += [l.split("#")[0] for l in page.links if l.startswith(within)]


def begin_applications(port, found):
    """Each service that can be applied for: begun, all its questions on one page."""
    n = 0
    listed = town.Browser(port).get("/services").read().links
    for service in sorted({l.split("?")[0] for l in listed if l.startswith("/services/")}):
        citizen = town.Browser(port)
        page = citizen.get(service.replace("/services/", "/apply/"))
        if page.status != 200:
            continue
        n += 1
        start = page.read().forms[-1]
        values = [(name, value) for name, value, kind in start.fields if kind in ("hidden", "radio")][:2]
        form = re.search(r'<option value="([^"]+)"', page.text)
        answer = citizen.post(start.action, values + [("unit", form.group(1))])
        assert answer.status == 303, (service, answer.status)
        walk(citizen, [service.replace("/services/", "/apply/") + "/form?step=all", service.replace("/services/", "/apply/") + "/check"], found, {})
    return n


def code_of(browser, number):
    """Another code for the party of a matter, as the window gives it; empty where it has none."""
    page = browser.get(f"/work/matters/{urllib.parse.quote(number)}/code").read()
    form = next((f for f in page.forms if f.action.endswith("/code")), None)
    if form is None:
        return ""
    given = {"identity": "居民身份证原件", "checked": "1"}
    radio = next((value for name, value, kind in form.fields if name == "party"), "")
    answer = browser.post(form.action, [(n, radio if n == "party" else given.get(n, v)) for n, v, k in form.fields])
    code = re.search(r'pl-code-big">([^<]+)<', (browser.get(answer.location) if answer.status == 303 else answer).text)
    return code.group(1) if code else ""


def follow(port, number, code):
    """Who came with number and code, at his matter; None where he was not let in."""
    party = town.Browser(port)
    form = next(f for f in party.get("/track").read().forms if f.action == "/track")
    answer = party.post("/track", [(n, {"number": number, "code": code}.get(n, v)) for n, v, k in form.fields])
    return party if answer.status == 303 else None


def parties(port, passwords, found):
    """Matters of each kind, in each state, as their parties see them. Returns (number, code, party) of each."""
    out = []
    for account in sorted(passwords):
        if not account.startswith(("pm_window", "office_info", "pn_officer")):
            continue
        browser, kinds = town.Browser(port).sign_in(account, passwords[account]), set()
        for link in browser.get("/work/matters").read().links:
            if not re.match(r"/work/matters/[^/?]+$", link):
                continue
            number, page = urllib.parse.unquote(link.split("/")[-1]), browser.get(link)
            kind = tuple(re.findall(r'(?s)<h1.*?</h1>', page.text)[0].split("govuk-tag")[-1:] + re.findall(r"/procedures/([a-z_]+)", page.text)[:1])
            code = code_of(browser, number) if kind not in kinds and len(out) < 16 else ""
            kinds.add(kind)
            party = follow(port, number, code) if code else None
            if party is None:
                continue
            out.append((number, code, party))
            walk(party, [f"/track/{urllib.parse.quote(number)}"], found, {}, within="/track/")
    return out


def several(port, passwords, found):
    """What is asked once for many: a form that only a form leads to."""
    account = next(a for a in sorted(passwords) if a.startswith("head_office_info"))
    browser = town.Browser(port).sign_in(account, passwords[account])
    states = re.findall(r'<option value="([a-z_]+)"', browser.get("/work/matters?procedure=foi_request").text)
    lists = [f"/work/matters?procedure=foi_request&state={state}" for state in states]
    address, form = next((a, f) for a in lists for f in browser.get(a).read().forms if f.action == "/work/bulk")
    walk(browser, [address], found, {}, within="/nowhere")
    picked = [(n, v) for n, v, k in form.fields if k in ("hidden", "checkbox")] + [("act", "change_handler")]
    asked = next(f for f in browser.post(form.action, picked).read().forms if f.action == "/work/bulk")
    found[("/work/bulk, what is asked", ())] = browser, address, asked


# ---- Trials ----

def events(port):
    return int(re.search(r"(?m)^plumbline_ledger_events (\d+)", town.Browser(port).get("/metrics").text).group(1))


def records(port, attempt):
    """Does it leave anything in the ledger? Asked twice: a term that just then runs out leaves something once."""
    for _ in range(2):
        before = events(port)
        attempt()
        if events(port) == before:
            return False
    return True


def sent(form, change=None, token=None):
    """The form as a browser sends it, one radio of each name; change(name, value, kind) -> values."""
    out, radios = [], set()
    for name, value, kind in form.fields:
        if kind in ("radio", "checkbox"):
            if name in radios:
                continue
            radios.add(name)
        if name == "token":
            value = value if token is None else token
            values = [value] if value is not False else []
        elif kind == "hidden" or change is None:
            values = [value]
        else:
            values = change(name, value, kind)
        out += [(name, v, "") if kind == "file" and v == "" else (name, v) for v in values]
    press = next((b for b in form.buttons if b[1] in ("check", "next")), form.buttons[0] if form.buttons else None)
    return out + ([press] if press else [])


class Trial:
    def __init__(self, port, browser, address, form):
        self.port, self.browser, self.address, self.form = port, browser, address, form
        self.wrong = []

    def post(self, what, fields, allowed=CLEAR):
        before = self.browser.cookies.copy()
        answer = self.browser.post(self.form.action, fields, self.form.files)
        self.browser.cookies = {**self.browser.cookies, **{n: v for n, v in before.items() if n in ("pl-session", "pl-form", "pl_draft")}}
        if answer.status not in allowed:
            self.wrong.append(f"{what}: {answer.status}")
        if MARK.encode() in answer.body:
            self.wrong.append(f"{what}: the script came back as markup")
        if any(name.lower() == "set-cookie" and "7348" in value for name, value in answer.headers):
            self.wrong.append(f"{what}: a header of its own")
        if answer.status >= 400 and b"<h1" not in answer.body:
            self.wrong.append(f"{what}: {answer.status} without a page that says why")
        if INSIDE.search(answer.body):
            self.wrong.append(f"{what}: tells of its inside")
        return answer

    def tokens(self):
        """Without the right token nothing is done."""
        stranger = town.Browser(self.port).get("/track").read().forms[-1]
        foreign = next(value for name, value, _ in stranger.fields if name == "token")
        typed = lambda name, value, kind: ["pl7348"] if kind in ("text", "textarea") else [value]
        def try_each():
            for what, token in (("no token", False), ("an empty token", ""), ("a wrong token", "A" * 32), ("a foreign token", foreign)):
                answer = self.post(what, sent(self.form, typed, token), {403})
                kept = any(kind in ("text", "textarea") and name.startswith("f.") for name, _, kind in self.form.fields)
                if kept and answer.text.count("pl7348") == 0:
                    self.wrong.append(f"{what}: what was typed is lost")
        if records(self.port, try_each):
            self.wrong.append("something was done without the right token")

    def values(self):
        """Whatever is typed: a clear answer; and what is only to be checked is not recorded."""
        checks = "do" in dict(self.form.buttons) and dict(self.form.buttons)["do"] == "check"
        if not checks:
            self.all_values()
        elif records(self.port, self.all_values):
            self.wrong.append("something was recorded from what was only to be checked")

    def all_values(self):
        text = ("text", "textarea", "date", "datetime-local", "select", "radio", "checkbox", "search")
        put = lambda new: lambda name, value, kind: [new] if kind in text else [value]
        self.post("all missing", [f for f in sent(self.form) if f[0] == "token"])
        self.post("all empty", sent(self.form, put("")))
        self.post("all doubled", sent(self.form, lambda name, value, kind: ["x", "y"] if kind in text else [value]))
        for what, value in HOSTILE.items():
            self.post(what, sent(self.form, put(value)))
        for what, value in BROKEN.items():
            self.post(what, sent(self.form, put(value)), CLEAR - {303} if any(kind in text for _, _, kind in self.form.fields) else CLEAR)
        self.post("as many fields as there may not be", sent(self.form) + [(f"f.x{i}", "x") for i in range(3000)], {400, 403, 413, 422})
        self.post("rows without end", sent(self.form) + [("n.x", "99999999999"), ("f.x.99999999.y", "z")])
        if any(kind == "file" for _, _, kind in self.form.fields):
            for name, body in (("a.pdf", ZIP), ("../../x.zip", ZIP), ("a.exe", b"MZ\x90"), ('x";y="z.pdf', b"%PDF-1.7"), ("a.pdf", b"")):
                fields = [(f[0], body, name) if kind_of(self.form, f[0]) == "file" else f for f in sent(self.form)]
                self.post(f"file {name}", fields)


def kind_of(form, name):
    return next((kind for n, _, kind in form.fields if n == name), "")


# ---- Forms that ask ----

def ask(port, browser, form):
    """Each question of a search or a filter, asked badly."""
    wrong = []
    def look(what, fields):
        raw = lambda value: urllib.parse.quote_from_bytes(value if isinstance(value, bytes) else str(value).encode())
        answer = browser.get(form.action + "?" + "&".join(f"{raw(n)}={raw(v)}" for n, v in fields))
        if answer.status not in (200, 303, 400, 403, 404, 414, 422):
            wrong.append(f"{what}: {answer.status}")
        if MARK.encode() in answer.body or INSIDE.search(answer.body):
            wrong.append(f"{what}: the script came back, or something of the inside")
        if answer.status >= 400 and b"<h1" not in answer.body:
            wrong.append(f"{what}: {answer.status} without a page that says why")
    names = [name for name, _, _ in form.fields]
    look("nothing", [])
    look("all doubled", [(n, v) for n in names for v in ("x", "y")])
    for what, value in {**HOSTILE, **BROKEN, "long": "长" * 300}.items():
        look(what, [(n, value) for n in names])
    return "\n".join(wrong)


# ---- What is too large ----

def too_large(port, found):
    wrong = []
    visitor = town.Browser(port)
    page = visitor.get("/track").read().forms[-1]
    answer = visitor.post("/track", sent(page) + [("x", "x" * (300 << 10))])
    if answer.status != 413 or b"<h1" not in answer.body:
        wrong.append(f"a form of 300 KB: {answer.status}")
    browser, _, form = next(f for f in found.values() if "/apply/foi_request/form" in f[2].action)
    typed = lambda name, value, kind: ["pl7348"] if kind in ("text", "textarea") else [value]
    files = lambda size: [(f[0], b"%PDF-1.7" + b"x" * size, "a.pdf") if kind_of(form, f[0]) == "file" else f for f in sent(form, typed)]
    answer = browser.post(form.action, files(17 << 20), True)
    if answer.status not in (413, 422) or answer.text.count("pl7348") == 0 or "16" not in answer.text:
        wrong.append(f"a file of 17 MB: {answer.status}, {'typed is kept' if 'pl7348' in answer.text else 'typed is lost'}")
    answer = browser.post(form.action, files(33 << 20), True)
    if answer.status != 413 or b"<h1" not in answer.body:
        wrong.append(f"a form of 33 MB: {answer.status}")
    return "\n".join(wrong)


# ---- Somebody else's number and code ----

def somebody_elses(port, known):
    """Number of the one and code of the other; the one at the other's matter, with all that he has."""
    (one, code, party), (other, _, owner) = known[0], next(k for k in known if k[0] != known[0][0])
    wrong, theirs = [], f"/track/{urllib.parse.quote(other)}"
    page = owner.get(theirs)
    secret = [text for text in re.findall(r'summary-list__value">([^<]{2,60})<', page.text) if text.strip()]
    if page.status != 200 or not secret:
        return f"{other} is not open to its own party: {page.status}"
    if follow(port, other, code) is not None:
        wrong.append("his own code opens another's matter")
    acts = [l for l in page.read().links if l.startswith(theirs + "/")]
    token = next(v for f in party.get(f"/track/{urllib.parse.quote(one)}").read().forms for n, v, k in f.fields if n == "token")
    def try_each():
        for address in [theirs, *acts, theirs + "/withdraw", theirs + "/documents/x"]:
            answers = [party.get(address), party.post(address, [("token", token), ("once", "A" * 24), ("do", "do"), ("key", "A" * 24)])]
            for answer in answers:
                if answer.status not in (303, 403, 404, 405) or answer.status == 303 and answer.location != "/track":
                    wrong.append(f"{address}: {answer.status} {answer.location}")
                wrong.extend(f"{address} shows {text}" for text in secret if text in answer.text)
    if records(port, try_each):
        wrong.append("something was recorded")
    return "\n".join(wrong)


def another_units(port, passwords):
    """A matter of another unit, and staff who have no part in it: as if it did not exist, whatever they post."""
    owner = town.Browser(port).sign_in("pn_officer-1@qs-lawyer", passwords["pn_officer-1@qs-lawyer"])
    link = next(l for l in owner.get("/work/matters").read().links if re.match(r"/work/matters/[^/?]+$", l))
    stranger, wrong = town.Browser(port).sign_in("pm_window-1@qs-window", passwords["pm_window-1@qs-window"]), []
    number = urllib.parse.unquote(link.split("/")[-1])
    token = next(v for f in stranger.get("/work").read().forms for n, v, k in f.fields if n == "token")
    acts = [l for l in owner.get(link).read().links if l.startswith(link + "/acts/")]
    posts = [("token", token), ("key", "A" * 24), ("seen", "999999"), ("note", "x"), ("do", "do"), ("party", "x"), ("identity", "x"), ("checked", "1")]
    def try_each():
        for address in [link + "/code", link + "/notes", *acts]:
            answer = stranger.post(address, posts)
            if answer.status not in (403, 404):
                wrong.append(f"{address}: {answer.status}")
        for act in [a.split("/")[-1] for a in acts] + ["accept"]:
            answer = stranger.post("/work/bulk", [("token", token), ("key", "A" * 24), ("m", number), ("act", act), ("do", "do")])
            if "已办理" in answer.text:
                wrong.append(f"{act} in bulk: done")
    if records(port, try_each):
        wrong.append("something was recorded")
    return "\n".join(wrong) if acts else "no acts were found"


# ---- An act that is no longer allowed; somebody else's matter ----

def closed(port, browser, number):
    """Every act of the procedure on a matter that is over: refused, nothing recorded."""
    wrong = []
    address = f"/work/matters/{urllib.parse.quote(number)}"
    token = re.search(r'name="token" value="([^"]+)"', browser.get(address).text).group(1)
    procedure = re.search(r"/procedures/([a-z_]+)", browser.get(address).text)
    page = browser.get(f"/procedures/{procedure.group(1)}.json").text if procedure else ""
    source = (town.pathlib.Path(SOURCE) / "procedures" / f"{procedure.group(1)}.yaml").read_text()
    acts = sorted(set(re.findall(r"(?m)^      ([a-z_]+):\n        label:", source)))
    def try_each():
        for act in acts:
            for answer in (browser.get(f"{address}/acts/{act}"),
                           browser.post(f"{address}/acts/{act}", [("token", token), ("key", "A" * 24), ("seen", "999999"), ("do", "do")])):
                if answer.status not in (403, 404, 409, 422):
                    wrong.append(f"{act}: {answer.status}")
    if records(port, try_each):
        wrong.append("something was recorded on a matter that is over")
    return "\n".join(wrong) if acts and page else "no acts were found"


def over(browser):
    for link in browser.get("/work/matters?state=archived").read().links + browser.get("/work/matters").read().links:
        if re.match(r"/work/matters/[^/?]+$", link) and "归档" in browser.get(link).text:
            return urllib.parse.unquote(link.split("/")[-1])
    return ""


def main():
    tap, found = town.Tap(), {}
    with town.bureau(PROGRAM, SOURCE) as (port, passwords):
        walk(town.Browser(port), ["/", "/track", "/resume", "/services", "/work/sign-in"], found, {})
        n = begin_applications(port, found)
        tap.say("" if n >= 8 else f"{n} services", f"{n} services can be applied for")
        n_public, asking = len(found), {}
        walk(town.Browser(port), ["/"], asking, {}, within="/", method="get")
        for account, password in sorted(passwords.items()):
            walk(town.Browser(port).sign_in(account, password), ["/work", "/work/new", "/work/matters", "/work/admin"], found, {})
        several(port, passwords, found)
        known = parties(port, passwords, found)
        n_party = sum(key[0].startswith("/track/{}/") and not key[0].endswith("/leave") for key in found)
        tap.say("" if len(known) >= 4 and n_party >= 3 else f"{len(known)} matters, {n_party} forms", f"{len(known)} matters as their parties see them")
        tap.say(somebody_elses(port, known), "somebody else's number and code")
        tap.say(another_units(port, passwords), "another unit's matter")
        tap.say(too_large(port, found), "forms and files that are too large")
        for action, (browser, _, form) in sorted({f[2].action: f for f in asking.values()}.items()):
            tap.say(ask(port, browser, form), f"asked badly: {action}")
        forms = [key for key in found if "/acts/" in key[0] or "/new/" in key[0]]
        tap.say("" if n_public >= 15 and len(forms) >= 60 else f"{n_public}, {len(forms)}", f"{len(found)} forms, {len(forms)} of acts")
        last = []
        late = lambda key: next((i for i, end in enumerate(("", "/withdraw", "/drop", "/leave")) if end and key[0].endswith(end)), 0)
        for key in sorted(found, key=lambda key: (late(key), key)):  # what is dropped is gone
            browser, address, form = found[key]
            trial = Trial(port, browser, address, form)
            if re.match(r"/work/(password|code|sign-in)|/track$|/work/admin/accounts", form.action):
                last.append(trial)  # tries are counted there
                continue
            trial.tokens()
            trial.values()
            tap.say("\n".join(trial.wrong), f"{key[0]} ({len(key[1])} fields)")
        for trial in last:
            trial.tokens()
            tap.say("\n".join(trial.wrong), f"{trial.form.action}: tokens")
        reviewer = next(a for a in sorted(passwords) if a.startswith("pm_window"))
        browser = town.Browser(port).sign_in(reviewer, passwords[reviewer])
        number = over(browser)
        tap.say(closed(port, browser, number) if number else "no matter is over", "every act on a matter that is over")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
