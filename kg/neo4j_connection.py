"""The connection to a Neo4j server: where it is, sessions that see their own writes, and errors by their names.

Nothing else imports the driver.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

from kg.errors import InputError, StoreError

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Session, Transaction

    Tx: TypeAlias = ManagedTransaction | Transaction

T = TypeVar("T")

#: Environment variables of the user's name (default ``neo4j``) and password. They never stand in the address.
USER_VARIABLE: Final = "TUNEGRAPH_NEO4J_USER"
PASSWORD_VARIABLE: Final = "TUNEGRAPH_NEO4J_PASSWORD"  # noqa: S105  # the name of a variable
#: Schemes of an address; those with +s are encrypted.
SCHEMES: Final = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")

_SILENT: Final = logging.NullHandler()
_EXAMPLE: Final = "neo4j://localhost:7687/neo4j"


@dataclass(frozen=True)
class Neo4jAddress:
    """Where a database is."""

    uri: str
    """Scheme, host and port."""
    database: str | None = None
    """Name of the database; None is the server's default."""

    @classmethod
    def parse(cls, text: str) -> Neo4jAddress:
        """Return the address that a URL names: ``neo4j://host:7687/database``.

        Raises:
            InputError: It is no such URL, or holds a password.
        """
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError as error:
            raise InputError(f"This is no URL: {error}.", where="store", allowed=_EXAMPLE) from error
        if parts.username or parts.password:
            allowed = f"{_EXAMPLE}, with {USER_VARIABLE} and {PASSWORD_VARIABLE} in the environment"
            raise InputError("A user's name or password stands in the URL.", where="store", allowed=allowed)
        database = parts.path.strip("/")
        if parts.scheme not in SCHEMES or not parts.hostname or "/" in database or parts.query or parts.fragment:
            raise InputError(f"{text!r} names no Neo4j database.", where="store", allowed=_EXAMPLE)
        return cls(f"{parts.scheme}://{parts.netloc}", database or None)

    def __str__(self) -> str:
        return f"{self.uri}/{self.database or ''}".rstrip("/")


@dataclass(frozen=True)
class Limits:
    """How long things may take, in seconds."""

    connect_s: float = 10.0
    """Opening a connection, and waiting for a free one."""
    transaction_s: float = 600.0
    """One transaction, as the server sees it; then it is ended there."""
    question_s: float = 60.0
    """One question that somebody asks."""
    retry_s: float = 30.0
    """Trying a transaction anew that the server could not do for now."""


@dataclass(frozen=True)
class Login:
    """Who asks."""

    user: str
    password: str = field(repr=False)

    @classmethod
    def from_environment(cls) -> Login | None:
        """Return user and password as the environment has them; None where there is no password."""
        password = os.environ.get(PASSWORD_VARIABLE)
        return cls(os.environ.get(USER_VARIABLE) or "neo4j", password) if password else None


class Neo4jConnection:
    """A pool of connections to one database.

    Args:
        address: The database.
        login: Who asks; None asks as nobody, which a server may allow.
        limits: How long things may take.

    Raises:
        InputError: The driver is not installed.
    """

    def __init__(self, address: Neo4jAddress, login: Login | None, *, limits: Limits | None = None) -> None:
        self.address = address
        self.limits = limits or Limits()
        self._login = login
        try:
            import neo4j
        except ImportError as error:
            raise InputError(
                "The driver of Neo4j is not installed.", where=str(address), allowed="pip install 'tunegraph[neo4j]'"
            ) from error
        # What the driver logs of a server that is not there is told by our error; on no screen beside it as well.
        logging.getLogger("neo4j").addHandler(_SILENT)
        self._neo4j = neo4j
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
        self._opened = False

    def check(self) -> str:
        """Ask the database for a sign of life; return what server it is, in words.

        Raises:
            StoreError: No server is there, it refuses the user, or it has no such database; says what to do.
        """
        with self.named_errors():
            self._driver.verify_connectivity()
            with self.session(reading=True) as session:
                session.run("RETURN 1").consume()
            return str(self._driver.get_server_info().agent)

    def read(self, work: Callable[[Tx], T], *, seconds: float | None = None) -> T:
        """Run `work` in a transaction that reads, anew where the server could not do it for now."""
        with self.named_errors(), self.session(reading=True) as session:
            return session.execute_read(self._timed(work, seconds))

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction that writes, anew where the server could not do it for now."""
        with self.named_errors(), self.session() as session:
            return session.execute_write(self._timed(work, None))

    def run_alone(self, statement: str) -> None:
        """Run a statement of the schema, which may not share a transaction."""
        with self.named_errors(), self.session() as session:
            session.run(statement).consume()

    def session(self, *, reading: bool = False) -> Session:
        """Return a session that sees what this connection has written."""
        mode = self._neo4j.READ_ACCESS if reading else self._neo4j.WRITE_ACCESS
        return self._driver.session(
            database=self.address.database, default_access_mode=mode, bookmark_manager=self._bookmarks
        )

    def is_passing(self, error: BaseException) -> bool:
        """Say whether the same again may succeed: a deadlock, a restart, a connection that broke."""
        errors = self._neo4j.exceptions
        passing = (errors.ServiceUnavailable, errors.SessionExpired, errors.IncompleteCommit)
        if isinstance(error, passing):
            return True
        return isinstance(error, errors.Neo4jError) and error.is_retryable()

    def is_refused(self, error: BaseException | None) -> bool:
        """Say whether the server could not do a query for what the query is: words, types, missing parameters."""
        code = getattr(error, "code", "") or ""
        return isinstance(error, self._neo4j.exceptions.ClientError) and ".Statement." in code

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises."""
        return (self._neo4j.exceptions.DriverError, self._neo4j.exceptions.Neo4jError)

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Turn the driver's errors into ours.

        Raises:
            StoreError: The driver raised one.
        """
        try:
            yield
        except self.errors as error:
            raise StoreError(self._words(error)) from error

    def close(self) -> None:
        """Give all connections back."""
        if self._opened:
            self._driver.close()

    @cached_property
    def _driver(self) -> Driver:
        auth = None if self._login is None else (self._login.user, self._login.password)
        options: Mapping[str, Any] = {
            "connection_timeout": self.limits.connect_s,
            "connection_acquisition_timeout": 2 * self.limits.connect_s,
            "max_transaction_retry_time": self.limits.retry_s,
            "notifications_min_severity": "OFF",
            "user_agent": "tunegraph",
        }
        self._opened = True
        return self._neo4j.GraphDatabase.driver(self.address.uri, auth=auth, **options)

    def _timed(self, work: Callable[[Tx], T], seconds: float | None) -> Callable[[ManagedTransaction], T]:
        timed: Callable[[ManagedTransaction], T] = self._neo4j.unit_of_work(
            timeout=self.limits.transaction_s if seconds is None else seconds
        )(work)
        return timed

    def _words(self, error: Exception) -> str:
        errors, where = self._neo4j.exceptions, str(self.address)
        code = getattr(error, "code", "") or ""
        if isinstance(error, errors.AuthError):
            return f"{where} refuses the user: set {USER_VARIABLE} and {PASSWORD_VARIABLE} in the environment."
        if code.endswith("DatabaseNotFound"):
            return f"{where}: there is no database {self.address.database!r}. Create it, or name another in the URL."
        if isinstance(error, errors.ServiceUnavailable | errors.SessionExpired):
            return f"No Neo4j server answers at {where}: is it running, and is that its port for Bolt? ({error})"
        if "TransactionTimedOut" in code:
            return f"{where} ended the transaction: it took longer than it may."
        return f"{where}: {getattr(error, 'message', None) or error}"
