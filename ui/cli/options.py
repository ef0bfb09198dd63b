"""The options that several commands share: the same name, meaning and default wherever one stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[Path | None, typer.Option(envvar="TUNEGRAPH_HOME", help="Where the graph lives.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]
TestRun = Annotated[bool, typer.Option("--test-run/--no-test-run", help="Whether to fit anything before answering.")]
LlmUrl = Annotated[str | None, typer.Option("--llm-base-url", help="Where a server speaks the provider's API.")]
LlmSeconds = Annotated[float, typer.Option("--llm-seconds", help="Time for the language model.")]
