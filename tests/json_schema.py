#!/usr/bin/env python3
"""Do real answers fit what /openapi.json promises? A validator of our own for the keywords that
we use (JSON Schema 2020-12); any other keyword is an error, so that none is passed over.

usage: json_schema.py DIR

DIR has openapi.json, answers.tsv (address TAB file with the answer) and acts.tsv (schema TAB
`yes` or `no` TAB JSON of the fields: does it fit?). Prints what does not; exit 1 if anything."""
import datetime
import json
import pathlib
import re
import sys
import urllib.parse

DIR = pathlib.Path(sys.argv[1])
DOCUMENT = json.loads((DIR / "openapi.json").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$ref", "type", "properties", "required", "additionalProperties", "items", "maxItems", "uniqueItems",
         "enum", "const", "anyOf", "maxLength", "minimum", "maximum", "pattern", "format", "title", "description"}


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, (int, float) if name == "number" else int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def is_day(text):
    try:
        return bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def problems(value, schema, at="$"):
    unknown = [k for k in schema if k not in KNOWN and not k.startswith("x-")]
    if unknown:
        yield f"{at}: the schema says {unknown}"
    if "$ref" in schema:
        yield from problems(value, SCHEMAS[schema["$ref"].removeprefix("#/components/schemas/")], at)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, t) for t in types):
        yield f"{at}: {json.dumps(value, ensure_ascii=False)[:60]} is not {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "anyOf" in schema and all(list(problems(value, s, at)) for s in schema["anyOf"]):
        yield f"{at}: {value!r} fits none"
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: too long"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: {value!r} does not match {schema['pattern']}"
        if schema.get("format") == "date" and not is_day(value):
            yield f"{at}: {value!r} is no day"
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{at}: too many"
        if schema.get("uniqueItems") and len({json.dumps(v) for v in value}) < len(value):
            yield f"{at}: twice the same"
        for i, item in enumerate(value):
            yield from problems(item, schema.get("items", {}), f"{at}[{i}]")
    elif isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: lacks {name}"
        for name, member in value.items():
            if name in schema.get("properties", {}):
                yield from problems(member, schema["properties"][name], f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}: has {name}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{at}: {value} is out of range"


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def pattern_of(path):
    return re.compile("".join("[^/]+" if p.startswith("{") else re.escape(p)
                              for p in re.split(r"(\{\w+\})", path)))


def answer_problems():
    paths = {path: pattern_of(path) for path, item in DOCUMENT["paths"].items()
             if not path.startswith("/api/")}
    asked = set()
    for line in (DIR / "answers.tsv").read_text().splitlines():
        address, status, file = line.split("\t")
        plain = urllib.parse.urlsplit(address).path
        answer = json.loads((DIR / file).read_text())
        fitting = [path for path, pattern in paths.items() if pattern.fullmatch(plain)]
        if status != "200":
            asked.update(fitting)  # what there is none of here is at least refused as described
            yield from (f"{address}: {p}" for p in problems(answer, SCHEMAS["problem"]))
            continue
        if len(fitting) != 1:
            yield f"{address}: described {len(fitting)} times"
            continue
        asked.add(fitting[0])
        responses = DOCUMENT["paths"][fitting[0]]["get"]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"]
        yield from (f"{address}: {p}" for p in problems(answer, schema))
    yield from (f"{path}: never asked" for path in paths if path not in asked)


def act_problems():
    for line in (DIR / "acts.tsv").read_text().splitlines():
        name, fits, fields = line.split("\t")
        found = list(problems(json.loads(fields), SCHEMAS[name]))
        if (fits == "yes") != (not found):
            yield f"{name} with {fields}: {found or 'fits'}"


def all_problems():
    yield from (f"{r} leads nowhere" for r in references(DOCUMENT)
                if r.removeprefix("#/components/schemas/") not in SCHEMAS)
    for name, schema in SCHEMAS.items():
        yield from (f"{name}: {p}" for p in problems({}, {**schema, "required": [], "type": "object"})
                    if "the schema says" in p)
    yield from answer_problems()
    yield from act_problems()


found = list(all_problems())
for problem in found[:40]:
    print(problem, file=sys.stderr)
sys.exit(bool(found))
