#!/usr/bin/env bash
# Every installed backbone on one data set, from a cold feature cache, then interrupted and resumed.
# usage: benchmarks/compare.sh PATH [OPTION...]     (options of assay compare)
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
data="$1"
shift

echo "== cold"
time "$assay" compare "$data" --cache "$work/cold" -o "$work/report.html" "$@"

echo "== cold, killed when the first row is there, then run again"
"$assay" compare "$data" --cache "$work/killed" -o "$work/killed.html" "$@" >"$work/log" 2>&1 &
process=$!
while kill -0 "$process" 2>/dev/null && [ ! -e "$work/killed.html.partial.json" ]; do sleep 0.2; done
kill -9 "$process" 2>/dev/null || true
wait "$process" 2>/dev/null || true
time "$assay" compare "$data" --cache "$work/killed" -o "$work/killed.html" "$@"
