#!/usr/bin/env python3
"""Writes err_codes.h and err_texts.c from the rooms' errors.tsv files.

usage: errors.py OUT_H OUT_C TSV...
Each line: code, kind, Chinese sentence, hint, legal basis (tab-separated)."""
import sys

KINDS = ("invalid", "denied", "missing", "conflict", "busy", "broken")


def read(paths):
    rows, seen = [], set()
    for path in paths:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            if len(cells) != 5 or cells[1] not in KINDS or not cells[0].startswith("E_"):
                sys.exit(f"{path}:{number}: want code, kind, sentence, hint, basis")
            if cells[0] in seen:
                sys.exit(f"{path}:{number}: {cells[0]} stands twice")
            seen.add(cells[0])
            rows.append(cells)
    return rows


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    if sys.argv[1] == "--check":
        read(sys.argv[2:])
        return
    out_h, out_c, *paths = sys.argv[1:]
    rows = read(paths)
    with open(out_h, "w", encoding="utf-8") as f:
        f.write("/* Generated from the rooms' errors.tsv by tools/errors.py. */\n"
                "#ifndef BASE_ERR_CODES_H\n#define BASE_ERR_CODES_H\n\nenum err_code {\n")
        f.writelines(f"        {row[0]},\n" for row in rows)
        f.write("        N_ERR_CODES\n};\n\n#endif\n")
    with open(out_c, "w", encoding="utf-8") as f:
        f.write('/* Generated from the rooms\' errors.tsv by tools/errors.py. */\n#include "base/err.h"\n\n'
                "const struct err_text err_texts[N_ERR_CODES] = {\n")
        for name, kind, sentence, hint, basis in rows:
            f.write(f"        [{name}] = {{ {quote(name)}, ERR_{kind.upper()}, {quote(sentence)}, "
                    f"{quote(hint)}, {quote(basis)} }},\n")
        f.write("};\n")


main()
