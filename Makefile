# A thin front: each target is one line of meson or one script. Variables: BUILD (directory), ARGS (for the script);
# with CI set, warnings are errors.
BUILD ?= build
MESON = $(if $(shell command -v mold),env CC_LD=mold) meson
.PHONY: all setup build demo test bench soak fuzz fmt lint install clean

all: build

setup:
	@tools/setup

build: setup
	@test -f "$(BUILD)/build.ninja" || $(MESON) setup $(if $(CI),-Dwerror=true) "$(BUILD)" $(ARGS) >/dev/null
	@test -f "$(BUILD)/compile.log" || \
		echo "Compiling: some minutes the first time; $(BUILD)/compile.log shows the progress."
	@tools/last-line "$(BUILD)/compile.log" $(MESON) compile -C "$(BUILD)" || \
		{ cat "$(BUILD)/compile.log"; exit 1; }

demo: build
	@tools/demo --build "$(BUILD)" $(ARGS)

test: build
	@tools/run-tests --build "$(BUILD)" $(ARGS)

bench: build
	@tools/bench --build "$(BUILD)" $(ARGS)

soak: build
	@tools/run-tests --build "$(BUILD)" --soak $(ARGS)

fuzz: setup
	@tools/fuzz $(ARGS)

fmt:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

lint: build
	@$(MESON) test -C "$(BUILD)" --suite lint

install: build
	@$(MESON) install -C "$(BUILD)"

clean:
	@rm -rf "$(BUILD)" build-asan build-fuzz
