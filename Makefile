# Two commands do everything from an empty clone: `make demo` and `make test`.
# While you work: `make debug FILTER=Threshold`, `make test FILTER=Threshold`, and `make check` before a commit.
SHELL := /bin/bash
ROOT := $(CURDIR)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assay
LIBRARY_FLAGS := --pkg-config-path $(ROOT)/.deps/pkgconfig \
  -Xlinker -rpath -Xlinker $(ROOT)/.deps/openvino/lib -Xlinker -rpath -Xlinker $(ROOT)/.deps/onednn/lib
BUILD_FLAGS := -c release $(LIBRARY_FLAGS)
# Tests see public and package declarations only, so they share the build of `make build`.
TEST_FLAGS := $(BUILD_FLAGS) --disable-testable-imports
# Kernels in C stay fast, so that tests that train are bearable.
DEBUG_FLAGS := -c debug --scratch-path $(ROOT)/.build-debug $(LIBRARY_FLAGS) -Xcc -O2
ASSAY := $(ROOT)/.build/release/assay
# Apart from every other build: sanitizers change what is compiled.
FUZZ_FLAGS := -c release --scratch-path $(ROOT)/.build-fuzz $(LIBRARY_FLAGS)
FUZZER := $(ROOT)/.build-fuzz/release/AssayFuzz
MINUTES ?= 60
# Names of fuzz targets; all when empty.
TARGETS ?=
# A regular expression over names of suites and tests; all when empty.
FILTER ?=
FILTER_FLAG = $(if $(FILTER),--filter '$(FILTER)')

export ASSAY_WARNINGS_AS_ERRORS ?= $(if $(CI),1,)

.PHONY: all setup build test debug demo openapi page page-shift lint check fuzz fuzz-corpus tsan kills clean
all: build

setup:
	@scripts/setup.sh

build: setup
	swift build $(BUILD_FLAGS) --product assay

test:
	@scripts/setup.sh --tests
	swift test $(TEST_FLAGS) $(FILTER_FLAG)

# Without optimisation in a folder of its own: an edit is compiled in seconds. Without FILTER it only compiles, since tests
# that train take long like this.
debug:
	@scripts/setup.sh --tests
	$(if $(FILTER),swift test $(DEBUG_FLAGS) $(FILTER_FLAG),swift build $(DEBUG_FLAGS) --build-tests)

# What CI asks of every commit: format, imports as declared in Package.swift, arrows that point down, all tests, commands in the
# documents as the program has them. Compiles once.
check: lint
	@scripts/setup.sh --tests
	@scripts/imports.py
	@scripts/silenced.py
	@scripts/layering --quiet
	@python3 -m unittest discover -s Tests/Scripts -p '*_test.py'
	swift test $(TEST_FLAGS) --explicit-target-dependency-import-check error $(FILTER_FLAG)
	@scripts/docs_commands.py $(ASSAY)

demo: build
	@scripts/demo.sh $(ASSAY) $(CACHE)

# Asks a station everything that its own document says, and what it forbids (schemathesis, by pip into the cache).
openapi: build
	@scripts/openapi.sh $(ASSAY)

# The station's page: syntax, tests and types of its scripts, then every view in headless Chromium (screenshots into SHOTS).
SHOTS ?=
page: build
	@scripts/page.sh check
	@ASSAY=$(ASSAY) scripts/page.sh browser $(SHOTS)

# A shift on the page: PARTS=500 at RATE=4 a second, and whether every defect was seen.
page-shift: build
	@ASSAY=$(ASSAY) scripts/page.sh shift $(SHOTS)

# Readers of bytes from outside under libFuzzer, for so many minutes in all; the found inputs grow in the cache folder.
fuzz: setup
	ASSAY_FUZZ=1 swift build $(FUZZ_FLAGS) --product AssayFuzz
	scripts/fuzz.sh $(FUZZER) $(CACHE) $(MINUTES) $(TARGETS)

# Of what `make fuzz` has found, a small part for the repository, which every test build replays.
fuzz-corpus:
	scripts/fuzz.sh --keep $(FUZZER) $(CACHE) 24000 $(TARGETS)

# Station, reload, watch, links and retraining under ThreadSanitizer. A data race ends it with an error.
TSAN_SUITES := AssayStationTests|AssayHTTPTests|AssayPlantTests|AssayRecordTests
tsan:
	@scripts/setup.sh --tests
	TSAN_OPTIONS="suppressions=$(ROOT)/scripts/tsan.supp exitcode=66 $(TSAN_OPTIONS)" swift test -c debug --sanitize=thread \
	  --scratch-path $(ROOT)/.build-tsan $(LIBRARY_FLAGS) -Xcc -O2 -Xswiftc -use-ld=lld \
	  --filter '$(or $(FILTER),$(TSAN_SUITES))'

# Kills station and watcher so many times under load and compares what was acknowledged with the record.
COUNT ?= 200
kills: build
	ASSAY=$(ASSAY) benchmarks/kills.sh $(COUNT)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	rm -rf .build .build-debug .build-fuzz .build-tsan .deps
