"""A recommender for whoever may not see the user's own studies: the same rooms, over the public part of the graph."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ui.compose import Tunegraph

if TYPE_CHECKING:
    from kg.public_mirror import PublicMirror
    from kg.rdf_public import PublicCopy
    from kg.rdf_store import RdfStore


class PublicTunegraph(Tunegraph):
    """A recommender to whose answers the user's own studies contribute nothing.

    What it reads is a copy of the graph that lacks them (`kg.rdf_public`), so nothing can be asked that would tell.
    It writes nothing: `ingest`, `learn_from` and `forget` are for the whole.

    Args:
        whole: The recommender over all of the graph.
    """

    def __init__(self, whole: Tunegraph) -> None:
        super().__init__(whole.settings)
        self._whole = whole

    @property
    def store(self) -> RdfStore:  # asked for anew each time, for the graph goes on
        """The public part of the graph, up to date."""
        return self._copy.current()

    @cached_property
    def _copy(self) -> PublicCopy | PublicMirror:
        from kg.public_mirror import PublicMirror
        from kg.rdf_public import PublicCopy
        from kg.rdf_store import RdfStore

        store, folder = self._whole.store, self.settings.home / "cache" / "public-graph"
        return PublicCopy(store, folder) if isinstance(store, RdfStore) else PublicMirror(store, folder)
