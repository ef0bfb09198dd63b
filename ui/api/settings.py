"""What an installation may decide about its API."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from kg.errors import InputError

MIB = 1024 * 1024


@dataclass(frozen=True)
class ApiSettings:
    """How the API serves. The defaults suit one person on one machine."""

    host: str = "127.0.0.1"
    """Address to listen on. Others than loopback need a key (`check_binding`)."""
    port: int = 8000
    """0: any that is free."""
    requests_per_minute: float = 600.0
    """Of one key, or of one address without one (a wrong key is none). 0: no limit."""
    burst: int = 120
    """Requests at once, before the rate counts."""
    max_body_bytes: int = MIB
    """Of a request that is no upload."""
    max_upload_bytes: int = 64 * MIB
    """Of a table or a study that is uploaded."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the API from a browser; none unless named."""
    n_workers: int = 2
    """Proposals that are worked on at once, each in a process of its own."""
    max_waiting: int = 16
    """Proposals that wait; more are refused with 503."""
    job_seconds: float = 900.0
    """After which a proposal that is not done is given up."""
    job_memory_mb: int = 8192
    """Address space of a process that works on proposals. 0: no limit."""
    kept_jobs: int = 200
    """Finished proposals that can still be fetched; the oldest go first."""
    llm: str | None = None
    """Language model that callers may let draft, ``provider:model``; whoever runs the service names it, and pays."""
    llm_base_url: str | None = None
    """Where a server speaks the provider's API."""
    kept_days: float = 7.0
    """Days for which one can still be fetched, also after a restart."""


def is_loopback(host: str) -> bool:
    """Say whether `host`, a name or an address, is this machine seen from itself."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_binding(host: str, *, has_keys: bool) -> None:
    """Refuse to serve others than this machine as long as no one can be told from anyone.

    Raises:
        InputError: `host` is no loopback address, and there is no key.
    """
    if not is_loopback(host) and not has_keys:
        raise InputError(
            f"{host} can be reached from other machines, and there is no API key.",
            where="--host",
            allowed="127.0.0.1, or any address once there is a key: tunegraph keys add NAME",
        )
