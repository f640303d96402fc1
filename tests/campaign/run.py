#!/usr/bin/env python3
"""Kills `plumbline serve` at random moments, under load over HTTP, and looks whether it kept what it
promised: no acknowledged act lost, no proof broken, no number given twice or left out. Prints TAP.

usage: run.py PLUMBLINE SOURCE [--kills N] [--seed N] [--clients N] [--postgres] [--servers N] [--keep DIR]

Programs with bearer tokens hand in acts, each with an idempotency key of its own; whoever got no answer
hands the same in again to the next server. With several servers over one store (--servers), each kill
takes one of them and the others go on. The same seed chooses the same moments; what they fall into
depends on the machine. Told to stop (SIGTERM) it ends the life at hand, looks at all that was
done until then as it would at the end, and says how many kills that were. A process that is killed
leaves what it wrote to the kernel: this is no test of a power cut."""
import argparse
import pathlib
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.parse

from bureau import Bureau, Gone, Program, Server, wait_for
from cluster import Cluster

# One case: act, who, fields. Written, changed, asked, replied, signed with two copies.
STEPS = (("write", "zhang", {"subject": "甲"}), ("change", "zhang", {"amount": "12.50", "subject": "乙"}),
         ("ask", "zhang", {}), ("reply", "zhang", {}), ("sign", "wang", {"copies": 2}))
ANSWERS = 60   # of one life: killed after up to so many, and up to PAUSE seconds
PAUSE = 0.02
EARLY = 0.2    # of the kills: before anything was acknowledged, while it opens
OPENING = 60   # seconds that it may take to open; what it took is measured


class Campaign:
    def __init__(self, given, bureau):
        self.given, self.bureau = given, bureau
        self.random = random.Random(given.seed)
        self.acknowledged = {}                # (client, case, step) -> (position, number)
        self.looked_at = 0                    # how many of them the last look took in
        self.cases = [0] * given.clients
        self.problems, self.again, self.early = [], 0, 0
        self.opening = 0.5                    # seconds from its start to its address
        self.pauses = []                      # from each start to the first acknowledgement
        self.servers = [None] * given.servers
        self.lock, self.fresh, self.is_over = threading.Lock(), 0, False
        self.kills, self.is_told_to_stop = 0, False

    # ---- The clients ----

    def play(self, n, server):
        """One case after another, until the server is gone or the life is over."""
        programs = {who: Program(server.port, token) for who, token in self.bureau.tokens.items()}
        try:
            while not self.is_over:
                number = None
                for step in range(len(STEPS)):
                    number = self.play_step(programs, n, step, number)
                    if number is None:
                        return
                self.cases[n] += 1
        except Gone:
            pass

    def play_step(self, programs, n, step, number):
        act, who, fields = STEPS[step]
        body = {"fields": fields} if number else {"procedure": "note", "act": act, "fields": fields}
        path = f"/api/matters/{urllib.parse.quote(number)}/acts/{act}" if number else "/api/matters"
        status, answer = programs[who].post(path, key(n, self.cases[n], step), body)
        with self.lock:
            if status not in (200, 201):
                self.problems.append(f"refused: {key(n, self.cases[n], step)} {act}: {status} {answer}")
                return None
            self.take((n, self.cases[n], step), answer)
        return answer["matter"]

    def take(self, at, answer):
        got, known = (answer["position"], answer["matter"]), self.acknowledged.get(at)
        if known is not None and known != got:
            self.problems.append(f"answered otherwise the second time: {at} {got}, was {known}")
        repeated = answer.get("repeated", False)
        if known is not None and not repeated:
            self.problems.append(f"done twice: {at} {got}")
        self.again += repeated
        self.fresh += 1
        self.acknowledged[at] = got

    # ---- One life ----

    def live(self):
        """Starts who is not there, lets them work, kills one."""
        victim = self.random.randrange(len(self.servers))
        early = self.random.random() < EARLY
        wait = self.random.uniform(0, 1.2 * self.opening if early else PAUSE)
        answers = self.random.randint(1, ANSWERS)
        started, self.fresh, self.is_over = time.monotonic(), 0, False
        for i, server in enumerate(self.servers):
            if server is None:
                self.servers[i] = Server(self.bureau.program, self.bureau.site, self.bureau.source)
        if early:
            self.early += 1
            time.sleep(wait)
            self.kill(victim)
            return
        if not all(server.opened(OPENING) for server in self.servers):
            self.problems.append("it does not open")
        else:
            self.opening = time.monotonic() - started
            self.work(victim, answers, wait, started)
        if self.servers[victim] is not None:
            self.kill(victim)

    def work(self, victim, answers, wait, started):
        clients = [threading.Thread(target=self.play, args=(n, self.servers[n % len(self.servers)]))
                   for n in range(len(self.cases))]
        for client in clients:
            client.start()
        if wait_for(lambda: self.fresh > 0 or self.problems, OPENING):
            self.pauses.append(time.monotonic() - started)
        if not wait_for(lambda: self.fresh >= answers or self.problems, OPENING):
            self.problems.append(f"{self.fresh} answers in {OPENING} s")
        time.sleep(wait)
        self.kill(victim)
        self.is_over = True
        for client in clients:
            client.join()

    def kill(self, victim):
        ended, said = self.servers[victim].end(signal.SIGKILL)
        self.servers[victim] = None
        if ended is not None or "level=error" in said or "ERROR" in said:
            self.problems.append(f"it ended by itself ({ended}), or said: {said[-600:]}")

    def stop(self):
        for server in filter(None, self.servers):
            server.end(signal.SIGTERM)
        self.servers = [None] * len(self.servers)

    # ---- Looking ----

    def look(self):
        """What was acknowledged since the last look, in the tables."""
        fresh = list(self.acknowledged.items())[self.looked_at:]
        self.looked_at = len(self.acknowledged)
        since = min((position for _, (position, _) in fresh), default=0)
        there, matters, documents, counters, ledger = self.bureau.rows(
            "SELECT event.id, matter.number, event.key FROM event JOIN matter ON matter.id = event.matter "
            f"WHERE event.id >= {since}",
            "SELECT number FROM matter", "SELECT number FROM document", "SELECT series, n FROM counter",
            "SELECT (SELECT count(*) FROM event), (SELECT size FROM ledger), (SELECT count(key) FROM event), "
            "(SELECT count(DISTINCT key) FROM event)")
        there = {row[0]: row[1:] for row in there}
        for (client, case, step), (position, number) in fresh:
            right = (number, f"api:{STEPS[step][1]}:{key(client, case, step)}")
            if there.get(position) != right:
                self.problems.append(f"lost: {position} was {right}, is {there.get(position)}")
        self.look_at_numbers(matters, documents, dict(counters))
        events, head, keys, different = ledger[0]
        if events != head or keys != different:
            self.problems.append(f"{events} events, head {head}, {keys} keys, {different} different ones")

    def look_at_numbers(self, matters, documents, counters):
        numbers = {}
        for (number,) in matters + documents:
            series, n = re.fullmatch(r"(.*〕)(\d+)号", number).groups()
            numbers.setdefault(series, []).append(int(n))
        for series, given in numbers.items():
            counter = counters.get(series + "{n}号")
            if sorted(given) != list(range(1, len(given) + 1)) or counter != len(given):
                self.problems.append(f"{series}: {len(given)} numbers, counter {counter}, "
                                     f"{len(given) - len(set(given))} doubled, highest {max(given)}")

    def verify(self):
        """Every leaf, every signed head since the beginning, the pages of the database."""
        done = self.bureau.run("verify", "--tables")
        if done.returncode:
            self.problems.append(f"verify: {done.stdout[-300:]}{done.stderr[-300:]}")

    def finish(self):
        """What an outsider has in the end: the published log, and proofs over it. The newest records
        may not be signed yet: whoever acts next signs them."""
        run, folder = self.bureau.run, self.bureau.folder
        signed = run("act", "note", "write", '{"subject":"丙"}', "--by", "zhang")
        public, log = f"{folder}/log.key", f"{folder}/log"
        pathlib.Path(public).write_text(run("log", "key").stdout)
        rebuilt = run("rebuild", "--check")
        exported = run("log", "export", log, "--bundles")
        checked = run("verify", log, "--key", public)
        for what, done in (("act", signed), ("rebuild", rebuilt), ("export", exported), ("published log", checked)):
            if done.returncode:
                self.problems.append(f"{what}: {done.stdout[-300:]}{done.stderr[-300:]}")
        for at in self.random.sample(sorted(self.acknowledged), min(3, len(self.acknowledged))):
            position, number = self.acknowledged[at]
            proof = pathlib.Path(folder, "proof.json")
            proof.write_text(run("proof", number, str(position), "--log", log).stdout)
            done = run("proof", "check", str(proof), "--key", public)
            if done.returncode:
                self.problems.append(f"proof of {number} {position}: {done.stderr[-300:]}")

    def tell_to_stop(self, *_):
        self.is_told_to_stop = True

    def go(self):
        every = max(25, self.given.kills // 20)
        is_last = False
        while not is_last and not self.problems:
            self.live()
            self.kills += 1
            is_last = self.kills == self.given.kills or self.is_told_to_stop
            if self.kills % 10 == 0 or is_last:
                self.look()
            if self.kills % every == 0 or is_last:
                self.verify()
                print(f"# {self.kills} kills, {len(self.acknowledged)} acts acknowledged", flush=True)
        self.stop()
        if not self.problems:
            self.finish()


def key(client, case, step):
    return f"c-{client}-{case}-{step}"


def report(given, campaign):
    n, kills, pauses = len(campaign.acknowledged), campaign.kills, sorted(campaign.pauses) or [0]
    told = f" of {given.kills}: told to stop" if campaign.is_told_to_stop else ""
    store = f"{'PostgreSQL' if given.postgres else 'SQLite'}, {given.servers} at a time"
    print("1..3")
    print(f"{'not ok' if campaign.problems else 'ok'} 1 - {kills} kills{told} ({store}) with seed {given.seed}: "
          f"{n} acts acknowledged; lost, proofs broken, numbers doubled or left out: {len(campaign.problems)}")
    for problem in campaign.problems[:5]:
        for line in problem.splitlines():
            print(f"# {line}")
    worked = n >= kills
    print(f"{'ok' if worked else 'not ok'} 2 - it was at work: {n / max(kills, 1):.0f} new acts a life")
    repeated = campaign.again > 0 and campaign.early > 0
    print(f"{'ok' if repeated else 'not ok'} 3 - {campaign.again} acts were handed in again and "
          f"answered as before; {campaign.early} kills fell before the first answer")
    print(f"# from start to the first answer: median {pauses[len(pauses) // 2] * 1000:.0f} ms, "
          f"longest {pauses[-1] * 1000:.0f} ms")
    return not campaign.problems and worked and repeated


def campaign_in(given, folder, uri):
    bureau = Bureau(given.program, given.source, folder, f"{uri}#campaign" if uri else None)
    campaign = Campaign(given, bureau)
    signal.signal(signal.SIGTERM, campaign.tell_to_stop)
    try:
        campaign.go()
    finally:
        campaign.stop()
        if given.keep:
            shutil.copytree(folder, given.keep, dirs_exist_ok=True)
    return campaign


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260331)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="the records in a cluster of its own")
    parser.add_argument("--keep", help="leave the site here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.postgres:
            with Cluster() as cluster:
                campaign = campaign_in(given, folder, cluster.uri)
        else:
            campaign = campaign_in(given, folder, None)
    sys.exit(not report(given, campaign))


main()
