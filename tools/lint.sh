#!/usr/bin/env bash
# clang-format over every source, clang-tidy over every one that is not a test.
#
# usage: tools/lint.sh [BUILD [FILE...]]    default: build, all sources
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files 'src/*.[ch]' 'bench/*.[ch]' 'tests/*.[ch]' 'tools/*.c' |
        xargs clang-format --dry-run -Werror
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
