# make lab    installs labkit in .venv and opens the first notebook in JupyterLab
# make test   lint, types, every notebook and every test
#
# Choose a Python with `make lab PYTHON=/path/to/python3.12`, JupyterLab's options with
# `make lab OPTIONS="--ip=0.0.0.0 --port=9999"`.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Asked of a command, since one on the path may be a shim of pyenv that leads nowhere, or lack venv as Debian's may.
SUITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON = $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(name) -c '$(SUITS)' 2>/dev/null && echo $(name))))

HEADLESS = $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser)
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)

# The real texts of notebook 07, where the folder that holds them stands beside this one.
ifneq ($(wildcard ../shared/real),)
LABKIT_DATA_MIRROR ?= $(CURDIR)/../shared/real
export LABKIT_DATA_MIRROR
endif

.PHONY: lab check test lint types pins
.NOTPARALLEL:

lab: check
	$(PY) -m jupyterlab --log-level=WARN --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
		$(HEADLESS) $(ROOT) $(OPTIONS)

check: $(VENV)/lab
	$(PY) -m labkit check

lint: $(VENV)/test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(VENV)/test
	$(PY) -m mypy

# Notebooks first, on a store of their own: tests look at what they left. An empty variable keeps out what .env says,
# so nothing is asked of an LLM, or of another store. A kernel that nbval ended left its server, which is told to stop.
NO_KEYS := from labkit.check import LLM_KEYS; print(*(f"{name}=" for name in LLM_KEYS))
# Transformers come last, in an environment of their own: where there is a PyTorch, spaCy loads it in every process.
test: lint types $(VENV)/torch/done
	@home=$$(mktemp -d); trap '{ kill -QUIT $$(head -n 1 $$home/postgres/postmaster.pid); } 2>/dev/null; rm -rf $$home' EXIT; \
	chromium=$$($(PY) -m tests.browsers) && keys=$$($(PY) -c '$(NO_KEYS)') && \
	env $$keys DATABASE_URL= LABKIT_HOME=$$home LABKIT_CHROMIUM=$$chromium $(PY) -m pytest --nbval notebooks tests && \
	env $$keys DATABASE_URL= LABKIT_HOME=$$home $(VENV)/torch/bin/python -m pytest -m transformer tests

# Every version that this project was tried with, on all Pythons and systems at once.
pins:
	@[ -e $(PY) ] || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/bin/uv pip compile --quiet --universal --all-extras --no-annotate --python-version 3.11 \
		--custom-compile-command "make pins" --output-file constraints.txt pyproject.toml

# The marker .unfinished tells of an installation that was interrupted: it is begun again.
define install
	@if [ -e $(VENV)/.unfinished ] || ! $(PY) -c '$(SUITS)' 2>/dev/null; then rm -rf $(VENV); fi
	@[ -e $(PY) ] || [ -n "$(PYTHON)" ] || { echo "No Python 3.11 to 3.13 with venv was found." \
		"Install one (Debian: apt-get install python3-venv), or name it: make lab PYTHON=/path/to/python" >&2; exit 1; }
	@mkdir -p $(VENV) && touch $(VENV)/.unfinished
	@[ -e $(PY) ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing labkit in $(VENV): this takes a minute or two."
	@$(PIP) --editable '$(1)'
	@# Two things that would speak up in the first notebook: Jupyter's news, and fonts that are not yet in a cache.
	@$(PY) -m jupyter labextension disable @jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@$(PY) -c 'import matplotlib.font_manager'
	@rm $(VENV)/.unfinished
	@touch $@
endef

$(VENV)/lab: pyproject.toml constraints.txt
	$(call install,.)

$(VENV)/test: pyproject.toml constraints.txt
	$(call install,.[test])
	@touch $(VENV)/lab

# Over the other environment lies one with what the extra needs besides; a line in a .pth leads from this to that.
EXTRA := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["transformers"])
BELOW := import site; print(f"import site; site.addsitedir({site.getsitepackages()[0]!r})")
ABOVE := import site; print(site.getsitepackages()[0])
$(VENV)/torch/done: $(VENV)/test
	@echo "Installing PyTorch in $(VENV)/torch, for the tests of transformers."
	@rm -rf $(VENV)/torch && $(PY) -m venv --without-pip $(VENV)/torch
	@$(PY) -c '$(BELOW)' > "$$($(VENV)/torch/bin/python -c '$(ABOVE)')/labkit.pth"
	@$(PY) -c '$(EXTRA)' | xargs $(VENV)/torch/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt
	@touch $@
