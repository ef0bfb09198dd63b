"""How the things of the graph are named: one function a kind, stable under re-ingestion."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from kg.model.base import Iri

BASE = "https://w3id.org/tunegraph/"
#: Namespace of our own terms (classes and properties).
TERMS = BASE + "ns#"


def digest(*parts: Any) -> str:
    """Return 16 hexadecimal digits that name the content of `parts` (JSON values), whatever their key order."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain_name(name: str) -> str:
    """Return `name` without case and punctuation: ``tic-tac-toe``, ``tic_tac_toe`` and ``TicTacToe`` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _path(*parts: str) -> Iri:
    return Iri(BASE + "/".join(quote(part, safe="-._~") for part in parts))


def dataset_iri(key: str) -> Iri:
    """Return the IRI of a data set by its key, such as ``openml-31``, ``openml-task-3`` or ``pmlb-adult``."""
    return _path("dataset", key)


def learner_iri(name: str) -> Iri:
    """Return the IRI of a learner by its canonical name."""
    return _path("learner", name)


def hyperparameter_iri(learner: str, name: str) -> Iri:
    """Return the IRI of a hyper-parameter of a learner, both by canonical name."""
    return _path("learner", learner, "hyperparameter", name)


def metric_iri(name: str) -> Iri:
    """Return the IRI of a metric by its canonical name."""
    return _path("metric", name)


def source_iri(name: str) -> Iri:
    """Return the IRI of a source of evidence, such as ``openml-pimp``."""
    return _path("source", name)


def software_iri(name: str) -> Iri:
    """Return the IRI of a release of software, such as ``tunegraph 0.1.0``."""
    return _path("software", name)


def run_iri(run_id: str) -> Iri:
    """Return the IRI of a run by its content digest."""
    return _path("run", run_id)


def passage_iri(document: str, section: str, text: str) -> Iri:
    """Return the IRI of a passage by its document and words: the same words in the same place, the same name."""
    return _path("passage", digest(document, section, text))


def evidence_iri(kind: str, *identity: Any) -> Iri:
    """Return the IRI of a piece of evidence of `kind`, named by what identifies it (not by what it says)."""
    return _path("evidence", kind, digest(*identity))
