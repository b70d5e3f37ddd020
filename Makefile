# Developer commands; README.md and CONTRIBUTING.md name them.
.PHONY: check format deps pins

check:  ## format, lint, types, tests: what must pass before a change lands
	ruff format --check .
	ruff check .
	mypy
	pytest -n 2 --dist loadfile

format:
	ruff check --fix .
	ruff format .

deps:  ## write the code dependencies of every stage into dvc.yaml
	python tests/dependencies.py

pins:  ## choose the newest versions of everything again, into uv.toml
	python tests/pins.py
