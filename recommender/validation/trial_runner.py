"""The child side of the test run: fits what it is asked to, fold by fold, inside the limits it is given.

Started by `sandbox.Sandbox` only. Reads one JSON job a line from stdin and writes one JSON message a line to a pipe of
its own. Builds estimators from the learner registry and from nowhere else, unless the command line names others.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import pickle
import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.fitting.errors import fit_errors, in_words
from recommender.validation.jobs import DUMMY, SAMPLE_FILE, Sample, lacks_memory
from recommender.validation.sealing import seal

#: Bytes that any file written by a fit may have.
MAX_FILE_BYTES = 256 * 2**20
#: Events by which a process reaches the network; refused even where the kernel has not cut it.
NETWORK_EVENTS = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})

#: Modules that every fit needs.
WARM_UP = (
    "recommender.pipeline",
    "sklearn.compose",
    "sklearn.impute",
    "recommender.scoring",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "sklearn.preprocessing",
)

_Report = Callable[[Mapping[str, Any]], None]


def main(arguments: Sequence[str]) -> None:
    """Serve jobs until stdin is closed.

    Args:
        arguments: Descriptor to write to, descriptor whose end means that the parent is gone, memory in MB,
            threads, then dotted paths of estimators that may be built beside the registry's.
    """
    out, lifeline, memory_mb, n_threads = (int(argument) for argument in arguments[:4])
    _die_with_parent(lifeline)
    is_sealed = seal()
    _refuse_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    with os.fdopen(out, "w", encoding="utf-8") as stream:

        def report(message: Mapping[str, Any]) -> None:
            stream.write(json.dumps(message) + "\n")
            stream.flush()

        runner = Runner(_load_sample(), report, n_threads=n_threads, allowed=frozenset(arguments[4:]))
        _cap_memory(memory_mb)
        report({"ready": True, "sealed": is_sealed})
        for line in sys.stdin:
            runner.run(json.loads(line))


class Runner:
    """Fits and scores jobs on one sample, and reports each fold as soon as it is there.

    Args:
        sample: The data.
        report: Takes a message.
        n_threads: Threads that a fit may use.
        allowed: Dotted paths (``module:function``) that may be named instead of a learner; for tests of the sandbox.
    """

    def __init__(
        self, sample: Sample, report: _Report, *, n_threads: int = 1, allowed: frozenset[str] = frozenset()
    ) -> None:
        self._sample, self._report, self._n_threads, self._allowed = sample, report, n_threads, allowed

    def run(self, job: Mapping[str, Any]) -> None:
        """Run one job (the fields of `jobs.FitJob` and an ``id``)."""
        _cap_processor(float(job["limit_s"]))
        try:
            for number, (train, test) in enumerate(self._folds(job)):
                started = time.perf_counter()
                score = self._fit_and_score(job, train, test)
                seconds = time.perf_counter() - started
                if not math.isfinite(score):
                    raise ValueError(f"the score of fold {number} is {score}")
                self._report({"id": job["id"], "fold": number, "score": score, "seconds": seconds})
        except fit_errors() as error:
            words = in_words(error)
            self._report({"id": job["id"], "end": "memory" if lacks_memory(words) else "error", "detail": words})
        else:
            self._report({"id": job["id"], "end": "done"})

    def _folds(self, job: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        import numpy as np
        from sklearn.model_selection import KFold, StratifiedKFold

        sample, rows, n_splits = self._sample, int(job["rows"]), int(job["folds"])
        chosen = np.arange(sample.rows) if rows >= sample.rows else sample.order[:rows]
        is_stratified = sample.stratified and sample.task_type == "classification"
        # Of hundreds of classes a few rows may hold too little of each to be shared out among the folds.
        is_stratified = is_stratified and np.bincount(sample.target[chosen]).max() >= n_splits
        seed = {"random_state": int(job["seed"])} if sample.shuffle else {}
        splitter = StratifiedKFold if is_stratified else KFold
        folds = splitter(n_splits=n_splits, shuffle=sample.shuffle, **seed)
        return [
            (_part(chosen[train], float(job["train_fraction"]), sample.target), chosen[test])
            for train, test in folds.split(chosen, sample.target[chosen])
        ]

    def _fit_and_score(self, job: Mapping[str, Any], train: Any, test: Any) -> float:
        from recommender.scoring import score

        sample = self._sample
        model = self._build(job)
        model.fit(sample.features.iloc[train], sample.target[train])
        return score(model, sample.features.iloc[test], sample.target[test], sample.metric, sample.n_classes)

    def _build(self, job: Mapping[str, Any]) -> Any:
        learner = str(job["learner"])
        if learner == DUMMY:
            return _dummy(self._sample.task_type)
        if ":" in learner:
            return self._foreign(learner)
        return _pipeline(self._sample, job, self._n_threads)

    def _foreign(self, path: str) -> Any:
        """Return what the function at a dotted path builds, where this process was told so at its start."""
        if path not in self._allowed:
            raise ValueError(f"{path!r} is no learner of the registry")
        module, _, name = path.partition(":")
        return getattr(importlib.import_module(module), name)()


def _pipeline(sample: Sample, job: Mapping[str, Any], n_threads: int) -> Any:
    from kg.columns import ColumnKind
    from kg.learners.registry import learner_named
    from kg.model import Configuration, TaskType
    from recommender.pipeline import build_pipeline
    from recommender.scoring import PROBABILITY_METRICS

    return build_pipeline(
        learner_named(str(job["learner"])),
        TaskType(sample.task_type),
        {name: ColumnKind(kind) for name, kind in sample.column_kinds.items()},
        Configuration(dict(job["configuration"])),
        seed=int(job["seed"]),
        n_threads=n_threads,
        probabilities=sample.metric in PROBABILITY_METRICS,
    )


def _dummy(task_type: str) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if task_type == "classification" else DummyRegressor()


def _part(train: Any, fraction: float, target: Any) -> Any:
    """Return a share of a training fold, every so many rows, with at least one row of each class."""
    import numpy as np

    if fraction >= 1:
        return train
    kept = train[np.linspace(0, len(train) - 1, max(2, round(len(train) * fraction))).astype(int)]
    if target.dtype.kind == "f":
        return kept
    _, first = np.unique(target[train], return_index=True)
    return np.union1d(kept, train[first])


def _load_sample() -> Sample:
    # Written by the parent, for this process alone; nothing that anybody else could have put there is read.
    with Path(SAMPLE_FILE).open("rb") as file:
        sample = pickle.load(file)  # noqa: S301
    if not isinstance(sample, Sample):
        raise TypeError(f"{SAMPLE_FILE} holds a {type(sample).__name__}, not a Sample")
    _warm_up(sample)
    return sample


def _warm_up(sample: Sample) -> None:
    """Import what every fit needs, so that it counts neither as time nor as memory of the first one."""
    model = _dummy(sample.task_type)
    model.fit(sample.features.iloc[:2], sample.target[:2])
    for module in WARM_UP:
        importlib.import_module(module)


def _cap_memory(memory_mb: int) -> None:
    """Let the process have `memory_mb` more than it has now; then allocations fail instead of the machine."""
    pages = Path("/proc/self/statm")
    used = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 0
    limit = used + memory_mb * 2**20
    # Systems that cannot limit the address space (macOS) rely on the parent's watch.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _cap_processor(seconds: float) -> None:
    """Let this job have `seconds` of processor time, and a little: the parent's clock should strike first."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _refuse_network() -> None:
    def hook(event: str, _: tuple[Any, ...]) -> None:
        if event in NETWORK_EVENTS:
            raise PermissionError(f"{event}: a test run has no network")

    sys.addaudithook(hook)


def _die_with_parent(lifeline: int) -> None:
    """End this process as soon as the other end of `lifeline` is closed, whatever a fit is doing."""

    def watch() -> None:
        os.read(lifeline, 1)
        os._exit(3)

    threading.Thread(target=watch, daemon=True).start()
