#!/bin/bash
# Checks the station's page: syntax, tests of its functions and words, types, and the page in a headless browser.
#
# usage: scripts/page.sh check|browser|shift [FOLDER FOR SCREENSHOTS]
# ASSAY names the program, .build/release/assay unless it is said. Of Debian: nodejs node-typescript chromium, and
# fonts-noto-cjk so that Chinese is seen on the screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-check} folder=${2:-}
files=Sources/AssayHTTP/Page/Files

needed() {
  command -v "$1" > /dev/null && return
  echo "scripts/page.sh: there is no $1; install it: apt-get install $2" >&2
  exit 69
}

needed node nodejs
case $what in
check)
  needed tsc node-typescript
  for file in "$files"/*.js Tests/Page/*/*.js; do node --check "$file"; done
  node --test Tests/Page/unit/
  tsc -p Tests/Page/jsconfig.json
  echo "the page's scripts are well"
  ;;
browser)
  needed "${CHROMIUM:-chromium}" chromium
  node Tests/Page/browser/walk.js ${folder:+"$folder"}
  ;;
shift)
  needed "${CHROMIUM:-chromium}" chromium
  node Tests/Page/browser/shift.js "${PARTS:-500}" "${RATE:-4}" ${folder:+"$folder"}
  ;;
*)
  sed -n 4p "$0" >&2
  exit 64
  ;;
esac
