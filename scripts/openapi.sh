#!/usr/bin/env bash
# Holds the station against its own document: schemathesis asks every address what /openapi.json says, and things that it
# does not allow, and compares. Ends with 0 when there is no difference.
# /v1/events is left out, since it never ends.
# usage: scripts/openapi.sh ASSAY [schemathesis' own options]
# BUNDLE in the environment names a bundle; without, one is trained on made pictures.
set -euo pipefail

assay=$1
shift
root=$(cd "$(dirname "$0")" && pwd)
version=4.32.5
cache="${XDG_CACHE_HOME:-$HOME/.cache}/assay/schemathesis-$version"

if [ ! -x "$cache/bin/st" ]; then
  echo "openapi: installing schemathesis $version into $cache" >&2
  rm -rf "$cache.partial"
  python3 -m venv "$cache.partial"
  "$cache.partial/bin/pip" install --quiet "schemathesis==$version"
  # A virtual environment knows its own place, so it is made anew under its name.
  rm -rf "$cache.partial"
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet "schemathesis==$version"
fi

folder=$(mktemp -d)
station=
finish() {
  if [ -n "$station" ]; then
    kill "$station" 2>/dev/null || true
    wait "$station" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

if [ -n "${BUNDLE:-}" ]; then
  cp -a "$BUNDLE" "$folder/part.assay"
else
  python3 - "$folder/parts" <<'PYTHON'
import pathlib, random, sys
random.seed(0)
for index in range(60):
    bright = index % 2
    pixels = bytearray(90 + 12 * (row % 3) + random.randrange(20) for row in range(64) for _ in range(64))
    for step in range(40 if bright else 0):
        pixels[64 * (step + 12) + 8 + step] = pixels[64 * (step + 12) + 9 + step] = 250
    path = pathlib.Path(sys.argv[1], "scratch" if bright else "good", f"{index}.pgm")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"P5 64 64 255\n" + bytes(pixels))
PYTHON
  "$assay" train "$folder/parts" --input-size 96 -o "$folder/part.assay" 2>"$folder/log" || { cat "$folder/log" >&2; exit 1; }
fi
"$assay" serve "$folder/part.assay" --port 0 --record-folder "$folder/record" --keep-images all --log-level warning \
  --queue 1000 --longest-wait 60 2>"$folder/log" &
station=$!
address=
for _ in $(seq 200); do
  address=$(sed -n 's/.*serving at \(http[^ ]*\)\/.*/\1/p' "$folder/log")
  [ -n "$address" ] && break
  kill -0 "$station" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$address" ] || { echo "openapi: the station does not answer" >&2; exit 1; }

# Something on record, corrected or not, so that its addresses answer.
python3 - "$address" <<'PYTHON'
import json, sys, urllib.request
for index, level in enumerate((0, 128, 255)):
    picture = b"P5 64 48 255\n" + bytes([level]) * (64 * 48)
    request = urllib.request.Request(f"{sys.argv[1]}/v1/inspect/part?serial=A-{index}", picture)
    json.load(urllib.request.urlopen(request))
PYTHON

cd "$root"
SCHEMATHESIS_HOOKS=openapi_hooks "$cache/bin/st" run "$address/openapi.json" --checks all --seed 1 --exclude-path /v1/events \
  --max-examples "${EXAMPLES:-40}" --generation-database none --no-color "$@"
