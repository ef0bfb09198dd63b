"""Hold `kg.describe` against the qualities that OpenML published for data sets of which the tables are at hand.

    python -m benchmarks.metafeatures ../shared/data

Reference: openml-defaults where it has the task, since the moments of openml-pimp are mixed up between data sets; the
landmarkers of openml-pimp, which come from newer runs of the engine. Left out of the comparison: -1 (nothing applies),
and tree landmarkers of the years in which OpenML ignored their limits.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

from kg.arff import read_arff
from kg.describe import describe
from kg.landmarkers import ignores_limits
from kg.model import LANDMARKERS
from kg.table_files import read_frame
from kg.tables import prepare_table

#: OpenML task -> table with the same content, its target, and whether its columns are nominal though coded as numbers.
MATCHES = {
    6: ("letter.tsv.gz", "target", False),
    11: ("balance-scale.tsv.gz", "target", False),
    24: ("mushroom.arff", "class", False),
    28: ("optdigits.tsv.gz", "target", False),
    32: ("pendigits.tsv.gz", "target", False),
    37: ("diabetes.tsv.gz", "target", False),
    41: ("soybean.arff", "class", False),
    43: ("spambase.tsv.gz", "target", False),
    45: ("splice.arff", "Class", False),
    49: ("tic-tac-toe.tsv.gz", "target", True),
    58: ("waveform_40.tsv.gz", "target", False),
    3021: ("sick.arff", "Class", False),
    3492: ("monk1.tsv.gz", "target", True),
    9946: ("wdbc.tsv.gz", "target", False),
    9970: ("Hill_Valley_with_noise.tsv.gz", "target", False),
    125922: ("texture.tsv.gz", "target", False),
}
#: Limits hold in Weka, and ours follow them; older published values of these do not.
LIMITED = tuple(name for name in LANDMARKERS if name.startswith(("J48", "REPTree", "RandomTree")))


def published(folder: Path) -> dict[int, dict[str, float]]:
    """Return the published qualities of each OpenML task of `MATCHES`."""
    pimp = {int(k): v for k, v in json.loads((folder / "openml-pimp/task_qualities.json").read_text()).items()}
    lines = (folder / "openml-defaults/metafeatures_rng.arff").read_text().split("\n")
    defaults = read_arff(lines).frame.set_index("task_id")
    qualities = {}
    for task in MATCHES:
        landmarks = {name: value for name, value in pimp[task].items() if name.endswith("ErrRate")}
        qualities[task] = {**(defaults.loc[task].to_dict() if task in defaults.index else pimp[task]), **landmarks}
    return qualities


def compare(folder: Path) -> pd.DataFrame:
    """Return one row for each task and quality: ``task``, ``quality``, ``ours``, ``theirs``."""
    rows = []
    for task, theirs in published(folder).items():
        name, target, nominal = MATCHES[task]
        frame = read_frame(folder / "raw-datasets" / name)
        if nominal:
            frame = frame.astype({column: "category" for column in frame if column != target})
        skipped = LIMITED if ignores_limits(theirs) else ()
        rows += [
            (task, quality, ours, theirs[quality])
            for quality, ours in describe(prepare_table(frame, target)).items()
            if quality not in skipped and theirs.get(quality, -1) != -1 and not pd.isna(theirs[quality])
        ]
    return pd.DataFrame(rows, columns=["task", "quality", "ours", "theirs"])


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each quality: data sets compared, share within 0.1 %, median and greatest absolute difference."""
    rows = rows.assign(difference=(rows["ours"] - rows["theirs"]).abs())
    rows["same"] = rows["difference"] <= 1e-3 * rows["theirs"].abs() + 1e-9
    return rows.groupby("quality").agg(
        tables=("task", "size"), same=("same", "mean"), median=("difference", "median"), greatest=("difference", "max")
    )


if __name__ == "__main__":
    found = compare(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
    print(summary(found).round(4).to_string())
