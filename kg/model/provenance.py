"""Where a piece of knowledge comes from, and how far it can be trusted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

from pydantic import field_validator

from kg.model.base import Value


class Standing(StrEnum):
    """How a figure came about, strongest first. Standing and sample size make the confidence."""

    MEASURED = "measured"
    """Somebody ran it, and this is what came out."""
    SURROGATE = "surrogate"
    """A model fitted to measurements says so."""
    PUBLISHED = "published"
    """A paper or package lays it down (a search space, a default)."""
    CLAIMED = "claimed"
    """A text says so."""


#: The ceiling on confidence for each standing; sample size scales it (`confidence`).
STANDING_WEIGHT = {Standing.MEASURED: 1.0, Standing.SURROGATE: 0.8, Standing.PUBLISHED: 0.6, Standing.CLAIMED: 0.4}

#: Runs at which a summary has half of its standing's confidence. Like the ceilings it was chosen, not fitted: what is
#: ordered by confidence needs the order right, not the figures.
HALF_CONFIDENCE_RUNS = 10


def confidence(standing: Standing, n: int) -> float:
    """Return a confidence in [0, 1] from standing and sample size: ``weight * n / (n + 10)``; 0 without a sample."""
    return STANDING_WEIGHT[standing] * n / (n + HALF_CONFIDENCE_RUNS)


class Activity(Value):
    """One ingestion of a source (prov:Activity): what wrote a record, when, and from which content."""

    source: str
    """Name of the source."""
    digest: str
    """Digest of the content of its files."""
    version: str = ""
    """Commit or release of the snapshot."""
    licence: str
    """SPDX identifier, or words where there is none."""
    started: datetime
    """In UTC, to the second."""
    software: str
    """Name and version of what read it, such as ``tunegraph 0.1.0``."""

    @field_validator("started")
    @classmethod
    def _in_utc(cls, started: datetime) -> datetime:
        if started.tzinfo is None:
            raise ValueError(f"{started} has no time zone. Allowed: a time with its zone")
        return started.astimezone(UTC).replace(microsecond=0)


#: Sources that are the user's own begin with this: they are nobody else's.
OWN_SOURCE = "study:"


def is_own(source: str) -> bool:
    """Say whether `source` is the user's own, so that nobody else may see what came from it."""
    return source.startswith(OWN_SOURCE)


class Provenance(Value):
    """Where a record was taken from."""

    source: str
    """Name of the source, such as ``openml-pimp``."""
    licence: str
    """SPDX identifier, or words where there is none."""
    url: str
    """Where the source was published."""
    version: str = ""
    """Commit, release or digest of the source that was read."""
    retrieved: date
    """The day on which the source was read."""
    activity: Activity | None = None
    """The ingestion that wrote the record; a record that an ingestion finds as it was keeps its own."""
    locator: str = ""
    """Where in the source: file, rows, section or page."""

    @property
    def is_own(self) -> bool:
        """Whether it comes from the user's own studies, which nobody else knows."""
        return is_own(self.source)
