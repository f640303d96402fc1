#!/usr/bin/env python3
"""Witnesses over HTTP (C2SP tlog-witness): what they answer, what the log's server does with it,
and a log with two pasts that is found out. Prints TAP.

usage: witnesses.py PLUMBLINE SOURCE"""
import base64
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from published_log import ENV, PROGRAM, Place, get  # noqa: E402


def post(url, body):
    request = urllib.request.Request(url + "/add-checkpoint", data=body, method="POST",
                                     headers={"Content-Type": "text/plain"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


class Witness:
    def __init__(self, p, name, watch=True):
        self.p, self.name = p, name
        self.key = p.run("witness", "init", name, f"witness.example/{name}").stdout.strip()
        if watch:
            p.run("witness", "watch", name, "key")

    def serve(self):
        self.server = subprocess.Popen([PROGRAM, "witness", "serve", self.name], cwd=self.p.folder, env=ENV,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.server.stdout.readline().split("在 ")[1].split(" ")[0].rstrip("/")
        return self

    def stop(self):
        self.server.terminate()
        return self.server.wait(timeout=20) == 0

    def held(self):
        found = [f for f in (self.p.folder / self.name).glob("*.checkpoint")]
        return found[0].read_text() if found else ""


def note_of(p):
    p.run("log", "export", "public")
    return (p.folder / "public/checkpoint").read_bytes()


def size_of(note):
    return int(note.split(b"\n")[1])


def proof(p, old):
    """The consistency proof from `old`, by the rule of RFC 6962 section 2.1.2, from the tiles alone."""
    import hashlib
    leaves = b"".join(f.read_bytes() for f in sorted(
        (f for f in (p.folder / "public/tile/0").rglob("*") if f.is_file()), key=str))
    leaves = [leaves[i:i + 32] for i in range(0, len(leaves), 32)]
    node = lambda a, b: hashlib.sha256(b"\1" + a + b).digest()
    half = lambda n: 1 << (n - 1).bit_length() - 1

    def root(d):
        return d[0] if len(d) == 1 else node(root(d[:half(len(d))]), root(d[half(len(d)):]))

    def sub(m, d, whole):
        if m == len(d):
            return [] if whole else [root(d)]
        k = half(len(d))
        return sub(m, d[:k], whole) + [root(d[k:])] if m <= k else sub(m - k, d[k:], False) + [root(d[:k])]
    return sub(old, leaves, True)


def request(old, hashes, note):
    return f"old {old}\n".encode() + b"".join(base64.b64encode(h) + b"\n" for h in hashes) + b"\n" + note


def protocol(p):
    w = Witness(p, "w1").serve()
    stranger = Witness(p, "w9", watch=False).serve()
    first = note_of(p)
    n = size_of(first)
    yield "404 for a log it does not watch", post(stranger.url, request(0, [], first))[0] == 404
    yield "403 without a signature of the log", post(
        w.url, request(0, [], first.replace(b"\xe2\x80\x94 plumbline", b"\xe2\x80\x94 plumbling")))[0] == 403
    other = first.replace(first.split(b"\n")[1], str(n + 1).encode(), 1)
    yield "403 for a text that the signature does not cover", post(w.url, request(0, [], other))[0] == 403
    for why, body in (("no old size", b"\n" + first), ("a size with a zero in front", b"old 00\n\n" + first),
                      ("a negative size", b"old -1\n\n" + first), ("no base64", b"old 0\n???\n\n" + first),
                      ("64 lines", request(0, [bytes(32)] * 64, first)), ("nothing", b""),
                      ("no checkpoint", b"old 0\n\n"), ("old past new", request(n + 1, [], first))):
        yield f"400 for {why}", post(w.url, body)[0] == 400
    yield "413 for too much", post(w.url, b"old 0\n\n" + b"x" * 70000)[0] == 413
    yield "422 for a proof where there is nothing to prove", post(w.url, request(0, [bytes(32)], first))[0] == 422
    yield "nothing is held so far", w.held() == ""
    status, headers, line = post(w.url, request(0, [], first))
    yield "200 and a line", status == 200 and line.startswith("— witness.example/w1 ".encode())
    yield "which the program takes", cosigned(p, first + line, w, "one")
    yield "and holds", w.held() == first.decode()
    yield "again the same", post(w.url, request(n, [], first))[0] == 200
    status, headers, body = post(w.url, request(0, [], first))
    yield "409 with its size", status == 409 and body == f"{n}\n".encode() and headers["Content-Type"] == "text/x.tlog.size"
    p.write(70)
    second = note_of(p)
    hashes = proof(p, n)
    yield "422 for a proof with a flipped bit", post(
        w.url, request(n, [bytes([hashes[0][0] ^ 1]) + hashes[0][1:]] + hashes[1:], second))[0] == 422
    yield "422 for a proof cut short", post(w.url, request(n, hashes[:-1], second))[0] == 422
    yield "still the first", w.held() == first.decode()
    w.stop()
    w.serve()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(w.url, request(n, hashes, second))[0], range(8)))
    yield "of eight at once one goes on, the others learn the size", sorted(answers) == [200] + [409] * 7
    yield "it holds the second", w.held() == second.decode()
    yield "an older one is not cosigned", post(w.url, request(size_of(second), [], first))[0] == 400
    yield "405 for a GET", get(w.url + "/add-checkpoint")[0] == 405
    yield "404 elsewhere", get(w.url + "/checkpoint")[0] == 404
    yield "it stops", w.stop() and stranger.stop()


def cosigned(p, note, witness, name):
    """Does the folder with this note hold, one cosignature demanded?"""
    shutil.copytree(p.folder / "public", p.folder / name)
    (p.folder / name / "checkpoint").write_bytes(note)
    p.save("wkey", witness.key)
    return "见证人联署 1 个，要求 1 个" in p.run("verify", name, "--key", "key", "--witness-key", "wkey").stdout


def server(p):
    """The log's own server asks its witnesses, and publishes what they gave."""
    w = [Witness(p, f"s{i}").serve() for i in range(3)]
    p.run("log", "witness", fails=True)
    config = (p.folder / "site/site.yaml").read_text()
    p.save("site/site.yaml", config + "witnesses:\n" + "".join(f'  "{x.key}": {x.url}\n' for x in w))
    p.save("wkeys", "".join(x.key + "\n" for x in w))
    yield "asked by hand", p.run("log", "witness").stdout.count("已联署") == 3
    yield "once is enough", p.run("log", "witness").stdout.count("先前已联署") == 3
    w[2].stop()
    p.write(5)
    told = p.run("log", "witness", fails=True)
    yield "one is away", told.returncode != 0 and told.stdout.count("已联署") == 2 and "[E_FETCH]" in told.stderr
    p.serve()
    verify = lambda *more: p.run("verify", p.url, "--key", "key", "--witness-key", "wkeys", *more, fails=None)
    yield "two of three", "验证通过" in verify("--require", "2").stdout
    yield "not three", "[E_LOG_WITNESS]" in verify().stderr
    p.write(5)
    for _ in range(60):  # the server looks every few seconds
        if size_of(w[0].held().encode()) == size_of(get(p.url + "/checkpoint")[2]):
            break
        time.sleep(1)
    p.save("site/site.yaml", config)
    yield "the server asks by itself", size_of(w[0].held().encode()) == size_of(get(p.url + "/checkpoint")[2])
    p.run("log", "export", "public")
    yield "the folder has their lines too", "验证通过" in p.run(
        "verify", "public", "--key", "key", "--witness-key", "wkeys", "--require", "2").stdout
    yield "all stop", p.stop() == 0 and all([x.stop() for x in w[:2]])
    x = Witness(p, "sx", watch=False).serve()
    p.save("site/site.yaml", config + f'witnesses:\n  "{x.key}": {x.url}\n')
    yield "one that does not watch this log", "[E_WITNESS_ANSWER]" in p.run("log", "witness", fails=True).stderr
    x.stop()
    p.save("site/site.yaml", config + f'witnesses:\n  "{w[0].key}x": {w[0].url}\n')
    yield "a key that is none", "[E_SITE_CONFIG]" in p.run("log", "key", fails=True).stderr
    p.save("site/site.yaml", config)


def split_view(p):
    """The same site, the same key, two pasts: each shown to another witness by a server of its own."""
    a, b = Witness(p, "va").serve(), Witness(p, "vb").serve()
    config = (p.folder / "site/site.yaml").read_text()
    shutil.copytree(p.folder / "site", p.folder / "other")
    p.save("wkeys", f"{a.key}\n{b.key}\n")
    q = Place.__new__(Place)
    q.folder = p.folder / "elsewhere"
    q.folder.mkdir()
    (p.folder / "other").rename(q.folder / "site")
    shutil.copy(p.folder / "key", q.folder / "key")
    p.save("site/site.yaml", config + f'witnesses:\n  "{a.key}": {a.url}\n')
    q.save("site/site.yaml", config + f'witnesses:\n  "{b.key}": {b.url}\n')
    p.write(20)
    q.write(30)
    yield "each witness cosigns what it is shown", (
        "已联署" in p.run("log", "witness").stdout and "已联署" in q.run("log", "witness").stdout)
    p.serve()
    q.serve()
    for place in (p, q):
        yield "either view looks sound by itself", "验证通过" in p.run("verify", place.url, "--key", "key").stdout
        yield "but has one witness of two", "[E_LOG_WITNESS]" in p.run(
            "verify", place.url, "--key", "key", "--witness-key", "wkeys", "--require", "2", fails=True).stderr
    (p.folder / "seen").write_bytes(get(p.url + "/checkpoint")[2])
    told = p.run("verify", q.url, "--key", "key", "--from", "seen", fails=True).stderr
    yield "a reader who compares the two finds the fork", "[E_LOG_SPLIT]" in told
    p.run("log", "import", p.url, "mine", "--key", "key")
    yield "so does one who keeps a copy", "[E_LOG_SPLIT]" in p.run(
        "log", "import", q.url, "mine", "--key", "key", fails=True).stderr
    q.save("site/site.yaml", config + f'witnesses:\n  "{a.key}": {a.url}\n')
    told = q.run("log", "witness", fails=True)
    yield "the witness of the one refuses the other", told.returncode != 0 and "[E_LOG_SPLIT]" in told.stderr
    kept = list((p.folder / "va").glob("*.refused"))
    yield "and keeps the head, which the log signed, as evidence", (
        len(kept) == 1 and kept[0].read_bytes().split(b"\n\n")[0] == get(q.url + "/checkpoint")[2].split(b"\n\n")[0])
    yield "all stop", p.stop() == 0 and q.stop() == 0 and a.stop() and b.stop()


def checks(folder):
    p = Place(folder)
    p.save("key", p.run("log", "key").stdout)
    p.write(30)
    for part in (protocol, server, split_view):
        yield from ((f"{part.__name__}: {what}", ok) for what, ok in part(p))


with tempfile.TemporaryDirectory() as folder:
    status = report(checks(folder))
sys.exit(status)
