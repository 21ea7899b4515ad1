# The commands of this project. PORT and DATA_DIR may be given: make run PORT=8001 DATA_DIR=/srv/portal
.DEFAULT_GOAL := help
.SUFFIXES:
export PORT DATA_DIR PYTHON

VENV := var/venv/bin
PYTHON3 := $(VENV)/python
# Briefings as PDF files, where the system has the library that sets them.
PDF := $(if $(shell /sbin/ldconfig -p 2>/dev/null | grep libpangoft2-1.0),requirements-pdf.txt)
# Linters and manage.py need settings that load; nothing of this is used to connect.
PLAIN := DEMONSTRATION=on DATABASE_URL=postgresql:///none
PRODUCTION := SECRET_KEY=$$($(PYTHON3) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=portal.example.org \
	COALITION_EMAIL=coalition@example.org EMAIL_HOST=mail.example.org REDIS_URL=redis://redis.example.org/0 \
	DATABASE_URL=postgresql:///none DEMONSTRATION=off DEBUG=off BEHIND_TLS_PROXY=on HSTS_WHOLE_DOMAIN=on

.PHONY: help
help:  ## Show this help
	@echo "make run       starts the portal at http://127.0.0.1:8000/ (PORT=8001 make run for another port)"
	@echo "make test      runs every test, on a real PostgreSQL, Redis, mail server and Chromium"
	@echo
	@awk -F ':.*## ' '/^[a-z ]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "PORT (8000) and DATA_DIR (var) may be given; README.md has the other settings."

.PHONY: run
run: libraries  ## Start database, web, worker and beat with demonstration data; Ctrl-C stops them
	@exec $(PYTHON3) -m coalition.local

.PHONY: test
test: tools  ## Run every test; ARGS="-k search" for some
	@coalition/local/system.sh
	$(PYTHON3) -m pytest -n 2 --dist loadgroup $(ARGS)

.PHONY: faults
faults: tools  ## Kill, freeze and cut off every part while people use it; the table goes into docs/reliability.md (20 minutes)
	@coalition/local/system.sh
	$(PYTHON3) -m tests.faults $(ARGS)

.PHONY: check
check: tools  ## Lint, types, templates, migrations, deployment settings, locked requirements, translations, compiled CSS
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(PLAIN) $(VENV)/mypy coalition initiatives trainings interest
	$(VENV)/djlint templates --lint --quiet
	$(PYTHON3) -m coalition.local.throwaway "manage.py makemigrations --check --dry-run"
	$(PRODUCTION) $(PYTHON3) manage.py check --deploy --fail-level WARNING
	$(PYTHON3) -m coalition.local.locked check
	$(PYTHON3) -m coalition.local.messages check
	$(PYTHON3) coalition/frontend/check.py

.PHONY: fixtures
fixtures: libraries  ## Build fixtures/catalogue.json from the sources and the editors' tables
	$(PYTHON3) -m coalition.local.throwaway "manage.py migrate --verbosity 0" "manage.py build_fixtures"

.PHONY: schema
schema: libraries  ## Write the schema of the API anew (docs/openapi.yml)
	$(PYTHON3) -m coalition.local.throwaway "manage.py spectacular --fail-on-warn --validate --file docs/openapi.yml"

.PHONY: bench
bench: tools  ## Time searches and overviews with 118 and with 100,000 entries (8 minutes)
	$(PYTHON3) -m coalition.local.throwaway "manage.py migrate --verbosity 0" "-m tests.search_speed"

.PHONY: screenshots
screenshots: tools  ## Make the pictures of every page in docs/screenshots/
	@mkdir -p var/static
	TEST_DATA_DIR=$(CURDIR)/var $(PYTHON3) -m pytest -m screenshots tests/site/screenshots.py

.PHONY: messages
messages: tools  ## Bring new messages into locale/ and compile them
	$(PYTHON3) -m coalition.local.messages extract

.PHONY: css
css:  ## Compile static/css and static/js anew (needs Node)
	coalition/frontend/build.sh

.PHONY: lock
lock: tools  ## Compile the requirement files from pyproject.toml
	$(VENV)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
		pyproject.toml -o requirements.txt
	$(VENV)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
		--extra pdf pyproject.toml -c requirements.txt -o requirements-pdf.txt
	$(VENV)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 \
		--group dev pyproject.toml -c requirements-pdf.txt -o requirements-dev.txt
	$(PYTHON3) -m coalition.local.locked stamp

.PHONY: clean
clean:  ## Remove what can be made again (libraries, caches, compiled pages); the data stays
	rm -rf var/venv var/static var/static-stamp .pytest_cache .mypy_cache .ruff_cache coalition/frontend/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: libraries tools
libraries:
	@coalition/local/venv.sh requirements.txt $(PDF)
tools:
	@coalition/local/venv.sh requirements.txt requirements-dev.txt
