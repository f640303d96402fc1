#!/bin/bash
# bench_web.sh SITE [BUILD]: what a reader of the portal waits for, and what nginx makes of
# the same bytes. Bounded: a few seconds for each page, loopback, two connections.
#
# For each page: bytes; median of 15 requests one after the other, in ms; requests a second
# under wrk; the same for nginx serving the same bytes as a file; the ratio. Runs alternate
# and medians of five are taken, so that both see the same machine.
set -euo pipefail
site=${1:?usage: bench_web.sh SITE [BUILD]}
build=${2:-build}
port=18180
nginx_port=18181
seconds=${BENCH_SECONDS:-1}
year=${BENCH_YEAR:-2021}
work=$(mktemp -d)
trap 'kill "$server" "$front" 2>/dev/null || true; rm -rf "$work"' EXIT

"$build/src/plumbline" --site "$site" serve --port $port --as-of "$((year + 1))-01-02 12:00" \
        >"$work/serve.log" &
server=$!
mkdir "$work/root"
cat >"$work/nginx.conf" <<CONF
worker_processes 2;
pid $work/nginx.pid;
error_log $work/error.log;
daemon off;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work;
    uwsgi_temp_path $work; scgi_temp_path $work;
    default_type text/html;
    sendfile on; tcp_nopush on; keepalive_requests 1000000;
    server { listen 127.0.0.1:$nginx_port; root $work/root; }
}
CONF
nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.log" &
front=$!
for _ in $(seq 50); do
        curl -fs -o /dev/null "http://127.0.0.1:$port/healthz" && break
        sleep 0.1
done

median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
rate() { wrk -t1 -c2 -d"${seconds}s" "$1" | awk '/Requests\/sec/ { print $2 }'; }

matter=$(curl -fs "http://127.0.0.1:$port/matters" | grep -o '/matters/[0-9%A-F]*' | head -1)
printf '%-28s %8s %8s %10s %10s %6s\n' page bytes ms req/s nginx ratio
for page in /healthz "/report/$year" "/figures/F058?year=$year" "/figures/F001?year=$year" \
        /matters "$matter" /procedures/permit /calendar; do
        url="http://127.0.0.1:$port$page"
        curl -fs -o "$work/root/page" "$url"
        bytes=$(stat -c %s "$work/root/page")
        ms=$(for _ in $(seq 15); do curl -s -o /dev/null -w '%{time_total}\n' "$url"; done |
                median | awk '{ printf "%.2f", $1 * 1000 }')
        for _ in 1 2 3 4 5; do
                rate "$url" >>"$work/ours"
                rate "http://127.0.0.1:$nginx_port/page" >>"$work/theirs"
        done
        ours=$(median <"$work/ours") theirs=$(median <"$work/theirs")
        rm "$work/ours" "$work/theirs"
        printf '%-28s %8s %8s %10s %10s %6s\n' "${page:0:28}" "$bytes" "$ms" "$ours" "$theirs" \
                "$(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")"
done
