"""Meta-features as sources publish them, made consistent: what counts determine is computed from the counts.

Defects seen in published qualities, and the rule that meets each whatever the source:

- a percentage given as a fraction (``MinorityClassPercentage`` 0.444 beside 222 of 500 rows): computed again;
- ``-1`` for "unknown" (Weka's habit) where a negative value is impossible: dropped;
- moments of numeric attributes where there is no numeric attribute: dropped.
"""

from __future__ import annotations

from kg.model import MetaFeatures

#: Percentage -> (count, total) that determine it; percentages are 0..100.
PERCENTAGES = {
    "MajorityClassPercentage": ("MajorityClassSize", "NumberOfInstances"),
    "MinorityClassPercentage": ("MinorityClassSize", "NumberOfInstances"),
    "PercentageOfNumericFeatures": ("NumberOfNumericFeatures", "NumberOfFeatures"),
    "PercentageOfSymbolicFeatures": ("NumberOfSymbolicFeatures", "NumberOfFeatures"),
    "PercentageOfBinaryFeatures": ("NumberOfBinaryFeatures", "NumberOfFeatures"),
    "PercentageOfInstancesWithMissingValues": ("NumberOfInstancesWithMissingValues", "NumberOfInstances"),
}

#: Qualities (by part of their name) that may be below zero.
_MAY_BE_NEGATIVE = ("Skewness", "Kurtosis", "Means", "Kappa", "AutoCorrelation")


def consistent(values: MetaFeatures) -> MetaFeatures:
    """Return `values` without what cannot be, and with what the counts determine computed from them.

    Args:
        values: OpenML quality names (those of other vocabularies are left alone).
    """
    kept = {name: value for name, value in values.items() if not _impossible(name, value, values)}
    for percentage, (count, total) in PERCENTAGES.items():
        if count in kept and kept.get(total, 0) > 0:
            kept[percentage] = 100 * kept[count] / kept[total]
    rows, columns = kept.get("NumberOfInstances", 0), kept.get("NumberOfFeatures", 0)
    if rows > 0 and columns > 0:
        kept["Dimensionality"] = columns / rows
        if "NumberOfMissingValues" in kept:
            kept["PercentageOfMissingValues"] = 100 * kept["NumberOfMissingValues"] / (rows * columns)
    return MetaFeatures(dict(sorted(kept.items())))


def _impossible(name: str, value: float, values: MetaFeatures) -> bool:
    if ":" in name:
        return False
    if name.endswith("NumericAtts") and values.get("NumberOfNumericFeatures", 1) == 0:
        return True
    return value < 0 and not any(part in name for part in _MAY_BE_NEGATIVE)
