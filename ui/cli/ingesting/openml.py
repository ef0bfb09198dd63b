"""``tunegraph ingest openml --suite 99``: fetch what is new from OpenML, then read it."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.ingesting.options import DryRun
from ui.cli.options import Home, Json

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from ingest.sources.openml.fetch_report import FetchReport
    from ingest.sources.openml.limits import Limits
    from ingest.sources.openml.plan import FetchPlan
    from ingest.sources.openml.request import FetchRequest
    from ui.compose import Progress, Tunegraph


def command(
    suite: Annotated[str | None, typer.Option(help="Benchmark suite: its id, such as 99, or its alias.")] = None,
    task: Annotated[list[int] | None, typer.Option(help="A task, by id; may be given again.")] = None,
    flow: Annotated[list[int] | None, typer.Option(help="Only runs of this flow; may be given again.")] = None,
    function: Annotated[
        list[str] | None,
        typer.Option(help="Evaluation function; may be given again. Default: by type of task, and run times."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what was uploaded on this day or later, such as 2026-01-01.")
    ] = None,
    max_runs: Annotated[
        int | None, typer.Option(min=1, help="Fetch at most so many runs, spread over the tasks.")
    ] = None,
    time_budget: Annotated[str | None, typer.Option(help="Ask for nothing more after so long, such as 10m.")] = None,
    server: Annotated[
        str | None, typer.Option(help="Address of the XML interface. Default: as OpenML's own settings say.")
    ] = None,
    requests_per_second: Annotated[float, typer.Option(min=0.01, help="At most.")] = 4.0,
    page_size: Annotated[int, typer.Option(min=1, max=9_999, help="Evaluations asked for at once.")] = 5_000,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask again for suite, tasks and data sets, and for lists from the start.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Fetch what is new from OpenML into HOME/raw/openml, then read that.

    What is fetched is kept, so that an interrupted fetch goes on where it stopped, and the next one asks for what is
    new only. A key for OpenML is taken from its own settings (~/.config/openml/config), for the server named there.
    A dry run asks the server for the suite only, and reads what is there already.
    """
    from ingest.sources.openml.limits import Limits
    from ingest.sources.openml.request import FetchRequest
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph
    from ui.options import seconds

    request = FetchRequest(
        suite=suite,
        tasks=tuple(task or ()),
        flows=tuple(flow or ()),
        functions=tuple(function or ()),
        since=None if since is None else _day(since),
        max_runs=max_runs,
        time_budget_s=None if time_budget is None else seconds(time_budget, option="--time-budget"),
        page_size=page_size,
        refresh=refresh,
    )
    limits = Limits(requests_per_second=requests_per_second)
    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        fetched = _fetched(tunegraph, request, server, limits, dry_run=dry_run, progress=progress)
        report = _read(tunegraph, dry_run=dry_run, progress=progress)
    print(_json(fetched, report, dry_run=dry_run) if as_json else _text(fetched, report))
    raise typer.Exit(0 if _is_well(fetched, report) else 1)


def _fetched(
    tunegraph: Tunegraph,
    request: FetchRequest,
    server: str | None,
    limits: Limits,
    *,
    dry_run: bool,
    progress: Progress,
) -> FetchReport | FetchPlan:
    from ingest.sources.openml.client import OpenmlClient
    from ingest.sources.openml.fetch import fetch
    from ingest.sources.openml.mirror import FOLDER, Mirror
    from ingest.sources.openml.plan import plan

    home = tunegraph.settings.home
    client = OpenmlClient(home / "cache" / "openml", server=server, limits=limits)
    mirror = Mirror(home / "raw" / FOLDER)
    if dry_run:
        return plan(request, client, mirror)
    return fetch(request, client, mirror, progress=progress)


def _read(tunegraph: Tunegraph, *, dry_run: bool, progress: Progress) -> IngestReport | None:
    """Read the mirror; None where there is nothing in it."""
    from ingest.sources.openml.source import OpenmlSource

    source, folder = OpenmlSource(), tunegraph.settings.home / "raw"
    if not source.paths(folder):
        return None
    return tunegraph.ingest([source], folder, dry_run=dry_run, progress=progress)


def _is_well(fetched: FetchReport | FetchPlan, report: IngestReport | None) -> bool:
    """Say whether nothing failed, on the way here or in reading."""
    failed = report is not None and any(source.problem for source in report.sources)
    return not failed and getattr(fetched, "ok", True)


def _json(fetched: FetchReport | FetchPlan, report: IngestReport | None, *, dry_run: bool) -> str:
    said: dict[str, Any] = {"sources": [], "dry_run": dry_run}
    if report is not None:
        said = report.model_dump(mode="json")
    return json.dumps({"fetch": fetched.model_dump(mode="json"), **said})


def _text(fetched: FetchReport | FetchPlan, report: IngestReport | None) -> str:
    return "\n".join((fetched.to_text(), report.to_text() if report is not None else "openml: nothing to read yet"))


def _day(text: str) -> date:
    from kg.errors import InputError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no day.", where="--since", allowed="such as 2026-01-31") from error
