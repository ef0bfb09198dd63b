"""A storage of Optuna whose calls are tried again while it cannot be reached, such as for a restart of its server."""

from __future__ import annotations

import abc
import sys
import time
from collections.abc import Callable
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import BaseStorage
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError

#: Seconds for which calls are tried again where the storage has gone away, such as for a restart.
PATIENCE_S = 120.0
#: Seconds before a call is tried again at first; they double each time, up to the second figure.
_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0


def _is_gone(error: Exception) -> bool:
    """Say whether a call failed because the storage cannot be reached now, so that it may be tried again."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    if isinstance(cause, PendingRollbackError):
        return True  # a connection was cut within a transaction, and Optuna asked once more in the same one
    if isinstance(cause, DBAPIError):
        if "sqlite" in str(type(cause.orig)):
            return "database is locked" in str(cause)
        return isinstance(cause, OperationalError | InterfaceError) or cause.connection_invalidated
    code = getattr(cause, "code", None)  # of a grpc.RpcError
    return callable(code) and getattr(code(), "name", "") == "UNAVAILABLE"


def _retried_errors() -> tuple[type[Exception], ...]:
    grpc = sys.modules.get("grpc")
    return (StorageInternalError, DBAPIError, PendingRollbackError, *((grpc.RpcError,) if grpc is not None else ()))


class _Patient(BaseStorage):
    """Another storage, whose calls are tried again while it cannot be reached."""

    def __init__(self, inner: BaseStorage, patience_s: float) -> None:
        self.inner, self.patience_s = inner, patience_s

    def ask(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Call the method `name` of the storage, again and again until it can be reached or patience is spent."""
        deadline, pause, again = time.monotonic() + self.patience_s, _PAUSE_S, False
        while True:
            try:
                return getattr(self.inner, name)(*arguments, **options)
            except UpdateFinishedTrialError:
                # The call before came through, only its answer did not.
                if not again or name != "set_trial_state_values" or not self._has_state(*arguments, **options):
                    raise
                return True
            except _retried_errors() as error:
                if not _is_gone(error) or time.monotonic() >= deadline:
                    raise
            again = True
            self.inner.remove_session()  # with its cut connection
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _has_state(self, trial_id: int, state: optuna.trial.TrialState, values: Any = None) -> bool:
        trial = self.inner.get_trial(trial_id)
        return trial.state == state and (values is None or list(trial.values or ()) == list(values))


def _asking(name: str) -> Callable[..., Any]:
    def call(self: _Patient, *arguments: Any, **options: Any) -> Any:
        return self.ask(name, arguments, options)

    call.__doc__ = getattr(BaseStorage, name).__doc__
    return call


#: `_Patient` with each of the methods that Optuna asks of a storage.
PatientStorage: Any = abc.ABCMeta(
    "PatientStorage",
    (_Patient,),
    {n: _asking(n) for n in vars(BaseStorage) if not n.startswith("_") and callable(getattr(BaseStorage, n))},
)
