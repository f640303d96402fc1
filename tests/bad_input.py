#!/usr/bin/env python3
"""Bad and hostile input at the command line: each is refused with a clear sentence and the right
exit code, and leaves the site as it was. Prints TAP.

usage: bad_input.py PROGRAM SOURCE"""
import contextlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from tap import Tap

REFUSED = (2, 3, 4, 5)  # invalid, denied, missing, conflict: the input's fault, not ours


class Site:
    def __init__(self, program, folder, source):
        self.program, self.folder = program, folder
        self.data = source / "tests" / "golden" / "cli" / "data"
        self.must("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299",
                  "--city", "测试市", "--data", str(self.data))
        self.must("act", "register:units", "put", '{"id":"bureau","name":"局"}', "--system")
        self.must("user", "add", "zhang", "张三", "--unit", "bureau", "--roles", "clerk")
        self.must("act", "note", "write", '{"subject":"一二三"}', "--by", "zhang", "--key", "k1")
        self.must("act", "note", "write", '{"subject":"甲乙丙"}', "--by", "zhang")

    def run(self, *words, given=None):
        return subprocess.run([self.program, "--site", f"{self.folder}/site", *words],
                              input=given, capture_output=True)

    def must(self, *words):
        done = self.run(*words)
        if done.returncode:
            sys.exit(f"Bail out! {words}: {done.stderr.decode()}")

    def sql(self, statement, values=()):
        """Behind the program's back; closed again, so that nothing of it stays open."""
        path = f"{self.folder}/site/plumbline.db"
        with contextlib.closing(sqlite3.connect(path)) as db, db:
            return db.execute(statement, values).fetchall()

    def events(self):
        return self.sql("SELECT count(*) FROM event")[0][0]


def refuse(tap, site, why, *words, given=None, codes=REFUSED):
    """Refused as the input's fault, told in a sentence with its code, nothing written."""
    before = site.events()
    done = site.run(*words, given=given)
    said = (done.stdout + done.stderr).decode(errors="replace")
    tap.say(done.returncode in codes and "[E_" in said and site.events() == before, why,
            f"exit {done.returncode}\n{said}")


# ---- Acts ----

def check_acts(tap, site):
    ten = "大" * (10 << 20 >> 1)  # 15 MB of UTF-8
    by = ("--by", "zhang")

    def write(fields):
        return ("act", "note", "write", "-", *by), json.dumps(fields, ensure_ascii=False).encode()

    for why, fields in (("a field of 10 MB", {"subject": ten}),
                        ("a name of 10 MB", {ten: "1"}),
                        ("a list of 200,000", {"subject": ["一"] * 200000}),
                        ("a number for a text", {"subject": 7}),
                        ("a field nobody declared", {"subject": "一", "zzz": 1}),
                        ("a kernel's own name", {"subject": "一", "$number": "测司〔2021〕9号"}),
                        ("a control character", {"subject": "一\u0007"}),
                        ("an amount with three decimals", {"subject": "一", "amount": "1.005"}),
                        ("an amount that is no number", {"subject": "一", "amount": "NaN"})):
        words, given = write(fields)
        refuse(tap, site, why, *words, given=given)
    for why, given in (("no JSON", b"{"), ("not a context", b"[]"), ("a doubled name",
                       b'{"subject":"a","subject":"b"}'), ("bytes that are no UTF-8",
                       b'{"subject":"\xff\xfe"}'), ("a lone surrogate", b'{"subject":"\\ud800"}'),
                       ("a hundred thousand brackets", b"[" * 100000), ("nothing", b""),
                       ("a NUL", b'{"subject":"a\\u0000b"}')):
        refuse(tap, site, f"fields: {why}", "act", "note", "write", "-", *by, given=given)
    for day in ("2021-02-30", "2021-13-01", "2021-00-10", "1900-02-29", "21-1-1", "2021-2-3",
                "9999999-01-01", "明天"):
        refuse(tap, site, f"a day that does not exist: {day}", "act", "register:units", "put",
               json.dumps({"id": "x", "name": "x", "$from": day}), "--system")
    subject = '{"subject":"一"}'
    refuse(tap, site, "an act nobody defined", "act", "note", "dance", subject, *by)
    refuse(tap, site, "a procedure nobody defined", "act", "nothing", "write", subject, *by)
    refuse(tap, site, "a matter that is not there", "act", "#999999", "ask", *by)
    refuse(tap, site, "nobody", "act", "note", "write", subject, "--by", "nobody")
    refuse(tap, site, "a party that the procedure does not know", "act", "note", "write", subject,
           "--party", "stranger", "--unit", "bureau")
    refuse(tap, site, "a unit that is not there", "act", "note", "write", subject, *by, "--unit",
           "nowhere")
    refuse(tap, site, "a key for another content", "act", "note", "write", subject, *by, "--key",
           "k1")
    before = site.events()
    again = site.run("act", "note", "write", '{"subject":"一二三"}', *by, "--key", "k1")
    tap.say(again.returncode == 0 and site.events() == before,
            "the same key and content: the same answer, nothing twice", again.stderr.decode())


# ---- Definitions ----

PROCEDURE = """procedure: {name}
label: 试
visible: never
versions:
  - version: V1
    effective: 2018-01-01
    law: 测试法
    number: '{{prefix}}试〔{{year}}〕{{n}}号'
    fields: {fields}
    states: {{a: 甲, z: {{label: 乙, final: true}}}}
    acts:
      begin: {{label: 始, by: clerk, from: new, to: a{more}}}
      end: {{label: 终, by: clerk, from: a, to: z}}
    clocks: {clocks}
"""


def procedure(name="bad", fields="{}", more="", clocks="{}"):
    return PROCEDURE.format(name=name, fields=fields, more=more, clocks=clocks).encode()


HOSTILE_YAML = {
    "bytes that are no UTF-8": b"procedure: \xff\xfe\n",
    "a NUL": b"procedure: a\0b\n",
    "empty": b"",
    "a tab for indent": b"procedure:\n\tx: 1\n",
    "anchors that multiply": b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\n"
                             b"c: &c [*b,*b,*b,*b,*b,*b,*b]\nprocedure: [*c,*c,*c,*c,*c,*c]\n",
    "an anchor that holds itself": b"procedure: &a [*a]\n",
    "nested too deep": b"procedure: " + b"[" * 5000,
    "two documents": procedure() + b"---\n" + procedure(),
    "a key twice": procedure() + b"label: y\n",
    "a tag": b"procedure: !!python/object/apply:os.system ['true']\n",
    "too large": b"procedure: x\n" + b"# " + b"x" * (2 << 20) + b"\n",
    "an unknown key": procedure() + b"colour: red\n",
    "no versions": b"procedure: bad\nlabel: x\nvisible: never\n",
    "the name of another file's": procedure(name="note"),
    "a hostile name": procedure(name="'../../etc'"),
    "a day that does not exist": procedure().replace(b"2018-01-01", b"2018-02-30"),
    "an expression that does not parse": procedure(more=", require: [{that: '1 +', say: x, "
                                                        "basis: y}]"),
    "an expression of an unknown name": procedure(more=", require: [{that: 'zzz > 1', say: x, "
                                                       "basis: y}]"),
    "an expression that is too long": procedure(more=f", require: [{{that: '{'1+' * 9000}1 > 0', "
                                                     "say: x, basis: y}]"),
    "an expression nested too deep": procedure(more=f", require: [{{that: '{'(' * 3000}1', say: "
                                                    "x, basis: y}]"),
    "a field of no type": procedure(fields="{f: {label: x, type: blob}}"),
    "an enumeration of nothing": procedure(fields="{f: {label: x, type: enum, options: []}}"),
    "a clock without its article": procedure(clocks="{c: {label: x, length: 5 days}}"),
    "a clock of a million days": procedure(clocks="{c: {label: x, length: 1000000 days, basis: "
                                                  "测试法 第一条}}"),
    "a clock of no days": procedure(clocks="{c: {label: x, length: 0 days, basis: 测试法}}"),
    "an act to nowhere": procedure(more="").replace(b"to: z", b"to: nowhere"),
    "a state without a way out": procedure().replace(b"z: {label: \xe4\xb9\x99, final: true}",
                                                     b"z: \xe4\xb9\x99"),
}


def check_definitions(tap, site):
    for why, text in HOSTILE_YAML.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(site.data, f"{folder}/data")
            file = pathlib.Path(folder, "data", "procedures", "bad.yaml")
            file.write_bytes(text)
            refuse(tap, site, f"procedure lint: {why}", "procedure", "lint", f"{folder}/data")
            refuse(tap, site, f"definition activate: {why}", "definition", "activate", str(file))


# ---- Calendars ----

NOTICE = (b"notice\tX\ntitle\tX\nsource\thttps://www.gov.cn/\nknown\t2021-01-04\nyear\t2022\n"
          b"off\tX\t2022-01-01\t2022-01-03\n")
HOSTILE_CALENDARS = {
    "empty": b"", "bytes that are no UTF-8": NOTICE + b"off\t\xff\t2022-05-01\n",
    "a NUL": NOTICE + b"off\ta\0b\t2022-05-01\n",
    "a day that does not exist": NOTICE + b"off\tX\t2022-02-30\n",
    "a span that ends before it begins": NOTICE + b"off\tX\t2022-05-05\t2022-05-01\n",
    "a span of a hundred years": NOTICE + b"off\tX\t2022-05-05\t2122-05-01\n",
    "a day of another year": NOTICE + b"work\tX\t2031-05-05\n",
    "an unknown kind": NOTICE + b"maybe\tX\t2022-05-05\n",
    "no year": NOTICE.replace(b"year\t2022\n", b""),
    "a year that is none": NOTICE.replace(b"year\t2022", b"year\t20222"),
    "no day on which it was known": NOTICE.replace(b"known\t2021-01-04\n", b""),
    "not yet known": NOTICE.replace(b"known\t2021-01-04", b"known\t2150-01-04"),
    "a day off and on at once": NOTICE + b"work\tX\t2022-01-01\n",
    "too large": NOTICE + b"# x\n" * (1 << 19),
    "one line of 2 MB": NOTICE + b"off\t" + b"x" * (1 << 21) + b"\t2022-05-05\n",
}


def check_calendars(tap, site):
    for why, text in HOSTILE_CALENDARS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "2022.tsv")
            file.write_bytes(text)
            refuse(tap, site, f"calendar load: {why}", "calendar", "load", str(file))


# ---- A ledger that somebody has changed ----

def check_changed_bytes(tap, site):
    """One byte turned over, in every event and every column, at places that vary."""
    chance, missed, tried = random.Random(6962), [], 0
    rows = site.sql("SELECT id, leaf, CAST(data AS BLOB), secret, CAST(key AS BLOB) FROM event")
    for event, *columns in rows:
        for name, was in zip(("leaf", "data", "secret", "key"), columns):
            put = f"UPDATE event SET {name} = " + \
                ("CAST(? AS TEXT)" if name in ("data", "key") else "?") + " WHERE id = ?"
            for at in {0, len(was) - 1, chance.randrange(len(was))} if was else ():
                now = bytearray(was)
                now[at] ^= 1 << chance.randrange(8)
                site.sql(put, (bytes(now), event))
                done = site.run("verify")
                tried += 1
                if done.returncode <= 0 or b"[E_" not in done.stderr:
                    missed.append((event, name, at, done.returncode))
            if was:
                site.sql(put, (was, event))
    tap.say(not missed and tried > 50, f"verify finds one byte changed, {tried} times", missed)
    done = site.run("verify")
    tap.say(done.returncode == 0, "verify passes once all is as it was", done.stderr.decode())


def check_changed_rows(tap, site):
    path, kept = f"{site.folder}/site/plumbline.db", f"{site.folder}/kept.db"
    last = site.sql("SELECT max(id) FROM event")[0][0]
    shutil.copy(path, kept)
    for why, statement in (("the newest event is gone", f"DELETE FROM event WHERE id = {last}"),
                           ("an event in the middle is gone", "DELETE FROM event WHERE id = 3"),
                           ("an event hangs on no matter",
                            f"UPDATE event SET matter = NULL WHERE id = {last}"),
                           ("an event stands in another's place",
                            "UPDATE event SET leaf = (SELECT e.leaf FROM event e WHERE "
                            "e.id = 7 - event.id) WHERE id IN (3, 4)"),
                           ("the head says less", "UPDATE ledger SET size = size - 1"),
                           ("a checkpoint was replaced", "UPDATE checkpoint SET note = 'x'")):
        site.sql(statement)
        site.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        done = site.run("verify")
        tap.say(done.returncode > 0 and b"[E_" in done.stderr, f"verify: {why}",
                f"exit {done.returncode} {(done.stdout + done.stderr).decode()}")
        site.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(kept, path)


def main():
    program, source = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="plumbline-bad-") as folder:
        site = Site(program, folder, source)
        check_acts(tap, site)
        check_definitions(tap, site)
        check_calendars(tap, site)
        check_changed_bytes(tap, site)
        check_changed_rows(tap, site)
    sys.exit(tap.end())


if __name__ == "__main__":
    main()
