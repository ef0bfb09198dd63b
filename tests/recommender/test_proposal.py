"""A proposal says what it says in JSON, under a published schema, and comes back the same."""

import json
from pathlib import Path

from recommender.proposal import Proposal, json_schema

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "reference" / "proposal.schema.json"


def test_the_published_schema_is_the_one_in_force():
    assert json.loads(SCHEMA.read_text()) == json_schema(), "run: make schema"


def test_a_proposal_comes_back_from_json_the_same(proposal):
    made = proposal()
    assert Proposal.from_json(made.to_json()) == made


def test_fields_are_objects_that_account_for_themselves(proposal):
    written = json.loads(proposal().to_json())
    for name in ("search_space", "warm_starts", "budget", "fidelity", "termination", "prediction", "fixed", "advice"):
        assert {"value", "citations", "derivation", "rationale", "confidence"} <= written[name].keys()


def test_a_parameter_has_the_names_of_the_schema(proposal):
    for parameter in json.loads(proposal().to_json())["search_space"]["value"]["parameters"]:
        wanted = {"float": {"low", "high", "log"}, "int": {"low", "high", "log"}, "categorical": {"choices"}}
        assert {"name", "kind", "prior"} | wanted[parameter["kind"]] <= parameter.keys()
