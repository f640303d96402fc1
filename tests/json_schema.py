#!/usr/bin/env python3
"""Do real answers fit what /openapi.json promises? A validator of our own for the keywords that
we use (JSON Schema 2020-12); any other keyword is an error, so that none is passed over. It is
stricter than the schemas: a member that a schema does not name fits only where the schema says
`additionalProperties: true`, and an answer may not be described as an object of which nothing is said. Each address was answered
well at least once.

usage: json_schema.py DIR

DIR has openapi.json, answers.tsv (address TAB status TAB file with the answer TAB method) and acts.tsv (schema TAB
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
         "enum", "const", "anyOf", "allOf", "if", "then", "maxLength", "minimum", "maximum", "pattern", "format", "title", "description"}


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, (int, float) if name == "number" else int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def is_day(text):
    try:
        return bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def is_moment(text):
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def is_reference(text):
    return re.fullmatch(r"(https?://|/|#)[!-~]*", text) is not None


FORMATS = {"date": is_day, "date-time": is_moment, "uri-reference": is_reference}
SAY_NOTHING = {"type", "title", "description"}


def parts(schema):
    """The schema and all that stand in it."""
    yield schema
    inner = list(schema.get("properties", {}).values()) + schema.get("anyOf", []) + schema.get("allOf", [])
    for one in inner + [schema[k] for k in ("items", "if", "then") if k in schema]:
        yield from parts(one)


def is_bare(schema):
    return "object" in schema.get("type", []) and set(schema) <= SAY_NOTHING


def problems(value, schema, at="$"):
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
    for one in schema.get("allOf", []):
        yield from problems(value, one, at)
    if "if" in schema and not list(problems(value, schema["if"], at)):
        yield from problems(value, schema["then"], at)
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: too long"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: {value!r} does not match {schema['pattern']}"
        if "format" in schema and not FORMATS[schema["format"]](value):
            yield f"{at}: {value!r} is no {schema['format']}"
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
            elif types and schema.get("additionalProperties") is not True:
                yield f"{at}: has {name}, which the schema does not name"
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
    operations = {(path, method): pattern_of(path) for path, item in DOCUMENT["paths"].items() for method in item}
    asked = set()
    for line in (DIR / "answers.tsv").read_text().splitlines():
        address, status, file, method = line.split("\t")
        plain = urllib.parse.urlsplit(address).path
        answer = json.loads((DIR / file).read_text())
        fitting = [one for one, pattern in operations.items() if one[1] == method and pattern.fullmatch(plain)]
        if not status.startswith("2"):
            yield from (f"{address}: {p}" for p in problems(answer, SCHEMAS["problem"]))
            continue
        if len(fitting) != 1:
            yield f"{method} {address}: described {len(fitting)} times"
            continue
        path, method = fitting[0]
        asked.add(fitting[0])
        response = DOCUMENT["paths"][path][method]["responses"].get(status)
        if response is None:
            yield f"{method} {address}: answers {status}, which is not described"
            continue
        schema = response["content"]["application/json"]["schema"]
        yield from (f"{method} {address}: {p}" for p in problems(answer, schema))
    yield from (f"{method} {path}: never answered" for path, method in operations if (path, method) not in asked)


def act_problems():
    for line in (DIR / "acts.tsv").read_text().splitlines():
        name, fits, fields = line.split("\t")
        found = list(problems(json.loads(fields), SCHEMAS[name]))
        if (fits == "yes") != (not found):
            yield f"{name} with {fields}: {found or 'fits'}"


def schema_problems(schema):
    for part in parts(schema):
        unknown = [k for k in part if k not in KNOWN and not k.startswith("x-")]
        if unknown or part.get("format", "date") not in FORMATS:
            yield f"the schema says {unknown or part['format']}"
        if is_bare(part):
            yield f"an object of which nothing is said: {part}"
        yield from (f"{name} is required and not described" for name in part.get("required", [])
                    if "type" in part and name not in part.get("properties", {}))
        yield from (f"{k} stands alone" for k in part if k in ("if", "then") and not {"if", "then"} <= set(part))


def path_problems():
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            bodies = [one["content"] for one in [operation.get("requestBody"), *operation["responses"].values()] if one]
            for schema in (media["schema"] for body in bodies for media in body.values()):
                yield from (f"{method} {path}: {p}" for p in schema_problems(schema))


def all_problems():
    yield from (f"{r} leads nowhere" for r in references(DOCUMENT)
                if r.removeprefix("#/components/schemas/") not in SCHEMAS)
    for name, schema in SCHEMAS.items():
        yield from (f"{name}: {p}" for p in schema_problems(schema))
    yield from path_problems()
    yield from answer_problems()
    yield from act_problems()


found = list(all_problems())
for problem in found[:40]:
    print(problem, file=sys.stderr)
sys.exit(bool(found))
