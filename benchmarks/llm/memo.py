"""A graph that is asked everything once: hundreds of conversations ask the same of one that does not change."""

from __future__ import annotations

from typing import Any


class Memo:
    """Keeps the answers of a store; all that it does not know is asked of the store itself.

    Args:
        store: The graph; nothing may change it meanwhile.
    """

    _KEPT = frozenset({"evidence", "get", "has", "datasets", "counts", "fingerprint", "ask"})

    def __init__(self, store: Any) -> None:
        self._store = store
        self._known: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._store, name)
        if name not in self._KEPT:
            return own

        if name == "ask":
            return lambda question, parameters=None: iter(self._asked(question, parameters))

        def kept(*given: Any, **named: Any) -> Any:
            key = (name, given, tuple(sorted(named.items())))
            if key not in self._known:
                self._known[key] = own(*given, **named)
            return self._known[key]

        return kept

    def _asked(self, question: str, parameters: Any) -> list[dict[str, Any]]:
        key = ("ask", question, tuple(sorted((parameters or {}).items())))
        if key not in self._known:
            self._known[key] = list(self._store.ask(question, parameters))
        found: list[dict[str, Any]] = self._known[key]
        return found
