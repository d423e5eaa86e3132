#!/usr/bin/env bash
# The soak of the market: 10,000 orders with the simulated providers, every fifth message with a fault of some kind,
# then the same with both sides killed at random moments. Prints one JSON object for each run; fails when the books of
# the two sides are not equal. bench/beckn_soak.sh [ORDERS [KILLS [SEED]]]
set -euo pipefail
cd "$(dirname "$0")/.."
soak=${BECKN_SOAK:-build/release/tests/beckn_soak}
orders=${1:-10000}
kills=${2:-40}
seed=${3:-7}
folder=$(mktemp -d)
"$soak" run --dir "$folder/quiet" --orders "$orders" --seed "$seed" --kills 0
"$soak" run --dir "$folder/killed" --orders "$orders" --seed "$seed" --kills "$kills"
rm -r "$folder"
