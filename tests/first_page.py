#!/usr/bin/env python3
"""What a first visit costs: a page with everything that it brings along, head and body as sent, is under
100 KB; what it brings along is kept by the browser for a year, under a name with the hash of its content.
Prints TAP.

usage: first_page.py PROGRAM SOURCE"""
import hashlib
import re
import sys

import town

PROGRAM, SOURCE = sys.argv[1:3]
MOST = 100_000
GZIP = {"Accept-Encoding": "gzip"}


def weight(answer):
    return len(answer.body) + sum(len(name) + len(value) + 4 for name, value in answer.headers)


def header(answer, name):
    return next((value for key, value in answer.headers if key.lower() == name.lower()), "")


def kept_for_a_year(browser, part):
    answer = browser.get(part, more=GZIP)
    named = re.search(r"\.([0-9a-f]{12})\.(css|js|woff2)$", part)
    plain = browser.get(part)
    if not named:
        return f"{part}: no hash in its name"
    if hashlib.sha256(plain.body).hexdigest()[:12] != named.group(1):
        return f"{part}: the hash in its name is another one"
    keeping = header(answer, "Cache-Control")
    if "immutable" not in keeping or int(re.search(r"max-age=(\d+)", keeping).group(1)) < 31536000:
        return f"{part}: {keeping}"
    return ""


def cost(port, browser, address):
    """(what is wrong, bytes) of a page as a browser sees it that has nothing yet."""
    answer = browser.get(address, more=GZIP)
    if answer.status != 200:
        return f"{address}: {answer.status}", 0
    total = weight(answer)
    is_page = header(answer, "Content-Type").startswith("text/html")
    wrong = ["brings nothing along: not read"] if is_page and not answer.read().parts else []
    for part in answer.read().parts:
        total += weight(browser.get(part, more=GZIP))
        if part != answer.read().parts[0] or address == "/":
            wrong.append(kept_for_a_year(browser, part))
    if total > MOST:
        wrong.append(f"{total} bytes")
    return "\n".join(w for w in wrong if w), total


def first(browser, address, pattern):
    return next(link for link in browser.get(address).read().links if re.match(pattern, link))


def main():
    tap = town.Tap()
    with town.bureau(PROGRAM, SOURCE) as (port, passwords):
        stranger = town.Browser(port)
        home = stranger.get("/").read().links
        public = sorted({link for link in home if re.match(r"/[a-z]*$", link)})
        public += [first(stranger, "/services", r"/services/[a-z_]+$"), first(stranger, "/matters", r"/matters/[^/?]+$"),
                   first(stranger, "/reports", r"/report/"), "/figures/" + first(stranger, first(stranger, "/reports", r"/report/"), r"/figures/").split("/")[2]]
        tap.say("" if len(public) >= 12 else public, f"{len(public)} public pages")
        for address in public:
            wrong, total = cost(port, town.Browser(port), address)
            tap.say(wrong, f"{address.split('?')[0]}: {total // 1000} KB")
        account = next(a for a in sorted(passwords) if a.startswith("pm_window"))
        clerk = town.Browser(port).sign_in(account, passwords[account])
        matter = first(clerk, "/work/matters", r"/work/matters/[^/?]+$")
        for address in ("/work", "/work/matters", "/work/new", "/work/new/permit/submit", matter):
            wrong, total = cost(port, clerk, address)
            tap.say(wrong, f"{re.sub('matters/.*', 'matters/...', address)}: {total // 1000} KB")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
