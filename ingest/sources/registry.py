"""The sources that there are: one line each. Data sets come first, since quality rules for runs use what they say."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from ingest.sources.base import Source
from kg.errors import UnknownNameError

#: Name of a source -> ``module:class``, in the order of ingestion. A module is imported when its source is asked for.
SOURCES: dict[str, str] = {
    "datasets": "ingest.sources.catalogue:DatasetCatalogue",
    "openml-pimp": "ingest.sources.openml_pimp:OpenmlPimp",
    "sklearn-bot": "ingest.sources.sklearn_bot:SklearnBot",
    "pmlb-knowledgebase": "ingest.sources.pmlb:PmlbKnowledgebase",
    "yahpo-derived": "ingest.sources.yahpo:YahpoDerived",
    "tabzilla": "ingest.sources.tabzilla:TabZilla",
    "tabr-optuna-studies": "ingest.sources.tabr_studies:TabrStudies",
    "published-spaces": "ingest.sources.published_spaces:PublishedSpaces",
    "reference-results": "ingest.sources.reference_results:ReferenceResults",
}


def source_named(name: str) -> Source:
    """Return the source called `name`.

    Raises:
        UnknownNameError: There is no such source.
    """
    if name not in SOURCES:
        raise UnknownNameError("source", name, SOURCES)
    module, _, cls = SOURCES[name].partition(":")
    source: Source = getattr(import_module(module), cls)()
    return source


def sources(names: Iterable[str] | None = None) -> tuple[Source, ...]:
    """Return the sources called `names`, or all, in the order of ingestion.

    Raises:
        UnknownNameError: One of them does not exist.
    """
    wanted = tuple(SOURCES) if names is None else tuple(names)
    found = {name: source_named(name) for name in wanted}
    return tuple(found[name] for name in SOURCES if name in found)
