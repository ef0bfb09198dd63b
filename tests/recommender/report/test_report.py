"""A report says what the study showed: every number in its words is a figure, and nothing that it names can act."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import optuna
import pytest
from markdown_it import MarkdownIt
from optuna.trial import TrialState

from recommender.proposal import Budget, PredictedScore, Prediction, Proposal, RemainingLoss
from recommender.report import Figures, figures_of, to_html, to_markdown
from recommender.report.cost import seconds_of
from recommender.report.numbers import code, numbers_in, unsupported
from recommender.report.words import cost, held, interactions, searched, stopped, summary
from recommender.trial_notes import CONFIGURATION, CPU_SECONDS, EXTRA, LOST, ORIGIN, REASON
from recommender.tuning import configure_study, optimise

HOSTILE = "<img src=x onerror=alert(1)>|`**x**`\n# [a](javascript:b)"


def peak(trial: optuna.Trial) -> float:
    """A score that depends on two parameters, and on how they go together."""
    depth = trial.suggest_int("max_depth", 1, 16, log=True)
    leaf = trial.suggest_float("min_samples_leaf", 0.001, 0.2, log=True)
    entropy = trial.suggest_categorical("criterion", ("gini", "entropy")) == "entropy"
    return 0.9 - 0.02 * abs(depth - 8) / 8 - leaf * (0.4 if entropy else 0.2)


@pytest.fixture(scope="module")
def proposed(request: pytest.FixtureRequest) -> Proposal:
    from tests.recommender.conftest import make_proposal

    starts = [{"max_depth": depth, "min_samples_leaf": 0.01, "criterion": "gini"} for depth in (2, 7)]
    scores = [(1, 0.5, 0.6, 0.7), (5, 0.8, 0.88, 0.92), (100, 0.8, 0.9, 0.95)]
    return make_proposal(
        warm_starts=tuple(starts),
        budget=Budget(n_trials=25, wall_clock_s=60, per_trial_s=9, binding="n_trials"),
        prediction=Prediction(
            metric="accuracy",
            scores=tuple(PredictedScore(k=k, low=low, expected=mid, high=high) for k, low, mid, high in scores),
            remaining=(
                RemainingLoss(after=1, k=5, least=0.999, expected=1.0),
                RemainingLoss(after=5, k=25, least=0.5, expected=0.9),
                RemainingLoss(after=20, k=40, least=0.5, expected=0.9),
                RemainingLoss(after=50, k=70, least=0.5, expected=0.9),
            ),
        ),
    )


@pytest.fixture(scope="module")
def study(proposed: Proposal) -> optuna.Study:
    study = configure_study(proposed, seed=1)

    def objective(trial: optuna.Trial) -> float:
        value = peak(trial)
        if trial.number == 5:
            trial.set_user_attr(REASON, HOSTILE)
            return float("nan")
        if trial.number == 6:
            raise optuna.TrialPruned
        return value

    optimise(study, objective, proposed)
    return study


@pytest.fixture(scope="module")
def figures(study: optuna.Study) -> Figures:
    return figures_of(study)


class TestFigures:
    def test_they_are_those_of_the_study(self, study: optuna.Study, figures: Figures) -> None:
        assert (figures.n_trials, figures.n_complete, figures.n_pruned, figures.n_failed) == (25, 23, 1, 1)
        assert (figures.best_score, figures.best_trial) == (study.best_value, study.best_trial.number)
        assert figures.history[-1].best == study.best_value
        assert figures.history[0].origin == "warm start 0"
        assert figures.failures[HOSTILE] == 1
        assert figures.stop_reason == "the budget is spent: 25 trials"
        took = sum(trial.duration.total_seconds() for trial in study.trials)
        assert figures.spent.trial_seconds == pytest.approx(took, abs=0.01)

    def test_what_matters_most_comes_first(self, figures: Figures) -> None:
        shares = {p.name: p.importance_percent for p in figures.parameters}
        assert max(shares, key=lambda name: shares[name] or 0) != "criterion"
        assert 0 < sum(share or 0 for share in shares.values()) <= 100.5
        leaf = next(one for one in figures.dependence if one.name == "min_samples_leaf")
        assert leaf.score[0] > leaf.score[-1]
        assert (leaf.at[0], leaf.at[-1]) == (pytest.approx(0.001), pytest.approx(0.2))
        assert {(i.first, i.second) for i in figures.interactions} != set()

    def test_predictions_are_held_against_what_happened(self, figures: Figures) -> None:
        outcomes = {check.about: check.outcome for check in figures.checks}
        assert outcomes["best `accuracy` after 1 trial"] == "did not hold"  # .885, above the interval
        assert outcomes["best `accuracy` after 5 trials"] == "held"
        assert outcomes["best `accuracy` after 100 trials"] == "cannot be told"
        assert sum(figures.tally.values()) == len(figures.checks)

    def test_so_is_what_was_foretold_on_the_way(self, figures: Figures) -> None:
        outcomes = {check.about: check.outcome for check in figures.checks}
        assert outcomes["best `accuracy` after 5 trials, foretold after 1"] == "did not hold"  # a gain was ruled out
        assert outcomes["best `accuracy` after 25 trials, foretold after 5"] == "held"
        assert outcomes["best `accuracy` after 40 trials, foretold after 20"] == "cannot be told"
        assert not any("foretold after 50" in about for about in outcomes)  # nothing to start from

    def test_a_best_value_at_the_end_of_its_range_is_told(self, proposal: Callable[..., Proposal]) -> None:
        made = proposal()
        study = configure_study(made)
        optimise(study, lambda trial: trial.suggest_int("max_depth", 1, 16, log=True) / 16, made)
        study.enqueue_trial({"max_depth": 16})
        study.optimize(lambda trial: trial.suggest_int("max_depth", 1, 16, log=True) / 16, n_trials=1)
        (check,) = [check for check in figures_of(study).checks if check.about == "range of `max_depth`"]
        assert (check.outcome, "upper end" in check.found) == ("did not hold", True)

    def test_where_the_library_allows_no_less_nothing_lies_beyond(self, proposal: Callable[..., Proposal]) -> None:
        made = proposal()
        study = configure_study(made)
        study.enqueue_trial({"max_depth": 1})
        study.optimize(lambda trial: -trial.suggest_int("max_depth", 1, 16, log=True), n_trials=1)
        (check,) = [check for check in figures_of(study).checks if check.about == "range of `max_depth`"]
        assert (check.outcome, check.found) == ("held", "the best trial has 1")

    def test_energy_is_seconds_by_cores_by_watts_by_the_building(self, study: optuna.Study) -> None:
        spent = figures_of(study, cores=4, watts_per_core=10, pue=1.5).spent
        assert spent.cpu_seconds == pytest.approx(4 * spent.trial_seconds, abs=0.003)  # both are rounded
        assert spent.energy_wh == pytest.approx(spent.cpu_seconds * 10 * 1.5 / 3600, abs=5e-5)

    def test_processor_seconds_are_those_that_were_measured(self, study: optuna.Study) -> None:
        first = study.trials[0]
        before = figures_of(study, cores=2).spent
        copy = optuna.create_study()
        for trial in study.trials:
            own = {CPU_SECONDS: 7.25} if trial.number == first.number else {}
            trial.user_attrs = {**trial.user_attrs, **own}
            copy.add_trial(trial)
        spent = figures_of(copy, cores=2).spent
        assert spent.n_measured == 1
        assert spent.cpu_seconds == pytest.approx(before.cpu_seconds - 2 * seconds_of(first) + 7.25, abs=0.01)
        assert "measured in 1 of" in cost(figures_of(copy, cores=2))

    def test_any_study_of_optuna_has_a_report(self) -> None:
        study = optuna.create_study()
        study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=12)
        found = figures_of(study)
        assert (found.maximise, found.checks, found.metric) == (False, (), "")
        assert "no evidence to hold it against" in to_markdown(found)

    def test_studies_that_say_nothing_have_one_too(self) -> None:
        empty = figures_of(optuna.create_study())
        assert "None of them succeeded" in summary(empty)
        assert "0 complete trials are too few" in to_html(empty)
        alike = optuna.create_study()
        alike.optimize(lambda trial: 0 * trial.suggest_float("x", 0, 1), n_trials=12)
        assert "all trials have the same score" in to_markdown(figures_of(alike))

    def test_an_objective_that_returns_infinity_where_a_fit_fails_has_a_report(self) -> None:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(
            lambda trial: trial.suggest_float("x", 0, 1) + (0 if trial.number % 3 else float("inf")), n_trials=21
        )
        found = figures_of(study)
        assert (found.n_complete, found.fit.n_trials) == (21, 14)
        assert found.first_score == study.trials[1].value
        assert [trial.score for trial in found.history[:2]] == [None, study.trials[1].value]
        assert "`x`" in to_markdown(found)

    def test_trials_of_one_configuration_say_nothing_of_parameters(self) -> None:
        study = optuna.create_study()
        for _ in range(12):
            study.enqueue_trial({"x": 1})
        study.optimize(lambda trial: trial.suggest_int("x", 1, 2) + trial.number, n_trials=12)
        assert "all trials tried the same configuration" in to_markdown(figures_of(study))

    def test_a_parameter_that_is_always_there_and_never_varies_is_compared_with_nothing(self) -> None:
        def objective(trial: optuna.Trial) -> float:
            trial.suggest_categorical("kernel", ["rbf", "linear"])
            return trial.suggest_float("gamma", 0, 1) if trial.number else 0.5

        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(12):
            study.enqueue_trial({"kernel": "rbf"})
        study.optimize(objective, n_trials=12)
        found = figures_of(study)
        assert [parameter.importance_percent for parameter in found.parameters] == [None, None]
        assert "none can be compared" in to_markdown(found)

    def test_conditional_parameters_are_shown_but_not_compared(self) -> None:
        def objective(trial: optuna.Trial) -> float:
            if trial.suggest_categorical("kernel", ["linear", "rbf"]) == "rbf":
                return trial.suggest_float("gamma", 1e-3, 1, log=True)
            return 0.5

        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        study.optimize(objective, n_trials=30)
        shares = {p.name: p.importance_percent for p in figures_of(study).parameters}
        assert shares["kernel"] is not None
        assert shares["gamma"] is None

    def test_what_was_withdrawn_is_no_trial_and_what_was_lost_is_one_that_failed(self) -> None:
        study = optuna.create_study()
        for attributes in ({LOST: "its worker died"}, {LOST: "not run", EXTRA: True}):
            study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL, user_attrs=attributes))
        found = figures_of(study)
        assert (found.n_trials, dict(found.failures.items())) == (1, {"its worker died": 1})


class TestWords:
    def test_every_number_in_the_words_is_in_the_figures(self, figures: Figures) -> None:
        words = [say(figures) for say in (summary, searched, interactions, held, stopped, cost)]
        assert sum(len(numbers_in(sentence)) for sentence in words) > 20
        assert [said for sentence in words for said in unsupported(sentence, figures)] == []
        told = [part for check in figures.checks for part in (check.about, check.found, check.said)]
        assert [said for sentence in told for said in unsupported(sentence, figures)] == []

    @pytest.mark.parametrize(
        ("sentence", "invented"),
        [
            ("The best accuracy is 0.9871.", ["0.9871"]),
            ("Of 25 trials, 24 were complete.", ["24"]),
            ("`max_features` mattered most.", ["`max_features`"]),
        ],
    )
    def test_an_invented_number_or_name_is_found(self, figures: Figures, sentence: str, invented: list[str]) -> None:
        assert unsupported(sentence, figures) == invented

    def test_a_name_cannot_leave_its_backticks(self) -> None:
        assert code("a`b\nc") == "`a'b c`"


class Collected(HTMLParser):
    """What a browser would load, run or show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def hostile() -> Figures:
    """A study all of whose names and values are markup."""

    def objective(trial: optuna.Trial) -> float:
        trial.set_user_attr(CONFIGURATION, {HOSTILE: HOSTILE})
        trial.set_user_attr(ORIGIN, HOSTILE)
        chosen = trial.suggest_categorical(f"c{HOSTILE}", [HOSTILE, "</text><script>alert(1)</script>"])
        return trial.suggest_float(HOSTILE, 0, 1) + (chosen == HOSTILE)

    study = optuna.create_study(study_name=HOSTILE)
    study.set_user_attr("tunegraph:stop_reason", HOSTILE)
    study.optimize(objective, n_trials=15)
    return figures_of(study)


class TestForms:
    def test_hostile_names_stay_text_in_html(self, hostile: Figures) -> None:
        text = to_html(hostile)
        found = Collected()
        found.feed(text)
        assert {"script", "img", "a", "iframe"}.isdisjoint(found.tags)
        assert not [name for name, _ in found.attributes if name.startswith("on")]
        assert found.open == []
        assert "&lt;img src=x onerror=alert(1)&gt;" in text

    def test_hostile_names_stay_text_in_markdown(self, hostile: Figures) -> None:
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(to_markdown(hostile))
        found = Collected()
        found.feed(re.sub(r"<(img|hr)([^>]*)/?>", r"<\1\2></\1>", html))
        assert {"script", "a", "strong", "em"}.isdisjoint(found.tags)
        assert all(value and value.startswith("data:image/svg") for name, value in found.attributes if name == "src")
        assert found.tags.count("h1") == 1

    def test_nothing_is_loaded_from_elsewhere(self, figures: Figures) -> None:
        for text in (to_html(figures), to_markdown(figures)):
            addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
            assert addresses <= {"http://www.w3.org/2000/svg"}
        assert "default-src &#x27;none&#x27;" in to_html(figures)

    def test_every_picture_is_svg_with_words_for_those_who_cannot_see_it(self, hostile: Figures) -> None:
        pictures = re.findall(r"<svg .*?</svg>", to_html(hostile), re.DOTALL)
        assert len(pictures) >= 3
        for picture in pictures:
            root = ET.fromstring(picture)
            assert root.get("role") == "img"
            assert root.get("aria-label")
            assert root[0].tag.endswith("title")

    def test_the_axes_say_what_they_are_and_in_which_unit(self, figures: Figures) -> None:
        text = to_html(figures)
        for label in ("trial (number)", "accuracy (higher is better)", "min_samples_leaf (value, log scale)", " %"):
            assert label in text
        assert text.count("<figcaption>") == text.count("<svg")

    def test_the_same_study_has_the_same_report(self, study: optuna.Study, figures: Figures) -> None:
        assert to_html(figures_of(study)) == to_html(figures)
        assert Figures.model_validate(json.loads(figures.model_dump_json())) == figures


def test_where_nothing_succeeded_no_value_is_called_the_best(proposed: Proposal) -> None:
    study = configure_study(proposed, seed=1)

    def objective(trial: optuna.Trial) -> float:
        peak(trial)
        return float("nan")

    optimise(study, objective, proposed)
    written = to_markdown(figures_of(study))
    assert "None of them succeeded." in written
    assert "`None`" not in written
