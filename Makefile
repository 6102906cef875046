# make run, make test: everything else is in `make help`. Each installs what it needs, once.

PORT ?= 8501
HOST ?= 127.0.0.1
WORKERS ?= 1
# Names that `make run` answers to: on this machine alone, no other.
HOSTS ?= $(if $(filter 127.0.0.1 localhost,$(HOST)),localhost 127.0.0.1,*)
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
APP_READY := $(BIN)/.requirements
TOOLS_READY := $(BIN)/.requirements-dev
PROVIDER_READY := tests/oidc/node_modules/.ready
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

.DEFAULT_GOAL := help
.PHONY: help run serve test test-spark bench bench-peers format screenshots lock clean browser nginx

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The file `current` names the publication: where it is, Python need not start twice.
run: $(APP_READY) ## publish the demonstration where nothing is published, and serve: make run PORT=8600
	@test -e "$${BAROMETER_HOME:-.}/data/publications/current" || $(BIN)/python -m barometer publish --if-none
	@echo "Barometer: http://localhost:$(PORT)  (Ctrl+C stops it)"
	@BAROMETER_HOSTS="$(HOSTS)" exec $(BIN)/python -m uvicorn asgi:app --host $(HOST) --port $(PORT) --no-access-log --timeout-graceful-shutdown 3 --ws-per-message-deflate false

serve: $(APP_READY) ## serve in production, one process a port (deploy/README.md): make serve WORKERS=2
	@exec $(BIN)/python -m barometer serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

# Every check runs whatever the others found; pytest's summary comes last.
test: $(TOOLS_READY) browser nginx $(PROVIDER_READY) ## every check: format, lint, types, layers, then all tests
	@failed=; \
	check() { name=$$1; shift; printf '\n== %s: %s\n' "$$name" "$$*"; "$$@" || failed="$$failed $$name"; }; \
	check format $(BIN)/ruff format --check .; \
	check lint $(BIN)/ruff check .; \
	check types $(BIN)/mypy; \
	check layers $(BIN)/lint-imports; \
	printf '\n== failed before the tests:%s\n== tests\n' "$${failed:- nothing}"; \
	$(BIN)/python -m pytest && test -z "$$failed"

# An environment of its own: with PySpark in .venv every `make test` would take minutes more.
test-spark: | $(BIN)/python ## sum cells on a Spark of two processes, and compare; skipped without Java 17
	@java=$$(java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'); \
	if test "$${java:-0}" -lt 17; then \
		echo "Skipped: Spark needs Java 17 or newer, here is $${java:-none}: apt-get install openjdk-17-jre-headless"; \
		exit 0; \
	fi; \
	test -x .venv-spark/bin/python || $(BIN)/python -m venv .venv-spark || exit 1; \
	.venv-spark/bin/python -m pip install -qq --disable-pip-version-check -r requirements.txt \
		-r requirements-spark.txt -c requirements-dev.txt pytest hypothesis psutil && \
	.venv-spark/bin/python -m pytest -o faulthandler_timeout=0 --durations=3 tests/test_cluster.py tests/test_engine.py

bench-peers: $(TOOLS_READY) ## the same table by survey packages, in an environment of its own
	@test -x .venv-peers/bin/python || $(BIN)/python -m venv .venv-peers
	@.venv-peers/bin/python -m pip install -qq --disable-pip-version-check -r requirements.txt -r requirements-peers.txt
	@.venv-peers/bin/python -m benchmarks.peers

bench: $(TOOLS_READY) browser ## measure speed and memory on this machine
	@$(BIN)/python -m benchmarks

format: $(TOOLS_READY) ## format the code and mend what lint can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

screenshots: $(TOOLS_READY) browser ## make the README's screenshots again
	@$(BIN)/python tools/screenshots.py

lock: $(TOOLS_READY) ## pin the newest versions that pyproject.toml allows
	@export UV_CUSTOM_COMPILE_COMMAND='make lock'; \
	lock="$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links pyproject.toml"; \
	$$lock --output-file requirements.txt && \
	$$lock --extra dev --constraint requirements.txt --output-file requirements-dev.txt

# Not the database and publications: they may hold waves that are nowhere else.
clean: ## remove the environment and caches; published data stay
	rm -rf .venv .venv-spark .venv-peers .nginx .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian keeps venv in a package of its own: fetched where it lacks and we may.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		$(call apt_install,python3-venv) && $(PYTHON) -m venv .venv; } || { rm -rf .venv; \
		echo "No virtual environment could be made: apt-get install python3-venv" >&2; exit 1; }

$(APP_READY): requirements.txt | $(BIN)/python
	@echo "Installing the barometer's libraries into .venv: about a minute, once"
	@$(INSTALL) -r requirements.txt
	@touch $@

$(TOOLS_READY): requirements-dev.txt $(APP_READY)
	@echo "Installing what the checks need into .venv: once"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

# Browser tests use the system's Chromium or Chrome; without one they are skipped, and say why.
browser:
	@test -x "$$BROWSER_PATH" || for name in $(BROWSERS); do command -v $$name && break; done >/dev/null || \
		$(call apt_install,chromium) || echo "No Chromium or Chrome, and none could be installed."

# Debian's nginx, which tests of deploy/ start: unpacked here, for an installed one would serve at once.
nginx:
	@PATH="$$PATH:/usr/sbin"; command -v nginx >/dev/null || test -x .nginx/usr/sbin/nginx || { \
		mkdir -p .nginx && cd .nginx && apt-get download -qq nginx && dpkg -x nginx_*.deb . ; } >/dev/null 2>&1 || \
		echo "No nginx, and none could be fetched: deploy/ is not tested."

# The OpenID provider that tests of sign-in start; they are skipped, and say why, where it lacks.
$(PROVIDER_READY): tests/oidc/package-lock.json
	@command -v npm >/dev/null || { echo "No npm: sign-in is not tested."; exit 0; }; \
		npm ci --prefix tests/oidc --ignore-scripts --no-audit --no-fund --silent && touch $@ || \
		echo "The OpenID provider could not be installed: sign-in is not tested."

# apt_install(package): as root or with a sudo that asks nothing; false where that cannot be.
apt_install = { command -v apt-get >/dev/null && \
	sudo= && { test "$$(id -u)" = 0 || { command -v sudo >/dev/null && sudo -n true 2>/dev/null && sudo=sudo; }; } && \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; }
