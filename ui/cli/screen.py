"""Prints proposals, verdicts and progress on a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from recommender.llm.streaming import NOT_CHECKED, Heard, Piece, Transcript
from ui.view import Line, Section, evidence_text, headline, more_text, sections_of, verdict_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.status import Status

    from recommender.proposal import Proposal
    from recommender.validation.verdict import Verdict

#: Lines of a section that are printed before the rest is counted.
MOST_LINES = 20
#: Columns of what is printed elsewhere than on a terminal, which knows its own.
WIDTH = 100
#: What stands before a model's words, and letters at the end of them that are shown while it writes.
_MODEL, _TAIL = f"The model writes ({NOT_CHECKED}):", 200
#: Columns of what a line is about; longer names are wrapped.
_NAME_WIDTH = 22


def console() -> Console:
    """Return where answers are printed: standard output, as wide as the terminal."""
    found = Console(highlight=False, emoji=False)
    return found if found.is_terminal else Console(highlight=False, emoji=False, width=WIDTH)


class Progress:
    """Tells what is being done; on a terminal, what a language model writes, too.

    Args:
        show: Shows a step in words.
        hear: Is given what a model writes; None where nobody watches it being written.
    """

    def __init__(self, show: Callable[[str], None], hear: Heard | None = None) -> None:
        self._show, self.hear = show, hear

    def __call__(self, text: str) -> None:
        """Tell a step."""
        self._show(text)


@contextmanager
def progress_on(stream: TextIO) -> Iterator[Progress]:
    """Show what is being done: a spinner with the elapsed time on a terminal, a line each elsewhere.

    On a terminal, a model's talk grows below the spinner while it is written, and stays as a line when a turn is over.
    """
    shown = Console(file=stream, highlight=False, emoji=False, soft_wrap=True)
    started = time.monotonic()

    def told(text: str) -> str:
        return f"[{time.monotonic() - started:5.1f} s] {text}"

    if not shown.is_terminal:
        yield Progress(lambda text: shown.print(told(text), markup=False))
        return
    with shown.status("Starting") as status:
        watched = _Watched(shown, status)
        yield Progress(lambda text: watched.step(told(text)), watched.hear)


class _Watched:
    """A step, and below it what a model writes."""

    def __init__(self, screen: Console, status: Status) -> None:
        self._screen, self._status = screen, status
        self._step, self._turn = "", Transcript()

    def step(self, text: str) -> None:
        self._step = text
        self._update()

    def hear(self, piece: Piece) -> None:
        self._turn.hear(piece)
        if piece.kind == "end":
            if self._turn.text:
                self._screen.print(Text(f"{_MODEL} {self._turn.text}", style="dim"))
            self._turn = Transcript()
        self._update()

    def _update(self) -> None:
        talk = self._turn.text[-_TAIL:]
        self._status.update(escape(f"{self._step}\n{_MODEL} {talk}" if talk else self._step))


def print_proposal(proposal: Proposal) -> None:
    """Print a proposal for people: what, why, on what evidence, what the gate found, and what to beware of."""
    screen = console()
    screen.print()
    screen.print(Text(headline(proposal), style="bold"))
    for section in sections_of(proposal):
        if section.lines:
            _print_section(screen, section)
    if proposal.verdict is not None:
        print_verdict(proposal.verdict)
    _print_texts(screen, "Assumptions", proposal.assumptions)
    _print_texts(screen, "Warnings", proposal.warnings)
    screen.print()
    show(screen, Text(more_text(proposal), style="dim"), indent=0)


def print_verdict(verdict: Verdict) -> None:
    """Print what the gate found, stage by stage."""
    screen = console()
    _print_section(screen, Section(f"Checked before it is shown: {verdict.outcome}", verdict_lines(verdict)))


def refuse(verdict: Verdict, *, as_json: bool) -> int:
    """Say that nothing sound was found, and why: an abstention. Returns the exit code."""
    if as_json:
        print(json.dumps({"advice": {"value": "abstain"}, "verdict": json.loads(verdict.model_dump_json())}, indent=2))
    else:
        print("No recommendation: nothing that was proposed passed the checks.")
        print_verdict(verdict)
    return 1


def _print_section(screen: Console, section: Section) -> None:
    screen.print()
    screen.print(Text(section.title, style="bold"))
    if reason := _reason(section.why, evidence_text(section.citations)):
        show(screen, reason)
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(width=_NAME_WIDTH, overflow="fold")
    rows.add_column(overflow="fold")
    for line in section.lines[:MOST_LINES]:
        _add(rows, line)
    show(screen, rows)
    if len(section.lines) > MOST_LINES:
        screen.print(f"  ... and {len(section.lines) - MOST_LINES} more (--json shows all)")


def _add(rows: Table, line: Line) -> None:
    rows.add_row(Text(line.name), Text(line.value))
    if reason := _reason(line.why, evidence_text(line.citations)):
        rows.add_row("", reason)


def _reason(why: str, evidence: str) -> Text | None:
    text = "  ".join(part for part in (why, f"[{evidence}]" if evidence else "") if part)
    return Text(text, style="dim") if text else None


def show(screen: Console, content: Table | Text, *, indent: int = 2) -> None:
    """Print `content` indented, without the blanks that tables fill their lines with."""
    with screen.capture() as capture:
        screen.print(Padding(content, (0, 0, 0, indent), expand=False))
    for line in capture.get().splitlines():
        print(line.rstrip())


def _print_texts(screen: Console, heading: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    screen.print()
    screen.print(Text(heading, style="bold"))
    rows = Table.grid(padding=(0, 1, 0, 0))
    for text in texts:
        rows.add_row("-", Text(text))
    show(screen, rows)
