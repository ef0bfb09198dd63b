"""From a draft to a proposal: what is supported stands, what goes beyond is cut, the rest is dropped; all is told."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.model import IntParameter
from recommender.composing.compose import Composer
from recommender.llm.draft import Draft
from recommender.validation.gate import Gate
from recommender.validation.stage import GateContext
from recommender.validation.verdict import Outcome
from tests.recommender.composing import world
from tests.recommender.llm.conftest import Talk


def named(found, name):
    return found.proposal.search_space.value[name]


def texts(found):
    return [note.text for note in found.notes]


def wish(name, low, high, *citations, **more):
    return {"name": name, "action": "range", "low": low, "high": high, "citations": list(citations), **more}


@pytest.fixture
def svm(talk):
    found = talk("svm")
    found.call("composed_draft")
    found.rows = found.call("evidence", learner="svm")["rows"]
    found.responses = next(row["cite"] for row in found.call("composed_draft")["parameters"] if row["name"] == "C")
    return found


@pytest.fixture
def trees(talk):
    found = talk("lightgbm")
    found.spaces = [row["cite"] for row in found.call("published_spaces", learner="lightgbm")["rows"]]
    found.studies = found.call("past_studies", learner="lightgbm")["rows"]
    found.settle = lambda **draft: Talk.settle(found, **{"learner": "lightgbm", **draft})
    return found


class TestRanges:
    def test_one_within_what_is_cited_stands(self, svm):
        found = svm.settle(parameters=[wish("C", 0.5, 5, *svm.responses, why="Near 1.")])
        assert (named(found, "C").low, named(found, "C").high, named(found, "C").log) == (0.5, 5, True)
        part = found.proposal.search_space.parts["C"]
        assert part.derivation.rule == "cited"
        assert len(part.citations) == len(svm.responses)
        assert part.confidence > 0
        assert svm.check(found.proposal) == ()

    def test_one_beyond_is_cut_to_what_is_cited_and_told(self, svm):
        found = svm.settle(parameters=[wish("C", 0.5, 1e9, *svm.responses)])
        assert named(found, "C").high == 100
        assert texts(found) == [
            "parameters.C: repaired, because 0.5 to 1e+09 lies beyond what is cited (0.01 to 100); "
            "it is cut to 0.5 to 100."
        ]

    @pytest.mark.parametrize(
        ("low", "high", "why"),
        [
            (1e3, 1e4, "beyond what is cited"),
            (5, 0.5, "nothing to search"),
            (1, 1, "nothing to search"),
            (None, 3, "an end of the range is missing"),
            (50, 90, "none of what is cited as good"),
        ],
    )
    def test_one_with_no_right_repair_is_dropped_for_the_composed_one(self, svm, low, high, why):
        found = svm.settle(parameters=[wish("C", low, high, *svm.responses)])
        assert named(found, "C") == named_composed(svm, "C")
        assert why in texts(found)[0]
        assert "dropped" in texts(found)[0]

    def test_one_that_is_as_composed_needs_no_citation(self, svm):
        own = named_composed(svm, "C")
        found = svm.settle(parameters=[wish("C", own.low, own.high)])
        assert not found.notes
        assert found.proposal.search_space == svm.library.composed().search_space
        assert found.proposal.proposer == "composer"

    def test_whole_numbers_stay_whole(self, trees):
        found = trees.settle(parameters=[wish("num_leaves", 8.4, 100.7, *trees.spaces)])
        assert named(found, "num_leaves") == IntParameter(name="num_leaves", low=9, high=100, log=True)

    @pytest.mark.parametrize("name", ["dropout", "__class__", "", "C; DROP GRAPH", "C\n"])
    def test_a_name_of_nothing_is_dropped(self, svm, name):
        found = svm.settle(parameters=[wish(name, 1, 2, *svm.responses)])
        assert "no hyper-parameter of this name" in texts(found)[0]

    def test_of_two_on_one_name_the_first_counts(self, svm):
        found = svm.settle(parameters=[wish("C", 0.5, 5, *svm.responses), wish("C", 0.1, 9, *svm.responses)])
        assert named(found, "C").high == 5
        assert "twice" in texts(found)[0]

    def test_choices_that_nothing_cited_has_are_left_out(self, svm):
        asked = {"name": "kernel", "action": "choices", "choices": ["rbf", "quantum"], "citations": svm.responses}
        found = svm.settle(parameters=[asked])
        assert named(found, "kernel").choices == ("rbf",)
        assert "'quantum'" in texts(found)[0]

    def test_a_value_that_is_set_is_searched_no_more(self, svm):
        asked = {"name": "kernel", "action": "fix", "value": "rbf", "citations": svm.responses}
        found = svm.settle(parameters=[asked])
        assert "kernel" not in found.proposal.search_space.value
        assert found.proposal.fixed.value["kernel"] == "rbf"
        assert svm.check(found.proposal) == ()

    def test_a_whole_number_that_is_set_is_one(self, trees):
        asked = {"name": "min_child_samples", "action": "fix", "value": 8.0, "citations": trees.spaces}
        assert repr(trees.settle(parameters=[asked]).proposal.fixed.value["min_child_samples"]) == "8"

    def test_what_has_no_effect_beside_the_rest_is_dropped(self, svm):
        fixed = {"name": "kernel", "action": "fix", "value": "linear", "citations": svm.responses}
        found = svm.settle(parameters=[fixed, wish("gamma", 0.001, 0.1, *svm.responses)])
        assert "gamma" not in found.proposal.search_space.value
        assert any(text.startswith("parameters.gamma") for text in texts(found))


def named_composed(talk, name):
    return talk.library.composed().search_space.value[name]


class TestCitations:
    @pytest.mark.parametrize("label", ["E999", "E0", "[P1]", "Smith 2020", "https://w3id.org/tunegraph/evidence/x"])
    def test_one_that_was_not_shown_counts_for_nothing(self, svm, label):
        found = svm.settle(parameters=[wish("C", 0.5, 5, label)])
        assert f"{label!r} was not shown in this conversation" in texts(found)[0]
        assert named(found, "C") == named_composed(svm, "C")

    def test_one_of_another_conversation_counts_for_nothing(self, svm, talk):
        other = talk("svm")
        assert "was not shown" in texts(other.settle(parameters=[wish("C", 0.5, 5, *svm.responses)]))[0]

    def test_one_of_another_learner_or_of_a_data_set_counts_for_nothing(self, svm):
        results = svm.call("compare_learners")["rows"]
        datasets = svm.call("similar_datasets")["rows"]
        found = svm.settle(parameters=[wish("C", 0.5, 5, results[0]["cite"], datasets[0]["cite"])])
        assert "C" not in found.proposal.search_space.parts or named(found, "C") == named_composed(svm, "C")
        assert any("is no evidence" in text for text in texts(found))

    def test_one_that_says_nothing_of_the_parameter_counts_for_nothing(self, trees):
        found = trees.settle(parameters=[wish("reg_alpha", 0.1, 1, *trees.spaces)])
        assert "says nothing of reg_alpha" in texts(found)[0]

    def test_those_that_count_are_kept_beside_those_that_do_not(self, svm):
        found = svm.settle(parameters=[wish("C", 0.5, 5, "E999", *svm.responses)])
        assert named(found, "C").high == 5
        assert len(found.notes) == 1


class TestPlan:
    def test_composed_starts_are_points_of_a_space_that_the_draft_changed(self, svm):
        labels = [row["cite"] for row in svm.call("composed_draft")["warm_starts"]]
        fixed = {"name": "kernel", "action": "fix", "value": "rbf", "citations": svm.responses}
        found = svm.settle(parameters=[fixed], warm_starts=labels)
        assert found.proposal.warm_starts.value
        assert all("kernel" not in start for start in found.proposal.warm_starts.value)
        assert not any("support_point" in text for text in texts(found))

    def test_configurations_that_were_shown_are_tried_in_the_order_cited(self, trees):
        labels = [row["cite"] for row in trees.studies[:3]][::-1]
        found = trees.settle(warm_starts=labels)
        leaves = [start["num_leaves"] for start in found.proposal.warm_starts.value]
        assert leaves == [row["best_configuration"]["num_leaves"] for row in trees.studies[:3]][::-1]
        assert not found.notes
        assert trees.check(found.proposal) == ()

    def test_what_is_no_configuration_or_lies_outside_is_dropped(self, trees):
        narrow = wish("num_leaves", 4, 9, *trees.spaces)
        labels = ["E999", *(row["cite"] for row in trees.studies)]
        found = trees.settle(parameters=[narrow], warm_starts=labels)
        assert all(start["num_leaves"] <= 9 for start in found.proposal.warm_starts.value)
        assert "was not shown" in texts(found)[0]
        assert "no point of the search space" in texts(found)[1]

    def test_trials_are_cut_to_what_is_cited(self, trees):
        cited = [trees.studies[0]["cite"]]
        assert trees.settle(n_trials=80, n_trials_citations=cited).proposal.budget.value.n_trials == 80
        found = trees.settle(n_trials=10**7, n_trials_citations=cited)
        assert found.proposal.budget.value.n_trials == 200
        assert "repaired" in texts(found)[0]

    @pytest.mark.parametrize("n", [-3, 0, 1, 9])
    def test_too_few_trials_are_no_search(self, trees, n):
        found = trees.settle(n_trials=n, n_trials_citations=[trees.studies[0]["cite"]])
        assert found.proposal.budget == trees.library.composed().budget
        assert "no search" in texts(found)[0]

    def test_the_users_limits_stand(self, talk):
        limited = talk("svm", constraints={"n_trials": 33})
        rows = limited.call("evidence", learner="svm")["rows"]
        found = limited.settle(n_trials=60, n_trials_citations=[rows[0]["cite"]], metric="roc_auc")
        assert (found.proposal.budget.value.n_trials, found.proposal.metric.value) == (33, "accuracy")
        assert len([text for text in texts(found) if text.startswith(("n_trials", "metric"))]) == 2

    def test_a_learner_that_the_user_ruled_out_is_not_taken(self, svm):
        assert svm.settle(learner="knn").proposal.learner.value == "svm"

    def test_another_learner_stands_where_it_is_cited(self, talk):
        found = talk()
        composed = found.library.composed().learner.value
        rows = found.call("compare_learners")["rows"]
        other = next(row for row in rows if row["learner"] != composed)
        chosen = found.settle(learner=other["learner"], learner_citations=[other["cite"]])
        assert chosen.proposal.learner.value == other["learner"]
        assert not chosen.notes
        assert found.settle(learner=other["learner"]).proposal.learner.value == composed

    @pytest.mark.parametrize("least", [-1, 0, 1.0, 5, 0.001])
    def test_a_fidelity_that_was_not_measured_is_dropped(self, svm, least):
        cited = [row["cite"] for row in svm.call("cost_and_fidelity", learner="svm")["rows"]]
        asked = {"fidelity_parameter": "training_fraction", "fidelity_min": least, "fidelity_citations": cited}
        found = svm.settle(**asked)
        assert found.proposal.fidelity.value is None
        assert texts(found)[0].startswith("fidelity: dropped")

    def test_a_fidelity_that_was_measured_to_rank_well_stands(self, svm):
        cited = [row["cite"] for row in svm.call("cost_and_fidelity", learner="svm")["rows"]]
        asked = {"fidelity_parameter": "training_fraction", "fidelity_min": 0.3, "fidelity_citations": cited}
        found = svm.settle(**asked)
        assert (found.proposal.fidelity.value.min, found.notes) == (0.3, ())
        assert svm.check(found.proposal) == ()

    def test_a_patience_that_no_claim_gives_is_dropped(self, svm):
        found = svm.settle(patience=7, patience_citations=[svm.rows[0]["cite"]])
        assert found.proposal.termination == svm.library.composed().termination
        assert any(text.startswith("patience: dropped") for text in texts(found))

    def test_fields_that_a_draft_does_not_have_are_told(self, svm):
        found = svm.settle(prediction={"score": 0.99}, parameters=[wish("C", 1, 2, *svm.responses, prior="strong")])
        assert texts(found)[0].startswith("prediction: dropped")
        assert "prior" in texts(found)[1]


_NAMES = st.sampled_from(["C", "gamma", "kernel", "shrinking", "degree", "nope"])
_NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from([0.01, 1.0, 100.0]))
_LABELS = st.lists(st.integers(0, 40).map("E{}".format), max_size=4)
_PARAMETERS = st.builds(
    dict,
    name=_NAMES,
    action=st.sampled_from(["range", "choices", "fix"]),
    low=_NUMBERS,
    high=_NUMBERS,
    choices=st.lists(st.sampled_from(["rbf", "linear", "poly", True, 3]), max_size=3),
    value=st.sampled_from(["rbf", True, 1.0, None, -4]),
    citations=_LABELS,
)
_DRAFTS = st.builds(
    dict,
    learner=st.sampled_from(["svm", "lightgbm", "knn", "nope"]),
    learner_citations=_LABELS,
    parameters=st.lists(_PARAMETERS, max_size=5),
    warm_starts=_LABELS,
    n_trials=st.one_of(st.none(), st.integers(-5, 10**9)),
    n_trials_citations=_LABELS,
    fidelity_parameter=st.sampled_from([None, "none", "training_fraction", "epochs"]),
    fidelity_min=_NUMBERS,
    fidelity_citations=_LABELS,
    patience=st.one_of(st.none(), st.integers(-1, 100)),
    patience_citations=_LABELS,
)

_SMALL = Composer(world.small_store())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(draft=_DRAFTS)
def test_whatever_is_drafted_what_comes_of_it_is_grounded_and_passes_the_gate(draft):
    talk = Talk(_SMALL)
    for tool in ("composed_draft", "compare_learners"):
        talk.call(tool)
    for tool in ("evidence", "published_spaces", "past_studies", "cost_and_fidelity"):
        for learner in ("svm", "lightgbm"):
            talk.call(tool, learner=learner)
    found = talk.settle(**json.loads(json.dumps(draft)))
    failed = [finding for finding in talk.check(found.proposal) if finding.outcome is Outcome.FAILED]
    assert failed == []
    context = GateContext(store=talk.library.store, test_run_seconds=0)
    _, verdict = Gate().judge(found.proposal, context)
    assert verdict.may_be_shown, [f.message for f in verdict.findings]
    assert Draft.model_validate(draft)
