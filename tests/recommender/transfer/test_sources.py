"""What a study carries of other data sets is what their response models say, in the study's space."""

import numpy as np
import pytest

from kg.errors import EvidenceError, InputError
from kg.model import CategoricalParameter, Configuration, FloatParameter, SearchSpace, TaskType
from kg.response import Encoder, ResponseFunction
from recommender.transfer.process import HYPOTHESES, NEAR_HYPOTHESES
from recommender.transfer.resampling import Setting, cited_models, setting_of, transfer_sources
from recommender.transfer.search import hypotheses_for, opening_row
from recommender.transfer.sources import TransferSources

CLASSIFICATION = TaskType.CLASSIFICATION


def asked(sources, model, configurations):
    """What the study's sources and the model itself expect."""
    mine = sources.points(sources.lattice.encoder.encode(configurations)).functions
    theirs = ResponseFunction.from_model(model).mean(Encoder(model.space).encode(configurations))
    return mine[:, sources.names.index(model.dataset)], np.clip(theirs, 0, 2)


def test_between_the_knots_it_says_what_the_models_say(sources, models):
    rows = sources.lattice.random(100, np.random.default_rng(8))
    configurations = [sources.lattice.configuration(row).root for row in rows]
    for model in models[:3]:
        mine, theirs = asked(sources, model, configurations)
        assert np.abs(mine - theirs).max() < 0.05


def test_in_a_narrower_space_it_says_the_same(models, tree_space):
    narrow = SearchSpace(
        parameters=(
            tree_space["max_depth"].replace(low=4, high=16),
            FloatParameter(name="min_samples_leaf", low=0.002, high=0.05, log=True),
        )
    )
    sources = transfer_sources(models, Setting(narrow, "accuracy", CLASSIFICATION))
    assert sources.length_scales == pytest.approx(0.5 * np.log([32, 200]) / np.log([4, 25]))
    rows = sources.lattice.random(50, np.random.default_rng(8))
    configurations = [sources.lattice.configuration(row).root for row in rows]
    mine, theirs = asked(sources, models[0], configurations)
    assert np.abs(mine - theirs).max() < 0.05


def test_what_is_fixed_and_what_no_source_varied_is_taken_account_of(models, tree_space):
    space = SearchSpace(
        parameters=(tree_space["max_depth"], CategoricalParameter(name="criterion", choices=("gini", "entropy")))
    )
    setting = Setting(space, "accuracy", CLASSIFICATION, fixed=Configuration({"min_samples_leaf": 0.1}))
    sources = transfer_sources(models, setting)
    inside = [{"max_depth": depth, "criterion": "gini"} for depth in (1, 5, 30)]
    mine = sources.points(sources.lattice.encoder.encode(inside)).functions[:, 0]
    whole = [{"max_depth": one["max_depth"], "min_samples_leaf": 0.1} for one in inside]
    theirs = ResponseFunction.from_model(models[0]).mean(Encoder(models[0].space).encode(whole))
    assert np.abs(mine - theirs).max() < 0.05


def test_as_text_it_stays_what_it_is(sources, tree_space):
    again = TransferSources.from_text(sources.to_text())
    assert (again.space, again.names, again.starts, again.unit) == (
        tree_space,
        sources.names,
        sources.starts,
        sources.unit,
    )
    assert np.abs(again.regrets - sources.regrets).max() <= 1 / 255
    assert np.abs(again.knots - sources.knots).max() < 1e-4
    assert again.weights == pytest.approx(sources.weights)
    assert again.to_text() == TransferSources.from_text(again.to_text()).to_text()


@pytest.mark.parametrize("text", ["", "no sources", "c$|"])
def test_a_text_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="cannot be read"):
        TransferSources.from_text(text)


def test_weights_follow_the_proposal_and_the_unit_follows_the_weights(models, tree_space):
    wider = [*models[1:], models[0].replace(best=0.99, median=0.09)]
    near = {models[0].dataset: 1.0, **{model.dataset: 0.0 for model in models[1:]}}
    setting = Setting(tree_space, "accuracy", CLASSIFICATION, weights=near)
    found = transfer_sources(wider, setting)
    assert found.weights.tolist() == [0.0] * 11 + [1.0]
    assert (found.unit.mean, found.unit.spread) == pytest.approx((np.log(0.9), 0.3))
    stand_in = transfer_sources(wider, Setting(tree_space, "roc_auc", CLASSIFICATION, weights=near))
    assert stand_in.unit.spread == 1.5


def test_no_models_or_nothing_to_search_is_an_error(models, tree_space):
    with pytest.raises(EvidenceError, match="0 response models"):
        transfer_sources((), Setting(tree_space, "accuracy", CLASSIFICATION))
    with pytest.raises(EvidenceError, match="0 parameters to search"):
        transfer_sources(models, Setting(SearchSpace(parameters=()), "accuracy", CLASSIFICATION))


def test_few_sources_have_hypotheses_of_their_own(sources, models, tree_space):
    few = transfer_sources(models[:3], Setting(tree_space, "accuracy", CLASSIFICATION))
    assert (hypotheses_for(sources), hypotheses_for(few)) == (HYPOTHESES, NEAR_HYPOTHESES)


def test_before_any_trial_it_opens_where_the_sources_are_good_and_then_where_they_are_not_covered(sources):
    nothing = sources.at_knots.rows(slice(0, 0))
    first = opening_row(sources, nothing)
    expected = sources.points(sources.lattice.encode(first[None])).functions
    assert expected @ sources.weights < 0.5
    second = opening_row(sources, sources.points(sources.lattice.encode(first[None])))
    assert not np.allclose(first, second)


def test_the_setting_is_what_the_proposal_lays_down(proposal, cited):
    made = proposal(warm_starts=cited({"max_depth": 3, "min_samples_leaf": 0.01, "criterion": "gini"}))
    setting = setting_of(made)
    assert (setting.space, setting.starts) == (made.search_space.value, made.warm_starts.value)


def test_a_proposal_cites_the_models_of_its_sampler(proposal, models):
    class Store:
        def evidence(self, kind, *, learner):
            assert (kind, learner) == ("response_model", "decision_tree")
            return models

    made = proposal()
    citing = made.replace(sampler=made.sampler.replace(citations=(models[2].iri, models[5].iri)))
    assert cited_models(citing, Store()) == (models[2], models[5])
    assert cited_models(made, Store()) == ()
