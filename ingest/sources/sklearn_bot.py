"""sklearn-bot: support vector machines on OpenML, with random hyper-parameters. Most of its runs are invalid.

The flow selected columns by kind and lost the numeric ones, so a table without nominal columns was learnt from
nothing. `ingest.quality` finds that out; nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Page
from ingest.sources._pages import arff_pages
from ingest.sources.base import Source
from ingest.sources.openml_pimp import openml_runs


class SklearnBot(Source):
    """Runs of OpenML flow 8784 in study 14, scored by ten-fold cross-validation."""

    name = "sklearn-bot"
    title = "OpenML runs of support vector machines"
    licence = "BSD-3-Clause"
    url = "https://github.com/openml/sklearn-bot"
    version = "3fdb449f18ca1aa78c6c0f4843cc376abef34170"
    family = "openml-sklearn"
    files = ("sklearn-bot/*.arff",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the runs, first those scored by AUC, then those scored by accuracy."""
        del retrieved  # runs get their provenance from the manifest
        for path in self.paths(folder):
            for page in arff_pages(path):
                yield openml_runs(page, "sklearn.svm.classes.SVC")
