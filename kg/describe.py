"""Describe a table by meta-features under OpenML's names and definitions: one definition for stored and new data sets.

Definitions follow the qualities of OpenML (https://www.openml.org/search?type=measure&measure_type=data_quality):
percentages run from 0 to 100, the target counts among the features, entropies are in bits, moments are corrected
for bias, quartiles use position p(n + 1). Identifier columns are left out, as OpenML leaves out row ids; text and dates
count among the features, but are neither numeric nor symbolic.

In regression the class-based qualities are absent, NumberOfClasses is 0, and the target counts as numeric.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kg.columns import ColumnKind
from kg.landmarkers import landmarks
from kg.model import MetaFeatures, TaskType
from kg.nominal import entropy, mutual_information, value_counts
from kg.tables import Table, prepare_table

Numbers = np.ndarray[Any, np.dtype[np.float64]]

#: Statistics of numeric attributes, as OpenML names them, in the order of the result of `moments`.
_MOMENTS = ("Means", "StdDev", "Skewness", "Kurtosis")
#: Cells that are turned into floating point at once; bounds the memory of a wide table.
_BLOCK_CELLS = 5_000_000


def describe(
    source: Table | Any,
    target: Any = None,
    *,
    task_type: TaskType | str | None = None,
    landmarkers: bool = True,
    seed: int = 0,
) -> MetaFeatures:
    """Return the meta-features of a table.

    Args:
        source: A `Table`, or whatever `prepare_table` takes (path, DataFrame, array, sparse matrix).
        target: As for `prepare_table`; not used where `source` is a `Table`.
        task_type: As for `prepare_table`; not used where `source` is a `Table`.
        landmarkers: Whether to run the quick learners too (classification only; on a sample of large tables).
        seed: Seed of that sample, its folds and the random trees.

    Returns:
        OpenML quality name -> value. What does not apply (nominal qualities without nominal columns) is absent.

    Raises:
        TableError: Nothing can be learnt from the table.
    """
    table = source if isinstance(source, Table) else prepare_table(source, target, task_type)
    numeric, nominal = _by_type(table)
    values = _counts(table, numeric, nominal)
    values |= _of_numeric(table.features, numeric)
    if table.task_type is TaskType.CLASSIFICATION:
        values |= _of_classes(table)
    values |= _of_nominal(table, nominal)
    if landmarkers and table.task_type is TaskType.CLASSIFICATION:
        values |= landmarks(table, seed=seed)
    return MetaFeatures({name: float(value) for name, value in values.items()})


def moments(columns: Numbers) -> Numbers:
    """Return mean, standard deviation, skewness and excess kurtosis of each column, missing values left out.

    All are the sample estimates corrected for bias (G1 and G2 of Joanes & Gill 1998), NaN where there are too few
    values or no spread.

    Returns:
        Shape (4, columns).
    """
    n = np.sum(~np.isnan(columns), axis=0).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(columns, axis=0) / n
        centred = np.nan_to_num(columns - mean)
        square = centred * centred
        m2, m3, m4 = square.sum(0), (square * centred).sum(0), (square * square).sum(0)
        variance = m2 / (n - 1)
        skewness = n / ((n - 1) * (n - 2)) * m3 / variance**1.5
        kurtosis = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * m4 / variance**2
        kurtosis -= 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    # Rounding leaves a constant column with a tiny spread, whose higher moments would be noise.
    flat = m2 <= 1e-24 * n * np.maximum(mean * mean, 1e-300)
    skewness[flat | (n < 3)] = np.nan
    kurtosis[flat | (n < 4)] = np.nan
    deviation = np.where(n < 2, 0.0, np.sqrt(variance))
    return np.stack([mean, deviation, skewness, kurtosis])


def quartiles(values: Numbers) -> Numbers:
    """Return the three quartiles of `values` at position p(n + 1) (type 6 of Hyndman & Fan 1996)."""
    return np.quantile(values, [0.25, 0.5, 0.75], method="weibull")


def _by_type(table: Table) -> tuple[list[str], list[str]]:
    numeric: list[str] = []
    nominal: list[str] = []
    for name, kind in table.kinds.items():
        if kind in {ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.DATETIME}:
            continue
        words = isinstance(table.features[name].dtype, pd.CategoricalDtype)
        (nominal if words else numeric).append(name)
    return numeric, nominal


def _counts(table: Table, numeric: list[str], nominal: list[str]) -> dict[str, float]:
    classes = len(table.classes)
    is_class = int(classes > 0)
    counted = [name for name, kind in table.kinds.items() if kind is not ColumnKind.IDENTIFIER]
    gaps = np.zeros(table.n_rows, dtype=np.int64)
    for name in counted:
        gaps += table.features[name].isna().to_numpy()
    binary = sum(len(value_counts(table.features[name])) == 2 for name in nominal) + (classes == 2)
    rows, features = table.n_rows, len(counted) + 1
    return {
        "NumberOfInstances": rows,
        "NumberOfFeatures": features,
        "NumberOfClasses": classes,
        "NumberOfNumericFeatures": len(numeric) + 1 - is_class,
        "NumberOfSymbolicFeatures": len(nominal) + is_class,
        "NumberOfBinaryFeatures": binary,
        "NumberOfMissingValues": gaps.sum(),
        "NumberOfInstancesWithMissingValues": np.count_nonzero(gaps),
        "PercentageOfNumericFeatures": 100 * (len(numeric) + 1 - is_class) / features,
        "PercentageOfSymbolicFeatures": 100 * (len(nominal) + is_class) / features,
        "PercentageOfBinaryFeatures": 100 * binary / features,
        "PercentageOfMissingValues": 100 * gaps.sum() / (rows * features),
        "PercentageOfInstancesWithMissingValues": 100 * np.count_nonzero(gaps) / rows,
        "Dimensionality": features / rows,
    }


def _of_classes(table: Table) -> dict[str, float]:
    codes = table.encoded_target
    counts = np.bincount(codes.astype(int))
    return {
        "MajorityClassSize": counts.max(),
        "MinorityClassSize": counts.min(),
        "MajorityClassPercentage": 100 * counts.max() / len(codes),
        "MinorityClassPercentage": 100 * counts.min() / len(codes),
        "DefaultAccuracy": counts.max() / len(codes),
        "ClassEntropy": entropy(counts),
        "AutoCorrelation": float(np.mean(codes[1:] == codes[:-1])),
    }


def _of_numeric(features: pd.DataFrame, numeric: list[str]) -> dict[str, float]:
    if not numeric:
        return {}
    step = max(1, _BLOCK_CELLS // max(1, len(features)))
    blocks = [
        moments(features[numeric[start : start + step]].to_numpy(dtype=float)) for start in range(0, len(numeric), step)
    ]
    values: dict[str, float] = {}
    for name, row in zip(_MOMENTS, np.concatenate(blocks, axis=1), strict=True):
        values |= dict(_spread(row, f"{name}OfNumericAtts"))
    return values


def _of_nominal(table: Table, nominal: list[str]) -> dict[str, float]:
    distinct = [len(value_counts(table.features[name])) for name in nominal] + (
        [len(table.classes)] if table.classes else []
    )
    values: dict[str, float] = {}
    if distinct:
        values |= {
            "MinNominalAttDistinctValues": min(distinct),
            "MaxNominalAttDistinctValues": max(distinct),
            "MeanNominalAttDistinctValues": float(np.mean(distinct)),
            "StdvNominalAttDistinctValues": float(np.std(distinct, ddof=1)) if len(distinct) > 1 else 0.0,
        }
    if nominal and table.classes:
        values |= _information(table, nominal)
    return values


def _information(table: Table, nominal: list[str]) -> dict[str, float]:
    classes = table.encoded_target.astype(int)
    codes = [_mode_filled(table.features[name]) for name in nominal]
    entropies = np.array([entropy(np.bincount(column)) for column in codes])
    shared = np.array([mutual_information(column, classes) for column in codes])
    values = dict(_spread(entropies, "AttributeEntropy")) | dict(_spread(shared, "MutualInformation"))
    if (mean := float(shared.mean())) > 0:
        values["EquivalentNumberOfAtts"] = entropy(np.bincount(classes)) / mean
        values["MeanNoiseToSignalRatio"] = (float(entropies.mean()) - mean) / mean
    return values


def _mode_filled(column: pd.Series) -> np.ndarray[Any, Any]:
    """Return the codes of a nominal column, gaps filled by its commonest value, as OpenML's engine fills them."""
    codes = column.cat.codes.to_numpy().astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.where(codes < 0, counts.argmax(), codes)


def _spread(values: Numbers, name: str) -> Iterator[tuple[str, float]]:
    """Yield minimum, mean, maximum and quartiles of the known `values` under OpenML's names."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return
    yield f"Min{name}", float(known.min())
    yield f"Mean{name}", float(known.mean())
    yield f"Max{name}", float(known.max())
    for number, value in enumerate(quartiles(known), start=1):
        yield f"Quartile{number}{name}", float(value)
