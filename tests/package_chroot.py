#!/usr/bin/env python3
"""The Debian package in a fresh Debian 12: installed by apt with what it depends on, used as docs/operation.md
says, removed, purged. A target of its own, for it fetches a system from Debian's mirror:

    ninja -C build package-chroot

usage: package_chroot.py PLUMBLINE SOURCE [--system DIR]    a Debian that was made already; it is used up

Prints TAP, and what each program said below a point that does not hold."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from tap import report, skip

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
SUITE, HOOKS = "bookworm", "/usr/share/mmdebstrap/hooks/merged-usr"
SITE = "/var/lib/plumbline/site"
PATIENCE = 1800  # seconds: a whole system is fetched and unpacked


def run(*words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, **more)
    return done.returncode, done.stdout


def tail(told):
    return "\n".join(told.splitlines()[-8:])


def make_system(root):
    """A Debian with apt and little else; the mode that worked, or None and what was said."""
    said = ""
    for mode in ("root", "unshare"):
        shutil.rmtree(root, ignore_errors=True)
        status, told = run("mmdebstrap", f"--mode={mode}", "--variant=apt", f"--hook-dir={HOOKS}",
                           "--dpkgopt=force-unsafe-io", '--aptopt=Acquire::Languages "none"', SUITE, root)
        if status == 0:
            return mode, ""
        said += f"--mode={mode}: {tail(told)}\n"
    return None, said


def inside(root, *words, **more):
    return run("chroot", root, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
               "DEBIAN_FRONTEND=noninteractive", *words, **more)


def as_service(root, *words):
    """As the account that the package made."""
    return inside(root, "runuser", "-u", "plumbline", "--", "plumbline", "--site", SITE, *words)


def serves(root):
    """/healthz and the first page, as the account of the service; and that it stops when told."""
    server = subprocess.Popen(
        [shutil.which("chroot"), "--userspec=plumbline:plumbline", root, "/usr/bin/plumbline", "--site", SITE, "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    told = ""
    try:
        while "在 http" not in told:
            line = server.stdout.readline()
            told += line
            if not line:
                return False, told
        address = told.split("在 ")[1].split(" ")[0]
        with urllib.request.urlopen(address + "healthz", timeout=60) as answer:
            healthy = answer.read() == b"ok\n"
        with urllib.request.urlopen(address, timeout=60) as answer:
            page = "依法办理" in answer.read().decode()
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=120)
    return healthy and page and server.returncode == 0, told


def checks(folder):
    given = sys.argv[3:4] == ["--system"]
    root = sys.argv[4] if given else f"{folder}/root"
    status, built = run(f"{SOURCE}/tools/build_deb.sh", "--fast", "--out", folder, "--binary", PROGRAM)
    yield "the package is built", status == 0, tail(built)
    package = pathlib.Path(built.strip().splitlines()[-1])
    began = time.monotonic()
    mode, said = ("given", "") if given else make_system(root)
    yield f"a fresh Debian 12: mmdebstrap, mode {mode}, {time.monotonic() - began:.0f} s", mode is not None, said
    if mode is None:
        return
    mounted, told = run("mount", "-t", "proc", "proc", f"{root}/proc")
    yield "it has its /proc", mounted == 0, told  # a program finds by it where it lies itself
    try:
        yield from used(root, package)
    finally:
        run("umount", f"{root}/proc")


def used(root, package):
    shutil.copy(package, f"{root}/tmp/{package.name}")
    pathlib.Path(root, "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")  # nothing is started in it
    os.chmod(f"{root}/usr/sbin/policy-rc.d", 0o755)
    if not os.path.exists(f"{root}/etc/resolv.conf"):
        shutil.copy("/etc/resolv.conf", f"{root}/etc/resolv.conf")
    status, told = inside(root, "apt-get", "update")
    yield "its mirror answers", status == 0, tail(told)
    status, told = inside(root, "apt-get", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-unsafe-io",
                          f"/tmp/{package.name}")
    yield "apt installs it with what it depends on", status == 0, tail(told)
    status, told = inside(root, "plumbline", "version")
    yield f"it runs: {told.strip()}", status == 0 and told.startswith("plumbline "), told
    status, told = inside(root, "sh", "-c", "stat -c '%U %a' /var/lib/plumbline; ldd /usr/bin/plumbline")
    yield "the account has its folder, and nobody else; every library is there", (
        told.startswith("plumbline 700") and "not found" not in told), told
    status, told = as_service(root, "init", "--organ", "某市司法局", "--prefix", "某司", "--region", "350200", "--city", "某市")
    yield "init, as docs/operation.md says", status == 0, tail(told)
    yield ("serve answers /healthz and the first page, and stops", *serves(root))
    status, told = as_service(root, "verify")
    yield "the ledger holds", status == 0 and "验证通过" in told, tail(told)
    status, told = as_service(root, "doctor")
    yield "the doctor finds nothing broken", status in (0, 5) and "故障" not in told, told
    status, told = inside(root, "apt-get", "remove", "-y", "plumbline")
    yield "removed: the program is gone", status == 0 and not os.path.exists(f"{root}/usr/bin/plumbline"), tail(told)
    status, told = inside(root, "apt-get", "purge", "-y", "plumbline")
    yield "purged: the records are left, and it says so", (
        status == 0 and "/var/lib/plumbline holds records" in told and os.path.exists(f"{root}{SITE}/plumbline.db")), tail(told)


def main():
    if os.geteuid() != 0:
        skip("needs root: programs are run in a root of their own, as the account that the package makes")
    for tool in ("mmdebstrap", "dpkg-deb", "dpkg-shlibdeps", "chroot"):
        if shutil.which(tool) is None:
            skip(f"no {tool} here: tools/install_deps.sh")
    os.environ.pop("PLUMBLINE_DATA", None)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # the system's own accounts pass through
        status = report(checks(folder))
    sys.exit(status)


main()
