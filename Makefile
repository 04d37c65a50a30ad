# Each target is one line and says what it does: run `make help`.
PYTHON ?= python3
SERVE  ?= 1
DATA   ?= data
SOURCES ?= sources
SOURCE ?= --all
NP := .venv/bin/needlepoint
HERE := --data $(DATA) --sources $(SOURCES)

.PHONY: help setup demo test lint crawl match geocode publish serve run lock docs eval words screenshots
.DEFAULT_GOAL := help

help:  ## Show what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/ready  ## Make .venv with every pinned dependency

.venv/ready: requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" ./setup

demo: setup  ## Crawl the sample directories, publish and serve them on http://127.0.0.1:8001 (SERVE=0 stops before serving)
	@$(NP) demo --data $(DATA)/demo $(if $(filter 0,$(SERVE)),--no-serve)

test: setup  ## Run every test, the browser ones too
	@.venv/bin/python tests/browser.py && .venv/bin/python -m pytest -n auto --dist loadfile

lint: setup  ## Check style and types
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

crawl: setup  ## Crawl all active sources, or one: make crawl SOURCE=integrative_dry_needling
	@$(NP) crawl $(SOURCE) $(HERE)

match: setup  ## Decide which listings are the same person
	@$(NP) match $(HERE)

geocode: setup  ## Place listings that have no coordinates of their own
	@$(NP) geocode $(HERE)

publish: setup  ## Build directory.db and move it into place
	@$(NP) publish $(HERE)

serve: setup  ## Serve the finder on http://127.0.0.1:8001
	@$(NP) serve $(HERE)

run: setup  ## A whole night: crawl, match, geocode, publish, report
	@$(NP) run $(HERE)

docs: setup  ## Write docs/platforms.md anew from what the platforms say of themselves
	@.venv/bin/python docs/build_platforms.py

eval: setup .bench/ready  ## Measure matching on sample worlds of 10,000 people, and on FEBRL's data beside splink and recordlinkage
	@.venv/bin/python -m bench.eval_matching; ours=$$?; .bench/bin/python -m bench.febrl && exit $$ours

.bench/ready: bench/requirements.lock
	@.venv/bin/python -m venv .bench && .bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@

words: setup  ## Bring locale/es/messages.po in line with the words of the pages
	@.venv/bin/pybabel -q extract -F locale/babel.cfg -k N_ -k said --no-location --sort-output -o locale/messages.pot . && .venv/bin/pybabel -q update -i locale/messages.pot -d locale -D messages -l es -o locale/es/messages.po --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 100; rm -f locale/messages.pot

screenshots: setup  ## Make the README's pictures anew from the sample data
	@.venv/bin/python docs/screenshots.py

lock: setup  ## Pin the newest allowed dependencies
	@.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade --quiet -o requirements.lock
	@.venv/bin/uv pip compile --group bench --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade --quiet -o bench/requirements.lock
