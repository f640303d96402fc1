#!/bin/bash
# year.sh: the main job on real input. Lives scenarios/xiamen-2021 in a release build, compares
# every figure with what was published (tests/data/figures-2021.tsv), opens every figure to its
# rows, and lets the site prove itself: verify, recount, rebuild. Prints TAP.
# usage: tests/year.sh [PROGRAM]     without PROGRAM a release build is made
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-build-release/src/plumbline}
if [ $# -eq 0 ]; then
        [ -d build-release ] || meson setup build-release --buildtype=release >/dev/null
        ninja -C build-release src/plumbline >/dev/null
fi
exec python3 tests/year.py "$program" scenarios/xiamen-2021 tests/data/figures-2021.tsv 2021
