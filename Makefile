# Two commands do everything from an empty clone: `make demo` and `make test`.
# While you work: `make debug FILTER=Threshold`, `make test FILTER=Threshold`, and `make check` before a commit.
SHELL := /bin/bash
ROOT := $(CURDIR)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assay
LIBRARY_FLAGS := --pkg-config-path $(ROOT)/.deps/pkgconfig
BUILD_FLAGS := -c release $(LIBRARY_FLAGS)
# Tests see public and package declarations only, so they share the build of `make build`.
TEST_FLAGS := $(BUILD_FLAGS) --disable-testable-imports
# Line by line, so that the log of a run that was ended tells how far it was; and never for ever, whatever hangs.
SWIFT_TEST := SWIFT_BACKTRACE=interactive=no,color=no timeout --foreground --kill-after=30 60m stdbuf -oL swift test
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
# Swift packages in the exact versions that Package.swift has; `make ASSAY_PINNED=` takes the newest of each range.
export ASSAY_PINNED ?= 1
# By the tag, so that an unchanged version builds nothing again.
ASSAY_VERSION ?= $(shell scripts/version.sh)
export ASSAY_VERSION := $(ASSAY_VERSION)

.PHONY: all help setup build test debug demo openapi page page-shift lint check fuzz fuzz-corpus tsan sanitize kills \
  api bench-check examples docs clean
all: build

# What there is to make.
help:
	@awk '/^#/ { text = text substr($$0, 2); next } /^[A-Z_]+ *[:?]?=/ { next } \
	  /^[a-z-]+:/ && text { name = $$1; sub(/:.*/, "", name); sub(/[.:] .*/, "", text); printf "%-12s%s\n", name, text } \
	  { text = "" }' Makefile

# Libraries, weights and data that a build needs.
setup:
	@scripts/setup.sh

# The program, .build/release/assay.
build: setup
	swift build $(BUILD_FLAGS) --product assay

# All tests, or those of FILTER.
test:
	@scripts/setup.sh --tests
	$(SWIFT_TEST) $(TEST_FLAGS) $(FILTER_FLAG)

# Without optimisation in a folder of its own: an edit is compiled in seconds. Without FILTER it only compiles, since tests
# that train take long like this.
debug:
	@scripts/setup.sh --tests
	$(if $(FILTER),swift test $(DEBUG_FLAGS) $(FILTER_FLAG),swift build $(DEBUG_FLAGS) --build-tests)

# What CI asks of every commit: format, imports as declared in Package.swift, arrows that point down, licences, links, all tests,
# commands in the documents as the program has them, articles that name what there is. Compiles once.
check: lint
	@scripts/setup.sh --tests
	@scripts/imports.py
	@scripts/silenced.py
	@scripts/layering --quiet
	@scripts/notice.py
	@scripts/docs_links.py
	@python3 -m unittest discover -s Tests/Scripts -p '*_test.py'
	$(SWIFT_TEST) $(TEST_FLAGS) --explicit-target-dependency-import-check error $(FILTER_FLAG)
	@scripts/docs_commands.py $(ASSAY)
	@scripts/reference.py $(ASSAY) --check
	@scripts/docc.sh $(ROOT)/.build/docs
	@test -z "$(ASSAY_VERSION)" || test "$$($(ASSAY) --version)" = "$(ASSAY_VERSION)"

# Train, test and use an inspector of solar cells.
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
TSAN_FLAGS := -c debug --sanitize=thread --scratch-path $(ROOT)/.build-tsan $(LIBRARY_FLAGS) -Xcc -O2 -Xswiftc -use-ld=lld
TSAN_SUITES := AssayStationTests|AssayHTTPTests|AssayPlantTests|AssayRecordTests
tsan:
	@scripts/setup.sh --tests
	swift build $(TSAN_FLAGS) --build-tests
	clang -Wall -Werror -shared -fPIC -O1 -o $(ROOT)/.build-tsan/tsan_mutex.so scripts/tsan_mutex.c -ldl
	TBB_ENABLE_SANITIZERS=1 LD_PRELOAD=$(ROOT)/.build-tsan/tsan_mutex.so SWIFT_BACKTRACE=enable=no \
	  TSAN_OPTIONS="suppressions=$(ROOT)/scripts/tsan.supp exitcode=66 $(TSAN_OPTIONS)" swift test $(TSAN_FLAGS) --skip-build \
	  --filter '$(or $(FILTER),$(TSAN_SUITES))'

# All tests that are not about time or training under AddressSanitizer, in a folder of its own (FILTER for others).
SANITIZE_SUITES := AssayImageTests|AssayDataTests|AssayWeightsTests|AssayGraphTests|AssayBundleTests|AssayRuntimeTests|AssayInspectionTests|AssayReportTests|AssayMetricsTests|AssayRecordTests|AssayFuzzTests|AssayKindTests
sanitize:
	@scripts/setup.sh --tests
	ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:$(ASAN_OPTIONS)" swift test -c debug --sanitize=address \
	  --scratch-path $(ROOT)/.build-sanitize $(LIBRARY_FLAGS) -Xcc -O2 -Xswiftc -use-ld=lld \
	  --filter '$(or $(FILTER),$(SANITIZE_SUITES))'

# Whether the library's interface broke since TAG (`make api TAG=v0.2.0`).
api: setup
	swift package --scratch-path $(ROOT)/.build $(LIBRARY_FLAGS) diagnose-api-breaking-changes $(TAG) --products AssayWorkflows

# Benchmarks whose figures hold on any quiet machine, against benchmarks/thresholds; NAMES="training inspection" for some of them.
bench-check: build
	@scripts/bench_check.py $(ASSAY) $(NAMES)

# Kills station and watcher so many times under load and compares what was acknowledged with the record.
COUNT ?= 200
kills: build
	ASSAY=$(ASSAY) benchmarks/kills.sh $(COUNT)

# Both programs of Examples, and one of them as a package of its own that depends on this checkout by its path.
examples: setup
	swift build $(BUILD_FLAGS) --product InspectPart
	swift build $(BUILD_FLAGS) --product TrainLine
	PKG_CONFIG_PATH=$(ROOT)/.deps/pkgconfig swift build -c release --package-path Examples/Dependant \
	  --scratch-path $(ROOT)/.build-dependant --product InspectPart

# The documentation of the public modules, by DocC, into .build/docs.
docs: build
	@scripts/docc.sh $(ROOT)/.build/docs

# The layout of the sources; `swift format -i FILE` mends it.
lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples

# Takes away all that was built and unpacked.
clean:
	rm -rf .build .build-debug .build-fuzz .build-tsan .build-sanitize .build-dependant .deps
