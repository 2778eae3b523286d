# Owns: every command of the house. `make test` is the whole of it, on a machine that has Rust and a C compiler.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# What cargo builds goes where cargo is told to put it; what only the tests need stays in the repository's own target/.
BUILD := $(abspath $(or $(CARGO_TARGET_DIR),target))
export DOORWARD_BIN := $(BUILD)/debug/doorward
VENV := $(abspath target/venv)
PYTEST := $(VENV)/bin/python -m pytest -q -p no:cacheprovider
# Nothing takes this long, not even a whole file on a busy machine; it bounds what hangs.
NODE_TEST := node --test --test-concurrency=1 --test-timeout=900000
NPM_CI := npm ci --no-audit --no-fund --loglevel=error
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

.PHONY: test
test: lint deny test-rust test-interop test-fastapi test-browser ## everything below, as CI runs it
	@echo "make test: all of it passed"

.PHONY: lint
lint: ## formatting and clippy
	tests/setup.sh rust
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

.PHONY: deny
deny: ## licences, banned crates and sources
	tests/setup.sh deny
	cargo deny --locked check bans licenses sources

.PHONY: test-rust
test-rust: ## the Rust tests, on SQLite and on a throw-away PostgreSQL
	tests/setup.sh rust postgres
	tests/postgres.sh cargo test --workspace --locked

.PHONY: build
build: ## the debug binary that the tests below drive
	tests/setup.sh rust
	# As the tests build it: `cargo build` alone would compile every crate once more, with fewer features.
	cargo test --workspace --locked --no-run

.PHONY: test-interop
test-interop: build node-interop node-browser $(VENV)/made ## what we did not write: openid-client, oidc-client-ts in Chromium, Authlib, Apache, better-auth
	tests/setup.sh chromium apache
	cd tests/interop && $(NODE_TEST) *.test.mjs
	cd tests/interop && $(PYTEST)

.PHONY: test-fastapi
test-fastapi: build $(VENV)/made ## doorward-fastapi and the FastAPI example against a running Doorward
	tests/setup.sh postgres
	cd clients/python && $(VENV)/bin/python -m mypy --no-incremental
	cd clients/python && ../../tests/postgres.sh $(PYTEST)
	cd examples/fastapi && ../../tests/postgres.sh $(PYTEST)

.PHONY: test-browser
test-browser: build node-browser $(VENV)/made ## the pages in Chromium, screenshots in target/screenshots
	tests/setup.sh chromium openssl
	cd tests/browser && PYTHON=$(VENV)/bin/python $(NODE_TEST) *.test.mjs

.PHONY: screenshots
screenshots: ## the pictures in docs/screenshots, made anew
	UPDATE_SCREENSHOTS=1 $(MAKE) test-browser

.PHONY: node-interop
node-interop:
	tests/setup.sh node
	cd tests/interop && $(NPM_CI)

.PHONY: node-browser
node-browser:
	tests/setup.sh node
	cd tests/browser && $(NPM_CI)
	cd examples/frontend && $(NPM_CI)

REQUIREMENTS := examples/fastapi/requirements.txt examples/fastapi/requirements-dev.txt \
	clients/python/requirements-dev.txt tests/interop/requirements.txt

# One environment for all Python suites: the pins agree, and pip says so if they ever do not.
$(VENV)/made: $(REQUIREMENTS) clients/python/pyproject.toml
	tests/setup.sh python
	rm -rf $(VENV)
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(addprefix -r ,$(REQUIREMENTS))
	touch $@

.PHONY: clean
clean: ## what was built and installed inside the repository
	cargo clean
	rm -rf target tests/browser/node_modules tests/interop/node_modules examples/frontend/node_modules
