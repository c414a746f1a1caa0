#!/usr/bin/env bash
# Kills training (SIGKILL) at random moments: there must be no bundle or a whole one, and the next run must succeed.
# usage: benchmarks/kill.sh PATH [KILLS]
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
data=$1
kills=${2:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
train() { "$assay" train "$data" -o "$work/b.assay" --cache "$work/cache" 2>"$work/log"; }
whole() { "$assay" export "$work/b.assay" -o "$work/model.onnx" 2>>"$work/log"; } # checks every file's SHA-256
start=$(date +%s%N)
train
full=$((($(date +%s%N) - start) / 1000000))
start=$(date +%s%N)
train
warm=$((($(date +%s%N) - start) / 1000000))
RANDOM=1
none=0 old=0
for i in $(seq "$kills"); do
  # A third each: nothing cached, nothing written yet, an older bundle in place.
  span=$warm
  if [ $((i % 3)) = 0 ]; then rm -rf "$work/cache"; span=$full; fi
  if [ $((i % 3)) != 1 ]; then rm -rf "$work/b.assay"; fi
  train &
  pid=$!
  sleep "$(awk -v r=$RANDOM -v s="$span" 'BEGIN { printf "%.3f", r / 32768 * s / 1000 }')"
  pkill -KILL -P $pid 2>/dev/null || true
  kill -KILL $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  if [ -e "$work/b.assay" ]; then
    whole || { echo "kill $i: the bundle is broken: $(tail -n 1 "$work/log")"; exit 1; }
    old=$((old + 1))
  else
    none=$((none + 1))
  fi
  if [ $((i % 10)) = 0 ]; then
    train && whole || { echo "the run after kill $i failed: $(tail -n 1 "$work/log")"; exit 1; }
    left=$(find "$work" -maxdepth 1 -name '*.partial-*' | wc -l)
    [ "$left" = 0 ] || { echo "$left unfinished folders were left after kill $i"; exit 1; }
  fi
done
echo "$kills kills: $none times no bundle, $old times a whole one, never a broken one; every run after them succeeded"
