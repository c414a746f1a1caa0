#!/usr/bin/env bash
# Anomaly detection on magnetic tile in MVTec AD's form: figures, shots, the promise of the threshold.
# usage: benchmarks/anomaly.sh MAGNETIC_TILE [BACKBONE [TAPS [SIZE]]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
assay="$here/../.build/release/assay"
source=$1
backbone=${2:-resnet50-v2}
taps=${3:-features}
size=${4:-256}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/mvtec_form.py" "$source" "$work/tile" 0
recipe=(--method anomaly --backbone "$backbone" --taps "$taps" --input-size "$size")

echo "== $backbone ($taps, $size pixels), 80 % of MT_Free"
"$assay" train "$work/tile" "${recipe[@]}" --coreset 0.03 -o "$work/tile.assay" 2>&1 | sed -n '/held-out/,$p' | grep -v -e bundle: -e report:

echo "== the promise: 200 random divisions of good parts that it has not learned from"
mkdir "$work/good"
ln -s "$work/tile/test/good" "$work/good/good"
for rate in 0.02 0.05 0.1; do
  "$assay" threshold "$work/tile.assay" --max-overkill $rate --check 200 "$work/good" 2>&1 | tail -n 1
done

echo "== shots: image AUROC on every third test image, mean and deviation over 5 seeds"
cp -r "$work/tile" "$work/third"
find "$work/third/test" -type l | sort | awk 'NR % 3' | xargs -d '\n' rm
for detector in subspace patchcore; do
  for shots in 1 2 4 8 16; do
    for seed in 0 1 2 3 4; do
      "$assay" train "$work/third" "${recipe[@]}" --detector $detector --shots $shots --seed $seed -o "$work/few.assay" --json 2>/dev/null |
        python3 -c 'import json, sys; print([m["value"] for m in json.load(sys.stdin)["metrics"] if m["name"] == "image AUROC"][0])'
    done | python3 -c "
import statistics, sys
v = [float(x) for x in sys.stdin]
print(f'$detector, $shots shots: {statistics.mean(v):.4f} +- {statistics.stdev(v):.4f}')"
  done
done
