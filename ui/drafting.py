"""Recommending with a language model: it drafts, code settles and judges, and the composed proposal is never lost."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.errors import StoreError

if TYPE_CHECKING:
    from recommender.llm.model import ConversingModel, LanguageModel
    from recommender.llm.streaming import Heard
    from recommender.proposal import Proposal
    from recommender.text_index import TextIndex
    from recommender.validation.loop import Validated
    from recommender.validation.stage import GateContext
    from ui.compose import Tunegraph
    from ui.request import Request

#: Share of the seconds for test runs that a second or third draft may take.
REVISION_SHARE = 0.25

#: Seconds that reading or telling words may take beside the draft.
READING_SECONDS = 30.0


def recommend_with_model(
    tunegraph: Tunegraph, composed: Proposal, request: Request, context: GateContext, *, heard: Heard | None = None
) -> Validated:
    """Return the model's proposal if it stands, else the composed one; either tells what became of the draft.

    Args:
        tunegraph: The graph.
        composed: What is proposed without a model.
        request: Names the model and its limits.
        context: For the gate; its seconds begin when the model has answered.
        heard: Is given what the model writes while it writes it: its talk, which nothing has checked yet.

    Raises:
        InputError: There is no such model, its package or key is missing, or models are forbidden.
    """
    from recommender.grounding import check
    from recommender.llm.agent import Agent
    from recommender.llm.bands import near_equal, told_bands
    from recommender.llm.library import Library
    from recommender.llm.privacy import Mask, WithheldModel, warning
    from recommender.llm.proposing import asked, judged
    from recommender.recognition import recognised

    model = _opened(request)
    datasets, task = tunegraph.store.datasets(), composed.task
    known = recognised(task, datasets)
    library = Library(task, tunegraph.composer, n_warm_starts=request.n_warm_starts, index=_index(tunegraph))
    library.take(composed)
    if request.anonymise:
        model = WithheldModel(model, Mask.of(task, context.table, known, near_equal(task.meta_features, datasets)))
        library.bands = told_bands(task.meta_features, datasets)
    agent = Agent(
        model,
        library,
        lambda proposal: check(proposal, tunegraph.store, surfaces=tunegraph.composer.surfaces),
        revision_seconds=max(1.0, REVISION_SHARE * request.test_run_seconds),
        told=context.progress,
        heard=heard,
    )
    context.progress(f"Asking {model.name}")
    found = asked(agent)
    context.progress(found.spent)
    shown = judged(found, composed, replace(context, deadline=time.monotonic() + context.test_run_seconds))
    told = warning(known, anonymised=request.anonymise)
    if shown.proposal is None or not told:
        return shown
    return replace(shown, proposal=shown.proposal.replace(warnings=(told, *shown.proposal.warnings)))


def reading_model(request: Request) -> LanguageModel | None:
    """Return the model that reads or tells words; None where there is none, or names are to be withheld from it.

    Words that somebody says may hold any name, so nothing of them is sent then.

    Raises:
        InputError: There is no such model, its package or key is missing, or models are forbidden.
    """
    if request.llm is None or request.anonymise:
        return None
    return _opened(request.replace(llm_seconds=min(READING_SECONDS, request.llm_seconds)))


def _opened(request: Request) -> ConversingModel:
    from recommender.llm.providers import open_model
    from recommender.llm.usage import Limits

    limits = Limits(seconds=request.llm_seconds, call_seconds=min(60.0, request.llm_seconds))
    return open_model(str(request.llm), base_url=request.llm_base_url, limits=limits)


def _index(tunegraph: Tunegraph) -> TextIndex | None:
    try:
        return tunegraph.text_index
    except StoreError:  # passages that cannot be read are no reason to give nothing
        return None
