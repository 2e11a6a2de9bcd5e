# Two commands do everything: `make demo` and `make test`. Both set up what they need, once.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SECONDS ?=
CAMERA  ?=
# Handed over in the environment, so that a camera's password is not in the daemon's command line.
# $(value ...), so that a $ in the password stays one.
export SANDWATCH_DEMO_CAMERA := $(value CAMERA)
unexport CAMERA

.PHONY: demo test search test-ultralytics test-tus crash schema deb deb-test lint setup setup-dev system lock audit bench bench-full soak soak-long mutation fuzz clean

demo: $(VENV)/.ready
	@$(BIN)/sandwatch demo $(if $(SECONDS),--seconds $(SECONDS))

test: $(VENV)/.ready-dev system
	$(BIN)/python -m pytest -n 3 --dist loadfile

# Property tests with new examples, ten times as many: what `make test` never draws.
search: $(VENV)/.ready-dev system
	$(BIN)/python -m pytest -n 3 --dist loadfile -m hypothesis --hypothesis-profile=search

# With Ultralytics itself (AGPL-3.0) and PyTorch: in an environment of its own, never part of the others.
test-ultralytics: $(VENV)-ultralytics/.ready
	$(VENV)-ultralytics/bin/python -m pytest tests/inference/ultralytics_real.py

$(VENV)-ultralytics/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -m venv $(VENV)-ultralytics
	@$(VENV)-ultralytics/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(VENV)-ultralytics/bin/pip install --quiet --disable-pip-version-check \
		-c requirements.lock hypothesis onnx pytest pytest-asyncio '.[ultralytics]'
	@touch $@

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every bench, small: minutes each. The whole, whose figures docs/performance.md is made of, takes hours of a quiet machine.
bench: $(VENV)/.ready-dev system
	$(BIN)/python -m bench all --quick

bench-full: $(VENV)/.ready-dev system
	$(BIN)/python -m bench all --save
	$(BIN)/python -m bench.pages

# Uploads against the reference server of tus, in a folder of its own; needs Node 20.
test-tus: $(VENV)/.ready-dev
	npm ci --silent --omit=optional --prefix tests/support/tus_reference
	$(BIN)/python -m pytest tests/edge/upload/tus_reference.py

# 200 random kills of a loaded gateway's stores.
crash: $(VENV)/.ready-dev
	SANDWATCH_KILLS=200 $(BIN)/python -m pytest tests/crash

deb: $(VENV)/.ready
	packaging/build_deb.sh $(BIN)/pip dist

# In a clean root; takes root and debootstrap.
deb-test: deb
	packaging/test_deb.sh dist/sandwatch_*.deb

# What integrators read, made of the models.
schema: $(VENV)/.ready
	$(BIN)/python -m edge.schema

fuzz: $(VENV)/.ready-dev system
	$(BIN)/python -m tests.fuzz

# A gateway under faults, its invariants checked all along: half an hour; four hours.
soak: $(VENV)/.ready-dev system
	@mkdir -p var
	$(BIN)/python -m bench.soak --seconds 1800 --json var/soak.json

soak-long: $(VENV)/.ready-dev system
	@mkdir -p var
	$(BIN)/python -m bench.soak --seconds 14400 --json var/soak-long.json

# Whether tests would notice a wrong line in the pure modules: hours of a core. docs/mutation.md
mutation: $(VENV)/.ready-dev
	@mkdir -p var
	$(BIN)/python -m bench.mutation --json var/mutation.json

# What is known to be wrong with the pinned packages; asks the service that pip-audit asks, so it needs a network.
audit: $(VENV)-audit/.ready
	$(VENV)-audit/bin/pip-audit --disable-pip --require-hashes -r requirements.lock

$(VENV)-audit/.ready:
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@touch $@

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "[1/3] creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "python3 -m venv failed; install it with: sudo apt-get install python3-venv"; exit 1; }

$(VENV)/.ready: $(VENV)/bin/pip requirements.lock pyproject.toml
	@echo "[2/3] installing the pinned packages (about 110 MB to download, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "[3/3] installing sandwatch"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock tests/support/triton.lock
	@echo "installing the pinned tools for tests and checks (about 330 MB to download, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade \
		--target $(VENV)/triton -r tests/support/triton.lock
	@touch $@

system:
	@sh tests/support/system_parts.sh $(PYTHON)

lock: $(VENV)/.ready-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --extra demo --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	echo nvidia-pytriton==0.7.0 | $(BIN)/uv pip compile --quiet --no-deps --generate-hashes \
		--no-emit-index-url --no-header - -o tests/support/triton.lock

clean:
	rm -rf $(VENV) var build *.egg-info
