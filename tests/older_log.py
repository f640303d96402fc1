#!/usr/bin/env python3
"""What an earlier build published is what this one takes: a log, proofs and keys of tests/data/log-1,
checked by the program and by the two verifiers that share nothing with it; and the two verifiers
find what was changed. Prints TAP.

usage: older_log.py PLUMBLINE SOURCE          checks
       older_log.py PLUMBLINE SOURCE --make   makes the folder anew (only for a new form: log-2 ...)"""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from published_log import PROGRAM, SOURCE, Place  # noqa: E402

LOG = SOURCE / "tests/data/log-1"


def make():
    with tempfile.TemporaryDirectory() as folder:
        p = Place(folder)
        p.save("key", p.run("log", "key").stdout)
        p.save("w.key", p.run("witness", "init", "w", "witness.example/w1").stdout)
        p.write(20)
        p.run("log", "export", "early")
        p.run("log", "rotate", "--by", "zhang", "--reason", "定期更换")
        p.write(280)
        p.save("key-2", p.run("log", "key").stdout)
        p.run("log", "export", "log", "--bundles")
        p.run("witness", "cosign", "w", "log", "--key", "key", "--add")
        number = p.run("list").stdout.split("\t")[0]
        p.save("proof.json", p.run("proof", number, "--fields", "subject", "--log", "log").stdout)
        p.save("proof.txt", p.run("proof", "qr", "proof.json").stdout)
        first = (p.folder / "early/checkpoint").read_text().split("\n")[1]
        p.save("consistency.json", p.run("proof", "consistency", first).stdout)
        both = (p.folder / "log/log-keys").read_text().split("plumbline/350299\\n")[1].split("\\n")[0]
        p.save("consistency-2.json", p.run("proof", "consistency", both).stdout)
        (p.folder / "keys").write_text((p.folder / "key").read_text() + (p.folder / "key-2").read_text())
        shutil.rmtree(LOG, ignore_errors=True)
        LOG.mkdir(parents=True)
        for name in ("log", "key", "key-2", "keys", "w.key", "proof.json", "proof.txt", "consistency.json", "consistency-2.json"):
            (shutil.copytree if name == "log" else shutil.copy)(p.folder / name, LOG / name)


def plumbline(*words):
    return subprocess.run([PROGRAM, *words], cwd=LOG, capture_output=True, text=True)


def other(tool, *words):
    return subprocess.run([sys.executable, SOURCE / "tools" / tool, *words], cwd=LOG, capture_output=True, text=True)


def holds(done, *texts):
    if done.returncode != 0:
        print(f"# {done.stdout} {done.stderr}")
    return done.returncode == 0 and all(t in done.stdout for t in texts)


def flipped(folder, picks):
    """Copies of the log with one bit turned over, at random places; the log itself comes back in between."""
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    for _ in range(picks):
        file = random.choice(files)
        data = file.read_bytes()
        at = random.randrange(len(data))
        file.write_bytes(data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:])
        yield f"{file.relative_to(folder)} byte {at}"
        file.write_bytes(data)


def checks():
    for key in ("key", "key-2"):
        yield f"the log, {key}", holds(plumbline("verify", "log", "--key", key), "条目原文 309 条", "签名密钥在前")
        yield f"log_verify.py, {key}", holds(other("log_verify.py", "log", key), "条目原文 309 条")
    yield "with its witness", holds(plumbline("verify", "log", "--key", "key", "--witness-key", "w.key"), "见证人联署 1 个")
    yield "a sample", holds(plumbline("verify", "log", "--key", "key", "--sample", "9"))
    yield "a proof", holds(plumbline("proof", "check", "proof.json", "--key", "key-2", "--witness-key", "w.key"), "subject = 甲")
    yield "the same out of a QR code", holds(plumbline("proof", "check", "proof.txt", "--key", "key-2"), "subject = 甲")
    yield "packed again", plumbline("proof", "qr", "proof.json").stdout == (LOG / "proof.txt").read_text()
    yield "proof_verify.py", holds(other("proof_verify.py", "proof.json", "key-2"), "甲")
    yield "from one head to the next", holds(plumbline("proof", "check", "consistency.json", "--key", "keys"), "证明成立")
    yield "proof_verify.py, where one key signed both", holds(other("proof_verify.py", "consistency-2.json", "key-2"))
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log"
        shutil.copytree(LOG / "log", log)
        head = log / "checkpoint"  # without the witness's line, which this verifier has no key for
        head.write_text(head.read_text().split("— witness")[0])
        missed = [what for what in flipped(log, 12) if other("log_verify.py", log, LOG / "key").returncode == 0]
        yield f"log_verify.py finds a flipped bit {missed}", not missed
        (log / "checkpoint").unlink()
        yield "and says so where there is nothing", other("log_verify.py", log, LOG / "key").returncode == 1
    for name, words in (("proof.txt", ["--witness-key", "w.key"]), ("consistency.json", [])):
        text = (LOG / name).read_text()
        with tempfile.TemporaryDirectory() as folder:
            wrong, refused = pathlib.Path(folder) / name, 0
            for _ in range(25):
                at = random.randrange(5, len(text) - 1)
                wrong.write_text(text[:at] + random.choice("0123456789ABCDEF".replace(text[at], "")) + text[at + 1:])
                refused += plumbline("proof", "check", str(wrong), "--key", "keys", *words).returncode != 0
            yield f"{name}: one character changed, 25 times", refused == 25


def main():
    if "--make" in sys.argv:
        return make()
    failed = number = 0
    for number, (what, ok) in enumerate(checks(), 1):
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {what}", flush=True)
    print(f"1..{number}")
    sys.exit(failed != 0)


main()
