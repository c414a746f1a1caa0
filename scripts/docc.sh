#!/usr/bin/env bash
# Makes the documentation of the public modules with DocC (`make docs`): the articles in Sources/*/*.docc and the comments of what
# is public. Fails when an article names a type or page that is not there. Needs a finished `make build`.
#
# usage: scripts/docc.sh OUTPUT     then, to read them: docc preview, or any web server on OUTPUT/MODULE
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
build="$root/.build/release"
output=$1
tools=$(dirname "$(readlink -f "$(command -v swift)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where the compiler finds the modules in C that ours are built on.
flags=(-I "$build/Modules" -target x86_64-unknown-linux-gnu -minimum-access-level public)
for folder in "$root"/Sources/C*/ "$root"/.build/checkouts/*/Sources/*SQLite/; do flags+=(-I "$folder"); done
for map in "$build"/*.build/module.modulemap "$root"/.build/checkouts/*/Sources/*/include/module.modulemap; do
  [ ! -e "$map" ] || flags+=(-Xcc "-fmodule-map-file=$map")
done
export PKG_CONFIG_PATH="$root/.deps/pkgconfig"
read -r -a headers < <(pkg-config --cflags-only-I assay-codecs assay-openvino assay-onednn assay-onnxruntime)
flags+=("${headers[@]}")

wrong=0
for catalogue in "$root"/Sources/*/*.docc; do
  module=$(basename "$catalogue" .docc)
  mkdir -p "$work/$module" "$output"
  "$tools/swift-symbolgraph-extract" -module-name "$module" "${flags[@]}" -output-dir "$work/$module"
  "$tools/docc" convert "$catalogue" --additional-symbol-graph-dir "$work/$module" --output-path "$output/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "$module" >"$work/$module.log" 2>&1 \
    || { cat "$work/$module.log" >&2; exit 1; }
  # Parameters whose names say what they are need no words.
  if grep -A2 -E "^warning: .*(doesn't exist|can't resolve|No symbol matched|ambiguous)" -i "$work/$module.log" >&2; then wrong=1; fi
  echo "docs: $output/$module, $(find "$output/$module" -name '*.json' | wc -l) pages"
done
exit $wrong
