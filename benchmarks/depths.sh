#!/usr/bin/env bash
# Which depths of the backbone are worth reading: accuracy by 5 stratified folds for several choices (docs/accuracy.md).
# usage: benchmarks/depths.sh X_SDD MAGNETIC_TILE ELPV
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
all=stage1,stage2,stage3,stage4,stage5,stage6,stage7,head
early=stage2.expanded,stage3.expanded,stage4.expanded,stage5.expanded
default=stage3.expanded,stage4.expanded,stage5.expanded,stage6.expanded
accuracy() { "$assay" evaluate --folds 5 --seed 0 "$@" 2>&1 | awk '$1 == "accuracy" && $2 != "of" { print $2 " %" }'; }
for choice in "head mean" "$all mean deviation" "$early mean deviation" "$default mean deviation" "$default deviation"; do
  read -r taps statistics <<<"$choice"
  # shellcheck disable=SC2086
  printf '%s (%s): %s | %s | %s\n' "$taps" "$statistics" "$(accuracy "$1" --taps "$taps" --statistics $statistics)" \
    "$(accuracy "$2" --taps "$taps" --statistics $statistics)" \
    "$(accuracy "$3" --labels binary --taps "$taps" --statistics $statistics)"
done
