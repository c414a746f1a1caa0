#!/usr/bin/env bash
# Calibration and uncertain parts over many small draws of a data set, as they were before and as they are.
# usage: benchmarks/calibration.sh DATA [DRAWS [GOOD CLASS]]
set -euo pipefail
cd "$(dirname "$0")/.."
bench=${CALIBRATION_BENCHMARK:-.build/release/CalibrationBenchmark}
if [ -z "${CALIBRATION_BENCHMARK:-}" ]; then
  swift build -c release --pkg-config-path "$PWD/.deps/pkgconfig" --product CalibrationBenchmark
fi
exec "$bench" "$@"
