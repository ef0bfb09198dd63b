"""Starts from response models: each was run, and lies inside the space."""

from dataclasses import replace

import pytest

from kg.errors import EvidenceError
from kg.model import CategoricalParameter, FloatParameter, SearchSpace
from recommender.composing import measured_space, measured_starts
from recommender.task import Constraints
from tests.recommender.composing.world import N_SOURCES, SVM_SPACE, inputs, response

SOURCES = tuple(response(i) for i in range(N_SOURCES))
SEEN = inputs(*SOURCES)


def narrowed(level, seen=SEEN, **arguments):
    return measured_space.narrowed_space(seen, {"level": level, **arguments}).value


def test_starts_lie_in_the_space_and_differ():
    seen = inputs(*SOURCES, space=narrowed(0.05))
    starts = measured_starts.covering_portfolio(seen, {"k": 10}).value
    assert len(starts) == len(set(starts)) == 10
    assert all(seen.space.contains(start) for start in starts)


def test_more_starts_begin_with_the_fewer():
    seen = inputs(*SOURCES, space=narrowed(0.05))
    ten = measured_starts.covering_portfolio(seen, {"k": 10}).value
    assert measured_starts.covering_portfolio(seen, {"k": 4}).value == ten[:4]


def test_the_same_portfolio_is_made_once_and_another_anew(monkeypatch):
    made, greedy = [], measured_starts.greedy_portfolio
    monkeypatch.setattr(
        measured_starts, "greedy_portfolio", lambda *given, **named: made.append(1) or greedy(*given, **named)
    )
    seen = inputs(*SOURCES, space=narrowed(0.05))
    del made[:]
    starts = [measured_starts.covering_portfolio(seen, {"k": 4}).value for _ in range(3)]
    assert (len(set(starts)), len(made)) == (1, 1)
    leaning = replace(seen, weights={**seen.weights, SOURCES[0].dataset: 0.9})
    wider = replace(seen, space=SVM_SPACE)
    hurried = replace(seen, task=seen.task.replace(constraints=Constraints(wall_clock_s=60.0)))
    for number, other in enumerate((leaning, wider, hurried), start=2):
        measured_starts.covering_portfolio(other, {"k": 4})
        assert len(made) == number
    measured_starts.covering_portfolio(seen, {"k": 5})
    assert len(made) == 5


def test_each_start_is_found_again_in_a_run():
    seen = inputs(*SOURCES, space=narrowed(0.05))
    surface = seen.surfaces.surface(SOURCES)
    for pick, point in measured_starts.portfolio(seen, surface, 6):
        model, row = measured_starts.found_in(surface.candidates[pick.candidate], point, SOURCES, seen)
        again = measured_starts.support_point(inputs(model, space=seen.space), {"row": row})
        assert again.value == point


def test_a_space_that_holds_no_run_has_no_portfolio():
    nowhere = SearchSpace(parameters=(FloatParameter(name="C", low=500.0, high=501.0),))
    assert measured_starts.covering_portfolio(inputs(*SOURCES, space=nowhere), {"k": 3}).value == ()


@pytest.mark.parametrize("row", [-1, 60, 10**9])
def test_there_is_no_run_beyond_the_support(row):
    with pytest.raises(EvidenceError, match="has no run"):
        measured_starts.support_point(inputs(SOURCES[0], space=SVM_SPACE), {"row": row})


def test_sources_that_varied_other_parameters_are_joined():
    space = SearchSpace(
        parameters=(
            FloatParameter(name="C", low=0.01, high=100, log=True),
            CategoricalParameter(name="kernel", choices=("linear", "rbf")),
            FloatParameter(name="tol", low=0.01, high=0.1, log=True),
        )
    )
    others = [
        response(i).replace(
            space=space,
            parameters=space.names,
            length_scales=(0.4,) * 4,
            support=tuple((c, kernel, 0.05) for c, _, kernel, _ in response(i).support),
        )
        for i in range(6, N_SOURCES)
    ]
    seen = inputs(*SOURCES[:6], *others)
    hold = measured_starts.free_picks(seen, seen.surfaces.surface(seen.cited))
    found = narrowed(0.1, seen, hold=[dict(one.items()) for one in hold])
    # The first six never varied `tol`: in their runs it was the library's default, which no run names.
    assert {one["tol"] for one in hold} >= {0.001}
    assert all(found.contains(one) for one in hold)


def test_only_where_time_is_set_does_it_count_what_a_start_costs():
    seen = inputs(*SOURCES)
    assert measured_starts.free_steps(seen) is None
    hurried = replace(seen, task=seen.task.replace(constraints=Constraints(wall_clock_s=60.0)))
    assert measured_starts.free_steps(hurried) == pytest.approx(600)
