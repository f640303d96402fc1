#!/usr/bin/env python3
"""Kills a bureau at work, at random moments, and looks whether it kept what it promised:
no acknowledged act lost, no proof broken, no number given twice or left out. Prints TAP.

usage: run.py PLUMBLINE WORKER SOURCE [--kills N] [--seed N] [--threads N] [--keep DIR]

The same seed chooses the same moments; what they fall into depends on the machine. A process
that is killed leaves what it wrote to the kernel: this is no test of a power cut."""
import argparse
import os
import pathlib
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

PEOPLE = (("zhang", "张三", "clerk"), ("wang", "王五", "head,clerk"))
STEPS = 5
ANSWERS = 100  # of one life: killed somewhere in there, and up to PAUSE seconds later
PAUSE = 0.01
EARLY = 0.2    # of the kills: before anything was acknowledged, while it opens


class Campaign:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.site = f"{folder}/site"
        self.random = random.Random(given.seed)
        self.acknowledged = {}                # (thread, case, step) -> (seq, number)
        self.looked_at = 0                    # how many of them the last look took in
        self.cases = [0] * given.threads
        self.problems, self.again, self.early = [], 0, 0
        self.opening = 0.5                    # seconds until the first acknowledgement

    def run(self, *words):
        return subprocess.run([self.given.program, "--site", self.site, *words],
                              capture_output=True, text=True, timeout=3600)

    def begin(self):
        data = str(pathlib.Path(self.given.source, "tests/golden/cli/data"))
        steps = [("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299",
                  "--city", "测试市", "--data", data),
                 ("act", "register:units", "put", '{"id":"bureau","name":"局"}', "--system")]
        steps += [("user", "add", who, name, "--unit", "bureau", "--roles", roles)
                  for who, name, roles in PEOPLE]
        for words in steps:
            done = self.run(*words)
            if done.returncode:
                sys.exit(f"Bail out! {words}: {done.stderr}")

    # ---- One life ----

    def live(self):
        """Starts it, kills it, takes down what it acknowledged."""
        worker = subprocess.Popen([self.given.worker, self.site, *map(str, self.cases)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(worker.stdout.fileno(), False)
        started = time.monotonic()
        early = self.random.random() < EARLY
        wait = self.random.uniform(0, 1.2 * self.opening if early else PAUSE)
        answers = self.random.randint(1, ANSWERS)
        until = started + (wait if early else 120)
        text, is_last = b"", False
        while (left := until - time.monotonic()) > 0:
            if not select.select([worker.stdout], [], [], left)[0]:
                break
            got = worker.stdout.read(65536)
            if got == b"":
                break  # it ended by itself: that is told below
            if not text and not early:
                self.opening = time.monotonic() - started
            text += got or b""
            if not early and not is_last and text.count(b"\n") >= answers:
                is_last, until = True, time.monotonic() + wait
        ended = worker.poll()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        os.set_blocking(worker.stdout.fileno(), True)
        text += worker.stdout.read() or b""
        said = worker.stderr.read().decode(errors="replace")
        if ended is not None or "level=error" in said or "ERROR" in said:
            self.problems.append(f"it ended by itself ({ended}): {text[-300:]!r} {said[-600:]}")
        self.early += b"\n" not in text
        self.take(text)

    def take(self, text):
        whole, _, _ = text.rpartition(b"\n")
        for line in whole.decode().splitlines():
            words = line.split(" ")
            if words[0] == "refused":
                self.problems.append(line)
                continue
            thread, case, step, seq = map(int, words[:4])
            known = self.acknowledged.get((thread, case, step))
            if known is not None and known != (seq, words[4]):
                self.problems.append(f"answered otherwise the second time: {line}, was {known}")
            if known is not None and words[5] != "again":
                self.problems.append(f"done twice: {line}")
            self.again += words[5] == "again"
            self.acknowledged[thread, case, step] = (seq, words[4])
            self.cases[thread] = max(self.cases[thread], case)

    # ---- Looking ----

    def look(self):
        """What was acknowledged since the last look, in the tables, by nobody's code but SQLite's."""
        fresh = list(self.acknowledged.items())[self.looked_at:]
        self.looked_at = len(self.acknowledged)
        with sqlite3.connect(f"{self.site}/plumbline.db") as db:
            for (thread, case, step), (seq, number) in fresh:
                row = db.execute("SELECT matter.number, event.key FROM event JOIN matter "
                                 "ON matter.id = event.matter WHERE event.id = ?", (seq,)).fetchone()
                if row != (number, f"c-{thread}-{case}-{step}"):
                    self.problems.append(f"lost: {(thread, case, step)} was {(seq, number)}, is {row}")
            self.look_at_numbers(db)
        db.close()

    def look_at_numbers(self, db):
        numbers = {}
        for table in ("matter", "document"):
            for (number,) in db.execute(f"SELECT number FROM {table}"):
                series, n = re.fullmatch(r"(.*〕)(\d+)号", number).groups()
                numbers.setdefault(series, []).append(int(n))
        for series, given in numbers.items():
            counter = db.execute("SELECT n FROM counter WHERE series = ?",
                                 (series + "{n}号",)).fetchone()
            if sorted(given) != list(range(1, len(given) + 1)) or counter != (len(given),):
                self.problems.append(f"{series}: {len(given)} numbers, counter {counter}, "
                                     f"{len(given) - len(set(given))} doubled, highest {max(given)}")
        events, head = db.execute("SELECT (SELECT count(*) FROM event), size FROM ledger").fetchone()
        keys = db.execute("SELECT count(key), count(DISTINCT key) FROM event").fetchone()
        if events != head or keys[0] != keys[1]:
            self.problems.append(f"{events} events, head {head}, keys {keys}")

    def verify(self):
        """Every leaf, every signed head since the beginning, the pages of the file."""
        done = self.run("verify", "--tables")
        if done.returncode:
            self.problems.append(f"verify: {done.stdout[-300:]}{done.stderr[-300:]}")

    def finish(self):
        """What an outsider has in the end: the published log, and proofs over it. The newest records
        may not be signed yet: whoever opens the desk next signs them."""
        signed = self.run("clock", "run")
        key = f"{self.folder}/log.key"
        pathlib.Path(key).write_text(self.run("log", "key").stdout)
        log = f"{self.folder}/log"
        rebuilt = self.run("rebuild", "--check")
        exported = self.run("log", "export", log, "--bundles")
        checked = self.run("verify", log, "--key", key)
        for what, done in (("clock run", signed), ("rebuild", rebuilt), ("export", exported), ("published log", checked)):
            if done.returncode:
                self.problems.append(f"{what}: {done.stdout[-300:]}{done.stderr[-300:]}")
        for at in self.random.sample(sorted(self.acknowledged), min(3, len(self.acknowledged))):
            seq, number = self.acknowledged[at]
            proof = pathlib.Path(self.folder, "proof.json")
            proof.write_text(self.run("proof", number, str(seq), "--log", log).stdout)
            done = self.run("proof", "check", str(proof), "--key", key)
            if done.returncode:
                self.problems.append(f"proof of {number} {seq}: {done.stderr[-300:]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("worker")
    parser.add_argument("source")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260331)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--keep", help="leave the site here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(given, folder)
        campaign.begin()
        every = max(25, given.kills // 20)
        for n in range(1, given.kills + 1):
            campaign.live()
            if n % 10 == 0 or n == given.kills:
                campaign.look()
            if n % every == 0 or n == given.kills:
                campaign.verify()
                print(f"# {n} kills, {len(campaign.acknowledged)} acts acknowledged", flush=True)
            if campaign.problems:
                break
        if not campaign.problems:
            campaign.finish()
        if given.keep:
            shutil.copytree(folder, given.keep, dirs_exist_ok=True)
    n = len(campaign.acknowledged)
    print("1..3")
    print(f"{'not ok' if campaign.problems else 'ok'} 1 - {given.kills} kills with seed {given.seed}: "
          f"{n} acts acknowledged; lost, proofs broken, numbers doubled or left out: "
          f"{len(campaign.problems)}")
    for problem in campaign.problems[:5]:
        for line in problem.splitlines():
            print(f"# {line}")
    worked = n >= given.kills
    print(f"{'ok' if worked else 'not ok'} 2 - it was at work: {n / given.kills:.0f} new acts a life")
    repeated = campaign.again > 0 and campaign.early > 0
    print(f"{'ok' if repeated else 'not ok'} 3 - {campaign.again} acts were handed in again and "
          f"answered as before; {campaign.early} kills fell before the first answer")
    sys.exit(bool(campaign.problems) or not worked or not repeated)


main()
