# Everything a person does here is one of these words. `make run` needs Python >= 3.11, make, git.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(shell $(p) -c \
	'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	>/dev/null 2>&1 && command -v $(p))))
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PIP := $(PY) -m pip --disable-pip-version-check --no-input
.DEFAULT_GOAL := run
.PHONY: run test quick nightly check e2e bench weight faults lock clean

# Start everything on this machine and print the address (PORT=8010 make run for another port).
run: $(STAMP)
	@exec $(PY) -m campus dev

# Every test, two at a time; pytest's summary is the last line.
test: $(STAMP)
	@$(PY) -m pytest -n 2 --dist loadscope -q

# What a change touches, in a minute (BASE=main: where the branch left).
quick: $(STAMP)
	@$(PY) -m tests.support.touched $(or $(BASE),main)

# Everything with twenty times the examples and each page at every width in both themes.
nightly: $(STAMP)
	@CAMPUS_NIGHTLY=1 $(PY) -m pytest -n 2 --dist loadscope -q

# Style, types, the direction of imports, and the templates.
check: $(STAMP)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy platform tenants
	@$(VENV)/bin/lint-imports
	@$(PY) -m campus check-templates

# The pages in a real browser (Chromium).
e2e: $(STAMP)
	@$(PY) -m pytest -q tests/e2e

# Times of the hot pages and queries.
bench: $(STAMP)
	@$(PY) -m bench

# Bytes of every page, script and style.
weight: $(STAMP)
	@$(PY) -m bench.weight

# Break each guard of the house and see that a test says so.
faults: $(STAMP)
	@$(PY) -m pytest -q tests/faults

# Pin exact versions anew from setup.cfg.
lock: $(STAMP)
	@$(PY) -m piptools compile --quiet --upgrade --extra dev --strip-extras --no-header \
		--allow-unsafe --no-annotate --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --output-file requirements.lock setup.cfg

# Remove what tools left behind; the data in var/ and the environment in .venv/ stay.
clean:
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache static/dist
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

$(STAMP): requirements.lock setup.cfg pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11、3.12 或 3.13（带 venv）：安装后重试，或用 PYTHON=/路径/python3 make run 指定。"; exit 1; }
	@test -x $(PY) || "$(PYTHON)" -m venv $(VENV)
	@echo "正在安装依赖（只在第一次或依赖有变化时）……"
	@$(PIP) install --quiet -r requirements.lock
	@PYTHONWARNINGS=ignore $(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
