"""What may go wrong between here and a server of OpenML.

FetchError                  one thing could not be had; has a `reason` to count by
├── TransientError          may go well the next time: busy, slow, cut short
├── MalformedError          an answer came, whole, and cannot be used: asking for less at once may help
└── RefusedError            the server said no, or we did: asking again is of no use
    └── NoResultError       there is no such thing, or nothing in the list

FetchStopped                nothing more is fetched now; has a `reason`, too
"""

from __future__ import annotations

from kg.errors import TunegraphError

#: Characters of a detail that are kept: servers answer with whole pages.
_DETAIL = 300


class FetchError(TunegraphError):
    """Something could not be fetched.

    Args:
        reason: A stable name of what is wrong, such as ``server error``; failures are counted by it.
        detail: What exactly, for people.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = " ".join(detail.split())[:_DETAIL]
        super().__init__(reason, self.detail)

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class TransientError(FetchError):
    """The next try may go well.

    Args:
        reason: See `FetchError`.
        detail: See `FetchError`.
        retry_after_s: How long the server asks us to wait; None where it does not say.
    """

    def __init__(self, reason: str, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, detail)
        self.retry_after_s = retry_after_s


class MalformedError(FetchError):
    """A whole answer that cannot be read: not what OpenML's format says, or larger than is allowed."""


class RefusedError(FetchError):
    """The server refuses, or we refuse to follow it."""


class NoResultError(RefusedError):
    """There is no such record, or the list is empty."""


class FetchStopped(TunegraphError):  # noqa: N818  # no failure: a limit of the user's own, or a server that is away
    """The fetch ends here; what was fetched is safe, and the next one goes on.

    Args:
        reason: ``time budget`` or ``server down``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
