#!/usr/bin/env python3
"""Writes queries.h (enum query) and queries.c (their texts) from SQL files.

usage: sql.py OUT_H OUT_C SCHEMA UPGRADE SEARCH POSTGRES STATEMENTS...
SEARCH is the search table of PostgreSQL; POSTGRES holds the statements that are others there.
A statement begins with a line "-- name: NAME" and ends before the next one; other
comment lines are left out. What several of a file share is a part: "-- part: name", its lines, and
a line "[name]" in each of them. The schema becomes one text, and so does each part of the
upgrades, which begins with a line "-- version: N" and makes N of N - 1."""
import re
import sys

import sql_postgres


def read(paths):
    found, seen = [], set()
    for path in paths:
        parts, lines = {}, None
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            begins = re.fullmatch(r"-- (name|part): (\w+)\s*", line)
            if begins:
                kind, name = begins.groups()
                if name in seen or name in parts:
                    sys.exit(f"{path}:{number}: {name} stands twice")
                lines = parts[name] = []
                if kind == "name":
                    seen.add(name)
                    found.append((name, lines))
            elif line.strip() and not line.startswith("--"):
                if lines is None:
                    sys.exit(f"{path}:{number}: a statement without a name")
                used = re.fullmatch(r"\[(\w+)\]", line.strip())
                if used and used.group(1) not in parts:
                    sys.exit(f"{path}:{number}: there is no part {used.group(1)} above")
                lines += parts[used.group(1)] if used else [line.strip()]
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


def read_text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def copying(tables):
    """Every row of each table, and one more row: what copies a store."""
    found = []
    for name, columns, key in tables + [("search", [("rowid", "i"), ("open", "t"), ("staff", "t")],
                                         ["rowid"])]:
        list_of = ", ".join(column for column, _ in columns)
        values = ", ".join(f"?{i}" for i in range(1, len(columns) + 1))
        found.append((f"ALL_{name.upper()}",
                      f"SELECT {list_of} FROM {name} ORDER BY {', '.join(key)}"))
        found.append((f"ADD_{name.upper()}", f"INSERT INTO {name}({list_of}) VALUES ({values})"))
    return found


def write_postgres(f, queries, others, tables, schema, search, upgrades):
    f.write("\nconst struct postgres_query postgres_queries[N_QUERIES] = {\n")
    for name, text in queries:
        types = sql_postgres.Types(name, text, tables).find()
        strict = "true" if sql_postgres.is_strict(text) else "false"
        whole = "true" if name.startswith(("ALL_", "ROWS_")) else "false"
        f.write(f"        [Q_{name}] = {{ "
                f"{quote(sql_postgres.statement_text(others.get(name, text)))}, "
                f'"{types}", {strict}, {whole} }},\n')
    f.write("};\n\nconst char postgres_schema[] =\n")
    write_text(f, sql_postgres.schema_text(read_text(schema), read_text(search)).splitlines(True))
    functions = read_text(search).partition("CREATE TABLE")[0]  # as they are now, in a store of any age
    f.write("        ;\n\nextern const char postgres_functions[]; /* store/postgres.h */\nconst char postgres_functions[] =\n")
    write_text(f, functions.splitlines(True))
    f.write("        ;\n\nconst char *const postgres_upgrades[STORE_UPGRADES + 1] = {\n")
    for version, lines in upgrades.items():
        f.write(f"        [{version}] =\n")
        text = sql_postgres.schema_text("".join(lines), read_text(search))
        write_text(f, (functions + text).splitlines(True))
        f.write("        ,\n")
    f.write("};\n\nconst struct store_table store_tables[] = {\n")
    for name in [table[0] for table in tables] + ["search"]:
        f.write(f'        {{ "{name}", Q_ALL_{name.upper()}, Q_ADD_{name.upper()} }},\n')
    f.write("        { 0 },\n};\n")


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    out_h, out_c, schema, upgrade, search, postgres, *paths = sys.argv[1:]
    upgrades, tables = read_upgrades(upgrade), sql_postgres.read_tables(read_text(schema))
    queries = read(paths) + copying(tables)
    others = dict(read([postgres]))
    for name in others.keys() - dict(queries).keys():
        sys.exit(f"{postgres}: there is no other statement {name}")
    with open(out_h, "w", encoding="utf-8") as f:
        f.write("/* Generated from store/sql by tools/sql.py. */\n"
                "#ifndef STORE_QUERIES_H\n#define STORE_QUERIES_H\n\n#include <stdbool.h>\n\nenum query {\n")
        f.writelines(f"        Q_{name},\n" for name, _ in queries)
        f.write("        N_QUERIES\n};\n\nextern const char *const query_texts[N_QUERIES];\n"
                "extern const char *const query_names[N_QUERIES];\n"
                "extern const char store_schema[];\n\n"
                "/* Makes version N of the tables of N - 1; from 2 on. */\n"
                f"#define STORE_UPGRADES {max(upgrades, default=1)}\n"
                "extern const char *const store_upgrades[STORE_UPGRADES + 1];\n\n"
                "/* The same for PostgreSQL. `types`: one letter for each value, i t b. */\n"
                "struct postgres_query {\n        const char *text, *types;\n"
                "        bool strict; /* an insert that must not meet a row of its key */\n"
                "        bool whole;  /* gives a whole table */\n};\n"
                "extern const struct postgres_query postgres_queries[N_QUERIES];\n"
                "extern const char postgres_schema[];\n"
                "extern const char *const postgres_upgrades[STORE_UPGRADES + 1];\n\n"
                "/* Every table; ends with a name of NULL. */\n"
                "struct store_table {\n        const char *name;\n        enum query all, add;\n};\n"
                "extern const struct store_table store_tables[];\n\n#endif\n")
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
        write_postgres(f, queries, others, tables, schema, search, upgrades)


main()
