#!/usr/bin/env python3
"""What is erased is gone from the files of PostgreSQL too: from the tables, their free pages and indexes, and from a
backup made afterwards. The server's own log (WAL) has it until its files are recycled, and says so here. Prints TAP.

usage: erased.py PLUMBLINE SOURCE"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from cluster import Cluster

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import report  # noqa: E402

PLUMBLINE, SOURCE = map(pathlib.Path, map(os.path.abspath, sys.argv[1:3]))
NAME, ID_NO = "欧阳震华", "35020319900101019X"
PLEA = """procedure: plea
label: 申请
visible: never
versions:
  - version: P1
    effective: 2018-01-01
    law: 测试法
    number: '{prefix}请〔{year}〕{n}号'
    title: subject
    fields:
      subject: {label: 事由, type: text, class: public, max: 100}
      name: {label: 姓名, type: text, class: personal, max: 50}
      id_no: {label: 证件号码, type: resident_id, class: personal}
    states: {open: 办理中, done: {label: 办结, final: true}}
    acts:
      write: {label: 申请, by: clerk, from: new, to: open, needs: [subject, name, id_no]}
      close: {label: 办结, by: clerk, from: open, to: done}
    clocks: {}
"""


def traces(folder):
    """Files under the folder that hold the name or the number."""
    wanted = [NAME.encode(), ID_NO.encode(), "阳震".encode()]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and any(w in path.read_bytes() for w in wanted):
            found.add(str(path.relative_to(folder)))
    return sorted(found)


def checks(cluster, folder):
    data = folder / "data"
    shutil.copytree(SOURCE / "tests/golden/cli/data", data)
    shutil.copy(SOURCE / "registers/erasure_grounds.yaml", data / "registers")
    (data / "procedures/plea.yaml").write_text(PLEA, encoding="utf-8")
    env = dict(os.environ, PLUMBLINE_DATA=str(data))
    env.pop("PLUMBLINE_TEST_STORE", None)

    def run(*words):
        done = subprocess.run([PLUMBLINE, "--site", "site", *words], cwd=folder, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            print(f"# {' '.join(words)}: {done.stdout} {done.stderr}")
        return done.stdout

    run("init", "--organ", "测试市司法局", "--prefix", "测", "--region", "350299", "--city", "测试市",
        "--store", cluster.uri + "#erased")
    run("act", "register:units", "put", '{"id":"bureau","name":"测试市司法局"}', "--system")
    run("user", "add", "zhang", "张三", "--unit", "bureau", "--roles", "clerk,privacy_officer")
    fields = '{"subject":"减免","name":"%s","id_no":"%s"}' % (NAME, ID_NO)
    run("act", "plea", "write", fields, "--by", "zhang", "--unit", "bureau")
    number = run("list").split("\t")[0]
    run("act", number, "close", "--by", "zhang")
    base = pathlib.Path(cluster.data) / "base"
    cluster.sql("CHECKPOINT")
    yield "it is in the tables before", traces(base)
    run("erase", number, "--by", "zhang", "--ground", "2")
    cluster.sql("CHECKPOINT")  # files of tables that were written anew are removed at one
    left = traces(base)
    yield f"and in no file of the database afterwards {left}", not left
    run("backup", "later.db")
    kept = [f for f in traces(folder) if not f.startswith("data/")]
    yield f"nor in a backup made afterwards {kept}", (folder / "later.db").exists() and not kept
    yield "the log holds, with the record of it", "验证通过" in run("verify")
    wal = pathlib.Path(cluster.data) / "pg_wal"
    yield "the server's own log has it still (docs/machines.md)", traces(wal)


def main():
    with Cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        status = report(checks(cluster, pathlib.Path(folder)))
    sys.exit(status)


main()
