"""The ablation takes out what it says it takes out, and counts what it says it counts."""

import numpy as np
import pytest

from benchmarks.evidence.leaving_out import left_out
from benchmarks.evidence.likeness import text_weights
from benchmarks.evidence.measuring import KS
from benchmarks.evidence.parts import FULL, KINDS, NOTHING, VARIANTS, WITHOUT, Part, View
from benchmarks.evidence.report import BESIDE, clustered, headline, markdown, summary
from benchmarks.llm.memo import Memo
from benchmarks.quality.methods import Fold
from benchmarks.recording import recorded
from benchmarks.starter_suite import names_of, starter_suite
from kg.model import Dataset, Provenance

RUNS_GONE = next(variant for variant in WITHOUT if variant.name == "without runs")
CURVES_GONE = next(variant for variant in WITHOUT if variant.name == "without fidelity curves")
CLAIMS_GONE = next(variant for variant in WITHOUT if variant.name == "without claims")


@pytest.fixture(scope="module")
def graph(starter_store):
    return Memo(starter_store)


@pytest.fixture(scope="module")
def fold(graph):
    """The smallest suite: nine data sets with learning curves and costs."""
    return Fold(starter_suite(graph, "LCBench"), 2)


@pytest.fixture(scope="module")
def found(fold, graph):
    return left_out(fold, graph, (FULL, RUNS_GONE, CURVES_GONE, CLAIMS_GONE, NOTHING))


@pytest.mark.parametrize("part", Part)
def test_a_part_that_is_taken_out_is_not_seen_and_the_others_are(graph, fold, part):
    without, whole = View(graph, frozenset(), FULL.parts - {part}), View(graph, frozenset(), FULL.parts)
    for other, kinds in KINDS.items():
        for kind in kinds:
            learner = fold.suite.learner
            expected = () if other is part else whole.evidence(kind, learner=learner)
            assert without.evidence(kind, learner=learner) == expected
    assert any(dataset.meta_features for dataset in without.datasets()) == (part is not Part.META_FEATURES)
    assert (len({dataset.name for dataset in without.datasets()}) == 1) == (part is Part.TEXT)


def test_what_is_left_out_is_gone_under_every_name(graph, fold):
    gone = names_of(fold.suite, fold.target)
    view = View(graph, gone, FULL.parts)
    assert fold.pool.dataset.iri in gone
    assert gone & {dataset.iri for dataset in view.datasets()} == set()
    assert gone & {one.dataset for one in view.evidence("response_model", learner=fold.suite.learner)} == set()


def test_a_pool_has_the_regrets_that_its_model_keeps(fold):
    model = fold.suite.models[fold.target]
    assert fold.pool.regrets == pytest.approx(model.regrets)
    assert fold.pool.gains.max() == pytest.approx(model.best)


def test_every_variant_has_regrets_that_never_rise(found):
    for figures in found.values():
        curve = [figures[f"regret_{k}"] for k in KS]
        assert curve == sorted(curve, reverse=True)


def test_without_runs_the_study_is_that_of_somebody_who_knows_nothing(found):
    assert found["without runs"]["regret_10"] == found["nothing"]["regret_10"]
    assert found["without runs"]["inside"] > found["everything"]["inside"]


def test_without_curves_every_trial_runs_in_full(found):
    assert (found["without fidelity curves"]["screened"], found["without fidelity curves"]["seconds"]) == (0.0, 1.0)
    assert found["everything"]["seconds"] < 1.0


def test_claims_are_not_asked_for_and_change_nothing(found):
    assert "claim" not in found["everything"]["asked"]
    assert found["without claims"] == found["everything"]


def named(name: str) -> Dataset:
    provenance = Provenance(source="made", licence="CC0-1.0", url="", retrieved="2026-01-02")
    return Dataset(iri=f"https://example.org/{name}", name=name, provenance=provenance)


def test_likeness_by_words_prefers_who_shares_a_rare_one():
    weights = text_weights(named("mfeat-pixel"), [named("mfeat-zernike"), named("letter"), named("vowel")])
    assert sum(weights) == pytest.approx(1.0)
    assert weights[0] > weights[1] == weights[2] > 0


def test_without_a_common_word_all_weigh_the_same():
    assert text_weights(named("adult"), [named("letter"), named("vowel")]) == [0.5, 0.5]


def test_intervals_draw_data_sets_with_all_of_their_rows():
    values = np.array([[0.0], [0.0], [1.0], [1.0]])
    low, high = clustered(values, ["a", "a", "b", "b"])
    assert (low[0], high[0]) == (0.0, 1.0)
    assert clustered(np.ones((4, 1)), ["a", "b", "c", "d"])[0] == pytest.approx([1.0])


def made_row(dataset: str, share: float) -> dict:
    """One data set on which only leaving out runs, or everything, changes anything."""
    good = {**{f"regret_{k}": share / k for k in KS}, "asked": ["response_model"], "seconds": 0.5}
    bad = {**{f"regret_{k}": 2 * share / k for k in KS}, "asked": [], "seconds": 1.0}
    worse = {"without runs", "nothing"} | {variant.name for variant in VARIANTS if variant.name.endswith("alone")}
    variants = {variant.name: bad if variant.name in worse else good for variant in VARIANTS}
    return {"suite": "LCBench", "dataset": dataset, "variants": variants}


def test_the_page_says_what_changes_a_study_and_what_does_not():
    found = summary([made_row(str(i), 0.1 + 0.01 * i) for i in range(12)])
    told = headline(found)
    assert "runs 2.00*" in told
    assert "No change to a study: meta-features, names and descriptions, published spaces" in told
    page = markdown(recorded({"found": found, "headline": told, "date": "2026-01-02"}))
    assert "| claims | same | same | same | nothing |" in page
    assert "| runs | x 2.00* | x 2.00* | x 2.00* | seconds taken 50% to 100% |" in page
    assert "To the last digit as with *everything*: without meta-features, without names and descriptions" in page
    assert set(BESIDE.values()) == set(found["all"]["variants"][FULL.name]["beside"])
