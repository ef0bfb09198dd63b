"""Which data sets are one: the same table under several names, ids, versions and sources.

Three signs, each a rule of its own:

- the same OpenML data id;
- the same name without case and punctuation (or a listed alias), unless the shapes contradict it;
- the same rows, classes, and largest and smallest class, where the classes are unbalanced. Columns are left out on
  purpose: sources drop ids and constant columns. Balanced classes prove nothing: five different GAMETES tables have
  1600 rows and 800 of each class.

Measured on the shared sources: every pair that shares a name is one data set or two versions of it, but for the two
exceptions that `_shapes_contradict` and `aliases.yaml` hold apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

import yaml

from ingest.meta_features import consistent
from kg.iris import dataset_iri, plain_name
from kg.model import LANDMARKERS, SIMPLE, Dataset, Iri, MetaFeatures, TaskType

#: Rows below which equal counts may be chance.
FEWEST_ROWS = 100
#: Two tables of one name are held apart when rows *and* columns differ by more than this factor.
CONTRADICTION = 1.5

#: Meta-features that one node may take from another: the ones that similarity is made of.
LENT = SIMPLE + LANDMARKERS
#: Quality -> relative difference up to which two nodes are taken for the same table. Sources drop ids (columns) and
#: rows that lack a target, and auto-sklearn's class shares are those of two thirds of the rows.
TOLERANCE = {
    "NumberOfInstances": 0.01,
    "NumberOfFeatures": 0.05,
    "NumberOfClasses": 0.0,
    "MajorityClassPercentage": 0.05,
}


def unite(datasets: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Merge the descriptions of one node (one IRI) that several sources give, and link nodes that are one data set.

    A value that an earlier description has stands against a later one, so the order of `datasets` is the order of
    trust. Provenance names all contributors; the licence joins theirs.

    Args:
        datasets: Descriptions, the most trusted first.

    Returns:
        One `Dataset` an IRI, by IRI, with `same_as` filled in both directions and meta-features lent (`lend`).
    """
    by_iri: dict[Iri, list[Dataset]] = defaultdict(list)
    for dataset in datasets:
        by_iri[dataset.iri].append(dataset)
    return lend(link([_merged(by_iri[iri]) for iri in sorted(by_iri)]))


def link(datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Return `datasets` with `same_as` naming every other one that is the same data set, transitively."""
    group_of = _groups(datasets)
    members: dict[Iri, list[Iri]] = defaultdict(list)
    for iri, root in group_of.items():
        members[root].append(iri)
    return tuple(
        d.model_copy(update={"same_as": tuple(iri for iri in sorted(members[group_of[d.iri]]) if iri != d.iri)})
        for d in datasets
    )


def lend(datasets: Sequence[Dataset]) -> tuple[Dataset, ...]:
    """Return `datasets` with meta-features that they lack taken from nodes that are the same table.

    Only what similarity needs is lent (`LENT`), and only between nodes linked by `same_as` whose counts agree (within
    `TOLERANCE`); a node of which nothing but the name is known borrows from one of the same name. Where several could
    lend, the one that knows most does. The lender is named in the provenance.
    """
    known = {d.iri: d for d in datasets}
    return tuple(_borrowing(d, [known[iri] for iri in d.same_as if iri in known]) for d in datasets)


def versions_of(dataset: Dataset | Iri, datasets: Iterable[Dataset]) -> set[Iri]:
    """Return every node that is the same data set as `dataset`, itself included, under any name, id or version.

    Follows `same_as` in both directions to the end; it does not apply the rules again (see `link`).

    Args:
        dataset: A data set, or its IRI.
        datasets: All data sets there are.
    """
    neighbours: dict[Iri, set[Iri]] = defaultdict(set)
    for other in datasets:
        for iri in other.same_as:
            neighbours[other.iri].add(iri)
            neighbours[iri].add(other.iri)
    found: set[Iri] = set()
    waiting = [dataset.iri if isinstance(dataset, Dataset) else dataset]
    while waiting:
        iri = waiting.pop()
        if iri not in found:
            found.add(iri)
            waiting += neighbours[iri]
    return found


def _groups(datasets: Sequence[Dataset]) -> dict[Iri, Iri]:
    """Map every IRI to the representative of its group (union-find)."""
    root = {d.iri: d.iri for d in datasets}

    def find(iri: Iri) -> Iri:
        while root[iri] != iri:
            iri = root[iri]
        return iri

    for left, right in _pairs(datasets):
        first, second = sorted((find(left.iri), find(right.iri)))
        root[second] = first
    return {iri: find(iri) for iri in root}


def _pairs(datasets: Sequence[Dataset]) -> Iterator[tuple[Dataset, Dataset]]:
    apart = _held_apart()
    for sign in (_openml_id, _name, _counts):
        buckets: dict[Hashable, list[Dataset]] = defaultdict(list)
        for dataset in datasets:
            key = sign(dataset)
            if key is not None and not (sign is _name and dataset.iri in apart):
                buckets[key].append(dataset)
        for bucket in buckets.values():
            for index, left in enumerate(bucket):
                for right in bucket[index + 1 :]:
                    if sign is not _name or not _shapes_contradict(left, right):
                        yield left, right


def _openml_id(dataset: Dataset) -> Hashable | None:
    return dataset.openml_id


def _name(dataset: Dataset) -> Hashable | None:
    plain = plain_name(dataset.name)
    # A key that stands in for a name ("openml-15") is no name.
    return None if not plain or dataset.iri.endswith(f"/{dataset.name}") else _aliases().get(plain, plain)


def _counts(dataset: Dataset) -> Hashable | None:
    known = dataset.meta_features
    names = ("NumberOfInstances", "NumberOfClasses", "MajorityClassSize", "MinorityClassSize")
    if any(name not in known for name in names):
        return None
    rows, classes, largest, smallest = (round(known[name]) for name in names)
    return (rows, classes, largest, smallest) if rows >= FEWEST_ROWS and largest > smallest else None


def _shapes_contradict(left: Dataset, right: Dataset) -> bool:
    """Say whether both tables' shapes are known and too far apart to be versions of one (Titanic's two tables are)."""
    return all(
        _ratio(left.meta_features, right.meta_features, name) > CONTRADICTION
        for name in ("NumberOfInstances", "NumberOfFeatures")
    )


def _ratio(left: MetaFeatures, right: MetaFeatures, name: str) -> float:
    low, high = sorted((left.get(name, 0.0), right.get(name, 0.0)))
    return high / low if low > 0 else 1.0


def _borrowing(dataset: Dataset, others: Sequence[Dataset]) -> Dataset:
    if all(name in dataset.meta_features for name in LENT):
        return dataset
    lenders = [other for other in others if _may_lend(other, dataset)]
    best = max(lenders, key=lambda d: len(d.meta_features.only(LENT)), default=None)
    if best is None or not (gained := set(best.meta_features.only(LENT)) - set(dataset.meta_features)):
        return dataset
    lent = {name: best.meta_features[name] for name in sorted(gained)}
    locator = f"{dataset.provenance.locator}; {len(lent)} meta-features of {best.iri}"
    return dataset.model_copy(
        update={
            "meta_features": MetaFeatures(dict(dataset.meta_features.items()) | lent),
            "provenance": dataset.provenance.model_copy(update={"locator": locator}),
        }
    )


def _may_lend(lender: Dataset, borrower: Dataset) -> bool:
    if "NumberOfInstances" not in borrower.meta_features:
        # An OpenML id promises the whole table; benchmarks of other names cut theirs (Grinsztajn's to 10,000 rows).
        is_openml = borrower.openml_id is not None or borrower.openml_task_id is not None
        return is_openml and (lender.task_type, plain_name(lender.name)) == (
            borrower.task_type,
            plain_name(borrower.name),
        )
    if {lender.task_type, borrower.task_type} != {TaskType.CLASSIFICATION}:
        return False
    ours, theirs = borrower.meta_features, lender.meta_features
    return all(
        name in ours and name in theirs and abs(ours[name] - theirs[name]) <= tolerance * abs(ours[name])
        for name, tolerance in TOLERANCE.items()
    )


def _merged(descriptions: Sequence[Dataset]) -> Dataset:
    first = descriptions[0]
    telling = [d for d in descriptions if d.meta_features or _is_named(d)] or descriptions[:1]
    features: dict[str, float] = {}
    for description in reversed(descriptions):
        features |= dict(description.meta_features.items())
    return first.replace(
        name=next((d.name for d in descriptions if _is_named(d)), first.name),
        openml_id=next((d.openml_id for d in descriptions if d.openml_id is not None), None),
        openml_task_id=next((d.openml_task_id for d in descriptions if d.openml_task_id is not None), None),
        task_type=next((d.task_type for d in descriptions if d.task_type is not None), None),
        description=next((d.description for d in descriptions if d.description), ""),
        meta_features=consistent(MetaFeatures(features)),
        provenance=first.provenance.replace(
            licence=" AND ".join(dict.fromkeys(d.provenance.licence for d in telling)),
            locator="; ".join(dict.fromkeys(d.provenance.locator for d in telling if d.provenance.locator)),
        ),
    )


def _is_named(dataset: Dataset) -> bool:
    return _name(dataset) is not None


@lru_cache
def _aliases() -> dict[str, str]:
    """Map every listed name, plain, to the first of its group, plain."""
    return {plain_name(name): plain_name(group["names"][0]) for group in _listed()["same"] for name in group["names"]}


@lru_cache
def _held_apart() -> frozenset[Iri]:
    return frozenset(dataset_iri(key) for group in _listed()["different"] for key in group["keys"])


@lru_cache
def _listed() -> dict[str, list[dict[str, list[str]]]]:
    listed: dict[str, list[dict[str, list[str]]]] = yaml.safe_load(
        files("ingest").joinpath("data/aliases.yaml").read_text("utf-8")
    )
    return listed
