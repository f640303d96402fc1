#!/usr/bin/env python3
"""Prints the cells of an XLSX file, leaf by leaf: a line for each row, tabs between. Knows
nothing of the library that wrote it: unzips and reads the XML (ECMA-376).

usage: xlsx_cells.py FILE"""
import datetime
import re
import sys
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def strings_of(book):
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(t.text or "" for t in item.iter(MAIN + "t")) for item in root.iter(MAIN + "si")]


def day_styles(book):
    root = ElementTree.fromstring(book.read("xl/styles.xml"))
    days = {f.get("numFmtId") for f in root.iter(MAIN + "numFmt") if "yyyy" in f.get("formatCode")}
    return {str(i) for i, xf in enumerate(root.find(MAIN + "cellXfs")) if xf.get("numFmtId") in days}


def text_of(cell, strings, days):
    if cell.find(MAIN + "f") is not None:
        return "FORMULA"
    value = cell.find(MAIN + "v")
    if value is None:
        return ""
    if cell.get("t") == "s":
        return strings[int(value.text)]
    if cell.get("s") in days:
        return str(datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(value.text))))
    return "#" + value.text


def column_of(reference):
    n = 0
    for letter in re.match("[A-Z]+", reference).group():
        n = n * 26 + ord(letter) - 64
    return n


with zipfile.ZipFile(sys.argv[1]) as book:
    assert book.testzip() is None
    strings, days = strings_of(book), day_styles(book)
    for name in sorted(n for n in book.namelist() if n.startswith("xl/worksheets/sheet")):
        print(f"[{name.rsplit('/', 1)[1]}]")
        for row in ElementTree.fromstring(book.read(name)).iter(MAIN + "row"):
            cells = {column_of(c.get("r")): text_of(c, strings, days) for c in row.iter(MAIN + "c")}
            line = [cells.get(i, "") for i in range(1, max(cells, default=0) + 1)]
            print("\t".join(line).replace("\n", "\\n"))
