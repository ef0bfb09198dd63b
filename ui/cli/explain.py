"""``tunegraph explain``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape


def explain_command(path: Path, field: str | None, as_json: bool, home: Path | None) -> int:
    """Print why a proposal, or one field of it, is as it is. Returns the exit code.

    Raises:
        InputError: The file is no proposal, or there is no such field.
    """
    from recommender.explain import account_of, grounded_fields
    from recommender.proposal import Proposal
    from ui.cli.files import read_text
    from ui.compose import Settings, Tunegraph

    proposal = Proposal.from_json(read_text(path))
    store = Tunegraph(Settings.from_environment(home)).store
    fields = [field] if field is not None else list(grounded_fields(proposal))
    accounts = [account_of(proposal, name, store) for name in fields]
    if as_json:
        print(json.dumps([dataclasses.asdict(account) for account in accounts], indent=2, default=str))
        return 0
    console = Console(highlight=False, soft_wrap=True)
    for account in accounts:
        console.print(f"\n[bold]{escape(account.field)}[/bold] = {escape(account.value)}")
        console.print(f"  {escape(account.rationale)}  (confidence {account.confidence:.2f})")
        if account.rule:
            console.print(f"  rule: {account.rule} {escape(json.dumps(account.arguments, default=str))}")
        for cited in account.citations:
            console.print(f"  - {escape(cited.text)} [dim]{escape(cited.source)} <{cited.iri}>[/dim]")
            for run in cited.runs[: 3 if field else 0]:
                console.print(f"      [dim]run <{run}>[/dim]")
        if account.n_citations > len(account.citations):
            console.print(f"  - and {account.n_citations - len(account.citations)} more pieces of evidence")
        if account.parts:
            console.print(f"  more: {', '.join(account.parts)}")
    return 0
