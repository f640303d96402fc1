#!/usr/bin/env python3
"""Writes queries.h (enum query) and queries.c (their texts) from SQL files.

usage: sql.py OUT_H OUT_C SCHEMA UPGRADE STATEMENTS...
A statement begins with a line "-- name: NAME" and ends before the next one; other
comment lines are left out. The schema becomes one text, and so does each part of the
upgrades, which begins with a line "-- version: N" and makes N of N - 1."""
import re
import sys


def read(paths):
    found, seen = [], set()
    for path in paths:
        name, lines = None, []
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            match = re.fullmatch(r"-- name: ([A-Z][A-Z0-9_]*)\s*", line)
            if match:
                name, lines = match.group(1), []
                if name in seen:
                    sys.exit(f"{path}:{number}: {name} stands twice")
                seen.add(name)
                found.append((name, lines))
            elif line.strip() and not line.startswith("--"):
                if name is None:
                    sys.exit(f"{path}:{number}: a statement without a name")
                lines.append(line.strip())
    for name, lines in found:
        if not lines:
            sys.exit(f"{name}: no statement")
        if ";" in " ".join(lines)[:-1]:
            sys.exit(f"{name}: more than one statement")
    return [(name, " ".join(lines).rstrip(";")) for name, lines in found]


def read_upgrades(path):
    """{version: lines}, without a gap from 2 on."""
    found, lines = {}, None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = re.fullmatch(r"-- version: ([0-9]+)\s*", line)
        if match:
            version = int(match.group(1))
            if version != len(found) + 2:
                sys.exit(f"{path}:{number}: version {len(found) + 2} should come here")
            lines = found[version] = []
        elif line.split("--")[0].strip():
            if lines is None:
                sys.exit(f"{path}:{number}: a statement before the first version")
            lines.append(line)
    return found


def write_text(f, lines):
    for line in lines:
        line = line.split("--")[0].rstrip()
        if line:
            f.write(f"        {quote(line)[:-1]}\\n\"\n")


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    out_h, out_c, schema, upgrade, *paths = sys.argv[1:]
    queries, upgrades = read(paths), read_upgrades(upgrade)
    with open(out_h, "w", encoding="utf-8") as f:
        f.write("/* Generated from store/sql by tools/sql.py. */\n"
                "#ifndef STORE_QUERIES_H\n#define STORE_QUERIES_H\n\nenum query {\n")
        f.writelines(f"        Q_{name},\n" for name, _ in queries)
        f.write("        N_QUERIES\n};\n\nextern const char *const query_texts[N_QUERIES];\n"
                "extern const char *const query_names[N_QUERIES];\n"
                "extern const char store_schema[];\n\n"
                "/* Makes version N of the tables of N - 1; from 2 on. */\n"
                f"#define STORE_UPGRADES {max(upgrades, default=1)}\n"
                "extern const char *const store_upgrades[STORE_UPGRADES + 1];\n\n#endif\n")
    with open(out_c, "w", encoding="utf-8") as f:
        f.write('/* Generated from store/sql by tools/sql.py. */\n#include "store/queries.h"\n\n')
        f.write("const char *const query_texts[N_QUERIES] = {\n")
        f.writelines(f"        [Q_{name}] = {quote(text)},\n" for name, text in queries)
        f.write("};\n\nconst char *const query_names[N_QUERIES] = {\n")
        f.writelines(f'        [Q_{name}] = "{name}",\n' for name, _ in queries)
        f.write("};\n\nconst char store_schema[] =\n")
        write_text(f, open(schema, encoding="utf-8"))
        f.write("        ;\n\nconst char *const store_upgrades[STORE_UPGRADES + 1] = {\n")
        for version, lines in upgrades.items():
            f.write(f"        [{version}] =\n")
            write_text(f, lines)
            f.write("        ,\n")
        f.write("};\n")


main()
