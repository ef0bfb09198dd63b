"""The commands and their options. What they do is imported when one is called, so that ``--help`` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.asking import Cards
from ui.cli.asking import command as asking
from ui.cli.assisting import command as assisting
from ui.cli.copying import command as copying
from ui.cli.exporting import command as exporting
from ui.cli.foretelling import command as foretelling
from ui.cli.forgetting import command as forgetting
from ui.cli.ingesting import app as ingesting
from ui.cli.keeping import backup, doctor, restore
from ui.cli.options import Home, Json, LlmSeconds, LlmUrl, TestRun
from ui.cli.page import command as page
from ui.cli.report import command as report
from ui.cli.serving import command as serving
from ui.cli.serving import keys
from ui.defaults import LLM_SECONDS, N_WARM_STARTS, TEST_RUN_SECONDS

app = typer.Typer(
    name="tunegraph",
    help="Search space, warm starts, budget, fidelity and stopping rule, each traceable to its evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(ingesting)
app.command("ask")(asking)
app.command("forget")(forgetting)
app.command("copy")(copying)
app.command("export")(exporting)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("doctor")(doctor)
app.command("log")(foretelling)
app.command("mcp")(assisting)
app.command("report")(report)
app.command("serve")(serving)
app.add_typer(keys, name="keys")
app.command("ui")(page)

Data = Annotated[str | None, typer.Argument(help="A table: CSV, TSV, Parquet or ARFF, also .gz.", show_default=False)]
Target = Annotated[str | None, typer.Option(help="The column to predict.", show_default=False)]
MetricName = Annotated[str | None, typer.Option(help="accuracy, roc_auc, log_loss, rmse, ... Chosen if not given.")]
LearnerName = Annotated[str | None, typer.Option(help="random_forest, xgboost, svm, ... Chosen if not given.")]
Time = Annotated[str | None, typer.Option(help="Time for tuning: 90, 10m, 1h30m.")]
Trials = Annotated[int | None, typer.Option(help="Most trials.")]
Workers = Annotated[int, typer.Option(help="Trials that run side by side.")]
TestRunSeconds = Annotated[float, typer.Option(help="Time for test-running the proposal before it is shown.")]
Seed = Annotated[int, typer.Option(help="Same seed and inputs, same proposal.")]
Export = Annotated[Path | None, typer.Option(help="Write a script that runs the study on its own.")]
MetaFile = Annotated[str | None, typer.Option(help="JSON of OpenML quality names and values, instead of a table.")]
TaskTypeName = Annotated[str | None, typer.Option(help="classification or regression. Guessed from the target.")]
WarmStarts = Annotated[int, typer.Option(help="How many warm starts.")]
Llm = Annotated[str | None, typer.Option(help="A language model that drafts: openai:MODEL, anthropic:..., ollama:...")]
Anonymise = Annotated[
    bool, typer.Option("--anonymise", help="Withhold names of data set, columns and classes from the language model.")
]


@app.command()
def recommend(
    data: Data = None,
    target: Target = None,
    metric: MetricName = None,
    learner: LearnerName = None,
    time: Time = None,
    trials: Trials = None,
    workers: Workers = 1,
    test_run_seconds: TestRunSeconds = TEST_RUN_SECONDS,
    seed: Seed = 0,
    as_json: Json = False,
    export: Export = None,
    meta_features: MetaFile = None,
    task_type: TaskTypeName = None,
    warm_starts: WarmStarts = N_WARM_STARTS,
    test_run: TestRun = True,
    llm: Llm = None,
    llm_base_url: LlmUrl = None,
    llm_seconds: LlmSeconds = LLM_SECONDS,
    anonymise: Anonymise = False,
    card: Cards = None,
    home: Home = None,
) -> None:
    """Propose a tuning configuration for a table, with its evidence, test-run before it is shown."""
    from ui.cli.recommend import Output, recommend_command
    from ui.cli.requests import request_from

    request = request_from(
        metric=metric, learner=learner, time=time, trials=trials, workers=workers, seed=seed, task_type=task_type,
        warm_starts=warm_starts, test_run=test_run, test_run_seconds=test_run_seconds,
        llm=llm, llm_base_url=llm_base_url, llm_seconds=llm_seconds, anonymise=anonymise,
    )  # fmt: skip
    output = Output(as_json=as_json, export=export)
    if card:
        from kg.errors import InputError
        from ui.cli.asking import Given, ask_command

        if meta_features is not None:
            raise InputError("A card describes the data, too.", where="--meta-features", allowed="without --card only")
        given = Given(data=data, target=target, cards=tuple(card), export=export)
        raise typer.Exit(ask_command("", request, given, as_json=as_json, home=home))
    raise typer.Exit(recommend_command(data, target, meta_features, request, output=output, home=home))


@app.command()
def tune(
    data: Data,
    target: Target = None,
    metric: MetricName = None,
    learner: LearnerName = None,
    time: Time = None,
    trials: Trials = None,
    workers: Workers = 1,
    test_run_seconds: TestRunSeconds = TEST_RUN_SECONDS,
    test_run: TestRun = True,
    seed: Seed = 0,
    as_json: Json = False,
    proposal: Annotated[
        Path | None, typer.Option(help="Run the study of this proposal (JSON) instead of asking for one.")
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(help="URL: sqlite:///FILE, journal:///FILE, postgresql+psycopg://..., grpc://HOST:PORT."),
    ] = None,
    study_name: Annotated[
        str | None, typer.Option(help="Name in the storage. One that is there already is shared, or gone on with.")
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="Let the next recommendations rest on what the study found.")
    ] = False,
    llm: Llm = None,
    llm_base_url: LlmUrl = None,
    llm_seconds: LlmSeconds = LLM_SECONDS,
    anonymise: Anonymise = False,
    home: Home = None,
) -> None:
    """Recommend, then run the study within its budget, and print the best configuration.

    Where several shells or machines say the same --storage and --study-name, they share the study and its budget.
    """
    from ui.cli.requests import request_from
    from ui.cli.tune import Given, Shared, tune_command

    request = request_from(
        metric=metric, learner=learner, time=time, trials=trials, workers=workers, seed=seed,
        test_run_seconds=test_run_seconds, test_run=test_run, llm=llm, llm_base_url=llm_base_url,
        llm_seconds=llm_seconds, anonymise=anonymise,
    )  # fmt: skip
    given, shared = Given(str(data), target, proposal), Shared(storage, study_name, learn=learn)
    raise typer.Exit(tune_command(given, request, shared, as_json=as_json, home=home))


@app.command()
def validate(
    proposal: Annotated[Path, typer.Argument(help="A proposal as JSON.")],
    data: Data = None,
    target: Target = None,
    test_run_seconds: TestRunSeconds = TEST_RUN_SECONDS,
    seed: Seed = 0,
    as_json: Json = False,
    test_run: TestRun = True,
    home: Home = None,
) -> None:
    """Judge a proposal: exit 0 where it may be shown, 1 where not."""
    from ui.cli.requests import request_from
    from ui.cli.validate import validate_command

    request = request_from(seed=seed, test_run_seconds=test_run_seconds, test_run=test_run)
    raise typer.Exit(validate_command(proposal, data, target, request, as_json=as_json, home=home))


@app.command()
def explain(
    proposal: Annotated[Path, typer.Argument(help="A proposal as JSON.")],
    field: Annotated[
        str | None, typer.Argument(help="Such as search_space.max_features, warm_starts.0, budget.")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Say why a proposal is as it is, down to the runs behind it."""
    from ui.cli.explain import explain_command

    raise typer.Exit(explain_command(proposal, field, as_json=as_json, home=home))


@app.command()
def query(
    question: Annotated[
        str, typer.Argument(help="A named question, a SPARQL query, or a .rq file; 'list' lists them.")
    ],
    parameter: Annotated[list[str] | None, typer.Option("--param", help="name=value, for a named question.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 50,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Ask the graph."""
    from ui.cli.graph import query_command

    raise typer.Exit(query_command(question, tuple(parameter or ()), limit=limit, as_json=as_json, home=home))


@app.command()
def passages(
    question: Annotated[str, typer.Argument(help="A question, or some words of it.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most passages to print.")] = 5,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Find what papers and guides say on a question, in their words."""
    from ui.cli.passages import passages_command

    raise typer.Exit(passages_command(question, limit=limit, as_json=as_json, home=home))


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            print(f"tunegraph {version_of('tunegraph')}")
        except PackageNotFoundError:
            print("tunegraph, from a folder: it is not installed")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Search space, warm starts, budget, fidelity and stopping rule, each traceable to its evidence."""


def main() -> None:
    """Run the command line; errors of ours become one line and an exit code."""
    from kg.errors import InputError, TunegraphError

    try:
        app(prog_name="tunegraph")
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    except (TunegraphError, OSError) as error:  # such as a full disk
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
