"""Own Optuna studies: from a storage, or one study in memory, to evidence for the next recommendation.

    storage  --snapshot-->  <home>/raw/studies/<slug>.json  --StudySource-->  data set, summary, runs

Nothing leaves the machine, and the storage is never written.
"""

from ingest.sources.optuna_studies.fetch import described, fetch, keep
from ingest.sources.optuna_studies.snapshot import Given, GivenData, Study
from ingest.sources.optuna_studies.source import StudySource

__all__ = ["Given", "GivenData", "Study", "StudySource", "described", "fetch", "keep"]
