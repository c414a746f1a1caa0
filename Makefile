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
# A regular expression over names of suites and tests; all when empty.
FILTER ?=
FILTER_FLAG = $(if $(FILTER),--filter '$(FILTER)')

export ASSAY_WARNINGS_AS_ERRORS ?= $(if $(CI),1,)

.PHONY: all setup build test debug demo lint check clean
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

# What CI asks of every commit: format, imports as declared in Package.swift, all tests. Compiles once.
check: lint
	@scripts/setup.sh --tests
	@scripts/imports.py
	@scripts/silenced.py
	swift test $(TEST_FLAGS) --explicit-target-dependency-import-check error $(FILTER_FLAG)

demo: build
	@scripts/demo.sh $(ASSAY) $(CACHE)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	rm -rf .build .build-debug .deps
