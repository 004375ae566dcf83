# Two commands for everybody: `make build` and `make test`. Each does all the set-up that it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SITE_URL ?= https://policies.example/
unexport PYTHONDONTWRITEBYTECODE  # compiling at each start takes longer than most commands

.PHONY: build site docs quick test thorough fire lint format golden bench fuzz audit licences wheel lock clean help

help:  ## Say what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

build: $(VENV)/run.stamp  ## Set up, and build the policies of all brands into build/
	@$(BIN)/publisher build

site: $(VENV)/run.stamp  ## Set up, and write the public sites of all brands into site/ (SITE_URL=https://…/)
	@$(BIN)/publisher site --base-url $(SITE_URL)
	@echo "See them: $(BIN)/publisher site --base-url $(SITE_URL) --serve"

docs: $(VENV)/dev.stamp  ## Set up, and write the documentation as a site into build/docs/
	@$(BIN)/sphinx-build -q -b html -W --keep-going -n -E -d build/.doctrees -c docs . build/docs
	@echo "Open build/docs/index.html"

quick: $(VENV)/dev.stamp  ## Set up, and run the quick tests, of rooms that typeset nothing: under a minute
	@$(BIN)/python -m pytest -n auto --hypothesis-profile quick --ignore tests/journeys --ignore tests/durability --ignore tests/render

test: $(VENV)/dev.stamp  ## Set up, and run the tests (or all of ONLY=tests/journeys/test_….py)
	@$(BIN)/python -m pytest -n auto $(if $(ONLY),-m "" $(ONLY))

thorough: $(VENV)/dev.stamp  ## Run the tests that take longer: conformance, word processors, killed commands
	@$(BIN)/python -m pytest -n auto -m "thorough or property"

fire: $(VENV)/dev.stamp  ## Try what docs/guarantees.md promises of the archive (or ONLY=faults)
	@PYTHONPATH=tests $(BIN)/python -m durability $(ONLY)

lint: $(VENV)/dev.stamp  ## Look for faults of style, types and structure
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/dev.stamp  ## Put the code into its form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

golden: $(VENV)/dev.stamp  ## Take today's results as those that the tests expect
	@$(BIN)/python -m pytest -q --update-golden tests/journeys/test_golden.py

bench: $(VENV)/dev.stamp  ## Measure how fast it is, as ratios to what it builds on
	@$(BIN)/python -m bench

fuzz: $(VENV)/dev.stamp  ## Throw mutated files at the parsers, documents at intake, workspaces at commands
	@PYTHONPATH=tests $(BIN)/python -m fuzz --parsers 1000000 --documents 5000 --check 50000 --workspaces 20000

audit:  ## Ask a database of advisories (OSV) about each pinned dependency; 4 if none can be reached
	@$(PYTHON) scripts/supplies.py audit

licences: $(VENV)/run.stamp  ## List the licences of what is bundled and depended on in docs/licences.md
	@$(BIN)/python scripts/supplies.py licences

wheel: $(VENV)/run.stamp  ## Build the wheel into build/wheel/, with a bill of materials (CycloneDX)
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w build/wheel .
	@$(BIN)/python scripts/supplies.py bom > build/wheel/policy-publisher.cdx.json

lock:  ## Pin the newest versions of everything that is needed
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-index-url --no-emit-find-links --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-index-url --no-emit-find-links --upgrade --group dev pyproject.toml -o requirements-dev.lock
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --quiet \
		--no-emit-index-url --no-emit-find-links --upgrade --group build -c requirements-dev.lock -o requirements-build.lock

clean:  ## Delete what was built and set up
	rm -rf build $(VENV) tests/validators/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/run.stamp: pyproject.toml requirements.lock requirements-build.lock scripts/system-packages
	@scripts/system-packages run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 4; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-build.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock tests/validators/package-lock.json
	@scripts/system-packages test
	@npm ci --prefix tests/validators --ignore-scripts --no-audit --no-fund --silent
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
