"""The predicted training log: figures from evidence, set beside the test run, told in words that hold to them."""

import json

import pytest

from kg.model import Configuration, FidelityKind, FidelityLevel
from kg.model.base import FrozenMapping
from recommender.composing.compose import Composer
from recommender.llm.log_entries import LevelEntry, entries, sentence
from recommender.llm.providers import open_model
from recommender.llm.telling import told_by
from recommender.llm.training_log import predicted_log, told
from recommender.llm.usage import Limits
from recommender.proposal import Fidelity, PredictedScore
from recommender.validation.repairs import replace_value
from recommender.validation.verdict import Outcome, TestRun, Verdict
from tests.recommender.composing import world
from tests.recommender.composing.test_along import curve
from tests.recommender.llm.openai_server import serving

SCORES = (PredictedScore(k=1, low=0.7, expected=0.8, high=0.9), PredictedScore(k=3, low=0.75, expected=0.85, high=0.95))


def fit(place, configuration, score, *, rows=500, seconds=0.5, role="warm_start", fidelity=None):
    return TestRun(
        role=role, label=str(place), configuration=configuration, status="done", scores=(score, score), rows=rows,
        seconds=(seconds, seconds), folds=2, fidelity=fidelity,
    )  # fmt: skip


@pytest.fixture(scope="module")
def composed(small_composer):
    proposal = small_composer.compose(world.task("svm"))
    prediction = proposal.prediction.value.replace(scores=SCORES)
    return proposal.replace(prediction=proposal.prediction.replace(value=prediction))


def measured(proposal, *scores, **changes):
    """Return a proposal whose first warm starts were fitted, and scored so."""
    starts = proposal.warm_starts.value
    runs = tuple(fit(i, starts[i], score, **changes) for i, score in enumerate(scores))
    return proposal.replace(verdict=Verdict(outcome=Outcome.PASS, stages=(), test_runs=runs))


def test_scores_after_k_trials_stand_with_their_intervals(composed, small_composer):
    log = predicted_log(composed, small_composer.store)
    assert [(e.k, e.low, e.expected, e.high) for e in log.trials] == [(1, 0.7, 0.8, 0.9), (3, 0.75, 0.85, 0.95)]
    assert [e.seconds for e in log.trials] == [None, None]
    assert "Nothing that is predicted was measured by a test run." in log.reasons


def test_time_follows_from_the_fits_of_the_test_run(composed, small_composer):
    log = predicted_log(measured(composed, 0.8, 0.8, rows=500), small_composer.store)
    folds = composed.protocol.value.folds
    wanted = 500 * (1 - 1 / folds) / (500 * 0.5)
    assert log.trials[0].seconds == pytest.approx(0.5 * max(1, wanted) * folds)


def test_the_best_of_the_first_trials_is_set_beside_what_was_predicted(composed, small_composer):
    log = predicted_log(measured(composed, 0.72, 0.99, 0.6), small_composer.store)
    first, third = log.compared
    assert (first.what, first.measured, first.is_inside) == ("after 1 trial", pytest.approx(0.72), True)
    assert (third.what, third.measured, third.is_inside) == ("after 3 trials", pytest.approx(0.99), False)
    assert third.difference == pytest.approx(0.14)
    assert first.is_whole


def test_only_trials_that_were_all_fitted_are_compared(composed, small_composer):
    assert [c.what for c in predicted_log(measured(composed, 0.8, 0.8), small_composer.store).compared] == [
        "after 1 trial"
    ]
    missing = measured(composed, 0.8, 0.8, 0.8)
    runs = missing.verdict.test_runs[1:]
    assert (
        predicted_log(missing.replace(verdict=missing.verdict.replace(test_runs=runs)), small_composer.store).compared
        == ()
    )


def test_a_sample_is_said_to_be_one(composed, small_composer):
    log = predicted_log(measured(composed, 0.72, rows=100), small_composer.store)
    assert not log.compared[0].is_whole
    assert "The test run fitted a sample: less data scores worse." in log.reasons
    assert "on 100 rows" in sentence(log, "C0")


def test_a_prediction_that_the_gate_widened_is_compared_as_it_was(composed, small_composer):
    ran = measured(composed, 0.5)
    wide = tuple(score.replace(low=0.4) for score in SCORES)
    widened = replace_value(ran, "prediction", ran.prediction.value.replace(scores=wide), "Widened.", stage="worth")
    log = predicted_log(widened, small_composer.store)
    assert (log.compared[0].low, log.compared[0].is_inside) == (0.7, False)


def test_where_no_score_is_predicted_the_reason_is_told(small_composer):
    none = small_composer.compose(world.task("svm", metric="roc_auc"))
    log = predicted_log(none, small_composer.store)
    assert log.trials == ()
    assert any(reason.startswith("No score is predicted: The evidence is in accuracy") for reason in log.reasons)


@pytest.fixture(scope="module")
def known():
    """A store with five profiles of training fractions, and a composer over it."""
    store = world.small_store()
    for i in range(5):
        levels = (
            FidelityLevel(value=0.1, rank_correlation=0.2 * i, cost_ratio=0.1),
            FidelityLevel(value=1.0, rank_correlation=1.0, cost_ratio=1.0),
        )
        store.add(
            [
                world.evidence(
                    "fidelity_profile", "more", i, dataset=world.dataset(i).iri, learner="svm", metric="accuracy",
                    fidelity=FidelityKind.TRAINING_FRACTION, parameter="fraction", full=1.0, levels=levels,
                )
            ]
        )  # fmt: skip
    return Composer(store)


class TestAlongTheFidelity:
    def log(self, known, runs=()):
        proposal = known.compose(world.task("svm"))
        cited = [e for e in known.store.evidence("fidelity_profile", learner="svm") if e.parameter == "fraction"]
        value = Fidelity(parameter="fraction", kind=FidelityKind.TRAINING_FRACTION, min=0.1, max=1.0)
        fidelity = proposal.fidelity.replace(
            value=value, citations=tuple(e.iri for e in cited), parts=FrozenMapping({})
        )
        verdict = Verdict(outcome=Outcome.PASS, stages=(), test_runs=tuple(runs))
        return predicted_log(proposal.replace(fidelity=fidelity, verdict=verdict), known.store)

    def test_levels_are_told_by_their_ranks_and_costs(self, known):
        (level,) = self.log(known).levels
        assert isinstance(level, LevelEntry)
        assert (level.value, level.share, level.cost_share, level.datasets) == (0.1, 0.1, 0.1, 5)
        assert 0 <= level.low <= level.rank_correlation <= level.high <= 0.8

    def test_the_rank_that_was_measured_is_set_beside_it(self, known):
        runs = [fit(i, Configuration({"C": float(i + 1)}), 0.5 + 0.05 * i) for i in range(6)]
        runs += [
            fit(i, Configuration({"C": float(i + 1)}), 0.9 - 0.05 * i, role="low_fidelity", fidelity=0.1)
            for i in range(6)
        ]
        (one,) = [c for c in self.log(known, runs).compared if c.what.startswith("rank")]
        assert one.what == "rank correlation at fraction = 0.1"
        assert one.measured == pytest.approx(-1)
        assert not one.is_inside


@pytest.fixture(scope="module")
def curved():
    """A composer over curves of training fractions on each of the sources."""
    store = world.small_store()
    store.add(curve(i, -0.09 - 0.005 * i, -0.04) for i in range(len(store.evidence("response_model"))))
    return Composer(store)


class TestScoresAlongTheFidelity:
    def proposal(self, curved, *pairs):
        """A proposal that screens from 0.1, whose warm starts scored so at (full, lowest) fidelity."""
        composed = curved.compose(world.task("svm"))
        value = Fidelity(parameter="training_fraction", kind=FidelityKind.TRAINING_FRACTION, min=0.1, max=1.0)
        proposal = composed.replace(fidelity=composed.fidelity.replace(value=value))
        full = measured(proposal, *(score for score, _ in pairs))
        low = [
            fit(i, proposal.warm_starts.value[i], score, role="low_fidelity", fidelity=0.1)
            for i, (_, score) in enumerate(pairs)
        ]
        return full.replace(verdict=full.verdict.replace(test_runs=(*full.verdict.test_runs, *low)))

    def test_each_level_has_a_score_its_change_and_their_intervals(self, curved):
        proposal = self.proposal(curved)
        log = predicted_log(proposal, curved.store)
        foreseen = proposal.prediction.value.curve
        assert [(e.value, e.share, e.k) for e in log.along] == [(0.1, 0.1, foreseen.k), (0.3, 0.3, foreseen.k)]
        assert all(e.low <= e.expected <= e.high and e.low_change <= e.change <= e.high_change for e in log.along)
        assert "At training_fraction = 0.1 the best of 10 trials should score accuracy" in sentence(log, "S0.1")
        assert not [reason for reason in log.reasons if "lower fidelity" in reason]

    def test_the_curves_are_cited(self, curved):
        cited = set(predicted_log(self.proposal(curved), curved.store).citations)
        assert cited >= {e.iri for e in curved.store.evidence("fidelity_curve")}

    def test_what_the_test_run_scored_there_is_set_beside_it(self, curved):
        log = predicted_log(self.proposal(curved, (0.7, 0.1), (0.8, 0.75)), curved.store)
        (one,) = [c for c in log.compared if "given" in c.what]
        assert one.what == "accuracy at training_fraction = 0.1, given 0.8 in full"
        assert one.measured == pytest.approx(0.75)
        assert one.low <= one.expected <= one.high < 0.8
        assert one.difference == pytest.approx(0.75 - one.expected)

    def test_in_a_metric_without_bounds_that_is_the_reason(self, composed, small_composer):
        loss = composed.replace(metric=composed.metric.replace(value="log_loss"))
        reasons = predicted_log(loss, small_composer.store).reasons
        assert [reason for reason in reasons if "log_loss has no bounds" in reason]

    def test_without_curves_a_reason_stands_for_the_scores(self, composed, small_composer):
        log = predicted_log(composed, small_composer.store)
        assert log.along == ()
        assert (
            "No score at lower fidelity is predicted: evidence holds such scores of svm in accuracy on no data set."
            in log.reasons
        )


@pytest.fixture(scope="module")
def log(composed, small_composer):
    return predicted_log(measured(composed, 0.72, 0.99, 0.6), small_composer.store)


class TestTelling:
    @pytest.fixture(autouse=True)
    def _langchain(self):
        pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

    def tell(self, log, *sentences):
        answer = json.dumps({"sentences": [{"about": about, "text": text} for about, text in sentences]})
        with serving(lambda _: answer) as server:
            found = told_by(open_model("openai:m", base_url=server.url), log)
        self.content = json.loads(server.asked[0]["messages"][-1]["content"])
        return found

    def test_the_template_tells_every_entry_with_its_figures(self, log):
        lines = told(log)
        assert len(lines) == len(entries(log)) + len(log.reasons)
        assert lines[0].startswith("After 1 trial (about")
        assert "accuracy 0.8, between 0.7 and 0.9 (90% interval)" in lines[0]
        assert any("0.99, outside [0.75, 0.95]" in line and "+0.14" in line for line in lines)

    def test_the_model_is_told_the_figures_and_nothing_else(self, log):
        self.tell(log)
        assert set(self.content) == {"learner", "metric", "coverage", "fidelity", "entries"}
        assert self.content["entries"]["T1"]["expected"] == 0.8

    def test_a_sentence_that_holds_takes_the_place_of_the_template(self, log):
        text = "A first trial should reach an accuracy of 0.8, give or take 0.7 to 0.9."
        lines, notes = self.tell(log, ("T1", text))
        assert lines[0] == text
        assert lines[1] == sentence(log, "T3")
        assert notes == ()

    @pytest.mark.parametrize(
        ("about", "text", "why"),
        [
            ("T1", "A first trial reaches 0.97.", "names 0.97"),
            ("T1", "After one trial expect 0.85.", "names 0.85"),
            ("T3", "After 50 trials expect 0.85.", "names 50"),
            ("C1", "The test run reached 0.99, 12 % more than expected.", "names 12"),
            ("T1", "See https://example.org for 0.8.", "link"),
        ],
    )
    def test_a_figure_of_elsewhere_is_dropped_and_the_entry_is_told_plainly(self, log, about, text, why):
        lines, notes = self.tell(log, (about, text))
        assert lines == told(log)
        assert len(notes) == 1
        assert why in notes[0]

    def test_a_sentence_on_what_is_no_entry_is_left_out(self, log):
        lines, notes = self.tell(log, ("T99", "All is well."))
        assert lines == told(log)
        assert "'T99'" in notes[0]

    @pytest.mark.parametrize("answer", [500, "I would rather not."])
    def test_a_model_that_fails_leaves_the_template(self, log, answer):
        with serving(lambda _: answer) as server:
            lines, notes = told_by(open_model("openai:m", base_url=server.url, limits=Limits(seconds=20)), log)
        assert lines == told(log)
        assert "did not word this" in notes[0]
