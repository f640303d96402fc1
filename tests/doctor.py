#!/usr/bin/env python3
"""`plumbline doctor` as whoever keeps the machine meets it: sites broken in one way each, what it says of
them, what it exits with, that it changes nothing. In files and on a server. Prints TAP.

usage: doctor.py PLUMBLINE SOURCE"""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).parent / "postgres"))
from cluster import Cluster, present_version, programs  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
DATA = f"{SOURCE}/tests/golden/cli/data"
FINE, WARNING, BROKEN = 0, 5, 1
GRADES = {"注意": WARNING, "故障": BROKEN}


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, **more)


def begin(folder, *more):
    made = run(PROGRAM, "--site", folder, "init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299",
               "--city", "测试市", "--data", DATA, *more)
    if made.returncode != 0:
        sys.exit(f"Bail out! {made.stderr}")
    return str(folder)


class Look:
    """One answer of the doctor."""

    def __init__(self, site, *more):
        done = run(PROGRAM, "--site", site, "doctor", "--data", DATA, *more)
        self.status, self.text, self.told = done.returncode, done.stdout, done.stderr
        self.found = {}
        for grade, label, said, advice in re.findall(r"(?m)^(\S+)  (.*?)：(.*)$(?:\n      → (.*)$)?", self.text):
            self.found[label] = (grade, said, advice)

    def bad(self):
        """What is wrong with it, but that this year's holiday notice may not have been loaded."""
        return {label for label, (grade, *_) in self.found.items() if grade in GRADES} - {"放假安排"}

    def says(self, label, grade, said, advice="请"):
        """That one thing is wrong, in these words, with what to do; the exit status follows, nothing broke."""
        found = self.found.get(label, ("", "", ""))
        why = f"status {self.status}\n{self.text}{self.told}"
        return (found[0] == grade and said in found[1] and advice in found[2] and
                re.search(r"[\u4e00-\u9fff]", found[2]) is not None and
                self.status == max((GRADES[g] for g, *_ in self.found.values() if g in GRADES),
                                   key=lambda s: s == BROKEN, default=FINE), why)


def digest(site):
    """Every file of the site that says something of the records."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(pathlib.Path(site).rglob("*"))
            if path.is_file() and path.name not in ("plumbline.db-shm",) and path.stat().st_size > 0}


# ---- In files: what is broken, what is said ----

def garbage(path):
    with open(path, "r+b") as f:
        f.write(os.urandom(4096))


FILES = [  # how it is broken; label, grade, words of what is said
    ("the folder is open to others", lambda site: os.chmod(site, 0o755), "目录", "注意", "开放（权限 0755）"),
    ("no settings", lambda site: os.remove(f"{site}/site.yaml"), "设置", "故障", "没有站点"),
    ("settings of nobody", lambda site: pathlib.Path(site, "site.yaml").write_text("organ: [\n"), "设置", "故障", "site.yaml"),
    ("no keys at all", lambda site: shutil.rmtree(f"{site}/keys"), "签名密钥", "故障", "没有签名密钥"),
    ("a key that is none", lambda site: pathlib.Path(site, "keys/log.key").write_text("x\n"), "签名密钥", "故障", "无法使用"),
    ("a key that all may read", lambda site: os.chmod(f"{site}/keys/log.key", 0o644), "签名密钥", "故障", "权限 0644"),
    ("no database", lambda site: os.remove(f"{site}/plumbline.db"), "存储", "故障", "没有数据库"),
    ("a database of garbage", lambda site: garbage(f"{site}/plumbline.db"), "存储", "故障", "不是准绳的数据库"),
    ("an empty one", lambda site: open(f"{site}/plumbline.db", "w").close(), "存储", "故障", "没有数据库"),
    ("a log of garbage beside it", lambda site: pathlib.Path(site, "plumbline.db-wal").write_bytes(os.urandom(9000)),
     "写前日志", "故障", "从第 1 页起读不出"),
    ("a folder where the database was", lambda site: (os.remove(f"{site}/plumbline.db"), os.mkdir(f"{site}/plumbline.db")),
     "存储", "故障", ""),
    ("no table of events", lambda site: sqlite(site, "DROP TABLE event"), "存储", "故障", "语句失败"),
    ("a definition that cannot be read", lambda site: sqlite(
        site, "UPDATE definition SET text = 'procedure: [' WHERE name LIKE 'procedures/%'"), "读表", "故障", "procedures/"),
]


def sqlite(site, text):
    import sqlite3
    with contextlib.closing(sqlite3.connect(f"{site}/plumbline.db")) as db:
        db.executescript(text)


def in_files(folder):
    whole = begin(f"{folder}/whole")
    before = digest(whole)
    look = Look(whole)
    yield "a whole site: nothing is wrong", not look.bad() and look.status in (FINE, WARNING), look.text + look.told
    yield "and nothing has changed", digest(whole) == before
    for n, (what, spoil, label, grade, said) in enumerate(FILES):
        site = f"{folder}/s{n}"
        shutil.copytree(whole, site)
        spoil(site)
        before = digest(site)
        for deep in ((), ("--deep",)):
            look = Look(site, *deep)
            yield (f"{what}{' (deep)' if deep else ''}: said, and what to do", *look.says(label, grade, said))
        yield f"{what}: nothing has changed", digest(site) == before
        shutil.rmtree(site)


def at_work(folder):
    """A server that runs, and one that was killed."""
    site = begin(f"{folder}/served")
    server = subprocess.Popen([PROGRAM, "--site", site, "serve", "--port", "0", "--data", SOURCE],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    server.stdout.readline()
    look = Look(site)
    yield "a server at work: it is told, nothing is wrong", not look.bad() and f"进程 {server.pid} 打开着数据库" in look.text, look.text
    server.send_signal(signal.SIGKILL)
    server.wait()
    before = digest(site)
    look = Look(site)
    yield ("killed: its leases are told as left behind", *look.says("使用者", "注意", "已经不在", "plumbline serve"))
    yield "and nothing else is wrong", look.bad() == {"使用者"}, look.text
    yield "what it left in the log stays there", digest(site) == before
    done = run(PROGRAM, "--site", site, "verify")
    yield "and is not lost", done.returncode == 0, done.stderr


# ---- On a server ----

def address(cluster, schema="office", database="plumbline", port=None, host=None):
    return f"postgresql://plumbline@/{database}?host={host or cluster.folder}&port={port or cluster.port}#{schema}"


def moved(folder, whole, name, where):
    """The same folder, its records somewhere else."""
    site = f"{folder}/{name}"
    os.mkdir(site, 0o700)
    shutil.copytree(f"{whole}/keys", f"{site}/keys")
    os.mkdir(f"{site}/blobs")
    text = pathlib.Path(whole, "site.yaml").read_text()
    text, n = re.subn(r"(?m)^store:.*$", f'store: "{where}"', text)
    pathlib.Path(site, "site.yaml").write_text(text if n else f'{text}store: "{where}"\n')
    return site


def dump(cluster):
    text = run(f"{programs()}/pg_dump", "-h", cluster.folder, "-p", cluster.port, "-U", "plumbline", "plumbline").stdout
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", text)  # a word of its own in every dump


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_a_server(folder, cluster):
    whole = begin(f"{folder}/on-server", "--store", address(cluster))
    before = dump(cluster)
    look = Look(whole, "--deep")
    yield "a whole site on a server: nothing is wrong", not look.bad(), look.text + look.told
    yield "and nothing there has changed", dump(cluster) == before
    for what, where, said, advice in (
            ("no such schema", address(cluster, schema="other"), "没有数据库", "site.yaml"),
            ("no such database", address(cluster, database="other"), "没有这个库", "site.yaml"),
            ("nobody listens there", address(cluster, port=free_port()), "断开", "systemctl status"),
            ("no such folder of sockets", address(cluster, host="/nonexistent"), "断开", "systemctl status"),
            ("no such role", address(cluster).replace("plumbline@", "nobody@"), "不让这个账号登录", "账号"),
            ("no address", "postgres://[", "地址不对", "")):
        look = Look(moved(folder, whole, f"m{hash(what)}", where))
        yield (f"{what}: said, and what to do", *look.says("存储", "故障", said, advice))
    for what, text, said in (
            ("an empty schema", "CREATE SCHEMA empty", "没有数据库"),
            ("a schema with somebody else's tables", "CREATE SCHEMA foreign_one; CREATE TABLE foreign_one.t(a int)", "不是准绳的数据库"),
            ("a newer one", "CREATE SCHEMA newer; CREATE TABLE newer.store_version(version bigint);"
             "INSERT INTO newer.store_version VALUES (99)", "更新的版本"),
            ("one that holds a version and nothing else", "CREATE SCHEMA bare; CREATE TABLE bare.store_version(version bigint);"
             f"INSERT INTO bare.store_version VALUES ({present_version(SOURCE)})", "语句失败")):
        cluster.sql(text)
        schema = re.search(r"SCHEMA (\w+)", text).group(1)
        before = dump(cluster)
        look = Look(moved(folder, whole, schema, address(cluster, schema=schema)))
        yield (f"{what}: said, and what to do", *look.says("存储", "故障", said))
        yield f"{what}: nothing there has changed", dump(cluster) == before
    cluster.sql("DROP TABLE office.tile")
    yield ("a table is gone: said, and what to do", *Look(whole).says("存证树", "故障", "", "请"))
    cluster.stop()
    yield ("the server is stopped: said, and what to do", *Look(whole).says("存储", "故障", "断开", "systemctl status"))


os.environ["TZ"] = "Asia/Shanghai"
os.environ.pop("PLUMBLINE_TEST_STORE", None)
with tempfile.TemporaryDirectory() as top, Cluster() as one:
    def points():
        yield from in_files(top)
        yield from at_work(top)
        yield from on_a_server(top, one)
    status = report(points())
sys.exit(status)
