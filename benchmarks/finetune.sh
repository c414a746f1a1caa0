#!/usr/bin/env bash
# Fine-tuning against the linear probe on 5 stratified folds: benchmarks/finetune.sh X_SDD MAGNETIC_TILE ELPV [OPTIONS...]
# Accuracy of both on the same held-out images, time and peak memory. The bundles go to a temporary folder.
set -euo pipefail
assay="$(cd "$(dirname "$0")/.." && pwd)/.build/release/assay"
[ $# -ge 3 ] || { echo "usage: $0 X_SDD MAGNETIC_TILE ELPV [options of assay train]" >&2; exit 64; }
paths=("$1" "$2" "$3")
shift 3
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for index in 0 1 2; do
  labels=native
  [ "$index" = 2 ] && labels=binary
  echo "== ${paths[$index]} ($labels labels) =="
  python3 - "$assay" train "${paths[$index]}" --labels "$labels" -o "$out/$index.assay" --method finetune \
    --test-fraction 0 --stopping-fraction 0 --folds 5 "$@" <<'PY'
import resource
import subprocess
import sys
import time

start = time.time()
process = subprocess.run(sys.argv[1:], capture_output=True, text=True)
print("\n".join(l for l in process.stderr.splitlines() if "held-out" in l or "won" in l or "augmentation without" in l))
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
print(f"{time.time() - start:.0f} s for 6 trainings, peak memory {peak} MiB")
sys.exit(process.returncode)
PY
done
