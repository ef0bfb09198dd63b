"""API keys: made once, shown once, kept as hashes.

    <home>/api-keys.json      readable by its owner only

A key is ``tg_<id>_<secret>``. The id is public and names the key in lists; the secret is 256 random bits. What is
kept is SHA-256 over a salt of its own and the secret, not scrypt: a slow hash protects secrets that can be guessed,
which 256 random bits cannot, and would let anyone who sends wrong keys keep the server busy. The hash is compared in
constant time, and a key whose id is not known costs the same comparison. Nothing here logs a key or puts it into an
error.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from kg.errors import InputError, StoreError, UnknownNameError
from kg.file_lock import FileLock
from kg.model.base import Value

FILE: Final = "api-keys.json"
_PREFIX: Final = "tg"
_LONGEST: Final = 200
#: What looks like a key, wherever it stands.
PATTERN: Final = re.compile(rf"{_PREFIX}_[0-9a-f]{{12}}_[A-Za-z0-9_-]{{20,}}")


class Scope(StrEnum):
    """What a key is good for."""

    READ = "read"
    """Everything that is in the graph, and the user's own studies."""
    WRITE = "write"
    """Adding and taking out the user's own studies."""


class KeyRecord(Value):
    """What is kept of a key."""

    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    name: str = Field(min_length=1, max_length=80)
    scopes: tuple[Scope, ...] = Field(min_length=1)
    salt: str
    hash: str
    created: datetime


class _File(Value):
    keys: tuple[KeyRecord, ...] = ()


class KeyRing:
    """The keys of a home. A key that is added or revoked counts from the next request on, in every process.

    Args:
        home: The user's home.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._read: tuple[tuple[int, int, int], tuple[KeyRecord, ...]] | None = None

    def records(self) -> tuple[KeyRecord, ...]:
        """Return what is kept of each key, oldest first.

        Raises:
            StoreError: The file cannot be read.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ()
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, self._load())
        return self._read[1]

    def add(self, name: str, scopes: Iterable[Scope]) -> str:
        """Make a key and return it: the only time that it can be seen.

        Raises:
            InputError: The name or the scopes cannot be used, or there is a key of that name.
            StoreError: It cannot be kept.
        """
        with self._changing():
            records = self.records()
            if any(record.name == name for record in records):
                raise InputError(f"There is a key {name!r} already.", where="name", allowed="another name")
            secret, salt, key_id = secrets.token_urlsafe(32), secrets.token_hex(16), secrets.token_hex(6)
            try:
                record = KeyRecord(
                    id=key_id,
                    name=name,
                    scopes=tuple(dict.fromkeys(scopes)),
                    salt=salt,
                    hash=_hash(salt, secret),
                    created=datetime.now(UTC).replace(microsecond=0),
                )
            except ValidationError as error:
                raise InputError(
                    "This makes no key.", where="name, scopes", allowed="a name of 1 to 80 characters; read, write"
                ) from error
            self._write((*records, record))
        return f"{_PREFIX}_{key_id}_{secret}"

    def revoke(self, name: str) -> KeyRecord:
        """Take out the key called `name`, or with that id, and return what was kept of it.

        Raises:
            UnknownNameError: There is none.
            StoreError: The file cannot be written.
        """
        with self._changing():
            records = self.records()
            gone = next((record for record in records if name in (record.name, record.id)), None)
            if gone is None:
                raise UnknownNameError("key", name, [record.name for record in records])
            self._write(tuple(record for record in records if record is not gone))
        return gone

    def verify(self, key: str) -> KeyRecord | None:
        """Return the record of `key`; None where it is not one of ours."""
        key_id, secret = _parts(key)
        record = next((one for one in self.records() if one.id == key_id), None)
        # Where there is no such id, a comparison is made all the same, so that the time taken tells nothing.
        salt, kept = (record.salt, record.hash) if record else ("0" * 32, "0" * 64)
        same = hmac.compare_digest(_hash(salt, secret), kept)
        return record if same and record is not None else None

    def _load(self) -> tuple[KeyRecord, ...]:
        try:
            return _File.model_validate_json(self.path.read_bytes()).keys
        except (OSError, ValidationError) as error:
            # Without its cause, which would show what stands in the file.
            raise StoreError(f"The API keys in {self.path} cannot be read ({type(error).__name__}).") from None

    def _write(self, records: tuple[KeyRecord, ...]) -> None:
        content = json.dumps(_File(keys=records).model_dump(mode="json"), indent=2).encode()
        draft = self.path.with_name(f".{FILE}.{os.getpid()}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            raise StoreError(f"The API keys cannot be written to {self.path}: {error.strerror}") from error

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep other processes from changing the file meanwhile."""
        lock = FileLock(self.path.with_name(f"{FILE}.lock"))
        try:
            held = lock.acquire(timeout_s=10.0)
        except OSError as error:
            raise StoreError(f"The API keys cannot be written to {self.path}: {error.strerror}") from error
        if not held:
            raise StoreError(f"Another process is changing {self.path}; try again.")
        try:
            yield
        finally:
            lock.release()


def _parts(key: str) -> tuple[str, str]:
    prefix, _, rest = key[:_LONGEST].partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if prefix == _PREFIX else ("", "")


def _hash(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode("utf-8", "replace")).hexdigest()
