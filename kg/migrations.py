"""The version of the layout that a graph is written in, and the way from older ones to this.

A change to how items are laid out (`kg.rdf_mapping`, `kg.neo4j_terms`) raises `LAYOUT` and adds a migration from the
one before. Each is one transaction: a graph is in one layout or the next, never between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kg.errors import StoreError
from kg.store import KnowledgeStore

_log = logging.getLogger(__name__)


class NotingStore(Protocol):
    """A store that keeps notes about itself beside the knowledge."""

    def note(self, name: str) -> str | None:
        """Return what was kept under `name`; None where nothing was."""

    def keep_note(self, name: str, text: str) -> None:
        """Keep a text about this store itself."""


@dataclass(frozen=True)
class Migration:
    """A step from one layout to the next."""

    to: int
    """The layout that it makes, of the one before."""
    text: str
    """What it changes, for people."""
    apply: Callable[[KnowledgeStore], None]
    """Makes the change; called within a transaction."""


#: The layout that this version reads and writes.
LAYOUT: Final = 1
#: The steps there, in order: none yet, for the first layout is the one in use.
MIGRATIONS: Final[tuple[Migration, ...]] = ()
#: Name of the note that holds a graph's layout. A graph without it has the first.
NOTE: Final = "layout"


def layout_of(store: NotingStore) -> int:
    """Return the layout that a graph is written in.

    Raises:
        StoreError: What it says of it is no number.
    """
    text = store.note(NOTE)
    if text is None:
        return 1
    try:
        return int(text)
    except ValueError as error:
        raise StoreError(f"The graph says that its layout is {text!r}, which is no number: it is damaged.") from error


def migrate(
    store: KnowledgeStore, *, migrations: Sequence[Migration] = MIGRATIONS, layout: int = LAYOUT
) -> tuple[str, ...]:
    """Bring a graph to the layout of this version; return what was changed, in words.

    Args:
        store: A store that keeps notes; any other is in the layout of this version by definition.
        migrations: The steps that there are.
        layout: Where to go.

    Raises:
        StoreError: The graph comes from a later version, or a step is missing or fails; then it is as it was before
            that step.
    """
    notes = _noting(store)
    if notes is None:
        return ()
    found, done = layout_of(notes), []
    if found > layout:
        raise StoreError(
            f"The graph was written by a later version of Tunegraph: its layout is {found}, this version knows up to "
            f"{layout}. Update: pip install --upgrade tunegraph. Or use another folder: TUNEGRAPH_HOME."
        )
    while found < layout:
        step = next((one for one in migrations if one.to == found + 1), None)
        if step is None:
            raise StoreError(f"There is no way from layout {found} to {found + 1}: ingest the sources anew.")
        _log.info("Bringing the graph to layout %d: %s", step.to, step.text)
        with store.transaction():
            step.apply(store)
            notes.keep_note(NOTE, str(step.to))
        done.append(step.text)
        found = step.to
    return tuple(done)


def _noting(store: KnowledgeStore) -> NotingStore | None:
    return store if hasattr(store, "note") and hasattr(store, "keep_note") else None
