#!/usr/bin/env bash
# Every installed backbone on one data set, from a cold feature cache, then interrupted and resumed.
# usage: benchmarks/compare.sh PATH [OPTION...]     (options of assay compare)
#        benchmarks/compare.sh --small PATH GOOD_CLASS [OPTION...]   60 good and 15 defective images of it, five draws
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [ "$1" = --small ]; then
  data="$2"
  good="$3"
  shift 3
  for seed in 0 1 2 3 4; do
    "$(dirname "$0")/small_draw.py" "$data" "$work/draw$seed" --good "$good" --seed "$seed"
    "$assay" compare "$work/draw$seed" --good "$good" --cache "$work/small" "$@"
  done
  exit
fi

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
