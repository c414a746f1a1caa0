#!/usr/bin/env bash
# What another line costs and what `assay adapt` brings back, on copies that are changed as another camera would (docs/adapt.md).
# The data set is divided in two by the files' order: one half is the line that is trained on, the other half, changed, the new
# line; so that no part is seen twice.
# usage: PYTHON=python3 benchmarks/adapt.sh CLASS_FOLDERS [KIND...]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
assay="${ASSAY:-$here/../.build/release/assay}"
python="${PYTHON:-python3}"
data="$1"
shift
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(none camera soft noise colour dark all)
work="${WORK:-$(mktemp -d)}"
for class in "$data"/*/; do
  name="$(basename "$class")"
  mkdir -p "$work/a/$name" "$work/b/$name"
  number=0
  # `find` sorts nothing; the order of names is the same everywhere.
  find "$class" -type f \( -iname '*.jpg' -o -iname '*.png' -o -iname '*.bmp' \) | LC_ALL=C sort | while read -r file; do
    case "$file" in */Imgs/*.png) continue ;; esac # magnetic tile: masks
    number=$((number + 1))
    half=a
    [ $((number % 2)) -eq 0 ] && half=b
    ln -sf "$(realpath "$file")" "$work/$half/$name/"
  done
done
[ -d "$work/line.assay" ] || "$assay" train "$work/a" -o "$work/line.assay" 2>&1 | tail -3
targets=()
for kind in "${kinds[@]}"; do
  [ -d "$work/$kind" ] || "$python" "$here/shifted_line.py" "$work/b" "$work/$kind" "$kind"
  targets+=("$work/$kind")
done
"$assay" evaluate "$work/line.assay" --source "$work/a" --target "${targets[@]}" --report "$work/report.html"
echo "report: $work/report.html"
