"""Fetching: all of a suite, then only what is new; within limits; and whatever the server does."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.openml.mirror import ListKey, Mirror
from kg.errors import InputError, StoreError
from kg.file_lock import FileLock
from tests.ingest.sources.openml.conftest import Fetch, Serve
from tests.ingest.sources.openml.openml_server import Catalogue, OpenmlServer

#: Those of `_Handler` that a second try gets past.
PASSING = ("429", "500", "503", "truncated", "html", "cut", "reset")


def rows_of(mirror: Mirror) -> list[dict[str, Any]]:
    """All evaluations in a mirror."""
    pages = sorted(mirror.folder.glob("evaluations/*/*/page-*.json"))
    return [row for page in pages for row in json.loads(page.read_bytes())["rows"]]


def contents(mirror: Mirror) -> dict[str, Any]:
    """All that a source would read, without the times of fetching."""
    files = {
        path.relative_to(mirror.folder).as_posix(): json.loads(path.read_bytes())
        for path in mirror.folder.rglob("*.json")
        if path.parent != mirror.folder
    }
    return {name: {**file, "fetched": ""} if "fetched" in file else file for name, file in files.items()}


def runs(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["run_id"] for row in rows)


def test_a_suite_comes_with_tasks_data_sets_flows_setups_and_every_evaluation(
    server: OpenmlServer, fetched: Fetch, mirror: Mirror
) -> None:
    report = fetched(server)
    there = {name: report.new[name] for name in ("tasks", "datasets", "flows", "setups", "evaluations", "pages")}
    assert there == {"tasks": 3, "datasets": 3, "flows": 2, "setups": 180, "evaluations": 180, "pages": 9}
    assert report.ok
    assert not report.stopped
    assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)
    assert [row["value"] for row in rows_of(mirror)[:5]] == pytest.approx(
        [row["value"] for row in server.catalogue.evaluations if row["task_id"] == 11][:5]
    )


def test_what_the_mirror_holds_is_laid_out_as_agreed(server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
    fetched(server)
    dataset = mirror.read("datasets", 100_006)
    assert (dataset["name"], dataset["status"], dataset["description"]) == ("data-6", "active", "Grüße")
    assert dataset["qualities"]["NumberOfInstances"] == 20_000
    assert dataset["features"][0]["is_target"]
    assert dataset["features"][0]["n_nominal_values"] == 2
    task = mirror.read("tasks", 6)
    assert (task["data_id"], task["target"], task["estimation_procedure"]["parameters"]["number_folds"]) == (
        100_006,
        "class",
        "10",
    )
    assert set(mirror.read("flows", 6969)["components"]) >= {"randomforestclassifier"}
    [setups, *_] = sorted(mirror.folder.glob("setups/*.json"))
    setup = json.loads(setups.read_bytes())[0]
    assert {p["full_name"].rpartition("_")[0] for p in setup["parameters"]} >= {
        "sklearn.ensemble.forest.RandomForestClassifier(1)_min_samples"
    }


def test_an_empty_list_is_noted_by_a_page_without_rows(server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
    report = fetched(server, functions=("area_under_roc_curve",))
    assert len(report.empty) == 3
    assert [page.rows() for page in mirror.pages(ListKey(6, "area_under_roc_curve"), 1)] == [[]]


def test_without_functions_a_classification_task_is_asked_for_scores_and_times(
    server: OpenmlServer, fetched: Fetch
) -> None:
    assert fetched(server, functions=(), tasks=(6,), suite=None).n_lists == 5
    asked = {re.findall("function/([^/]+)", path)[0] for path in server.asked("evaluation/list")}
    assert asked >= {"predictive_accuracy", "area_under_roc_curve", "usercpu_time_millis_training"}


class TestAgain:
    """The second fetch asks for what is new, and for nothing else."""

    def test_where_nothing_is_new_each_list_is_asked_once_and_no_file_changes(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        fetched(server)
        before = {p: p.read_bytes() for p in mirror.folder.rglob("*.json") if p.name != "state.json"}
        server.log.clear()
        report = fetched(server)
        assert len(server.asked("^evaluation")) == 3
        assert not server.asked("^(study|task|data|flow|setup)/")
        assert sum(report.new.values()) == 0
        assert {p: p.read_bytes() for p in mirror.folder.rglob("*.json") if p.name != "state.json"} == before

    def test_only_the_rows_behind_the_last_are_fetched(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        everything = server.catalogue.evaluations
        server.catalogue.evaluations = everything[:100]
        fetched(server)
        server.catalogue.evaluations = everything
        report = fetched(server)
        assert report.new["evaluations"] == len(everything) - 100
        assert runs(rows_of(mirror)) == runs(everything)
        assert not report.changed

    def test_a_list_that_lost_rows_is_asked_from_the_start_and_nothing_is_deleted(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        everything = server.catalogue.evaluations
        fetched(server)
        server.catalogue.evaluations = [row for row in everything if row["task_id"] != 6 or row["run_id"] > 1005]
        report = fetched(server)
        assert report.changed == ("task 6, predictive_accuracy",)
        assert (mirror.folder / "evaluations" / "6" / "predictive_accuracy.v2").is_dir()
        assert set(runs(rows_of(mirror))) == set(runs(everything))

    def test_a_row_put_in_before_the_end_is_told_of(self, server: OpenmlServer, fetched: Fetch) -> None:
        everything = server.catalogue.evaluations
        server.catalogue.evaluations = everything[1:]
        fetched(server)
        server.catalogue.evaluations = everything
        assert fetched(server).shifted == ("task 6, predictive_accuracy",)
        assert fetched(server, refresh=True).new["evaluations"] == len(everything)

    def test_a_refresh_asks_for_everything(self, server: OpenmlServer, fetched: Fetch) -> None:
        fetched(server)
        server.log.clear()
        report = fetched(server, refresh=True)
        assert (report.new["tasks"], report.new["datasets"], report.new["evaluations"]) == (3, 3, 180)
        assert len(server.asked("^study/99")) == 1
        assert not server.asked("^(flow|setup)/"), "these never change"


class TestLimits:
    """What the user limits is kept, and the next fetch goes on."""

    def test_runs_are_spread_over_the_tasks(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        report = fetched(server, max_runs=30)
        assert report.stopped == "max runs"
        assert report.ok
        tasks = [row["task_id"] for row in rows_of(mirror)]
        assert [tasks.count(task) for task in sorted(set(tasks))] == [10, 10, 10]

    def test_calls_with_a_limit_add_up_to_everything_and_ask_for_no_page_twice(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        reports = [fetched(server, max_runs=70) for _ in range(3)]
        assert [report.new["evaluations"] for report in reports] == [70, 70, 40]
        assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)
        assert not reports[-1].stopped

    def test_other_functions_are_asked_as_far_as_the_runs_go(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        with_times(server.catalogue)
        fetched(server, functions=("predictive_accuracy", "usercpu_time_millis"), max_runs=30, page_size=5)
        found = [(row["function"], row["run_id"]) for row in rows_of(mirror)]
        scored = {run for function, run in found if function == "predictive_accuracy"}
        timed = {run for function, run in found if function == "usercpu_time_millis"}
        assert len(scored) == 30
        assert scored <= timed
        assert len(timed) < 60

    def test_a_time_budget_ends_the_fetch_and_the_next_goes_on(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        ticks = iter(range(10_000))
        report = fetched(server, time_budget_s=20, clock=lambda: float(next(ticks)))
        assert report.stopped == "time budget"
        assert 0 < len(rows_of(mirror)) < 180
        assert not fetched(server).stopped
        assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)

    def test_only_runs_of_a_flow(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        fetched(server, flows=(6970,))
        assert {row["flow_id"] for row in rows_of(mirror)} == {6970}
        assert (mirror.folder / "evaluations" / "6" / "predictive_accuracy.flow-6970").is_dir()
        assert fetched(server).new["evaluations"] == 180, "the list of all flows is another list"

    def test_one_fetch_at_a_time(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        lock = FileLock(mirror.folder / ".lock")
        assert lock.acquire()
        with pytest.raises(StoreError, match="Another process"):
            fetched(server)
        lock.release()


class TestSince:
    """OpenML has no filter by date: the first row of that day is searched for."""

    DAY = date(2018, 1, 6)

    def test_rows_before_that_day_are_not_asked_for(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        everything = self.one_task(server.catalogue)
        report = fetched(server, since=self.DAY, page_size=4)
        got = rows_of(mirror)
        new = [row for row in everything if uploaded(row) >= self.DAY]
        assert set(runs(new)) <= set(runs(got))
        assert len(got) <= len(new) + 4
        assert report.ok

    def test_what_was_before_is_fetched_when_it_is_asked_for(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        everything = self.one_task(server.catalogue)
        first = fetched(server, since=self.DAY, page_size=4)
        second = fetched(server)
        assert first.new["evaluations"] + second.new["evaluations"] == len(everything)
        assert runs(rows_of(mirror)) == runs(everything)

    def test_a_list_in_no_order_is_read_whole(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        everything = self.one_task(server.catalogue)
        everything[1:] = everything[:0:-1]
        report = fetched(server, since=self.DAY, page_size=4)
        assert report.unordered == ("task 6, predictive_accuracy",)
        assert runs(rows_of(mirror)) == runs(everything)

    @staticmethod
    def one_task(catalogue: Catalogue) -> list[dict[str, Any]]:
        """Give all runs to one task, so that it has 180 of them, an hour each."""
        for row in catalogue.evaluations:
            row["task_id"] = 6
        return catalogue.evaluations


class TestFailures:
    """A server that fails now and then costs time, and nothing else; what fails for good is reported."""

    @pytest.mark.parametrize(
        ("where", "kind"),
        [("evaluation/list", kind) for kind in PASSING]
        + [(where, "truncated") for where in ("setup/list", "^data/features", "^flow/6969", "^study", "^user/list")],
    )
    def test_what_passes_is_tried_again(
        self, server: OpenmlServer, serve: Serve, fetched: Fetch, mirror: Mirror, kind: str, where: str
    ) -> None:
        server.fail(where, kind, times=2)
        report = fetched(server)
        assert report.retries == 2
        assert report.ok
        assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)
        assert report.new["setups"] == 180

    def test_a_server_that_names_a_time_is_not_asked_before(self, server: OpenmlServer, fetched: Fetch) -> None:
        server.fail("evaluation/list", "429", detail="17")
        waits: list[float] = []
        assert fetched(server, sleep=waits.append).ok
        assert waits == [17.0]

    def test_a_busy_database_is_waited_for(self, server: OpenmlServer, fetched: Fetch) -> None:
        server.fail("evaluation/list", "error", detail="107")
        assert fetched(server).retries == 1

    def test_an_answer_that_never_ends_is_given_up(self, server: OpenmlServer, fetched: Fetch) -> None:
        server.fail("evaluation/list", "slow")
        report = fetched(server, limits={"answer_s": 0.3})
        assert report.ok
        assert report.retries == 1

    def test_a_data_set_that_fails_for_good_is_reported_and_the_rest_goes_on(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        server.fail("^data/100011", "500", times=100)
        report = fetched(server)
        assert [(failure.what, failure.reason) for failure in report.failures] == [("task 11", "server error")]
        assert not report.ok
        assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)
        assert "failed: 1 server error, e.g. task 11" in report.to_text()

    def test_a_server_that_is_down_is_left_alone(self, server: OpenmlServer, fetched: Fetch) -> None:
        server.fail("", "503", times=10_000)
        report = fetched(server, tasks=(6, 11, 15, 18, 22), suite=None)
        assert report.stopped == "server down"
        assert not report.ok
        assert len(server.log) == 4 * 5, "four things, five tries each"

    def test_nobody_listening_is_a_failure_with_its_reason(self, server: OpenmlServer, fetched: Fetch) -> None:
        server.__exit__()
        report = fetched(server)
        assert report.failures[0].reason == "connection failed"

    def test_a_row_that_cannot_be_read_is_set_aside_alone(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        server.catalogue.evaluations[7]["value"] = "high"
        report = fetched(server)
        assert [(f.what, f.reason) for f in report.failures] == [
            ("task 6, predictive_accuracy, row 7", "malformed answer")
        ]
        assert len(rows_of(mirror)) == 179

    def test_a_list_of_bad_rows_is_given_up(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        for row in server.catalogue.evaluations:
            row["value"] = "high" if row["task_id"] == 6 else row["value"]
        report = fetched(server)
        assert len(report.failures) < 30
        assert len(rows_of(mirror)) == 120

    def test_a_page_that_is_too_large_is_asked_for_in_parts(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        report = fetched(server, limits={"answer_bytes": 30_000}, page_size=60)
        assert report.ok
        assert runs(rows_of(mirror)) == runs(server.catalogue.evaluations)

    def test_a_setup_that_the_server_lacks_is_taken_from_its_run(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        setup, run = server.catalogue.setups.popitem()[0], server.catalogue.evaluations[-1]["run_id"]
        server.catalogue.pages[f"run/{run}"] = run_text(run, setup)
        report = fetched(server)
        assert (report.new["setups"], report.new["runs"]) == (179, 1)
        assert mirror.read("runs", run)["parameter_settings"] == [
            {"name": "n_estimators", "value": "7", "component": 69701}
        ]
        assert report.ok

    def test_a_flow_that_could_not_be_had_is_asked_for_the_next_time(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        server.fail("^flow/6970", "500", times=5)
        assert [failure.what for failure in fetched(server).failures] == ["flow 6970"]
        report = fetched(server)
        assert report.ok
        assert mirror.has("flows", 6970)

    def test_setups_that_could_not_be_had_are_asked_for_the_next_time(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        server.fail("^setup/list", "500", times=5)
        assert {failure.reason for failure in fetched(server).failures} == {"server error"}
        assert fetched(server).ok
        assert len(mirror.known_setups()) == 180


class TestSafety:
    """Nothing that a server says becomes a path, and ids of two servers do not mix."""

    @pytest.mark.parametrize("number", ["-1", "../../x", "0", "", "1e3"])
    def test_an_id_that_is_none_is_refused(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror, tmp_path: Path, number: str
    ) -> None:
        text = server.catalogue.pages["task/6"]
        server.catalogue.pages["task/6"] = text.replace("<oml:task_id>6<", f"<oml:task_id>{number}<")
        report = fetched(server)
        assert [(f.what, f.reason) for f in report.failures] == [("task 6", "malformed answer")]
        assert not [path for path in tmp_path.rglob("*") if path.name == "x" or path.name.startswith("-")]

    def test_an_evaluation_with_an_id_that_is_none_is_set_aside(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror
    ) -> None:
        server.catalogue.evaluations[3]["flow_id"] = -1
        assert [failure.what for failure in fetched(server).failures] == ["task 6, predictive_accuracy, row 3"]
        assert len(rows_of(mirror)) == 179

    def test_a_name_that_looks_like_a_path_stays_a_name(
        self, server: OpenmlServer, fetched: Fetch, mirror: Mirror, tmp_path: Path
    ) -> None:
        name = "../../../../etc/passwd"
        server.catalogue.pages["data/100006"] = server.catalogue.pages["data/100006"].replace("data-6", name)
        for row in server.catalogue.evaluations:
            row["data_name"] = row["flow_name"] = name
        report = fetched(server, tasks=(6,), suite=None)
        assert report.ok
        assert mirror.read("datasets", 100_006)["name"] == name
        assert all("passwd" not in path.name for path in tmp_path.rglob("*"))

    def test_a_mirror_is_of_one_server(self, server: OpenmlServer, serve: Serve, fetched: Fetch) -> None:
        fetched(server)
        with pytest.raises(InputError, match="whose ids mean other things"):
            fetched(serve(server.catalogue))

    @pytest.mark.parametrize(
        "wrong",
        [{"functions": ("../x",)}, {"suite": "../99"}, {"suite": None}, {"tasks": (-1,)}],
        ids=["function", "suite", "nothing", "task"],
    )
    def test_what_is_asked_for_is_checked(self, server: OpenmlServer, fetched: Fetch, wrong: Any) -> None:
        with pytest.raises(InputError):
            fetched(server, **wrong)

    def test_a_file_that_is_damaged_is_named(self, server: OpenmlServer, fetched: Fetch, mirror: Mirror) -> None:
        fetched(server)
        (mirror.folder / "tasks" / "6.json").write_text("{")
        with pytest.raises(StoreError, match=r"6\.json cannot be read"):
            fetched(server)


def test_real_answers_of_the_test_server_are_fetched(
    recorded_answers: Catalogue, serve: Serve, fetched: Fetch, mirror: Mirror
) -> None:
    report = fetched(serve(recorded_answers), suite="recorded", functions=())
    dataset, task = mirror.read("datasets", 1), mirror.read("tasks", 1)
    assert (dataset["name"], dataset["version"], len(dataset["features"])) == ("anneal", 1, 39)
    assert dataset["qualities"]["NumberOfInstances"] == 898
    assert [feature["name"] for feature in dataset["features"] if feature["is_target"]] == ["class"]
    assert (task["data_id"], task["target"], task["task_type"]) == (1, "class", "Supervised Classification")
    # Run 100 was recorded, and neither its task, its flow nor its setup: the run has the settings.
    assert mirror.read("runs", 100)["parameter_settings"][0] == {"name": "D", "value": "true", "component": None}
    assert {failure.what for failure in report.failures} >= {"task 28", "flow 67", "task 3"}
    assert {failure.reason for failure in report.failures} == {"no such record"}


def test_a_recorded_flow_keeps_its_components_and_defaults(
    recorded_answers: Catalogue, serve: Serve, fetched: Fetch, mirror: Mirror
) -> None:
    row = {
        "run_id": 4053,
        "task_id": 6,
        "setup_id": 3482,
        "flow_id": 12211,
        "flow_name": "x",
        "data_id": 1,
        "data_name": "anneal",
        "function": "predictive_accuracy",
        "upload_time": "2019-07-13T20:57:00",
        "uploader": 1159,
        "value": 0.9,
    }
    recorded_answers.evaluations.append(row)
    assert fetched(serve(recorded_answers), suite=None, tasks=(6,)).new["setups"] == 1
    flow = mirror.read("flows", 12211)
    assert set(flow["components"]) == {"simpleimputer", "randomforestclassifier"}
    assert flow["components"]["randomforestclassifier"]["parameters"]["n_estimators"] == "16"
    assert len(mirror.known_setups()) == 1


def test_progress_tells_the_rate_and_the_time_that_is_left(server: OpenmlServer, fetched: Fetch) -> None:
    told: list[str] = []
    fetched(server, progress=told.append)
    pages = [text for text in told if "evaluations from" in text]
    assert len(pages) == 9
    assert re.search(r"task 15, .*: 10 evaluations from 50 on; 180 in all, [\d,]+/s; list 3 of 3, about", pages[-1])


def uploaded(row: dict[str, Any]) -> date:
    return datetime.fromisoformat(row["upload_time"]).date()


def with_times(catalogue: Catalogue) -> None:
    """Give each run a time, in a list of its own."""
    times = [{**row, "function": "usercpu_time_millis", "value": 12.5} for row in catalogue.evaluations]
    catalogue.evaluations = [*catalogue.evaluations, *times]


def run_text(run: int, setup: int) -> str:
    """A run as OpenML gives it, with one setting."""
    files = "".join(
        f"<oml:file><oml:did>-1</oml:did><oml:file_id>1</oml:file_id><oml:name>{name}</oml:name>"
        "<oml:url>http://x</oml:url></oml:file>"
        for name in ("description", "predictions")
    )
    return (
        f'<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>{run}</oml:run_id><oml:uploader>1</oml:uploader>'
        "<oml:uploader_name>u</oml:uploader_name><oml:task_id>15</oml:task_id><oml:task_type>t</oml:task_type>"
        f"<oml:flow_id>6970</oml:flow_id><oml:flow_name>f</oml:flow_name><oml:setup_id>{setup}</oml:setup_id>"
        "<oml:setup_string/><oml:parameter_setting><oml:name>n_estimators</oml:name><oml:value>7</oml:value>"
        "<oml:component>69701</oml:component></oml:parameter_setting><oml:input_data><oml:dataset><oml:did>1</oml:did>"
        "<oml:name>d</oml:name><oml:url>http://x</oml:url></oml:dataset></oml:input_data>"
        f"<oml:output_data>{files}</oml:output_data></oml:run>"
    )
