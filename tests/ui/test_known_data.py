"""Data that needs no upload."""

from pathlib import Path

import pytest

from kg.errors import InputError
from kg.rdf_store import RdfStore
from kg.tables import read_table
from ui.known_data import EXAMPLES, Example, openml_dataset, write_example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_a_table_that_can_be_learnt_from(example: Example, tmp_path: Path) -> None:
    table = read_table(write_example(example, tmp_path), target=example.target)
    assert table.n_rows > 100
    assert table.name == example.name


def test_a_data_set_of_the_graph_needs_no_network(starter_store: RdfStore, tmp_path: Path) -> None:
    found = openml_dataset(37, starter_store, tmp_path)
    assert (found.name, found.origin) == ("diabetes", "the graph")
    assert found.meta_features["NumberOfInstances"] == 768


def test_without_a_network_it_is_said_what_helps(
    monkeypatch: pytest.MonkeyPatch, starter_store: RdfStore, tmp_path: Path
) -> None:
    openml = pytest.importorskip("openml", reason="the openml extra is not installed")
    monkeypatch.setattr(openml.config, "server", "http://127.0.0.1:9/api/v1/xml")
    with pytest.raises(InputError, match=r"not in the graph, and OpenML did not give it .*the table itself as a file"):
        openml_dataset(99_999_999, starter_store, tmp_path / "scratch")
