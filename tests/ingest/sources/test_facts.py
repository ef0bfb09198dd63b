"""Published budgets and benchmark results: every figure is read, cited, and kept apart from results on a data set."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from ingest.sources.base import Source
from ingest.sources.reference_results import ReferenceResults, read_fact_file
from kg.errors import InputError
from kg.model import PublishedBudget, SuiteResult, SystemResult
from kg.rdf_shapes import validate
from kg.rdf_store import RdfStore
from tests.ingest.source_contract import SourceCase, SourceContract

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def pages():
    return list(ReferenceResults().read(Path(), retrieved=DAY))


@pytest.fixture(scope="module")
def items(pages):
    return [item for page in pages for item in page.items]


def suite(items, name, measure, constraint):
    found = [i for i in items if isinstance(i, SuiteResult)]
    return {i.system: i for i in found if (i.suite, i.measure, i.constraint) == (name, measure, constraint)}


def test_nothing_of_the_files_is_rejected(pages):
    assert [page.rejected for page in pages if page.rejected] == []
    assert all(page.items for page in pages)


def test_every_figure_has_its_place_licence_and_publication(items):
    for item in items:
        said = item.provenance
        assert said.licence
        assert said.version
        assert said.url.startswith("https://")
        assert re.fullmatch(r".+; ingest/data/facts/\w+\.yaml", said.locator)
        assert said.source == "reference-results"
        assert getattr(item, "citation", "none needed")
    assert len({item.iri for item in items}) == len(items)


def test_every_item_has_the_shape_that_the_graph_asks_for(items):
    assert validate(items) == ()


def test_regret_on_hpo_b_falls_with_trials_and_all_start_alike(items):
    start = suite(items, "HPO-B v3 test", "normalised regret", "0 trials after 5 initial ones")
    end = suite(items, "HPO-B v3 test", "normalised regret", "100 trials after 5 initial ones")
    assert {result.score for result in start.values()} == {0.2008}
    assert len(start) == len(end) == 10
    assert end["FSBO2"].score == 0.0116
    assert end["Random"].score == max(result.score for result in end.values())
    assert not any(result.greater_is_better for result in end.values())


def test_autogluon_leads_the_automl_benchmark_by_all_three_measures(items):
    for measure in ("rescaled loss", "mean rank", "share of tasks won"):
        results = suite(items, "AMLB 2023", measure, "4h8c")
        sign = 1 if results["FLAML"].greater_is_better else -1
        assert max(results.values(), key=lambda result: sign * result.score).system == "AutoGluon 1.0 best"
        assert results["XGBoost"].learner == "xgboost"
        assert results["FLAML"].learner is None


def test_budgets_say_trials_or_time(items):
    budgets = {item.name: item for item in items if isinstance(item, PublishedBudget)}
    assert (budgets["Optuna TPESampler"].trials_low, budgets["Optuna TPESampler"].trials_high) == (100, 1000)
    assert budgets["AMLB 4h8c"].time_limit_s == 4 * 3600
    assert budgets["auto-sklearn default"].per_trial_s == 360
    assert budgets["Ax, rule of thumb"].trials_per_parameter == 2


def test_a_budget_without_a_figure_is_refused(items):
    budget = next(item for item in items if isinstance(item, PublishedBudget))
    nothing = dict.fromkeys(("trials_low", "trials_high", "trials_per_parameter", "time_limit_s", "per_trial_s"))
    with pytest.raises(ValueError, match="says a number of trials or a time"):
        budget.replace(**nothing)
    with pytest.raises(ValueError, match="5 trials at least, 4 at most"):
        budget.replace(trials_low=5, trials_high=4)


def test_a_result_on_one_data_set_is_a_system_result(items):
    zero_shot, default = sorted((i for i in items if isinstance(i, SystemResult)), key=lambda i: -i.score)
    assert zero_shot.dataset.endswith("/openml-537")
    assert (zero_shot.score, default.score) == (0.8537, 0.8296)


def test_what_is_known_at_second_hand_is_told_and_is_no_evidence(pages, items):
    unmapped = {name for page in pages for name in page.unmapped}
    assert any("portfolio of TabRepo" in name for name in unmapped)
    assert not any("0.365" in item.model_dump_json() for item in items)


def test_the_graph_answers_what_systems_reach_over_a_benchmark(items):
    with RdfStore() as store:
        store.add(items)
        rows = list(store.ask("suite_results", {"suite": "HPO-B v3 test", "system": "RGPE"}))
        assert len(rows) == 10 + 1
        (row,) = store.ask("published_budgets", {"name": "Optuna CmaEsSampler"})
        assert (row["trialsLow"], row["trialsHigh"]) == (1000, 10000)
        assert store.get(items[0].iri) == items[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [("a: [", "not a file of facts"), ("name: x", "licence"), ("budgets: [{name: a, tirals: 3}]", "tirals")],
)
def test_a_file_of_another_form_is_named(tmp_path, text, words):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_fact_file(path)


class LocalResults(ReferenceResults):
    """The figures, from a folder of one's own."""

    paths = Source.paths
    digest = Source.digest


class TestReferenceResults(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        shipped = {path.name: path for path in ReferenceResults().paths(Path())}

        def make(folder):
            facts = folder / "ingest" / "data" / "facts"
            facts.mkdir(parents=True)
            for name in ("flaml.yaml", "amlb.yaml", "smac.yaml"):
                shutil.copyfile(shipped[name], facts / name)
            amlb = facts / "amlb.yaml"
            return SourceCase(
                source=LocalResults(),
                folder=folder,
                damage=lambda: amlb.write_text(amlb.read_text().replace("time_limit_s: 28800", "notes: [long]")),
                change=(facts / "smac.yaml").unlink,
            )

        return make
