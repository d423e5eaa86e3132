#!/bin/sh
# Runs the Beckn conformance checker over a capture (one JSON object per line, see src/beckn/capture.hpp).
# The checker and the official schemas are not part of this repository: without ../shared nothing is checked.
#
#   scripts/check_beckn_capture.sh [--strict] FILE.jsonl
set -eu
strict=
[ "${1:-}" != --strict ] || { strict=--strict; shift; }
[ "$#" -eq 1 ] || { echo "usage: $0 [--strict] FILE.jsonl" >&2; exit 2; }
capture=$(realpath "$1")
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
checker="$root/../shared/checks/beckn_conformance"
specs="$root/../shared/specs/beckn"
if [ ! -d "$checker" ] || [ ! -d "$specs" ]; then
    echo "no conformance checker beside this repository: $capture is not checked"
    exit 0
fi
command -v node >/dev/null || { echo "node (20 or newer) is needed to check $capture" >&2; exit 1; }
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R "$checker/." "$copy/"
chmod -R u+w "$copy"
[ -d "$copy/node_modules" ] || (cd "$copy" && npm ci --silent --no-audit --no-fund)
# A capture named otherwise would be read as one single message.
cp "$capture" "$copy/capture.jsonl"
node "$copy/validate.mjs" --specs "$specs" --quiet $strict "$copy/capture.jsonl"
