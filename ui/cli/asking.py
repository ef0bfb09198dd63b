"""``tunegraph ask "..."``: a task in words, a proposal, what was taken for granted, and what is asked back."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.options import Home, Json, LlmSeconds, LlmUrl, TestRun
from ui.defaults import LLM_SECONDS

if TYPE_CHECKING:
    from recommender.llm.cards import Card
    from ui.conversation import Reply, Spoken
    from ui.request import Request

Words = Annotated[
    str,
    typer.Argument(show_default=False, help='Such as "40,000 loan records, 3 % defaults, ten minutes on a laptop".'),
]
Data = Annotated[str | None, typer.Option(help="The table that is talked about.", show_default=False)]
Target = Annotated[str | None, typer.Option(help="Its column to predict.", show_default=False)]
Cards = Annotated[
    list[Path] | None, typer.Option("--card", help="A data card or model card (Markdown); may be given twice.")
]
Session = Annotated[
    Path | None,
    typer.Option(help="A file that keeps the conversation: what is said next refines it, or asks why."),
]
Llm = Annotated[str | None, typer.Option(help="A language model that helps: openai:MODEL, anthropic:..., ollama:...")]
Anonymise = Annotated[bool, typer.Option("--anonymise", help="Withhold words and names from the language model.")]


def command(
    words: Words = "",
    data: Data = None,
    target: Target = None,
    card: Cards = None,
    session: Session = None,
    llm: Llm = None,
    llm_base_url: LlmUrl = None,
    llm_seconds: LlmSeconds = LLM_SECONDS,
    anonymise: Anonymise = False,
    as_json: Json = False,
    test_run: TestRun = True,
    home: Home = None,
) -> None:
    """Say what is to be tuned in words; refine it, or ask why, with --session FILE."""
    from ui.cli.requests import request_from

    request = request_from(
        test_run=test_run, llm=llm, llm_base_url=llm_base_url, llm_seconds=llm_seconds, anonymise=anonymise
    )
    given = Given(data=data, target=target, cards=tuple(card or ()), session=session)
    raise typer.Exit(ask_command(words, request, given, as_json=as_json, home=home))


@dataclass(frozen=True)
class Given:
    """What is talked about."""

    data: str | None = None
    target: str | None = None
    cards: tuple[Path, ...] = ()
    session: Path | None = None
    export: Path | None = None
    """Where to write a script that runs the study."""


def ask_command(words: str, request: Request, given: Given, *, as_json: bool = False, home: Path | None = None) -> int:
    """Answer and print. Returns the exit code: 1 where there is neither a proposal nor an answer.

    Raises:
        InputError: Nothing was understood, the session or a card is none, or a target has no table.
    """
    from ui.cli.files import check_target
    from ui.cli.recommend import check_export, export
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph
    from ui.conversation import Conversation

    check_target(given.target, given.data)
    if given.export is not None:
        check_export(given.export, given.data)
    cards = tuple(map(read_card_file, given.cards))
    spoken = read_session(given.session)
    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        talk = Conversation(tunegraph, request, given.data, given.target, spoken, cards, progress.hear)
        is_first = cards and not words.strip()
        reply = talk.answer_cards(progress=progress) if is_first else talk.say(words, progress=progress)
    if given.session is not None:
        write_session(given.session, talk.spoken)
    if given.export is not None and reply.proposal is not None:
        export(reply.proposal, str(given.data), reply.proposal.task.target, given.export)
    if as_json:
        print(reply.model_dump_json(indent=2))
    else:
        _print(reply)
    is_answered = reply.proposal is not None or reply.understanding is None
    return 0 if is_answered else 1


def read_card_file(path: Path) -> Card:
    """Return what a card says.

    Raises:
        InputError: It cannot be read, or says nothing of a task.
    """
    from kg.errors import InputError
    from recommender.llm.card_text import MOST_CHARACTERS
    from recommender.llm.cards import read_card

    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read: {error}.", where=str(path), allowed="a Markdown file in UTF-8") from None
    try:
        return read_card(text)
    except InputError as error:
        raise InputError(error.message, where=f"{path}: {error.where}", allowed=error.allowed) from None


def read_session(path: Path | None) -> Spoken:
    """Return what was said before; nothing where the file is not there yet.

    Raises:
        InputError: The file holds no conversation.
    """
    from pydantic import ValidationError

    from kg.errors import InputError
    from ui.conversation import Spoken

    if path is None or not path.exists():
        return Spoken()
    try:
        return Spoken.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise InputError(
            f"This is no conversation: {type(error).__name__}.",
            where=str(path),
            allowed="a file that --session wrote, or one that is not there yet",
        ) from None


def write_session(path: Path, spoken: Spoken) -> None:
    """Keep a conversation.

    Raises:
        InputError: The file cannot be written.
    """
    from kg.errors import InputError

    try:
        path.write_text(spoken.model_dump_json(indent=1), encoding="utf-8")
    except OSError as error:
        raise InputError(f"Cannot write: {error.strerror}.", where=str(path), allowed="a path to write to") from error


def _print(reply: Reply) -> None:
    from ui.cli.screen import print_proposal

    if (found := reply.understanding) is not None:
        said = {name: one.quote for name, one in found.said.items()}
        _print_rows("Understood", [(name, _plain(getattr(found.stated, name)), said[name]) for name in said])
        print(f"  metric: {found.metric}. {found.metric_reason}")
    for heading, texts in (
        ("Changed", reply.changes),
        ("Not used", found.notes if found is not None else ()),
        ("It would help to know", found.questions if found is not None else ()),
    ):
        if texts:
            print(f"\n{heading}")
            for text in texts:
                print(f"  - {text}")
    if reply.proposal is not None:
        print_proposal(reply.proposal)
        print("\nPredicted training log")
    for line in (*reply.lines, *reply.notes):
        print(f"  {line}" if reply.proposal is not None else line)


def _print_rows(heading: str, rows: list[tuple[str, str, str]]) -> None:
    print(heading)
    for name, value, quote in rows:
        print(f"  {name}: {value}  ('{quote}')")


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, default=str).strip('"')
