#!/usr/bin/env bash
# How well pixels are marked: a data set in the layout of magnetic tile (CLASS/Imgs/*.jpg with *.png masks), every fifth image
# of each class set aside: benchmarks/segmentation.sh MAGNETIC_TILE [OPTIONS of assay train]
set -euo pipefail
assay="$(cd "$(dirname "$0")/.." && pwd)/.build/release/assay"
[ $# -ge 1 ] || { echo "usage: $0 MAGNETIC_TILE [options of assay train]" >&2; exit 64; }
data=$(cd "$1" && pwd)
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for class in "$data"/MT_*/; do
  name=$(basename "$class")
  mkdir -p "$work/train/$name/Imgs" "$work/test/$name/Imgs"
  count=0
  for image in "$class"Imgs/*.jpg; do
    part=train
    [ $((count++ % 5)) -eq 0 ] && part=test
    cp "$image" "$work/$part/$name/Imgs/"
    [ -f "${image%.jpg}.png" ] && cp "${image%.jpg}.png" "$work/$part/$name/Imgs/"
  done
done
SECONDS=0
"$assay" train "$work/train" --use-masks --test-fraction 0 -o "$work/tiles.assay" "$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
echo "trained in $SECONDS s"
"$assay" evaluate "$work/tiles.assay" "$work/test" 2>&1
