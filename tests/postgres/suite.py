#!/usr/bin/env python3
"""The tests of other suites once more, their records in PostgreSQL. Prints TAP.

usage: suite.py BUILD SOURCE

One cluster for all of them, and in it a database for each: an erasure waits for whoever reads anything in
its database, and must not meet the reader of a neighbour. Each site has a schema of its own. Every test that
keeps records is in a list below: run here, or left out for the reason that stands beside it."""
import concurrent.futures
import itertools
import os
import pathlib
import re
import subprocess
import sys

from cluster import Cluster

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tap import Tap  # noqa: E402

BUILD, SOURCE = map(os.path.abspath, sys.argv[1:3])

# Programs of src/ that open a store. A test that is about the file SQLite keeps skips itself there.
PROGRAMS = """
    test_account test_admin test_apply test_backup test_below test_copy test_courier test_crash test_definitions test_desk test_docket
    test_doctor test_doctor_journal test_drafts test_draws test_erase test_figures test_file_sweep test_flips test_import test_json test_jump
    test_leaders test_live test_log test_machines test_message test_older_site test_openapi test_operation
    test_password test_portal test_postgres test_projection test_race test_rehearse test_remit
    test_rotate test_route test_sealer test_secret test_simulate test_store test_store_files test_timers test_totp test_tree test_witness
    test_work test_work_act test_work_docket test_work_draw test_work_matter""".split()
PROGRAMS_LEFT_OUT = {
    "test_drain": "about the log beside the file",
    "test_kill": "kills at each call that changes a file; a server's files are its own (kill -9: tests/campaign)",
    "test_trouble": "replaces, fills and limits the file (the same of a server: tests/disk.py, tests/outage.py)",
    "test_turn": "turns that go on before the last is committed are the file's alone",
    "test_upgrade": "reads the tables of SQLite (the same of a server: tests/postgres/older.py)",
}
PLUMBLINE = f"{BUILD}/src/plumbline"
COMMANDS = {"rehearsals": [PLUMBLINE, "rehearse", "--tap", "--data", SOURCE, f"{SOURCE}/tests/golden"]}
# Tests from outside that make a site.
SCRIPTS = ["first_page.py", "older_log.py", "published_log.py", "serve.py", "webhooks.py"]
SCRIPTS_LEFT_OUT = {
    "bad_input.py": "writes into the file behind the program's back",
    "browser/run.sh": "pages in a browser: what they are made of, test_portal and test_work* read from the server",
    "campaign/run.py": "the test `kill -9 of one of two` gives it a server",
    "cluster/failover.py": "has servers of its own",
    "cluster/province.py": "has servers of its own",
    "disk.py": "the test `disk of a server` gives it a server",
    "doctor.py": "has a server of its own",
    "forms.py": "every form once more takes minutes; first_page.py has the same bureau",
    "golden/cli/transcripts.py": "its texts name the file",
    "handles.py": "has a server of its own",
    "idle.py": "connections that ask for nothing of the store",
    "metrics.py": "has a server of its own",
    "outage.py": "the test `outage of a server` gives it a server",
    "package.py": "a package that is installed has no server yet",
    "package_chroot.py": "the same in a Debian of its own",
    "postgres/erased.py": "has a server of its own",
    "postgres/older.py": "has a server of its own",
    "postgres/refused.py": "has a server of its own",
    "stall.py": "has a server of its own",
    "scenario_expect.py": "reads the tables of SQLite",
    "strangers.py": "public pages of a year; test_portal has them on the server",
    "witnesses.py": "a log with two pasts is a copied file",
    "year.py": "a year of 200,000 matters takes minutes; test_simulate lives one on the server",
}
MAKES_A_SITE = re.compile(r'"init"|"run-year"|\bBureau\(|\bPlace\(|\btown\.bureau\(|\*\.cli')
NO_TESTS = {"campaign/bureau.py", "town.py", "postgres/suite.py"}
LINES_TOLD = 35  # below what failed; tools/count_tests.py shows no more


def opens_a_store(program):
    """Whether the store was linked into it."""
    symbols = subprocess.run(["nm", program], capture_output=True, text=True).stdout
    return re.search(r"(?m) [tT] store_open$", symbols) is not None


def listed(what, found, taken, left_out):
    """Everything that was found is in one list, and the lists name nothing else."""
    wrong = sorted(found ^ (set(taken) | set(left_out))) + sorted(set(taken) & set(left_out))
    return ([(not wrong, f"each {what} is run here, or left out for a reason")],
            "".join(f"{name}: in no list, in both, or not there\n" for name in wrong))


def check_lists():
    programs = {path.name for path in pathlib.Path(BUILD, "src").glob("test_*")
                if path.is_file() and os.access(path, os.X_OK) and opens_a_store(path)}
    tests = pathlib.Path(SOURCE, "tests")
    scripts = {str(path.relative_to(tests)) for path in tests.rglob("*.py")
               if MAKES_A_SITE.search(path.read_text(encoding="utf-8")) and "node_modules" not in path.parts}
    scripts = scripts - NO_TESTS | {"browser/run.sh"}
    yield listed("program that opens a store", programs, PROGRAMS, PROGRAMS_LEFT_OUT)
    yield listed("script that makes a site", scripts, SCRIPTS, SCRIPTS_LEFT_OUT)


def run(name, command, cluster):
    env = dict(os.environ, PLUMBLINE_SOURCE=SOURCE,
               CMOCKA_MESSAGE_OUTPUT="TAP", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    with cluster.database(name) as uri:
        done = subprocess.run(command, env=dict(env, PLUMBLINE_TEST_STORE=uri), capture_output=True, text=True,
                              errors="replace")
    found = re.findall(r"^(not )?ok \d+(?: -)? ?(.*)", done.stdout, re.M)
    results = []
    for bad, what in found:
        skipped = re.match(r"# SKIP (\S+)", what)
        results.append((not bad or bool(skipped),
                        f"{name}: {skipped.group(1)} # SKIP about a file" if skipped
                        else f"{name}: {what}"))
    if not results or (done.returncode != 0 and all(ok for ok, _ in results)):
        results.append((False, f"{name}: exit {done.returncode}"))
    results.sort(key=lambda result: not result[0])  # what is told stands below what failed
    return results, "" if all(ok for ok, _ in results) else done.stdout + done.stderr


def main():
    work = {name: [f"{BUILD}/src/{name}"] for name in PROGRAMS}
    work.update(COMMANDS)
    work.update({name: [sys.executable, f"{SOURCE}/tests/{name}", PLUMBLINE, SOURCE] for name in SCRIPTS})
    tap = Tap()
    with Cluster() as cluster, concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run, name, command, cluster) for name, command in work.items()]
        for results, told in itertools.chain(check_lists(), (job.result() for job in jobs)):
            for ok, name in results:
                tap.say(ok, name)
            for line in told.splitlines()[-LINES_TOLD:]:
                print(f"# {line}")
    sys.exit(tap.end())


main()
