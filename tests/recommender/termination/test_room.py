"""What may still be gained: bounds that shrink as a function becomes known, and know noise from gain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.termination import error_of_cross_validation, expected_minimum_regret, room_for_gain
from recommender.termination.gaussian import PlainProcess, best_rows

GRID = np.stack(np.meshgrid(np.linspace(0, 1, 12), np.linspace(0, 1, 12)), axis=-1).reshape(-1, 2)


def hill(x):
    return 1.0 - ((x - 0.4) ** 2).sum(axis=1)


def tried(n, seed=0):
    x = np.random.default_rng(seed).random((n, 2))
    return x, hill(x)


class TestProcess:
    def test_it_passes_through_what_it_saw_and_is_less_sure_elsewhere(self):
        x, gains = tried(25)
        process = PlainProcess.fitted(x, gains)
        mean, deviation = process.ask(x)
        assert mean == pytest.approx(gains, abs=0.01)
        assert process.ask(np.array([[3.0, 3.0]]))[1][0] > 10 * deviation.max()

    def test_it_predicts_what_it_did_not_see(self):
        process = PlainProcess.fitted(*tried(40))
        assert process.ask(GRID)[0] == pytest.approx(hill(GRID), abs=0.05)

    def test_the_covariance_of_a_point_with_itself_is_its_variance(self):
        process = PlainProcess.fitted(*tried(10))
        point = np.array([0.9, 0.1])
        assert process.covariance(point, point) == pytest.approx(process.ask(point[None])[1][0] ** 2)

    def test_trials_at_one_place_are_noise(self):
        x, gains = np.full((12, 2), 0.5), np.random.default_rng(1).normal(size=12)
        process = PlainProcess.fitted(x, gains)
        assert process.ask(x[:1])[0][0] == pytest.approx(gains.mean(), abs=0.2)

    @settings(max_examples=30, deadline=None)
    @given(gains=st.lists(st.floats(-5, 5), min_size=1, max_size=60), share=st.floats(0.1, 1))
    def test_the_best_rows_are_no_worse_than_the_rest(self, gains, share):
        rows = best_rows(gains, share, 5)
        rest = np.delete(np.array(gains), rows)
        assert len(rows) >= min(5, len(gains))
        assert len(rest) == 0 or rest.max() <= np.array(gains)[rows].min()


class TestRegretBound:
    def test_it_shrinks_as_more_is_known(self):
        bounds = [room_for_gain(*tried(n), GRID) for n in (5, 20, 60)]
        assert bounds == sorted(bounds, reverse=True)
        assert bounds[-1] < 0.1 * bounds[0]

    def test_it_covers_what_is_left_to_gain(self):
        x, gains = tried(30)
        assert room_for_gain(x, gains, GRID) >= hill(GRID).max() - gains.max()

    def test_a_unit_of_the_score_is_a_unit_of_the_bound(self):
        x, gains = tried(30)
        assert room_for_gain(x, 10 * gains + 3, GRID) == pytest.approx(10 * room_for_gain(x, gains, GRID), rel=1e-6)


class TestMinimumRegret:
    def test_it_falls_where_trials_change_nothing_any_more(self):
        x, gains = tried(40)
        early = np.median([expected_minimum_regret(x[:n], gains[:n], GRID) for n in range(5, 10)])
        late = np.median([expected_minimum_regret(x[:n], gains[:n], GRID) for n in range(35, 40)])
        assert late < 0.1 * early

    def test_a_surprise_raises_it(self):
        x, gains = tried(30)
        calm = expected_minimum_regret(x, gains, GRID)
        gains[-1] += 1.0
        assert expected_minimum_regret(x, gains, GRID) > 3 * calm


class TestError:
    def test_it_is_the_corrected_standard_error_of_the_folds(self):
        assert error_of_cross_validation([0.8, 0.9]) == pytest.approx(np.sqrt(1.5 * 0.0025))

    @pytest.mark.parametrize("folds", [[], [0.9]])
    def test_one_fold_says_nothing(self, folds):
        assert error_of_cross_validation(folds) is None
