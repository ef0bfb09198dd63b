"""Sound proposals to plant faults in: composed on real tables, on published spaces, and predefined defaults."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import TunegraphError
from kg.learners.registry import learners
from kg.model import METRICS, Dataset, PublishedSpace, TaskType
from recommender.composing.compose import Composer
from recommender.composing.rule import RuleInputs, ground
from recommender.composing.rules import RULES
from recommender.defaults import default_proposal
from recommender.proposal import Proposal
from recommender.task import Constraints, TuningTask
from ui.compose import Tunegraph
from ui.request import Request

#: Time limit of every task, so that a slip of its unit can be told.
WALL_CLOCK_S = 600.0
#: Tables of `../shared/data/raw-datasets` that proposals are composed on, small ones of all sorts.
TABLES = (
    "sonar.tsv.gz",
    "pima.tsv.gz",
    "yeast.tsv.gz",
    "glass.tsv.gz",
    "labor.arff",
    "breast.cancer.arff",
    "ionosphere.tsv.gz",
    "wine_quality_red.tsv.gz",
    "ecoli.tsv.gz",
    "autos.arff",
    "tic-tac-toe.tsv.gz",
    "churn.tsv.gz",
    "210_cloud.tsv.gz",
    "228_elusage.tsv.gz",
    "560_bodyfat.tsv.gz",
)
#: Learners that are asked for, each on a share of the tables in turn.
LEARNERS = (
    "random_forest",
    "svm",
    "xgboost",
    "catboost",
    "decision_tree",
    "knn",
    "logistic_regression",
    "lightgbm",
    "gradient_boosting",
)
#: Learners asked for on one table.
PER_TABLE = 5


@dataclass(frozen=True)
class Sound:
    """A proposal with no fault, and where it is from."""

    name: str
    origin: str
    """``composed``, ``published`` or ``default``."""
    json: str
    table: Path | None = None
    """The table that it was composed on."""

    def draft(self) -> dict[str, Any]:
        """Return the proposal as JSON values that may be spoilt."""
        found: dict[str, Any] = json.loads(self.json)
        return found


def composed(tunegraph: Tunegraph, tables: Iterable[Path], wanted: Iterable[str] = LEARNERS) -> Iterator[Sound]:
    """Yield what the composer proposes on `tables`, each for some of the learners `wanted` in turn."""
    names = tuple(wanted)
    for number, path in enumerate(tables):
        _, task = tunegraph.read(path, None, Request(time_s=WALL_CLOCK_S))
        for step in range(min(PER_TABLE, len(names))):
            learner = names[(number * PER_TABLE + step) % len(names)]
            found = _composed(tunegraph.composer, task, learner)
            if found is not None:
                yield Sound(f"{learner} on {_stem(path)}", "composed", found.to_json(), path)


def _composed(composer: Composer, task: TuningTask, learner: str) -> Proposal | None:
    try:
        return composer.compose(task.replace(constraints=task.constraints.replace(learners=(learner,))))
    except TunegraphError:  # the learner is for the other kind of task
        return None


def published(tunegraph: Tunegraph) -> Iterator[Sound]:
    """Yield a proposal on every published space of the graph, for each kind of task that the space is for."""
    datasets = {dataset.iri: dataset for dataset in tunegraph.store.datasets()}
    for space in tunegraph.store.evidence("published_space"):
        if not isinstance(space, PublishedSpace):
            continue
        for task_type in space.task_types:
            proposal = _on_space(tunegraph.composer, space, described_task(task_type), datasets)
            if proposal is not None:
                yield Sound(f"{space.name}: {space.learner}, {task_type}", "published", proposal.to_json())


def _on_space(
    composer: Composer, space: PublishedSpace, task: TuningTask, datasets: dict[Any, Dataset]
) -> Proposal | None:
    """Return the proposal that takes its space from one publication and all else from the defaults."""
    cited: tuple[Any, ...] = (space,)
    inputs = RuleInputs(task, space.learner, cited, {}, datasets, composer.surfaces)
    try:
        found = ground(RULES, "published_space", inputs)
        starts = ground(RULES, "study_warm_starts", replace(inputs, space=found.value), {"k": 3})
        whole = default_proposal(task, space.learner)
    except TunegraphError:  # none of its parameters is in the installed library
        return None
    return whole.replace(search_space=found, warm_starts=starts)


def defaults() -> Iterator[Sound]:
    """Yield the predefined proposal of every installed learner for both kinds of task."""
    for spec in learners(installed_only=True):
        for task_type in spec.implementations:
            proposal = default_proposal(described_task(task_type), spec.name)
            yield Sound(f"defaults of {spec.name}, {task_type}", "default", proposal.to_json())


def described_task(task_type: TaskType) -> TuningTask:
    """Return a task that is known by its size only."""
    is_classification = task_type is TaskType.CLASSIFICATION
    metric = METRICS["accuracy" if is_classification else "rmse"].name
    return TuningTask(
        task_type=task_type,
        metric=metric,
        n_rows=1000,
        n_columns=12,
        n_classes=2 if is_classification else None,
        constraints=Constraints(wall_clock_s=WALL_CLOCK_S),
    )


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]
