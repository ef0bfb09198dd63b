"""Evidence as a reader follows it: what it says, where it stands, and the way on, down to a run or a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, urlsplit

from kg.model import Claim, Dataset, Evidence, Iri, ResponseModel, Run, RunSummary
from kg.model.provenance import Provenance
from kg.store import KnowledgeStore
from recommender.explain import sentence

Item: TypeAlias = Dataset | Run | Evidence

#: Runs that are told of one summary.
MOST_RUNS: Final = 5
_OPENML: Final = "https://www.openml.org"
#: Characters of a quote by which a browser finds its place.
_FRAGMENT: Final = 80


@dataclass(frozen=True)
class Link:
    """An address on the web."""

    label: str
    url: str


@dataclass(frozen=True)
class Cited:
    """One piece of evidence, as it is shown."""

    iri: Iri
    kind: str
    """``run summary``, ``claim``, ``run``, ``data set``, ..."""
    says: str
    where: str
    """Source, place in it, licence."""
    standing: str
    """How far to trust it; empty for what is no evidence by itself."""
    links: tuple[Link, ...]
    runs: tuple[Cited, ...] = ()
    """The best of the runs that it rests on."""


def cited(iris: Iterable[Iri], store: KnowledgeStore, *, at_most: int = 8, runs: int = MOST_RUNS) -> tuple[Cited, ...]:
    """Return the first of what `iris` name, as far as the graph has it.

    Args:
        iris: Citations.
        store: The graph.
        at_most: How many.
        runs: Runs that are told of each.
    """
    first = list(iris)[:at_most]
    return tuple(told(store.get(iri), store, runs=runs) for iri in first if store.has(iri))


def told(item: Item, store: KnowledgeStore, *, runs: int = 0) -> Cited:
    """Return one thing of the graph as it is shown."""
    behind = store.runs(_summary_runs(item, store)[:runs]) if runs else ()
    return Cited(
        iri=item.iri,
        kind=kind_of(item),
        says=sentence(item),
        where=_where(item.provenance),
        standing="" if isinstance(item, Dataset | Run) else f"{item.standing}, confidence {item.confidence:.2f}",
        links=links_of(item, store),
        runs=tuple(told(run, store) for run in behind),
    )


def kind_of(item: Item) -> str:
    """Return what sort of thing it is, in words."""
    if isinstance(item, Dataset):
        return "data set"
    return "run" if isinstance(item, Run) else item.kind.replace("_", " ")


def links_of(item: Item, store: KnowledgeStore) -> tuple[Link, ...]:
    """Return where on the web it can be looked up, nearest first: its run or sentence, its data set, its source."""
    links = [*_run_links(item), *_text_links(item), *_dataset_links(item, store)]
    if address := _web(item.provenance.url):
        links.append(Link("Source", address))
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]


def _run_links(item: Item) -> list[Link]:
    """Return the page of a run that came from OpenML, whose place in the source is its number."""
    number = item.provenance.locator.rpartition(":")[2]
    if isinstance(item, Run) and item.provenance.url.startswith(_OPENML) and number.isdigit():
        return [Link(f"Run {number} on OpenML", f"{_OPENML}/r/{number}")]
    return []


def _text_links(item: Item) -> list[Link]:
    if not isinstance(item, Claim) or not (address := _web(item.provenance.url)):
        return []
    if urlsplit(address).path.lower().endswith(".pdf"):
        page = f"#page={item.page}" if item.page else ""
        return [Link(f"Page {item.page} of the paper" if item.page else "The paper", address + page)]
    return [Link("The sentence in the text", f"{address}#:~:text={quote(item.quote[:_FRAGMENT], safe='')}")]


def _dataset_links(item: Item, store: KnowledgeStore) -> list[Link]:
    iri = item.iri if isinstance(item, Dataset) else getattr(item, "dataset", None)
    if iri is None or not store.has(iri):
        return []
    dataset = store.get(iri)
    if not isinstance(dataset, Dataset):
        return []
    if dataset.openml_id is not None:
        return [Link("Data set on OpenML", f"{_OPENML}/d/{dataset.openml_id}")]
    if dataset.openml_task_id is not None:
        return [Link("Task on OpenML", f"{_OPENML}/t/{dataset.openml_task_id}")]
    return []


def _summary_runs(item: Item, store: KnowledgeStore) -> tuple[Iri, ...]:
    """Return the best runs behind a summary, or behind the summary of the runs that a model was fitted to."""
    if isinstance(item, RunSummary):
        return item.top_runs
    if not isinstance(item, ResponseModel):
        return ()
    found = store.evidence("run_summary", learner=item.learner, metric=item.metric, dataset=item.dataset)
    return next((e.top_runs for e in found if isinstance(e, RunSummary)), ())


def _where(provenance: Provenance) -> str:
    parts = (provenance.source, provenance.locator, f"licence: {provenance.licence}")
    return "; ".join(part for part in parts if part)


def _web(url: str) -> str:
    """Return `url` where it is an address of the web; a source's text must not become any other kind of link."""
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
