#!/usr/bin/env bash
# Accuracy by 5 stratified folds, seed 0, frozen EfficientNet-Lite0; penalty and temperature chosen inside each fold.
# usage: benchmarks/accuracy.sh [--labels binary] PATH...     (ELPV: ~/.cache/assay/data/elpv)
set -euo pipefail
assay="$(dirname "$0")/../.build/release/assay"
labels=()
if [ "${1:-}" = --labels ]; then
  labels=(--labels "$2")
  shift 2
fi
for data in "$@"; do
  echo "== $data ${labels[*]}"
  "$assay" evaluate --folds 5 --seed 0 "${labels[@]}" "$data" 2>&1 | grep -E 'images:|accuracy|macro|log loss|AUROC'
done
