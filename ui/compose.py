"""The composition root: from settings to a working recommender. Everything that is wired together is wired here.

tunegraph = Tunegraph(Settings.from_environment())
table, task = tunegraph.read("loans.csv", target="default", request=Request())
proposal = tunegraph.recommend(task, request, table=table)
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engines import engine_chosen
from kg.home import home_folder
from kg.stores import store_named
from ui.request import Request

if TYPE_CHECKING:
    import optuna
    import pandas as pd

    from ingest.forget import ForgetReport
    from ingest.report import IngestReport
    from ingest.sources.base import Source
    from ingest.sources.optuna_studies import Given
    from kg.store import KnowledgeStore
    from kg.tables import Table
    from recommender.composing.compose import Composer
    from recommender.llm.streaming import Heard
    from recommender.proposal import Proposal
    from recommender.task import TuningTask
    from recommender.text_index import TextIndex
    from recommender.validation.loop import Validated
    from recommender.validation.stage import GateContext
    from recommender.validation.verdict import Verdict

#: Share of the seconds for test runs that the gate has in any case.
LEAST_SHARE = 0.5

#: Told what is being done: a short text, for people.
Progress = Callable[[str], None]


def silent(_: str) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Settings:
    """Where things are."""

    home: Path = field(default_factory=home_folder)
    """Holds the graph, the run table and caches."""

    graph: str | None = None
    """URL of the graph, such as ``neo4j://host:7687/database``; None is the one below the home."""

    engine: str | None = None
    """What is asked about many runs when they are distilled, ``duckdb`` or ``spark``; None is the default."""

    @classmethod
    def from_environment(cls, home: Path | None = None) -> Settings:
        """Return the settings of this process; `home` takes precedence over ``TUNEGRAPH_HOME``.

        Raises:
            InputError: ``TUNEGRAPH_STORE`` is set and no URL, or ``TUNEGRAPH_ENGINE`` and no engine.
        """
        folder = home if home is not None else home_folder(os.environ.get("TUNEGRAPH_HOME"))
        return cls(home=folder, graph=store_named(), engine=engine_chosen())


class Tunegraph:
    """A recommender over one graph. Opens the graph when it is first needed.

    Args:
        settings: Where things are. Default: as the environment says.
        progress: Told when the graph has to be made first, which takes some seconds.
    """

    def __init__(self, settings: Settings | None = None, *, progress: Progress = silent) -> None:
        self.settings = settings or Settings.from_environment()
        self._progress = progress

    @cached_property
    def store(self) -> KnowledgeStore:
        """The graph: below the home, made from the shipped starter on first use, or where ``TUNEGRAPH_STORE`` says."""
        from kg.stores import open_graph

        return open_graph(self.settings.graph, self.settings.home, progress=self._progress)

    @cached_property
    def composer(self) -> Composer:
        """The proposer that needs no language model."""
        from recommender.composing.compose import Composer

        return Composer(self.store, cache=self.settings.home / "cache")

    @cached_property
    def text_index(self) -> TextIndex:
        """What papers and guides say, to be searched: by words, and by meaning where embeddings are installed."""
        from kg.passages import PassageTable
        from recommender.text_index import TextIndex
        from ui.embeddings import sentence_encoder

        home = self.settings.home
        passages = PassageTable(home).all()
        encoder = sentence_encoder() if passages else None
        return TextIndex(passages, cache=home / "cache", encoder=encoder)

    def read_table(self, source: str | Path | pd.DataFrame, target: str | None, request: Request) -> Table:
        """Read and check a table.

        Raises:
            TableError: It cannot be read or learnt from.
        """
        from kg.tables import prepare_table

        return prepare_table(source, target, task_type=request.task_type)

    def read(self, source: str | Path | pd.DataFrame, target: str | None, request: Request) -> tuple[Table, TuningTask]:
        """Read a table and describe it.

        Raises:
            TableError: It cannot be read or learnt from.
            InputError: An option does not fit it.
        """
        from ui.tasks import described_task

        table = self.read_table(source, target, request)
        return table, described_task(table, request)

    def task_of(self, meta_features: Mapping[str, Any], request: Request) -> TuningTask:
        """Return the task of a table that is not shown, only described.

        Raises:
            InputError: Task type or meta-features are missing or make no sense.
        """
        from ui.tasks import task_of

        return task_of(meta_features, request)

    def recommend(
        self,
        task: TuningTask,
        request: Request,
        *,
        table: Table | None = None,
        progress: Progress = silent,
        heard: Heard | None = None,
    ) -> Validated:
        """Return a proposal that the gate lets through, or the verdict on the last one that it did not.

        Args:
            task: What to recommend for.
            request: How.
            table: The data of the task, if it is to be seen.
            progress: Told what is being done.
            heard: Is given what a language model writes, while it writes it: talk that nothing has checked yet.

        Raises:
            InputError: The learner is not known or cannot do the task, or there is no such language model.
        """
        from recommender.validation.loop import validated

        progress("Opening the graph")
        _ = self.store  # made at first use, once, at nobody's expense
        started = time.monotonic()
        progress("Composing from the graph")
        draft = self.composer.compose(task, n_warm_starts=request.n_warm_starts)
        if table is not None and table.warnings:
            draft = draft.replace(warnings=(*table.warnings, *draft.warnings))
        context = self._context(table, request, progress)
        if request.llm is not None:
            from ui.drafting import recommend_with_model

            return recommend_with_model(self, draft, request, context, heard=heard)
        # Composing is paid out of the same seconds, but leave half of them to the gate.
        seconds = context.test_run_seconds
        deadline = max(started + seconds, time.monotonic() + LEAST_SHARE * seconds)
        return validated(draft, None, replace(context, deadline=deadline), task=task)

    def judge(
        self,
        draft: str | bytes,
        *,
        table: Table | None,
        request: Request,
        progress: Progress = silent,
        grounded: bool = True,
    ) -> tuple[Proposal | None, Verdict]:
        """Return the draft, repaired where it could be, and what the gate found.

        Args:
            draft: The JSON of what may be a proposal.
            table: What it is for, if it is to be seen.
            request: Whether and how long to fit.
            progress: Told what is being done.
            grounded: Whether its values must follow from the evidence; those that a person has changed do not.
        """
        from recommender.validation.gate import Gate, default_stages

        stages = [stage for stage in default_stages() if grounded or stage.name != "grounding"]
        return Gate(stages).judge(draft, self._context(table, request, progress))

    def study(
        self, proposal: Proposal, *, storage: str | None = None, study_name: str | None = None, seed: int | None = None
    ) -> optuna.Study:
        """Return the study that a proposal lays down; its sampler learns from the response models that it cites.

        Raises:
            InputError: The storage cannot be opened, or holds another study of that name.
        """
        from recommender.studies import configure_study
        from recommender.transfer.resampling import cited_models

        models = cited_models(proposal, self.store)
        return configure_study(proposal, storage=storage, study_name=study_name, seed=seed, models=models)

    def joined_study(
        self, task: TuningTask, *, storage: str, study_name: str, seed: int | None = None
    ) -> optuna.Study | None:
        """Return the study of that name, which another worker has begun; None where there is none yet.

        Raises:
            InputError: The storage cannot be opened, or its study of that name is for another task.
        """
        from recommender.studies import joined_study

        return joined_study(storage, study_name, task, seed=seed)

    def learn_from(
        self, study: optuna.Study, *, given: Given | None = None, progress: Progress = silent
    ) -> IngestReport:
        """Make a study evidence for the next recommendations: its summary, its runs, and how its scores respond.

        Again and again is fine: what is known already stays as it is.

        Args:
            study: Any study with one objective, in memory too.
            given: What a study that is not of `study` does not say: learner, metric, data.
            progress: Told what is being done.

        Raises:
            StoreError: Something cannot be written.
        """
        from ingest.sources.optuna_studies import Given, keep
        from ingest.sources.optuna_studies.storage import snapshot

        raw = self.settings.home / "raw"
        source = keep(snapshot(study), raw, given=given or Given(), progress=progress)
        return self.ingest([source], raw, progress=progress)

    def ingest(
        self, sources: Iterable[Source], folder: Path, *, dry_run: bool = False, progress: Progress = silent
    ) -> IngestReport:
        """Read sources into the run table and the graph, and distil what they say.

        Args:
            sources: What to read, data sets before the runs on them.
            folder: What the sources' files are below.
            dry_run: Whether to write nothing.
            progress: Told what is being done.

        Raises:
            InputError: What the engine needs is not installed.
            StoreError: Something cannot be written, or the engine cannot be started.
        """
        from ingest.run import ingest
        from kg.engines import engine_named

        home = self.settings.home
        with closing(engine_named(self.settings.engine)) as engine:
            return ingest(sources, folder, home, store=self.store, dry_run=dry_run, progress=progress, engine=engine)

    def forget(self, names: Iterable[str], *, dry_run: bool = False, progress: Progress = silent) -> ForgetReport:
        """Take sources out completely: graph, evidence, runs, passages, and raw files that were fetched.

        Args:
            names: Names of sources; ``paper:*`` is all of a kind.
            dry_run: Whether to write nothing.
            progress: Told what is being done.

        Raises:
            InputError: There is no such source; names those there are.
            StoreError: Something cannot be written.
        """
        from ingest.forget import forget

        return forget(names, self.settings.home, store=self.store, dry_run=dry_run, progress=progress)

    def _context(self, table: Table | None, request: Request, progress: Progress) -> GateContext:
        from recommender.grounding import check
        from recommender.validation.sandbox import Limits
        from recommender.validation.stage import GateContext

        texts = cache(self._texts)  # read once a verdict, and only where a text is cited
        return GateContext(
            table=table,
            store=self.store,
            test_run_seconds=request.test_run_seconds if request.test_run else 0.0,
            limits=Limits(memory_mb=request.memory_mb),
            seed=request.seed,
            progress=progress,
            check_grounding=lambda proposal, store: check(
                proposal, store, surfaces=self.composer.surfaces, text_of=lambda name: texts().get(name)
            ),
        )

    def _texts(self) -> Mapping[str, str]:
        """Return the text of every document that passages are kept of, by its name."""
        from kg.passages import PassageTable

        texts: dict[str, str] = {}
        for passage in PassageTable(self.settings.home).all():
            texts[passage.document] = f"{texts.get(passage.document, '')} {passage.text}"
        return texts
