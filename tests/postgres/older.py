#!/usr/bin/env python3
"""A site of an older version whose records are in PostgreSQL: it is opened as it was left, becomes what a
new one is, or stays what it was, and goes on. Prints TAP.

usage: older.py PLUMBLINE SOURCE             checks
       older.py PLUMBLINE SOURCE --make N    keeps one of version N, with the program of that version

Of each version since the second, the first that knew PostgreSQL, tests/data/stores has the schema as
its program left it (postgres-vN.sql.gz, by pg_dump); the folder of the site is that of site-vN.tar.gz,
from which it was copied."""
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

from cluster import Cluster, present_version, programs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import report  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
STORES = pathlib.Path(SOURCE, "tests/data/stores")
FIRST = 2
SCHEMA = "older"
SHAPE = (  # columns in their order, keys, indexes
    "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity, "
    "is_generated FROM information_schema.columns WHERE table_schema = '{0}' ORDER BY 1, 3",
    "SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = "
    "'{0}'::regnamespace ORDER BY 1, 2, 3",
    "SELECT replace(indexdef, '{0}.', '') FROM pg_indexes WHERE schemaname = '{0}' ORDER BY 1")


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=300, **more)


def plumbline(site, *words):
    return run(PROGRAM, "--site", site, *words)


def psql(cluster, database, text):
    done = run(f"{programs()}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", cluster.folder, "-p", str(cluster.port),
               "-U", "plumbline", "-d", database, input=text)
    if done.returncode:
        sys.exit(f"Bail out! {done.stderr}")
    return done.stdout


def shape(cluster, database, schema):
    return [psql(cluster, database, f"SET search_path = {schema};" + query.format(schema)).replace(f"{schema}.", "")
            for query in SHAPE]


def unpack(version, folder):
    with tarfile.open(STORES / f"site-v{version}.tar.gz") as tar:
        tar.extractall(folder)
    return folder


def address(cluster, database, schema):
    return f"postgresql://plumbline@/{database}?host={cluster.folder}&port={cluster.port}#{schema}"


def folder_for(cluster, version, folder, database):
    """A site whose records are in that database."""
    os.mkdir(folder)
    unpack(version, folder)
    os.remove(f"{folder}/plumbline.db")
    settings, line = pathlib.Path(folder, "site.yaml"), f'store: "{address(cluster, database, SCHEMA)}"'
    text, n = re.subn(r"(?m)^store:.*$", line, settings.read_text())
    settings.write_text(text if n else f"{text}{line}\n")
    return folder


def load(cluster, version, folder, database):
    """The schema in a database of its own, and a folder that names it."""
    dump = gzip.decompress((STORES / f"postgres-v{version}.sql.gz").read_bytes()).decode()
    cluster.sql(f"CREATE DATABASE {database}", database="postgres")
    psql(cluster, database, dump.replace("'search_path', ''", f"'search_path', '{SCHEMA}'"))
    return folder_for(cluster, version, folder, database)


def dump_of(cluster, database):
    return run(f"{programs()}/pg_dump", "-h", cluster.folder, "-p", str(cluster.port), "-U", "plumbline", "-d",
               database, "--schema", SCHEMA, "--no-owner", "--no-privileges").stdout


def root(told):
    return re.search(r"根哈希 ([0-9a-f]{64})", told.stdout)


def goes_over(cluster, version, folder):
    """Opened, it is what a new one is; nothing of the records has changed; it goes on."""
    site = load(cluster, version, f"{folder}/over{version}", f"over{version}")
    os.mkdir(f"{folder}/file{version}")
    file = plumbline(unpack(version, f"{folder}/file{version}"), "verify", "--tables")
    before = shape(cluster, f"over{version}", SCHEMA)
    told = plumbline(site, "verify", "--tables")
    yield "it verifies, its tables follow from its records", told.returncode == 0
    yield "with the root that the file has", root(told) and root(told).group(1) == root(file).group(1)
    after = shape(cluster, f"over{version}", SCHEMA)
    yield "its tables are those of a new one", after != before and after == shape(cluster, "plumbline", "fresh")
    done = plumbline(site, "act", "note", "write", '{"subject":"新"}', "--by", "li")
    yield "it goes on", done.returncode == 0
    yield "and verifies", plumbline(site, "verify", "--tables").returncode == 0
    yield "once was enough", shape(cluster, f"over{version}", SCHEMA) == after
    again = f"again{version}"
    cluster.sql(f"CREATE DATABASE {again}", database="postgres")
    psql(cluster, again, dump_of(cluster, f"over{version}"))
    moved = plumbline(folder_for(cluster, version, f"{folder}/{again}", again), "verify", "--tables")
    yield "dumped by pg_dump and loaded elsewhere it is the same", moved.returncode == 0


UNBOUND = """CREATE OR REPLACE FUNCTION search_terms(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN given ~ '[^ ]{65}' THEN search_terms_cut(given)
    ELSE array_to_tsvector(array_remove(string_to_array(given, ' '), '')) END $$;"""


def loads(cluster, dump, database):
    """Can what pg_dump wrote be loaded elsewhere?"""
    cluster.sql(f"CREATE DATABASE {database}", database="postgres")
    return run(f"{programs()}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", cluster.folder, "-p", str(cluster.port),
               "-U", "plumbline", "-d", database, input=dump).returncode == 0


def is_unbound(cluster):
    return psql(cluster, "plumbline", "SELECT prosqlbody IS NULL FROM pg_proc WHERE proname = 'search_terms' "
                f"AND pronamespace = '{SCHEMA}'::regnamespace").strip() == "t"


def bound_when_opened(cluster, folder):
    """A schema of this version from before search_terms() was bound: pg_dump writes of it what cannot be loaded."""
    where = address(cluster, "plumbline", SCHEMA)
    site = f"{folder}/unbound"
    made = plumbline(site, "init", "--data", f"{SOURCE}/tests/golden/cli/data", "--store", where)
    psql(cluster, "plumbline", f"SET search_path = {SCHEMA}; {UNBOUND}")
    yield "of this version, unbound: its dump cannot be loaded", made.returncode == 0 and is_unbound(cluster) and not loads(
        cluster, dump_of(cluster, "plumbline"), "unbound1")
    plumbline(site, "doctor")
    yield "looking at it leaves it", is_unbound(cluster)
    psql(cluster, "plumbline", f"CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA {SCHEMA} TO clerk; "
         f"GRANT ALL ON ALL TABLES IN SCHEMA {SCHEMA} TO clerk; GRANT ALL ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO clerk")
    settings = pathlib.Path(site, "site.yaml")
    own = settings.read_text()
    settings.write_text(own.replace("plumbline@", "clerk@"))
    done = plumbline(site, "verify", "--tables")
    yield "one who may not replace it opens it all the same, and leaves it", done.returncode == 0 and is_unbound(cluster)
    settings.write_text(own)
    done = plumbline(site, "act", "register:units", "put", '{"id":"bureau","name":"局"}', "--system")
    yield "its owner opens it: it is bound", done.returncode == 0 and not is_unbound(cluster)
    yield "its dump is loaded", loads(cluster, dump_of(cluster, "plumbline"), "unbound2")
    settings.write_text(own.replace("/plumbline?", "/unbound2?"))
    yield "and holds", plumbline(site, "verify", "--tables").returncode == 0


def wholly_or_not(cluster, version, folder):
    """Something stands in the way: it is as it was, and the reason is told."""
    name = f"blocked{version}"
    site = load(cluster, version, f"{folder}/{name}", name)
    mine = re.findall(r"CREATE (?:TABLE|INDEX) (\w+)", upgrade_of(version + 1))[-1]
    psql(cluster, name, f"CREATE TABLE {SCHEMA}.{mine}(mine bigint)")
    before = shape(cluster, name, SCHEMA)
    told = plumbline(site, "verify")
    yield "blocked: refused, and why", "[E_STORE_UPGRADE]" in told.stderr and mine in told.stderr
    yield "it is as it was", shape(cluster, name, SCHEMA) == before and psql(
        cluster, name, f"SELECT version FROM {SCHEMA}.store_version").strip() == str(version)
    psql(cluster, name, f"DROP TABLE {SCHEMA}.{mine}")
    yield "out of the way: it goes over", plumbline(site, "verify", "--tables").returncode == 0


def upgrade_of(version):
    text = pathlib.Path(SOURCE, "src/store/sql/upgrade.sql").read_text()
    return re.search(rf"(?ms)^-- version: {version}$(.*?)(?=^-- version:|\Z)", text).group(1)


def checks(folder, cluster):
    made = plumbline(f"{folder}/new", "init", "--data", f"{SOURCE}/tests/golden/cli/data", "--store",
                     address(cluster, "plumbline", "fresh"))
    yield "a new site", made.returncode == 0
    yield from bound_when_opened(cluster, folder)
    for version in range(FIRST, present_version(SOURCE)):
        kept = (STORES / f"postgres-v{version}.sql.gz").exists()
        yield f"version {version} is kept", kept
        for part in (goes_over, wholly_or_not) if kept else ():
            yield from ((f"version {version}: {what}", ok) for what, ok in part(cluster, version, folder))


def make(version):
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        site = unpack(version, folder)
        copied = run(PROGRAM, "copy", site, f"{folder}/copy", "--store", address(cluster, "plumbline", SCHEMA))
        if copied.returncode:
            sys.exit(copied.stderr)
        # Without what only newer programs say.
        lines = [line for line in dump_of(cluster, "plumbline").splitlines() if not re.match(r"\\(un)?restrict|--|$", line)]
        to = STORES / f"postgres-v{version}.sql.gz"
        to.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
        print(to, copied.stdout.strip())


def main():
    if sys.argv[3:4] == ["--make"]:
        make(int(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        status = report(checks(folder, cluster))
    sys.exit(status)


main()
