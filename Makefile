# Two commands on a fresh machine: `make run` does the main job on a real table, `make test` passes the tests.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DATA ?= ../shared/data

.PHONY: run ui test test-browser test-spark schema setup setup-dev starter bench-quality bench-evidence bench-index bench-tables bench-claims bench-latency bench-gate bench-mutation bench-ingest bench-graph bench-fits bench-sampler bench-termination bench-fidelity bench-llm bench-ablation eval-llm docs docs-serve release-check sbom clean

run: setup
	$(BIN)/tunegraph recommend examples/data/breast_cancer.csv --target diagnosis --time 2m --export out/study.py
	$(BIN)/python out/study.py --trials 12

# The pages, in a browser.
ui: setup
	$(BIN)/python -m pip install --quiet -e '.[ui,boost]'
	$(BIN)/tunegraph ui

test: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2

# What people do with the pages, in Chromium; pictures are kept in out/screenshots.
test-browser: setup-dev
	$(BIN)/python -m pip install --quiet -e '.[browser]'
	OMP_NUM_THREADS=1 $(BIN)/pytest -m browser tests/ui/browser

# The same evidence on a local Spark cluster of two workers (Java 17, some hundred MB of pyspark).
test-spark: setup-dev
	$(BIN)/python -m pip install --quiet -e '.[spark]'
	OMP_NUM_THREADS=1 $(BIN)/pytest -m spark tests/ingest/distil

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

# Rebuild the starter graph, byte for byte, from the folder of source tables.
starter: setup-dev
	$(BIN)/python -m ingest.starter $(DATA)

# Publish the JSON schema of a proposal.
schema: setup
	$(BIN)/python -c "import json; from recommender.proposal import json_schema; print(json.dumps(json_schema(), indent=2, sort_keys=True))" > docs/reference/proposal.schema.json

bench-quality: setup-dev
	$(BIN)/python -m benchmarks.quality --data $(DATA)

# What each part of the evidence is worth: proposals without it, or with it alone; twenty minutes, needs nothing else.
bench-evidence: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.evidence --resume out/evidence.jsonl

# The table of all questions in benchmarks/README.md, from what is in benchmarks/results.
bench-index: setup-dev
	$(BIN)/python -m benchmarks.index

# Faults planted in sound proposals: how many the gate finds; writes benchmarks/results and the table in the README.
bench-gate: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.faults --data $(DATA)/raw-datasets --readme README.md

# Every check of the gate taken out, one at a time: a test must turn red.
bench-mutation: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.mutation

# How long a person waits; writes benchmarks/results/latency.md.
bench-latency: setup-dev
	$(BIN)/python -m benchmarks.latency

# A million runs to Parquet and evidence, time and memory; writes benchmarks/results/ingestion.md.
bench-ingest: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.million --data $(DATA)

# The stores of the graph: the same answers on the starter graph, then time, size and memory at a million runs.
bench-graph: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.graph_stores
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.graph_scale --data $(DATA)

# Claims found in documents by rules: recall on gold claims, alarms on hard negatives; the counts are kept dated, what
# they mean is in benchmarks/results/claims.md.
bench-claims: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.claims $(DATA)/papers --half both --record benchmarks/results

bench-tables: setup-dev
	$(BIN)/python -m benchmarks.tables $(DATA)/raw-datasets

# The transfer sampler beside TPE, portfolios and a plain process, each data set left out in turn; half an hour.
bench-sampler: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.sampler --data $(DATA)

bench-termination: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.termination --data $(DATA)

bench-fidelity: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.fidelity --data $(DATA)

# Whole runs on 15 tables at equal wall clock, with FLAML in an environment of its own; an hour on one core.
bench-fits: setup-dev .venv-peers/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.real_fits --data $(DATA)/raw-datasets --peers .venv-peers/bin/python

.venv-peers/.installed:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet 'flaml[automl]' packaging
	touch $@

# Scripted models of every temper over real HTTP; no network, no key.
bench-llm: setup-dev
	$(BIN)/python -m benchmarks.llm --data $(DATA) --home out/llm-home

# What graph and gate are worth to a (scripted) model, on data sets left out; writes benchmarks/results/llm-ablation.md.
bench-ablation: setup-dev
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m benchmarks.llm.ablation --data $(DATA) --home out/llm-home

# The same conversations with a real model: make eval-llm MODEL=openai:gpt-4.1-mini (needs its key in the environment);
# BASE_URL=http://host:port/v1 for a server of your own, EVAL="--tables 2 --stream" for more options.
eval-llm: setup-dev
	$(BIN)/python -m benchmarks.llm.real $(MODEL) --data $(DATA) --home out/llm-home $(if $(BASE_URL),--base-url $(BASE_URL)) $(EVAL)

# The pages as a site in build/site; a broken link or a name that is not there fails.
docs: setup
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: setup
	$(BIN)/python -m pip install --quiet -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

# Wheel and sdist: complete, and doing the main job in empty environments of each Python; lowest versions; licences; SBOM.
release-check: setup-dev .venv-release/.installed
	PATH="$(CURDIR)/.venv-release/bin:$$PATH" $(BIN)/pytest -m release tests/release

# What the distribution and its extras depend on, as CycloneDX in dist/sbom.json, and whether the licences allow it.
sbom: setup-dev .venv-release/.installed
	PATH="$(CURDIR)/.venv-release/bin:$$PATH" $(BIN)/pytest -m release tests/release/test_dependencies.py -k 'licence or bill'

.venv-release/.installed:
	$(PYTHON) -m venv .venv-release
	.venv-release/bin/python -m pip install --quiet uv cyclonedx-bom pip-licenses
	touch $@

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
