"""What a test run fits, and in which order."""

import pytest

from kg.model import Configuration
from recommender.proposal import Fidelity
from recommender.validation.probes import Probe, low_fidelity_probe, probes, warm_starts
from recommender.validation.repairs import replace_value
from recommender.validation.verdict import TestRun
from tests.recommender.validation.gate_cases import propose


class TestLowFidelity:
    def run(self, rows=120, role="random", status="done", scores=(0.8, 0.8, 0.8), configuration=None):
        return TestRun(
            role=role,
            label="0",
            configuration=Configuration(configuration or {"max_depth": 3}),
            status=status,
            scores=scores,
            seconds=(0.1,) * len(scores),
            rows=rows,
            folds=3,
        )

    def probe(self, fidelity, run, n_rows=120, learner="random_forest"):
        return low_fidelity_probe(replace_value(propose(learner), "fidelity", fidelity), 7, run, n_rows)

    def share(self, least=0.1, most=1.0):
        return Fidelity(parameter="training_fraction", kind="training_fraction", min=least, max=most)

    def test_is_the_same_configuration_on_fewer_rows(self):
        found = self.probe(self.share(), self.run())
        assert found == Probe("low_fidelity", "7", self.run().configuration, 0.1, 0.1)

    def test_on_a_sample_is_as_many_rows(self):
        assert self.probe(self.share(), self.run(), n_rows=480).train_fraction == pytest.approx(0.4)

    def test_is_a_share_of_the_greatest(self):
        assert self.probe(self.share(0.1, 0.5), self.run()).train_fraction == pytest.approx(0.2)

    def test_is_not_to_be_had_of_a_sample_hardly_larger(self):
        assert self.probe(self.share(), self.run(), n_rows=1200) is None

    def test_of_members_sets_their_number(self):
        fidelity = Fidelity(parameter="n_estimators", kind="estimators", min=10, max=100)
        assert self.probe(fidelity, self.run()).configuration["n_estimators"] == 10
        few = self.probe(fidelity, self.run(configuration={"n_estimators": 5}), n_rows=10**6)
        assert few.configuration["n_estimators"] == 5
        assert few.train_fraction == 1.0

    @pytest.mark.parametrize("changes", [{"role": "default"}, {"role": "timing"}, {"status": "error"}])
    def test_is_of_what_was_fitted_in_full_and_is_a_point(self, changes):
        assert self.probe(self.share(), self.run(**changes)) is None

    def test_of_folds_needs_no_fit(self):
        assert self.probe(Fidelity(parameter="folds", kind="folds", min=1, max=3), self.run()) is None

    def test_without_a_fidelity_there_is_none(self):
        assert self.probe(None, self.run()) is None


def test_warm_starts_come_first_then_corners_and_random_points_in_turn():
    roles = [probe.role for probe in probes(propose("random_forest"), seed=0)]
    assert roles[0] == "warm_start"
    assert roles.count("random") == 8
    assert roles.index("random") < len(roles) - 1 - roles[::-1].index("corner")


def test_points_without_the_fidelity_are_fitted_at_its_top():
    fidelity = Fidelity(parameter="n_estimators", kind="estimators", min=10, max=77)
    proposal = replace_value(propose("random_forest"), "fidelity", fidelity)
    assert {probe.configuration["n_estimators"] for probe in probes(proposal, seed=0)} == {77}


def test_warm_starts_are_taken_by_their_places():
    starts = tuple(Configuration({"max_features": 0.1 * n}) for n in range(1, 6))
    proposal = replace_value(propose("random_forest"), "warm_starts", starts)
    assert [probe.label for probe in warm_starts(proposal, 2, 4)] == ["2", "3"]


def test_fixed_values_and_constants_are_part_of_every_point():
    proposal = replace_value(propose("random_forest"), "fixed", Configuration({"max_depth": 4}))
    assert all(probe.configuration["max_depth"] == 4 for probe in probes(proposal, seed=0))
