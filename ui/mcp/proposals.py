"""Tools that recommend and judge. What was recommended is kept for a while, to be read in full or judged again."""

from __future__ import annotations

import itertools
import json
import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.from_thread
from mcp.server.mcpserver import Context
from pydantic import Field

from kg.errors import EvidenceError, InputError
from kg.model import TaskType
from kg.model.base import Value
from ui.defaults import TEST_RUN_SECONDS
from ui.mcp.answers import ProposalSaid, VerdictSaid, line_said, section_said
from ui.request import Request, request_of
from ui.view import headline, sections_of, verdict_lines

if TYPE_CHECKING:
    from kg.tables import Table
    from recommender.proposal import Proposal
    from recommender.task import TuningTask
    from ui.compose import Progress, Tunegraph

#: Proposals that are kept.
_KEPT: Final = 50
#: Recommendations that are worked on at once; another waits.
_AT_ONCE: Final = 2
#: Longest proposal that is judged, in characters.
_LONGEST: Final = 2_000_000

MetaFeatures = Annotated[
    dict[str, float] | None,
    Field(description="OpenML quality names and values: NumberOfInstances, NumberOfFeatures, NumberOfClasses, ..."),
]
File = Annotated[str | None, Field(max_length=4000, description="Path of a table: CSV, TSV, Parquet or ARFF.")]
Target = Annotated[str | None, Field(max_length=500, description="The column to predict.")]
ProposalId = Annotated[str | None, Field(max_length=40, description="Of `recommend`.")]


class Wishes(Value):
    """What may be said of a recommendation; what is not said is chosen, and the proposal says how."""

    task_type: TaskType | None = None
    metric: str | None = Field(default=None, max_length=100)
    learner: str | None = Field(default=None, max_length=100)
    time_s: float | None = Field(default=None, gt=0, description="Wall clock for tuning, in seconds.")
    n_trials: int | None = Field(default=None, ge=1)
    test_run_seconds: float = Field(
        default=TEST_RUN_SECONDS, gt=0, le=600, description="For test runs of the proposal."
    )


class ProposalTools:
    """Recommends from one graph, and judges.

    Args:
        tunegraph: Whose graph it is.
        may_read_files: Whether a path of a table may be given.
    """

    def __init__(self, tunegraph: Tunegraph, *, may_read_files: bool) -> None:
        self._tunegraph, self._may_read_files = tunegraph, may_read_files
        self._kept: OrderedDict[str, Proposal] = OrderedDict()
        self._mutex = threading.Lock()
        self._at_once = threading.BoundedSemaphore(_AT_ONCE)

    def recommend(
        self,
        ctx: Context[Any, Any],
        meta_features: MetaFeatures = None,
        data: File = None,
        target: Target = None,
        wishes: Wishes = Wishes(),  # noqa: B008  # frozen
    ) -> ProposalSaid:
        """Propose a tuning configuration for a table that is described by meta-features, or lies in a file.

        It is composed from evidence and checked; each value names the evidence that it rests on. Where only
        meta-features are given, nothing is test-run, and the verdict says so.
        """
        request = request_of(**wishes.model_dump(exclude_none=True))
        table, task = self._task(meta_features, data, target, request)
        with self._at_once:
            found = self._tunegraph.recommend(task, request, table=table, progress=_progress(ctx))
        verdict = [line_said(line) for line in verdict_lines(found.verdict)]
        if found.proposal is None:
            return ProposalSaid(
                proposal_id=None, headline="Nothing sound was found.", sections=[], warnings=[], verdict=verdict
            )
        return ProposalSaid(
            proposal_id=self._keep(found.proposal),
            headline=headline(found.proposal),
            sections=[section_said(section) for section in sections_of(found.proposal)],
            warnings=list(found.proposal.warnings),
            verdict=verdict,
        )

    def validate(
        self,
        ctx: Context[Any, Any],
        proposal_id: ProposalId = None,
        proposal: Annotated[dict[str, Any] | None, Field(description="A proposal as JSON.")] = None,
        data: File = None,
        target: Target = None,
    ) -> VerdictSaid:
        """Judge a proposal, one of `recommend` or one of your own making: seven stages, each with what it found."""
        if (proposal_id is None) == (proposal is None):
            raise InputError("One of the two is needed.", where="validate", allowed="proposal_id, or proposal")
        text = self.kept(proposal_id).to_json() if proposal_id is not None else json.dumps(proposal)
        if len(text) > _LONGEST:
            raise InputError("The proposal is too long.", where="proposal", allowed=f"{_LONGEST} characters")
        request = Request()
        table = None if data is None else self._tunegraph.read_table(self._file(data), target, request)
        with self._at_once:
            judged, verdict = self._tunegraph.judge(text, table=table, request=request, progress=_progress(ctx))
        return VerdictSaid(
            may_be_shown=verdict.may_be_shown,
            stages=[line_said(line) for line in verdict_lines(verdict)],
            proposal_id=self._keep(judged) if judged is not None and verdict.may_be_shown else None,
        )

    def kept(self, proposal_id: str) -> Proposal:
        """Return a proposal that was made before.

        Raises:
            EvidenceError: There is none of that id, any more.
        """
        with self._mutex:
            found = self._kept.get(proposal_id)
        if found is None:
            raise EvidenceError(f"No proposal {proposal_id!r} is kept: the last {_KEPT} are.")
        return found

    def _task(
        self, meta_features: dict[str, float] | None, data: str | None, target: str | None, request: Request
    ) -> tuple[Table | None, TuningTask]:
        if (meta_features is None) == (data is None):
            allowed = "meta_features, or data" if self._may_read_files else "meta_features"
            raise InputError("The table must be given, once.", where="recommend", allowed=allowed)
        if data is not None:
            return self._tunegraph.read(self._file(data), target, request)
        return None, self._tunegraph.task_of(meta_features or {}, request)

    def _file(self, path: str) -> str:
        if not self._may_read_files:
            raise InputError("This server reads no files.", where="data", allowed="meta_features")
        return path

    def _keep(self, proposal: Proposal) -> str:
        proposal_id = secrets.token_hex(8)
        with self._mutex:
            self._kept[proposal_id] = proposal
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return proposal_id


def _progress(ctx: Context[Any, Any]) -> Progress:
    """Return what tells the assistant, which waits, what is being done."""
    steps = itertools.count(1)

    def told(text: str) -> None:
        anyio.from_thread.run(ctx.report_progress, float(next(steps)), None, text)

    return told
