"""From the client's objects to the mirror's JSON: one function a kind of thing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
"""A JSON object."""

#: Characters of a data set's description that are kept.
MOST_DESCRIPTION = 5_000


def task_record(task: Any) -> Record:
    """Return ``{id, task_type, data_id, target, estimation_procedure, evaluation_measure, cost_matrix?}``."""
    record = {
        "id": int(task.task_id),
        "task_type": str(task.task_type),
        "data_id": int(task.dataset_id),
        "target": getattr(task, "target_name", None),
        "estimation_procedure": {
            "type": task.estimation_procedure.get("type"),
            "parameters": dict(task.estimation_procedure.get("parameters") or {}),
        },
        "evaluation_measure": task.evaluation_measure,
    }
    cost_matrix = getattr(task, "cost_matrix", None)
    return record if cost_matrix is None else {**record, "cost_matrix": cost_matrix}


def dataset_record(dataset: Any, qualities: dict[str, float], features: Iterable[Any]) -> Record:
    """Return a data set; a quality that is not a number is null."""
    targets = _names(dataset.default_target_attribute)
    ignored, row_ids = _names(dataset.ignore_attribute), _names(dataset.row_id_attribute)
    return {
        "id": int(dataset.dataset_id),
        "name": dataset.name,
        "version": int(dataset.version),
        "format": dataset.format,
        "licence": dataset.licence,
        "url": dataset.url,
        "upload_date": dataset.upload_date,
        "default_target_attribute": dataset.default_target_attribute,
        "status": None,
        "md5": dataset.md5_checksum,
        "description": (dataset.description or "")[:MOST_DESCRIPTION],
        "citation": dataset.citation,
        "qualities": {name: finite(value) for name, value in sorted(qualities.items())},
        "features": [
            {
                "index": feature.index,
                "name": feature.name,
                "data_type": feature.data_type,
                "is_target": feature.name in targets,
                "is_ignore": feature.name in ignored,
                "is_row_identifier": feature.name in row_ids,
                "number_of_missing_values": feature.number_missing_values,
                "n_nominal_values": None if feature.nominal_values is None else len(feature.nominal_values),
            }
            for feature in features
        ],
    }


def flow_record(flow: Any) -> Record:
    """Return a flow; its components are flows again, by the name that the flow has for each."""
    return {
        "id": None if flow.flow_id is None else int(flow.flow_id),
        "name": flow.name,
        "version": flow.version,
        "external_version": flow.external_version,
        "custom_name": flow.custom_name,
        "class_name": flow.class_name,
        "dependencies": flow.dependencies,
        "upload_date": flow.upload_date,
        "components": {key: flow_record(part) for key, part in flow.components.items()},
        "parameters": dict(flow.parameters),
    }


def setup_record(setup: Any) -> Record:
    """Return a setup with all its parameters, values and defaults as the text that OpenML has."""
    return {
        "setup_id": int(setup.setup_id),
        "flow_id": int(setup.flow_id),
        "parameters": [
            {
                "flow_id": parameter.flow_id,
                "flow_name": parameter.flow_name,
                "full_name": parameter.full_name,
                "name": parameter.parameter_name,
                "data_type": parameter.data_type,
                "default_value": parameter.default_value,
                "value": parameter.value,
            }
            for parameter in (setup.parameters or {}).values()
        ],
    }


def evaluation_record(evaluation: Any) -> Record:
    """Return an evaluation, all its fields."""
    return {
        "run_id": evaluation.run_id,
        "task_id": evaluation.task_id,
        "setup_id": evaluation.setup_id,
        "flow_id": evaluation.flow_id,
        "flow_name": evaluation.flow_name,
        "data_id": evaluation.data_id,
        "data_name": evaluation.data_name,
        "function": evaluation.function,
        "upload_time": evaluation.upload_time,
        "uploader": evaluation.uploader,
        "value": None if evaluation.value is None else finite(evaluation.value),
        "values": plain(evaluation.values),
        "array_data": evaluation.array_data,
    }


def run_record(run: Any) -> Record:
    """Return a run; settings have the name, the value and the flow (``component``) that OpenML gives them."""
    return {
        "run_id": int(run.run_id),
        "task_id": int(run.task_id),
        "flow_id": int(run.flow_id),
        "flow_name": run.flow_name,
        "setup_id": int(run.setup_id),
        "parameter_settings": [
            {
                "name": setting["oml:name"],
                "value": setting["oml:value"],
                "component": int(setting["oml:component"]) if setting.get("oml:component") else None,
            }
            for setting in run.parameter_settings or ()
        ],
        "evaluations": plain(run.evaluations or {}),
        "fold_evaluations": plain(run.fold_evaluations or {}),
    }


def finite(value: float) -> float | None:
    """Return a number that JSON has, or null."""
    return value if math.isfinite(value) else None


def plain(value: Any) -> Any:
    """Return a JSON value, with null for each number that JSON does not have."""
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def _names(attribute: str | list[str] | None) -> frozenset[str]:
    """Return the columns that OpenML names in a list, or in one text with commas between."""
    parts = attribute.split(",") if isinstance(attribute, str) else attribute or ()
    return frozenset(part.strip() for part in parts)
