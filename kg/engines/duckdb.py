"""The default engine: DuckDB, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Table

T = TypeVar("T")


class DuckdbEngine:
    """Asks DuckDB."""

    name = "duckdb"
    is_cluster = False

    def read(self, paths: Sequence[Path]) -> Table:
        """Return the rows of some files."""
        import ibis

        connection = ibis.duckdb.connect()
        return connection.read_parquet([str(path) for path in paths], union_by_name=True, hive_partitioning=False)

    @contextmanager
    def lent(self, rows: Table | pa.Table) -> Iterator[Table]:
        """Lend rows out of memory, over a connection of their own.

        `ibis.memtable` would do, but Ibis 12 over DuckDB 2 never frees it (its DROP VIEW is refused): 20 MB a batch.
        """
        import ibis
        import pyarrow as pa

        connection = ibis.duckdb.connect()
        try:
            connection.con.register("rows", rows if isinstance(rows, pa.Table) else rows.to_pyarrow())
            yield connection.table("rows")
        finally:
            connection.disconnect()

    def map(self, function: Callable[..., T], arguments: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield ``function(*these)``, one after the other, called here."""
        for these in arguments:
            yield function(*these)

    def close(self) -> None:
        """Do nothing: connections go with what was read."""
