#!/usr/bin/env bash
# What a station's memory rises to above idle (VmHWM less VmRSS at idle), whatever is sent: 600 MiB at most.
# usage: benchmarks/memory.sh part.assay [--only NAME...]
# Ends with 1 when it is more, or when the station does not answer any more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" "$here/memory.py" --assay "${ASSAY:-$here/../.build/release/assay}" --work "$work" "$@"
