"""What one visitor of the pages has given, asked and been told; and the one recommender that all of them share.

    session().shown        # the answer that the pages speak of
    tunegraph().recommend(...)

Nothing of a session is ever put where another one looks: files are in a folder of its own that goes with the session.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from kg.model import Iri, TaskType
from ui.compose import Settings, Tunegraph
from ui.request import Request

if TYPE_CHECKING:
    import pandas as pd

    from kg.tables import Table
    from recommender.llm.stated import Reading
    from recommender.llm.streaming import Transcript
    from recommender.proposal import Proposal
    from recommender.task import TuningTask
    from recommender.validation.loop import Validated
    from recommender.validation.verdict import Verdict
    from ui.jobs import Job

#: Seconds between the loss of a visitor's connection and the end of the files: longer than a reconnection may take.
GRACE_S: Final = 180.0
#: Where a session is kept among the state of the pages.
_KEY: Final = "tunegraph"


@dataclass(frozen=True)
class Given:
    """What is to be recommended for."""

    name: str
    """What the table is called: a file's name, an example's, OpenML's."""
    path: Path | None = None
    """The table, in the session's folder or among the examples; None where it is only described."""
    target: str | None = None
    meta_features: Mapping[str, Any] = field(default_factory=dict)
    """OpenML quality -> number, where there is no table."""
    words: str = ""
    """What the visitor said of it, where that is all there is."""


@dataclass(frozen=True)
class Looked:
    """A table that was read once and is looked at on every rerun."""

    path: Path
    names: tuple[str, ...]
    head: pd.DataFrame
    """The first rows."""
    target: str = ""
    task_type: TaskType | None = None
    """What the visitor says that it is; None: as guessed."""
    table: Table | None = None
    """For that target and type; None where it cannot be learnt from."""
    problem: str = ""


@dataclass(frozen=True)
class Answer:
    """What was asked, and what came of it."""

    number: int
    """Counts the answers of a session, from 1."""
    given: Given
    request: Request
    task: TuningTask
    table: Table | None
    found: Validated
    seconds: float
    """Wall clock from asking to the answer."""
    changes: tuple[str, ...] = ()
    """What a person changed, in words; empty for an answer that nobody did."""
    costs: tuple[str, ...] = ()
    """What the last change costs, in words."""
    reading: Reading | None = None
    """What was said of the task so far, where words were."""

    @property
    def proposal(self) -> Proposal | None:
        """What may be shown; None where nothing sound was found."""
        return self.found.proposal

    @property
    def verdict(self) -> Verdict:
        """What the gate found."""
        return self.found.verdict


@dataclass(frozen=True)
class Told:
    """An answer to a question about an answer."""

    lines: tuple[str, ...]


@dataclass
class Session:
    """All that is known of one visitor. Its files go some minutes after the connection, or with this process."""

    files: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="tunegraph-session-", ignore_cleanup_errors=True)
    )
    uploads: dict[str, Path] = field(default_factory=dict)
    """Upload -> where it is kept; one at a time."""
    looked: Looked | None = None
    """The table that is being asked for, read and checked."""
    job: Job[Answer | Told] | None = None
    """What is being recommended, or answered."""
    transcript: Transcript | None = None
    """What a language model writes while `job` goes on."""
    answers: list[Answer] = field(default_factory=list)
    """First to last."""
    selected: int | None = None
    """Number of the answer that is shown."""
    problem: str = ""
    """What is wrong with what was asked last, in a sentence."""
    walked: list[Iri] = field(default_factory=list)
    """The way through the graph so far."""
    talk: list[tuple[str, str]] = field(default_factory=list)
    """Who said what about the answer that is shown: ``user`` or ``assistant``, and the words."""

    _leaving: threading.Timer | None = None

    def leave(self) -> None:
        """Remove the files after `GRACE_S`, unless the visitor comes back."""
        self.stay()
        self._leaving = threading.Timer(GRACE_S, self.files.cleanup)
        self._leaving.daemon = True
        self._leaving.start()

    def stay(self) -> Session:
        """Keep the files."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        return self

    @property
    def folder(self) -> Path:
        """Where its uploads are."""
        return Path(self.files.name)

    @property
    def shown(self) -> Answer | None:
        """The answer that the pages speak of; None where there is none yet."""
        return next((answer for answer in self.answers if answer.number == self.selected), None)

    def take(self, answer: Answer) -> Answer:
        """Keep `answer` with the next number, show it, and return it."""
        numbered = replace(answer, number=len(self.answers) + 1)
        self.answers.append(numbered)
        self.selected = numbered.number
        self.walked = []
        return numbered


def session() -> Session:
    """Return the session of the visitor whose page runs."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session()
    found = st.session_state[_KEY]
    assert isinstance(found, Session)  # noqa: S101  # nobody else writes there
    _present(found.files.name, found)
    return found


@st.cache_resource(scope="session", on_release=Session.leave, show_spinner=False)
def _present(folder: str, _visit: Session) -> Session:
    """Return the session. Streamlit releases it when the connection is lost, and asks again when it is back."""
    del folder  # tells sessions apart
    return _visit.stay()


def tunegraph() -> Tunegraph:
    """Return the recommender, opened once for all sessions of a home."""
    return _opened(str(Settings.from_environment().home))


@st.cache_resource(show_spinner="Opening the graph")
def _opened(home: str) -> Tunegraph:
    # Opened here, where one caller at a time comes in: two threads that open a graph on disk at once shut one out.
    found = Tunegraph(Settings(home=Path(home)))
    _ = found.composer
    return found
