#!/usr/bin/env bash
# Installs what Plumbline needs on Debian 12 (bookworm), and nothing twice.
#
# usage: tools/install_deps.sh            to build, test and run
#        tools/install_deps.sh --check    also: to lint, fuzz, measure
#        tools/install_deps.sh --list     print the packages and do nothing
#
# Asks dpkg first; apt-get is only called when something is missing. Works as
# root, or with sudo.
set -euo pipefail

build=(
        gcc libc6-dev meson ninja-build pkg-config python3 python3-yaml
        libargon2-dev libcmocka-dev libcurl4-openssl-dev libintelrdfpmath-dev libmicrohttpd-dev libpcre2-dev
        libqrencode-dev libsqlite3-dev libssl-dev libxlsxwriter-dev libyaml-dev uthash-dev zlib1g-dev
        libpq-dev postgresql # the tests start and stop a cluster of their own
        chromium fonts-noto-cjk nodejs npm # tests/browser walks through the pages
        zbar-tools # reads the QR codes from their pictures
        ca-certificates curl
)
check=(
        clang clang-format clang-tidy libclang-rt-14-dev
        nginx-light wrk
        mandoc mmdebstrap
        dpkg-dev lintian
        patroni etcd-server python3-etcd # tests/cluster/failover.py
)

case "${1:-}" in
"") wanted=("${build[@]}") ;;
--check) wanted=("${build[@]}" "${check[@]}") ;;
--list)
        printf '%s\n' "${build[@]}" "${check[@]}"
        exit 0
        ;;
*)
        echo "usage: $0 [--check | --list]" >&2
        exit 2
        ;;
esac

# npm is its own package on Debian and part of nodejs elsewhere: what counts is the command.
missing=()
installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${wanted[@]}" 2>/dev/null |
        sed -n 's/^ii \+//p') || true # dpkg-query fails where one of them is unknown to it
for package in "${wanted[@]}"; do
        if grep -qx "$package" <<<"$installed"; then
                continue
        fi
        case $package in
        nodejs) command -v node >/dev/null && continue ;;
        npm) command -v npm >/dev/null && continue ;;
        esac
        missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
                echo "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
                exit 1
        }
        as_root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}"
