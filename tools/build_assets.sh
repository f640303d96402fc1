#!/usr/bin/env bash
# Makes assets/dist from assets/plumbline.scss: one compressed style sheet whose
# name holds the hash of its content, the same gzipped, and manifest.json.
#
# usage: tools/build_assets.sh           build (needs node; npm ci on first use)
#        tools/build_assets.sh --check   is the committed assets/dist up to date?
#                                        exit 0 yes, 1 no
#
# The result is committed, so that nobody needs node to run Plumbline. --check
# compares the hash of the sources with the one in the manifest, and where the
# npm packages are installed also builds again and compares byte by byte.
set -euo pipefail
cd "$(dirname "$0")/../assets"

source_hash() {
        cat plumbline.scss package.json package-lock.json | sha256sum | cut -c1-64
}

build_into() {
        local out=$1 css name
        mkdir -p "$out"
        css=$(mktemp)
        ./node_modules/.bin/sass --load-path=. --no-source-map --no-charset --style=compressed \
                plumbline.scss >"$css"
        name="plumbline.$(sha256sum <"$css" | cut -c1-12).css"
        rm -f "$out"/plumbline.*.css "$out"/plumbline.*.css.gz
        cp "$css" "$out/$name"
        chmod 644 "$out/$name"
        gzip -n -9 <"$css" >"$out/$name.gz"
        printf '{"css":"%s","source":"%s"}\n' "$name" "$(source_hash)" >"$out/manifest.json"
        rm -f "$css"
}

if [ "${1:-}" = --check ]; then
        if ! grep -q "\"source\":\"$(source_hash)\"" dist/manifest.json; then
                echo "assets/dist is older than its source: run tools/build_assets.sh" >&2
                exit 1
        fi
        if [ -x node_modules/.bin/sass ] && command -v node >/dev/null; then
                out=$(mktemp -d)
                trap 'rm -rf "$out"' EXIT
                build_into "$out"
                # gzip may differ between versions: what it holds may not.
                for file in "$out"/*.css "$out"/manifest.json; do
                        cmp "$file" "dist/$(basename "$file")"
                done
                zcat dist/*.css.gz | cmp - dist/*.css
        fi
        exit 0
fi

[ -d node_modules ] || npm ci --no-audit --no-fund --ignore-scripts
build_into dist
cat dist/manifest.json
