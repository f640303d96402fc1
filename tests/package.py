#!/usr/bin/env python3
"""The Debian package, unpacked into a root of its own: what is in it, and that it runs from
there: version, init, serve, /healthz, stop. Prints TAP.

usage: package.py PLUMBLINE SOURCE"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from tap import report, skip

PROGRAM, SOURCE = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
WANTED = ("usr/bin/plumbline", "usr/share/plumbline/procedures/permit.yaml",
          "usr/share/plumbline/pages/home.html", "usr/share/plumbline/assets/dist/manifest.json",
          "usr/share/man/man1/plumbline.1.gz", "lib/systemd/system/plumbline.service",
          "usr/lib/sysusers.d/plumbline.conf", "usr/lib/tmpfiles.d/plumbline.conf",
          "etc/default/plumbline", "usr/share/doc/plumbline/copyright",
          "usr/share/doc/plumbline/examples/nginx.conf")


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=300, **more)


def control(package, field):
    return run("dpkg-deb", "-f", package, field).stdout.strip()


def serves(program, site, env):
    server = subprocess.Popen([program, "--site", site, "serve", "--port", "0"], env=env, cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        told = ""
        while "在 http" not in told:
            line = server.stdout.readline()
            if not line:
                return False
            told += line
        address = told.split("在 ")[1].split(" ")[0]
        with urllib.request.urlopen(address + "healthz", timeout=20) as answer:
            healthy = answer.read() == b"ok\n"
        with urllib.request.urlopen(address, timeout=20) as answer:
            return healthy and "依法办理" in answer.read().decode()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def checks(folder):
    made = run(str(SOURCE / "tools" / "build_deb.sh"), "--fast", "--out", folder, "--binary",
               PROGRAM)
    yield "one command builds it", made.returncode == 0, made.stderr
    package = made.stdout.strip()
    again = run(str(SOURCE / "tools" / "build_deb.sh"), "--fast", "--out", f"{folder}/again",
                "--binary", PROGRAM)
    yield "the same tree, the same bytes", again.returncode == 0 and pathlib.Path(
        package).read_bytes() == pathlib.Path(again.stdout.strip()).read_bytes(), again.stderr
    version = run(PROGRAM, "version").stdout.split()[1]
    yield "its version is the program's", control(package, "Version") == version, ""
    yield "it names what it needs", all(name in control(package, "Depends") for name in (
        "libc6", "libsqlite3-0", "libmicrohttpd12", "libssl3")), control(package, "Depends")
    root = f"{folder}/root"
    unpacked = run("dpkg-deb", "-x", package, root)
    missing = [name for name in WANTED if not pathlib.Path(root, name).exists()]
    yield "everything is in its place", unpacked.returncode == 0 and not missing, missing
    owners = run("dpkg-deb", "-c", package).stdout.splitlines()
    yield "root owns it all", all("root/root" in line for line in owners), ""
    program, site = f"{root}/usr/bin/plumbline", f"{folder}/site"
    env = {"PATH": "/usr/bin:/bin", "HOME": folder}
    told = run(program, "version", env=env, cwd="/")
    yield "it runs from there", told.stdout == f"plumbline {version}\n", told.stderr
    begun = run(program, "--site", site, "init", env=env, cwd="/")
    yield "it makes a site from what it brought", begun.returncode == 0, begun.stderr
    yield "it serves", serves(program, site, env), ""
    verified = run(program, "--site", site, "verify", env=env, cwd="/")
    yield "the ledger holds", verified.returncode == 0, verified.stderr
    for script in ("postinst", "prerm", "postrm"):
        parsed = run("sh", "-n", str(SOURCE / "packaging" / "debian" / script))
        yield f"{script} is a shell script", parsed.returncode == 0, parsed.stderr


def check_unit(folder):
    """The units, read and judged by systemd itself; 10 is open to the world."""
    if shutil.which("systemd-analyze") is None:
        yield "systemd-analyze # SKIP not here", True, ""
        return
    docs = (SOURCE / "docs" / "operation.md").read_text()
    same = run("systemd-analyze", "--version").stdout.startswith("systemd 252 ")  # others weigh otherwise
    for name in ("plumbline.service", "plumbline-backup.service", "plumbline-backup.timer"):
        text = (SOURCE / "packaging" / name).read_text()
        pathlib.Path(folder, name).write_text(text.replace("/usr/bin/plumbline", PROGRAM))
    for name, most in (("plumbline.service", 15), ("plumbline-backup.service", 10), ("plumbline-backup.timer", None)):
        read = run("systemd-analyze", "verify", "--man=no", f"{folder}/{name}")
        yield f"{name} is read without complaint", read.returncode == 0 and read.stdout + read.stderr == "", read.stderr
        if most is None:
            continue
        judged = run("systemd-analyze", "security", "--offline=true", f"--threshold={most}", f"{folder}/{name}")
        yield f"{name}: exposure at most {most / 10}", judged.returncode == 0, judged.stdout[-300:]
        printed = re.search(rf"Overall exposure level for {re.escape(name)}: [0-9.]+ [A-Z]+", judged.stdout)
        yield f"{name}: docs/operation.md has what is printed", printed and (not same or printed[0] in docs), printed
    spoilt = pathlib.Path(folder, "spoilt.service")
    spoilt.write_text("[Service]\nExecStart=/nowhere/plumbline\nProtectSystem=verystrict\n")
    yield "a spoilt one is not", run("systemd-analyze", "verify", "--man=no", str(spoilt)).stderr != "", ""


def check_nginx(folder):
    """The example with its three names filled in, as nginx itself reads it."""
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        yield "nginx # SKIP not here", True, ""
        return
    key, certificate = f"{folder}/key.pem", f"{folder}/cert.pem"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate)
    text = (SOURCE / "packaging" / "nginx.conf").read_text()
    for name, value in (("<sf.example.gov.cn>", "localhost"),
                        ("</etc/ssl/sf.example.gov.cn.pem>", certificate),
                        ("</etc/ssl/private/sf.example.gov.cn.key>", key)):
        text = text.replace(name, value)
    pathlib.Path(folder, "site.conf").write_text(text)
    paths = "".join(f"{kind}_temp_path {folder};" for kind in
                    ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    pathlib.Path(folder, "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"http {{ access_log off; {paths} include {folder}/site.conf; }}\n")
    read = run("nginx", "-t", "-c", f"{folder}/nginx.conf", "-p", folder)
    yield "the example of nginx is read without complaint", read.returncode == 0, read.stderr


os.environ.pop("PLUMBLINE_DATA", None)
with tempfile.TemporaryDirectory() as folder:
    if shutil.which("dpkg-deb") is None or shutil.which("dpkg-shlibdeps") is None:
        skip("no dpkg-deb, dpkg-shlibdeps here")
    status = report(list(checks(folder)) + list(check_unit(folder)) + list(check_nginx(folder)))
sys.exit(status)
