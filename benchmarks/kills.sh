#!/usr/bin/env bash
# Kills a station and a watcher (SIGKILL), which share a record, at random moments under load. Afterwards every inspection that
# was answered as recorded, every line of the watcher's journal and every picture must be on record once: none lost, none twice.
# usage: benchmarks/kills.sh [KILLS [part.assay IMAGES]]     trains a small inspector of generated pictures when none is named
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/kills.py" --assay "${ASSAY:-$here/../.build/release/assay}" --work "$work" --kills "${1:-200}" \
  ${2:+--bundle "$2" --images "$3"}
