#!/usr/bin/env bash
# The loop beside the bare floor of this machine, in turns:
#   loop_vs_floor.sh BINARY PROBES_DIR [SCRATCH_DIR] [RUNS] [ROUNDS] [OTHER_BINARY]
#
# PROBES_DIR holds p9_e2e.cpp, a probe that does nothing but six signed and verified posts, one fdatasync and a
# command over MQTT. It needs g++, libsimdjson-dev, libsodium-dev, libssl-dev and mosquitto. Each round runs the
# floor, BINARY and, when given, OTHER_BINARY (an older one, say) one after the other, so that what else the
# machine does falls on all of them; what is printed are medians over the rounds, and ratios of neighbours.
set -euo pipefail
[ $# -ge 2 ] || { sed -n 2,8p "$0" >&2; exit 2; }
binary=$1; probes=$2; scratch=${3:-${TMPDIR:-/tmp}}; runs=${4:-300}; rounds=${5:-5}; other=${6:-}
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
    sleep 0.1
done

for round in $(seq "$rounds"); do
    echo "round $round, load $(cut -d' ' -f1-3 /proc/loadavg)" >&2
    "$work/floor" "$port" "$work" >"$work/$round.floor"
    "$binary" bench loop --runs "$runs" --dir "$work" --json >"$work/$round.new"
    [ -z "$other" ] || "$other" bench loop --runs "$runs" --dir "$work" --json >"$work/$round.other"
done

python3 - "$work" "$rounds" <<'PYTHON'
import json, pathlib, re, statistics, sys

work, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])


def floor(path):
    line = next(line for line in path.read_text().splitlines() if "fdatasync before command" in line)
    return {rank: float(re.search(rf"{rank} ([0-9.]+)", line)[1]) / 1000 for rank in ("p50", "p99")}


def loop(path):
    return {result["name"]: result["value"] for result in json.loads(path.read_text())["results"]}


floors = [floor(work / f"{n}.floor") for n in range(1, rounds + 1)]
sides = {side: [loop(work / f"{n}.{side}") for n in range(1, rounds + 1)]
         for side in ("new", "other") if (work / f"1.{side}").exists()}


def middle(values):
    values = sorted(values)
    return f"{statistics.median(values):8.3f} [{values[0]:.3f} … {values[-1]:.3f}]"


print(f"median [lowest … highest] of {rounds} rounds, ms; ratios are to the floor of the same round")
for rank in ("p50", "p99"):
    print(f"floor {rank:38} {middle([f[rank] for f in floors])}")
for side, figures in sides.items():
    for name in ("loop.detection_to_command_ms", "loop.armed_detection_to_command_ms"):
        for rank in ("p50", "p99"):
            values = [figure[f"{name}_{rank}"] for figure in figures]
            ratios = [value / f[rank] for value, f in zip(values, floors)]
            print(f"{side:5} {name + '_' + rank:38} {middle(values)}   x floor {statistics.median(ratios):.2f}")
    for name in ("loop.io_cpu_to_command_ms_p50", "loop.cpu_per_event_ms_p50", "audit.fdatasync_ms_p50"):
        if name in figures[0]:
            print(f"{side:5} {name:38} {middle([figure[name] for figure in figures])}")
PYTHON
