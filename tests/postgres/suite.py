#!/usr/bin/env python3
"""The tests of other suites once more, their records in PostgreSQL. Prints TAP.

usage: suite.py BUILD SOURCE

One cluster for all of them; each site has a schema of its own."""
import concurrent.futures
import os
import re
import subprocess
import sys

from cluster import Cluster

BUILD, SOURCE = map(os.path.abspath, sys.argv[1:3])

# Programs of src/. A test that is about the file SQLite keeps skips itself there.
PROGRAMS = ["test_store", "test_store_files", "test_postgres", "test_projection", "test_copy", "test_crash",
            "test_definitions", "test_desk", "test_machines", "test_erase", "test_import", "test_log", "test_race", "test_rehearse",
            "test_simulate", "test_timers", "test_tree", "test_witness", "test_portal", "test_courier"]
PLUMBLINE = f"{BUILD}/src/plumbline"
COMMANDS = {
    "rehearsals": [PLUMBLINE, "rehearse", "--tap", "--data", SOURCE, f"{SOURCE}/tests/golden"],
    "serve": [sys.executable, f"{SOURCE}/tests/serve.py", PLUMBLINE, SOURCE],
    "webhooks": [sys.executable, f"{SOURCE}/tests/webhooks.py", PLUMBLINE, SOURCE],
}


def run(name, command, uri):
    env = dict(os.environ, PLUMBLINE_TEST_STORE=uri, PLUMBLINE_SOURCE=SOURCE,
               CMOCKA_MESSAGE_OUTPUT="TAP", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    done = subprocess.run(command, env=env, capture_output=True, text=True, errors="replace")
    found = re.findall(r"^(not )?ok \d+(?: -)? ?(.*)", done.stdout, re.M)
    results = []
    for bad, what in found:
        skipped = re.match(r"# SKIP (\S+)", what)
        results.append((not bad or bool(skipped),
                        f"{name}: {skipped.group(1)} # SKIP about a file" if skipped
                        else f"{name}: {what}"))
    if not results or (done.returncode != 0 and all(ok for ok, _ in results)):
        results.append((False, f"{name}: exit {done.returncode}"))
    return results, "" if all(ok for ok, _ in results) else done.stdout + done.stderr


def main():
    work = {name: [f"{BUILD}/src/{name}"] for name in PROGRAMS}
    work.update(COMMANDS)
    n = 0
    with Cluster() as cluster, concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run, name, command, cluster.uri) for name, command in work.items()]
        for job in jobs:
            results, told = job.result()
            for ok, name in results:
                n += 1
                print(f"{'ok' if ok else 'not ok'} {n} - {name}", flush=True)
            for line in told.splitlines()[-60:]:
                print(f"# {line}")
    print(f"1..{n}")


main()
