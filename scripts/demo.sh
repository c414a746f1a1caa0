#!/usr/bin/env bash
# The main job on real images: ELPV's solar cells, from labelled photographs to a tested inspector and a report.
set -euo pipefail
assay=$1
cache=$2
out=demo
mkdir -p "$out"
"$assay" doctor
echo
echo "== The data: electroluminescence photographs of solar cells (ELPV, CC BY-NC-SA) =="
"$assay" data "$cache/data/elpv" --labels binary
echo
echo "== Training =="
"$assay" train "$cache/data/elpv" --labels binary -o "$out/cells.assay"
echo
echo "== Testing on the cells it has never seen =="
"$assay" evaluate "$out/cells.assay" "$cache/data/elpv" --report "$out/test.html"
echo
echo "== Inspecting =="
"$assay" inspect "$out/cells.assay" "$cache"/data/elpv/images/cell000{1,2,3,4,5,6,7,8}.png --maps "$out/maps"
echo
echo "Pictures of the inspected cells: $out/maps"
echo "Open the report in a browser:    $PWD/$out/cells.assay/report.html"
