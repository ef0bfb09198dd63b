"""Names as requests give them, made canonical; what is not known is refused with the close ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from kg.errors import UnknownNameError
from kg.iris import dataset_iri
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import Dataset, Iri, metric_named
from ui.api.problems import ApiError
from ui.api.services import Seen

_LONGEST = 200


async def _learner(
    learner: Annotated[
        str | None, Query(max_length=_LONGEST, description="A learner's name or alias.", examples=["random_forest"])
    ] = None,
) -> str | None:
    return None if learner is None else learner_named(learner).name


async def _metric(
    metric: Annotated[
        str | None, Query(max_length=_LONGEST, description="A metric's name or alias.", examples=["accuracy"])
    ] = None,
) -> str | None:
    return None if metric is None else metric_named(metric).name


async def _dataset(
    dataset: Annotated[
        str | None,
        Query(max_length=_LONGEST, description="Key of a data set: the end of its IRI.", examples=["openml-31"]),
    ] = None,
) -> Iri | None:
    return None if dataset is None else dataset_iri(dataset)


async def _spec(name: Annotated[str, Path(max_length=_LONGEST, examples=["random_forest"])]) -> LearnerSpec:
    try:
        return learner_named(name)
    except UnknownNameError as error:
        raise ApiError(404, error.message, where="name", allowed=error.allowed) from None


def _named_dataset(
    key: Annotated[str, Path(max_length=_LONGEST, description="The end of its IRI.", examples=["openml-31"])],
    seen: Seen,
) -> Dataset:
    found = seen.store.get(dataset_iri(key))
    if not isinstance(found, Dataset):
        raise ApiError(404, f"{key!r} is no data set.", where="key")
    return found


LearnerName = Annotated[str | None, Depends(_learner)]
MetricName = Annotated[str | None, Depends(_metric)]
DatasetIri = Annotated[Iri | None, Depends(_dataset)]
#: A learner that the path names.
NamedLearner = Annotated[LearnerSpec, Depends(_spec)]
#: A data set that the path names, if the caller may see it.
NamedDataset = Annotated[Dataset, Depends(_named_dataset)]
