"""An engine for who outgrows one machine: Apache Spark, through Ibis. The only importer of pyspark.

The session is the one that is there (``spark-submit``, a notebook), else one that is made of the usual settings of
Spark, with the master that ``TUNEGRAPH_SPARK_MASTER`` names. Executors must see the home folder under the same path and
have Tunegraph installed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kg.errors import InputError, StoreError, TunegraphError
from kg.run_columns import NUMERIC

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.backends.pyspark import Backend
    from ibis.expr.types import Table
    from pyspark.sql import SparkSession

T = TypeVar("T")

#: Environment variable that names the cluster, where no session is there and ``spark.master`` is not set elsewhere.
MASTER_VARIABLE: Final = "TUNEGRAPH_SPARK_MASTER"
#: Settings without which answers would differ from DuckDB's, or come a hundred times slower.
_NEEDED: Final = {
    # Hyper-parameters may differ in case only: C and c.
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
}
#: What Spark would take for a pattern in a path.
_GLOB: Final = re.compile(r"[*?\[\]{}\\]")
_ESCAPED: Final = r"\\\g<0>"


class SparkEngine:
    """Asks a Spark session, started when it is first needed.

    Args:
        session: The session; None takes the active one or makes one, which is stopped with the engine.

    Raises:
        InputError: pyspark or Java is not installed.
    """

    name = "spark"
    is_cluster = True

    def __init__(self, session: SparkSession | None = None) -> None:
        check_installed()
        self._given = session
        self._made = False

    @cached_property
    def session(self) -> SparkSession:
        """The session."""
        from pyspark.sql import SparkSession

        session = self._given or SparkSession.getActiveSession()
        if session is None:
            session, self._made = _made(), True
        for name, value in _NEEDED.items():
            session.conf.set(name, value)
        return session

    @cached_property
    def connection(self) -> Backend:
        """The session, as Ibis sees it."""
        import ibis

        return ibis.pyspark.connect(self.session)

    def read(self, paths: Sequence[Path]) -> Table:
        """Return the rows of some files.

        Raises:
            StoreError: Spark cannot be started, or a file cannot be read.
        """
        from pyspark.sql.types import DoubleType, StringType, StructField, StructType

        # Given the schema, Spark does not look into all files for it, and the order of columns is DuckDB's.
        schema = StructType(
            [StructField(name, DoubleType() if name in NUMERIC else StringType()) for name in _columns(paths)]
        )
        files = [f"file://{_GLOB.sub(_ESCAPED, path.absolute().as_posix())}" for path in paths]
        return self._view(self.session.read.schema(schema).parquet(*files))

    @contextmanager
    def lent(self, rows: Table | pa.Table) -> Iterator[Table]:
        """Lend rows that the executors keep once they are computed."""
        import pyarrow as pa

        if isinstance(rows, pa.Table):
            frame = self.session.createDataFrame(rows)
        else:
            frame = self.session.sql(self.connection.compile(rows)).persist()
        table = self._view(frame)
        try:
            yield table
        finally:
            self.session.catalog.dropTempView(table.get_name())
            frame.unpersist()

    def map(self, function: Callable[..., T], arguments: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield what executors return, in order, when all are done.

        Raises:
            StoreError: A call failed there, or an executor was lost.
        """
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        tasks = [(function, these) for these in arguments]
        if not tasks:
            return
        try:
            done = self.session.sparkContext.parallelize(tasks, len(tasks)).map(_called).collect()
        except (Py4JJavaError, PySparkException) as error:
            raise StoreError(f"Spark could not share out {function.__name__}: {_shortened(error)}") from error
        for result, fault in done:
            if fault:
                raise StoreError(fault)
            yield result

    def close(self) -> None:
        """Stop the session, if it was made here."""
        if self._made:
            self.session.stop()
            self._made = False

    def _view(self, frame: Any) -> Table:
        name = f"tunegraph_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)


def check_installed() -> None:
    """Check that there are pyspark and Java.

    Raises:
        InputError: One is missing; says how to get it.
    """
    if find_spec("pyspark") is None:
        raise InputError("pyspark is not installed.", where="engine spark", allowed="pip install 'tunegraph[spark]'")
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        raise InputError(
            "There is no Java, neither in JAVA_HOME nor on the path.",
            where="engine spark",
            allowed="Java 17 or 21, such as Debian's openjdk-17-jre-headless",
        )


def _made() -> SparkSession:
    """Return a new session.

    Raises:
        StoreError: It cannot be started.
    """
    import pyspark
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # Executors in other processes of this machine look for Spark where the package is, and for this very Python.
    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("tunegraph").config("spark.ui.showConsoleProgress", "false")
    master = os.environ.get(MASTER_VARIABLE)
    try:
        return (builder.master(master) if master else builder).getOrCreate()
    except (PySparkException, RuntimeError) as error:
        raise StoreError(f"Spark cannot be started ({master or 'default master'}): {_shortened(error)}") from error


def _columns(paths: Sequence[Path]) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(dict.fromkeys(name for path in paths for name in pq.read_schema(path).names))
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"A run file cannot be read: {error}") from error


def _called(task: tuple[Callable[..., T], tuple[Any, ...]]) -> tuple[T | None, str]:
    """Return what a call gives, and what of our own errors it raised; runs in an executor."""
    from threadpoolctl import threadpool_limits

    function, arguments = task
    try:
        with threadpool_limits(1):  # sums of floats depend on how many threads share them
            return function(*arguments), ""
    except TunegraphError as error:
        return None, str(error)


def _shortened(error: Exception) -> str:
    """Return what a message says without the stacks: the error in Python, where an executor met one."""
    text = str(error).split("\n\tat ")[0].strip()
    if "Traceback" in text:
        return text.splitlines()[-1]
    return " ".join(text.split())[:600]
