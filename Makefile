# `make run` serves the board, `make test` proves it. Both build .venv themselves and
# are quick the second time: a stamp named after the pins says what is installed.

PORT ?= 8000
export PORT

# How many pytest processes run side by side, and anything else pytest should hear:
#   make test PYTEST="tests/rules -x"
JOBS ?= 2
PYTEST ?=

VENV := .venv
PYTHON := $(VENV)/bin/python
FLASK := $(PYTHON) -m flask --app wsgi
PIP := $(PYTHON) -m pip --disable-pip-version-check -qq install

# Any Python from 3.11 that can make an environment will do; the first one found is taken.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
FIND_PYTHON = for python in $(CANDIDATES); do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$python && break; done

pins = $(shell cat $(1) | cksum | tr ' ' '-')
RUNTIME_PINS := requirements.txt
TEST_PINS := requirements.txt docs/deploy/requirements-postgres.txt tests/requirements.txt
RUNTIME := $(VENV)/runtime-$(call pins,$(RUNTIME_PINS))
TOOLS := $(VENV)/tools-$(call pins,$(TEST_PINS))

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench pictures clean

help:
	@echo 'make run      serve the board on http://127.0.0.1:$(PORT) (PORT=… to move it)'
	@echo 'make test     lint, then every test'
	@echo 'make lint     ruff and djlint alone'
	@echo 'make format   let ruff lay out the Python files'
	@echo 'make bench    measure the real server'
	@echo 'make pictures take the pictures of docs/pictures anew'
	@echo 'make clean    remove the environment and caches; data in instance/ stays'

# What cron does elsewhere every minute runs beside the server, and ends within a second of it, however it ends: whoever
# watches over both looks whether the server's process is still there.
run: $(RUNTIME)
	@$(FLASK) db upgrade
	@$(FLASK) demo --first-run
	@( trap '' HUP; \
		$(FLASK) sla check --every 60 >/dev/null & check=$$!; \
		$(FLASK) outbox send --every 60 >/dev/null & send=$$!; \
		$(FLASK) report refresh --every 60 >/dev/null & count=$$!; \
		while kill -0 $$$$ 2>/dev/null; do sleep 1; done; kill $$check $$send $$count 2>/dev/null ) & \
	exec $(PYTHON) -m gunicorn --config gunicorn.conf.py wsgi:app

test: lint
	@$(PYTHON) -m pytest -n $(JOBS) --dist worksteal $(PYTEST)

lint: $(TOOLS)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet . || \
		{ echo 'Some Python files are laid out differently: make format'; exit 1; }
	@$(PYTHON) -m djlint templates --lint --quiet

format: $(TOOLS)
	@$(PYTHON) -m ruff check --fix --exit-zero --quiet .
	@$(PYTHON) -m ruff format .

bench: $(TOOLS)
	@$(PYTHON) -m tests.bench

# The README's pictures, taken by the browser tests.
pictures: $(TOOLS)
	@rm -rf test-pictures && TICKETING_PICTURES=test-pictures $(PYTHON) -m pytest -q tests/browser/test_every_page.py
	@mkdir -p docs/pictures && cp test-pictures/board-light-1440.png test-pictures/board-dark-1440.png \
		test-pictures/ticket-light-1440.png test-pictures/queue-light-1440.png test-pictures/board-light-390.png docs/pictures/

clean:
	rm -rf $(VENV) test-pictures .pytest_cache .ruff_cache .hypothesis test-results

# An environment whose Python has gone (an upgrade, a moved checkout) is made anew.
$(PYTHON):
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo 'Ticketing needs Python 3.11 or newer with its venv module.' >&2; exit 1; fi; \
	echo "Making $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)

$(RUNTIME): | $(PYTHON)
	@echo 'Installing what the product needs'
	@$(PIP) -r requirements.txt
	@rm -f $(VENV)/runtime-* && touch $@

$(TOOLS): | $(PYTHON)
	@echo 'Installing what the tests need'
	@$(PIP) -r tests/requirements.txt
	@rm -f $(VENV)/tools-* $(VENV)/runtime-* && touch $@ $(RUNTIME)
