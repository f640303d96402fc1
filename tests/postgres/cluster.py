"""A PostgreSQL cluster of its own in a temporary folder, for tests and benchmarks.

It listens on a socket in that folder and nowhere else, is started as an ordinary user (the
server refuses root: then as `postgres`, or `nobody`), and is stopped by its process.

    with Cluster() as cluster:
        ... cluster.uri ...

As a program: cluster.py [--durable] COMMAND... runs a command with PLUMBLINE_TEST_STORE set; durable:
a server as it comes, which flushes what it commits."""
import contextlib
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SETTINGS = """
listen_addresses = '%(listen)s'
port = %(port)d
unix_socket_directories = '%(folder)s'
max_connections = 100
max_locks_per_transaction = 512
shared_buffers = 64MB
%(more)s
"""
FAST = "fsync = off\nfull_page_writes = off\nautovacuum = off\n"


def programs():
    """The folder of the newest server's programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    if initdb is None:
        raise SystemExit("no PostgreSQL server here: tools/install_deps.sh")
    return os.path.dirname(initdb)


def ordinary_user():
    """Whom the server runs as: None = ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("neither a user postgres nor nobody")


def present_version(source):
    """Of the tables, as the program there makes them."""
    with open(f"{source}/src/store/store.h", encoding="utf-8") as header:
        return int(re.search(r"#define STORE_VERSION\s+(\d+)", header.read()).group(1))


class Cluster:
    def __init__(self, settings=FAST, port=5432, listen=""):
        self.user = ordinary_user()
        self.folder = tempfile.mkdtemp(prefix="plumbline-pg-")
        self.data = f"{self.folder}/data"
        self.settings = dict(folder=self.folder, more=settings, port=port, listen=listen)
        self.port, self.server = port, None
        self.uri = self.uri_of("plumbline")
        self.hand_over(self.folder)

    def uri_of(self, database):
        return f"postgresql://plumbline@/{database}?host={self.folder}&port={self.port}"

    def hand_over(self, path):
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def run(self, *command, **more):
        """A program of the server, as its user."""
        if self.user is not None:
            more.update(user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[])
        env = dict(os.environ, LC_ALL="C", HOME=self.folder)
        return subprocess.Popen([f"{programs()}/{command[0]}", *command[1:]], env=env,
                                cwd=self.folder, **more)

    def make(self):
        made = self.run("initdb", "-D", self.data, "-U", "plumbline", "-E", "UTF8", "--locale=C",
                        "-A", "trust", "-N", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, told = made.communicate()
        if made.returncode != 0:
            raise SystemExit(told.decode())
        with open(f"{self.data}/postgresql.conf", "a", encoding="utf-8") as f:
            f.write(SETTINGS % self.settings)

    def start(self):
        with open(f"{self.folder}/log", "ab") as log:
            self.server = self.run("postgres", "-D", self.data, stdout=log, stderr=log)
        for _ in range(600):
            if self.server.poll() is not None:
                raise SystemExit(open(f"{self.folder}/log").read())
            if self.sql("SELECT 1", database="postgres", check=False) == "1":
                return
            time.sleep(0.1)
        raise SystemExit("the server does not answer")

    def sql(self, text, database="plumbline", check=True):
        done = subprocess.run(
            [f"{programs()}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", str(self.port),
             "-U", "plumbline", "-d", database, "-c", text], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise SystemExit(done.stderr)
        return done.stdout.strip()

    @contextlib.contextmanager
    def database(self, name):
        """One more, as long as it is wanted; gives its address."""
        self.sql(f'CREATE DATABASE "{name}"', database="postgres")
        try:
            yield self.uri_of(name)
        finally:
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)', database="postgres")

    def stop(self, how=signal.SIGINT):
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait(timeout=60)
        self.server = None

    def __enter__(self):
        try:
            self.make()
            self.start()
            self.sql("CREATE DATABASE plumbline", database="postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server is stopped then, too
    durable = sys.argv[1:2] == ["--durable"]
    with Cluster("" if durable else FAST) as one:
        sys.exit(subprocess.run(sys.argv[2 if durable else 1:],
                                env=dict(os.environ, PLUMBLINE_TEST_STORE=one.uri)).returncode)
