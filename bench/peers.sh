#!/bin/bash
# peers.sh: the same case work here and at others, over HTTP on loopback, in one run: create a
# case, three transitions, list 50. Prints throughput, p50 and p99, memory, start-up, and the
# factors between us and each.
#
# usage: bench/peers.sh [--cases N] [--seconds N] [--keep DIR] [NAME ...]
#   --cases N    cases for each (200); slow ones stop after --seconds (60)
#   --keep DIR   make the peers' root here and leave it, to measure again without installing
#   NAME         only these: plumbline rt redmine bpmn
#
# Request Tracker 5 and Redmine (Debian 12, SQLite, the server that Debian starts them with) are
# installed into a root of their own, which is removed in the end: nothing of this machine's is
# touched. bpmn-engine (npm) is a library: bench/peers/bpmn.js puts HTTP before it and keeps
# cases in memory. Ours is bench/bench_door.c: our server and desk with real procedures, every act
# durable before it is answered, without the pages and without signing in. Each gets as many workers as it has by default, and two clients. Needs root,
# about 2 GB, the network, ten minutes. Never part of ./check.
set -euo pipefail
cd "$(dirname "$0")/.."

cases=200 seconds=60 keep='' names=()
while [ $# -gt 0 ]; do
        case $1 in
        --cases) cases=$2; shift 2 ;;
        --seconds) seconds=$2; shift 2 ;;
        --keep) keep=$2; shift 2 ;;
        -h | --help) sed -n '2,18s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) names+=("$1"); shift ;;
        esac
done
[ ${#names[@]} -gt 0 ] || names=(plumbline rt redmine bpmn)
[ "$(id -u)" = 0 ] || { echo "peers: needs root, to install into a root of its own" >&2; exit 2; }
for tool in mmdebstrap npm node python3; do
        command -v $tool >/dev/null || { echo "peers: $tool is missing" >&2; exit 2; }
done

work=${keep:-$(mktemp -d)}
root=$work/root
running=''
finish() {
        [ -z "$running" ] || kill -- "-$running" 2>/dev/null || true
        sleep 1
        [ -z "$running" ] || kill -9 -- "-$running" 2>/dev/null || true
        umount "$root/proc" 2>/dev/null || true
        [ -n "$keep" ] || rm -rf --one-file-system "$work"
}
trap finish EXIT
mkdir -p "$work"

wants() { case " ${names[*]} " in *" $1 "*) true ;; *) false ;; esac; }

make_root() {
        [ ! -f "$root/ready" ] || return 0
        echo "peers: making a root of their own" >&2
        if [ ! -f "$root/base" ]; then
                rm -rf --one-file-system "$root"
                mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates bookworm \
                        "$root" "deb http://deb.debian.org/debian bookworm main" \
                        "deb http://deb.debian.org/debian-security bookworm-security main"
                touch "$root/base"
        fi
        cp -L /etc/resolv.conf "$root/etc/resolv.conf"
        # Nothing starts by being installed.
        printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
        chmod 755 "$root/usr/sbin/policy-rc.d"
        mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
        in_root apt-get update -qq
        in_root apt-get install -y -qq --no-install-recommends request-tracker5 rt5-db-sqlite \
                rt5-standalone redmine redmine-sqlite puma >"$work/install.log" 2>&1
        in_root sh -c 'cd /usr/share/redmine && export RAILS_ENV=production X_DEBIAN_SITEID=default &&
                bundle exec rake redmine:load_default_data REDMINE_LANG=en >/dev/null &&
                bundle exec rails runner "Setting.rest_api_enabled = 1;
                        u = User.find_by_login(\"admin\"); u.must_change_passwd = false; u.save!;
                        p = Project.new(name: \"p\", identifier: \"p\"); p.trackers = Tracker.all; p.save!;
                        File.write(\"/root/redmine.key\", u.api_key)"' >>"$work/install.log" 2>&1
        touch "$root/ready"
}

in_root() {
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
                DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# start COMMAND...: in a group of its own, so that it ends as a whole.
start() {
        began=$(date +%s.%N)
        setsid "$@" >"$work/server.log" 2>&1 &
        running=$!
}
stop() {
        kill -- "-$running" 2>/dev/null || true
        for _ in $(seq 50); do
                kill -0 -- "-$running" 2>/dev/null || break
                sleep 0.1
        done
        kill -9 -- "-$running" 2>/dev/null || true
        wait "$running" 2>/dev/null || true
        running=''
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

drive() { # NAME PORT EXTRA
        python3 bench/peers/drive.py "$1" "$2" "$running" "$cases" "$seconds" "$began" "${3:-}" >>"$work/results" ||
                echo "peers: $1 did not answer; the end of its log:" "$(tail -3 "$work/server.log")" >&2
}

: >"$work/results"
if wants rt || wants redmine; then
        make_root
        mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
fi
if wants plumbline; then
        [ -d build-release ] || meson setup build-release --buildtype=release >/dev/null
        ninja -C build-release bench/bench_growth bench/bench_door >/dev/null
        rm -rf "$work/site"
        PLUMBLINE_SOURCE=. build-release/bench/bench_growth make "$work/site" 1000 >/dev/null
        port=$(free_port)
        start build-release/bench/bench_door "$work/site" "$port"
        drive plumbline "$port"
        stop
fi
if wants rt; then
        port=$(free_port)
        start env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot "$root" \
                /usr/share/request-tracker5/libexec/rt-server --port "$port" --host 127.0.0.1
        drive rt "$port"
        stop
fi
if wants redmine; then
        port=$(free_port)
        start env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 RAILS_ENV=production \
                X_DEBIAN_SITEID=default chroot "$root" sh -c \
                "cd /usr/share/redmine && exec puma --quiet -b tcp://127.0.0.1:$port"
        drive redmine "$port" "$(cat "$root/root/redmine.key")"
        stop
fi
if wants bpmn; then
        mkdir -p "$work/bpmn"
        cp bench/peers/bpmn.js "$work/bpmn/"
        (cd "$work/bpmn" && [ -d node_modules ] || npm install --silent --no-audit --no-fund --prefix "$work/bpmn" bpmn-engine >>"$work/install.log" 2>&1)
        port=$(free_port)
        start node "$work/bpmn/bpmn.js" "$port"
        drive bpmn "$port"
        stop
fi
python3 bench/peers/table.py "$work/results"
