#!/usr/bin/env python3
"""Plays the transcripts of the command line beside this file. Prints TAP.

usage: transcripts.py PROGRAM [--bless]

A transcript (*.cli) is a list of commands, each a line that begins with "$ ", and what they
answer: standard output, then standard error, then "[exit N]" where N is not 0. Each file
runs in an empty folder of its own, where $PLUMBLINE_SITE is the folder "site", the
definitions are those of data/, and $SOURCE is the tree. "| text" behind a command is its
standard input, with \\t and \\n. Nothing in it may depend on the
day it is run."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent.parent


def run(program, command, folder):
    command, _, given = command.partition(" | ")
    env = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}", PLUMBLINE_SITE="site",
               PLUMBLINE_DATA=str(HERE / "data"),
               SOURCE=str(SOURCE))
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True,
                          input=given.replace("\\t", "\t").replace("\\n", "\n").encode())
    text = (done.stdout + done.stderr).decode()
    if text and not text.endswith("\n"):
        text += "\n"
    return text + (f"[exit {done.returncode}]\n" if done.returncode else "")


def play(program, text):
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(program, f"{folder}/plumbline")
        out = []
        for line in text.splitlines():
            if line.startswith("# "):
                out.append(("\n" if out else "") + line + "\n")
            elif line.startswith("$ "):
                out.append(line + "\n" + run(program, line[2:], folder))
        return "".join(out)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(HERE.glob("*.cli"))
    for number, path in enumerate(files, 1):
        expected = path.read_text(encoding="utf-8")
        got = play(program, expected)
        if "--bless" in sys.argv:
            path.write_text(got, encoding="utf-8")
        print(f"{'ok' if got == expected else 'not ok'} {number} - {path.name}")
        if got != expected:
            for a, b in zip((expected + "\n").splitlines(), (got + "\n").splitlines()):
                if a != b:
                    print(f"# expected {a}\n# got      {b}")
                    break
    print(f"1..{len(files)}")


main()
