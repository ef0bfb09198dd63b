"""Raw records: what a source yields, before anything is made canonical.

    Page = RawRuns | Items | Texts

A run table yields `RawRuns`, by column, because there are many of them; texts to be searched yield `Texts`; everything
else yields `Items`, which are `kg.model` values already. All carry what could not be read, each with its reason and its
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import pandas as pd

from kg.model import Dataset, Evidence, ParameterValue, Passage, Run

#: A column of this prefix holds the scores of one metric, by the source's name of it.
SCORE_PREFIX = "score."


@dataclass(frozen=True)
class Rejected:
    """A record that cannot be used. It is kept, counted by `reason`, and the rest goes on."""

    locator: str
    """File and row (or section) of the record."""
    reason: str
    """A stable name of what is wrong, such as ``unknown parameter``; records are counted by it."""
    detail: str = ""
    """What exactly, for people: the name or value."""


@dataclass(frozen=True)
class RawRuns:
    """A page of runs, as the source wrote them.

    `frame` has a row a run and the columns

    - ``row``: number of the record in `file`, from 1;
    - ``dataset``: key of the data set, such as ``openml-task-6`` (see `kg.iris.dataset_iri`);
    - ``learner``: the source's name of the learner;
    - ``configuration``: index into `configurations`;
    - ``score.<metric>``: a score under the source's name of the metric, in its own unit, or NaN;
    - where the source knows them: ``seconds`` and ``memory_mb`` (megabytes) of training, and ``fidelity_kind``,
      ``fidelity_value``, ``fidelity_full`` of a run that is not at full fidelity.
    """

    file: str
    """Name of the file within the source's folder."""
    frame: pd.DataFrame
    configurations: tuple[Mapping[str, ParameterValue], ...]
    """The distinct configurations of the page, under the source's names and values; inactive parameters are absent."""
    rejected: tuple[Rejected, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Columns that are left out because there is no canonical name for them -> how many values they have."""


@dataclass(frozen=True)
class Items:
    """Things that go to the graph as they are: data sets, evidence, single runs."""

    file: str
    items: tuple[Dataset | Run | Evidence, ...]
    rejected: tuple[Rejected, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Names that the registry does not know -> how many records have them. The records may still be kept."""


@dataclass(frozen=True)
class Texts:
    """Passages of a document, to be found again by their words. They go to the passage table, not to the graph."""

    file: str
    passages: tuple[Passage, ...]
    rejected: tuple[Rejected, ...] = ()


Page: TypeAlias = RawRuns | Items | Texts
