#!/usr/bin/env python3
"""Prints the SQL of a province's database: the records of many organs, each on its own server,
as one set of views to read.

usage: province.py USER NAME=HOST:PORT/DATABASE#SCHEMA... | psql PROVINCE

Each organ's tables stay where its own programs write them. Here each becomes a schema of
foreign tables (postgres_fdw), and each kind of table a view over all organs with the bureau's
name as its first column: a query that names an organ is answered by that organ's server
alone. USER reads there; its password, if it needs one, belongs into the user mapping or
~/.pgpass of the server, not in here. Nothing is written through these views."""
import re
import sys

# What a province may read together; accounts, sessions, secrets and keys stay with their organ.
TABLES = ["ledger", "checkpoint", "event", "matter", "clock", "document", "publication", "contribution",
          "total", "register_entry", "freeze", "frozen"]


def organ(text):
    match = re.fullmatch(r"([a-z_][a-z0-9_]*)=([^:/#]+):(\d+)/(\w+)#([a-z_][a-z0-9_]*)", text)
    if match is None:
        sys.exit(f"not NAME=HOST:PORT/DATABASE#SCHEMA: {text}")
    return match.groups()


def main():
    if len(sys.argv) < 3 or not re.fullmatch(r"[a-z_][a-z0-9_]*", sys.argv[1]):
        sys.exit(__doc__)
    user, organs = sys.argv[1], [organ(text) for text in sys.argv[2:]]
    names = [name for name, *_ in organs]
    if len(set(names)) != len(names):
        sys.exit("an organ stands twice")
    print("BEGIN;\nCREATE EXTENSION IF NOT EXISTS postgres_fdw;\nCREATE SCHEMA province;")
    for name, host, port, database, schema in organs:
        print(f"CREATE SERVER {name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', "
              f"dbname '{database}', updatable 'false', fetch_size '1000');")
        print(f"CREATE USER MAPPING FOR CURRENT_USER SERVER {name} OPTIONS (user '{user}');")
        tables = ", ".join(f'"{table}"' for table in TABLES)
        print(f"CREATE SCHEMA {name};")
        print(f"IMPORT FOREIGN SCHEMA {schema} LIMIT TO ({tables}) FROM SERVER {name} INTO {name};")
    for table in TABLES:
        rows = "\n        UNION ALL ".join(f"SELECT '{name}'::text AS bureau, * FROM {name}.\"{table}\""
                                         for name in names)
        print(f'CREATE VIEW province."{table}" AS {rows};')
    print("COMMIT;")


main()
