"""``tunegraph query`` and ``tunegraph ingest``; help and version."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.questions import questions


def test_the_questions_are_listed_with_what_they_must_be_told(command: Any, empty_home: Path) -> None:
    ran = command("query", "list")
    assert ran.code == 0
    assert all(f"\n    {question.text}\n" in ran.out for question in questions().values())
    assert "good_ranges  --param learner, name, metric (optional)" in ran.out
    names = [question["name"] for question in json.loads(command("query", "list", "--json").out)]
    assert names == list(questions())
    assert not empty_home.exists()


def test_a_named_question_is_answered(command: Any, at_home: Path) -> None:
    ran = command("query", "what_matters", "--param", "learner=random_forest", "--json")
    rows = json.loads(ran.out)
    assert ran.code == 0
    assert rows[0]["hyperparameter"].endswith("random_forest/hyperparameter/min_samples_leaf")


def test_sparql_is_answered_as_a_table_with_every_row_on_its_line(command: Any, at_home: Path) -> None:
    ran = command("query", "SELECT ?s ?o WHERE { ?s dcterms:source ?o } ORDER BY ?s", "--limit", 3)
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 3 + 4  # the rows, and the frame
    assert "https://w3id.org/tunegraph/" in ran.out


def test_counts_are_told_in_full(command: Any, at_home: Path) -> None:
    query = "SELECT ?rows WHERE { VALUES ?rows { 1025010e0 } }"
    assert "1025010" in command("query", query).out
    assert "0.33333" in command("query", "SELECT ?share WHERE { BIND(1e0 / 3e0 AS ?share) }").out


def test_what_an_answer_quotes_is_shown_as_it_is(command: Any, at_home: Path) -> None:
    quote = "[/b] of [min_child_weight, gamma], see :key:"
    ran = command("query", f'SELECT ("{quote}" AS ?quote) WHERE {{}}')
    assert ran.code == 0
    assert quote in ran.out


def test_a_file_of_sparql_is_answered(command: Any, at_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "count.rq"
    path.write_text("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    (row,) = json.loads(command("query", path, "--json").out)
    assert row["n"] > 100_000


def test_no_row_is_said_in_words_and_is_no_error(command: Any, at_home: Path) -> None:
    ran = command("query", "SELECT ?s WHERE { ?s a <urn:nothing> }")
    assert (ran.code, ran.out) == (0, "No answer: nothing in the graph fits.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["what_mattters"], "question: There is no question 'what_mattters'. Did you mean 'what_matters'?"),
        (["what_matters"], "learner is missing. Allowed: canonical name of the learner"),
        (["what_matters", "--param", "learner"], "--param: 'learner' is no parameter. Allowed: name=value"),
        (["sources", "--param", "mood=good"], "'mood'"),
        (["none.rq"], "none.rq: There is no such file"),
        (["SELECT ?s WHERE { ?s a "], "The query cannot be answered"),
        (["INSERT DATA { <urn:a> <urn:b> <urn:c> }"], "Allowed: SPARQL 1.1 queries that read"),
        (["sources", "--limit", "0"], "Invalid value for '--limit'"),
        (["sources", "--limit", "-1"], "Invalid value for '--limit'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    arguments: list[str], message: str, command: Any, at_home: Path
) -> None:
    ran = command("query", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gossip", "."], "No such command 'gossip'"),
        (["tables", "nowhere"], "nowhere: There is no such folder. Allowed: a folder of source tables"),
        (["tables", ".", "--source", "gossip"], "There is no source 'gossip'. Allowed: "),
    ],
)
def test_what_cannot_be_ingested_is_refused(arguments: list[str], message: str, command: Any, empty_home: Path) -> None:
    ran = command("ingest", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_every_command_has_help_and_none_needs_a_graph(command: Any, empty_home: Path) -> None:
    for name in ("recommend", "tune", "validate", "explain", "ingest tables", "forget", "query"):
        ran = command(*name.split(), "--help")
        assert ran.code == 0
        assert f"Usage: tunegraph {name}" in ran.out
        assert "--json" in ran.out
    assert not empty_home.exists()


def test_the_version_is_printed(command: Any) -> None:
    ran = command("--version")
    assert ran.code == 0
    assert ran.out.startswith("tunegraph")


def test_an_unknown_command_is_refused(command: Any) -> None:
    ran = command("recomend")
    assert ran.code == 2
    assert "No such command 'recomend'" in ran.err


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['tunegraph', '--help']\n"
        "from ui.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    heavy = ('numpy', 'pandas', 'sklearn', 'optuna', 'pydantic', 'rdflib', 'pyoxigraph', 'duckdb', 'rich')\n"
        "    print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "recommend" in done.stdout
