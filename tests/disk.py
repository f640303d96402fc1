#!/usr/bin/env python3
"""A disk that is full, and one that turns read-only, under a site: a small file system of its own.
Every refusal is clear, nothing that was acknowledged is lost, work goes on by itself. Prints TAP.

usage: disk.py PLUMBLINE SOURCE [--postgres]      skipped where no file system may be mounted

On PostgreSQL the small file system is the database server's. Where the server itself ends for want of room,
it is started again once there is some, as systemd does."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from tap import report, skip

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "postgres"))
from cluster import Cluster  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
DATA = f"{SOURCE}/tests/golden/cli/data"
SIZE, SIZE_OF_SERVER = "48m", "192m"
SMALL = "max_wal_size = 32MB\nmin_wal_size = 32MB\nautovacuum = off\n"
ACTS = 400  # so many at most until the files of a server have to grow


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=300)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class Site:
    def __init__(self, folder, *more):
        self.path, self.done = f"{folder}/site", 0
        for words in (("init", "--organ", "测试市司法局", "--prefix", "测司", "--region", "350299", "--city",
                       "测试市", "--data", DATA, *more),
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
        return self.count(re.search(r"〕(\d+)号", line) for line in lines if "〕" in line)

    @staticmethod
    def count(found):
        numbers = sorted(int(one.group(1)) for one in found)
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


def full_server(site, cluster, folder, server):
    """Filled up: the answers to acts until one is refused, and what /readyz then says."""
    fill(folder)
    refused = next((told for told in (site.act() for _ in range(ACTS)) if told.returncode), None)
    code = re.search(r"\[(E_\w+)\]", refused.stderr).group(1) if refused else "none"
    yield f"a full disk under the server: refused ({code}), and said so", code in ("E_STORE_FULL", "E_STORE_LOST")
    yield "alive", get(server + "healthz")[0] == 200
    os.remove(f"{folder}/filler")
    if cluster.server.poll() is not None:
        cluster.start()
    yield "room again: the next act is done", any(site.act().returncode == 0 for _ in range(30))
    yield "ready again by itself", any(get(server + "readyz")[0] == 200 or time.sleep(1) for _ in range(60))


def checks_of_server(folder):
    tempfile.tempdir = folder
    with Cluster(SMALL) as cluster, tempfile.TemporaryDirectory(dir="/tmp") as place:
        site = Site(place, "--store", f"{cluster.uri}#disk")
        yield "an act", site.act().returncode == 0
        server = subprocess.Popen([PROGRAM, "--site", site.path, "serve", "--port", "0", "--data", SOURCE],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        yield from full_server(site, cluster, folder, server.stdout.readline().split("在 ")[1].split(" ")[0])
        cluster.sql("ALTER DATABASE plumbline SET default_transaction_read_only = on")
        refused = site.act()
        yield "a server that takes no writes: refused, and said so", "[E_STORE_READONLY]" in refused.stderr
        cluster.sql("ALTER DATABASE plumbline RESET default_transaction_read_only", database="postgres")
        yield "it does again: the next act is done", site.act().returncode == 0
        server.send_signal(signal.SIGTERM)
        yield "it stops", server.wait(timeout=60) == 0
        numbers = cluster.sql("SELECT number FROM disk.matter").splitlines()
        yield "nothing was lost or left out", Site.count(re.search(r"〕(\d+)号", one) for one in numbers) == site.done
        yield "the ledger holds", site.command("verify", "--tables").returncode == 0


def main():
    of_server = "--postgres" in sys.argv
    if os.environ.get("DISK_INSIDE") != "yes":  # once more, where mounts are nobody else's
        if os.geteuid() != 0 or run("unshare", "-m", "true").returncode != 0:
            skip("needs root, to mount a small file system")
        os.execvpe("unshare", ["unshare", "-m", sys.executable, *sys.argv], dict(os.environ, DISK_INSIDE="yes"))
    with tempfile.TemporaryDirectory() as folder:
        if run("mount", "-t", "tmpfs", "-o", f"size={SIZE_OF_SERVER if of_server else SIZE}", "none", folder).returncode != 0:
            skip("no file system can be mounted here")
        try:
            status = report(checks_of_server(folder) if of_server else checks(folder))
        finally:
            run("umount", "-l", folder)
    sys.exit(status)


main()
