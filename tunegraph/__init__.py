"""The front door.

    from tunegraph import autoconfigure, objective_for

    study = autoconfigure(frame, "churn", time_s=600)
    study.optimize(objective_for(frame, "churn", study), n_trials=50)

From there on it is plain Optuna. `recommend` gives the proposal itself, with its evidence; `Tunegraph` the graph, and
recommendations for tables that are only described.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recommender.proposal import Proposal
    from recommender.studies import configure_study, proposal_of
    from recommender.tuning import optimise
    from ui.compose import Settings, Tunegraph
    from ui.facade import autoconfigure, learn_from, objective_for, recommend
    from ui.request import Request

    #: The version that is installed.
    __version__: str

__all__ = [
    "Proposal",
    "Request",
    "Settings",
    "Tunegraph",
    "autoconfigure",
    "configure_study",
    "learn_from",
    "objective_for",
    "optimise",
    "proposal_of",
    "recommend",
]

_HOME = {
    "Proposal": "recommender.proposal",
    "Request": "ui.request",
    "Settings": "ui.compose",
    "Tunegraph": "ui.compose",
    "autoconfigure": "ui.facade",
    "configure_study": "recommender.studies",
    "learn_from": "ui.facade",
    "objective_for": "ui.facade",
    "optimise": "recommender.tuning",
    "proposal_of": "recommender.studies",
    "recommend": "ui.facade",
}


def __getattr__(name: str) -> Any:
    """Import a name from its home when it is first used, so that ``import tunegraph`` is quick."""
    if name == "__version__":
        return _version()
    if name not in _HOME:
        raise AttributeError(f"module 'tunegraph' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def _version() -> str:
    """Return the version that is installed; it is laid down in ``pyproject.toml`` and nowhere else."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tunegraph")
    except PackageNotFoundError:  # a folder that was never installed
        return "0+unknown"
