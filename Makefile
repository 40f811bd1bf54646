# The commands of this project; `make help` lists them. Every one is a line or two of plain
# commands, which the README shows for those without make.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
JOBS ?= 2
UV ?= uv
BIN := .venv/bin
# Where it is set, every process compiles all modules anew: seven seconds for each that runs tests.
unexport PYTHONDONTWRITEBYTECODE
MANAGE := $(BIN)/python manage.py
SERVE := $(BIN)/python -m imagine_site.serving --host $(HOST) --port $(PORT)

# The demonstration never reads .env, so that it can never write into a real site's database, and
# it is served without TLS. Names by which this machine may be called are added for HOST=0.0.0.0.
NAMES = 127.0.0.1,localhost,[::1],$(HOST),$(shell hostname 2>/dev/null),$(shell hostname -I 2>/dev/null | tr -s ' ' ',')
DEMO = READ_DOT_ENV=0 HTTPS=0 REQUIRE_SECOND_FACTOR=0 ALLOWED_HOSTS="$${ALLOWED_HOSTS:-$(NAMES)}" SITE_URL="$${SITE_URL:-http://$(HOST):$(PORT)}"

.DEFAULT_GOAL := help
.PHONY: help demo password serve test check test-browser test-postgres test-services test-slow audit screenshots bench coverage messages lock venv venv-dev clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done
	@echo '  HOST= and PORT= say where to serve (127.0.0.1 and 8000).'

demo: venv ## the sample institute on http://127.0.0.1:8000/, ready to look at and to edit
	@$(DEMO) $(MANAGE) prepare_demo
	@echo "Site:  http://$(HOST):$(PORT)/   Admin: http://$(HOST):$(PORT)/admin/   (Ctrl-C stops)"
	@$(DEMO) exec $(SERVE) --workers 1 --log-level warning

password: venv ## a new password for the demonstration's editor
	@$(DEMO) $(MANAGE) changepassword editor

serve: venv ## serve as in production, with the variables of .env (WORKERS= processes)
	@$(MANAGE) migrate --check >/dev/null || { echo 'First: $(MANAGE) migrate' >&2; exit 1; }
	@exec $(SERVE) --workers $(WORKERS)

test: check ## style, layers and the fast tests (three minutes on two cores)
	$(BIN)/python -m pytest -n $(JOBS) -q

check: venv-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates imagine_site news labs people -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +

test-browser: venv-dev ## the tests that drive Chromium (package chromium)
	$(BIN)/python -m pytest -q -m browser

# What does not depend on which database it is, and takes long.
NO_DATABASE := documents components house/test_access_matrix.py house/test_admin_pages.py house/test_public_walk.py house/test_deploy.py house/test_translations.py house/test_layers.py

test-postgres: venv-dev ## the fast tests on a private PostgreSQL (package postgresql)
	tests/services/with-postgres $(BIN)/python -m pytest -n $(JOBS) -q -m 'not browser and not slow' $(addprefix --ignore tests/,$(NO_DATABASE))

test-services: venv-dev ## two machines on one PostgreSQL, its replica and Redis (packages postgresql, redis-server)
	$(BIN)/python -m pytest -q -m services

test-slow: venv-dev ## the tests of many rounds and of the whole sample institute
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -q -m 'slow and not browser and not services'

audit: venv audit/node_modules ## judge every kind of page by machine: ONLY=axe,links for some checks, PERFORMANCE=90 on a busy machine (nodejs 20, java 17, chromium)
	@$(if $(PERFORMANCE),PERFORMANCE=$(PERFORMANCE)) $(BIN)/python audit/run.py $(if $(ONLY),ONLY=$(ONLY))

screenshots: venv audit/node_modules ## pictures of every kind of page into build/screenshots, and the README's two
	@$(BIN)/python audit/run.py screenshots

# Installed again only when their lock file says something else; no package runs a script.
audit/node_modules: audit/package-lock.json
	@command -v npm >/dev/null || { echo 'Node 20 or newer and npm are needed (Debian: apt-get install nodejs npm).' >&2; exit 1; }
	cd audit && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch audit/node_modules

bench: venv-dev ## how fast, beside nginx: QUICK=1 in a minute, ONLY=warm,mixed, COMPARE=old.jsonl (nginx-light, wrk)
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(COMPARE),--compare $(COMPARE))

coverage: venv-dev ## which lines and branches the fast tests reach
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report

messages: venv-dev ## collect the texts to translate, and compile the translations (package gettext)
	$(MANAGE) makemessages --locale fr --add-location file --no-obsolete --ignore .venv --ignore 'tests/*' --ignore 'var/*'
	$(MANAGE) compilemessages --locale fr --ignore .venv

# uv reads pyproject.toml and writes every version with its hashes, and no address of an index.
LOCK := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

lock: ## lock the dependencies of pyproject.toml again (needs uv)
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt

# The environment is made again only when its lock file says something else than what is installed.
venv: .venv/pyvenv.cfg
	@cmp -s requirements.txt .venv/requirements.txt || { \
		echo 'Installing the requirements…' && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
		cp requirements.txt .venv/requirements.txt; }

venv-dev: venv
	@cmp -s requirements-dev.txt .venv/requirements-dev.txt || { \
		echo 'Installing what the tests need…' && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt && \
		cp requirements-dev.txt .venv/requirements-dev.txt; }

.venv/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo 'Python 3.11 or newer is needed (Debian: apt-get install python3 python3-venv).' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). PYTHON=python3.12 names another." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo 'This Python cannot make virtual environments (Debian: apt-get install python3-venv).' >&2; exit 1; }
	@echo 'Creating .venv…'
	@$(PYTHON) -m venv .venv

clean: ## remove the environment and what tools left; the site itself (var/) stays
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
