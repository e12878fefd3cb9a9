# Two commands to know: `make demo` shows the exchange at work, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PACKAGES ?= 20000
KILLS ?= 200

.PHONY: demo test test-demo test-distributed fuzz chaos check up down lock benchmark-env distributed-env clean

$(READY): requirements/dev.lock requirements/bootstrap.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed / 需要 Python 3.11 或更高版本") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)          ## start everything, run the main job for real, show what came of it
	$(BIN)/hub demo $(if $(STAY),--stay)

test: $(READY)          ## set up everything and pass the tests
	sh .ci/browser
	sh .ci/tests

test-demo: $(READY)     ## prove the demonstration too: the whole stack with Airflow's scheduler, about two minutes
	$(BIN)/pytest -m demo

fuzz: $(READY)          ## 20,000 mutated packages, each ending in a report or a refusal: an hour or less (PACKAGES=2000)
	$(BIN)/python -m tests.fuzz.run --packages $(PACKAGES)

chaos: $(READY)         ## kill everything at random moments: nothing lost, double or half done (a quarter of an hour)
	$(BIN)/python -m tests.chaos.run --kills $(KILLS)

test-distributed: distributed-env ## Airflow with Redis and two Celery workers, one of which is killed
	.venv-distributed/bin/pytest -m distributed tests/distributed

check: $(READY)         ## style, types, import directions, contract lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

up: $(READY)            ## start the embedded stack and leave it running
	$(BIN)/hub up

down: $(READY)          ## stop the embedded stack
	$(BIN)/hub down

lock:                   ## renew the pinned locks (needs uv)
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -o requirements/bootstrap.lock requirements/bootstrap.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -o requirements/dev.lock requirements/dev.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -c requirements/dev.lock -o requirements/runtime.lock requirements/runtime.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -c requirements/dev.lock -o requirements/celery.lock requirements/celery.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -c requirements/dev.lock -o requirements/build.lock requirements/build.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -c requirements/dev.lock -o requirements/check.lock requirements/check.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -c requirements/dev.lock -o requirements/distributed.lock requirements/distributed.in
	uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-annotate --custom-compile-command 'make lock' -c requirements/constraints.txt -o requirements/benchmarks.lock requirements/benchmarks.in

benchmark-env: $(READY) ## the environment of the benchmarks, peers and all
	test -x .venv-benchmarks/bin/python || $(PYTHON) -m venv .venv-benchmarks
	$(BIN)/uv pip sync --quiet --python .venv-benchmarks/bin/python --require-hashes requirements/benchmarks.lock

distributed-env: $(READY)
	test -x .venv-distributed/bin/python || $(PYTHON) -m venv .venv-distributed
	$(BIN)/uv pip sync --quiet --python .venv-distributed/bin/python --require-hashes requirements/distributed.lock
	$(BIN)/uv pip install --quiet --python .venv-distributed/bin/python --no-deps --no-build-isolation -e .

clean:                  ## remove the environment and all state of the embedded stack
	-$(BIN)/hub down
	rm -rf .venv* .hub
