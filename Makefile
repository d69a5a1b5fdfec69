# make report   set up and run the main job on sample_data/
# make test     set up and run everything CI runs, docs apart
# make docs     set up and build the documentation
# make bench    set up and run the benchmarks
# make tables   text tables in every dialect against their truth
# make fuzz     damaged files: only our own errors
# make clean    remove what the targets above made

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt
export MPLBACKEND := Agg
export NUMBA_CACHE_DIR := $(shell $(PYTHON) conftest.py)

.PHONY: report test lint types layers unit kernels docs bench tables fuzz sample-data clean

report: $(VENV)/.core
	$(BIN)/signalprep report sample_data/drive_cycles --target T_pm \
	    --regimes "omega_m=-10:200:400:700:1200,T_m=-150:-50:0:50:100:200,T_coolant=q3" \
	    --output report.html --json report.json

test: lint types layers unit kernels

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports
	$(BIN)/python tests/circles.py

# SCIPY_ARRAY_API lets scikit-learn's estimator checks run that would else be skipped.
# One process compiles the kernels first, so that the parallel ones find them compiled. These have
# one thread of linear algebra each: more would wait for each other.
unit: $(VENV)/.dev
	$(BIN)/python -m pytest tests/_kernels --quiet
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 SCIPY_ARRAY_API=1 \
	    $(BIN)/python -m pytest --numprocesses 2 --ignore tests/_kernels

# The same kernels as plain Python, so that coverage sees inside them.
kernels: $(VENV)/.dev
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests/_kernels --quiet \
	    --cov=signalprep._kernels --cov-report=term --cov-fail-under=95

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Against peers, in an environment of its own; BENCH_OPTIONS=--quick to try.
bench: $(BENCH)/.peers
	$(BENCH)/bin/python benchmarks/conditioning.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/scaling.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/reading.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/splitting.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/regime_metrics.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/interval_coverage.py
	$(BENCH)/bin/python benchmarks/band_coverage.py
	$(BENCH)/bin/python benchmarks/neural_training.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/neural_pmsm.py --seeds 1 --cycles 24

# The readers against tables made with their truth, and against damaged files; a sample runs in `unit`.
tables: $(VENV)/.dev
	$(BIN)/python tests/readers/table_matrix.py --n 2500 --seed 0

fuzz: $(VENV)/.dev
	$(BIN)/python tests/readers/fuzz_readers.py --n 20000 --seed 0

sample-data: $(VENV)/.core
	$(BIN)/python sample_data/make_sample_data.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) --editable ".[test,docs,neural]"
	touch $@ $(VENV)/.core

$(BENCH)/.peers: pyproject.toml constraints.txt benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet \
	    --constraint constraints.txt --editable ".[neural]" --requirement benchmarks/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) .numba_cache docs/_build docs/auto_examples docs/api/generated report.html report.json
