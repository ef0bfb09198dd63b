"""Which release of a library is installed, found without importing it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata


@lru_cache(maxsize=64)
def version_of(distributions: tuple[str, ...]) -> str | None:
    """Return the version of the first of `distributions` that is installed, or None where none is."""
    for distribution in distributions:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return None


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, so that releases compare: ``1.10.2rc1`` -> (1, 10, 2)."""
    return tuple(int(part) for part in re.findall(r"(?:^|\.)(\d+)", version.partition("+")[0])[:3])


def is_available(distributions: Iterable[str], *, since: str | None, until: str | None) -> bool:
    """Say whether something that came with release `since` and went with `until` is in the installed release.

    Where no distribution is installed, its newest release is meant.
    """
    if since is None and until is None:
        return True
    version = version_of(tuple(distributions))
    if version is None:
        return until is None
    return (since is None or release(version) >= release(since)) and (
        until is None or release(version) < release(until)
    )
