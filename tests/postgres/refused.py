#!/usr/bin/env python3
"""A server that answers and lets nobody in is told as what it is: no such database, no such role, a wrong password, no
line in pg_hba.conf; with what to do next, when a site is made, when it is served and by the doctor. A server that does not
answer is another thing. Prints TAP.

usage: refused.py PLUMBLINE SOURCE"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from cluster import Cluster

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import report  # noqa: E402

PLUMBLINE, SOURCE = map(os.path.abspath, sys.argv[1:3])
DATA = f"{SOURCE}/tests/golden/cli/data"


def address(cluster, role="plumbline", database="plumbline", folder=None):
    return f"postgresql://{role}@/{database}?host={folder or cluster.folder}&port={cluster.port}#office"


def run(*words, **more):
    env = dict(os.environ, LC_ALL="C.UTF-8", **more)
    return subprocess.run([PLUMBLINE, *words], capture_output=True, text=True, timeout=120, env=env)


def init(folder, where, **more):
    return run("--site", folder, "init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299", "--city", "测试市",
               "--data", DATA, "--store", where, **more)


def move(site, where):
    path = pathlib.Path(site, "site.yaml")
    path.write_text(re.sub(r"(?m)^store:.*$", f'store: "{where}"', path.read_text()))


def lock_doors(cluster):
    """A role with a password, and one that may not in."""
    cluster.sql("CREATE ROLE li LOGIN PASSWORD 'geheim'; CREATE ROLE wang LOGIN")
    path = pathlib.Path(cluster.data, "pg_hba.conf")
    path.write_text("local all li scram-sha-256\nlocal all wang reject\n" + path.read_text())
    cluster.sql("SELECT pg_reload_conf()")


def says(done, code, words):
    text = done.stdout + done.stderr
    return done.returncode != 0 and code in text and all(word in text for word in words), text


def checks(cluster, top):
    site = f"{top}/site"
    made = init(site, address(cluster))
    yield "a site is made", made.returncode == 0, made.stderr
    lock_doors(cluster)
    rows = [
        ("no such database", address(cluster, database="nowhere"), "", "E_STORE_DATABASE",
         ["没有这个库", "nowhere", "3D000", "createdb"]),
        ("no such role", address(cluster, role="nobody"), "", "E_STORE_ROLE",
         ["不让这个账号登录", "nobody", "28000", "createuser"]),
        ("a wrong password", address(cluster, role="li"), "falsch", "E_STORE_ROLE", ["28P01", "~/.pgpass"]),
        ("a role that may not in", address(cluster, role="wang"), "", "E_STORE_ROLE", ["28000", "pg_hba.conf"]),
        ("a server before that does not answer", address(cluster, database="nowhere", folder=f"/nonexistent,{cluster.folder}")
         .replace(f"port={cluster.port}", f"port={cluster.port},{cluster.port}"), "", "E_STORE_DATABASE", ["3D000"]),
        ("nobody answers", address(cluster, folder="/nonexistent"), "", "E_STORE_LOST", ["断开"]),
    ]
    for i, (what, where, password, code, words) in enumerate(rows):
        secret = {"PGPASSWORD": password} if password else {}
        yield (f"init, {what}", *says(init(f"{top}/new{i}", where, **secret), code, words))
        yield f"init, {what}: no folder is left", not os.path.exists(f"{top}/new{i}")
        move(site, where)
        yield (f"serve, {what}", *says(run("--site", site, "serve", "--port", "0", "--data", SOURCE, **secret), code, words))
        look = run("--site", site, "doctor", "--data", DATA, **secret)
        found = re.search(r"(?m)^故障  存储：(.*)\n      → (.*)$", look.stdout)
        yield (f"doctor, {what}: what it is, and what to do", found is not None and "请" in found[2] and
               ("systemctl" in found[2]) == (code == "E_STORE_LOST"), look.stdout + look.stderr)
        yield f"{what}: no password is told", not password or password not in look.stdout + look.stderr
    where = address(cluster, database="nowhere")
    cluster.sql("CREATE DATABASE nowhere ENCODING 'UTF8'")
    again = init(f"{top}/new0", where)
    yield "once there is the database, the same folder is made", again.returncode == 0, again.stderr
    move(site, address(cluster))
    yield "with the right address all is well", run("--site", site, "verify").returncode == 0


os.environ.pop("PLUMBLINE_TEST_STORE", None)
with tempfile.TemporaryDirectory() as folder, Cluster() as one:
    sys.exit(report(checks(one, folder)))
