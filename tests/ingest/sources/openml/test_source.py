"""The mirror of OpenML becomes data sets and runs; what cannot be mapped is counted and stays where it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.normalize import normalize
from ingest.records import Items, RawRuns
from ingest.run import ingest
from ingest.sources.base import Source
from ingest.sources.openml.source import OpenmlSource
from ingest.sources.openml_pimp import OpenmlPimp
from kg.iris import dataset_iri
from kg.model import Dataset, TaskType
from kg.runs import RunTable
from tests.ingest.source_contract import SourceCase, SourceContract
from tests.ingest.sources.openml.mirrors import MirrorWriter, chunked, evaluation, parameters

DAY = date(2026, 11, 21)
TREE = "sklearn.tree.tree.DecisionTreeClassifier(5)"
J48 = "weka.J48(1)"
#: The tasks that the server of openml-pimp's runs has, and their data sets.
SERVED = "openml-task-(6|11|15)|openml-1000(06|11|15)"
RANGER = "mlr.classif.ranger(8)"


@pytest.fixture
def written(tmp_path: Path) -> MirrorWriter:
    """A mirror of data set 1 and task 11 on it, with setups 1 to 9 of a tree, one of ranger (20), one of J48 (30)."""
    writer = MirrorWriter(tmp_path / "raw")
    writer.server("https://www.openml.org/api/v1/xml")
    writer.dataset(1, "credit")
    writer.task(11, 1)
    writer.setups({i: parameters(TREE, {"max_depth": i, "criterion": "gini"}) for i in range(1, 10)})
    writer.setups({20: parameters(RANGER, {"mtry": "2", "num.trees": "50"}, as_json=False)})
    writer.setups({30: parameters(J48, {"C": "0.25", "M": "2"}, as_json=False)})
    return writer


#: Values, some of which are as they should be, and some not.
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just(10**400)
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=6)
PLACES = (
    "datasets/1.json",
    "tasks/11.json",
    "setups/1-x.json",
    "evaluations/11/kappa/page-0-9.json",
    "runs/9.json",
    "flows/1.json",
)


def objects(**fields: object) -> st.SearchStrategy[dict[str, object]]:
    """Draw objects whose fields are the given ones, or anything."""
    return st.fixed_dictionaries({name: JSON | st.just(value) for name, value in fields.items()})


PARAMETER = objects(flow_name=TREE[:-3], full_name="x", name="max_depth", value="3", component=77)
LIKE = {
    "datasets": objects(id=1, qualities={"NumberOfInstances": 9}, features=[{}], licence="x", url="x", name="x"),
    "tasks": objects(id=11, data_id=1, task_type="Supervised Classification", estimation_procedure={"parameters": {}}),
    "setups": st.lists(
        objects(setup_id=2, parameters=[])
        | st.fixed_dictionaries({"setup_id": st.just(2), "parameters": st.lists(PARAMETER)})
    ),
    "evaluations": st.fixed_dictionaries(
        {"rows": st.lists(objects(run_id=1, setup_id=2, flow_id=1, data_id=1, flow_name=TREE, value=0.5, values=[1]))}
    ),
    "runs": st.fixed_dictionaries({"parameter_settings": st.lists(PARAMETER)}),
    "flows": objects(id=1, name="x", components={"t": {"id": 77, "name": TREE[:-3]}}),
}


def tree(run: int, value: float | None, **fields: Any) -> dict[str, Any]:
    return evaluation(run, value, **{"flow": TREE, "setup": 1 + run % 9, **fields})


def read(written: MirrorWriter) -> tuple[list[RawRuns], list[Items]]:
    pages = list(OpenmlSource().read(written.raw, retrieved=DAY))
    return [p for p in pages if isinstance(p, RawRuns)], [p for p in pages if isinstance(p, Items)]


def runs_of(written: MirrorWriter) -> pd.DataFrame:
    """All runs as they were read, by OpenML's run id."""
    frames = [page.frame for page in read(written)[0]]
    return pd.concat(frames).set_index("row").sort_index()


def datasets_of(written: MirrorWriter) -> dict[str, Dataset]:
    return {item.iri: item for item in read(written)[1][0].items if isinstance(item, Dataset)}


class TestDatasets:
    def test_a_data_set_is_what_openml_says_made_consistent(self, written):
        found = datasets_of(written)[dataset_iri("openml-1")]
        assert (found.name, found.openml_id, found.task_type) == ("credit", 1, TaskType.CLASSIFICATION)
        assert found.meta_features["MajorityClassPercentage"] == 60
        assert found.meta_features["Dimensionality"] == 0.05
        assert (found.provenance.source, found.provenance.licence) == ("openml", "Public")
        assert found.provenance.url == "https://www.openml.org/data/v1/download/1/data.arff"
        assert found.provenance.locator == "openml/datasets/1.json"

    def test_its_tasks_are_the_same_data_set_under_another_name(self, written):
        written.task(12, 1)
        written.task(13, 1, target="age")
        written.task(14, 1, kind="Learning Curve")
        found = datasets_of(written)[dataset_iri("openml-1")]
        assert found.same_as == (dataset_iri("openml-task-11"), dataset_iri("openml-task-12"))

    def test_versions_of_one_table_are_linked(self, written):
        written.dataset(2, "Credit")
        assert dataset_iri("openml-2") in datasets_of(written)[dataset_iri("openml-1")].same_as

    def test_one_that_was_not_fetched_is_known_by_its_key(self, written):
        written.task(15, 7)
        assert datasets_of(written)[dataset_iri("openml-7")].name == "openml-7"

    @pytest.mark.parametrize("url", [None, "", "see the paper", "file:///etc/passwd", "https://x.y/<b>"])
    def test_what_is_no_address_does_not_become_one(self, written, url):
        written.dataset(1, url=url)
        assert datasets_of(written)[dataset_iri("openml-1")].provenance.url == "https://www.openml.org/d/1"

    def test_the_test_servers_numbers_are_never_openmls(self, written):
        written.server("https://test.openml.org/api/v1/xml")
        written.page(11, "predictive_accuracy", [tree(1, 0.8)])
        (found,) = datasets_of(written).values()
        assert (found.iri, found.openml_id) == (dataset_iri("openml-test-1"), None)
        assert found.same_as == (dataset_iri("openml-test-task-11"),)
        assert runs_of(written)["dataset"].tolist() == ["openml-test-1"]


class TestRuns:
    def test_scores_and_times_of_a_run_are_joined_over_lists_and_pages(self, written):
        written.page(11, "predictive_accuracy", [tree(1, 0.8), tree(2, 0.7)])
        written.page(11, "predictive_accuracy", [tree(3, 0.6)], offset=2)
        written.page(11, "area_under_roc_curve", [tree(3, 0.61), tree(4, 0.64), tree(1, 0.81)])
        written.page(11, "usercpu_time_millis_training", [tree(1, 5000), tree(2, None, values=[100, 300])])
        found = runs_of(written)
        assert found.index.tolist() == [1, 2, 3, 4]
        np.testing.assert_array_equal(found["score.predictive_accuracy"], [0.8, 0.7, 0.6, np.nan])
        np.testing.assert_array_equal(found["score.area_under_roc_curve"], [0.81, np.nan, 0.61, 0.64])
        # The sum of ten fits is 5 s; two fits took 0.1 and 0.3 s.
        np.testing.assert_allclose(found["seconds"], [0.5, 0.2, np.nan, np.nan])
        assert set(found["dataset"]) == {"openml-1"}
        assert set(found["learner"]) == {TREE}

    def test_training_time_is_what_is_left_without_testing(self, written):
        written.page(11, "predictive_accuracy", [tree(1, 0.8), tree(2, 0.8)])
        written.page(11, "usercpu_time_millis", [tree(1, 4000), tree(2, 100)])
        written.page(11, "usercpu_time_millis_testing", [tree(1, 1000), tree(2, 200)])
        np.testing.assert_allclose(runs_of(written)["seconds"], [0.3, np.nan])

    def test_times_of_r_are_not_believed_and_counted(self, written):
        ranger = {"flow": RANGER, "setup": 20}
        written.page(11, "predictive_accuracy", [evaluation(1, 0.8, **ranger)])
        written.page(11, "usercpu_time_millis_training", [evaluation(1, 5.45, **ranger)])
        (page,), _ = read(written)
        assert page.frame["seconds"].isna().all()
        assert page.unmapped == {"usercpu_time_millis of R's flows: unit unsure": 1}

    def test_openmls_f_measure_is_not_taken_for_ours(self, written, tmp_path):
        written.page(11, "predictive_accuracy", [tree(1, 0.8)])
        written.page(11, "f_measure", [tree(1, 0.7)])
        report = ingest([OpenmlSource()], written.raw, tmp_path / "home").sources[0]
        assert report.unmapped["metric f_measure (weighted by class)"] == 1
        assert set(RunTable(tmp_path / "home").frame(source="openml")["metric"]) == {"accuracy"}

    def test_settings_that_depend_on_the_table_are_made_for_it(self, written):
        written.page(11, "predictive_accuracy", [evaluation(1, 0.8, flow=RANGER, setup=20)])
        (page,), _ = read(written)
        assert page.configurations == ({"mtry.ratio": 0.5, "num.trees": "50"},)

    def test_a_run_says_its_settings_where_there_is_no_setup(self, written):
        settings = [{"name": "max_depth", "value": "3", "component": 77}]
        written.write("runs/5.json", {"run_id": 5, "flow_id": 1, "parameter_settings": settings})
        written.write("flows/1.json", {"id": 1, "name": "p", "components": {"t": {"id": 77, "name": TREE[:-3]}}})
        written.page(11, "predictive_accuracy", [tree(5, 0.8, setup=500), tree(6, 0.8, setup=501)])
        (page,), _ = read(written)
        assert page.configurations == ({"max_depth": 3},)
        assert [(r.locator, r.reason) for r in page.rejected] == [
            ("openml/evaluations/11:6", "setup not in the mirror")
        ]

    def test_a_setup_without_settings_is_the_default(self, written):
        written.setups({40: []})
        written.page(11, "predictive_accuracy", [tree(1, 0.8, setup=40)])
        assert read(written)[0][0].configurations == ({},)

    def test_a_setting_that_means_something_else_is_rejected_and_the_rest_kept(self, written):
        written.setups({41: parameters(RANGER, {"replace": "FALSE", "sample.fraction": "0.5"}, as_json=False)})
        rows = [tree(1, 0.8), evaluation(2, 0.7, flow=RANGER, setup=41)]
        written.page(11, "predictive_accuracy", rows)
        (page,), _ = read(written)
        assert page.frame["row"].tolist() == [1]
        assert [r.reason for r in page.rejected] == ["sample.fraction without counterpart in random_forest"]

    def test_lists_asked_again_and_lists_of_a_flow_add_to_the_same_function(self, written):
        written.page(11, "predictive_accuracy", [tree(1, 0.5), tree(2, 0.6)])
        written.page(11, "predictive_accuracy", [tree(1, 0.9)], folder="predictive_accuracy.v2")
        written.page(11, "predictive_accuracy", [tree(3, 0.7)], folder="predictive_accuracy.flow-5")
        found = runs_of(written)
        assert found.index.tolist() == [1, 2, 3]
        assert found["score.predictive_accuracy"].tolist() == [0.9, 0.6, 0.7]


class TestWhatIsLeft:
    def test_flows_without_a_learner_are_counted_each_with_an_example(self, written):
        written.page(
            11, "predictive_accuracy", [evaluation(i, 0.7, flow=J48, setup=30) for i in (7, 8)] + [tree(1, 0.8)]
        )
        written.page(11, "area_under_roc_curve", [evaluation(7, 0.7, flow=J48, setup=30)])
        _, items = read(written)
        assert items[-1].unmapped == {"flow weka.J48(1): no learner with the same hyper-parameters (run 7)": 2}
        assert runs_of(written).index.tolist() == [1]

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"kind": "Learning Curve"}, "task type Learning Curve"),
            ({"target": "age"}, "task with another target than its data set"),
        ],
    )
    def test_runs_on_tasks_of_another_kind_are_counted(self, written, fields, reason):
        written.task(12, 1, **fields)
        written.page(12, "predictive_accuracy", [tree(1, 0.8)])
        runs, items = read(written)
        assert runs == []
        assert items[-1].unmapped == {f"{reason} (run 1)": 1}

    def test_runs_on_an_unknown_task_are_counted(self, written):
        written.page(99, "predictive_accuracy", [tree(1, 0.8)])
        assert read(written)[1][-1].unmapped == {"task not in the mirror (run 1)": 1}

    def test_broken_files_and_rows_are_told_and_the_rest_is_read(self, written):
        written.page(11, "predictive_accuracy", [tree(1, 0.8), {"run_id": "2"}, {"value": 0.5}])
        written.page(11, "predictive_accuracy", [], offset=3).write_text('{"rows": [{"run_id"')
        written.write("evaluations/11/kappa/page-0-9.json", ["no object"])
        written.write("datasets/8.json", [1, 2])
        written.write("setups/900-x.json", {"setup_id": 900})
        written.write("tasks/16.json", {"id": "sixteen"})
        runs, items = read(written)
        reasons = Counter(r.reason for page in (*runs, *items) for r in page.rejected)
        assert reasons == {"evaluation without ids": 2, "unreadable file": 4}
        assert runs_of(written).index.tolist() == [1]

    @settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(place=st.sampled_from(PLACES), content=st.data())
    def test_no_json_whatever_breaks_the_reading(self, written, place, content):
        written.page(11, "predictive_accuracy", [tree(1, 0.8), tree(9, 0.8, setup=44)])
        written.write(place, content.draw(LIKE[place.partition("/")[0]] | JSON))
        _, items = read(written)
        assert items[-1].file == "openml/flows"
        (written.folder / place).unlink()
        written.dataset(1, "credit")
        written.task(11, 1)

    def test_text_of_others_in_names_stays_text(self, written):
        hostile = "sklearn.tree.tree.DecisionTreeClassifier(x=../../etc/passwd'); DROP TABLE runs;--)(1)"
        written.page(11, "predictive_accuracy", [evaluation(1, 0.8, flow=hostile, setup=1)])
        assert len(read(written)[1][-1].unmapped) == 1


class TestGrowing:
    """A mirror grows between ingestions; runs keep their names, and an interruption loses nothing."""

    def rows(self, first: int, last: int) -> list[dict[str, Any]]:
        return [tree(i, 0.7 + i / 1000, setup=1 + i % 9) for i in range(first, last)]

    def test_what_was_there_is_unchanged_and_what_is_new_is_added(self, written, tmp_path):
        home = tmp_path / "home"
        written.page(11, "predictive_accuracy", self.rows(1, 21))
        first = ingest([OpenmlSource()], written.raw, home).sources[0]
        written.page(11, "predictive_accuracy", self.rows(21, 31), offset=20)
        written.dataset(3)
        written.task(10, 3)
        written.page(10, "predictive_accuracy", [tree(i, 0.6 + i / 1000, data=3) for i in range(100, 105)])
        second = ingest([OpenmlSource()], written.raw, home).sources[0]
        assert (first.added, first.unchanged) == (20, 0)
        assert (second.added, second.updated, second.removed, second.unchanged) == (15, 0, 0, 20)

    def test_a_new_function_adds_scores_to_the_same_runs(self, written, tmp_path):
        written.page(11, "predictive_accuracy", self.rows(1, 11))
        ingest([OpenmlSource()], written.raw, tmp_path / "home")
        written.page(11, "area_under_roc_curve", self.rows(1, 11))
        report = ingest([OpenmlSource()], written.raw, tmp_path / "home").sources[0]
        assert (report.added, report.unchanged, report.removed) == (10, 10, 0)
        frame = RunTable(tmp_path / "home").frame(source="openml")
        assert frame.groupby("run_id")["metric"].nunique().tolist() == [2] * 10

    def test_however_the_pages_are_cut_the_runs_are_the_same(self, written, tmp_path):
        written.page(11, "predictive_accuracy", self.rows(1, 31))
        whole = runs_of(written)
        other = MirrorWriter(tmp_path / "other")
        other.dataset(1, "credit")
        other.task(11, 1)
        other.setups({i: parameters(TREE, {"max_depth": i, "criterion": "gini"}) for i in range(1, 10)})
        for at, rows in enumerate(chunked(self.rows(1, 31), 7)):
            other.page(11, "predictive_accuracy", rows, offset=7 * at)
        columns = ["dataset", "learner", "score.predictive_accuracy"]
        pd.testing.assert_frame_equal(runs_of(other)[columns], whole[columns])
        assert {page.file for page in read(other)[0]} == {page.file for page in read(written)[0]}

    def test_that_it_was_asked_for_again_is_no_change(self, written, tmp_path):
        written.page(11, "predictive_accuracy", self.rows(1, 11))
        ingest([OpenmlSource()], written.raw, tmp_path / "home")
        written.write("state.json", {"server": "https://www.openml.org/api/v1/xml", "finished": "2026-11-22"})
        written.write("suites/99.json", {"id": 99})
        assert ingest([OpenmlSource()], written.raw, tmp_path / "home").is_unchanged


@pytest.mark.shared
class TestThroughTheClient:
    """What a real client fetched over HTTP from a server of the real runs of openml-pimp."""

    def test_every_run_is_read_as_the_published_table_has_it(self, shared_data, server, fetched, mirror):
        fetched(server)
        found = self.canonical(OpenmlSource(), mirror.folder.parent)
        table = self.canonical(OpenmlPimp(), shared_data)
        assert len(found) == 180
        assert found["learner"].value_counts().to_dict() == {"adaboost": 90, "random_forest": 90}
        assert set(found["what"]) <= set(table["what"])

    def test_recorded_answers_of_the_test_server_can_be_read(self, serve, recorded_answers, fetched, mirror):
        fetched(serve(recorded_answers), suite="recorded", functions=())
        pages = list(OpenmlSource().read(mirror.folder.parent, retrieved=DAY))
        assert all(not page.rejected for page in pages)
        assert pages[0].items

    @staticmethod
    def canonical(source: Source, folder: Path) -> pd.DataFrame:
        """Return the canonical runs of a source: learner, and what was run where with which score."""
        pages = (page for page in source.read(folder, retrieved=DAY) if isinstance(page, RawRuns))
        few = (replace(page, frame=page.frame[page.frame["dataset"].str.fullmatch(SERVED)]) for page in pages)
        frame = pd.concat([normalize(page, source).frame for page in few if len(page.frame)])
        # The server's data sets have the number of the task plus 100,000.
        task = frame["dataset"].str.extract(r"(\d+)$")[0].astype(int) % 100_000
        what = zip(task, frame["learner"], frame["configuration"], frame["score.accuracy"], strict=True)
        return frame.assign(what=list(what))


class TestContract(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls) -> Callable[[Path], SourceCase]:
        """Two data sets, 60 trees each of two flows' eras, scored twice and timed."""

        def make(folder: Path) -> SourceCase:
            writer, draw = MirrorWriter(folder), np.random.default_rng(0)
            writer.server("https://www.openml.org/api/v1/xml")
            depths = {i: {"max_depth": 1 + i % 12, "min_samples_leaf": 1 + i % 20} for i in range(1, 61)}
            writer.setups({i: parameters(TREE, settings) for i, settings in depths.items()})
            for data in (1, 2):
                writer.dataset(data)
                writer.task(10 + data, data)
                rows = [tree(100 * data + i, round(draw.uniform(0.65, 0.95), 4), setup=i, data=data) for i in depths]
                for at, part in enumerate(chunked(rows, 25)):
                    writer.page(10 + data, "predictive_accuracy", part, offset=25 * at)
                writer.page(10 + data, "usercpu_time_millis_training", [{**row, "value": 900} for row in rows])
            page = writer.folder / "evaluations/11/predictive_accuracy/page-0-25.json"
            return SourceCase(
                source=OpenmlSource(),
                folder=folder,
                damage=lambda: _edit(page, "run_id", "none"),
                change=lambda: _edit(page, "value", 0.7001),
            )

        return make


def _edit(page: Path, name: str, value: object) -> None:
    """Change a field of the first evaluation of a page."""
    content = json.loads(page.read_text())
    content["rows"][0][name] = value
    page.write_text(json.dumps(content))
