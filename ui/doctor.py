"""Looks at an installation: what works, what does not, and what to do about it. Changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from kg.errors import TunegraphError
from kg.model.base import Value

if TYPE_CHECKING:
    from kg.store import KnowledgeStore
    from ui.compose import Settings

#: Free bytes below which writing a graph may fail, and below which it will.
_LITTLE, _NOTHING = 2_000_000_000, 200_000_000
#: Extra -> a module of it, by which it is told to be installed.
_EXTRAS: Final = {
    "llm": "langchain",
    "embeddings": "sentence_transformers",
    "ui": "streamlit",
    "api": "fastapi",
    "neo4j": "neo4j",
    "openml": "openml",
    "boost": "xgboost",
    "spark": "pyspark",
    "distributed": "psycopg",
}
#: Provider of language models -> environment variable of its key.
_KEYS: Final = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_LIBRARIES: Final = ("numpy", "pandas", "scikit-learn", "optuna", "pyoxigraph", "duckdb", "pyarrow", "pydantic")


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    NOTE = "note"
    """Works, but less than it could, or not made yet."""
    FAULT = "fault"
    """Does not work."""


class Check(Value):
    """What was found of one thing."""

    name: str
    state: State
    found: str
    """What there is."""
    remedy: str = ""
    """What to do; empty where nothing is to be done."""


class Diagnosis(Value):
    """All that was found."""

    checks: tuple[Check, ...]

    @property
    def is_sound(self) -> bool:
        """Whether there is no fault."""
        return all(check.state is not State.FAULT for check in self.checks)

    def to_text(self) -> str:
        """Return it for people."""
        lines = []
        for check in self.checks:
            lines.append(f"{check.state:<6}{check.name:<13}{check.found}")
            if check.remedy:
                lines.append(f"{'':<19}-> {check.remedy}")
        return "\n".join(lines)


def examine(settings: Settings) -> Diagnosis:
    """Look at store, runs, passages, models, keys (whether they are there, never what they are), versions and disk."""
    found: list[Check] = []
    for check in (_versions, _home, _graph, _runs, _ingestions, _passages, _embeddings, _models, _extras):
        try:
            found += check(settings)
        except (TunegraphError, OSError) as error:
            found.append(_fault(check.__name__.strip("_"), str(error), _remedy(check, settings)))
    return Diagnosis(checks=tuple(found))


def _versions(_: Settings) -> Iterator[Check]:
    from kg.versions import own_version

    named = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    yield _ok("versions", f"tunegraph {own_version()}, Python {sys.version.split()[0]}, {named}")


def _home(settings: Settings) -> Iterator[Check]:
    from kg.backup import free_bytes
    from kg.restore import is_under_way

    home = settings.home
    if home.exists() and not os.access(home, os.W_OK | os.X_OK):
        yield _fault("home", f"{home} cannot be written", "chown it to yourself, or set TUNEGRAPH_HOME")
        return
    yield _ok("home", str(home) if home.exists() else f"{home} (made at first use)")
    if archive := is_under_way(home):
        yield _fault("restore", "a restore was begun and not ended", f"tunegraph restore {archive} --force")
    free = free_bytes(home)
    text = f"{free / 1e9:,.1f} GB left"
    if free >= _LITTLE:
        yield _ok("disk", text)
    elif free >= _NOTHING:
        yield _note("disk", text, "a large ingestion may not fit: make room, or set TUNEGRAPH_HOME to another disk")
    else:
        yield _fault("disk", text, "make room, or set TUNEGRAPH_HOME to another disk")


def _graph(settings: Settings) -> Iterator[Check]:
    from kg.home import graph_path
    from kg.stores import open_graph

    if settings.graph is None and not (graph_path(settings.home) / "CURRENT").exists():
        yield _note("graph", "not made yet", "it is made of what ships at the first recommendation")
        return
    where = settings.graph or str(settings.home)
    store = open_graph(where, settings.home)
    try:
        yield _content(where, store)
    finally:
        store.close()


def _content(where: str, store: KnowledgeStore) -> Check:
    counts, sources = store.counts(), store.sources()
    total = sum(counts.values())
    if not total:
        return _note("graph", f"{where} is empty", f"tunegraph copy home {where}, or tunegraph ingest")
    if not sum(n for kind, n in counts.items() if kind not in {"dataset", "run"}):
        return _note("graph", f"{where} has {total:,} items, but no evidence", "tunegraph ingest, or tunegraph copy")
    return _ok("graph", f"{where}: {total:,} items of {len(sources)} sources")


def _runs(settings: Settings) -> Iterator[Check]:
    from kg.runs import RunTable

    manifests = RunTable(settings.home).manifests()
    files = [file for manifest in manifests for file in (*manifest.runs, *manifest.quarantine)]
    missing = [file.path for file in files if not (settings.home / file.path).is_file()]
    if missing:
        text = f"{len(missing)} of {len(files)} files are missing, such as {missing[0]}"
        yield _fault("runs", text, "tunegraph restore FILE --force, or tunegraph ingest the source again")
    else:
        rows = sum(manifest.rows for manifest in manifests)
        yield _ok("runs", f"{rows:,} rows of {len(manifests)} sources of your own" if rows else "none of your own")


def _ingestions(settings: Settings) -> Iterator[Check]:
    from ingest.done import all_done

    open_ones = sorted(done.report.source for done in all_done(settings.home) if not done.content)
    if open_ones:
        text = f"not completed: {', '.join(open_ones)}"
        yield _note("ingestions", text, "ingest (or forget) these again: it goes on where it stopped")


def _passages(settings: Settings) -> Iterator[Check]:
    from kg.passages import PassageTable

    n = len(PassageTable(settings.home).all())
    yield _ok("passages", f"{n:,} passages" if n else "none: no document was read (tunegraph ingest papers PATH)")


def _embeddings(_: Settings) -> Iterator[Check]:
    from ui.embeddings import DEFAULT_MODEL, MODEL_VARIABLE

    model = os.environ.get(MODEL_VARIABLE) or DEFAULT_MODEL
    if model == "none" or find_spec("sentence_transformers") is None:
        yield _ok("embeddings", "none: passages are found by their words")
    else:
        yield _ok("embeddings", f"{model}, if it is on this machine ({MODEL_VARIABLE} names another)")


def _models(_: Settings) -> Iterator[Check]:
    from ui.options import MODEL_VARIABLE

    keys = [f"{name} key {'set' if os.environ.get(variable) else 'not set'}" for name, variable in _KEYS.items()]
    named = os.environ.get(MODEL_VARIABLE)
    drafts = f"{named} may draft for callers of the service and the pages" if named else "none is needed"
    yield _ok("models", f"{', '.join(keys)}; {drafts}")


def _extras(_: Settings) -> Iterator[Check]:
    there = [name for name, module in _EXTRAS.items() if find_spec(module) is not None]
    missing = [name for name in _EXTRAS if name not in there]
    yield _ok("extras", f"installed: {', '.join(there) or 'none'}; not: {', '.join(missing) or 'none'}")


_REMEDIES: Final[dict[Callable[[Settings], Iterator[Check]], str]] = {
    _graph: "tunegraph restore FILE --force, or move the folder graph below the home away: it is made anew",
    _runs: "tunegraph restore FILE --force, or tunegraph forget the source and ingest it again",
    _ingestions: "delete that file, and ingest the source again",
    _passages: "tunegraph ingest papers PATH again",
}


def _remedy(check: Callable[[Settings], Iterator[Check]], settings: Settings) -> str:
    if check is _graph and settings.graph is not None:
        return "start that server and see its log, or set TUNEGRAPH_STORE to where the graph is (not set: your home)"
    return _REMEDIES.get(check, "")


def _ok(name: str, found: str) -> Check:
    return Check(name=name, state=State.OK, found=found)


def _note(name: str, found: str, remedy: str) -> Check:
    return Check(name=name, state=State.NOTE, found=found, remedy=remedy)


def _fault(name: str, found: str, remedy: str) -> Check:
    return Check(name=name, state=State.FAULT, found=found, remedy=remedy)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
