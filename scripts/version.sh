#!/usr/bin/env bash
# The version of this tree: its tag's (v1.2.3 is 1.2.3), with +dev behind it where commits or edits came after the tag. In an archive
# made by `git archive`: what git wrote into the file VERSION. Nothing where no tag is known; Package.swift has a word for that.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
described=
if [ "$(git -C "$root" rev-parse --show-toplevel 2>/dev/null)" = "$root" ]; then
  described=$(git -C "$root" describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || true)
elif [ -f "$root/VERSION" ]; then
  described=$(head -n 1 "$root/VERSION")
fi
if [[ $described =~ ^v([0-9][0-9A-Za-z.+-]*)$ ]]; then
  version=${BASH_REMATCH[1]}
  # Not how many commits and which: that would build everything again after each.
  if [[ $version =~ ^(.*)-[0-9]+-g[0-9a-f]+(-dirty)?$ || $version =~ ^(.*)-dirty$ ]]; then
    version=${BASH_REMATCH[1]}+dev
  fi
  printf '%s\n' "$version"
fi
