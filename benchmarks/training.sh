#!/usr/bin/env bash
# First training (empty cache), training again (cache full), resident memory; against OpenVINO's own forward passes.
# usage: benchmarks/training.sh PATH [assay train options]     (python with openvino as $PYTHON for the peer)
set -euo pipefail
here="$(dirname "$0")"
assay="$here/../.build/release/assay"
data=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { /usr/bin/time -f "%e %M" -o "$work/time" "$assay" train "$data" -o "$work/b.assay" --cache "$work/cache" "$@" 2>"$work/log"; }
run "$@"
read -r cold memory <"$work/time"
images=$(grep -oP 'features: \K[0-9]+' "$work/log")
run "$@"
read -r warm _ <"$work/time"
echo "images                          $images"
echo "first training                  $cold s, $((memory / 1024)) MiB resident at most"
echo "again, from the cache           $warm s"
if [ -n "${PYTHON:-}" ]; then
  forward=$("$PYTHON" "$here/peers.py" forward "$work/b.assay" "$images")
  echo "OpenVINO's forward passes alone $forward s"
  awk -v a="$cold" -v b="$forward" 'BEGIN { printf "ratio                           %.2f\n", a / b }'
fi
