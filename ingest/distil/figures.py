"""What is asked of the engine for run summaries: one Ibis expression each, so that DuckDB and Spark can answer.

Both give the same figures to the last bit: counts, extremes and order statistics are exact, a median of two is half
their sum, and between two other order statistics is interpolated here and not by the engine, for engines round
differently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from ingest.distil.reading import with_gain
from ingest.distil.rounding import all_significant
from kg.engines import RunEngine
from kg.model import CategoricalParameter, Parameter, ParameterQuantiles, SearchSpace
from kg.run_columns import HP_PREFIX

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: Quantile levels of a numeric hyper-parameter over the top decile: the boxes q5-95, q10-90, q20-80, and the median.
LEVELS = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95)

Key: TypeAlias = tuple[str, str]
"""Data set and metric."""
_Keyed: TypeAlias = tuple[Key, ParameterQuantiles]
_GROUP = ["dataset", "metric"]


@dataclass(frozen=True)
class Figures:
    """What run summaries need to know of groups of runs."""

    statistics: Mapping[Key, Mapping[str, Any]]
    """How many runs (``n``), and ``best``, ``median`` and ``worst``, turned so that greater is better."""
    quantiles: Mapping[Key, tuple[ParameterQuantiles, ...]]
    """How the searched hyper-parameters lie over the best tenth."""

    def of(self, datasets: Collection[str]) -> Figures:
        """Return those of some data sets."""
        return Figures(
            {key: row for key, row in self.statistics.items() if key[0] in datasets},
            {key: row for key, row in self.quantiles.items() if key[0] in datasets},
        )


def figures_of(scores: Table, space: SearchSpace, engine: RunEngine) -> Figures:
    """Ask for the figures of all groups at full fidelity.

    Args:
        scores: Rows of the run table, of one learner.
        space: What was searched.
        engine: What `scores` are asked by.
    """
    ranked = _ranked(scores)
    statistics = {(row["dataset"], row["metric"]): row for row in _statistics(ranked)}
    with engine.lent(ranked.filter(ranked.rank < (ranked["size"] / 10).ceil())) as top:
        return Figures(statistics, _quantiles(top, space))


def _ranked(scores: Table) -> Table:
    """Return full-fidelity rows with ``gain`` (greater is better), ``rank`` in a group (from 0), and its ``size``."""
    import ibis

    full = with_gain(scores)
    return full.mutate(
        rank=ibis.row_number().over(group_by=_GROUP, order_by=[full.gain.desc(), full.run_id]),
        size=full.count().over(ibis.window(group_by=_GROUP)),
    )


def _statistics(ranked: Table) -> list[dict[str, Any]]:
    expression = ranked.group_by(_GROUP).aggregate(
        n=ranked.count(), best=ranked.gain.max(), median=ranked.gain.median(), worst=ranked.gain.min()
    )
    rows: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
    return rows


def _quantiles(top: Table, space: SearchSpace) -> dict[Key, tuple[ParameterQuantiles, ...]]:
    """Return, for each (data set, metric), how the searched hyper-parameters lie over the top decile."""
    choices = [p for p in space.tunable if isinstance(p, CategoricalParameter)]
    numeric = [p for p in space.tunable if not isinstance(p, CategoricalParameter)]
    found = [*_levels(top, numeric), *(keyed for parameter in choices for keyed in _shares(top, parameter))]
    order = {name: at for at, name in enumerate(space.names)}
    gathered: dict[Key, list[ParameterQuantiles]] = {}
    for key, quantiles in sorted(found, key=lambda keyed: order[keyed[1].parameter]):
        gathered.setdefault(key, []).append(quantiles)
    return {key: tuple(quantiles) for key, quantiles in gathered.items()}


def _levels(top: Table, parameters: Sequence[Parameter]) -> Iterator[_Keyed]:
    if not parameters:
        return
    numbers = {f"p{at}": top[HP_PREFIX + p.name].try_cast("float64") for at, p in enumerate(parameters)}
    gathered = top.group_by(_GROUP).aggregate(**{name: number.collect() for name, number in numbers.items()})
    # One name for the sorted values, so that they are sorted once and not for every level.
    values = gathered.mutate(**{name: gathered[name].sort() for name in numbers})
    for row in values.select(*_GROUP, **_neighbours(values, list(numbers))).to_pyarrow().to_pylist():
        for at, parameter in enumerate(parameters):
            n = row[f"p{at}n"]
            if n:  # without: the parameter is inactive in all of them
                pairs = [(row[f"p{at}low{i}"], row[f"p{at}high{i}"]) for i in range(len(LEVELS))]
                found = [interpolated(*pair, n=n, level=level) for pair, level in zip(pairs, LEVELS, strict=True)]
                quantiles = ParameterQuantiles(parameter=parameter.name, levels=LEVELS, values=all_significant(found))
                yield (row["dataset"], row["metric"]), quantiles


def _neighbours(values: Table, names: Sequence[str]) -> dict[str, Any]:
    """Return columns with the length of each sorted array, and the two of its values that each level lies between."""
    columns: dict[str, Any] = {}
    for name in names:
        last = values[name].length() - 1
        columns[f"{name}n"] = values[name].length()
        for i, level in enumerate(LEVELS):
            place = last.cast("float64") * level
            columns[f"{name}low{i}"] = values[name][place.floor().cast("int32")]
            columns[f"{name}high{i}"] = values[name][place.ceil().cast("int32")]
    return columns


def interpolated(low: float, high: float, *, n: int, level: float) -> float:
    """Return a quantile of `n` values that lies between two of them, the order statistics next to it.

    By the definition of Hyndman and Fan 1996 (Sample Quantiles in Statistical Packages), number 7, rounded once after
    the product with the greater one.
    """
    share = (n - 1) * level % 1.0
    return float(Fraction(low) * Fraction(1 - share) + Fraction(high * share))


def _shares(top: Table, parameter: Parameter) -> Iterator[_Keyed]:
    column = top[HP_PREFIX + parameter.name]
    active = top.filter(column.notnull()).mutate(choice=column)
    frame = active.group_by([*_GROUP, "choice"]).aggregate(n=active.count()).to_pandas()
    for key, rows in frame.sort_values([*_GROUP, "choice"]).groupby(_GROUP, sort=True):
        shares = dict(zip(rows["choice"], all_significant(rows["n"] / rows["n"].sum()), strict=True))
        yield (str(key[0]), str(key[1])), ParameterQuantiles(parameter=parameter.name, shares=shares)
