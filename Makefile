# Everything people and CI do with Simpul. `make` alone lists it. Needs make and Python 3.11 or newer, nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
LOCK := env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL $(BIN)/uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
RUN_NEEDS := requirements/base.txt requirements/local.txt
ARGS ?=

.PHONY: help install dev run cluster scenario story test oidc fuzz chaos soak check format schemas pictures bench conformance images lock clean

help:  ## list these targets
	@awk -F':.*##' '/^[a-z]+:.*##/ {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.fetched  ## make .venv with the command `simpul`, and fetch Apache Kafka

dev: $(VENV)/.fetched $(VENV)/.dev $(VENV)/.browser

run: install  ## start everything, run the scenario, stay until Ctrl-C (TRACES=1 adds Zipkin)
	@$(BIN)/simpul run $(ARGS)

cluster: install  ## as `run`, on three brokers and with two of each process, without the scenario (ARGS=--play runs it)
	@$(BIN)/simpul run --folder .simpul/cluster --brokers 3 --copies 2 --no-play $(ARGS)

scenario: install  ## run the scenario in a temporary folder and check every expectation
	@$(BIN)/simpul scenario $(ARGS)

story: scenario

test: dev  ## the whole suite (ARGS="tests/deploy -k kafka" for a part of it)
	@$(BIN)/python -m pytest $(ARGS)

oidc: dev  ## sign-in and tokens against a real Keycloak, which is fetched (180 MB) and started (a minute)
	@$(BIN)/python -m pytest -m oidc tests/oidc $(ARGS)

fuzz: dev  ## ask every operation of the api as everybody (ARGS="--examples 500 --seed 7"; 200 take some minutes)
	@$(BIN)/python -m tests.gateway.api.fuzzing $(ARGS)

chaos: dev  ## random faults on a stack under load for 20 minutes (ARGS="--minutes 60 --seed 7 --cluster")
	@$(BIN)/python -m tests.system.chaos $(ARGS)

soak: dev  ## an hour's worth of records, and what is done with does not pile up (ARGS="--minutes 10")
	@$(BIN)/python -m tests.system.soak $(ARGS)

check: dev  ## format, lint, types, who imports whom, schemas up to date
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m contracts.schemas --check
	@$(BIN)/python -m contracts.authority_page --check

format: dev  ## let ruff format and mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

schemas: dev  ## write contracts/schemas and docs/authority.md anew
	@$(BIN)/python -m contracts.schemas
	@$(BIN)/python -m contracts.authority_page

pictures: dev  ## take the README's pictures anew, of what `make run` shows in another terminal (ARGS=http://127.0.0.1:28080)
	@$(BIN)/python -m tests.web.pictures docs/img $(ARGS)

bench: dev  ## measure against the raw floor in the same run
	@$(BIN)/python -m bench $(ARGS)

conformance: dev  ## the database's known defects D1-D10, as outcomes and ratios
	@$(BIN)/python -m bench.conformance $(ARGS)

images: dev  ## write the digests behind the containers' tags into docker-compose.yml and Dockerfile (needs Docker)
	@$(BIN)/python -m deploy.compose.pin_images

lock: dev  ## resolve requirements/*.in anew (UPGRADE=1 takes newer versions)
	@for name in base local dev; do $(LOCK) $(if $(UPGRADE),--upgrade) requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean:  ## remove .venv, caches and the data of earlier runs
	@if [ -x $(BIN)/simpul ]; then $(BIN)/simpul stop && $(BIN)/simpul stop --folder .simpul/cluster; fi
	rm -rf $(VENV) .simpul .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here. Install Python 3.11 or newer, or name it: make install PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Simpul needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -c 'import platform; print(platform.python_version())'). Name another: make install PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks the module venv. Install it (Debian, Ubuntu: apt install python3-venv), or name another Python: make install PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# A first install that fails is removed: there is either a whole environment or none.
$(VENV)/.installed: $(RUN_NEEDS) pyproject.toml | $(BIN)/python
	@echo "Installing what Simpul runs on into $(VENV) (about a minute the first time) ..."
	@$(PIP) --require-hashes $(RUN_NEEDS:%=-r %) && $(PIP) --no-deps --no-build-isolation --editable . \
		|| { [ -e $@ ] || rm -rf $(VENV); echo "The install failed: see the line above, and run it again."; exit 1; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.installed
	@echo "Installing what tests and checks need ..."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.browser: tests/web/package-lock.json tests/web/fetch_browser.py $(VENV)/.dev
	@$(BIN)/python -m tests.web.fetch_browser $(VENV)/browser
	@touch $@

$(VENV)/.fetched: deploy/local/jars.lock $(VENV)/.installed
	@$(BIN)/simpul fetch
	@touch $@
