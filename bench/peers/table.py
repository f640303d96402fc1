#!/usr/bin/env python3
"""table.py RESULTS: what drive.py measured, as a table, and how many times we do what they do."""
import json
import sys

NAMES = {"plumbline": "Plumbline", "rt": "Request Tracker 5", "redmine": "Redmine", "bpmn": "bpmn-engine"}
COLUMNS = (("acts_per_s", "acts/s", 1), ("p50_ms", "p50 ms", 2), ("p99_ms", "p99 ms", 2),
           ("list_p50_ms", "list p50 ms", 2), ("list_p99_ms", "list p99 ms", 2),
           ("memory_mb", "memory MB", 0), ("start_s", "start-up s", 2))


def cell(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def main():
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    print("| | acts | errors | " + " | ".join(label for _, label, _ in COLUMNS) + " |")
    print("|---|--:|--:|" + "--:|" * len(COLUMNS))
    for row in rows:
        print(f"| {NAMES[row['name']]} | {row['acts']} | {row['errors']} | "
              + " | ".join(cell(row[key], digits) for key, _, digits in COLUMNS) + " |")
    ours = next((row for row in rows if row["name"] == "plumbline"), None)
    if ours is None or len(rows) < 2:
        return
    print("\n| times better than | " + " | ".join(label for _, label, _ in COLUMNS) + " |")
    print("|---|" + "--:|" * len(COLUMNS))
    for row in rows:
        if row is ours:
            continue
        cells = []
        for key, _, _ in COLUMNS:
            if not ours[key] or not row[key]:
                cells.append("-")
            elif key == "acts_per_s":
                cells.append(f"{ours[key] / row[key]:.1f}")
            else:
                cells.append(f"{row[key] / ours[key]:.1f}")
        print(f"| {NAMES[row['name']]} | " + " | ".join(cells) + " |")


main()
