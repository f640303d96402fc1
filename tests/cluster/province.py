#!/usr/bin/env python3
"""Two organs, each on a server of its own, and a province that reads both. Prints TAP.

usage: province.py PLUMBLINE SOURCE

What one organ does touches its own server and no other; what the province asks of one organ is
asked of that organ's server alone."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "postgres"))
from cluster import FAST, Cluster, programs  # noqa: E402
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import report  # noqa: E402

PLUMBLINE, SOURCE = sys.argv[1:3]
WRITES = ("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) || ' ' || count(*) FROM pg_stat_all_tables"
          " WHERE schemaname NOT LIKE 'pg\\_%'")


def free_port():
    import socket
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)


def site(folder, name, cluster):
    made = run(PLUMBLINE, "--site", f"{folder}/{name}", "init", "--data", SOURCE, "--organ", f"{name}司法局",
               "--store", f"{cluster.uri}#{name}")
    if made.returncode != 0:
        raise SystemExit(made.stderr)


def work(folder, name):
    """Some acts: the units of an organ."""
    return all(run(PLUMBLINE, "--site", f"{folder}/{name}", "act", "register:units", "put",
                   f'{{"id":"u{i}","name":"第{i}科"}}', "--system").returncode == 0 for i in range(3))


def settle(cluster):
    """What has been written, once the server's own counting has caught up."""
    cluster.sql("SELECT pg_stat_force_next_flush()")
    return cluster.sql(WRITES)


def pipe(cluster, database, *words):
    """What the tool prints, into psql."""
    text = run(sys.executable, f"{SOURCE}/tools/province.py", *words)
    return run(f"{programs()}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", cluster.folder, "-p", cluster.port,
               "-U", "plumbline", "-d", database, input=text.stdout)


def refusal(cluster, database, user, text):
    return run(f"{programs()}/psql", "-XqAt", "-h", cluster.folder, "-p", cluster.port, "-U", user, "-d", database,
               "-c", text).stderr


def province(cluster, north, south):
    for name, organ in (("north", north), ("south", south)):
        organ.sql("CREATE ROLE province_reader LOGIN")
        shared = pipe(organ, "plumbline", "share", f"{name}#{name}", "province_reader")
        if shared.returncode != 0:
            return shared
    cluster.sql("CREATE DATABASE province", database="postgres")
    return pipe(cluster, "province", "reader", "province_reader",
                f"north=127.0.0.1:{north.port}/plumbline#north", f"south=127.0.0.1:{south.port}/plumbline#south")


def checks(folder, north, south):
    site(folder, "north", north)
    site(folder, "south", south)
    before = settle(north), north.sql("SELECT count(*) FROM north.event")
    yield "the south works", work(folder, "south")
    yield "and the north's server has not been written to", (
        settle(north), north.sql("SELECT count(*) FROM north.event")) == before
    yield "nor has anybody of the south been there", north.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'plumbline south%'") == "0"
    events = south.sql("SELECT count(*) FROM south.event")
    made = province(north, north, south)
    yield "a province reads both", made.returncode == 0 or print("# " + made.stderr)

    def ask(text, **more):
        return north.sql(text, database="province", **more)
    yield "all organs together", ask("SELECT string_agg(bureau || ' ' || name, ',' ORDER BY bureau) FROM"
                                     " province.ledger") == "north north司法局,south south司法局"
    yield "one of them", ask("SELECT count(*) FROM province.event WHERE bureau = 'south'") == events
    plan = ask("EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM province.event WHERE bureau = 'south' AND id < 50")
    yield "asked of its own server alone", "south.event" in plan and "north.event" not in plan
    yield "which looks by its own index", "(id < 50)" in plan
    plan = ask("EXPLAIN (VERBOSE, COSTS OFF) SELECT bureau, count(*) FROM province.event GROUP BY bureau")
    yield "each server counts its own", plan.count("Relations: Aggregate on") == 2
    counts = f"{north.sql('SELECT count(*) FROM north.event')},{events}"
    yield "and the sums are right", ask("SELECT string_agg(n::text, ',' ORDER BY bureau) FROM (SELECT bureau, count(*)"
                                        " AS n FROM province.event GROUP BY bureau) AS c") == counts
    yield "nobody writes there", "does not allow deletes" in refusal(
        north, "province", "plumbline", "DELETE FROM province.matter WHERE bureau = 'south'")
    yield "what it does not share cannot be read", all("permission denied" in refusal(
        south, "plumbline", "province_reader", f"SELECT {what}") for what in (
            "* FROM south.account", "secret FROM south.event"))
    for organ in ("north", "south"):
        yield f"{organ} verifies", run(PLUMBLINE, "--site", f"{folder}/{organ}", "verify").returncode == 0


def main():
    with tempfile.TemporaryDirectory() as folder, \
            Cluster(FAST, free_port(), "127.0.0.1") as north, Cluster(FAST, free_port(), "127.0.0.1") as south:
        status = report(checks(folder, north, south))
    sys.exit(status)


main()
