#!/usr/bin/env python3
"""What an earlier build published is what this one takes: a log, proofs and keys of tests/data/log-1, and of
log-1-sm the same by a site with national algorithms, checked by the program and by the two verifiers that share nothing
with it; and the two verifiers find what was changed. Prints TAP.

usage: older_log.py PLUMBLINE SOURCE                checks
       older_log.py PLUMBLINE SOURCE --make FOLDER   makes one of the folders (only for a new form: log-2 ...)"""
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from published_log import PROGRAM, SOURCE, Place  # noqa: E402

sys.path.insert(0, str(SOURCE / "tools"))
import national  # noqa: E402

DATA = SOURCE / "tests/data"
LOG = DATA / "log-1"


def make(to):
    sm = ["--hash", "sm3"] if to.name.endswith("-sm") else []
    with tempfile.TemporaryDirectory() as folder:
        p = Place(folder, *sm)
        p.save("key", p.run("log", "key").stdout)
        p.save("w.key", p.run("witness", "init", "w", "witness.example/w1").stdout)
        p.write(20)
        p.run("log", "export", "early")
        p.run("log", "rotate", "--by", "zhang", "--reason", "定期更换")
        p.write(280)
        p.save("key-2", p.run("log", "key").stdout)
        p.run("log", "export", "log", "--bundles")
        p.run("witness", "cosign", "w", "log", "--key", "key", "--add", *sm)
        number = p.run("list").stdout.split("\t")[0]
        p.save("proof.json", p.run("proof", number, "--fields", "subject", "--log", "log").stdout)
        p.save("proof.txt", p.run("proof", "qr", "proof.json").stdout)
        first = (p.folder / "early/checkpoint").read_text().split("\n")[1]
        p.save("consistency.json", p.run("proof", "consistency", first).stdout)
        both = (p.folder / "log/log-keys").read_text().split("plumbline/350299\\n")[1].split("\\n")[0]
        p.save("consistency-2.json", p.run("proof", "consistency", both).stdout)
        (p.folder / "keys").write_text((p.folder / "key").read_text() + (p.folder / "key-2").read_text())
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        for name in ("log", "key", "key-2", "keys", "w.key", "proof.json", "proof.txt", "consistency.json", "consistency-2.json"):
            (shutil.copytree if name == "log" else shutil.copy)(p.folder / name, to / name)


def plumbline(*words, log=LOG):
    return subprocess.run([PROGRAM, *words], cwd=log, capture_output=True, text=True)


def other(tool, *words, log=LOG):
    return subprocess.run([sys.executable, SOURCE / "tools" / tool, *words], cwd=log, capture_output=True, text=True)


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


def one_log(log):
    """Everything that somebody with the folder and the keys can ask."""
    sm = ["--hash", "sm3"] if log.name.endswith("-sm") else []
    for key in ("key", "key-2"):
        yield f"the log, {key}", holds(plumbline("verify", "log", "--key", key, *sm, log=log), "条目原文 309 条", "签名密钥在前")
        yield f"log_verify.py, {key}", holds(other("log_verify.py", "log", key, log=log), "条目原文 309 条")
    yield "with its witness", holds(plumbline("verify", "log", "--key", "key", "--witness-key", "w.key", *sm, log=log), "见证人联署 1 个")
    yield "a sample", holds(plumbline("verify", "log", "--key", "key", "--sample", "9", *sm, log=log))
    yield "a proof", holds(plumbline("proof", "check", "proof.json", "--key", "key-2", "--witness-key", "w.key", log=log), "subject = 甲")
    yield "the same out of a QR code", holds(plumbline("proof", "check", "proof.txt", "--key", "key-2", log=log), "subject = 甲")
    yield "packed again", plumbline("proof", "qr", "proof.json", log=log).stdout == (log / "proof.txt").read_text()
    yield "proof_verify.py", holds(other("proof_verify.py", "proof.json", "key-2", log=log), "甲")
    yield "proof_verify.py, another key", other("proof_verify.py", "proof.json", "w.key", log=log).returncode == 1
    yield "from one head to the next", holds(plumbline("proof", "check", "consistency.json", "--key", "keys", log=log), "证明成立")
    yield "proof_verify.py, where one key signed both", holds(other("proof_verify.py", "consistency-2.json", "key-2", log=log))


def national_algorithms():
    """GB/T 32905-2016 appendix A; libcrypto's SM3; GB/T 32918.5-2017 appendix A.2."""
    yield "SM3 of abc", national.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    yield "SM3 of sixteen times abcd", national.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    if "sm3" in hashlib.algorithms_available:
        texts = [os.urandom(n) for n in range(200)]
        yield "SM3 of 200 texts", all(national.sm3(t) == hashlib.new("sm3", t).digest() for t in texts)
    public = bytes.fromhex("0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                           "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")
    signature = bytes.fromhex("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                              "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
    yield "an SM2 signature", national.is_signed(public, b"message digest", signature)
    wrong = [bytes([*signature[:i], signature[i] ^ 1, *signature[i + 1:]]) for i in range(0, 64, 5)]
    wrong += [signature[:-1], bytes(64), bytes(32) + signature[32:], b"\xff" * 64]
    yield "and none", not any(national.is_signed(public, b"message digest", w) for w in wrong)
    yield "of another text", not national.is_signed(public, b"message digesu", signature)
    yield "no point of the curve", not national.is_signed(public[:-1] + b"\0", b"message digest", signature)


def changed(source):
    """The verifiers find one bit turned over, one character changed."""
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "log"
        shutil.copytree(source / "log", log)
        head = log / "checkpoint"  # without the witness's line, which this verifier has no key for
        head.write_text(head.read_text().split("— witness")[0])
        missed = [what for what in flipped(log, 12) if other("log_verify.py", log, source / "key").returncode == 0]
        yield f"log_verify.py finds a flipped bit {missed}", not missed
        (log / "checkpoint").unlink()
        yield "and says so where there is nothing", other("log_verify.py", log, source / "key").returncode == 1
    for name, words in (("proof.txt", ["--witness-key", "w.key"]), ("consistency.json", [])):
        text = (source / name).read_text()
        with tempfile.TemporaryDirectory() as folder:
            wrong, refused = pathlib.Path(folder) / name, 0
            for _ in range(25):
                at = random.randrange(5, len(text) - 1)
                wrong.write_text(text[:at] + random.choice("0123456789ABCDEF".replace(text[at], "")) + text[at + 1:])
                refused += plumbline("proof", "check", str(wrong), "--key", "keys", *words, log=source).returncode != 0
            yield f"{name}: one character changed, 25 times", refused == 25


def checks():
    yield from national_algorithms()
    for log in sorted(DATA.glob("log-*")):
        for part in (one_log, changed):
            yield from ((f"{log.name}: {what}", ok) for what, ok in part(log))


def main():
    if "--make" in sys.argv:
        return make(pathlib.Path(sys.argv[4]).resolve())
    sys.exit(report(checks()))


main()
