#!/usr/bin/env python3
"""Every form of the town, filled in badly: found by walking through the pages as citizen and as one of
each role, each put to the same trials. None is a list kept by hand: a procedure that is added brings its
forms with it. Prints TAP.

usage: forms.py PROGRAM SOURCE"""
import re
import sys
import urllib.parse

import town

PROGRAM, SOURCE = sys.argv[1:3]
PAGES_MOST = 260  # for one viewer; like pages are opened once
CLEAR = {200, 303, 400, 403, 404, 409, 411, 413, 415, 422}  # 503 only where tries are counted
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
ZIP = b"PK\x03\x04" + b"\x14\0\0\0\x08\0" + b"\xff" * 64


# ---- Finding them ----

def like(address):
    """Pages of one kind: matters, entries, years and numbers do not make another page."""
    path = urllib.parse.unquote(address.split("?")[0])
    path = re.sub(r"^/(work/)?matters/[^/]+$", r"/\1matters/{}", path)
    path = re.sub(r"^/(work/)?matters/[^/]+/documents/.*", r"/\1matters/{}/documents/{}", path)
    path = re.sub(r"^/(work/)?matters/[^/]+/acts/", r"/\1matters/{}/acts/", path)
    return re.sub(r"\d+", "9", path)


def walk(browser, start, found, opened, within="/work"):
    """Opens what can be opened from here; each form once, with the page that it stands on. Public pages
    have forms that ask, not forms that post (the crawl of test_portal.c), but for those begun with here."""
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
            if form.method.lower() == "post" and not re.match(r"/work/sign-out", form.action):
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


# ---- Trials ----

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

    def size(self):
        return town.Browser(self.port).get("/checkpoint").text.split("\n")[1]

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
        if re.search(rb"(sqlite|SQL logic|/root/|Traceback|std::|E_STORE)", answer.body):
            self.wrong.append(f"{what}: tells of its inside")
        return answer

    def tokens(self):
        """Without the right token nothing is done."""
        before = self.size()
        stranger = town.Browser(self.port).get("/track").read().forms[-1]
        foreign = next(value for name, value, _ in stranger.fields if name == "token")
        typed = lambda name, value, kind: ["pl7348"] if kind in ("text", "textarea") else [value]
        for what, token in (("no token", False), ("an empty token", ""), ("a wrong token", "A" * 32), ("a foreign token", foreign)):
            answer = self.post(what, sent(self.form, typed, token), {403})
            kept = any(kind in ("text", "textarea") and name.startswith("f.") for name, _, kind in self.form.fields)
            if kept and answer.text.count("pl7348") == 0:
                self.wrong.append(f"{what}: what was typed is lost")
        if self.size() != before:
            self.wrong.append("something was done without the right token")

    def values(self):
        before = self.size()
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
        if self.size() != before and "do" in dict(self.form.buttons) and dict(self.form.buttons)["do"] == "check":
            self.wrong.append("something was recorded from what was only to be checked")


def kind_of(form, name):
    return next((kind for n, _, kind in form.fields if n == name), "")


# ---- An act that is no longer allowed; somebody else's matter ----

def closed(port, browser, number):
    """Every act of the procedure on a matter that is over: refused, nothing recorded."""
    wrong = []
    address = f"/work/matters/{urllib.parse.quote(number)}"
    token = re.search(r'name="token" value="([^"]+)"', browser.get(address).text).group(1)
    procedure = re.search(r"/procedures/([a-z_]+)", browser.get(address).text)
    page = browser.get(f"/procedures/{procedure.group(1)}.json").text if procedure else ""
    size = lambda: town.Browser(port).get("/checkpoint").text.split("\n")[1]
    before = size()
    source = (town.pathlib.Path(SOURCE) / "procedures" / f"{procedure.group(1)}.yaml").read_text()
    acts = sorted(set(re.findall(r"(?m)^      ([a-z_]+):\n        label:", source)))
    for act in acts:
        for answer in (browser.get(f"{address}/acts/{act}"),
                       browser.post(f"{address}/acts/{act}", [("token", token), ("key", "A" * 24), ("seen", "999999"), ("do", "do")])):
            if answer.status not in (403, 404, 409, 422):
                wrong.append(f"{act}: {answer.status}")
    if size() != before:
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
        n_public = len(found)
        for account, password in sorted(passwords.items()):
            walk(town.Browser(port).sign_in(account, password), ["/work", "/work/new", "/work/matters", "/work/admin"], found, {})
        forms = [key for key in found if "/acts/" in key[0] or "/new/" in key[0]]
        tap.say("" if n_public >= 15 and len(forms) >= 60 else f"{n_public}, {len(forms)}", f"{len(found)} forms, {len(forms)} of acts")
        last = []
        for key in sorted(found, key=lambda key: (key[0].endswith("/drop"), key)):  # a draft that is dropped is gone
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
