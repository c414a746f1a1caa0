#!/usr/bin/env bash
# The record at growing sizes: how long each look takes (median and longest of ten, in milliseconds), and a commit with and
# without four people searching. What is in FOLDER is gone on with, so it can be stopped; give `--fresh` to begin anew.
# A million rows of 7000 bytes take 8 GB and some minutes.
# usage: benchmarks/record.sh FOLDER [BYTES OF A ROW [ROWS...]] [--fresh]
#        benchmarks/record.sh FOLDER BYTES migrate     the same record as the version before left it: how long it is looked
#                                                      through, and commits meanwhile
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
arguments=()
for argument in "$@"; do
  if [ "$argument" = --fresh ]; then fresh=1; else arguments+=("$argument"); fi
done
set -- "${arguments[@]}"
folder=${1:?where? name a folder on the disk to be measured}
bytes=${2:-7000}
shift; [ $# -gt 0 ] && shift
if [ -n "${fresh:-}" ]; then rm -f "$folder"/record.sqlite{,-wal,-shm}; fi
if [ "${1:-}" = migrate ]; then
  python3 "$here/earlier_record.py" "$folder/record.sqlite"
fi
bench=${RECORD_BENCHMARK:-.build/release/RecordBenchmark}
if [ -z "${RECORD_BENCHMARK:-}" ]; then
  swift build -c release --pkg-config-path "$PWD/.deps/pkgconfig" --product RecordBenchmark
fi
if [ $# -eq 0 ]; then set -- 10000 100000 1000000; fi
exec "$bench" "$folder" "$bytes" "$@"
