"""A server on loopback that speaks OpenML's REST v1 in XML, over real HTTP, and fails on demand.

with OpenmlServer(pimp(folder / "openml-pimp", n_tasks=3)) as server:
    server.fail("/evaluation/list", "cut", times=1)
    ...  # point the client at server.url
    assert server.asked("/evaluation/list") == [...]

What it serves is a `Catalogue`: `recorded` replays real responses (whose ids are those of OpenML's test server: never
join them with others), `pimp` serves real runs of OpenML-100 in the same format.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

NAMESPACE = 'xmlns:oml="http://openml.org/openml"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OML = {"oml": "http://openml.org/openml"}
#: What OpenML answers where a list is empty, by the first word of the address.
_NO_RESULT = {"evaluation": 542, "setup": 674, "data": 372, "flow": 500, "task": 482, "run": 512}


@dataclass
class Catalogue:
    """What a server has, as XML texts without their heads."""

    pages: dict[str, str] = field(default_factory=dict)
    """``task/31``, ``data/1``, ``data/features/1``, ``data/qualities/1``, ``flow/7``, ``run/2``, ``study/9`` -> XML."""
    setups: dict[int, str] = field(default_factory=dict)
    """Setup id -> the ``oml:setup`` element."""
    evaluations: list[dict[str, str | int | float]] = field(default_factory=list)
    """Rows in the server's order, with all fields of OpenML's."""
    statuses: dict[int, str] = field(default_factory=dict)

    def add_suite(self, suite: int, alias: str, tasks: Iterable[int], data: Iterable[int]) -> None:
        """Add a benchmark suite under its id and its alias."""
        text = (
            f"<oml:study {NAMESPACE}><oml:id>{suite}</oml:id><oml:alias>{alias}</oml:alias>"
            f"<oml:main_entity_type>task</oml:main_entity_type><oml:name>{alias}</oml:name>"
            "<oml:description>d</oml:description><oml:status>active</oml:status>"
            "<oml:creation_date>2018-01-01 00:00:00</oml:creation_date><oml:creator>1</oml:creator><oml:data>"
            + "".join(f"<oml:data_id>{i}</oml:data_id>" for i in data)
            + "</oml:data><oml:tasks>"
            + "".join(f"<oml:task_id>{i}</oml:task_id>" for i in tasks)
            + "</oml:tasks></oml:study>"
        )
        self.pages |= {f"study/{suite}": text, f"study/{alias}": text}

    def answer(self, path: str) -> str | None:
        """Return the XML at `path`; None where there is none."""
        if path in self.pages:
            return self.pages[path]
        if path.startswith("evaluation/list/"):
            return self._evaluations(_filters(path))
        if path.startswith("setup/list/"):
            return self._setups(_filters(path))
        if path.startswith("data/list/"):
            return self._data(_filters(path))
        if path.startswith("user/list/"):
            users = "".join(
                f"<oml:user><oml:id>{user}</oml:id><oml:username>user {user}</oml:username></oml:user>"
                for user in _filters(path)["user_id"].split(",")
            )
            return f"<oml:users {NAMESPACE}>{users}</oml:users>"
        return None

    def _evaluations(self, filters: dict[str, str]) -> str | None:
        rows = self.evaluations
        for name, column in (("function", "function"), ("task", "task_id"), ("flow", "flow_id"), ("run", "run_id")):
            if name in filters:
                wanted = set(filters[name].split(","))
                rows = [row for row in rows if str(row[column]) in wanted]
        limit, offset = int(filters.get("limit", 10_000)), int(filters.get("offset", 0))
        assert limit <= 10_000, "OpenML gives no more"
        body = "".join(
            "<oml:evaluation>"
            + "".join(f"<oml:{name}>{escape(str(value))}</oml:{name}>" for name, value in row.items())
            + "</oml:evaluation>"
            for row in rows[offset : offset + limit]
        )
        return f"<oml:evaluations {NAMESPACE}>{body}</oml:evaluations>" if body else None

    def _setups(self, filters: dict[str, str]) -> str | None:
        wanted = [int(setup) for setup in filters["setup"].split(",")]
        offset = int(filters.get("offset", 0))
        body = "".join(self.setups[setup] for setup in wanted[offset:] if setup in self.setups)
        return f"<oml:setups {NAMESPACE}>{body}</oml:setups>" if body else None

    def _data(self, filters: dict[str, str]) -> str | None:
        body = "".join(
            f"<oml:dataset><oml:did>{did}</oml:did><oml:name>d</oml:name><oml:version>1</oml:version>"
            f"<oml:status>{self.statuses[int(did)]}</oml:status><oml:format>ARFF</oml:format></oml:dataset>"
            for did in filters["data_id"].split(",")
            if int(did) in self.statuses and int(filters.get("offset", 0)) == 0
        )
        return f"<oml:data {NAMESPACE}>{body}</oml:data>" if body else None


def _filters(path: str) -> dict[str, str]:
    parts = path.split("/")[2:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@dataclass
class Fault:
    """How to fail."""

    pattern: str
    """Where: found in the address."""
    kind: str
    """``429``, ``500``, ..., or one of `_Handler`'s: truncated, html, cut, reset, slow, bomb, entity, ..."""
    times: int
    """How often; then all is well."""
    detail: str = ""


class OpenmlServer:
    """The server; a context manager.

    Args:
        catalogue: What it serves.
        delay_s: Seconds that each answer takes.
    """

    def __init__(self, catalogue: Catalogue, *, delay_s: float = 0.0) -> None:
        self.catalogue, self.delay_s = catalogue, delay_s
        self.faults: list[Fault] = []
        self.log: list[str] = []
        """The addresses that were asked for, below ``/api/v1/xml/``, in order."""
        self.answered: list[str] = []
        """Those that got a whole answer."""
        self.times: list[float] = []
        self.keys: list[str] = []
        """The keys that were sent."""
        self.stopping = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.owner = self  # type: ignore[attr-defined]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        """The address of the XML interface."""
        return f"{self.origin}/api/v1/xml"

    def fail(self, pattern: str, kind: str, times: int = 1, detail: str = "") -> None:
        """Fail the next `times` requests whose address has `pattern` (a regular expression) in it."""
        self.faults.append(Fault(pattern, kind, times, detail))

    def asked(self, pattern: str) -> list[str]:
        """Return the addresses that were asked for and have `pattern` in them."""
        return [path for path in self.log if re.search(pattern, path)]

    def __enter__(self) -> OpenmlServer:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        owner: OpenmlServer = self.server.owner  # type: ignore[attr-defined]
        address, _, query = self.path.partition("?")
        path = address.removeprefix("/api/v1/xml").strip("/")
        owner.log.append(path)
        owner.times.append(time.monotonic())
        owner.keys += re.findall(r"api_key=([^&]*)", query)
        if owner.delay_s:
            time.sleep(owner.delay_s)
        fault = next((f for f in owner.faults if f.times > 0 and re.search(f.pattern, path)), None)
        if fault is not None:
            fault.times -= 1
            return self._fail(fault, owner, path)
        body = owner.catalogue.answer(path)
        if body is None:
            word = path.partition("/")[0]
            return self._error(412, _NO_RESULT.get(word, 100), "No results")
        self._send(200, _HEAD + body)
        owner.answered.append(path)
        return None

    def _send(self, status: int, text: str, kind: str = "text/xml; charset=UTF-8", **headers: str) -> None:
        body = text.encode()
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self._start(status, kind, len(body), **headers)
        self.wfile.write(body)

    def _start(self, status: int, kind: str, length: int | None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _error(self, status: int, code: int, message: str) -> None:
        error = f"<oml:code>{code}</oml:code><oml:message>{message}</oml:message>"
        self._send(status, f"{_HEAD}<oml:error {NAMESPACE}>{error}</oml:error>")

    def _fail(self, fault: Fault, owner: OpenmlServer, path: str) -> None:
        text = _HEAD + (owner.catalogue.answer(path) or "<oml:nothing/>")
        kind = fault.kind
        if kind in ("429", "500", "502", "503"):
            headers = {"Retry_After": fault.detail} if fault.detail else {}
            self._send(int(kind), "<html>no</html>", "text/html", **headers)
        elif kind == "error":  # an error of OpenML's own, by its code
            self._error(412, int(fault.detail), "as asked")
        elif kind == "truncated":  # whole for HTTP, cut for XML
            self._send(200, text[: len(text) // 2])
        elif kind == "html":
            self._send(200, "<html><body>Be right back</body></html>", "text/html")
        elif kind in ("text", "bare"):  # with a charset, or without
            self._send(200, fault.detail, "text/xml; charset=UTF-8" if kind == "text" else "text/xml")
        elif kind == "redirect":
            self._start(302, "text/html", 0, Location=fault.detail)
        elif kind in ("cut", "reset"):
            self._cut(text, reset=kind == "reset")
        else:
            {"slow": self._drip, "large": self._pour}[kind](fault, owner)

    def _cut(self, text: str, *, reset: bool) -> None:
        body = text.encode()
        self._start(200, "text/xml", len(body))
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        if reset:  # RST instead of FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _drip(self, _: Fault, owner: OpenmlServer) -> None:
        """Send one byte after the other, without end."""
        self._start(200, "text/xml", 10**9)
        while not owner.stopping.wait(0.01):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                break
        self.close_connection = True

    def _pour(self, fault: Fault, _: OpenmlServer) -> None:
        self._start(200, "text/xml", None, Connection="close")
        try:
            for _part in range(int(fault.detail) // 2**16):
                self.wfile.write(b" " * 2**16)
        except OSError:
            pass
        self.close_connection = True


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
