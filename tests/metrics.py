#!/usr/bin/env python3
"""/metrics of servers that have worked, as Prometheus reads them: promtool has nothing to say of them, and
neither has what follows, which is Prometheus' own conventions (https://prometheus.io/docs/practices/naming/)
written down again, for machines without promtool. Prints TAP.

usage: metrics.py PLUMBLINE SOURCE"""
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from tap import report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "campaign"))
from bureau import Bureau, Program, Server  # noqa: E402
from cluster import Cluster  # noqa: E402

PROGRAM, SOURCE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{(\w+="[^"\\]*"(?:,\w+="[^"\\]*")*)\})? (\S+)')
# Units are base units, whole words, at the end (before _total); what is counted is no unit.
NO_UNITS = ("milliseconds", "ms", "minutes", "hours", "days", "kilobytes", "kb", "megabytes", "mb", "percent", "sec", "secs")
OF_HISTOGRAM = ("_bucket", "_sum", "_count")


class Metric:
    def __init__(self, name, kind, text):
        self.name, self.kind, self.text, self.samples = name, kind, text, []


def read(text):
    """The metrics in their order; what is no line of the format is a problem."""
    metrics, helps, problems = {}, {}, []
    for line in text.splitlines():
        if given := re.fullmatch(r"# HELP (\S+) (\S.*)", line):
            helps[given[1]] = given[2]
        elif given := re.fullmatch(r"# TYPE (\S+) (counter|gauge|histogram)", line):
            if given[1] in metrics:
                problems.append(f"{given[1]}: twice")
            metrics[given[1]] = Metric(given[1], given[2], helps.get(given[1], ""))
        elif given := SAMPLE.fullmatch(line):
            name = given[1]
            base = next((name[:-len(end)] for end in OF_HISTOGRAM if name.endswith(end) and name[:-len(end)] in metrics), name)
            if base not in metrics:
                problems.append(f"{name}: no TYPE before it")
            else:
                metrics[base].samples.append((name, given[2] or "", float(given[3])))
        else:
            problems.append(f"no line of the format: {line}")
    return metrics, problems


def of_name(m):
    words = m.name.removesuffix("_total").split("_")
    if words[0] != "plumbline":
        yield "not ours by its name"
    if not m.text.endswith("."):
        yield "HELP is no sentence"
    if (m.kind == "counter") != m.name.endswith("_total"):
        yield f"a {m.kind} of this name"
    if set(words) & set(NO_UNITS):
        yield "no base unit"
    for unit in ("seconds", "bytes"):
        if unit in words[:-1]:
            yield f"{unit} not at its end"
    if m.kind != "histogram" and m.name.endswith(OF_HISTOGRAM):
        yield "looks like a part of a histogram"


def of_samples(m):
    if not m.samples:
        yield "no sample"
    if len({sample[:2] for sample in m.samples}) != len(m.samples):
        yield "a sample twice"
    if m.kind == "counter" and any(value < 0 for *_, value in m.samples):
        yield "a negative counter"
    if m.kind == "histogram":
        counts = [value for name, _, value in m.samples if name.endswith("_bucket")]
        bounds = [float(label.split('"')[1]) for name, label, _ in m.samples if name.endswith("_bucket")]
        (total,) = [value for name, _, value in m.samples if name.endswith("_count")]
        if counts != sorted(counts) or bounds != sorted(bounds) or bounds[-1] != float("inf") or counts[-1] != total:
            yield "buckets that are not cumulative up to the whole"


def look(text, content_type):
    metrics, problems = read(text)
    problems += [f"{m.name}: {what}" for m in metrics.values() for rule in (of_name, of_samples) for what in rule(m)]
    yield "every line is one, each metric with HELP and TYPE, named and counted as it should be", not problems, "\n".join(problems)
    yield "sent as the text format 0.0.4", content_type == "text/plain; version=0.0.4; charset=utf-8", content_type
    missing = {name for name in named_in_docs() if name not in metrics}
    yield "what docs/operation.md watches is there", len(named_in_docs()) > 5 and not missing, missing
    if shutil.which("promtool") is None:
        yield "promtool # SKIP not here (Debian: prometheus)", True
        return
    # A complaint about nothing would be no complaint either: it must find what is wrong with a spoilt one.
    for what, given, good in (("this", text, True), ("a counter without _total", text.replace("acts_total", "acts"), False)):
        told = subprocess.run(["promtool", "check", "metrics"], input=given, capture_output=True, text=True, timeout=60)
        said = told.stdout + told.stderr
        yield (f"promtool has {'nothing' if good else 'something'} to say of {what}",
               (told.returncode == 0 and said == "") == good, said)


def named_in_docs():
    text = pathlib.Path(SOURCE, "docs/operation.md").read_text()
    return {name for name in re.findall(r"\bplumbline_[a-z_]+\b(?!_)", text)}


def served(folder, store):
    """A server at which acts were done, refused and repeated, with a subscriber."""
    bureau = Bureau(PROGRAM, SOURCE, folder, store)
    server = Server(PROGRAM, bureau.site, SOURCE)
    if not server.opened(90):
        sys.exit("Bail out! it does not open")
    program = Program(server.port, bureau.tokens["zhang"])
    for key in ("a", "b", "a"):
        program.post("/api/matters", key, {"procedure": "note", "act": "write", "fields": {"subject": "甲"}})
    program.post("/api/matters", "c", {"procedure": "note", "act": "write", "fields": {}})
    with urllib.request.urlopen(server.address() + "/metrics", timeout=60) as answer:
        text, kind = answer.read().decode(), answer.headers["Content-Type"]
    metrics, _ = read(text)
    counted = {name: metrics[f"plumbline_{name}"].samples[0][2] for name in ("acts_total", "acts_refused_total", "acts_repeated_total")}
    yield "acts done, refused and repeated are counted", (
        counted["acts_total"] >= 3 and counted["acts_refused_total"] == counted["acts_repeated_total"] == 1), counted
    yield "turns are timed", metrics["plumbline_turn_seconds"].samples[-1][2] > 0
    has_file = "plumbline_store_bytes" in metrics
    yield "the size of a file is told, and of a server's none is made up", has_file == (store is None), sorted(metrics)
    yield from look(text, kind)
    server.end(signal.SIGTERM)


def points(top, cluster):
    for name, store in (("a file", None), ("a server", f"{cluster.uri}#metrics")):
        with tempfile.TemporaryDirectory(dir=top) as folder:
            yield from ((f"{name}: {what}", *more) for what, *more in served(folder, store))


with tempfile.TemporaryDirectory() as top, Cluster() as cluster:
    status = report(points(top, cluster))
sys.exit(status)
