#!/usr/bin/env python3
"""The published log from outside: tiles over HTTP, verify and import of an address, auditors,
a change of the key. Prints TAP.

usage: published_log.py PLUMBLINE SOURCE"""
import base64
import http.server
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

from tap import report

PROGRAM, SOURCE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ENV = dict(os.environ, PLUMBLINE_DATA=str(SOURCE / "tests/golden/cli/data"), no_proxy="127.0.0.1")


class Place:
    """A folder with a site, a server over it, and whatever is made beside them."""

    def __init__(self, folder, *more):
        self.folder = pathlib.Path(folder)
        self.run("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299", "--city", "测试市", *more)
        self.run("act", "register:units", "put", '{"id":"bureau","name":"测试市司法局"}', "--system")
        self.run("user", "add", "zhang", "张三", "--unit", "bureau", "--roles", "clerk,log_keeper")

    def run(self, *words, fails=False):
        """fails: whether it should; None: either will do."""
        done = subprocess.run([PROGRAM, "--site", "site", *words], cwd=self.folder, env=ENV,
                              capture_output=True, text=True, timeout=300)
        if fails is not None and (done.returncode != 0) != fails:
            for line in f"{' '.join(map(str, words))}\n{done.returncode} {done.stdout} {done.stderr}".splitlines():
                print(f"# {line}")
        return done

    def write(self, n):
        lines = "".join(json.dumps({"procedure": "note", "act": "write", "by": "zhang",
                                    "fields": {"subject": "甲"}}) + "\n" for _ in range(n))
        (self.folder / "lines").write_text(lines)
        self.run("import", "lines")

    def serve(self):
        self.server = subprocess.Popen(
            [PROGRAM, "--site", "site", "serve", "--port", "0", "--data", SOURCE], cwd=self.folder,
            env=ENV, stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().split("在 ")[1].split(" ")[0].rstrip("/")

    def stop(self):
        self.server.terminate()
        return self.server.wait(timeout=30)

    def save(self, name, text):
        (self.folder / name).write_text(text)
        return name


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, b""


def folder_server(folder, tls=None, handler=None):
    """A plain web server over a folder, as anybody may set one up."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *rest):
            super().__init__(*rest, directory=str(folder))

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler or Quiet)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"


def tiles(p):
    status, headers, note = get(p.url + "/checkpoint")
    size = int(note.split(b"\n")[1])
    yield "the checkpoint is text that is asked for again", (
        status == 200 and headers["Content-Type"] == "text/plain; charset=utf-8" and
        headers["Cache-Control"] == "no-cache")
    status, headers, tile = get(p.url + "/tile/0/000")
    yield "a full tile: 256 hashes, kept for good", (
        status == 200 and len(tile) == 8192 and headers["Content-Type"] == "application/octet-stream" and
        "immutable" in headers["Cache-Control"])
    status, _, part = get(f"{p.url}/tile/0/{size // 256:03}.p/{size % 256}")
    yield "the ragged edge", status == 200 and len(part) == 32 * (size % 256)
    status, _, part = get(f"{p.url}/tile/1/000.p/{size // 256}")
    yield "a tile above the leaves", status == 200 and len(part) == 32 * (size // 256)
    wrong = [f"/tile/0/{size // 256 + 1:03}", f"/tile/0/{size // 256:03}.p/{size % 256 + 1}", "/tile/7/000",
             "/tile/0/0", "/tile/00/000", "/tile/0/x000/000", "/tile/0/000.p/256", "/tile/2/000.p/1",
             "/tile/entries/000", "/log-keys"]
    for path in wrong:
        yield f"no {path}", get(p.url + path)[0] == 404


def auditors(p):
    token = p.run("log", "auditor", "shenji-wang").stdout.strip()
    status, headers, bundle = get(p.url + "/tile/entries/000", token)
    yield "an auditor reads the leaves, and nothing keeps them on the way", (
        status == 200 and headers["Cache-Control"] == "no-store" and
        json.loads(bundle[2:2 + int.from_bytes(bundle[:2], "big")])["seq"] == 0)
    yield "somebody else does not", get(p.url + "/tile/entries/000", token[:-1] + "z")[0] == 404
    p.save("token", token + "\n")
    told = p.run("verify", p.url, "--key", "key", "--token", "token").stdout
    size = int(get(p.url + "/checkpoint")[2].split(b"\n")[1])
    yield "verify with a token: hashes and leaves", f"存证哈希 {size} 条，条目原文 {size} 条" in told
    p.save("wrong-token", "x" * 64)
    yield "verify with a wrong token", "[E_LOG_FILE]" in p.run(
        "verify", p.url, "--key", "key", "--token", "wrong-token", fails=True).stderr
    p.run("log", "import", p.url, "audited", "--key", "key", "--token", "token")
    yield "the auditor's copy holds by itself", f"条目原文 {size} 条" in p.run("verify", "audited", "--key", "key").stdout
    yield "a copy with leaves does not go on without them", "[E_LOG_ENTRIES]" in p.run(
        "log", "import", p.url, "audited", "--key", "key", fails=True).stderr
    yield "a name with a blank", "[E_AUDITOR_NAME]" in p.run("log", "auditor", "a b", fails=True).stderr
    p.run("log", "auditor", "shenji-wang", "--end")
    yield "until the token ends", get(p.url + "/tile/entries/000", token)[0] == 404
    p.run("log", "auditor", "shenji-wang", "--end", fails=True)


def verifying(p):
    size = int(get(p.url + "/checkpoint")[2].split(b"\n")[1])
    yield "whole", f"核对存证哈希 {size} 条" in p.run("verify", p.url, "--key", "key").stdout
    yield "a last slash is no matter", "验证通过" in p.run("verify", p.url + "/", "--key", "key").stdout
    yield "a sample", "核对存证哈希 25 条" in p.run("verify", p.url, "--key", "key", "--sample", "25").stdout
    yield "from a checkpoint", f"核对存证哈希 {size - p.first} 条" in p.run(
        "verify", p.url, "--key", "key", "--from", "first").stdout
    for words, code in ((["verify", "http://127.0.0.1:1"], "E_FETCH"), (["verify", "http://a b"], "E_FETCH_URL"),
                        (["verify", p.url + "/nowhere"], "E_NOT_FOUND"),
                        (["verify", "public", "--token", "key"], "E_USAGE")):
        yield f"{words[1][:20]}: {code}", f"[{code}]" in p.run(*words, "--key", "key", fails=True).stderr


class Hostile(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", "/checkpoint")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):  # 3.2 MB of a checkpoint
                self.wfile.write(b"x" * 16384)
        except OSError:
            pass

    def log_message(self, *_):
        pass


def strangers(p):
    server, url = folder_server(None, handler=Hostile)
    yield "an endless answer", "[E_FETCH]" in p.run("verify", url, "--key", "key", fails=True).stderr
    yield "a redirection", "[E_FETCH]" in p.run("verify", url + "/elsewhere", "--key", "key", fails=True).stderr
    server.shutdown()
    p.run("log", "export", "public")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", "tls.key", "-out", "tls.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], cwd=p.folder, check=True, capture_output=True)
    server, url = folder_server(p.folder / "public", (p.folder / "tls.pem", p.folder / "tls.key"))
    yield "https, the folder on any web server", "验证通过" in p.run("verify", url, "--key", "key", "--ca", "tls.pem").stdout
    yield "a certificate that nobody vouches for", "[E_FETCH]" in p.run("verify", url, "--key", "key", fails=True).stderr
    server.shutdown()


def importing(p):
    p.run("log", "import", "public", "copy", "--key", "key")
    yield "the copy is the folder", subprocess.run(
        ["diff", "-r", "public", "copy"], cwd=p.folder).returncode == 0
    p.write(40)
    p.run("log", "export", "public")
    told = p.run("log", "import", p.url, "copy", "--key", "key").stdout
    yield "what came since", "核对存证哈希 40 条" in told and "已导入" in told
    yield "again the same", subprocess.run(["diff", "-r", "public", "copy"], cwd=p.folder).returncode == 0
    shutil.copytree(p.folder / "public", p.folder / "forged")
    tile = p.folder / "forged/tile/0/001"
    tile.write_bytes(tile.read_bytes()[:-32] + bytes(32))
    before = (p.folder / "copy/checkpoint").read_bytes()
    yield "a forged tile is not taken over", p.run("log", "import", "forged", "fresh", "--key", "key", fails=True).returncode != 0
    yield "and leaves no checkpoint", not (p.folder / "fresh/checkpoint").exists()
    yield "an older state is not taken over", "[E_LOG_BEHIND]" in p.run(
        "log", "import", "early", "copy", "--key", "key", fails=True).stderr
    yield "the copy stays as it was", (p.folder / "copy/checkpoint").read_bytes() == before


def new_key(p):
    new = p.run("log", "rotate", "--by", "zhang", "--reason", "定期更换").stdout
    p.save("new-key", new)
    yield "the new key is the site's", new == p.run("log", "key").stdout != (p.folder / "key").read_text()
    p.write(3)
    p.run("log", "export", "public")
    served = get(p.url + "/log-keys")[2]
    yield "one line tells of it, everywhere", served.count(b"\n") == 1 and served == (p.folder / "public/log-keys").read_bytes()
    for where in ("public", p.url):
        for key in ("key", "new-key"):
            told = p.run("verify", where, "--key", key).stdout
            yield f"verify with the {'old' if key == 'key' else 'new'} key", "验证通过" in told and "签名密钥在前" in told
    yield "the copy follows", "已导入" in p.run("log", "import", p.url, "copy", "--key", "key").stdout
    yield "and tells of it too", (p.folder / "copy/log-keys").read_bytes() == served
    yield "the site itself", "验证通过" in p.run("verify").stdout
    (p.folder / "public/log-keys").unlink()
    yield "without the line the old key ends", "[E_NOTE_UNSIGNED]" in p.run(
        "verify", "public", "--key", "key", fails=True).stderr
    (p.folder / "public/log-keys").write_bytes(served.replace(b"log_key", b"log_kex"))
    yield "a line that was changed", p.run("verify", "public", "--key", "key", fails=True).returncode != 0
    proof = p.folder / "line"
    proof.write_bytes(served)
    checked = subprocess.run([sys.executable, SOURCE / "tools/proof_verify.py", proof, p.folder / "key"],
                             capture_output=True, text=True)
    yield "the line is a proof that others can check", checked.returncode == 0 and new.strip() in checked.stdout
    yield "who may not", "[E_ROTATE_ROLE]" in p.run(
        "log", "rotate", "--by", "li", "--reason", "x", fails=True).stderr
    yield "why not", "[E_ROTATE_REASON]" in p.run("log", "rotate", "--by", "zhang", fails=True).stderr


def national(folder):
    """A site with SM3 signs with SM2."""
    p = Place(folder, "--hash", "sm3")
    p.save("key", p.run("log", "key").stdout)
    yield "the key says so", base64.b64decode(
        (p.folder / "key").read_text().split("+", 2)[2])[:18] == b"\xffplumbline/sm2-sm3"
    p.run("log", "export", "public", "--bundles")
    yield "verify", "验证通过" in p.run("verify", "public", "--key", "key", "--hash", "sm3").stdout
    yield "another hash does not", p.run("verify", "public", "--key", "key", fails=True).returncode != 0
    p.run("log", "rotate", "--by", "zhang", "--reason", "定期更换")
    p.write(2)
    p.run("log", "export", "public")
    yield "after a new key", "签名密钥在前" in p.run("verify", "public", "--key", "key", "--hash", "sm3").stdout
    yield "the site itself", "验证通过" in p.run("verify").stdout
    p.run("witness", "init", "w", "w.example/1")
    p.save("wkey", p.run("witness", "key", "w").stdout)
    p.run("witness", "cosign", "w", "public", "--key", "key", "--hash", "sm3", "--add")
    yield "with a witness", "见证人联署 1 个" in p.run(
        "verify", "public", "--key", "key", "--hash", "sm3", "--witness-key", "wkey").stdout


def checks(folder):
    (pathlib.Path(folder) / "sm").mkdir()
    yield from ((f"national: {what}", ok) for what, ok in national(pathlib.Path(folder) / "sm"))
    p = Place(folder)
    p.save("key", p.run("log", "key").stdout)
    p.run("user", "add", "li", "李四", "--unit", "bureau", "--roles", "clerk")
    p.write(300)
    p.run("log", "export", "early")
    p.save("first", (p.folder / "early/checkpoint").read_text())
    p.first = int((p.folder / "first").read_text().split("\n")[1])
    p.write(300)
    p.serve()
    for part in (tiles, verifying, auditors, strangers, importing, new_key):
        yield from ((f"{part.__name__}: {what}", ok) for what, ok in part(p))
    yield "the server stops", p.stop() == 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        status = report(checks(folder))
    sys.exit(status)


if __name__ == "__main__":
    main()
