# What people run: `make demo` to look, `make test` before every commit. Needs Python 3.11 or newer, nothing else.
PYTHON ?= python3
BIN := .venv/bin
# Two cores is what continuous integration has; each process starts a database of its own.
JOBS ?= 2

.PHONY: help demo test lint torture bench docs clean

help:
	@echo 'make demo     install, start a server with synthetic residents, say what to try'
	@echo 'make test     all checks and tests (offline after the installation)'
	@echo 'make lint     formatting, lint, types, import rules'
	@echo 'make torture  the long forms of the tests'
	@echo 'make bench    commits a second and query times'
	@echo 'make docs     write the generated pages anew'

demo: $(BIN)/.installed
	@$(BIN)/kilde demo

test: lint
	$(BIN)/python -m pytest -q -m 'not torture' -n $(JOBS) --dist worksteal

lint: $(BIN)/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

torture: $(BIN)/.developing
	$(BIN)/python -m pytest -q -m torture

bench: $(BIN)/.installed
	$(BIN)/python -m bench
	$(BIN)/python -m bench.query

docs: $(BIN)/.developing
	$(BIN)/python -m tests.support.pages

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache

$(BIN)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Kilde needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...'; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

# The marks are older than pyproject.toml after a change of dependencies, and the installation is done again.
$(BIN)/.installed: pyproject.toml | $(BIN)/.venv
	@echo 'installing Kilde into .venv; the first time this takes a minute or two'
	@$(BIN)/python -m pip install -qq --editable '.[embedded]'
	@touch $@

# Dependency groups need pip 25.1; Python 3.11 and 3.12 come with an older one.
$(BIN)/.developing: pyproject.toml | $(BIN)/.venv
	@echo 'installing Kilde and the tools of its developers into .venv'
	@$(BIN)/python -m pip install -qq --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install -qq --editable '.[embedded]' --group dev
	@touch $@ $(BIN)/.installed
