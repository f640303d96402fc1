#!/usr/bin/env python3
"""Checks `plumbline probe` from outside, with vectors that others published. Prints TAP.

usage: probes.py PROGRAM SOURCE

Every probe answers one line with one line as soon as it has read it, and a line that makes no
sense with an answer that says so; it goes on until its input ends."""
import base64
import datetime
import hashlib
import json
import pathlib
import select
import subprocess
import sys
import tempfile

from tap import Tap

DAY = datetime.timedelta(days=1)
PATIENCE = 60  # seconds before a probe that does not answer counts as one that hangs


def ask(words, lines):
    """All lines at once; the answers."""
    given = b"".join(line if isinstance(line, bytes) else line.encode() + b"\n" for line in lines)
    done = subprocess.run(words, input=given, capture_output=True, check=True)
    return done.stdout.decode().splitlines()


# ---- One line in, one line out ----

ANSWERS = {  # a line that makes sense, its answer, and how the answer to one that does not begins
    "deadline": ("2021-09-28\t7\tworking_days", "2021-10-13\tfirm", "error\tE_"),
    "identifier": ("resident_id\t11010519491231002X", "ok", "bad\t"),
    "rfc3797": ("9319./2.5.8.10.12./9.18.26.34.41.45./\t25\t3", "17 7 2", "bad\t"),
    "feel": ("a + 1\t{\"a\": 2}", "3", "error\t"),
    "hash": ("616263", hashlib.sha256(b"abc").hexdigest() +
             "\t66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "bad\t"),
}
BAD = ["!!!", "\t.\t", "{", "resident_id\t" + "9" * 5000, "1 +", b"\xff\xfe\n", b"a\0b\n",
       "x\t" * 2000, b"A" * (3 << 20) + b"\n", "2021-02-30\t1\tdays", "2021-01-01\t99999999999\tdays",
       "(" * 4000, "[" * 4000, "\"\\ud800\"\t{\"a\":\"\\ud800\"}"]


def stream(words, line):
    """Asks three times, each time waiting for the answer before the next line is given."""
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as probe:
        answers = []
        for _ in range(3):
            probe.stdin.write(line.encode() + b"\n")
            probe.stdin.flush()
            if not select.select([probe.stdout], [], [], PATIENCE)[0]:
                probe.kill()
                return answers + ["no answer"]
            answers.append(probe.stdout.readline().decode().rstrip("\n"))
        probe.stdin.close()
        return answers + [probe.wait()]


def check_lines(tap, kind, words):
    good, answer, bad = ANSWERS[kind]
    tap.same(f"{kind}: answers while the other side waits", [answer] * 3 + [0],
             stream(words, good))
    asked = [line for pair in zip([good] * len(BAD), BAD) for line in pair] + [good]
    said = ask(words, asked)
    tap.same(f"{kind}: one answer for each line", len(asked), len(said))
    tap.same(f"{kind}: bad lines leave the next ones alone", [answer] * (len(BAD) + 1), said[::2])
    tap.same(f"{kind}: bad lines are told to be bad", [],
             [line for line in said[1::2] if not line.startswith(bad)])
    said = ask(words, ["", good, "", b"\r\n", good.encode() + b"\r\n", good.encode()])
    tap.same(f"{kind}: an empty line is a line, and the last needs no end",
             (6, answer, answer, answer), (len(said), said[1], said[4], said[5]))
    tap.same(f"{kind}: nothing in, nothing out", [], ask(words, []))


# ---- Deadlines, counted again from the published days ----

class Calendar:
    def __init__(self, folder):
        self.off, self.years = {}, []
        for file in sorted(folder.glob("*.json")):
            year = json.loads(file.read_text(encoding="utf-8"))
            self.years.append(year["year"])
            for day in year["days"]:
                self.off[datetime.date.fromisoformat(day["date"])] = day["isOffDay"]

    def works(self, day):
        return not self.off.get(day, day.weekday() >= 5)

    def end(self, start, length, unit):
        day = start
        if unit == "working_days":
            while length > 0:
                day += DAY
                length -= self.works(day)
            return day
        if unit == "days":
            day += length * DAY
        else:
            month = start.month - 1 + length
            first = datetime.date(start.year + month // 12, month % 12 + 1, 1)
            last = (first.replace(day=28) + 4 * DAY).replace(day=1) - DAY
            day = min(first + (start.day - 1) * DAY, last)
        while not self.works(day):
            day += DAY
        return day


def check_deadlines(tap, words, calendar):
    lines, expected = [], []
    day, last = datetime.date(calendar.years[0], 1, 1), datetime.date(calendar.years[-1], 12, 31)
    while day <= last:
        for length, unit in ((1, "working_days"), (20, "working_days"), (1, "days"),
                             (15, "days"), (60, "days"), (1, "months"), (6, "months")):
            end = calendar.end(day, length, unit)
            if end <= last:
                lines.append(f"{day}\t{length}\t{unit}")
                expected.append(f"{end}\tfirm")
        day += DAY
    said = ask(words, lines)
    wrong = [row for row in zip(lines, expected, said) if row[1] != row[2]]
    tap.same(f"deadline: {len(lines)} terms of {calendar.years[0]} to {calendar.years[-1]}",
             (len(lines), []), (len(said), wrong[:3]))
    after = calendar.years[-1] + 1
    said = ask(words, [f"{after - 1}-12-31\t3\tworking_days", f"{after}-06-01\t1\tmonths"])
    tap.same(f"deadline: {after} has no notice yet", ["provisional"] * 2,
             [line.split("\t")[1] for line in said])


# ---- Identifiers, hashes, RFC 3797 ----

def check_identifiers(tap, words):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

    def resident(body):
        return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]

    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

    def organisation(body):
        total = sum("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) * w
                    for c, w in zip(body, [3, 7, 9, 10, 5, 8, 4, 2]))
        return body + "0123456789X"[-total % 11]

    def credit(body):
        total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body))
        return body + alphabet[(31 - total % 31) % 31]

    def luhn(body):
        total = sum(sum(divmod(int(c) * (2 - i % 2), 10)) for i, c in enumerate(reversed(body)))
        return body + str(-total % 10)

    lines, expected = [], []
    for kind, good, digits in (("resident_id", resident("35020319900307001"), "0123456789X"),
                               ("credit_code", credit("31350000" + organisation("MD000123")), alphabet),
                               ("bank_card", luhn("622202123456789"), "0123456789")):
        for digit in digits:  # of all last characters exactly one is right
            lines.append(f"{kind}\t{good[:-1]}{digit}")
            expected.append(digit == good[-1])
    said = ask(words, lines)
    tap.same("identifier: one check character is right, all others are not",
             [], [row for row in zip(lines, expected, said) if row[1] != (row[2] == "ok")])


def check_rfc3797(tap, words, file):
    rows = [line.split("\t") for line in file.read_text().splitlines() if line[0] != "#"]
    for key, pool, picks in rows:
        n = len(picks.split())
        tap.same(f"rfc3797: the RFC's example, {n} of {pool}", [picks],
                 ask(words, [f"{key}\t{pool}\t{n}"]))
    key = rows[0][0]
    tap.same("rfc3797: more than there are, none, and no pool", 3,
             sum(line.startswith("bad\t") for line in
                 ask(words, [f"{key}\t25\t26", f"{key}\t0\t1", f"{key}\t-1\t1"])))


def check_hashes(tap, words):
    texts = [bytes(range(n % 256)) * (n // 16 + 1) for n in range(0, 300, 7)]
    said = ask(words, [text.hex() for text in texts])
    tap.same("hash: SHA-256 of many lengths", [hashlib.sha256(t).hexdigest() for t in texts],
             [line.split("\t")[0] for line in said])


# ---- Proofs of RFC 6962 ----

def check_proofs(tap, program, file):
    proofs = [json.loads(line) for line in file.read_text().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{folder}/{i}.json" for i in range(len(proofs))]
        for name, proof in zip(names, proofs):
            pathlib.Path(name).write_text(json.dumps(proof))
        said = ask([program, "probe", "merkle", *names], [])
        expected = [f"{'refused' if p['wantErr'] else 'ok'}\t{n}" for p, n in zip(proofs, names)]
        wrong = [(p["path"], a) for p, e, a in zip(proofs, expected, said) if e != a]
        tap.same(f"merkle: {len(proofs)} proofs, good and bad", (len(proofs), []),
                 (len(said), wrong[:3]))

        good = next(p for p in proofs if not p["wantErr"] and p.get("treeSize", 0) > 2)
        flipped = bytearray(base64.b64decode(good["proof"][0]))
        flipped[0] ^= 1
        hostile = {
            "a proof with one bit turned": {**good, "proof":
                                            [base64.b64encode(flipped).decode(),
                                             *good["proof"][1:]]},
            "not an object": [], "no proof": {k: v for k, v in good.items() if k != "proof"},
            "an index below nought": {**good, "leafIdx": -1},
            "an index of 2^64": {**good, "leafIdx": 1 << 64},
            "a short hash": {**good, "root": "AAAA"}, "no Base64": {**good, "root": "%%%%"},
            "a hash that is a number": {**good, "leafHash": 7},
            "a very long proof": {**good, "proof": good["proof"][:1] * 10000},
        }
        for why, proof in hostile.items():
            name = f"{folder}/hostile.json"
            pathlib.Path(name).write_text(json.dumps(proof))
            tap.same(f"merkle: {why}", [f"refused\t{name}"],
                     ask([program, "probe", "merkle", name], []))
        pathlib.Path(f"{folder}/bytes.json").write_bytes(b"\xff{\0")
        tap.same("merkle: bytes that are no JSON", [f"refused\t{folder}/bytes.json"],
                 ask([program, "probe", "merkle", f"{folder}/bytes.json"], []))


def check_citations(tap, words):
    rows = [line.split("\t") for line in ask(words, [])]
    tap.same("citations: seven cells a clock", [], [r for r in rows if len(r) != 7][:3])
    tap.same("citations: each names its law", [], [r for r in rows if not r[5]][:3])
    tap.same("citations: each names its article", [], [r for r in rows if not r[6]][:3])
    tap.same("citations: no clock twice", len(rows), len({tuple(r[:3]) for r in rows}))


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    source = pathlib.Path(sys.argv[2]).resolve()
    data, tap = source / "tests" / "data", Tap()
    words = {kind: [program, "probe", kind] for kind in (*ANSWERS, "citations")}
    for kind in ("deadline", "citations"):
        words[kind] += ["--data", str(source)]
    for kind in ANSWERS:
        check_lines(tap, kind, words[kind])
    check_deadlines(tap, words["deadline"], Calendar(data / "holidays"))
    check_identifiers(tap, words["identifier"])
    check_rfc3797(tap, words["rfc3797"], data / "rfc3797.tsv")
    check_hashes(tap, words["hash"])
    check_proofs(tap, program, data / "merkle" / "proofs.jsonl")
    check_citations(tap, words["citations"])
    sys.exit(tap.end())


if __name__ == "__main__":
    main()
