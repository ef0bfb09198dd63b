"""The columns of the run table, and how a configuration is laid out in them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pandas as pd
import pyarrow as pa

from kg.model import Configuration, ParameterValue

#: The columns of every file, before the hyper-parameters.
COLUMNS = (
    "run_id",
    "source",
    "learner",
    "metric",
    "standing",
    "dataset",
    "score",
    "seconds",
    "memory_mb",
    "fidelity_kind",
    "fidelity_value",
    "fidelity_full",
    "locator",
)
#: The columns that a row in quarantine has beside them.
QUARANTINE_COLUMNS = ("rule", "reason")
#: A column of this prefix holds the values of one hyper-parameter, as JSON text.
HP_PREFIX = "hp."
#: The columns that hold numbers; all others hold text.
NUMERIC = frozenset({"score", "seconds", "memory_mb", "fidelity_value", "fidelity_full"})


def run_digest(*identity: object) -> str:
    """Return 16 hexadecimal digits that name a run by what identifies it (source, data set, learner, ...)."""
    text = "\x1f".join("" if part is None else str(part) for part in identity)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def to_hp_columns(configurations: Sequence[Configuration | Mapping[str, ParameterValue]]) -> pd.DataFrame:
    """Return one ``hp.<name>`` column a hyper-parameter: JSON text of its value, None where it is inactive."""
    names = sorted({name for configuration in configurations for name in configuration})
    return pd.DataFrame(
        {HP_PREFIX + name: [_dumped(c[name]) if name in c else None for c in configurations] for name in names},
        index=range(len(configurations)),
        dtype="object",
    )


def from_hp_columns(frame: pd.DataFrame) -> tuple[Configuration, ...]:
    """Return the configuration of every row of `frame`, in order; the other way round of `to_hp_columns`."""
    # Values that were validated on the way in need no second look: this is 50 times faster than validating.
    return tuple(Configuration.model_construct(values) for values in values_of(frame))


def values_of(frame: pd.DataFrame) -> list[dict[str, ParameterValue]]:
    """Return the configuration of every row of `frame` as a plain dictionary, in order."""
    found: list[dict[str, ParameterValue]] = [{} for _ in range(len(frame))]
    for column in (name for name in frame.columns if name.startswith(HP_PREFIX)):
        name = column.removeprefix(HP_PREFIX)
        # By Arrow, as it hands out text ten times faster than pandas does.
        for values, text in zip(found, pa.array(frame[column], from_pandas=True).to_pylist(), strict=True):
            if text is not None:
                values[name] = _loaded(text)
    return found


def column_order(names: Iterable[str]) -> list[str]:
    """Return `names` in the order of the table: fixed columns, those of quarantine, hyper-parameters by name."""
    given = set(names)
    fixed = [name for name in (*COLUMNS, *QUARANTINE_COLUMNS) if name in given]
    return fixed + sorted(given.difference(fixed))


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def _dumped(value: ParameterValue) -> str:
    """Return JSON text; numbers, of which there are most, by the short way that the encoder takes in the end."""
    if type(value) is float and math.isfinite(value):
        return float.__repr__(value)
    return int.__repr__(value) if type(value) is int else _ENCODER.encode(value)


@lru_cache(maxsize=100_000)
def _loaded(text: str) -> ParameterValue:
    if text[0] in "-0123456789":  # by far the most, and the parser would take three times as long
        return int(text) if text.lstrip("-").isdigit() else float(text)
    value: ParameterValue = json.loads(text)
    return value
