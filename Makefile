# The front door. `make demo` and `make test` do everything on a fresh machine.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# one worker and no job runner: the MLflow UI starts in 3 processes instead of 16
export MLFLOW_WORKERS ?= 1
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION ?= false
export MLFLOW_DISABLE_TELEMETRY ?= true
export DO_NOT_TRACK ?= 1
# kedro mlflow ui starts `mlflow` by name
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
.PHONY: help setup demo test check viz ui bench fuzz lock clean

help:            ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 10

setup: .venv/.done   ## install into .venv (uv if found, else pip)

.venv/.done: pyproject.toml constraints.txt
	@if command -v uv >/dev/null 2>&1; then \
	  [ -x $(BIN)/python ] || uv venv --python 3.11 .venv; \
	  uv pip install --python $(BIN)/python -c constraints.txt -e ".[dev]"; \
	else \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	    || { echo "Python 3.11 is needed: install it, or uv, or set PYTHON=/path/to/python3.11"; exit 1; }; \
	  [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"; \
	fi
	@touch $@

demo: setup      ## fabricate a corpus, run the main job on it, say where to look
	$(BIN)/kedro run --env=demo --pipelines=demo
	$(BIN)/kedro summary --env=demo

test: setup      ## run the tests
	$(BIN)/python -m pytest -n 2

check: setup     ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

viz: setup       ## lineage with previews, http://127.0.0.1:4141
	$(BIN)/kedro viz run --host 127.0.0.1
ui: setup        ## runs, parameters, metrics, artifacts, http://127.0.0.1:5000
	$(BIN)/kedro mlflow ui

bench: setup     ## side-by-side measurements (docs/benchmarks.md)
	for name in process_primary ingest manifest windows clean cleaning_quality bad_channels ica features pretrain scoring embedding_quality embedding_maps; do \
	  OMP_NUM_THREADS=1 $(BIN)/python benchmarks/$$name.py || exit 1; done

fuzz: setup     ## ten thousand damaged files for each parser of files of strangers
	$(BIN)/python tests/fuzz/run.py
lock:            ## resolve constraints.txt anew
	UV_FIND_LINKS= uv pip compile pyproject.toml --extra dev --extra bench --universal --no-header --no-annotate -o constraints.txt
clean:           ## remove what was made below data/; never recordings in data/01_raw
	rm -rf data/01_raw/fabricated data/mlflow
	find data/02_intermediate data/03_primary data/04_feature data/05_model_input data/06_models data/07_model_output data/08_reporting -mindepth 1 ! -name .gitkeep ! -name hard_negatives.parquet -delete
