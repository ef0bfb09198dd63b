"""Prints proposals and progress on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.markup import escape

from ui.view import headline, sections_of, shortened, verdict_lines

if TYPE_CHECKING:
    from recommender.proposal import Proposal
    from recommender.validation.verdict import Verdict

#: Lines of a section that are printed before the rest is counted.
MOST_LINES = 12


@contextmanager
def progress_on(stream: TextIO) -> Iterator[Callable[[str], None]]:
    """Show what is being done: a spinner with the elapsed time on a terminal, a line each elsewhere."""
    console = Console(file=stream, highlight=False)
    if not console.is_terminal:
        started = time.monotonic()
        yield lambda text: console.print(f"[{time.monotonic() - started:5.1f} s] {text}", markup=False)
        return
    with console.status("Starting") as status:
        yield lambda text: status.update(escape(text))


def print_proposal(proposal: Proposal) -> None:
    """Print a proposal for people: what, why, on what evidence, what the gate found, and what to beware of."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]{escape(headline(proposal))}[/bold]")
    for section in sections_of(proposal):
        if not section.lines:
            continue
        console.print(f"\n[bold]{section.title}[/bold]")
        last_why = None
        for line in section.lines[:MOST_LINES]:
            console.print(f"  {escape(line.name):<24} {escape(line.value)}")
            if line.why and line.why != last_why:
                cited = f"  \\[{escape(shortened(line.citations))}]" if line.citations else ""
                console.print(f"  {'':<24} [dim]{escape(line.why)}{cited}[/dim]")
            last_why = line.why
        if len(section.lines) > MOST_LINES:
            console.print(f"  ... and {len(section.lines) - MOST_LINES} more (--json shows all)")
    if proposal.verdict is not None:
        print_verdict(proposal.verdict)
    for heading, texts in (("Assumptions", proposal.assumptions), ("Warnings", proposal.warnings)):
        if texts:
            console.print(f"\n[bold]{heading}[/bold]")
            for text in texts:
                console.print(f"  - {escape(text)}")


def print_verdict(verdict: Verdict) -> None:
    """Print what the gate found, stage by stage."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n[bold]Checked before it is shown[/bold]: {verdict.outcome}")
    for line in verdict_lines(verdict):
        console.print(
            f"  {escape(line.name):<24} {line.value}" + (f"  [dim]{escape(line.why)}[/dim]" if line.why else "")
        )
