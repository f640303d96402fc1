#!/usr/bin/env bash
# clang-tidy over every source that is not a test; .clang-tidy says which checks.
#
# usage: tools/lint.sh [BUILD [FILE...]]    default: build, all sources
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
shift || true
if [ $# -gt 0 ]; then
        files=("$@")
else
        mapfile -t files < <(git ls-files 'src/*.c' | grep -v '/test_')
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%s\n' "${files[@]}" |
        xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet >"$log" 2>/dev/null || {
        grep -E 'warning:|error:' "$log" | sort -u
        exit 1
}
