"""What the test server serves: real responses, and real runs in OpenML's format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.ingest.sources.openml.openml_server import NAMESPACE, Catalogue

_OML = {"oml": "http://openml.org/openml"}


def recorded(folder: Path) -> Catalogue:
    """Return the real responses below `folder` (``openml-python-xml``), which come from OpenML's test server.

    The list of evaluations is made of those that the recorded runs have; their upload times are made up.
    """
    found = Catalogue()
    for base in (folder / "tests/files/org/openml/test", folder / "examples/cache/org/openml/test"):
        for kind, file, word in (("tasks", "task", "task"), ("flows", "flow", "flow"), ("runs", "description", "run")):
            for path in sorted(base.glob(f"{kind}/*/{file}.xml")):
                text = path.read_text()
                number = ET.fromstring(text).findtext("oml:run_id", path.parent.name, _OML)
                found.pages[f"{word}/{number}"] = text
        for path in sorted(base.glob("datasets/[0-9]*/*.xml")):
            word = {"description": "data", "features": "data/features", "qualities": "data/qualities"}[path.stem]
            found.pages[f"{word}/{path.parent.name}"] = path.read_text()
            found.statuses[int(path.parent.name)] = "active"
        for path in sorted(base.glob("setups/*/description.xml")):
            text = re.sub(r"<oml:setup_parameters[^>]*>", "<oml:setup>", path.read_text())
            found.setups[int(path.parent.name)] = text.replace("</oml:setup_parameters>", "</oml:setup>")
    runs = [ET.fromstring(text) for name, text in found.pages.items() if name.startswith("run/")]
    found.evaluations = [row for run in sorted(runs, key=_run_id) for row in _evaluations_of(run)]
    tasks = {int(name.partition("/")[2]) for name in found.pages if name.startswith("task/")}
    tasks |= {int(row["task_id"]) for row in found.evaluations}
    found.add_suite(1, "recorded", sorted(tasks), sorted(found.statuses))
    return found


def _run_id(run: ET.Element) -> int:
    return int(run.findtext("oml:run_id", "", _OML))


def _evaluations_of(run: ET.Element) -> Iterable[dict[str, str | int | float]]:
    text = {name: run.findtext(f"oml:{name}", "", _OML) for name in ("run_id", "task_id", "setup_id", "flow_id")}
    for evaluation in run.iterfind("oml:output_data/oml:evaluation", _OML):
        value = evaluation.findtext("oml:value", None, _OML)
        if "fold" in evaluation.attrib or value is None:
            continue
        yield {
            **text,
            "flow_name": run.findtext("oml:flow_name", "", _OML),
            "data_id": run.findtext("oml:input_data/oml:dataset/oml:did", "", _OML),
            "data_name": run.findtext("oml:input_data/oml:dataset/oml:name", "", _OML),
            "function": evaluation.findtext("oml:name", "", _OML),
            "upload_time": "2019-07-13 20:56:25",
            "uploader": 1,
            "value": value,
        }


#: What flow 6969 and 6970 are made of: component -> (id, name). The ids of the components are made up.
_COMPONENTS = {
    "randomforestclassifier": (69691, "sklearn.ensemble.forest.RandomForestClassifier"),
    "adaboostclassifier": (69701, "sklearn.ensemble.weight_boosting.AdaBoostClassifier"),
    "adaboostclassifier__base_estimator": (69702, "sklearn.tree.tree.DecisionTreeClassifier"),
    "columntransformer__numeric__imputer": (69692, "sklearn.preprocessing.imputation.Imputer"),
}


def pimp(
    folder: Path,
    *,
    n_tasks: int = 3,
    n_runs: int = 60,
    files: tuple[str, ...] = ("random_forest.arff", "adaboost.arff"),
) -> Catalogue:
    """Return real runs of flows 6969 and 6970 (``openml-pimp``), as OpenML serves them; suite 99, alias ``pimp``.

    The files have scores, settings and tasks. Made up are the ids of runs, setups and components (one after the other),
    the upload times (a run an hour from 2018 on), and the data sets' features. A data set's id is its task's + 100,000.

    Args:
        folder: The folder of the files.
        n_tasks: The first so many tasks.
        n_runs: Runs of each flow on each task.
        files: Which of the files.
    """
    found, rows = Catalogue(), []
    qualities = json.loads((folder / "task_qualities.json").read_text())
    for name in files:
        rows += _arff_rows(folder / name, n_tasks, n_runs)
    setups: dict[tuple[int, tuple[tuple[str, str], ...]], int] = {}
    for number, (flow, settings, task, score) in enumerate(rows):
        setup = setups.setdefault((flow, settings), len(setups) + 1)
        found.evaluations.append(
            {
                "run_id": 1000 + number,
                "task_id": task,
                "setup_id": setup,
                "flow_id": flow,
                "flow_name": f"{_flow_name(name for name, _ in settings)}(1)",
                "data_id": 100_000 + task,
                "data_name": f"data-{task}",
                "function": "predictive_accuracy",
                "upload_time": str(datetime(2018, 1, 1) + timedelta(hours=number)),  # noqa: DTZ001
                "uploader": 1 + number % 3,
                "value": score,
            }
        )
    for (flow, settings), setup in setups.items():
        found.setups[setup] = _setup(setup, flow, settings)
        found.pages.setdefault(f"flow/{flow}", _flow(flow, [name for name, _ in settings]))
    tasks = sorted({row[2] for row in rows})
    for task in tasks:
        _add_task(found, task, qualities.get(str(task), {}))
    found.add_suite(99, "pimp", tasks, [100_000 + task for task in tasks])
    return found


def _arff_rows(path: Path, n_tasks: int, n_runs: int) -> list[tuple[int, tuple[tuple[str, str], ...], int, float]]:
    lines = path.read_text().splitlines()
    flow = int(json.loads(lines[0].lstrip("% "))["flow_id"])
    columns = [line.split()[1] for line in lines if line.upper().startswith("@ATTRIBUTE")]
    kept: dict[int, list[tuple[int, tuple[tuple[str, str], ...], int, float]]] = {}
    for line in lines[lines.index("@DATA") + 1 :]:
        row = dict(zip(columns, line.split(","), strict=True))
        task, score = int(float(row.pop("task_id"))), float(row.pop("predictive_accuracy"))
        row.pop("area_under_roc_curve", None)
        runs = kept.setdefault(task, [])
        if len(runs) < n_runs:
            runs.append((flow, tuple(sorted(row.items())), task, score))
    return [run for task in sorted(kept)[:n_tasks] for run in kept[task]]


def _flow_name(columns: Iterable[str]) -> str:
    last = "adaboostclassifier" if any(name.startswith("ada") for name in columns) else "randomforestclassifier"
    inner = _COMPONENTS[last][1]
    if last.startswith("ada"):
        inner += f"(base_estimator={_COMPONENTS['adaboostclassifier__base_estimator'][1]})"
    numeric = f"sklearn.pipeline.Pipeline(imputer={_COMPONENTS['columntransformer__numeric__imputer'][1]})"
    transformer = f"sklearn.compose._column_transformer.ColumnTransformer(numeric={numeric})"
    return f"sklearn.pipeline.Pipeline(columntransformer={transformer},{last}={inner})"


def _serialised(value: str) -> str:
    """Return a value as openml-python writes it: JSON."""
    plain = {"None": "null", "True": "true", "False": "false"}.get(value)
    if plain is None:
        plain = value if re.fullmatch(r"[-+0-9.eE]+", value) else json.dumps(value)
    return plain


def _setup(setup: int, flow: int, settings: tuple[tuple[str, str], ...]) -> str:
    parameters = []
    for number, (column, value) in enumerate(settings):
        component, _, name = column.rpartition("__")
        flow_id, flow_name = _COMPONENTS[component]
        parameters.append(
            f"<oml:parameter><oml:id>{flow * 100 + number}</oml:id><oml:flow_id>{flow_id}</oml:flow_id>"
            f"<oml:flow_name>{flow_name}</oml:flow_name><oml:full_name>{flow_name}(1)_{name}</oml:full_name>"
            f"<oml:parameter_name>{name}</oml:parameter_name><oml:data_type></oml:data_type>"
            f"<oml:default_value>null</oml:default_value><oml:value>{escape(_serialised(value))}</oml:value>"
            "</oml:parameter>"
        )
    body = "".join(parameters)
    return f"<oml:setup><oml:setup_id>{setup}</oml:setup_id><oml:flow_id>{flow}</oml:flow_id>{body}</oml:setup>"


def _flow(flow: int, columns: list[str]) -> str:
    def text(number: int, name: str, inside: str) -> str:
        return (
            f"<oml:id>{number}</oml:id><oml:uploader>1</oml:uploader><oml:name>{name}</oml:name>"
            f"<oml:class_name>{name.partition('(')[0]}</oml:class_name><oml:version>1</oml:version>"
            "<oml:external_version>openml==0.8.0,sklearn==0.20.0</oml:external_version>"
            "<oml:description>Automatically created scikit-learn flow.</oml:description>"
            "<oml:upload_date>2018-01-01T00:00:00</oml:upload_date><oml:language>English</oml:language>"
            f"<oml:dependencies>sklearn==0.20.0</oml:dependencies>{inside}"
        )

    parts: dict[str, list[str]] = {}
    for column in columns:
        component, _, name = column.rpartition("__")
        parts.setdefault(component, []).append(name)
    inside = ""
    for component, names in parts.items():
        parameters = "".join(
            f"<oml:parameter><oml:name>{name}</oml:name><oml:data_type></oml:data_type>"
            "<oml:default_value>null</oml:default_value><oml:description></oml:description></oml:parameter>"
            for name in names
        )
        flow_text = text(*_COMPONENTS[component], parameters)
        inside += (
            f"<oml:component><oml:identifier>{component}</oml:identifier>"
            f"<oml:flow {NAMESPACE}>{flow_text}</oml:flow></oml:component>"
        )
    return f"<oml:flow {NAMESPACE}>{text(flow, _flow_name(columns), inside)}</oml:flow>"


def _add_task(found: Catalogue, task: int, qualities: dict[str, float]) -> None:
    data = 100_000 + task
    found.statuses[data] = "active"
    found.pages[f"task/{task}"] = (
        f"<oml:task {NAMESPACE}><oml:task_id>{task}</oml:task_id><oml:task_type_id>1</oml:task_type_id>"
        '<oml:task_type>Supervised Classification</oml:task_type><oml:input name="source_data"><oml:data_set>'
        f"<oml:data_set_id>{data}</oml:data_set_id><oml:target_feature>class</oml:target_feature></oml:data_set>"
        '</oml:input><oml:input name="estimation_procedure"><oml:estimation_procedure><oml:id>1</oml:id>'
        "<oml:type>crossvalidation</oml:type><oml:data_splits_url>x</oml:data_splits_url>"
        '<oml:parameter name="number_repeats">1</oml:parameter><oml:parameter name="number_folds">10</oml:parameter>'
        "</oml:estimation_procedure></oml:input></oml:task>"
    )
    found.pages[f"data/{data}"] = (
        f"<oml:data_set_description {NAMESPACE}><oml:id>{data}</oml:id><oml:name>data-{task}</oml:name>"
        "<oml:version>1</oml:version><oml:description>Grüße</oml:description><oml:format>ARFF</oml:format>"
        "<oml:upload_date>2014-04-06T23:19:24</oml:upload_date><oml:licence>Public</oml:licence>"
        f"<oml:url>https://example.org/{data}.arff</oml:url><oml:file_id>1</oml:file_id>"
        "<oml:default_target_attribute>class</oml:default_target_attribute><oml:status>active</oml:status>"
        "</oml:data_set_description>"
    )
    values = "".join(
        f"<oml:quality><oml:name>{name}</oml:name><oml:value>{value}</oml:value></oml:quality>"
        for name, value in qualities.items()
    )
    if values:
        found.pages[f"data/qualities/{data}"] = f"<oml:data_qualities {NAMESPACE}>{values}</oml:data_qualities>"
    found.pages[f"data/features/{data}"] = (
        f"<oml:data_features {NAMESPACE}><oml:feature><oml:index>0</oml:index><oml:name>class</oml:name>"
        "<oml:data_type>nominal</oml:data_type><oml:nominal_value>a</oml:nominal_value>"
        "<oml:nominal_value>b</oml:nominal_value><oml:number_of_missing_values>0</oml:number_of_missing_values>"
        "</oml:feature></oml:data_features>"
    )
