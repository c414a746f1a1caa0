#!/usr/bin/env bash
# Near copies among photographs of one part: time and memory of `assay data` from 1,250 to 10,000 images, and how many of
# the planted copies it finds. PYTHON=python3 benchmarks/near_copies.sh [COUNT...]   (pip install numpy pillow)
set -euo pipefail
cd "$(dirname "$0")/.."
assay=${ASSAY:-.build/release/assay}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
counts=("$@")
[ ${#counts[@]} -gt 0 ] || counts=(1250 2500 5000 10000)
"${PYTHON:-python3}" benchmarks/near_copies.py "$assay" "$folder" "${counts[@]}"
