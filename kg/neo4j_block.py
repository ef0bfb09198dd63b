"""A block of changes to Neo4j that take effect together, begun again where the server cut it.

A block may read what it has written, so its transaction is open while the caller's code runs, which nobody can run
twice. So the changes are kept: where the server ends the transaction for a passing reason (a deadlock, a restart, a
broken connection), they are made again in a new one.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from kg.errors import StoreError
from kg.neo4j_writing import Writing, fingerprints

if TYPE_CHECKING:
    from neo4j import Transaction

    from kg.neo4j_connection import Neo4jConnection, Tx

T = TypeVar("T")

Change: TypeAlias = Callable[[Writing], int]
"""A change that can be made again without harm; returns how many items it took out."""

#: Seconds before the second try; each further one waits twice as long.
_PAUSE_S: Final = 0.1
#: How often it is looked whether another writer was quicker.
_LOOKS: Final = 4


def written(connection: Neo4jConnection, changes: Sequence[Change]) -> int:
    """Make `changes` in one transaction of their own; return what the last one returned.

    Raises:
        StoreError: The server cannot be reached, or refuses them.
    """
    writer = secrets.token_hex(8)

    def work(tx: Tx) -> int:
        writing, count = Writing(tx, writer), 0
        for change in changes:
            count = change(writing)
        writing.settle()
        return count

    deadline = time.monotonic() + connection.limits.retry_s
    while True:
        before = connection.read(fingerprints)
        try:
            return connection.write(work)
        except StoreError:
            # A server that lets two writers in tells one of them, in whatever words, that the other was quicker.
            if time.monotonic() > deadline or not _has_changed(connection, before):
                raise


def _has_changed(connection: Neo4jConnection, before: dict[str, str]) -> bool:
    """Say whether another has written since, or does so within a second: its commit may still be under way."""
    for attempt in range(_LOOKS):
        if connection.read(fingerprints) != before:
            return True
        time.sleep(_PAUSE_S * 2**attempt)
    return False


class Block:
    """An open transaction of one thread.

    Args:
        connection: Where it is.
    """

    def __init__(self, connection: Neo4jConnection) -> None:
        self.owner = threading.get_ident()
        """The thread that sees what was changed so far."""
        self._connection = connection
        self._changes: list[Change] = []
        self._tx: Transaction | None = None
        self._writing: Writing | None = None
        self._session = connection.session()
        self._before: dict[str, str] = {}

    def change(self, change: Change) -> int:
        """Make a change; return how many items it took out."""
        count = self.run(change)
        self._changes.append(change)
        return count

    def run(self, work: Callable[[Writing], T]) -> T:
        """Return what `work` finds or does within the transaction, begun again where the server cut it."""
        deadline, pause = time.monotonic() + self._connection.limits.retry_s, _PAUSE_S
        while True:
            try:
                with self._connection.named_errors():
                    return work(self._writing or self._begun())
            except StoreError as error:
                self._drop()
                if not self._may_pass(error):
                    raise
                if time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
            pause *= 2

    def end(self, *, failed: bool, raised: bool) -> None:
        """Make all changes last, or none where something failed.

        Args:
            failed: Whether nothing of it may be kept.
            raised: Whether the error of that is being raised.

        Raises:
            StoreError: They could not be kept; or something failed within, and its error was dropped.
        """
        try:
            if not failed:
                self._keep()
            elif not raised:
                raise StoreError(
                    "Nothing was written: a transaction within this one failed, and its error was dropped."
                )
        finally:
            self._drop()
            with suppress(*self._connection.errors):
                self._session.close()

    def _keep(self) -> None:
        if not self._changes:
            return
        try:
            with self._connection.named_errors():
                writing = self._writing or self._begun()
                writing.settle()
                if self._tx is not None:
                    self._tx.commit()
        except StoreError as error:
            if not self._may_pass(error):
                raise
            # Whether it was committed or not: making the same changes again comes to the same.
            self._drop()
            written(self._connection, self._changes)

    def _may_pass(self, error: StoreError) -> bool:
        """Say whether the same again may succeed: the server was hindered, or another writer was quicker."""
        if error.__cause__ is None:
            return False
        if self._connection.is_passing(error.__cause__):
            return True
        return bool(self._changes) and self._connection.read(fingerprints) != self._before

    def _begun(self) -> Writing:
        """Begin the transaction, and make the changes that were made before it was cut."""
        self._before = self._connection.read(fingerprints)
        self._tx = self._session.begin_transaction(timeout=self._connection.limits.transaction_s)
        writing = Writing(self._tx, secrets.token_hex(8))
        for change in self._changes:
            change(writing)
        self._writing = writing
        return writing

    def _drop(self) -> None:
        transaction, self._tx, self._writing = self._tx, None, None
        if transaction is not None:
            with suppress(*self._connection.errors):
                transaction.close()
