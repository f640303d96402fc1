#!/usr/bin/env bash
# The walks of run.mjs, or the offline page of offline.mjs, with the npm packages that package-lock.json names fetched first if they are
# not there. Prints TAP; skips only where there is no node or no chromium.
#
# usage: run.sh PLUMBLINE SOURCE [WALK...]
#        run.sh --offline PLUMBLINE SOURCE [N [SITE]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

for program in node npm "${PLUMBLINE_CHROMIUM:-/usr/bin/chromium}"; do
        command -v "$program" >/dev/null || {
                echo "1..0 # SKIP no $program: run tools/install_deps.sh"
                exit 0
        }
done
if ! cmp -s "$here/package-lock.json" "$here/node_modules/installed-lock.json"; then
        (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund) >&2
        cp "$here/package-lock.json" "$here/node_modules/installed-lock.json"
fi
if [ "$1" = --offline ]; then
        shift
        exec node "$here/offline.mjs" "$@"
fi
exec node "$here/run.mjs" "$@"
