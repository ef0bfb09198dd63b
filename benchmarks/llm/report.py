"""The report on scripted conversations, in Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any


def report(tallies: Iterable[Any], n_tables: int, seed: int) -> str:
    """Return the report on all tempers.

    Args:
        tallies: What came of the conversations, one for each temper.
        n_tables: Over how many tables.
        seed: Of all that was left to chance.
    """
    found = list(tallies)
    lines = [
        "# Language models of every temper",
        "",
        f"Scripted models over real HTTP, the real agent, the starter graph and {n_tables} real tables, seed {seed};",
        "nothing was fitted. `python -m benchmarks.llm` repeats it. A *fault* is a value in what is shown that nothing",
        "supports, a wish that was cut or dropped and not told, or no validated answer.",
        "",
        "| model | talks | drafts | unchanged | repaired | dropped | lies told | faults | median s | longest s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_row(tally) for tally in found]
    for tally in found:
        if tally.lies:
            lines += ["", f"## Lies of the {tally.temper} model", "", "| lie | times |", "|---|---|"]
            lines += [f"| {name} | {count} |" for name, count in sorted(tally.lies.items())]
        if tally.temper == "honest" and tally.changes:
            lines += ["", "## What was changed in honest drafts", "", *(f"* {change}" for change in tally.changes)]
        if tally.faults:
            lines += [
                "",
                f"## Faults with the {tally.temper} model",
                "",
                *(f"* {fault}" for fault in tally.faults[:50]),
            ]
    return "\n".join(lines) + "\n"


def _row(tally: Any) -> str:
    lies, noted, seconds = sum(tally.lies.values()), tally.noted, tally.seconds
    cells = (
        tally.temper, tally.conversations, tally.drafts, tally.unchanged, noted["repaired"], noted["dropped"], lies,
        len(tally.faults), f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"
