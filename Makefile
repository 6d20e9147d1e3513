# `make` lists what there is. Two targets do everything on a fresh machine: `make train` and `make test`.

SWIFT_SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources/micro \
  Lab/Package.swift Lab/Sources Lab/Tests
PYTHON_ENVIRONMENT = .venv
PYTHON = $(PYTHON_ENVIRONMENT)/bin/python
BENCH_ENVIRONMENT = .venv-bench
PEER_PYTHON ?= $(BENCH_ENVIRONMENT)/bin/python
BENCH_RESULTS = .build/bench
ROUNDS = 5
ROWS =

.PHONY: help setup train test test-sets test-sanitizers bench bench-itself bench-publish bench-micro bench-growth format lint docs oracles oracles-check mutants arm64 lab test-lab test-browser

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what this machine lacks, or say how
	@Scripts/setup

train: setup ## Train the deck's network: zeros against ones
	swift run -c release starling train

test: setup ## Run all tests
	swift test -c release

# PORT=0 takes a port that is free.
PORT = 8080

lab: setup ## Open the living deck in your browser: a local page whose every number the engine computes
	Scripts/lab-sources --check
	swift build -c release --package-path Lab --product starling-lab
	"$$(swift build -c release --package-path Lab --show-bin-path)/starling-lab" --open --port $(PORT)

# Kept apart from the build of `make lab`: their flags differ, and each would build all of the other's packages anew.
LAB_TESTS = --package-path Lab --scratch-path Lab/.build/tests

test-lab: setup ## Run the tests of the living deck's server
	Scripts/lab-sources --check
	swift test -c release $(LAB_TESTS)

# It installs Chromium and a Python environment of its own. FULL=--full makes the fuzzer and the load long.
test-browser: setup ## Go through the living deck in a headless Chromium, send it malformed requests and a load
	Tests/Browser/run $(FULL)

# The command refuses a set that the machine lacks, and such a one is left out.
test-sets: setup ## Run the engine's tests with each instruction set that this machine has
	swift build -c release --build-tests
	@for set in baseline avx2 avx512; do \
	  if STARLING_INSTRUCTIONS=$$set "$$(swift build -c release --show-bin-path)/starling" explain >/dev/null 2>&1; then \
	    echo "STARLING_INSTRUCTIONS=$$set"; \
	    STARLING_INSTRUCTIONS=$$set swift test -c release --skip-build --filter '^StarlingTests\.' || exit 1; \
	  else echo "$$set: not on this machine"; fi; \
	done

# A sanitizer's builds are kept apart. Leaks are not looked for: Foundation leaves a page when a read fails. Files are read
# by one thread, and the counts of references in Swift's runtime, which frees their arrays, are not seen by the sanitizer.
test-sanitizers: setup ## Run the engine's tests under the address and the thread sanitizer
	ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize=address --scratch-path .build/address \
	  --filter '^StarlingTests\.'
	swift test -c release --sanitize=thread --scratch-path .build/thread \
	  --filter '^StarlingTests\.' --skip 'AtomicFile|ModelFile|SafeTensors'

# The peers' environment is made only where PEER_PYTHON does not name another. ROWS is a regular expression.
bench: setup $(filter $(BENCH_ENVIRONMENT)/%,$(PEER_PYTHON)) ## Time Starling beside its peers, in turns; table, JSON and picture into BENCH_RESULTS
	swift build -c release --product starling
	mkdir -p $(BENCH_RESULTS)
	PEER_PYTHON=$(PEER_PYTHON) Benchmarks/compare --rounds $(ROUNDS) --rows '$(ROWS)' --json $(BENCH_RESULTS)/bench.json \
	  --markdown $(BENCH_RESULTS)/bench.md --picture $(BENCH_RESULTS)/bench.svg

bench-itself: setup ## Time Starling beside itself: on one thread, and with lesser instruction sets
	swift build -c release --product starling
	mkdir -p $(BENCH_RESULTS)
	Benchmarks/compare --itself --rounds $(ROUNDS) --rows '$(ROWS)' --json $(BENCH_RESULTS)/itself.json \
	  --markdown $(BENCH_RESULTS)/itself.md

bench-publish: ## Put the figures of `make bench bench-itself` into README and the article Speed
	Benchmarks/publish $(BENCH_RESULTS)

bench-micro: setup ## Measure what share of this machine's peak each leaf loop reaches
	swift build -c release --package-path Benchmarks
	Benchmarks/.build/release/micro

bench-growth: setup $(filter $(BENCH_ENVIRONMENT)/%,$(PEER_PYTHON)) ## Measure speed over threads, batch, channels and image size; JSON and picture into BENCH_RESULTS
	swift build -c release --product starling
	swift build -c release --package-path Benchmarks
	mkdir -p $(BENCH_RESULTS)
	$(PEER_PYTHON) Benchmarks/growth --json $(BENCH_RESULTS)/growth.json --picture $(BENCH_RESULTS)/growth.svg

format: ## Format all Swift files
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Fail on what is not formatted, or public and not documented, and on mutants that lost their place
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	Tests/Mutants/run --check
	python3 Tests/Browser/mutants.py --check
	Scripts/lab-sources --check

docs: setup ## Build the documentation, into .build/documentation; warnings are errors
	Scripts/docs

oracles: $(PYTHON) ## Make SciPy's reference numbers anew (PyTorch's: see Tests/Oracles/README.md)
	Scripts/oracles

oracles-check: oracles ## Make SciPy's reference numbers anew, and fail if they differ
	git diff --exit-code --stat -- Tests/Oracles

arm64: ## Hold the leaf loops of every instruction set, arm64's under emulation, to plain reference loops
	Tests/Arm64/run

mutants: setup ## Plant known mistakes, one at a time, and fail if no test notices one
	Tests/Mutants/run

$(PYTHON): Tests/Oracles/requirements.txt
	python3 -m venv $(PYTHON_ENVIRONMENT)
	$(PYTHON) -m pip install --quiet --requirement Tests/Oracles/requirements.txt
	touch $(PYTHON)

$(BENCH_ENVIRONMENT)/bin/python: Benchmarks/requirements.txt
	python3 -m venv $(BENCH_ENVIRONMENT)
	$@ -m pip install --quiet --requirement Benchmarks/requirements.txt
	touch $@
