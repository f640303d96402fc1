#!/usr/bin/env python3
"""What a reader may rely on anywhere in the tree, checked. Prints TAP.

usage: tidy.py SOURCE [BUILD]     BUILD: also look into the compiled libraries

Each rule is one function that yields what breaks it, as "file:line: what". The
rooms and their order are read from meson.build, the one place that states them."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
BUILD = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None

LAYERS = [re.findall(r"'(\w+)'", row) for row in re.findall(
    r"^  (\[.*\]),$", re.search(r"^layers = \[\n(.*?)^\]", (ROOT / "meson.build").read_text(),
                                re.M | re.S).group(1), re.M)]
LAYER_OF = {room: i for i, layer in enumerate(LAYERS) for room in layer}
ROOMS = [room for room in LAYER_OF if (ROOT / "src" / room).is_dir()]
PURE = ["clock", "rules", "ledger", "draw", "screen", "template", "procedure"]
KNOW_THE_TIME = ["desk", "hook", "web", "cli"]
LINES_MAX, COLUMNS_MAX = 1000, 100
ROW_COLUMNS_MAX = 160  # a row of a test's table, which reads best on one line

# State that a pure room may keep, and why.
STATE = {
    "ledger": {"once", "sm3"},  # the algorithm as libcrypto hands it out, fetched once
}

BANNED = "strcpy strcat sprintf vsprintf gets strtok atoi atol atof system popen alloca rand srand random"
CLOCKS = "time gettimeofday clock_gettime localtime gmtime localtime_r gmtime_r mktime strftime"
IO = "fopen fdopen freopen fread fwrite fgets open openat read write printf fprintf puts getenv socket"
SQL = (r"\b(SELECT\s.*\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX)"
       r"|PRAGMA\s|BEGIN\s+IMMEDIATE)\b")
MARKUP = r"</?(html|head|body|div|span|table|tr|td|th|ul|li|a|p|form|input|script|style)\b"


def without_comments(text):
    """Comments become blanks, so that line numbers stay."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group()) if m.group().startswith("/") else m.group()
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


class File:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(ROOT))
        self.text = path.read_text(encoding="utf-8")
        self.code = without_comments(self.text)
        self.bare = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', self.code)
        self.is_test = path.name.startswith(("test_", "fuzz_"))
        parts = path.relative_to(ROOT).parts
        self.room = parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def find(self, pattern, text):
        for m in re.finditer(pattern, text):
            yield f"{self.name}:{text.count(chr(10), 0, m.start()) + 1}: {m.group().strip()}"

    def calls(self, names):
        pattern = r"(?<![\w.>])(?:" + "|".join(names.split()) + r")\s*\("
        return self.find(pattern, self.bare)


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            yield File(path)


SRC = list(sources("src"))
ALL_C = SRC + list(sources("tests", "bench"))


def rule_rooms_include_only_lower_rooms():
    for f in SRC:
        for number, line in enumerate(f.text.splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"(\w+)/', line)
            if not m or f.room is None:
                continue
            to = m.group(1)
            if to != f.room and LAYER_OF.get(to, 99) >= LAYER_OF.get(f.room, -1):
                yield f"{f.name}:{number}: {f.room} may not include {to}"


def rule_banned_functions():
    for f in ALL_C:
        yield from f.calls(BANNED.replace(" system ", " ") if f.is_test else BANNED)


def rule_time_enters_at_the_surfaces():
    for f in SRC:
        if f.room not in KNOW_THE_TIME:
            yield from f.calls(CLOCKS)


def rule_pure_rooms_do_no_io():
    for f in SRC:
        if f.room in PURE and not f.is_test:
            yield from f.calls(IO)


def rule_pure_rooms_keep_no_state():
    """Nothing in .data or .bss of their libraries: what never changes is elsewhere."""
    for room in ROOMS if BUILD else []:
        library = BUILD / "src" / f"lib{room}.a"
        if room not in PURE or not library.exists():
            continue
        table = subprocess.run(["nm", "-f", "sysv", library], capture_output=True, text=True).stdout
        if "__asan" in table or "__sanitizer" in table or "__gcov" in table:
            continue
        for line in table.splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) == 7 and cells[3] == "OBJECT" and re.fullmatch(r"\.(data|bss)(\..*)?", cells[6]) \
                    and not cells[6].startswith(".data.rel.ro") \
                    and cells[0] not in STATE.get(room, ()):
                yield f"src/{room}: {cells[0]} can change"


def rule_sql_only_in_store():
    for f in SRC:
        if f.room != "store" and not f.is_test:
            yield from f.find(r'"(?:\\.|[^"\\\n])*' + SQL + r'(?:\\.|[^"\\\n])*"', f.code)


def rule_markup_only_in_pages():
    for f in SRC:
        if not f.is_test:
            yield from f.find(r'"(?:\\.|[^"\\\n])*' + MARKUP + r'(?:\\.|[^"\\\n])*"', f.code)


def rule_every_source_is_built():
    for f in SRC:
        if f.path.suffix != ".c" or f.room is None:
            continue
        build = (f.path.parent / "meson.build").read_text() if (f.path.parent / "meson.build").exists() else ""
        if f"'{f.path.name}'" not in build and f"'{f.path.stem}'" not in build:
            yield f"{f.name}: not in its meson.build"


def error_codes():
    for room in ROOMS:
        table = ROOT / "src" / room / "errors.tsv"
        for line in table.read_text(encoding="utf-8").splitlines() if table.exists() else []:
            if line.startswith("E_") and not line.startswith("E_NONE\t"):
                yield room, line.split("\t")[0]


def rule_every_error_is_raised():
    code = "\n".join(f.bare for f in SRC if not f.is_test and f.path.suffix == ".c")
    for room, name in error_codes():
        if not re.search(rf"\b{name}\b", code):
            yield f"src/{room}/errors.tsv: nothing raises {name}"


def rule_every_error_is_tested():
    texts = [f.text for f in SRC if f.is_test]
    for path in (ROOT / "tests").rglob("*"):
        if path.is_file() and path.suffix != ".bin" and "corpus" not in path.parts:
            texts.append(path.read_text(encoding="utf-8", errors="ignore"))
    text = "\n".join(texts)
    for room, name in error_codes():
        if not re.search(rf"(?<![A-Z_]){name}\b", text):
            yield f"src/{room}/errors.tsv: no test names {name}"


def rule_every_room_has_a_readme():
    for room in ROOMS:
        if not (ROOT / "src" / room / "README.md").exists():
            yield f"src/{room}: no README.md"


def rule_headers_have_guards():
    for f in SRC:
        if f.path.suffix == ".h" and f.room:
            guard = f"{f.room}_{f.path.stem}_H".upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in f.text:
                yield f"{f.name}: guard is not {guard}"


def rule_headers_say_what_they_are_for():
    for f in SRC:
        if f.path.suffix == ".h" and f.room and not f.text.startswith(f"/* {f.room}/{f.path.name} - "):
            yield f"{f.name}: does not begin with '/* {f.room}/{f.path.name} - '"


def rule_lines():
    for f in ALL_C:
        lines = f.text.split("\n")
        if len(lines) > LINES_MAX:
            yield f"{f.name}: {len(lines)} lines"
        if lines[-1] != "":
            yield f"{f.name}: does not end with a line end"
        for number, line in enumerate(lines, 1):
            if "\t" in line:
                yield f"{f.name}:{number}: tab"
            if line != line.rstrip():
                yield f"{f.name}:{number}: blanks at the end"
            # A text is not broken for the sake of a column: it must be found by searching.
            # What has no blank cannot be broken, and a macro's last column is the formatter's.
            is_row = '"' in line or " " not in line.strip() or line.endswith("\\")
            if len(line) > (ROW_COLUMNS_MAX if is_row else COLUMNS_MAX):
                yield f"{f.name}:{number}: {len(line)} columns"


def rule_no_marks_of_unfinished_work():
    for f in ALL_C:
        yield from f.find(r"\b(TODO|FIXME|XXX|HACK)\b", f.text)


def main():
    rules = [(name[5:], rule) for name, rule in globals().items() if name.startswith("rule_")]
    print(f"1..{len(rules)}")
    failed = 0
    for number, (name, rule) in enumerate(rules, 1):
        findings = list(rule())
        failed += bool(findings)
        print(f"{'not ok' if findings else 'ok'} {number} - {name.replace('_', ' ')}")
        for finding in findings:
            print(f"# {finding}")
    sys.exit(1 if failed else 0)


main()
