"""A configuration becomes a pipeline that takes what tables are made of."""

import numpy as np
import pytest

from kg.columns import ColumnKind
from kg.errors import InputError
from kg.learners.registry import learner_named, learners
from kg.model import Configuration, TaskType
from kg.tables import prepare_table
from recommender.pipeline import build_pipeline, build_preprocessing, days_since_1970

NAMES = [spec.name for spec in learners(installed_only=True)]


@pytest.mark.parametrize("task_type", list(TaskType))
@pytest.mark.parametrize("name", NAMES)
def test_every_learner_takes_gaps_categories_dates_and_new_values(name, task_type, mixed_frame):
    spec = learner_named(name)
    if task_type not in spec.implementations:
        pytest.skip("not for this task")
    frame = mixed_frame.assign(label=np.arange(150) / 7) if task_type is TaskType.REGRESSION else mixed_frame
    table = prepare_table(frame, "label")
    small = {n: 5 for n in ("n_estimators", "max_iter") if n in spec.space(task_type)}
    model = build_pipeline(spec, task_type, table.kinds, Configuration(small), seed=0, probabilities=True)
    model.fit(table.features, table.encoded_target)
    unseen = table.features.assign(colour=table.features["colour"].cat.add_categories("violet").fillna("violet"))
    assert np.isfinite(np.asarray(model.predict(unseen), dtype=float)).all()
    if task_type is TaskType.CLASSIFICATION:
        assert model.predict_proba(unseen).shape == (150, 2)


def test_distances_see_one_column_a_category_and_trees_see_codes(mixed_frame):
    table = prepare_table(mixed_frame, "label")
    widths = {}
    for name in ("knn", "random_forest"):
        step = build_preprocessing(learner_named(name), table.kinds)
        widths[name] = step.fit_transform(table.features).shape[1]
    # size, day; colour with a column for the gap; flag
    assert widths == {"knn": 2 + 4 + 2, "random_forest": 2 + 1 + 1}


def test_columns_that_say_nothing_are_left_out(mixed_frame):
    table = prepare_table(mixed_frame, "label")
    assert table.kinds["same"] is ColumnKind.CONSTANT
    with pytest.raises(InputError, match="No column is left"):
        build_preprocessing(learner_named("knn"), {"same": ColumnKind.CONSTANT})


def test_dates_are_days(mixed_frame):
    days = days_since_1970(mixed_frame[["day"]])
    assert days.shape == (150, 1)
    assert (np.datetime64("1970-01-01") + days[0, 0].astype(int)) == mixed_frame["day"].iloc[0]
