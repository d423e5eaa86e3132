#!/usr/bin/env bash
# The loop beside the bare floor of this machine: loop_vs_floor.sh BINARY PROBES_DIR [SCRATCH_DIR] [RUNS]
#
# PROBES_DIR holds p9_e2e.cpp, a probe that does nothing but six signed and verified posts, one fdatasync and a
# command over MQTT. It needs g++, libsimdjson-dev, libsodium-dev, libssl-dev and mosquitto.
set -euo pipefail
[ $# -ge 2 ] || { sed -n 2,5p "$0" >&2; exit 2; }
binary=$1; probes=$2; scratch=${3:-${TMPDIR:-/tmp}}; runs=${4:-300}
work=$(mktemp -d "$scratch/loop-floor-XXXXXX")
broker=
trap '[ -z "$broker" ] || kill "$broker"; rm -rf "$work"' EXIT

g++ -std=c++20 -O3 -march=native -DNDEBUG -w -I"$probes" "$probes/p9_e2e.cpp" -o "$work/floor" -lsimdjson -lsodium -lcrypto -pthread
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\npersistence false\nset_tcp_nodelay true\n' \
    "$port" >"$work/broker.conf"
mosquitto=$(PATH="$PATH:/usr/sbin" command -v mosquitto)
"$mosquitto" -c "$work/broker.conf" >"$work/broker.log" 2>&1 &
broker=$!
for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 "$broker" || { cat "$work/broker.log" >&2; exit 1; }
done

echo "load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "floor:"
"$work/floor" "$port" "$work" | grep -A1 'fdatasync\|posts'
echo "headroom:"
"$binary" bench loop --runs "$runs" --dir "$work" --json | python3 -c '
import json, sys
results = {result["name"]: result["value"] for result in json.load(sys.stdin)["results"]}
for name, value in results.items():
    print(f"  {name:45} {value:8.3f} ms")'
