"""Small mirrors, written file by file as the fetcher writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class MirrorWriter:
    """Writes the files of a mirror below ``<raw>/openml``.

    Args:
        raw: The folder of raw files.
    """

    def __init__(self, raw: Path) -> None:
        self.raw = raw
        self.folder = raw / "openml"

    def write(self, name: str, content: object) -> Path:
        """Write any file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, separators=(",", ":")))
        return path

    def server(self, url: str) -> None:
        """Say which server it is a mirror of."""
        self.write("state.json", {"server": url})

    def dataset(self, number: int, name: str = "", **fields: Any) -> None:
        """Write a data set with the qualities of 100 rows, 5 columns and 2 classes."""
        qualities = {
            "NumberOfInstances": 100.0,
            "NumberOfFeatures": 5.0,
            "NumberOfClasses": 2.0,
            "MajorityClassSize": 60.0,
            "MinorityClassSize": 40.0,
            "NumberOfNumericFeatures": 4.0,
            "NumberOfSymbolicFeatures": 1.0,
            "NumberOfMissingValues": 0.0,
        }
        record = {
            "id": number,
            "name": name or f"data-{number}",
            "version": 1,
            "licence": "Public",
            "url": f"https://www.openml.org/data/v1/download/{number}/data.arff",
            "default_target_attribute": "class",
            "description": "A table.",
            "qualities": qualities,
            "features": [{"index": i, "name": f"x{i}", "is_target": False} for i in range(4)]
            + [{"index": 4, "name": "class", "is_target": True}],
        }
        self.write(f"datasets/{number}.json", record | fields)

    def task(self, number: int, data_id: int, kind: str = "Supervised Classification", **fields: Any) -> None:
        """Write a task of ten-fold cross-validation."""
        record = {
            "id": number,
            "task_type": kind,
            "data_id": data_id,
            "target": "class",
            "estimation_procedure": {
                "type": "crossvalidation",
                "parameters": {"number_repeats": "1", "number_folds": "10"},
            },
            "evaluation_measure": "predictive_accuracy",
        }
        self.write(f"tasks/{number}.json", record | fields)

    def setups(self, setups: Mapping[int, Sequence[Row]], flow_id: int = 1) -> Path:
        """Write a chunk of setups: id -> parameters (see `parameters`)."""
        content = [{"setup_id": i, "flow_id": flow_id, "parameters": list(given)} for i, given in setups.items()]
        return self.write(f"setups/{min(setups)}-{len(setups)}.json", content)

    def page(self, task: int, function: str, rows: Sequence[Row], *, offset: int = 0, folder: str = "") -> Path:
        """Write a page of evaluations."""
        name = f"evaluations/{task}/{folder or function}/page-{offset}-{len(rows)}.json"
        filled = [{"task_id": task, "function": function, **row} for row in rows]
        return self.write(name, {"request": {}, "fetched": "2026-11-21T08:00:00", "rows": filled})


def evaluation(run: int, value: float | None, *, flow: str, setup: int, data: int = 1, **fields: Any) -> Row:
    """Return an evaluation as OpenML's list has it."""
    row = {
        "run_id": run,
        "setup_id": setup,
        "flow_id": 1,
        "flow_name": flow,
        "data_id": data,
        "data_name": f"data-{data}",
        "upload_time": "2020-01-01 00:00:00",
        "uploader": 1,
        "value": value,
        "values": None,
        "array_data": None,
    }
    return row | fields


def parameters(component: str, settings: Mapping[str, Any], *, as_json: bool = True) -> list[Row]:
    """Return a setup's parameters of one component (a flow's name, with or without version)."""
    plain = component[: component.rindex("(")] if component.endswith(")") and component[-2].isdigit() else component
    return [
        {
            "flow_id": 1,
            "flow_name": plain,
            "full_name": f"{plain}(1)_{name}",
            "name": name,
            "data_type": None,
            "default_value": None,
            "value": json.dumps(value) if as_json else value,
        }
        for name, value in settings.items()
    ]


def chunked(rows: Iterable[Row], size: int) -> list[list[Row]]:
    """Return `rows`, `size` at a time."""
    every = list(rows)
    return [every[start : start + size] for start in range(0, len(every), size)]
