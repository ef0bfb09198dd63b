"""A value that no rule gives must lie within what it cites."""

import pytest

from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    NumericPrior,
    ParameterQuantiles,
    SearchSpace,
)
from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.proposal import (
    Budget,
    Derivation,
    Fidelity,
    Grounded,
    Grounding,
    MaxTrials,
    PredictedScore,
    Prediction,
    RemainingLoss,
    Stagnation,
    Termination,
)
from recommender.validation.repairs import replace_value
from recommender.validation.support import CITED, unsupported
from tests.recommender.composing.world import (
    evidence,
    profile,
    published,
    response,
    result,
    small_store,
    study,
    summary,
    task,
)
from tests.recommender.validation.gate_cases import propose

PROPOSAL = propose("svm")
PAPER = published("paper", learner="svm", space=SearchSpace(parameters=(FloatParameter(name="C", low=0.1, high=50),)))
TOP = summary(0).replace(
    quantiles=(ParameterQuantiles(parameter="C", levels=(0.1, 0.9), values=(2.0, 20.0)),),
    random_search=((1, 0.5), (16, 0.8), (64, 0.9)),
)


def claim(statement="recommended_value", **changes):
    fields = {"document": "guide", "quote": "q", "statement": statement, "learner": "svm", "hyperparameter": "C"}
    return evidence("claim", *sorted(map(str, changes.items())), **{**fields, "standing": "claimed", "n": 1, **changes})


def said(field, part, value, *cited, proposal=PROPOSAL):
    return list(unsupported(field, part, value, cited, proposal))


def c(low, high):
    return FloatParameter(name="C", low=low, high=high, log=True)


class TestRanges:
    def test_within_what_is_cited(self):
        assert said("search_space", "C", c(0.1, 50), PAPER) == []
        assert said("search_space", "C", c(1, 5), PAPER, TOP) == []
        assert said("search_space", "C", c(3, 50), PAPER, TOP) == [], "an end is where it was good"
        assert said("search_space", "C", c(0.1, 50), PAPER, TOP) == [], "it holds all that was good"

    @pytest.mark.parametrize("bounds", [(0.01, 5), (1, 500)])
    def test_beyond_it(self, bounds):
        assert "lies beyond" in said("search_space", "C", c(*bounds), PAPER)[0]

    def test_that_miss_what_was_good(self):
        assert "cited as good" in said("search_space", "C", c(0.1, 1.5), PAPER, TOP)[0]
        assert said("search_space", "C", c(0.1, 2.5), PAPER, TOP) == []

    def test_around_a_single_value(self):
        assert said("search_space", "C", c(1, 500), claim(value=10.0)) == []
        assert "lies beyond" in said("search_space", "C", c(20, 500), claim(value=10.0))[0]
        assert "lies beyond" in said("search_space", "C", c(1, 1e9), claim(value=10.0))[0]

    def test_of_choices(self):
        kernels = SearchSpace(parameters=(CategoricalParameter(name="kernel", choices=("rbf", "linear")),))
        cited = PAPER.replace(space=kernels)
        assert said("search_space", "kernel", CategoricalParameter(name="kernel", choices=("rbf",)), cited) == []
        more = CategoricalParameter(name="kernel", choices=("rbf", "poly"))
        assert "'poly' lies beyond" in said("search_space", "kernel", more, cited)[0]

    def test_of_choices_that_miss_what_was_good(self):
        best = claim(hyperparameter="kernel", value="rbf")
        space = SearchSpace(parameters=(CategoricalParameter(name="kernel", choices=("rbf", "linear")),))
        linear = CategoricalParameter(name="kernel", choices=("linear",))
        assert "cited as good" in said("search_space", "kernel", linear, PAPER.replace(space=space), best)[0]

    def test_of_words_where_numbers_were_good_and_of_numbers_where_words_were(self):
        word = claim(hyperparameter="C", value="small")
        assert "cited as good" in said("search_space", "C", c(0.1, 50), PAPER, word)[0]
        three = ConstantParameter(name="C", value=30.0)
        assert "cited as good" in said("search_space", "C", three, PAPER, TOP)[0]
        assert said("search_space", "C", three.replace(value=3.0), PAPER, TOP) == []
        numbers = CategoricalParameter(name="C", choices=(0.5, 1.0))
        assert "cited as good" in said("search_space", "C", numbers, PAPER, TOP)[0]
        assert said("search_space", "C", numbers.replace(choices=(0.5, 5.0)), PAPER, TOP) == []

    def test_of_what_nothing_cited_speaks_of(self):
        gamma = FloatParameter(name="gamma", low=0.1, high=1)
        assert said("search_space", "gamma", gamma, PAPER) == ["nothing cited says anything of gamma"]

    def test_of_the_space_as_a_whole_count_where_no_part_accounts_for_them(self):
        space = SearchSpace(parameters=(c(1, 500), FloatParameter(name="gamma", low=0.1, high=1)))
        assert len(said("search_space", "", space, PAPER)) == 2
        parts = {"gamma": Grounding()}
        accounted = PROPOSAL.replace(search_space=PROPOSAL.search_space.replace(parts=parts))
        assert len(said("search_space", "", space, PAPER, proposal=accounted)) == 1


class TestSettings:
    def test_of_warm_starts(self):
        assert said("warm_starts", "0", Configuration({"C": 3.0}), PAPER) == []
        assert "lies beyond" in said("warm_starts", "0", Configuration({"C": 300.0}), PAPER)[0]
        beside = said("warm_starts", "", (Configuration({"gamma": 1.0}),), PAPER)
        assert beside == ["nothing cited says anything of gamma"]

    def test_of_fixed_values(self):
        assert said("fixed", "C", 3.0, PAPER) == []
        assert "lies beyond" in said("fixed", "C", 300.0, PAPER)[0]
        assert said("fixed", "", Configuration({"C": 3.0}), PAPER) == []


class TestFigures:
    @pytest.mark.parametrize("n", [50, 100, 200])
    def test_trials_about_as_many_as_are_cited(self, n):
        budget = Budget(n_trials=n, wall_clock_s=60, per_trial_s=6, binding="n_trials")
        assert said("budget", "", budget, study(0)) == []

    @pytest.mark.parametrize("n", [40, 201])
    def test_trials_that_nobody_ran(self, n):
        budget = Budget(n_trials=n, wall_clock_s=60, per_trial_s=6, binding="n_trials")
        assert "100 to 100 are cited" in said("budget", "", budget, study(0))[0]
        assert said("budget", "", budget, PAPER) == ["nothing cited says how many trials to run"]

    @pytest.mark.parametrize(
        "cited",
        [
            TOP,
            evidence("published_budget", name="b", trials_low=30, trials_high=60, citation="c"),
            claim("budget", low=30.0, high=60.0, hyperparameter=None),
        ],
    )
    def test_trials_by_other_kinds(self, cited):
        budget = Budget(n_trials=50, wall_clock_s=60, per_trial_s=6, binding="n_trials")
        assert said("budget", "", budget, cited) == []
        assert said("budget", "", budget.replace(n_trials=900), cited) != []

    def test_trials_are_not_hours(self):
        budget = Budget(n_trials=2, wall_clock_s=60, per_trial_s=6, binding="n_trials")
        two_hours = claim("budget", value=2, unit="hours", hyperparameter=None)
        assert said("budget", "", budget, two_hours) == ["nothing cited says how many trials to run"]
        assert said("budget", "", budget, two_hours.replace(unit="full-fidelity evaluations")) == []

    def score(self, *values, metric="accuracy"):
        low, expected, high = values
        return Prediction(metric=metric, scores=(PredictedScore(k=1, low=low, expected=expected, high=high),))

    def test_scores_within_those_that_were_had(self):
        assert said("prediction", "", self.score(0.5, 0.7, 0.9), TOP) == []
        assert len(said("prediction", "", self.score(0.1, 0.7, 0.99), TOP)) == 2
        assert said("prediction", "", self.score(0.8, 0.85, 0.9), response(0)) == []
        assert said("prediction", "", self.score(0.8, 0.8, 0.8), result(0, "svm", 0.8)) == []
        assert said("prediction", "", self.score(0.8, 0.8, 0.8), study(0, best=0.8)) == []

    def test_scores_of_another_metric_say_nothing(self):
        assert said("prediction", "", self.score(0.5, 0.7, 0.9, metric="roc_auc"), TOP) != []
        assert said("prediction", "", Prediction(metric="accuracy"), study(0)) == []

    def test_what_further_trials_bring_is_cited_for_by_nothing(self):
        ahead = RemainingLoss(after=5, k=25, least=0.5, expected=0.8)
        told = Prediction(metric="accuracy", remaining=(ahead,))
        assert "follows from a rule" in said("prediction", "", told, TOP)[0]

    def test_a_prior_needs_what_was_good(self):
        sure = c(1, 40).replace(prior=NumericPrior(center=0.5, spread=0.2))
        assert said("search_space", "C", c(1, 40), PAPER) == []
        assert "as its prior does" in said("search_space", "C", sure, PAPER)[0]
        assert said("search_space", "C", sure, PAPER, TOP) == []

    def stopping(self, rule, *cited):
        return said("termination", "", Termination(rules=(rule,)), *cited)

    def test_patience_is_as_much_as_a_claim_says(self):
        says_30 = claim("termination", hyperparameter=None, value=30.0)
        assert self.stopping(Stagnation(patience=20), says_30) == []
        assert self.stopping(Stagnation(patience=15), says_30) == self.stopping(Stagnation(patience=60), says_30) == []
        assert "a patience of 100 trials" in self.stopping(Stagnation(patience=100), says_30)[0]
        assert "a patience of 10 trials" in self.stopping(Stagnation(patience=10), says_30)[0]
        in_minutes = claim("termination", hyperparameter=None, value=20.0, unit="minutes")
        assert "nothing cited says after how many" in self.stopping(Stagnation(patience=20), in_minutes)[0]
        in_words = claim("termination", hyperparameter=None, value="soon")
        assert "nothing cited says after how many" in self.stopping(Stagnation(patience=20), in_words)[0]

    def test_other_rules_than_patience_are_those_of_the_budget(self):
        says_30 = claim("termination", hyperparameter=None, value=30.0)
        assert self.stopping(MaxTrials(n_trials=PROPOSAL.budget.value.n_trials), says_30) == []
        for rule in (MaxTrials(n_trials=7), Stagnation(patience=30, tolerance=0.1)):
            assert "follows from no citation" in self.stopping(rule, says_30)[0]

    def test_a_level_that_ranks(self):
        share = Fidelity(parameter="training_fraction", kind="training_fraction", min=0.3, max=1.0)
        assert said("fidelity", "", share, profile(0, (0.1, 0.5, 0.1), (0.3, 0.8, 0.3))) == []
        assert "0.50" in said("fidelity", "", share.replace(min=0.1), profile(0, (0.1, 0.5, 0.1), (0.3, 0.8, 0.3)))[0]
        assert "nothing cited" in said("fidelity", "", share.replace(min=0.05), profile(0, (0.1, 0.9, 0.1)))[0]
        assert said("fidelity", "", share, profile(0, (0.3, 0.7, 0.3))) == [], "the least that it may rank"
        other = profile(0, (0.1, 0.9, 0.1), parameter="n_estimators")
        assert "nothing cited" in said("fidelity", "", share, other)[0]
        assert said("fidelity", "", None, PAPER) == []


def test_a_learner_needs_evidence_about_it():
    assert said("learner", "", "svm", result(0, "svm", 0.8)) == []
    assert said("learner", "", "knn", result(0, "svm", 0.8)) == ["nothing cited is about knn"]


@pytest.mark.parametrize("field", ["metric", "protocol", "sampler", "pruner", "termination", "advice"])
def test_other_fields_follow_from_rules(field):
    assert "follows from a rule" in said(field, "", "anything", PAPER)[0]


def test_to_cite_nothing_supports_nothing():
    assert said("search_space", "C", c(1, 2)) == ["it cites nothing"]


@pytest.fixture(scope="module")
def composer():
    with small_store() as store:
        store.add([TOP, PAPER])
        yield Composer(store)


class TestInTheGraph:
    def proposed(self, composer, low, high):
        proposal = composer.compose(task("svm"))
        space = SearchSpace(parameters=(c(low, high),))
        field = Grounded(value=space, citations=(PAPER.iri, TOP.iri), derivation=Derivation(rule=CITED))
        return proposal.replace(search_space=field)

    def found(self, composer, proposal):
        found = check(proposal, composer.store, surfaces=composer.surfaces)
        return {(f.field, f.code) for f in found if f.field.startswith("search_space")}

    def test_what_a_proposer_sets_stands_where_it_is_spanned(self, composer):
        assert self.found(composer, self.proposed(composer, 1.0, 20.0)) == set()

    def test_and_falls_where_it_is_not(self, composer):
        assert self.found(composer, self.proposed(composer, 1.0, 2000.0)) == {("search_space", "not_supported")}

    def test_a_repair_is_judged_as_it_is(self, composer):
        proposal = self.proposed(composer, 1.0, 2000.0)
        cut = SearchSpace(parameters=(c(1.0, 20.0),))
        assert self.found(composer, replace_value(proposal, "search_space", cut)) == set()


def test_whole_numbers_are_numbers():
    leaves = IntParameter(name="num_leaves", low=4, high=256)
    assert said("search_space", "num_leaves", leaves, published("f"), proposal=propose("lightgbm")) == []
