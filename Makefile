# Liujing: `make demo` audits the sample drive, `make serve` shows it on the map page,
# `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.PHONY: demo serve test check lint types format clean model layout sample-drive

$(BIN)/liujing: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Liujing needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	touch $@

$(VENV)/.test-tools: $(BIN)/liujing
	$(PIP) -e ".[test]"
	sh tests/e2e/install-browser.sh
	sh tests/e2e/install-postgresql.sh
	sh tests/e2e/install-gdal.sh
	sh tests/e2e/install-tus-js.sh
	PYTHON=$(PYTHON) sh tests/e2e/install-label-studio.sh
	$(BIN)/python -m tests.e2e.studio
	touch $@

demo: $(BIN)/liujing
	$(BIN)/liujing audit datasets/sample-drive --out build/demo

# The service with the sample drive in it, until Ctrl-C; its key is new each time.
serve: $(BIN)/liujing
	$(BIN)/liujing demo-city build/demo-city
	LIUJING_DATA=build/demo-city $(BIN)/liujing serve

# A file's tests stay in one process: they share what they start.
test: $(VENV)/.test-tools
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.test-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.test-tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.test-tools
	$(BIN)/mypy

check: lint types test

# Needs ../shared, Python 3.11 and about four hours of two cores; goes on where it was
# cut. `make model TINY=--tiny` runs every step on a handful of pictures below build/tiny.
model: .venv-train/.ready .venv-synth/.ready
	.venv-train/bin/liujing-train model $(TINY)

# After `make model` (for its rendered streets): about an hour of two cores.
layout: .venv-train/.ready .venv-synth/.ready
	.venv-train/bin/liujing-train layout $(TINY)

# Needs Python 3.11 (Blender as a module) and about an hour of CPU.
sample-drive: .venv-synth/.ready
	.venv-synth/bin/python -m training.synth drive --out datasets/sample-drive

.venv-train/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip --disable-pip-version-check install --quiet -e ".[train]"
	touch $@

.venv-synth/.ready: pyproject.toml constraints.txt
	python3.11 -m venv .venv-synth
	.venv-synth/bin/python -m pip --disable-pip-version-check install --quiet "bpy==5.0.1" av pillow
	touch $@

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache *.egg-info
