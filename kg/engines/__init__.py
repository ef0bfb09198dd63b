"""What answers questions about the run table: DuckDB in this process, or a Spark cluster for who outgrows it.

    engine = engine_named("spark")
    rows = engine.read(paths)                       # an Ibis expression; nothing is read yet
    rows.group_by("dataset").aggregate(n=rows.count()).to_pyarrow()

Questions are written once, in Ibis. One engine, one module: only that one knows its vendor.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from kg.errors import UnknownNameError

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Table

__all__ = ["ENGINES", "ENGINE_VARIABLE", "RunEngine", "engine_chosen", "engine_named"]

T = TypeVar("T")

#: Environment variable that names the engine.
ENGINE_VARIABLE: Final = "TUNEGRAPH_ENGINE"
#: The engines there are; the first is the default.
ENGINES: Final = ("duckdb", "spark")


class RunEngine(Protocol):
    """Answers questions about Parquet files of runs."""

    @property
    def name(self) -> str:
        """One of `ENGINES`."""

    @property
    def is_cluster(self) -> bool:
        """Whether `map` shares work out to other processes, maybe on other machines."""

    def read(self, paths: Sequence[Path]) -> Table:
        """Return the rows of some files; columns come in the order in which files have them, null where one has not.

        Raises:
            StoreError: The engine cannot be started.
        """

    def lent(self, rows: Table | pa.Table) -> AbstractContextManager[Table]:
        """Lend rows to be asked several questions, so that they are computed once.

        Args:
            rows: In memory, or an expression over what `read` returned or what was lent.
        """

    def map(self, function: Callable[..., T], arguments: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield ``function(*these)`` for all of `arguments`, in order.

        Args:
            function: Of a module that can be imported; where the engine `is_cluster`, it and what it takes and returns
                are pickled.
            arguments: What it is called with.

        Raises:
            StoreError: A call failed on the cluster.
        """

    def close(self) -> None:
        """Release what was started; the engine cannot be used afterwards."""


def engine_chosen() -> str | None:
    """Return the engine that ``$TUNEGRAPH_ENGINE`` names; None where it is not set.

    Raises:
        UnknownNameError: There is none of that name.
    """
    chosen = os.environ.get(ENGINE_VARIABLE)
    if chosen and chosen not in ENGINES:
        raise UnknownNameError(ENGINE_VARIABLE, chosen, ENGINES)
    return chosen or None


def engine_named(name: str | None = None) -> RunEngine:
    """Return an engine, which starts when it is first asked something.

    Args:
        name: One of `ENGINES`; None is the default.

    Raises:
        UnknownNameError: There is none of that name.
        InputError: What it needs is not installed.
    """
    chosen = name or ENGINES[0]
    if chosen not in ENGINES:
        raise UnknownNameError("engine", chosen, ENGINES)
    if chosen == "spark":
        from kg.engines.spark import SparkEngine

        return SparkEngine()
    from kg.engines.duckdb import DuckdbEngine

    return DuckdbEngine()
