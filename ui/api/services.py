"""What the routes work with, one of each an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from ui.api.access import Caller, asking
from ui.api.catalogue import Catalogue, Catalogues
from ui.api.keys import KeyRing
from ui.api.metrics import Metrics
from ui.api.settings import ApiSettings
from ui.api.texts import Texts
from ui.compose import Tunegraph
from ui.public import PublicTunegraph

if TYPE_CHECKING:
    from ui.api.jobs import JobBoard


@dataclass(frozen=True)
class Services:
    """What the routes work with."""

    settings: ApiSettings
    whole: Tunegraph
    """All of the graph."""
    public: PublicTunegraph
    """What is public of it."""
    keys: KeyRing
    metrics: Metrics
    jobs: JobBoard
    catalogues: Catalogues = field(default_factory=Catalogues)

    texts: Texts = field(default_factory=Texts)

    def tunegraph_for(self, caller: Caller) -> Tunegraph:
        """Return the recommender over what `caller` may see."""
        return self.whole if caller.sees_private else self.public


def services_of(request: Request) -> Services:
    """Return the application's services."""
    found: Services = request.app.state.services
    return found


async def _here(request: Request) -> Services:
    return services_of(request)


Here = Annotated[Services, Depends(_here)]
Asking = Annotated[Caller, Depends(asking)]


async def _tunegraph(services: Here, caller: Asking) -> Tunegraph:
    return services.tunegraph_for(caller)


#: The recommender over what the caller may see.
Seen = Annotated[Tunegraph, Depends(_tunegraph)]


def _catalogue(services: Here, seen: Seen) -> Catalogue:
    return services.catalogues.of(seen.store)


#: What the graph holds that the caller may see.
Listed = Annotated[Catalogue, Depends(_catalogue)]
