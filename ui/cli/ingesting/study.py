"""``tunegraph ingest study STORAGE``: own Optuna studies, as evidence for the next recommendation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.ingesting.options import DryRun, ingest_and_print
from ui.cli.options import Home, Json

if TYPE_CHECKING:
    from ingest.sources.base import Source
    from ingest.sources.optuna_studies import GivenData
    from ui.compose import Progress, Tunegraph


def command(
    storage: Annotated[str, typer.Argument(help="URL of an Optuna storage, or a SQLite or journal file; only read.")],
    study: Annotated[str | None, typer.Option(help="Only the study of this name.")] = None,
    data: Annotated[str | None, typer.Option(help="The table that was tuned on, where the study does not say.")] = None,
    target: Annotated[str | None, typer.Option(help="The column of --data to predict.")] = None,
    meta_features: Annotated[str | None, typer.Option(help="JSON file that describes the table instead.")] = None,
    learner: Annotated[str | None, typer.Option(help="What was tuned, where the study does not say.")] = None,
    metric: Annotated[
        str | None, typer.Option(help="What the values are; neg_NAME or 1-NAME where the objective returned that.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Read finished Optuna studies; nothing leaves the machine, and the storage is not written."""
    from ingest.sources.optuna_studies import Given, fetch

    given = Given(learner=learner, metric=metric, data=_given_data(data, target, meta_features))

    with tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:

        def found(tunegraph: Tunegraph, progress: Progress) -> tuple[Iterable[Source], Path]:
            raw = tunegraph.settings.home / "raw"
            kept = Path(scratch) if dry_run else raw
            return fetch(storage, kept, before=raw, study=study, given=given, progress=progress), kept

        code = ingest_and_print(found, dry_run=dry_run, as_json=as_json, home=home)
    raise typer.Exit(code)


def _given_data(data: str | None, target: str | None, meta_features: str | None) -> GivenData | None:
    from ingest.sources.optuna_studies import GivenData, described
    from kg.errors import InputError
    from kg.model import MetaFeatures
    from ui.request import read_meta_features

    if data is not None and meta_features is not None:
        raise InputError("The table is given twice.", where="--meta-features", allowed="either it or --data")
    if data is not None:
        return described(data, target)
    if target is not None:
        raise InputError("There is no table that could have the column.", where="--target", allowed="--data TABLE, too")
    if meta_features is None:
        return None
    return GivenData(name=Path(meta_features).stem, meta_features=MetaFeatures(dict(read_meta_features(meta_features))))
