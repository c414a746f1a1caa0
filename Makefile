# Two commands do everything from an empty clone: `make demo` and `make test`.
SHELL := /bin/bash
ROOT := $(CURDIR)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assay
BUILD_FLAGS := -c release --pkg-config-path $(ROOT)/.deps/pkgconfig \
  -Xlinker -rpath -Xlinker $(ROOT)/.deps/openvino/lib -Xlinker -rpath -Xlinker $(ROOT)/.deps/onednn/lib
ASSAY := $(ROOT)/.build/release/assay

export ASSAY_WARNINGS_AS_ERRORS ?= $(if $(CI),1,)

.PHONY: all setup build test demo lint clean
all: build

setup:
	@scripts/setup.sh

build: setup
	swift build $(BUILD_FLAGS) --product assay

# Tests see public and package declarations only, so they share the build of `make build`.
test:
	@scripts/setup.sh --tests
	swift test $(BUILD_FLAGS) --disable-testable-imports

demo: build
	@scripts/demo.sh $(ASSAY) $(CACHE)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	rm -rf .build .deps
