"""FLAML's zero-shot configurations (Wang et al. 2021), in an environment of its own: nothing of Tunegraph is imported.

``python flaml_default.py < shapes.json``: a list of ``[estimator, rows, columns, classes, numeric share]``; writes the
list of configurations, as FLAML names their hyper-parameters.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
from flaml.default.suggest import suggest_config


def main() -> None:
    json.dump([zero_shot(*shape) for shape in json.load(sys.stdin)], sys.stdout)


def zero_shot(estimator: str, rows: int, columns: int, classes: int, numeric: float) -> dict[str, Any]:
    """Return the configuration for a table of that shape: FLAML looks at nothing else."""
    table = pd.DataFrame(np.zeros((rows, columns), dtype=np.int8))
    texts = round((1.0 - numeric) * columns)
    table = table.astype(dict.fromkeys(table.columns[:texts], "category"))
    target = np.arange(rows) % classes
    (found,) = suggest_config("classification", table, target, estimator, k=1)
    return dict(found["hyperparameters"])


if __name__ == "__main__":
    main()
