#!/usr/bin/env python3
"""Three PostgreSQL servers under Patroni and etcd, their first one killed again and again under
load: is any acknowledged act lost, and how long is the pause?

usage: failover.py BUILD SOURCE [KILLS]        5 unless said otherwise; a minute each at most

Everything is on the loopback interface in a temporary folder, as an ordinary user. Needs the
Debian packages patroni and etcd-server. What is set here is what docs/machines.md advises:
synchronous replication (an act is acknowledged when a second server has it), strict, so that no
server acknowledges alone. The server is killed with SIGKILL, all its processes at once, and
Patroni of the same node with it, as when a machine loses its power; it comes back as a
standby before the next one is killed."""
import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "postgres"))
from cluster import ordinary_user, programs  # noqa: E402

BUILD, SOURCE = map(os.path.abspath, sys.argv[1:3])
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
PLUMBLINE, LOAD = f"{BUILD}/src/plumbline", f"{BUILD}/tests/cluster/cluster_load"
LOADERS = 2
TTL = 20  # seconds until the leader's key in etcd runs out: most of the pause

PATRONI = """
scope: plumbline
name: {name}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
etcd3: {{host: '127.0.0.1:{etcd}'}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 2
    retry_timeout: 8
    maximum_lag_on_failover: 0
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters: {{wal_log_hints: 'on', max_connections: 50, shared_buffers: 64MB,
                    wal_keep_size: 256MB, max_locks_per_transaction: 256}}
  initdb: [encoding: UTF8, locale: C, data-checksums]
  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust',
           'host replication all 127.0.0.1/32 trust']
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {folder}/{name}
  bin_dir: {bin}
  pgpass: {folder}/{name}.pgpass
  authentication:
    superuser: {{username: plumbline}}
    replication: {{username: plumbline}}
    rewind: {{username: plumbline}}
  parameters: {{unix_socket_directories: '{folder}'}}
"""


def free_ports(n):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Node:
    def __init__(self, name, port, rest):
        self.name, self.port, self.rest, self.process = name, port, rest, None

    def state(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/patroni", timeout=2) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)
        except OSError:
            return {}


class Machines:
    def __init__(self):
        self.user = ordinary_user()
        self.folder = tempfile.mkdtemp(prefix="plumbline-ha-")
        os.chmod(self.folder, 0o755)
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.etcd_port, self.peer_port, *ports = free_ports(8)
        self.nodes = [Node(f"n{i + 1}", ports[2 * i], ports[2 * i + 1]) for i in range(3)]
        self.etcd = None

    def run(self, name, *command):
        """In a group of its own, so that one node can be killed as a whole."""
        more = {} if self.user is None else dict(user=self.user.pw_uid, group=self.user.pw_gid,
                                                 extra_groups=[])
        with open(f"{self.folder}/{name}.log", "ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder,
                                    start_new_session=True,
                                    env=dict(os.environ, HOME=self.folder, LC_ALL="C.UTF-8"), **more)

    def start_node(self, node):
        path = f"{self.folder}/{node.name}.yml"
        pathlib.Path(path).write_text(PATRONI.format(
            name=node.name, rest=node.rest, port=node.port, etcd=self.etcd_port, ttl=TTL,
            folder=self.folder, bin=programs()))
        node.process = self.run(node.name, "/usr/bin/patroni", path)

    def start(self):
        client, peer = (f"http://127.0.0.1:{port}" for port in (self.etcd_port, self.peer_port))
        self.etcd = self.run(
            "etcd", "etcd", "--name", "e1", "--data-dir", f"{self.folder}/etcd",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"e1={peer}")
        for node in self.nodes:
            self.start_node(node)
        self.wait_whole()

    def leader(self):
        return next((node for node in self.nodes if node.state().get("role") in ("master", "primary")
                     and node.state().get("state") == "running"), None)

    def wait_whole(self, seconds=240):
        """All three run, one leads, and one of the others is its synchronous standby."""
        for _ in range(seconds):
            states = [node.state() for node in self.nodes]
            if (all(state.get("state") in ("running", "streaming") for state in states) and self.leader()
                    and self.sql(self.leader(), "SELECT count(*) FROM pg_stat_replication WHERE"
                                 " sync_state IN ('sync', 'quorum')") == "1"):
                return
            time.sleep(1)
        raise SystemExit(f"the machines do not come together: {states}\nlogs: {self.folder}")

    def sql(self, node, text):
        return subprocess.run(
            [f"{programs()}/psql", "-XqAt", "-h", "127.0.0.1", "-p", str(node.port), "-U", "plumbline",
             "-d", "postgres", "-c", text], capture_output=True, text=True, timeout=30).stdout.strip()

    def descendants(self, pid):
        """The process and all that came of it, also in groups of their own (the server)."""
        children = collections.defaultdict(list)
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rsplit(")", 1)[1].split()
                children[int(fields[1])].append(int(entry.parent.name))
            except OSError:
                continue
        found, todo = [], [pid]
        while todo:
            one = todo.pop()
            found.append(one)
            todo += children[one]
        return found

    def postmaster(self, node):
        try:
            return [int(pathlib.Path(f"{self.folder}/{node.name}/postmaster.pid").read_text()
                        .split("\n", 1)[0])]
        except OSError:
            return []

    def kill(self, node):
        """The power goes: Patroni and every process of its server, at once."""
        victims = set(self.descendants(node.process.pid))
        for pid in self.postmaster(node):
            victims |= set(self.descendants(pid))
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        node.process.wait()

    def uri(self):
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://plumbline@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=2"

    def close(self, keep):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                self.kill(node)
        if self.etcd is not None:
            self.etcd.kill()
            self.etcd.wait()
        if keep:
            print(f"logs: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def run_loaders(site, folder, seconds):
    """Each acknowledges its own acts; they take turns at the ledger like two servers."""
    return [subprocess.Popen([LOAD, site, f"l{i}", str(seconds)],
                             stdout=open(f"{folder}/load{i}", "wb"), stderr=open(f"{folder}/load{i}.err", "wb"))
            for i in range(LOADERS)]


def newest(folder):
    """How many acts each loader has had acknowledged."""
    return [pathlib.Path(f"{folder}/load{i}").read_text().count("ack ") for i in range(LOADERS)]


def one_kill(machines, folder, number):
    victim = machines.leader()
    begun = time.monotonic()
    machines.kill(victim)
    before = newest(folder)
    while sum(newest(folder)) <= sum(before) + LOADERS:  # what was on the way is not meant
        if time.monotonic() - begun > 120:
            raise SystemExit("no act was acknowledged for two minutes")
        time.sleep(0.05)
    pause = time.monotonic() - begun
    successor = machines.leader()
    print(f"kill {number}: {victim.name} -> {successor.name if successor else '?'}, "
          f"pause {pause:.1f} s", flush=True)
    machines.start_node(victim)
    machines.wait_whole()
    return pause


def main():
    machines, fine = Machines(), False
    folder = tempfile.mkdtemp(prefix="plumbline-load-")
    try:
        machines.start()
        print(f"three servers, {machines.leader().name} leads", flush=True)
        site = f"{folder}/site"
        subprocess.run([PLUMBLINE, "--site", site, "init", "--data", SOURCE, "--store",
                        machines.uri() + "#town"], check=True, stdout=subprocess.DEVNULL)
        loaders = run_loaders(site, folder, KILLS * 300)
        while min(newest(folder)) < 20:
            if any(loader.poll() is not None for loader in loaders):
                raise SystemExit(pathlib.Path(f"{folder}/load0.err").read_text())
            time.sleep(0.5)
        pauses = [one_kill(machines, folder, i + 1) for i in range(KILLS)]
        time.sleep(2)
        for loader in loaders:
            loader.kill()
            loader.wait()
        texts = [pathlib.Path(f"{folder}/load{i}").read_text() for i in range(LOADERS)]
        acks = [line for text in texts for line in text.splitlines(True) if line.startswith("ack ")
                and line.endswith("\n")]
        seqs = [line.split()[2] for line in acks]
        print(f"{len(acks)} acts acknowledged, {sum(text.count('lost ') for text in texts)} refusals, "
              f"numbers doubled: {len(seqs) - len(set(seqs))}")
        checked = subprocess.run([LOAD, site, "check", "check"], input="".join(acks), text=True,
                                 capture_output=True)
        print(checked.stdout.strip() or checked.stderr.strip())
        verified = subprocess.run([PLUMBLINE, "--site", site, "verify"], capture_output=True, text=True)
        print(verified.stdout.strip())
        rebuilt = subprocess.run([PLUMBLINE, "--site", site, "rebuild", "--check"], capture_output=True,
                                 text=True)
        print((rebuilt.stdout + rebuilt.stderr).strip())
        pauses.sort()
        print(f"pause: {pauses[0]:.1f} to {pauses[-1]:.1f} s, median {pauses[len(pauses) // 2]:.1f} s "
              f"(ttl {TTL} s)")
        fine = (checked.returncode, verified.returncode, rebuilt.returncode, len(seqs)) == (
            0, 0, 0, len(set(seqs)))
    finally:
        machines.close(keep=not fine)
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if fine else 1


sys.exit(main())
