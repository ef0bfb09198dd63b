"""``tunegraph explain``: from a field to its rule, its evidence and its runs."""

import json
from pathlib import Path
from typing import Any

from recommender.proposal import Proposal


def test_an_overview_tells_every_field_in_short(command: Any, at_home: Path, proposal_file: Path) -> None:
    ran = command("explain", proposal_file)
    assert ran.code == 0
    for field in ("learner", "metric", "search_space", "warm_starts", "budget", "termination", "prediction", "advice"):
        assert f"\n{field} = " in ran.out
    assert max(len(line) for line in ran.out.splitlines()) <= 100


def test_a_field_is_told_down_to_its_evidence(
    command: Any, at_home: Path, proposal: Proposal, proposal_file: Path
) -> None:
    ran = command("explain", proposal_file, "warm_starts")
    grounding = proposal.warm_starts
    assert grounding.derivation is not None
    assert f"rule: {grounding.derivation.rule}" in ran.out
    assert f"<{grounding.citations[0]}>" in ran.out
    assert f"confidence {grounding.confidence:.2f}, from {len(grounding.citations)} piece" in ran.out


def test_a_part_is_told_by_itself(command: Any, at_home: Path, proposal: Proposal, proposal_file: Path) -> None:
    name = next(iter(proposal.search_space.parts))
    ran = command("explain", proposal_file, f"search_space.{name}", "--json")
    (account,) = json.loads(ran.out)
    assert account["field"] == f"search_space.{name}"
    assert json.loads(account["value"])["name"] == name
    assert account["n_citations"] == len(proposal.search_space.parts[name].citations)


def test_json_tells_every_field_and_lists_are_json(command: Any, at_home: Path, proposal_file: Path) -> None:
    accounts = {account["field"]: account for account in json.loads(command("explain", proposal_file, "--json").out)}
    starts = json.loads(accounts["warm_starts"]["value"])
    assert starts == json.loads(proposal_file.read_text())["warm_starts"]["value"]


def test_a_field_that_is_not_there_is_refused_with_those_that_are(
    command: Any, at_home: Path, proposal_file: Path
) -> None:
    ran = command("explain", proposal_file, "mood")
    assert (ran.code, ran.out) == (2, "")
    assert "There is no field 'mood'. Allowed: learner, metric, protocol, search_space" in ran.err
    ran = command("explain", proposal_file, "search_space.mood")
    assert "'search_space' has no part 'mood'. Allowed: search_space." in ran.err


def test_what_is_no_proposal_is_refused(command: Any, empty_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"learner": ')
    for arguments in ((path,), (tmp_path / "none.json",)):
        ran = command("explain", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert f"Error: {arguments[0]}: " in ran.err
    assert not empty_home.exists()
