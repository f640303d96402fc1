#!/usr/bin/env python3
"""Walks every public route of a bureau of all lines as a stranger, and looks for what is personal.
Prints TAP.

usage: strangers.py PROGRAM SOURCE [SITE]

The bureau lives through small-2023, or did so in SITE. Whatever was entered into a field that its
procedure calls personal is looked for on every page, in its JSON and CSV, in what the search finds,
in refusals and in the log of the server. What the same people made public by law (an entry of a
register, a public field) is no secret and is left out."""
import collections
import html
import http.client
import json
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

import yaml

from tap import report

NOW = "2024-01-03T09:30:00+08:00"
OF_A_SHAPE = 12  # addresses that differ only in what they name
BEGIN = ("/", "/openapi.json", "/sitemap", "/metrics", "/readyz", "/healthz", "/columns/feed", "/help/errors", "/track", "/resume",
         "/checkpoint", "/checkpoints", "/log-keys", "/tile/0/000", "/none", "/matters/none", "/report/2023.tsv")


# ---- What must not be seen ----

def classes(source):
    """(procedure, field) that are personal; those that are not; the text of all definitions."""
    personal, other, text = set(), set(), []
    for file in sorted((source / "procedures").glob("*.yaml")):
        text.append(file.read_text(encoding="utf-8"))
        definition = yaml.safe_load(text[-1])
        for version in definition["versions"]:
            for name, field in (version.get("fields") or {}).items():
                if isinstance(field, dict):
                    (personal if field.get("class") == "personal" else other).add((definition["procedure"], name))
    for folder in ("registers", "pages", "indicators", "reports"):
        text += [f.read_text(encoding="utf-8") for f in (source / folder).rglob("*") if f.suffix in (".yaml", ".html", ".json", ".txt")]
    return personal, other, "\n".join(text)


def texts(value):
    if isinstance(value, str):
        yield value.strip()
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(part)


def secrets(site, source):
    """{text: (procedure, field)} of what was entered as personal and made public nowhere."""
    personal, other, definitions = classes(source)
    found, public = {}, set()
    for leaf, data in sqlite3.connect(f"file:{site}/plumbline.db?mode=ro", uri=True).execute(
            "SELECT leaf, data FROM event WHERE data IS NOT NULL"):
        procedure = json.loads(leaf)["procedure"].split("@")[0]
        for name, value in json.loads(data).items():
            where = (procedure, name)
            for text in texts(value):
                if where in personal and len(text) >= 3 and not re.fullmatch(r"[\d.:T+-]{1,10}", text):
                    found[text] = where
                elif where not in personal:
                    public.add(text)
    public = "\n".join(public) + definitions
    return {text: where for text, where in found.items() if text not in public}


# ---- Looking ----

class Finder:
    """Which of many texts stand in a page."""

    def __init__(self, wanted):
        self.by_begin = collections.defaultdict(list)
        for text in wanted:
            self.by_begin[text[:3]].append(text)
        self.begins = set(self.by_begin)

    def find(self, page):
        for form in {page, urllib.parse.unquote(page), html.unescape(page)}:
            for begin in {form[i:i + 3] for i in range(len(form) - 2)} & self.begins:
                yield from (text for text in self.by_begin[begin] if text in form)


class Stranger:
    def __init__(self, port, wanted):
        self.port, self.finder, self.told, self.looked = port, Finder(wanted), {}, 0

    def get(self, address):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", address)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        connection.close()
        self.looked += 1
        for text in self.finder.find(body + "\n" + str(answer.headers)):
            if urllib.parse.quote(text) not in address:  # what he typed himself is said back
                self.told.setdefault(text, address)
        return answer.status, answer.headers.get("Content-Type", ""), body


def shape(address):
    path, _, query = address.partition("?")
    named = re.sub(r"/(matters|ledger|figures|columns|draws|registers|procedures|services|apply|report|consistency|tile|assets)/[^/]+",
                   r"/\1/{}", path)
    return named, tuple(sorted(urllib.parse.parse_qs(query)))


def walk(stranger, choice):
    """Follows links, a dozen of each shape; how many shapes there were, what failed."""
    to_do, seen, shapes, failed = list(BEGIN), set(BEGIN), collections.Counter(), []
    while to_do:
        address = to_do.pop(choice.randrange(len(to_do)))
        if shapes[shape(address)] == OF_A_SHAPE:
            continue
        shapes[shape(address)] += 1
        status, kind, body = stranger.get(address)
        failed += [address] * (status >= 500)
        if "html" not in kind:
            continue
        path, mark, query = address.partition("?")
        for ending in (".json", ".csv"):
            stranger.get((path if path != "/" else "/home") + ending + mark + query)
        for link in map(html.unescape, re.findall(r'(?:href|src|action)="(/[^"#]*)', body)):
            if link not in seen and not link.startswith("/mode"):
                seen.add(link)
                to_do.append(link)
    return len(shapes), failed


def searched(stranger, text):
    """The answer to a search, without the text that was searched for."""
    body = stranger.get("/matters.json?q=" + urllib.parse.quote(text))[2]
    return body.replace(text, "").replace(urllib.parse.quote(text), "")


def found_by_search(stranger, wanted, choice):
    """Searching for what is hidden says, to the byte, what searching for what is not there says."""
    nothing = searched(stranger, "0000000000")
    some = choice.sample(sorted(text for text in wanted if len(text) < 20), 60)
    return [text for text in some if searched(stranger, text) != nothing]


def make_site(program, source, folder):
    site = folder / "site"
    if len(sys.argv) > 3:
        shutil.copytree(sys.argv[3], site)
    else:
        subprocess.run([program, "--site", site, "run-year", source / "scenarios" / "small-2023", "--data", source],
                       check=True, capture_output=True)
    return site


def main():
    program, source = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    choice, results = random.Random(20231), []
    with tempfile.TemporaryDirectory(prefix="plumbline-strangers-") as folder:
        folder = pathlib.Path(folder)
        site = make_site(program, source, folder)
        wanted = secrets(site, source)
        of = {where[0] for where in wanted.values()}
        results.append((f"{len(wanted)} personal texts of {len(of)} procedures are looked for", len(wanted) > 300 and len(of) > 8, sorted(of)))
        with open(folder / "log", "w+", encoding="utf-8") as log:
            server = subprocess.Popen([program, "--site", site, "serve", "--port", "0", "--data", source, "--as-of", NOW],
                                      stdout=subprocess.PIPE, stderr=log, text=True)
            try:
                port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
                stranger = Stranger(port, wanted)
                n_shapes, failed = walk(stranger, choice)
                results.append((f"{stranger.looked} answers of {n_shapes} shapes, none broken", n_shapes > 50 and not failed, failed[:5]))
                results.append(("nothing personal stands in any of them", not stranger.told,
                                [(wanted[t], t, a) for t, a in list(stranger.told.items())[:5]]))
                hits = found_by_search(stranger, wanted, choice)
                results.append(("the search finds nothing by it", not hits, hits[:5]))
            finally:
                server.terminate()
                results.append(("the server ends in order", server.wait(timeout=120) == 0, ""))
            log.seek(0)
            told = list(Finder(wanted).find(log.read()))
            results.append(("nor does the log tell of it", not told, told[:5]))
    sys.exit(report(results))


if __name__ == "__main__":
    main()
