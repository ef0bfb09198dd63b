"""pmlb-knowledgebase: five scikit-learn learners on PMLB's classification tables, over grids of hyper-parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from ingest.records import SCORE_PREFIX, Page, RawRuns, Rejected
from ingest.sources._pages import TextPage, csv_pages, numbers
from ingest.sources.base import Source
from kg.model import ParameterValue

#: How the table writes truth values.
_TRUTH = {"true": True, "false": False}


class PmlbKnowledgebase(Source):
    """Grid runs of scikit-learn on PMLB, scored by cross-validation."""

    name = "pmlb-knowledgebase"
    title = "PennAI knowledge base: scikit-learn learners on PMLB"
    licence = "GPL-3.0 (repository); MIT (origin: rhiever/sklearn-benchmarks)"
    url = "https://github.com/EpistasisLab/Aliro"
    version = "210e1810f4b05106848f03d95dc564202a22f129"
    family = "pmlb"
    files = ("pmlb-knowledgebase/sklearn-benchmark5-data-knowledgebase.tsv.gz",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the runs, page by page."""
        del retrieved  # runs get their provenance from the manifest
        for path in self.paths(folder):
            for page in csv_pages(path, delimiter="\t"):
                yield _runs(page)


def _runs(page: TextPage) -> RawRuns:
    codes, texts = pd.factorize(page.frame["parameters"])
    read = [_parameters(text) for text in texts]
    bad = pd.Series([configuration is None for configuration in read], dtype=bool).to_numpy()[codes]
    rejected = tuple(
        Rejected(f"{page.file}:{row}", "unreadable parameters", text[:80])
        for row, text in zip(page.frame["row"][bad], page.frame["parameters"][bad], strict=True)
    )
    kept = page.frame[~bad]
    frame = pd.DataFrame(
        {
            "row": kept["row"],
            "dataset": "pmlb-" + kept["dataset"],
            "learner": kept["algorithm"],
            "configuration": codes[~bad],
        }
        | {SCORE_PREFIX + name: numbers(kept[name]) for name in ("accuracy", "bal_accuracy", "macrof1")}
    )
    return RawRuns(page.file, frame, tuple(c or {} for c in read), page.rejected + rejected)


def _parameters(text: str) -> Mapping[str, ParameterValue] | None:
    """Read a configuration written as a Python dict; None where it is none."""
    try:
        values = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    if not isinstance(values, dict):
        return None
    return {str(n): _TRUTH.get(v, v) if isinstance(v, str) else v for n, v in values.items()}
