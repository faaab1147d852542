# The first two commands of the README, and the commands for contributors. Everything is installed into $(VENV), except for
# the TypeScript compiler, which is installed in the folder of its client.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TYPESCRIPT := clients/typescript
PYTEST := $(BIN)/python -m pytest -m "not slow"
# Tests often wait for processes and clocks, so that two processors can run four at a time.
SIDE_BY_SIDE := --numprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: serve console test pytest test-all test-slow torture lint audit bench report schema settings clients frozen docs dist constraints clean

serve: $(VENV)/installed  ## Start Laurels with an embedded PostgreSQL, demo definitions and the console
	@$(BIN)/python -m tools.console || true
	@exec $(BIN)/laurels serve --demo

console: $(VENV)/installed  ## Build the console into the package, if its sources have changed
	@$(BIN)/python -m tools.console

test: $(VENV)/installed-dev $(TYPESCRIPT)/node_modules/.installed console/node_modules/.installed  ## All checks and tests; with ONLY=streaks, only the tests of one capability
	@$(BIN)/python -m tools.console || true
ifdef ONLY
	$(PYTEST) $(addprefix --only=,$(ONLY))
else
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint pytest
endif

pytest: $(VENV)/installed-dev
	$(PYTEST) $(SIDE_BY_SIDE)

test-all: test  ## The same with all cases of the tests that `make test` samples; CI runs it
	$(PYTEST) $(SIDE_BY_SIDE) --all-cases

test-slow: $(VENV)/installed-dev  ## The slow tests
	$(BIN)/python -m pytest -m slow

torture: $(VENV)/installed-dev  ## Load on two servers while the servers and PostgreSQL are killed; TORTURE="--seed 1 --minutes 40 --kills 200"
	$(BIN)/python -m tests.torture $(TORTURE)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check src tests bench examples clients tools
	$(BIN)/ruff format --check src tests bench examples clients tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/prose
	$(BIN)/python .ci/prose --code

audit: $(VENV)/installed-audit  ## Known vulnerabilities of the pinned dependencies; reports it if no advisory database can be reached
	$(BIN)/python .ci/audit

bench: $(VENV)/installed-bench  ## Needs wrk; see bench/README.md
	$(BIN)/python -m bench $(BENCH)

report: $(VENV)/installed-bench  ## Generate docs/report from the last results of the benchmarks
	$(BIN)/python -m bench.report

schema: $(VENV)/installed-dev  ## Generate the schema of definitions files
	$(BIN)/laurels schema > docs/definitions.schema.json

settings: $(VENV)/installed-dev  ## Generate the reference of all settings
	$(BIN)/python -m laurels.cli.settings_reference > docs/settings.md

clients: $(VENV)/installed-dev  ## Generate the types and methods of the clients
	$(BIN)/python -m clients.generator

frozen: $(VENV)/installed-dev  ## Write the files with which tests/test_frozen.py compares the public interfaces
	$(PYTEST) tests/test_frozen.py --write-frozen

docs: $(VENV)/installed-docs  ## The documentation site, in build/site; fails on a broken link
	$(BIN)/python -m tools.site

dist: $(VENV)/installed-dev console  ## A wheel and an sdist, in dist, with the console
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

constraints: $(VENV)/installed-bench $(VENV)/installed-audit $(VENV)/installed-docs $(VENV)/installed-node  ## Pin the installed versions
	$(BIN)/pip freeze --exclude-editable --exclude laurels | LC_ALL=C sort > constraints.txt

clean:
	rm -rf $(VENV) build dist $(TYPESCRIPT)/node_modules console/node_modules src/laurels/console/static $(TYPESCRIPT)/dist $(TYPESCRIPT)/out .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Laurels needs Python 3.11 or newer, and '$(PYTHON)' is older or missing. Name another one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Laurels needs Python's venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Laurels into $(VENV) (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[server]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing the development tools into $(VENV) (once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/installed-audit: $(VENV)/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[audit]'
	@touch $@

$(VENV)/installed-node: $(VENV)/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[console]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@touch $@

# Without npm the tests of the TypeScript client are skipped.
$(TYPESCRIPT)/node_modules/.installed: $(TYPESCRIPT)/package.json
	@if command -v npm >/dev/null; then \
	  npm install --prefix $(TYPESCRIPT) --no-package-lock --no-audit --no-fund --silent && touch $@; \
	else echo "npm is not installed; the TypeScript client is not tested" >&2; fi

# The packages of the console's build and of its tests. Without npm, or without a network, its tests in a browser are skipped.
console/node_modules/.installed: console/package.json
	@if ! command -v npm >/dev/null; then echo "npm is not installed; the console is not tested in a browser" >&2; \
	elif npm install --prefix console --no-package-lock --no-audit --no-fund --fetch-retries=1 --silent; then \
	  cp console/package.json console/node_modules/.installed-for && touch $@; \
	else echo "The packages of the console were not installed; it is not tested in a browser" >&2; fi

$(VENV)/installed-bench: $(VENV)/installed-dev
	@command -v wrk >/dev/null || { \
	  echo "make bench needs the load generator wrk; on Debian and Ubuntu: apt-get install wrk" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@
