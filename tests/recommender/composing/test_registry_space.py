"""Where the graph says nothing: the registry's wide space, the library's default, predefined values."""

import pytest

from kg.errors import EvidenceError
from kg.learners.registry import learner_named, learners
from kg.model import TaskType
from recommender.composing.registry_space import default_warm_starts, predefined_default, wide_registry_space
from recommender.defaults import default_values
from tests.recommender.composing.world import inputs, task

PAIRS = [(spec.name, kind) for kind in TaskType for spec in learners(kind)]


def seen_by(name, task_type, **changes):
    metric = "accuracy" if task_type is TaskType.CLASSIFICATION else "rmse"
    return inputs(learner=name, task=task(name, task_type=task_type, metric=metric), **changes)


@pytest.mark.parametrize(("name", "task_type"), PAIRS, ids=str)
def test_the_default_is_a_point_of_the_wide_space(name, task_type):
    space = wide_registry_space(seen_by(name, task_type), {}).value
    (start,) = default_warm_starts(seen_by(name, task_type, space=space), {}).value
    assert space == learner_named(name).space(task_type)
    assert space.contains(start)


def test_a_predefined_value_is_what_the_defaults_say():
    seen = seen_by("knn", TaskType.REGRESSION)
    values = default_values(learner_named("knn"), seen.task)
    assert predefined_default(seen, {"field": "budget"}).value == values["budget"]


@pytest.mark.parametrize("field", ["neighbours", "", "verdict"])
def test_what_has_no_predefined_value_is_refused(field):
    with pytest.raises(EvidenceError, match="there is no default for"):
        predefined_default(seen_by("knn", TaskType.REGRESSION), {"field": field})
