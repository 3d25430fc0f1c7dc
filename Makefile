# make run    set up, route the sample work orders, say how to open the desk
# make desk   set up, open the desk with the sample orders loaded
# make test   set up, then lint, types and tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run desk test setup reader bench docs clean

run: setup
	@$(BIN)/zhuban demo

desk: setup
	@$(BIN)/zhuban desk --samples

test: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/zhuban lint
	$(BIN)/pytest

setup: $(STAMP) reader

$(STAMP): pyproject.toml constraints.txt setup.py $(wildcard engine/*.pyx engine/*.pxd)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

# The second reader is trained from cases/ and the official wording; it is
# rebuilt only when one of them changes.
reader: $(STAMP)
	@$(BIN)/zhuban train --quiet

bench: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m bench.route
	$(BIN)/python -m bench.accuracy

docs: setup
	$(BIN)/python tools/make_docs.py

clean:
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
