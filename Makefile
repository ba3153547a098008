# A POSIX sh, git, make and one Python 3.11 to 3.13 are enough; `make demo` and `make test` fetch the rest into .venv.
.POSIX:

PYTHON = python3
VENV = .venv
BENCH_VENV = .venv-bench
JUDGE_VENV = .venv-conformance
JUDGE_PINS = tests/conformance/constraints.txt
ORACLE_PINS = tests/policies/constraints.txt
BIN = $(VENV)/bin
UV = $(BIN)/uv
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

.PHONY: help demo test system lab check conformance reference pins bench-setup clean

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## /make \1: /p' Makefile

demo: $(VENV)/.stamp ## run the main job on the sample estate and print where its pages are
	$(BIN)/finops demo

test: $(VENV)/.stamp $(VENV)/.oracle system ## run every test, with branch coverage
	@left_out=; command -v chromium >/dev/null || { left_out=--ignore=tests/browser; \
		echo "left out: tests/browser, because chromium is not installed"; }; \
	command -v prometheus-alertmanager >/dev/null || { \
		left_out="$$left_out --ignore=tests/run/test_notify_alertmanager.py"; \
		echo "left out: tests/run/test_notify_alertmanager.py, because prometheus-alertmanager is not installed"; }; \
	command -v prometheus >/dev/null && command -v promtool >/dev/null || { \
		left_out="$$left_out --ignore=tests/usage/prometheus/test_pulling_real.py --ignore=tests/run/test_pulling_real.py"; \
		echo "left out: test_pulling_real.py of tests/usage/prometheus and tests/run, because prometheus is not installed"; }; \
	set -x; $(BIN)/python -m pytest -n 2 --dist loadscope --cov $$left_out

system: ## install the Debian packages that the tests start
	@command -v chromium >/dev/null && command -v prometheus-alertmanager >/dev/null && \
		command -v prometheus >/dev/null && command -v promtool >/dev/null && exit 0; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			chromium prometheus prometheus-alertmanager >/dev/null && exit 0; \
	echo "missing: chromium, prometheus or prometheus-alertmanager, which tests start;" \
		"as root, 'make system' installs them on Debian" >&2; \
	[ "$${CI:-}" != true ]

lab: $(VENV)/.stamp ## open JupyterLab on the notebooks
	$(BIN)/finops lab

check: $(VENV)/.stamp ## lint, format, types and the order of the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The judge runs on Python 3.12 alone; pyenv shows its 3.12 only when asked for by name.
conformance: $(VENV)/.stamp ## let focus-validator judge what we export as FOCUS 1.2
	@if PYENV_VERSION=3.12 $(UV) python find --quiet --no-python-downloads 3.12 >/dev/null 2>&1; then \
		$(MAKE) $(JUDGE_VENV)/.stamp && $(BIN)/python -m tests.conformance; \
	else \
		echo "NOT JUDGED: focus-validator needs a Python 3.12, and there is none; install one and make this again" >&2; \
		[ "$${CI:-}" != true ]; \
	fi

reference: $(VENV)/.stamp ## write the command reference of the README anew from the program
	$(BIN)/python -m tests.docs.reference

pins: $(VENV)/.stamp ## resolve the pins anew from pyproject.toml
	$(COMPILE) --python-version 3.11 --upgrade pyproject.toml --group test --group lint --group setup -o constraints.txt
	$(COMPILE) --python-version 3.11 --upgrade --group build -o build-constraints.txt
	printf '%s\n' opa-golib-python-bindings==0.4.4 | $(COMPILE) --python-version 3.14 --no-deps --upgrade - -o $(ORACLE_PINS)
	printf '%s\n' 'focus-validator==2.2.1' 'pyarrow<24' | $(COMPILE) --python-version 3.12 --upgrade - -o $(JUDGE_PINS)

bench-setup: $(BENCH_VENV)/.stamp ## put the product and the peers of the benchmarks into .venv-bench

clean: ## remove what make made; lakes and reports stay
	rm -rf $(VENV) $(BENCH_VENV) $(JUDGE_VENV)
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis .coverage

# Two steps, because an editable install has no hash: the pins by hash, then the project alone.
$(VENV)/.stamp: pyproject.toml constraints.txt build-constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "$(PYTHON) is no Python 3.11, 3.12 or 3.13: name one, for example make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' constraints.txt >$(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r constraints.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints build-constraints.txt -e .
	touch $@

# Real OPA, against which the tests hold the policies; it says 3.14 of itself, but its interface is that of 3.11.
ORACLE = pip install --quiet --python-version 3.14 --no-deps --require-hashes -r $(ORACLE_PINS)

$(VENV)/.oracle: $(VENV)/.stamp $(ORACLE_PINS)
	$(UV) $(ORACLE) --python $(BIN)/python
	touch $@

$(JUDGE_VENV)/.stamp: $(VENV)/.stamp $(JUDGE_PINS)
	PYENV_VERSION=3.12 $(UV) venv --quiet --clear --no-python-downloads --python 3.12 $(JUDGE_VENV)
	$(UV) pip install --quiet --python $(JUDGE_VENV)/bin/python --require-hashes -r $(JUDGE_PINS)
	touch $@

# The peers are not pinned: a benchmark prints the versions it met.
$(BENCH_VENV)/.stamp: $(VENV)/.stamp
	$(PYTHON) -m venv --clear $(BENCH_VENV)
	$(UV) pip install --quiet --python $(BENCH_VENV)/bin/python --require-hashes -r constraints.txt
	$(UV) pip install --quiet --python $(BENCH_VENV)/bin/python --no-deps --build-constraints build-constraints.txt -e .
	$(UV) pip install --quiet --python $(BENCH_VENV)/bin/python --group bench
	$(UV) $(ORACLE) --python $(BENCH_VENV)/bin/python
	touch $@
