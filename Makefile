# `make demo` and `make test` are the two targets people need; both set up everything in .venv by themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: demo test lint samples docs clean

demo: $(VENV)/ready
	$(BIN)/qa-audit run sample_calls --config sample_calls/qa_audit.yaml --out $(DEMO)/scorecards --store sqlite:///$(DEMO)/qa_audit.db
	@echo "Open $(abspath $(DEMO))/scorecards/index.html in a browser."

test: $(VENV)/ready-dev
	$(BIN)/pytest -n 2

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

samples: $(VENV)/ready
	$(BIN)/python sample_calls/make.py

clean:
	rm -rf $(VENV) $(DEMO) dist build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]'
	touch $@

$(VENV)/ready-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
