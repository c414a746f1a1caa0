#!/usr/bin/env bash
# Several tasks on one representation against a run for each task alone, on the same 5 stratified folds: a cell defective
# or not, and its type (mono or poly). Heads on frozen features, then a layer that both tasks share.
# usage: benchmarks/multitask.sh ELPV_FOLDER          (~/.cache/assay/data/elpv)
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
data="$1"
accuracy() {
  local title=$1
  shift
  "$assay" evaluate --folds 5 --seed 0 "$@" "$data" 2>&1 |
    awk -v title="$title" '/images:$/ { task = $1 } $1 == "accuracy" { $1 = ""; print title " | " task $0 }'
}
for width in 0 256; do
  shared=()
  name="frozen features"
  if [ "$width" != 0 ]; then
    shared=(--shared-width "$width")
    name="shared layer of $width"
  fi
  accuracy "$name, both tasks" --tasks defect,type "${shared[@]}"
  if [ "$width" != 0 ]; then
    accuracy "$name, both tasks, learned weights" --tasks defect,type "${shared[@]}" --task-weights learned
  fi
  accuracy "$name, alone" --tasks defect "${shared[@]}"
  accuracy "$name, alone" --tasks type "${shared[@]}"
done
