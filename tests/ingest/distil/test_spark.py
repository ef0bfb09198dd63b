"""A Spark cluster of two workers distils the same evidence as DuckDB, to the last digit."""

import os
import sys
from collections.abc import Iterator
from datetime import date
from operator import truediv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingest.distil import distil, reading
from ingest.distil.reading import learner_runs
from kg.engines import engine_named
from kg.engines.spark import SparkEngine, check_installed
from kg.errors import InputError, StoreError
from kg.model import Configuration, Provenance
from kg.run_columns import to_hp_columns
from kg.runs import RunTable

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'tunegraph[spark]'")
pytestmark = pytest.mark.spark
DAY = date(2026, 1, 2)
#: A cluster of two workers, each a process of its own with one core.
MASTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def engine() -> Iterator[SparkEngine]:
    try:
        check_installed()
    except InputError as error:
        pytest.skip(str(error))
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # the least work before the first answer
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": java,
        "spark.executor.extraJavaOptions": java,
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.log.level": "OFF",
    }
    session = SparkSession.builder.master(MASTER).config(map=settings).getOrCreate()
    yield SparkEngine(session)
    session.stop()


@pytest.fixture(scope="module")
def generated(tmp_path_factory) -> RunTable:
    """Runs with what engines might see differently: ties, absent values, text, tiny numbers."""
    draw, n = np.random.default_rng(0), 400
    frame = to_hp_columns([_configuration(draw) for _ in range(n)]).assign(
        run_id=[f"{i:016x}" for i in draw.permutation(n)],
        learner="forest of é",
        metric=draw.choice(["accuracy", "log_loss"], n),
        standing="measured",
        dataset=draw.choice(["https://example.org/d/a", "https://example.org/d/B", "https://example.org/d/ü"], n),
        score=draw.random(n).round(2),
        seconds=np.where(draw.random(n) < 0.5, draw.random(n) * 9, np.nan),
        locator="f:1",
    )
    low = draw.random(n) < 0.2
    levels = {"fidelity_kind": "epochs", "fidelity_value": 1.0, "fidelity_full": 9.0}
    frame = frame.assign(**{name: pd.Series([value if x else None for x in low]) for name, value in levels.items()})
    # A folder whose name would be a pattern to Spark, and two files with different columns.
    table = RunTable(tmp_path_factory.mktemp("home{1,2}[a]"))
    provenance = Provenance(source="s", licence="MIT", url="https://example.org", retrieved=DAY)
    table.append(frame[:150].drop(columns=["hp.kernel"]).assign(source="s"), provenance)
    table.append(frame[150:].assign(source="s"), provenance)
    return table


def _configuration(draw):
    values = {
        "C": 10 ** float(draw.uniform(-9, 9)),
        "degree": int(draw.integers(1, 9)),
        "kernel": str(draw.choice(["a", "é"])),
    }
    return Configuration(
        {name: value for name, value in values.items() if draw.random() < 0.8} | {"on": bool(draw.random() < 0.5)}
    )


def on(engine: SparkEngine, table: RunTable) -> RunTable:
    return RunTable(table.home, engine=engine)


def texts(items) -> list[str]:
    return [item.model_dump_json() for item in items]


def test_evidence_of_real_runs_is_the_same_in_the_same_order(engine, runs, evidence):
    manifest = runs.manifest("openml-pimp")
    adaboost = manifest.replace(runs=tuple(file for file in manifest.runs if file.learner == "adaboost"))
    said = []
    found = list(distil(on(engine, runs).only(adaboost), (), retrieved=DAY, progress=said.append))
    assert texts(found) == texts(item for item in evidence if item.learner == "adaboost")
    assert said == [
        "Looking over the scores of 1 learners, by spark",
        "Distilling 1,200 scores of adaboost from openml-pimp, by spark",
    ]


def test_evidence_of_generated_runs_is_the_same(engine, generated):
    expected = texts(distil(generated, (), retrieved=DAY))
    assert len(expected) > 20
    assert texts(distil(on(engine, generated), (), retrieved=DAY)) == expected


def test_a_sample_of_many_runs_is_the_same(engine, generated, monkeypatch):
    monkeypatch.setattr(reading, "MOST_SCORES", 60)
    here, there = (next(learner_runs(table, (), retrieved=DAY)) for table in (generated, on(engine, generated)))
    datasets = tuple(here.sizes)
    sample, same = (
        sorted(one.rows(datasets).select("run_id").to_pyarrow()["run_id"].to_pylist()) for one in (here, there)
    )
    assert sample == same
    assert 60 < len(sample) < 400


def test_what_fails_in_an_executor_is_told(engine):
    with pytest.raises(StoreError, match="There is no engine 'polars'"):
        list(engine.map(engine_named, [("polars",)]))
    with pytest.raises(StoreError, match=r"could not share out truediv: .*ZeroDivisionError"):
        list(engine.map(truediv, [(1, 0)]))
