"""Coarse bands for meta-features: what an anonymised model is told of a data set fits several that are publicly known.

told = told_bands(task.meta_features, store.datasets())      # {"rows": "300 to 1,000", "columns": "10 to 30"}

Names are one way to know a data set again, and its exact sizes another: most data sets of the graph are the only one
with their rows, columns and classes. So what is told is made coarser until at least `LEAST_ALIKE` known data sets fit
it (k-anonymity: Sweeney 2002, "k-anonymity: a model for protecting privacy"), and what fits fewer is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from kg.iris import plain_name
from kg.model import Dataset, MetaFeatures

#: Name of what is told -> band, in words.
Bands: TypeAlias = Mapping[str, str]

#: Known data sets, of different names, that must fit what is told.
LEAST_ALIKE: Final = 5
#: Factor within which rows and columns are near those of another data set.
NEAR: Final = 2.0

#: What is told, the finest first: names, and bands of a power of ten for counts.
_LADDER: Final[Sequence[tuple[tuple[str, ...], int]]] = (
    (("rows", "columns", "classes", "rarest_class", "missing"), 2),
    (("rows", "columns", "classes", "rarest_class"), 2),
    (("rows", "columns", "classes"), 2),
    (("rows", "columns"), 2),
    (("rows", "columns"), 1),
    (("rows",), 1),
)
#: Meta-features that count something of the data set, and from where such a count may tell it.
_SIZES: Final = ("NumberOfInstances", "NumberOfFeatures", "MinorityClassSize", "MajorityClassSize")
_LEAST_SIZE: Final = 10
#: Upper bounds of bands of percentages; what is above the last is one more.
_PERCENT: Final = (1.0, 5.0, 20.0)


def told_bands(features: MetaFeatures, known: Iterable[Dataset], *, least: int = LEAST_ALIKE) -> Bands:
    """Return the finest bands of a data set that at least `least` known data sets of different names fit.

    Args:
        features: Of the data set.
        known: What is publicly known; what is not, such as the user's own studies, is passed over.
        least: How many must fit.
    """
    others = [one for one in known if not one.provenance.is_own]
    for names, per_ten in _LADDER:
        told = _some(features, names, per_ten)
        alike = {plain_name(one.name) for one in others if _some(one.meta_features, names, per_ten) == told}
        if told and len(alike) >= least:
            return told
    return {}


def fits(features: MetaFeatures, told: Bands) -> bool:
    """Say whether a data set may be the one that `told` is told of: no band of it is another."""
    return any(all(_band(features, name, per_ten) == band for name, band in told.items()) for per_ten in (2, 1))


def bands_like(features: MetaFeatures, told: Bands) -> Bands:
    """Return the bands of another data set under the names that are told of the first."""
    return _some(features, tuple(told), 2)


def near_equal(features: MetaFeatures, known: Iterable[Dataset]) -> tuple[Dataset, ...]:
    """Return the known data sets whose rows and columns are both within a factor of `NEAR`; their names give away."""
    wanted = _sizes(features)
    return tuple(one for one in known if _are_near(wanted, _sizes(one.meta_features)))


def _are_near(left: Sequence[float], right: Sequence[float]) -> bool:
    pairs = list(zip(left, right, strict=True))
    return all(min(a, b) > 0 and max(a, b) <= NEAR * min(a, b) for a, b in pairs)


def _sizes(features: MetaFeatures) -> tuple[float, float]:
    return features.get("NumberOfInstances", 0.0), features.get("NumberOfFeatures", 0.0)


def _some(features: MetaFeatures, names: Sequence[str], per_ten: int) -> Bands:
    found = {name: _band(features, name, per_ten) for name in names}
    return {name: band for name, band in found.items() if band}


def _band(features: MetaFeatures, name: str, per_ten: int) -> str:
    """Return the band of one meta-feature, '' where it is not known."""
    match name:
        case "rows":
            return _count(features.get("NumberOfInstances"), per_ten)
        case "columns":
            columns = features.get("NumberOfFeatures")
            return _count(None if columns is None else columns - 1, per_ten)
        case "classes":
            return _classes(features.get("NumberOfClasses"))
        case "rarest_class":
            return _percentage(features.get("MinorityClassPercentage"))
        case _:
            missing = features.get("PercentageOfMissingValues")
            return "none" if missing == 0 else _percentage(missing)


def _count(count: float | None, per_ten: int) -> str:
    if count is None or not math.isfinite(count) or count < 1:
        return ""
    step = math.floor(per_ten * math.log10(count) + 1e-9)
    return f"{_edge(step, per_ten):,} to {_edge(step + 1, per_ten):,}"


def _edge(step: int, per_ten: int) -> int:
    """Return a power of ten, or about the middle of two (3 for the root of 10)."""
    power, rest = divmod(step, per_ten)
    return int((3 if rest else 1) * 10**power)


def _classes(classes: float | None) -> str:
    if classes is None or classes < 2:
        return ""
    return "2" if classes == 2 else "3 to 10" if classes <= 10 else "more than 10"


def _percentage(share: float | None) -> str:
    if share is None or not math.isfinite(share):
        return ""
    over = [bound for bound in _PERCENT if share >= bound]
    below = [bound for bound in _PERCENT if share < bound]
    low, high = (f"{one[i]:g}" if one else "" for one, i in ((over, -1), (below, 0)))
    return f"{low} to {high} %" if low and high else f"below {high} %" if high else f"{low} % or more"


def without_sizes(text: str, features: MetaFeatures) -> str:
    """Return words without the numbers of rows, columns and class members of a data set, however they are written."""
    sizes = {round(features[name]) for name in _SIZES if math.isfinite(features.get(name, math.nan))}
    sizes |= {round(features["NumberOfFeatures"]) - 1} if "NumberOfFeatures" in features else set()
    for size in sorted((one for one in sizes if one >= _LEAST_SIZE), reverse=True):
        text = re.sub(rf"(?<![\d.,]){size}(?![\d.]*\d)|(?<![\d.,]){size:,}(?![\d.,]*\d)", "(withheld)", text)
    return text
