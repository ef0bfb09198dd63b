"""From raw runs to canonical ones: names and values through the learner registry, scores by canonical metric.

A record that cannot be used is rejected with its reason; a name that has no canonical one is counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ingest.records import SCORE_PREFIX, RawRuns, Rejected
from ingest.sources.base import Source
from kg.errors import RecordError, UnknownNameError
from kg.iris import dataset_iri
from kg.learners.registry import canonical_configuration, resolve, vocabulary
from kg.model import Metric, metric_named
from kg.run_columns import run_digest

#: A score this close to a bound of its metric, on the wrong side, is rounding and is put on the bound.
ROUNDING = 1e-6

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_NUMBER = re.compile(r"(?<![\w'])[-+]?\d[\w.+-]*")


@dataclass(frozen=True)
class NormalRuns:
    """A page of canonical runs, a row each.

    `frame` has ``run_id``, ``dataset`` (IRI), ``learner``, ``standing``, ``configuration`` (JSON text),
    ``score.<metric>``, ``seconds``, ``memory_mb``, ``fidelity_kind``, ``fidelity_value``, ``fidelity_full`` (null at
    full fidelity) and ``locator``.
    """

    frame: pd.DataFrame
    rejected: tuple[Rejected, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Canonical:
    """A configuration after normalising; `fault` is empty where all is well."""

    learner: str = ""
    text: str = ""
    fault: str = ""


def normalize(page: RawRuns, source: Source) -> NormalRuns:
    """Return the runs of `page` under canonical names, and what could not be used of them."""
    raw = page.frame.reset_index(drop=True)
    unmapped = Counter(page.unmapped)
    scores = _scores(raw, unmapped)
    found = _configurations(raw, page, source)
    unmapped.update(f"learner {name}" for name, c in zip(_listed(raw["learner"]), found, strict=True) if not c.learner)
    frame = pd.concat([_fidelity(raw), scores], axis=1).assign(
        learner=[c.learner for c in found],
        configuration=[c.text for c in found],
        dataset=raw["dataset"].map({key: dataset_iri(key) for key in raw["dataset"].unique()}),
        standing=source.standing.value,
        locator=page.file + ":" + raw["row"].astype(str),
    )
    scored = scores.notna().any(axis=1)
    faults = [c.fault or ("" if has else "no score") for c, has in zip(found, scored, strict=True)]
    locators = _listed(frame["locator"])
    rejected = [Rejected(str(at), reason_of(f), f) for at, f in zip(locators, faults, strict=True) if f]
    kept = frame[np.array([not fault for fault in faults], dtype=bool)].reset_index(drop=True)
    kept["run_id"] = _run_ids(kept, source.name)
    return NormalRuns(kept, (*page.rejected, *rejected), dict(unmapped))


def reason_of(fault: str) -> str:
    """Return the name by which faults of one kind are counted: what is wrong, without the numbers.

    >>> reason_of("illegal value 0.0 of gamma: allowed is float in (0, inf)")
    'illegal value of gamma'
    """
    return re.sub(r"\s+", " ", _NUMBER.sub("", fault.partition(":")[0])).strip()


def _scores(raw: pd.DataFrame, unmapped: Counter[str]) -> pd.DataFrame:
    scores: dict[str, pd.Series] = {}
    for column in (name for name in raw.columns if name.startswith(SCORE_PREFIX)):
        name = column.removeprefix(SCORE_PREFIX)
        try:
            metric = metric_named(name)
        except UnknownNameError:
            unmapped[f"metric {name}"] += int(raw[column].notna().sum())
        else:
            scores[SCORE_PREFIX + metric.name] = _on_bounds(metric, raw[column].astype("float64"))
    return pd.DataFrame(scores, index=raw.index)


def _on_bounds(metric: Metric, values: pd.Series) -> pd.Series:
    values = values.replace([np.inf, -np.inf], np.nan)
    if metric.lower is not None:
        values = values.mask(values.lt(metric.lower) & values.gt(metric.lower - ROUNDING), metric.lower)
    if metric.upper is not None:
        values = values.mask(values.gt(metric.upper) & values.lt(metric.upper + ROUNDING), metric.upper)
    return values


def _configurations(raw: pd.DataFrame, page: RawRuns, source: Source) -> list[_Canonical]:
    known: dict[tuple[str, int], _Canonical] = {}
    pairs = list(zip(_listed(raw["learner"]), _listed(raw["configuration"]), strict=True))
    for learner, index in dict.fromkeys(pairs):
        known[learner, index] = _canonical(source.family, learner, page.configurations[index])
    return [known[pair] for pair in pairs]


def _canonical(family: str, learner: str, raw: Mapping[str, object]) -> _Canonical:
    spec = resolve(family, learner)
    if spec is None:
        return _Canonical(fault=f"unknown learner {learner!r}")
    try:
        configuration = canonical_configuration(spec, vocabulary(family, learner), raw)
    except RecordError as error:
        return _Canonical(learner=spec.name, fault=str(error))
    return _Canonical(learner=spec.name, text=_ENCODER.encode(configuration.root))


def _fidelity(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of cost and fidelity; the fidelity is null where it is full."""
    cost = {name: raw.get(name, np.nan) for name in ("seconds", "memory_mb")}
    frame = pd.DataFrame(cost, index=raw.index, dtype="float64")
    if "fidelity_kind" not in raw:
        return frame.assign(fidelity_kind=None, fidelity_value=np.nan, fidelity_full=np.nan)
    lower = raw["fidelity_value"].ne(raw["fidelity_full"]) & raw["fidelity_value"].notna()
    return frame.assign(
        fidelity_kind=raw["fidelity_kind"].where(lower, None),
        fidelity_value=raw["fidelity_value"].where(lower),
        fidelity_full=raw["fidelity_full"].where(lower),
    )


def _run_ids(frame: pd.DataFrame, source: str) -> list[str]:
    identity = ("dataset", "learner", "configuration", "fidelity_kind", "fidelity_value", "locator")
    columns = (_listed(frame[name]) for name in identity)
    return [run_digest(source, *values) for values in zip(*columns, strict=True)]


def _listed(column: pd.Series) -> list[Any]:
    """Return the values of a column, NaN where text is missing; by Arrow, which is much faster for text."""
    if not isinstance(column.dtype, pd.StringDtype):
        return column.tolist()
    return [np.nan if text is None else text for text in pa.array(column).to_pylist()]
