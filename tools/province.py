#!/usr/bin/env python3
"""Prints the SQL with which a province reads the records of many organs as one: tables that are
partitioned by organ, each partition on the organ's own server.

usage: province.py share NAME#SCHEMA ROLE | psql DATABASE           at each organ
       province.py reader ROLE NAME=HOST:PORT/DATABASE#SCHEMA... | psql PROVINCE

`share` makes the schema SCHEMA_province: a view of each table that is to be read together, with the
organ's name as its first column, and lets ROLE, which must be there, read these and nothing else.
`reader` makes a foreign table (postgres_fdw) of each of them and a partition of that: a query that
names an organ goes to that organ's server alone, with its conditions; sums are worked out where the
rows are. What ROLE needs to sign in belongs into the user mapping or the server's ~/.pgpass, not in
here. Nothing is written through these tables."""
import re
import sys

# What a province may read together; accounts, sessions, secrets and keys stay with their organ.
TABLES = {
    "ledger": "*", "checkpoint": "*", "event": "id, matter, prev, leaf, data", "matter": "*", "clock": "*",
    "document": "*", "publication": "*", "contribution": "*", "total": "*", "register_entry": "*", "freeze": "*",
    "frozen": "*",
}
NAME = "[a-z_][a-z0-9_]*"


def parts(pattern, text, meaning):
    match = re.fullmatch(pattern, text)
    if match is None:
        sys.exit(f"not {meaning}: {text}")
    return match.groups()


def share(organ, role):
    name, schema = parts(f"({NAME})#({NAME})", organ, "NAME#SCHEMA")
    shared, reader = f"{schema}_province", parts(f"({NAME})", role, "a role")[0]
    print(f"BEGIN;\nCREATE SCHEMA {shared};\nGRANT USAGE ON SCHEMA {shared} TO {reader};")
    for table, columns in TABLES.items():
        print(f"CREATE VIEW {shared}.\"{table}\" AS SELECT '{name}'::text AS bureau, {columns} FROM {schema}.\"{table}\";")
    print(f"GRANT SELECT ON ALL TABLES IN SCHEMA {shared} TO {reader};\nCOMMIT;")


def reader(role, *given):
    pattern = rf"({NAME})=([^:/#']+):(\d+)/(\w+)#({NAME})"
    organs = [parts(pattern, text, "NAME=HOST:PORT/DATABASE#SCHEMA") for text in given]
    user = parts(f"({NAME})", role, "a role")[0]
    if len({name for name, *_ in organs}) != len(organs):
        sys.exit("an organ stands twice")
    print("BEGIN;\nCREATE EXTENSION IF NOT EXISTS postgres_fdw;\nCREATE SCHEMA province;")
    print('ALTER DATABASE :"DBNAME" SET enable_partitionwise_aggregate = on;')
    for name, host, port, database, schema in organs:
        print(f"CREATE SERVER {name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', "
              f"dbname '{database}', updatable 'false', fetch_size '1000', async_capable 'true');")
        print(f"CREATE USER MAPPING FOR CURRENT_USER SERVER {name} OPTIONS (user '{user}');")
        tables = ", ".join(f'"{table}"' for table in TABLES)
        print(f"CREATE SCHEMA {name};")
        print(f"IMPORT FOREIGN SCHEMA {schema}_province LIMIT TO ({tables}) FROM SERVER {name} INTO {name};")
    for table in TABLES:
        print(f'CREATE TABLE province."{table}" (LIKE {organs[0][0]}."{table}") PARTITION BY LIST (bureau);')
        for name, *_ in organs:
            print(f"ALTER TABLE province.\"{table}\" ATTACH PARTITION {name}.\"{table}\" FOR VALUES IN ('{name}');")
    print("COMMIT;")


def main():
    command, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if command == "share" and len(arguments) == 2:
        share(*arguments)
    elif command == "reader" and len(arguments) >= 2:
        reader(*arguments)
    else:
        sys.exit(__doc__)


main()
