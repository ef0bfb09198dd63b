"""Engines are chosen by name, and say what they need before anything is read."""

import pickle
import sys

import pyarrow as pa
import pytest

from kg.engines import ENGINE_VARIABLE, engine_chosen, engine_named
from kg.engines.duckdb import DuckdbEngine
from kg.errors import InputError, UnknownNameError
from kg.runs import RunTable


def test_duckdb_is_the_default():
    assert engine_named().name == engine_named("duckdb").name == "duckdb"


def test_the_environment_chooses(monkeypatch):
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    assert engine_chosen() is None
    monkeypatch.setenv(ENGINE_VARIABLE, "spark")
    assert engine_chosen() == "spark"
    monkeypatch.setenv(ENGINE_VARIABLE, "sparc")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'spark'"):
        engine_chosen()


def test_an_unknown_engine_names_those_there_are():
    with pytest.raises(UnknownNameError, match="duckdb, spark"):
        engine_named("polars")


def test_without_pyspark_or_java_it_is_said_how_to_get_them(monkeypatch):
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'tunegraph[spark]'")
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(InputError, match=r"no Java.*openjdk-17"):
        engine_named("spark")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputError, match=r"pip install 'tunegraph\[spark\]'"):
        engine_named("spark")


def test_rows_are_lent_from_memory_and_from_other_rows():
    engine = DuckdbEngine()
    with engine.lent(pa.table({"x": [1, 2, 3]})) as rows, engine.lent(rows.filter(rows.x > 1)) as some:
        assert sorted(some.to_pyarrow()["x"].to_pylist()) == [2, 3]


def test_duckdb_calls_here_one_after_the_other():
    assert list(DuckdbEngine().map(divmod, [(7, 2), (9, 4)])) == [(3, 1), (2, 1)]


def test_what_goes_to_another_process_asks_for_itself(tmp_path):
    class Cluster(DuckdbEngine):
        name = "cluster"

        def __getstate__(self):
            raise AssertionError("connections cannot be pickled")

    there = pickle.loads(pickle.dumps(RunTable(tmp_path, engine=Cluster())))
    assert (there.home, there.engine.name) == (tmp_path, "duckdb")
