import json
from pathlib import Path

import pytest

from tests.recommender.llm.openai_server import serving

GUIDE = """# XGBoost

We recommend a `learning_rate` of 0.1 for most data sets.
The default value of `max_depth` is 6.
"""


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    folder = tmp_path / "guides"
    (folder / "deep").mkdir(parents=True)
    (folder / "xgboost.md").write_text(GUIDE)
    (folder / "deep" / "svm.md").write_text(
        "# SVM\n\nFor the SVM, `C` should be between 0.01 and 100 on a log scale.\n"
    )
    return folder


@pytest.fixture
def bare_home(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a starter graph."""
    monkeypatch.setattr("kg.rdf_starter.starter_path", lambda: None)
    return empty_home


def test_a_dry_run_prints_the_claims_and_nothing_else(command, guides, tmp_path):
    home = tmp_path / "home"
    ran = command("ingest", "papers", guides, "--dry-run", "--json", "--home", home)
    assert ran.code == 0, ran.err
    printed = json.loads(ran.out)
    assert list(printed) == ["claims"]
    fields = [
        "document",
        "quote",
        "page",
        "section",
        "learner",
        "hyperparameter",
        "kind",
        "low",
        "high",
        "log",
        "value",
    ]
    assert all(list(claim) == [*fields, "unit", "condition"] for claim in printed["claims"])
    assert {claim["document"] for claim in printed["claims"]} == {"xgboost.md", "deep/svm.md"}
    found = [(claim["learner"], claim["hyperparameter"], claim["value"]) for claim in printed["claims"]]
    assert ("xgboost", "max_depth", 6) in found
    assert all(claim["quote"] in GUIDE for claim in printed["claims"] if claim["document"] == "xgboost.md")
    assert not home.exists()


def test_one_bad_document_is_told_and_the_rest_is_printed(command, guides):
    (guides / "bad.ipynb").write_text("{")
    ran = command("ingest", "papers", guides, "--dry-run", "--json")
    assert ran.code == 1
    assert "bad.ipynb: It is no notebook" in ran.err
    assert json.loads(ran.out)["claims"]


def test_documents_are_ingested_searched_and_forgotten(command, guides, bare_home):
    home = bare_home
    ran = command("ingest", "papers", guides, "--licence", "MIT", "--json", "--home", home)
    assert ran.code == 0, ran.err
    sources = {source["source"]: source for source in json.loads(ran.out)["sources"]}
    assert set(sources) == {"paper:guides-xgboost", "paper:deep-svm"}
    again = json.loads(command("ingest", "papers", guides, "--licence", "MIT", "--json", "--home", home).out)
    assert [source["items"]["claim"]["added"] for source in again["sources"]] == [0, 0]
    found = json.loads(command("passages", "which learning rate?", "--json", "--limit", "1", "--home", home).out)
    (hit,) = found["passages"]
    assert hit["passage"]["document"] == "xgboost.md"
    assert hit["passage"]["provenance"]["licence"] == "MIT"
    assert "0.1" in command("passages", "learning rate", "--home", home).out
    assert command("forget", "paper:*", "--home", home).code == 0
    assert not list((home / "raw").rglob("*.md"))
    assert command("passages", "learning rate", "--home", home).code == 2


def test_what_cannot_be_had_is_told(command, tmp_path):
    for what, said in (
        (tmp_path / "none", "no such file or folder"),
        ("https://127.0.0.1:9/x", "private network"),
        ("file:///etc/passwd", "file:// is not fetched"),
    ):
        ran = command("ingest", "papers", what, "--dry-run", "--json")
        assert ran.code == 2
        assert said in ran.err
        assert ran.out == ""


def test_a_language_model_finds_claims_beside_the_rules_and_only_what_stands_there(
    command, guides, tmp_path, monkeypatch
):
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("TUNEGRAPH_HOME", str(tmp_path / "home"))
    quote = "for most data sets"
    given = {"kind": "condition", "quote": quote, "parameter_name": "learning_rate", "algorithm_name": "XGBoost"}
    made_up = {**given, "quote": "XGBoost is best with max_depth 77.", "value": 77}
    alone = command("ingest", "papers", str(guides), "--dry-run", "--json")
    with serving(lambda _: json.dumps({"claims": [given, made_up]})) as server:
        ran = command(
            *(
                "ingest",
                "papers",
                str(guides),
                "--dry-run",
                "--json",
                "--llm",
                "openai:any",
                "--llm-base-url",
                server.url,
            )
        )
    claims, by_rules = json.loads(ran.out)["claims"], json.loads(alone.out)["claims"]
    assert ran.code == 0
    assert [claim for claim in claims if claim in by_rules] == by_rules
    assert [claim["quote"] for claim in claims if claim not in by_rules] == [quote]


def test_a_model_that_does_not_answer_costs_a_warning(command, guides, bare_home, monkeypatch):
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with serving(lambda _: 401) as server:
        ran = command("ingest", "papers", str(guides), "--dry-run", "--llm", "openai:any", "--llm-base-url", server.url)
    assert ran.code == 0
    assert "Warning: not answered by the model: " in ran.err
