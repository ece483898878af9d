PYTHON ?= python3
VENV := .venv

.PHONY: serve web test coverage sweep processes attack network browser docs manual check bench clean

# What `make test`, the loop of a person, leaves to `.ci/run`.
SLOW := processes attack network browser
UNMARKED := not (sweep or processes or attack or network or browser)
PYTEST := $(VENV)/bin/pytest --numprocesses auto --dist worksteal

# Compiled files are kept, else every process that a test starts would compile them anew.
export PYTHONDONTWRITEBYTECODE :=

# An option with the value of a variable that the command line of make gives.
given = $(if $(filter command,$(origin $(1))),$(2) '$($(1))')

# `make serve HOST=127.0.0.1 PORT=5555`; what only the environment says is not meant for it.
serve: $(VENV)/installed
	$(strip $(VENV)/bin/scapy-server serve $(call given,HOST,--host) $(call given,PORT,--port))

web: $(VENV)/installed
	$(VENV)/bin/scapy-server web \
		$(if $(filter command,$(origin HOST)),--host '$(HOST)') \
		$(if $(filter command,$(origin PORT)),--port '$(PORT)')

test: $(VENV)/installed-dev
	$(PYTEST) -m "$(UNMARKED)" $(OPTIONS)

# The same, which is to run through as much of the source as pyproject.toml says.
coverage: OPTIONS := --cov --cov-report=
coverage: test

# Walks over all layers, and all properties once more, with many examples.
sweep: $(VENV)/installed-dev
	$(PYTEST) --hypothesis-profile thorough -m "sweep or (hypothesis and $(UNMARKED))"

# Each of these runs one kind of slow test; none of a kind is no failure.
$(SLOW): $(VENV)/installed-dev
	$(PYTEST) -m $@ || test $$? -eq 5

docs: $(VENV)/installed-docs
	$(VENV)/bin/mkdocs serve

manual: $(VENV)/installed-docs
	$(VENV)/bin/mkdocs build --strict --site-dir build/manual

check: $(VENV)/installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

bench: $(VENV)/installed
	$(VENV)/bin/python bench/answers.py
	$(VENV)/bin/python bench/captures.py
	$(VENV)/bin/python bench/render.py
	$(VENV)/bin/python bench/profiles.py
	$(VENV)/bin/python bench/ports.py

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --editable ".[console,metrics,plot,web]"
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(VENV)/bin/pip install --quiet --upgrade "pip>=25.1"
	$(VENV)/bin/pip install --quiet --group dev
	touch $@

$(VENV)/installed-docs: $(VENV)/installed-dev
	$(VENV)/bin/pip install --quiet --group docs
	touch $@

clean:
	rm -rf $(VENV)
