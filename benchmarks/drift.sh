#!/usr/bin/env bash
# Drift without drift, and with it.
# usage: benchmarks/drift.sh alarms DATA [DRAWS [IMAGES...]]
#            so many draws (5000) of IMAGES (60 100 300) to train on from DATA's good images (from all where none is good), and a
#            thousand fresh ones of the rest for each: how often features and brightness raise an alarm, per look and per thousand parts,
#            as it was up to version 0.9 and now. Features are computed once and kept in the cache.
#        benchmarks/drift.sh trained DATA [DRAWS [IMAGES...]]
#            the same with whole bundles, linear and anomaly: scores, features and what is farther than all.
#        benchmarks/drift.sh detect DATA [DRAWS [IMAGES...]]
#            whole bundles again; after 200 fresh parts the lamp gets darker, the lens is blurred, or (where no class is good)
#            a class comes that was not among those trained on: parts until the alarm.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=${DRIFT_BENCHMARK:-.build/release/DriftBenchmark}
if [ -z "${DRIFT_BENCHMARK:-}" ]; then
  swift build -c release --pkg-config-path "$PWD/.deps/pkgconfig" --product DriftBenchmark
fi
exec "$bench" "$@"
