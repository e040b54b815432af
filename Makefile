# `make run` starts the app, `make test` proves it. Needs Python 3.11, pip and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test clean

run: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/app requirements-dev.txt requirements-large.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache test-artifacts
