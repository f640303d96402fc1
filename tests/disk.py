#!/usr/bin/env python3
"""A disk that is full, and one that turns read-only, under a site: a small file system of its own.
Every refusal is clear, nothing that was acknowledged is lost, work goes on by itself. Prints TAP.

usage: disk.py PLUMBLINE SOURCE      skipped where no file system may be mounted"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
DATA = f"{SOURCE}/tests/golden/cli/data"
SIZE = "48m"


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=300)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class Site:
    def __init__(self, folder):
        self.path, self.done = f"{folder}/site", 0
        for words in (("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299", "--city",
                       "测试市", "--data", DATA),
                      ("act", "register:units", "put", '{"id":"bureau","name":"局"}', "--system"),
                      ("user", "add", "zhang", "张三", "--unit", "bureau", "--roles", "clerk")):
            made = self.command(*words)
            if made.returncode:
                sys.exit(f"Bail out! {words}: {made.stderr}")

    def command(self, *words):
        return run(PROGRAM, "--site", self.path, *words)

    def act(self):
        """Hands in one act; counts it if it was acknowledged."""
        done = self.command("act", "note", "write", '{"subject":"甲"}', "--by", "zhang")
        self.done += done.returncode == 0
        return done

    def matters(self):
        """How many there are, as the numbers tell: none left out, none twice."""
        lines = self.command("list", "--limit", "200").stdout.splitlines()
        numbers = sorted(int(re.search(r"〕(\d+)号", line).group(1)) for line in lines if "〕" in line)
        return len(numbers) if numbers == list(range(1, len(numbers) + 1)) else -1


def fill(folder):
    """Every byte that is left."""
    with open(f"{folder}/filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass


def checks(folder):
    site = Site(folder)
    yield "an act", site.act().returncode == 0
    fill(folder)
    refused = site.act()
    yield "a full disk: refused, and said so", refused.returncode == 1 and re.search(
        r"\[E_(STORE_FULL|STORE_IO|IO)\]", refused.stderr)
    doctor = site.command("doctor", "--data", DATA)
    yield "doctor says so", "故障  磁盘：剩余 0 MB" in doctor.stdout
    os.remove(f"{folder}/filler")
    yield "room again: the next act is done", site.act().returncode == 0
    yield "nothing was lost or left out", site.matters() == site.done
    run("mount", "-o", "remount,ro", folder)
    refused = site.act()
    yield "read-only: refused, and said so", refused.returncode == 1 and "[E_STORE_READONLY]" in refused.stderr
    yield "doctor says so, too", "站点目录不可写" in site.command("doctor", "--data", DATA).stdout
    run("mount", "-o", "remount,rw", folder)
    yield "writable again: the next act is done", site.act().returncode == 0
    yield "nothing was lost or left out again", site.matters() == site.done
    yield "the ledger holds", site.command("verify", "--tables").returncode == 0
    yield from serve(site)


def serve(site):
    """The server on a disk with less than it wants: alive, readable, not ready."""
    server = subprocess.Popen([PROGRAM, "--site", site.path, "serve", "--port", "0", "--data", SOURCE],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = server.stdout.readline().split("在 ")[1].split(" ")[0]
    status, why = get(address + "readyz")
    yield "not ready with so little room", status == 503 and why.startswith("disk: ")
    yield "alive", get(address + "healthz")[0] == 200
    yield "pages can be read", get(address)[0] == 200
    server.send_signal(signal.SIGTERM)
    yield "stops", server.wait(timeout=60) == 0


def main():
    if os.environ.get("DISK_INSIDE") != "yes":  # once more, where mounts are nobody else's
        if os.geteuid() != 0 or run("unshare", "-m", "true").returncode != 0:
            print("1..0 # SKIP needs root, to mount a small file system")
            return
        os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], dict(os.environ, DISK_INSIDE="yes"))
    with tempfile.TemporaryDirectory() as folder:
        if run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder).returncode != 0:
            print("1..0 # SKIP no file system can be mounted here")
            return
        try:
            results = list(checks(folder))
        finally:
            run("umount", "-l", folder)
    print(f"1..{len(results)}")
    for number, (what, ok) in enumerate(results, 1):
        print(f"{'ok' if ok else 'not ok'} {number} - {what}")
    sys.exit(not all(ok for _, ok in results))


main()
