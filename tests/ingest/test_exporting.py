"""Every run of the run table is written as ML-Schema, the same bytes each time."""

from datetime import date
from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from ingest.exporting import export_runs
from kg.model import Configuration, Cost, FidelityKind, FidelitySetting, Provenance
from kg.rdf_archive import items_of
from kg.run_columns import to_hp_columns
from kg.runs import RunTable


@pytest.fixture
def table(tmp_path) -> RunTable:
    table = RunTable(tmp_path)
    for source in ("s", "t"):
        frame = to_hp_columns([Configuration({"max_depth": i, "criterion": "gini"}) for i in range(6)]).assign(
            run_id=[f"{source}{i:015d}" for i in range(6)],
            source=source,
            learner=["random_forest", "decision_tree"] * 3,
            metric="accuracy",
            standing="measured",
            dataset=[f"https://example.org/d/{i % 2}" for i in range(6)],
            score=np.arange(6) / 10,
            seconds=[1.5, None, None, None, None, None],
            locator="f:1",
        )
        low = frame[:1].assign(fidelity_kind="epochs", fidelity_value=1.0, fidelity_full=9.0, run_id=f"{source}low")
        again = frame.assign(metric="roc_auc")
        provenance = Provenance(source=source, licence="MIT", url="https://example.org", retrieved=date(2026, 1, 2))
        table.append(pd.concat([frame, again, low], ignore_index=True), provenance)
    return table


def exported(table, **given):
    out = BytesIO()
    report = export_runs(table, out, **given)
    return report, out.getvalue()


def test_every_run_comes_back_whole(table):
    report, quads = exported(table)
    runs = {run.iri.rsplit("/", 1)[-1]: run for run in items_of(quads)}
    assert report.runs == len(runs) == 14
    first, low = runs["s000000000000000"], runs["slow"]
    assert (first.configuration, first.cost) == (
        Configuration({"max_depth": 0, "criterion": "gini"}),
        Cost(seconds=1.5),
    )
    assert dict(first.scores) == {"accuracy": 0.0, "roc_auc": 0.0}
    assert (first.learner, first.dataset, first.provenance.source) == ("random_forest", "https://example.org/d/0", "s")
    assert first.provenance.retrieved == date(2026, 1, 2)
    assert low.fidelity == FidelitySetting(kind=FidelityKind.EPOCHS, value=1, full=9)


def test_no_line_is_written_twice_and_the_report_counts_them(table):
    report, quads = exported(table)
    lines = quads.decode().splitlines()
    assert len(lines) == len(set(lines)) == report.lines


def test_one_source_is_that_part_of_all(table):
    (_, some), (_, everything) = exported(table, source="t"), exported(table)
    assert {run.provenance.source for run in items_of(some)} == {"t"}
    assert set(some.splitlines()) <= set(everything.splitlines())
