"""Real documents with gold claims: how many are found, how many numbers that are none are taken for one."""

import json
from datetime import date
from pathlib import Path

import pytest

from benchmarks.claims import is_alarm, is_found, same_name, same_numbers
from ingest.claims import Claims, found_in
from ingest.documents.parsing import parse_document
from kg.model import Claim, Provenance, Standing

#: Small documents of every format but PDF, which take a second in all.
DOCUMENTS = (
    "xgboost-docs/parameter.rst",
    "xgboost-docs/rf.rst",
    "scikit-learn-docs/tree.rst",
    "catboost-tutorials/hyperparameters_tuning.ipynb",
    "h2o-docs/gbmRVignette.tex",
    "litgpt-docs/finetune_lora.md",
    "optuna-docs/003_efficient_optimization_algorithms.py",
)


@pytest.fixture(scope="module")
def papers(shared_data: Path) -> Path:
    return shared_data / "papers"


@pytest.fixture(scope="module")
def found(papers: Path) -> dict[str, Claims]:
    result = {}
    for name in DOCUMENTS:
        document = parse_document(papers / name, name=name)
        provenance = Provenance(source=f"paper:{name}", licence="MIT", url="", retrieved=date(2026, 1, 2))
        result[name] = found_in(document, provenance=provenance)
    return result


def lines(papers: Path, name: str):
    items = [json.loads(line) for line in (papers / name).read_text("utf-8").splitlines()]
    return [item for item in items if item["doc"] in DOCUMENTS]


def test_most_gold_claims_are_found(papers, found):
    gold = lines(papers, "gold_dev.jsonl")
    hits = [is_found(item, found[item["doc"]].claims, by_words=True) for item in gold]
    assert sum(hits) >= 0.6 * len(gold)


def test_no_hard_negative_is_taken_for_a_claim(papers, found):
    for item in lines(papers, "negatives_dev.jsonl"):
        assert not [claim for claim in found[item["doc"]].claims if is_alarm(item, claim)], item["quote"]


def test_every_claim_can_account_for_itself(papers, found):
    for name, result in found.items():
        document = parse_document(papers / name, name=name)
        for claim in result.claims:
            assert document.quotes(claim.quote)
            assert claim.standing == Standing.CLAIMED
            assert claim.document == name
            assert claim.algorithm_name or claim.parameter_name


def test_the_same_document_gives_the_same_claims(papers, found):
    name = "xgboost-docs/rf.rst"
    document = parse_document(papers / name, name=name)
    again = found_in(document, provenance=found[name].claims[0].provenance)
    assert [claim.iri for claim in again.claims] == [claim.iri for claim in found[name].claims]


GOLD = {
    "doc": "d",
    "kind": "range",
    "algorithm": "XGBoost (H2O)",
    "hyperparameter": "eta",
    "canonical_hyperparameter": "learning_rate",
    "low": 0.1,
    "high": 1,
    "log": None,
    "value": None,
    "unit": None,
}


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, True),
        ({"statement": "default"}, False),
        ({"high": 2.0}, False),
        ({"learner": "svm", "algorithm_name": "SVM"}, False),
        ({"hyperparameter": "gamma", "parameter_name": "gamma"}, False),
        ({"algorithm_name": "xgb"}, True),
    ],
)
def test_a_claim_is_the_gold_one_only_with_its_kind_learner_parameter_and_numbers(found, changes, right):
    some = next(iter(found.values())).claims[0]
    claim = some.replace(
        statement="range",
        learner="xgboost",
        algorithm_name="XGBoost",
        hyperparameter="learning_rate",
        parameter_name="eta",
        low=0.1,
        high=1.0,
        value=None,
        log=None,
    )
    assert is_found(GOLD, [claim.replace(**changes)], by_words=False) is right


@pytest.mark.parametrize(("value", "unit", "right"), [(1, "hour", True), (3600, "seconds", True), (1, "minute", False)])
def test_times_are_compared_in_one_unit(found, value, unit, right):
    some: Claim = next(iter(found.values())).claims[0]
    gold = {**GOLD, "low": None, "high": None, "value": 3600, "unit": "seconds"}
    assert same_numbers(gold, some.replace(value=value, low=None, high=None, unit=unit)) is right


def test_names_are_compared_strictly_or_by_words():
    wanted = {"minimum iterations before termination"}
    assert not same_name(wanted, {"iterations"}, by_words=False)
    assert same_name(wanted, {"iterations"}, by_words=True)
    assert not same_name(wanted, {"epochs"}, by_words=True)
