#!/usr/bin/env bash
# Kills a station under load (SIGKILL) at random moments: every inspection whose record was acknowledged must be in the
# record afterwards, and the database whole.
# usage: benchmarks/serve_kill.sh part.assay IMAGES [KILLS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/serve_kill.py" --assay "${ASSAY:-$here/../.build/release/assay}" --work "$work" "$1" "$2" --kills "${3:-1000}"
