#!/bin/bash
# bench/run.sh: builds for release, takes every measurement, prints what came out against what is wanted.
#
# usage: bench/run.sh [--long] [--runs N] [--dir DIR] [NAME ...]
#   --long     also a million matters and the whole scenario year (about an hour, 10 GB)
#   --runs N   pairs of desk and year (5); one of the whole year takes two minutes
#   --dir DIR  where the bureaus are made: it decides which disk is measured (bench/tmp)
#   NAME       only these: deadline desk desk_postgres ledger proof report verify year
set -euo pipefail
cd "$(dirname "$0")/.."

long=no dir=bench/tmp runs=5 names=()
while [ $# -gt 0 ]; do
        case $1 in
        --long) long=yes; shift ;;
        --runs) runs=$2; shift 2 ;;
        --dir) dir=$2; shift 2 ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) names+=("$1"); shift ;;
        esac
done
[ ${#names[@]} -gt 0 ] || names=(deadline ledger desk desk_postgres verify proof report year)
export PLUMBLINE_SOURCE=.
programs=("${names[@]/#/bench/bench_}")
[ -d build-release ] || meson setup build-release --buildtype=release >/dev/null
ninja -C build-release "${programs[@]%_postgres}" >/dev/null
mkdir -p "$dir"

# What each is asked, and how long it may take at most.
arguments() {
        case $1-$long in
        desk-*) echo "$dir/desk 4000 $runs" ;;
        desk_postgres-*) echo "$dir/desk_postgres" ;;
        verify-*) echo "$dir/verify" ;;
        proof-*) echo "$dir/proof" ;;
        report-no) echo "$dir/report 10000 50000" ;;
        report-yes) echo "$dir/report 10000 100000 1000000" ;;
        year-no) echo "$dir/year bench/bureau $runs 60000" ;;
        year-yes) echo "$dir/year scenarios/xiamen-2021 $runs" ;;
        esac
}
# A bench of PostgreSQL runs in a cluster of its own, which flushes what it commits.
server() {
        case $1 in
        *_postgres) echo "python3 tests/postgres/cluster.py --durable" ;;
        esac
}
limit=1200
[ "$long" = no ] || limit=5400
out=$(mktemp)
trap 'rm -f "$out"; rm -rf "$dir"/desk "$dir"/desk_postgres "$dir"/verify "$dir"/proof "$dir"/report "$dir"/year' EXIT
for name in "${names[@]}"; do
        echo "== $name" >&2
        rm -rf "${dir:?}/$name"
        # shellcheck disable=SC2046
        timeout $limit $(server $name) build-release/bench/bench_${name%_postgres} $(arguments $name) | tee -a "$out" |
                grep -v ^RESULT >&2 || echo -e "RESULT\t$name: did not finish\t-\t-\tNOT\t-" >>"$out"
done
echo
grep ^RESULT "$out" | cut -f2- | { echo -e "what\tmedian\twanted\t\tfrom..to"; cat; } |
        sed 's/\t>= 0\tok\t/\t\t\t/' | column -t -s "$(printf '\t')"
! grep -q "$(printf '\tNOT\t')" "$out"
