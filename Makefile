# Liujing: `make demo` audits the sample drive, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.PHONY: demo test check lint types format clean browser

$(BIN)/liujing: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Liujing needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/.test-tools: $(BIN)/liujing
	$(PIP) -e ".[test]"
	touch $@

demo: $(BIN)/liujing
	$(BIN)/liujing audit datasets/sample-drive --out build/demo

test: $(VENV)/.test-tools
	$(BIN)/python -m pytest

lint: $(VENV)/.test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.test-tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.test-tools
	$(BIN)/mypy

check: lint types test

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache *.egg-info
