"""``tunegraph explain``."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from recommender.explain import Account

#: Citations and runs that are told where one field was asked for; and where all fields are gone through.
MOST_RUNS, MOST_IN_OVERVIEW = 3, 2
#: Characters of a value or of a rule's arguments in the overview.
_CUT = 160


def explain_command(path: Path, field: str | None, *, as_json: bool, home: Path | None) -> int:
    """Print why a proposal, or one field of it, is as it is. Returns the exit code.

    Raises:
        InputError: The file is no proposal, or there is no such field.
    """
    from recommender.explain import account_of, grounded_fields
    from ui.cli.files import read_proposal
    from ui.cli.screen import console, progress_on
    from ui.compose import Settings, Tunegraph

    proposal = read_proposal(path)
    fields = [field] if field is not None else list(grounded_fields(proposal))
    with progress_on(sys.stderr) as progress:
        store = Tunegraph(Settings.from_environment(home), progress=progress).store
        accounts = [account_of(proposal, name, store) for name in fields]
    if as_json:
        print(json.dumps([dataclasses.asdict(account) for account in accounts], indent=2, default=str))
        return 0
    screen = console()
    for account in accounts:
        _print_account(screen, account, whole=field is not None)
    return 0


def _print_account(screen: Console, account: Account, *, whole: bool) -> None:
    """Print an account: in full, or cut to what an overview needs."""
    screen.print()
    screen.print(Text.assemble((account.field, "bold"), " = ", _cut(_spaced(account.value), whole=whole)))
    _print(screen, account.rationale)
    if account.citations:
        _print(screen, f"confidence {account.confidence:.2f}, from {_pieces(account.n_citations)} of evidence")
    if account.rule:
        arguments = json.dumps(account.arguments, default=str) if account.arguments else ""
        _print(screen, f"rule: {account.rule} {_cut(arguments, whole=whole)}", style="dim")
    told = account.citations if whole else account.citations[:MOST_IN_OVERVIEW]
    for cited in told:
        _print(screen, f"- {cited.text}")
        _print(screen, f"  {cited.source} <{cited.iri}>", style="dim")
        for run in cited.runs[:MOST_RUNS] if whole else ():
            _print(screen, f"  run <{run}>", style="dim")
    if account.n_citations > len(told):
        _print(screen, f"- and {_pieces(account.n_citations - len(told))} more")
    if account.parts:
        _print(screen, f"ask for: {_cut(', '.join(account.parts), whole=whole)}", style="dim")


def _print(screen: Console, text: str, *, style: str = "") -> None:
    from ui.cli.screen import show

    if text:
        show(screen, Text(text, style=style, overflow="fold"))


def _spaced(value: str) -> str:
    """Return a JSON value with blanks that lines can be broken at; any other text as it is."""
    try:
        return json.dumps(json.loads(value))
    except json.JSONDecodeError:
        return value


def _pieces(n: int) -> str:
    return f"{n} piece" if n == 1 else f"{n} pieces"


def _cut(text: str, *, whole: bool) -> str:
    return text if whole or len(text) <= _CUT else text[: _CUT - 4] + " ..."
