# `make` lists what there is. Two targets do everything on a fresh machine: `make train` and `make test`.

SWIFT_SOURCES = Package.swift Sources Tests
PYTHON_ENVIRONMENT = .venv
PYTHON = $(PYTHON_ENVIRONMENT)/bin/python

.PHONY: help setup train test bench format lint docs oracles oracles-check mutants

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what this machine lacks, or say how
	@Scripts/setup

train: setup ## Train the deck's network: zeros against ones
	swift run -c release starling train

test: setup ## Run all tests
	swift test -c release

bench: setup ## Time a training step beside PyTorch's, in turn; PEER_PYTHON is a python that has it
	swift build -c release --product starling
	Benchmarks/compare

format: ## Format all Swift files
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Fail on anything that is not formatted, or public and not documented
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

docs: setup ## Build the documentation, into .build/documentation; warnings are errors
	Scripts/docs

oracles: $(PYTHON) ## Make SciPy's reference numbers anew (PyTorch's: see Tests/Oracles/README.md)
	Scripts/oracles

oracles-check: oracles ## Make SciPy's reference numbers anew, and fail if they differ
	git diff --exit-code --stat -- Tests/Oracles

mutants: setup ## Plant known mistakes, one at a time, and fail if no test notices one
	Tests/Mutants/run

$(PYTHON): Tests/Oracles/requirements.txt
	python3 -m venv $(PYTHON_ENVIRONMENT)
	$(PYTHON) -m pip install --quiet --requirement Tests/Oracles/requirements.txt
	touch $(PYTHON)
