"""Data that needs no upload: tables that come with scikit-learn, and data sets that OpenML or the graph describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.errors import InputError, TunegraphError

if TYPE_CHECKING:
    from kg.store import KnowledgeStore


@dataclass(frozen=True)
class Example:
    """A table to try things on."""

    name: str
    title: str
    target: str
    loader: str
    """Function of `sklearn.datasets`, whose files come with it: no network is needed."""


EXAMPLES: Final = (
    Example("breast_cancer", "Breast cancer: 569 tumours, benign or malignant", "target", "load_breast_cancer"),
    Example("wine", "Wine: 178 wines of three growers", "target", "load_wine"),
    Example("diabetes", "Diabetes: its progress in 442 patients (a number)", "target", "load_diabetes"),
)


def write_example(example: Example, folder: Path) -> Path:
    """Write an example below `folder` as a CSV file, and return where it is."""
    from sklearn import datasets

    path = folder / "examples" / f"{example.name}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        bundle = getattr(datasets, example.loader)(as_frame=True)
        frame = bundle.frame
        if "target_names" in bundle:
            frame = frame.assign(target=[str(bundle.target_names[code]) for code in bundle.target])
        frame.to_csv(path, index=False)
    return path


@dataclass(frozen=True)
class Described:
    """A data set of OpenML as far as it is described: its qualities, not its rows."""

    name: str
    meta_features: Mapping[str, Any]
    origin: str
    """Where that is from, for people."""


def openml_dataset(data_id: int, store: KnowledgeStore, scratch: Path) -> Described:
    """Return what is known of an OpenML data set: by the graph, else by OpenML, which needs the ``openml`` extra.

    Args:
        data_id: OpenML's data id.
        store: The graph.
        scratch: A folder that the client may empty.

    Raises:
        InputError: It is not in the graph, and OpenML does not know it, cannot be reached or describes it by nothing;
            or the extra is missing.
    """
    for dataset in store.datasets():
        if dataset.openml_id == data_id and dataset.meta_features:
            return Described(dataset.name, dict(dataset.meta_features.items()), "the graph")
    record = _asked(data_id, scratch)
    qualities = {name: value for name, value in record["qualities"].items() if value is not None}
    if not qualities:
        raise InputError(
            f"OpenML has computed no qualities of data set {data_id}.", where="OpenML", allowed="its file, uploaded"
        )
    return Described(str(record["name"]), qualities, "OpenML")


def _asked(data_id: int, scratch: Path) -> Mapping[str, Any]:
    from ingest.sources.openml.client import OpenmlClient
    from ingest.sources.openml.faults import FetchError
    from ingest.sources.openml.limits import Limits

    # A person waits: one try, and no longer than it takes to lose patience.
    limits = Limits(connect_s=5.0, silence_s=10.0, answer_s=20.0, attempts=1)
    try:
        return OpenmlClient(scratch, limits=limits).dataset(data_id)
    except FetchError as error:
        raise InputError(
            f"Data set {data_id} is not in the graph, and OpenML did not give it ({error.reason}).",
            where="OpenML",
            allowed="a network that reaches www.openml.org, another id, or the table itself as a file",
        ) from error
    except InputError:
        raise
    except TunegraphError as error:
        raise InputError(str(error), where="OpenML", allowed="the table itself as a file") from error
