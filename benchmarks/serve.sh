#!/usr/bin/env bash
# The station's figures on this machine: latency over HTTP against `assay inspect` in process, throughput of eight clients
# against `assay bench`, memory over a load run, curl and tritonclient.
# usage: benchmarks/serve.sh part.assay IMAGES [SECONDS of the load run [--jpeg 300] [--load-only] [--rate IMAGES_A_SECOND]]
# `--jpeg 300` makes colour JPEGs of 300 x 300 pixels of the images first (needs Pillow).
# wrk (Debian package) makes the load of eight clients when it is there.
# tritonclient is used when `PYTHON` (python3) has it: pip install tritonclient[http]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" "$here/serve.py" --assay "${ASSAY:-$here/../.build/release/assay}" --work "$work" "$1" "$2" \
  --seconds "${3:-60}" "${@:4}"
