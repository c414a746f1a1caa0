#!/usr/bin/env bash
# Runs every target of FuzzTargets under libFuzzer (`make fuzz MINUTES=60 [TARGETS="png cvat"]`) and ends with a table; exits
# with 1 when an input made a reader trap, take too long or too much memory, and names the input's file.
#
# Two corpora: the small one of the repository (Tests/AssayFuzzTests/Corpus), which every test build replays, and a growing one
# in the cache folder, where each run goes on.
#
# usage: scripts/fuzz.sh AssayFuzz CACHE MINUTES [TARGET...]
#        scripts/fuzz.sh --keep AssayFuzz CACHE BYTES [TARGET...]    fills the repository's corpus: of the cache's what brings
#                                                                    coverage, short and long, at most BYTES and 40 inputs
#                                                                    a target
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
kept="$root/Tests/AssayFuzzTests/Corpus"
purpose=run
if [ "${1:-}" = --keep ]; then
  purpose=keep
  shift
fi
fuzzer=$1 cache=$2/fuzz amount=$3
shift 3

# One input: seconds of a machine that does other work as well, MiB of the whole process, MiB of one allocation.
readonly timeout=10 most_memory=1024 most_at_once=256
# A trap must end the process at once, and not start a program that looks at it.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:handle_abort=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

# Data sets that targets write: in memory where that is possible.
work=$(TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo /tmp) mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tmp" "$cache/logs" "$cache/found"
export TMPDIR="$work/tmp"

"$fuzzer" --seeds "$work/seeds"
if [ $# -gt 0 ]; then targets=("$@"); else mapfile -t targets < <("$fuzzer" --list | cut -d' ' -f1); fi
longest() { "$fuzzer" --list | awk -v name="$1" '$1 == name { print $2 }'; }

# Corpora of a target that are there: the cache's first, which is the one that grows.
corpora() {
  mkdir -p "$cache/corpus/$1"
  for folder in "$cache/corpus/$1" "$kept/$1" "$work/seeds/$1"; do [ ! -d "$folder" ] || echo "$folder"; done
}

if [ $purpose = keep ]; then
  for target in "${targets[@]}"; do
    mapfile -t folders < <(corpora "$target")
    mkdir -p "$work/least/$target" "$kept/$target"
    "$fuzzer" "$target" -set_cover_merge=1 -max_len="$(longest "$target")" "$work/least/$target" "${folders[@]}" \
      >"$cache/logs/$target.keep" 2>&1
    # Short and long ones alike, up to forty.
    (cd "$work/least/$target" && find . -type f -printf '%s %f\n') | sort -n \
      | awk -v most="$amount" '{ size[NR] = $1; name[NR] = $2 }
          END { for (i = 1; i <= 40; i++) { at = int((i * NR + 39) / 40)
                  if (at > last && (sum += size[at]) <= most) print name[at]; last = at } }' \
      | while read -r name; do cp "$work/least/$target/$name" "$kept/$target/${name:0:16}"; done
    echo "$target: $(find "$kept/$target" -type f | wc -l) inputs, $(du -sb "$kept/$target" | cut -f1) bytes"
  done
  exit 0
fi

seconds=$((amount * 60 / ${#targets[@]}))
[ "$seconds" -ge 1 ] || seconds=1
rows=() crashes=0 found=()
for target in "${targets[@]}"; do
  mapfile -t folders < <(corpora "$target")
  log="$cache/logs/$target.log"
  before=$(find "$cache/found" -name "$target-*" | sort)
  # An empty dictionary is an error to libFuzzer.
  words=()
  [ ! -s "$work/seeds/$target.dict" ] || words=(-dict="$work/seeds/$target.dict")
  echo "fuzz: $target for $seconds s" >&2
  status=0
  "$fuzzer" "$target" -max_total_time="$seconds" -timeout=$timeout -rss_limit_mb=$most_memory -malloc_limit_mb=$most_at_once \
    -max_len="$(longest "$target")" "${words[@]}" -reload=0 -print_final_stats=1 -artifact_prefix="$cache/found/$target-" \
    "${folders[@]}" >"$log" 2>&1 || status=$?
  rm -rf "${TMPDIR:?}"/*
  new=$(comm -13 <(echo "$before") <(find "$cache/found" -name "$target-*" ! -name "$target-slow-unit-*" | sort))
  read -r timeouts traps < <(echo "$new" | awk '/-timeout-/ { slow++ } /-(crash|oom|leak)-/ { bad++ } END { print slow + 0, bad + 0 }')
  # Whatever ends a target is a finding, also when libFuzzer could not write the input.
  [ $status -eq 0 ] || [ $((timeouts + traps)) -gt 0 ] || traps=1
  crashes=$((crashes + timeouts + traps))
  [ -z "$new" ] || found+=("$new")
  statistic() { awk -v name="stat::$1:" '$1 == name { value = $2 } END { print value + 0 }' "$log"; }
  inputs=$(find "$cache/corpus/$target" -type f | wc -l)
  rows+=("$target $inputs $(statistic number_of_executed_units) $(statistic average_exec_per_sec) $traps $timeouts $(statistic slowest_unit_time_sec) $(statistic peak_rss_mb)")
  # Less where newer inputs have made older ones needless.
  if [ $status -eq 0 ]; then
    mkdir -p "$work/least/$target"
    if "$fuzzer" "$target" -merge=1 -max_len="$(longest "$target")" "$work/least/$target" "$cache/corpus/$target" >>"$log" 2>&1 \
      && [ -n "$(ls "$work/least/$target")" ]; then
      rm -rf "${cache:?}/corpus/$target"
      mkdir -p "$cache/corpus"
      cp -r "$work/least/$target" "$cache/corpus/$target"
    fi
    rm -rf "$work/least"
  fi
done

printf '%-28s %8s %12s %9s %8s %8s %10s %8s\n' target inputs executions 'each s' crashes timeouts 'slowest s' 'peak MiB'
for row in "${rows[@]}"; do
  # shellcheck disable=SC2086
  printf '%-28s %8s %12s %9s %8s %8s %10s %8s\n' $row
done
times >"$work/times"
cpu=$(awk 'NR == 2 { split($1, a, /[ms]/); split($2, b, /[ms]/); printf "%.1f", a[1] + b[1] + (a[2] + b[2]) / 60 }' "$work/times")
printf '%s\n' "${rows[@]}" | awk -v cpu="$cpu" '{ n++; executions += $3; crashes += $5; timeouts += $6 }
  END { printf "%d targets, %d executions, %d crashes, %d timeouts, %s minutes of a core\n", n, executions, crashes, timeouts, cpu }'
if [ "$crashes" -gt 0 ]; then
  echo "fuzz: inputs that must not end a reader, each read again by $fuzzer TARGET FILE:" >&2
  printf '%s\n' "${found[@]}" >&2
  exit 1
fi
