"""A conversation in words: a task is said, a proposal answers; what is said next refines it, or asks why.

talk = Conversation(Tunegraph())
talk.say("40,000 loan records, 3 % defaults, 30 columns, ten minutes on a laptop, must explain it")
talk.say("only trees, and half the time")
talk.say("why this range of max_depth?").lines
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kg.errors import InputError
from kg.model.base import Value
from recommender.llm.cards import Card, beside, joined
from recommender.llm.stated import Reading
from recommender.llm.training_log import TrainingLog
from recommender.llm.understanding import Understanding, read_words, understanding_of
from recommender.proposal import Proposal
from ui.compose import Progress, Tunegraph, silent
from ui.drafting import reading_model
from ui.request import Request
from ui.tasks import described_task

if TYPE_CHECKING:
    from kg.tables import Table
    from recommender.llm.model import LanguageModel
    from recommender.llm.streaming import Heard
    from recommender.validation.verdict import Verdict

#: What a table says of itself.
_OF_DATA = frozenset({"n_rows", "n_columns", "n_classes", "minority_share", "missing_share"})


class Reply(Value):
    """What is answered to one thing that was said."""

    understanding: Understanding | None = None
    """What was said so far, for a proposal; None for an answer to a question."""
    changes: tuple[str, ...] = ()
    """What of it is new, where there was a proposal before."""
    proposal: Proposal | None = None
    """None where a question was answered, or where too little is known to propose anything."""
    log: TrainingLog | None = None
    """What tuning should bring, where there is a proposal."""
    lines: tuple[str, ...] = ()
    """The answer to a question; why there is no proposal; or the training log in words."""
    notes: tuple[str, ...] = ()
    """What of a model's words on the training log did not hold."""


class Spoken(Value):
    """What a conversation has come to: enough to go on with it later."""

    reading: Reading = Reading()
    proposal: Proposal | None = None


@dataclass
class Conversation:
    """A conversation about one task. By rules; a model, where the request names one, only adds.

    Args:
        tunegraph: The graph.
        request: Options that words do not say: seed, test run, language model.
        data: A table, where there is one: what it says of itself stands before what is said of it.
        target: The column to predict.
    """

    tunegraph: Tunegraph
    request: Request = field(default_factory=Request)
    data: str | Path | None = None
    target: str | None = None
    spoken: Spoken = field(default_factory=Spoken)
    cards: tuple[Card, ...] = ()
    """Data cards and model cards: what they say is taken as said first."""
    heard: Heard | None = None
    """Is given what a model writes while it drafts: talk that nothing has checked yet."""

    def __post_init__(self) -> None:
        """Take what the cards say as said."""
        if self.cards and not self.spoken.reading.said:
            self.spoken = Spoken(reading=joined(self.cards), proposal=self.spoken.proposal)

    def answer_cards(self, *, progress: Progress = silent) -> Reply:
        """Propose for what the cards say, without further words.

        Raises:
            InputError: What they say cannot be.
        """
        reply = self.propose(self.spoken.reading, progress=progress)
        return reply if reply.proposal is None else self._with_log(reply, reply.proposal, reading_model(self.request))

    def say(self, words: str, *, progress: Progress = silent) -> Reply:
        """Answer what is said.

        Raises:
            InputError: Nothing was understood, or what was said cannot be.
        """
        from recommender.llm.why import is_why

        if not words.strip():
            raise InputError("Nothing was said.", where="words", allowed='such as "40,000 rows, 3 % defaults"')
        model = reading_model(self.request)
        if self.spoken.proposal is not None and is_why(words):
            return self._why(words, self.spoken.proposal, model)
        reading, changes = self._read(words, model)
        reply = self.propose(reading, progress=progress).replace(changes=changes)
        return reply if reply.proposal is None else self._with_log(reply, reply.proposal, model)

    def propose(self, reading: Reading, *, progress: Progress = silent) -> Reply:
        """Propose for what was said, and remember it.

        Raises:
            InputError: What was said cannot be.
        """
        found = understanding_of(reading)
        request = request_for(found, self.request)
        table = None if self.data is None else self.tunegraph.read_table(self.data, self.target, request)
        if table is None and not ({"NumberOfInstances", "NumberOfFeatures"} & set(found.stated.meta_features())):
            self.spoken = Spoken(reading=reading, proposal=self.spoken.proposal)
            why = "Too little is known for a proposal: say at least how many rows or columns there are."
            return Reply(understanding=found, lines=(why,))
        proposal, verdict = self._proposed(found, request, table, progress)
        if proposal is not None:
            told = tuple(line for card in self.cards for line in beside(card, proposal))
            proposal = proposal.replace(assumptions=(*proposal.assumptions, *told))
        self.spoken = Spoken(reading=reading, proposal=proposal)
        lines = () if proposal is not None else _refusal(verdict)
        return Reply(understanding=found, proposal=proposal, lines=lines)

    def _read(self, words: str, model: LanguageModel | None) -> tuple[Reading, tuple[str, ...]]:
        from recommender.llm.refining import EXAMPLES, refined

        if self.spoken.reading.said:
            planned = None if self.spoken.proposal is None else self.spoken.proposal.budget.value
            found = refined(self.spoken.reading, words, planned=planned, model=model)
            if not found.changes:
                raise InputError("Nothing in this changes the proposal.", where=repr(words[:80]), allowed=EXAMPLES)
            return found.reading, found.changes
        return read_words(words, model), ()

    def _with_log(self, reply: Reply, proposal: Proposal, model: LanguageModel | None) -> Reply:
        from recommender.llm.telling import told_by
        from recommender.llm.training_log import predicted_log, told

        log = predicted_log(proposal, self.tunegraph.store)
        lines, notes = (told(log), ()) if model is None or not log.trials else told_by(model, log)
        return reply.replace(log=log, lines=(*reply.lines, *lines), notes=notes)

    def _why(self, words: str, proposal: Proposal, model: LanguageModel | None) -> Reply:
        from recommender.explain import account_of
        from recommender.llm.why import absent, field_of, told

        missing = absent(words, proposal)
        account = account_of(proposal, field_of(words, proposal, model=model), self.tunegraph.store)
        return Reply(lines=((missing,) if missing else ()) + told(account))

    def _proposed(
        self, found: Understanding, request: Request, table: Table | None, progress: Progress
    ) -> tuple[Proposal | None, Verdict]:
        if table is not None:
            task = described_task(table, request)
        else:
            task = self.tunegraph.task_of(found.stated.meta_features(), request)
        task = task.replace(
            name=task.name or found.stated.name, metric_reason=_reason(found, request, task.metric_reason)
        )
        validated = self.tunegraph.recommend(task, request, table=table, progress=progress, heard=self.heard)
        proposal = validated.proposal
        if proposal is not None:
            assumptions = (*_assumed(found, table), *proposal.assumptions)
            proposal = proposal.replace(assumptions=tuple(dict.fromkeys(assumptions)))
        return proposal, validated.verdict


def request_for(found: Understanding, options: Request) -> Request:
    """Return the request that words and options make; an option stands before what was said.

    Raises:
        InputError: No learner that is wanted can do the task.
    """
    stated = found.stated
    named = options.learner is not None or options.learners
    learners = () if named else stated.candidates(found.task_type)
    if not learners and not named and (stated.learners or stated.unwanted):
        raise InputError(
            f"None of {', '.join(stated.learners) or 'the learners that are left'} does {found.task_type}.",
            where="learners",
            allowed="others",
        )
    changes: dict[str, Any] = {
        "task_type": options.task_type or stated.task_type,
        "metric": options.metric or (found.metric if "metric" in found.said or stated.is_rare else None),
        "learners": options.learners or learners,
        "time_s": options.time_s or stated.wall_clock_s,
        "n_trials": options.n_trials or stated.n_trials,
        "n_workers": stated.n_workers or options.n_workers,
        "memory_mb": _fit_memory(stated.memory_mb, stated.n_workers or options.n_workers, options.memory_mb),
    }
    try:
        return options.replace(**changes)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(f"{first['input']!r} cannot be.", where=str(first["loc"][0]), allowed=first["msg"]) from None


def _fit_memory(machine_mb: float | None, n_workers: int, given: int) -> int:
    """Return what a fit may take: its share of half of the machine, at most what is given."""
    return given if machine_mb is None else max(256, min(given, int(machine_mb / 2 / n_workers)))


def _reason(found: Understanding, request: Request, chosen: str) -> str:
    return found.metric_reason if request.metric == found.metric else chosen


def _assumed(found: Understanding, table: Table | None) -> tuple[str, ...]:
    """Return what was taken for granted, but for what a table says better."""
    if table is None:
        return found.assumptions
    about_data = ("It is taken to", "The target is not counted", "Nothing is taken for granted")
    whys = {one.why.rstrip(".").lower() for name, one in found.said.items() if name in _OF_DATA}
    return tuple(
        text for text in found.assumptions if not text.startswith(about_data) and text.rstrip(".").lower() not in whys
    )


def _refusal(verdict: Verdict) -> tuple[str, ...]:
    found = [f"- {finding.field}: {finding.message}" for finding in verdict.findings if finding.outcome == "failed"]
    return ("Nothing that was proposed passed the checks:", *found)
