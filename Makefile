# make run | test | lint | eval | bench      needs Python 3.11 or newer, and make
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TESTS ?= tests

.PHONY: run test lint eval bench clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/presend serve --open

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check .

eval: $(VENV)/.installed
	$(BIN)/presend eval

bench: $(VENV)/.installed-peers
	$(BIN)/python scripts/bench.py

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .hypothesis .ruff_cache

# Each stamp is newer than what it was installed from, so a change of either file installs again.
$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "presend needs Python 3.11 or newer; none was found. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || { echo "No virtual environment could be made with $(PYTHON). On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/.installed-peers: $(VENV)/.installed
	$(PIP) install --quiet -c constraints.txt -e '.[peers]'
	@touch $@
