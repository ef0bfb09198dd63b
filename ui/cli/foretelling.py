"""``tunegraph log``: the predicted training log of a proposal, beside what its test run measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Home, Json, LlmSeconds, LlmUrl
from ui.defaults import LLM_SECONDS

Proposed = Annotated[Path, typer.Argument(help="A proposal as JSON.")]
Llm = Annotated[
    str | None, typer.Option(help="A language model that words it: openai:MODEL, anthropic:..., ollama:...")
]


def command(
    proposal: Proposed,
    llm: Llm = None,
    llm_base_url: LlmUrl = None,
    llm_seconds: LlmSeconds = LLM_SECONDS,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Tell what tuning should bring, trial by trial and along the fidelity, and how the test run compares."""
    from recommender.llm.training_log import predicted_log, told
    from ui.cli.files import read_proposal
    from ui.cli.requests import request_from
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph
    from ui.drafting import reading_model

    read = read_proposal(proposal)
    request = request_from(llm=llm, llm_base_url=llm_base_url, llm_seconds=llm_seconds)
    model = reading_model(request)
    with progress_on(sys.stderr) as progress:
        log = predicted_log(read, Tunegraph(Settings.from_environment(home), progress=progress).store)
        lines, notes = told(log), tuple[str, ...]()
        if model is not None:
            from recommender.llm.telling import told_by

            progress(f"Asking {model.name}")
            lines, notes = told_by(model, log)
    print(log.model_dump_json(indent=2) if as_json else "\n".join(lines))
    for note in notes:
        print(note, file=sys.stderr)
