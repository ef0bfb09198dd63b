"""``python -m benchmarks.llm.anonymity``: how many known data sets could be known again by what a model is told.

Each data set of the graph is taken for the user's own. It is *known again* where it is the only one of its name, of
all data sets of the graph, that what is told fits. Whoever has the graph and the code can do more: compare what is
told letter by letter, and repeat the search for the neighbours that are listed; both are measured.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from pathlib import Path

from kg.iris import plain_name
from kg.model import Dataset, TaskType
from recommender.llm.agent import told_task
from recommender.llm.bands import bands_like, fits, near_equal, told_bands
from recommender.llm.privacy import Mask
from recommender.similarity import similarity
from recommender.task import TuningTask
from ui.compose import Settings, Tunegraph

#: Neighbours that the first page of similar data sets lists.
PAGE = 8


def task_of(dataset: Dataset) -> TuningTask:
    """Return the task of predicting what a data set is for, as if it were the user's own and had no name."""
    features = dataset.meta_features
    is_class = features.get("NumberOfClasses", 2) >= 2
    return TuningTask(
        task_type=TaskType.CLASSIFICATION if is_class else TaskType.REGRESSION,
        metric="roc_auc" if is_class else "rmse",
        n_rows=int(features["NumberOfInstances"]),
        n_columns=int(features["NumberOfFeatures"]) - 1,
        meta_features=features,
    )


def alone(datasets: Iterable[Dataset], told: Callable[[Dataset], Hashable]) -> float:
    """Return the share of data sets that are told as no data set of another name is."""
    datasets = tuple(datasets)
    names: dict[Hashable, set[str]] = defaultdict(set)
    signatures = [told(one) for one in datasets]
    for one, signature in zip(datasets, signatures, strict=True):
        names[signature].add(plain_name(one.name))
    return sum(len(names[signature]) == 1 for signature in signatures) / len(datasets)


def fitted_by_one(datasets: Sequence[Dataset]) -> float:
    """Return the share of data sets that alone fit the bands that are told of them."""
    found = 0
    for one in datasets:
        told = told_bands(one.meta_features, datasets)
        fitting = {plain_name(other.name) for other in datasets if fits(other.meta_features, told)}
        found += len(fitting) == 1
    return found / len(datasets)


def listed(dataset: Dataset, datasets: Sequence[Dataset], *, hidden: bool) -> Hashable:
    """Return the neighbours that are listed for a data set, and what is told of each; `hidden`: anonymised."""
    near = similarity(dataset.meta_features, datasets).neighbours[:PAGE]
    if not hidden:
        return tuple(item.dataset.name for item in near)
    task = task_of(dataset).replace(name=dataset.name)
    mask = Mask.of(task, None, (), near_equal(dataset.meta_features, datasets))
    told = told_bands(dataset.meta_features, datasets)
    rows = [(item.dataset.name, sorted(bands_like(item.dataset.meta_features, told).items())) for item in near]
    return mask.hidden_datasets(json.dumps(rows))


def main() -> None:
    """Print the shares, before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where the graph is")
    parser.add_argument("--neighbours", type=int, default=0, help="data sets whose list of neighbours is compared, too")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/anonymity.md"))
    given = parser.parse_args()
    datasets = usable(Tunegraph(Settings(home=given.home)).store.datasets())
    given.out.write_text(report(datasets, given.neighbours), encoding="utf-8")
    print(given.out.read_text("utf-8"))


def usable(datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Return the data sets whose rows and columns are known: what is told of the others is told of many."""
    return tuple(d for d in datasets if {"NumberOfInstances", "NumberOfFeatures"} <= set(d.meta_features))


def report(datasets: Sequence[Dataset], n_neighbours: int) -> str:
    """Return the report, in Markdown."""
    exact = alone(datasets, lambda one: told_task(task_of(one)))
    coarse = alone(datasets, lambda one: told_task(task_of(one), told_bands(one.meta_features, datasets)))
    rows = [
        ("fits what is told of the task, and no other does", exact, fitted_by_one(datasets)),
        ("is told as no other is, letter by letter (needs the graph and the code)", exact, coarse),
    ]
    if n_neighbours:
        some = random.Random(0).sample(datasets, min(n_neighbours, len(datasets)))
        shares = [alone(some, partial(listed, datasets=datasets, hidden=hidden)) for hidden in (False, True)]
        rows.append((f"of {len(some)}: has a list of neighbours that no other of them has", shares[0], shares[1]))
    lines = [
        "# What a model could know a data set again by",
        "",
        f"The {len(datasets)} data sets of the starter graph whose rows and columns are known, each taken for",
        "the user's own without its name. `python -m benchmarks.llm.anonymity` repeats it.",
        "",
        "| a data set ... | without `--anonymise` | with it |",
        "|---|---|---|",
        *(f"| {what} | {before:.1%} | {after:.1%} |" for what, before, after in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
