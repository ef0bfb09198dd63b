"""Evidence as a reader follows it: ranges beside it, citations down to a run or a sentence, the graph to walk."""

from datetime import date

import pytest

from kg.iris import dataset_iri, evidence_iri, run_iri
from kg.model import Claim, Configuration, Iri, Provenance, Run, Standing
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal
from ui.views.citations import cited, links_of, told
from ui.views.ranges import MOST_DATASETS, Basis, range_rows
from ui.views.walking import node


def _provenance(url: str, locator: str = "") -> Provenance:
    return Provenance(source="s", licence="MIT", url=url, retrieved=date(2026, 1, 1), locator=locator)


def _run(url: str, locator: str) -> Run:
    return Run(
        iri=run_iri("x"),
        dataset=dataset_iri("nowhere"),
        learner="svm",
        configuration=Configuration({}),
        scores={"accuracy": 0.9},
        standing=Standing.MEASURED,
        provenance=_provenance(url, locator),
    )


def _claim(url: str, page: int | None = None) -> Claim:
    return Claim(
        iri=evidence_iri("claim", "x"),
        standing=Standing.CLAIMED,
        n=1,
        provenance=_provenance(url),
        document="d",
        quote="set it to 0.1, or less",
        page=page,
        statement="range",
    )


def test_a_range_is_seen_beside_its_evidence(proposal: Proposal, starter_store: RdfStore) -> None:
    rows = range_rows(proposal, "min_weight_fraction_leaf", starter_store)
    parameter = proposal.search_space.value["min_weight_fraction_leaf"]
    assert (rows[0].basis, rows[0].low, rows[0].high) == (Basis.PROPOSED, parameter.low, parameter.high)  # type: ignore[union-attr]
    counts = {basis: sum(row.basis is basis for row in rows) for basis in Basis}
    assert counts[Basis.WARM_START] == len(proposal.warm_starts.value)
    assert 1 <= counts[Basis.BEST_RUNS] <= MOST_DATASETS
    assert all(starter_store.has(row.iri) for row in rows if row.iri is not None)


def test_best_runs_are_those_of_the_nearest_data_sets(proposal: Proposal, starter_store: RdfStore) -> None:
    names = [
        row.label
        for row in range_rows(proposal, "min_weight_fraction_leaf", starter_store)
        if row.basis is Basis.BEST_RUNS
    ]
    near = [n.name for n in proposal.neighbours]
    assert names == sorted(names, key=near.index)


def test_a_citation_leads_to_the_runs_behind_it(proposal: Proposal, starter_store: RdfStore) -> None:
    pieces = cited(proposal.search_space.parts["min_weight_fraction_leaf"].citations, starter_store, at_most=3, runs=2)
    assert len(pieces) == 3
    for piece in pieces:
        assert piece.says
        assert len(piece.runs) == 2
        assert all(run.kind == "run" and run.links for run in piece.runs)


def test_what_the_graph_does_not_hold_is_passed_over(starter_store: RdfStore) -> None:
    assert cited([Iri("https://example.org/none")], starter_store) == ()


def test_a_run_of_openml_has_its_page(starter_store: RdfStore) -> None:
    links = links_of(_run("https://www.openml.org", "accuracy/page-0.json:10228060"), starter_store)
    assert links[0].url == "https://www.openml.org/r/10228060"


def test_a_run_from_elsewhere_has_none(starter_store: RdfStore) -> None:
    links = links_of(_run("https://github.com/a/b", "runs.arff:12"), starter_store)
    assert [link.url for link in links] == ["https://github.com/a/b"]


def test_a_claim_leads_to_its_page_or_its_words(starter_store: RdfStore) -> None:
    (paper, _) = links_of(_claim("https://e.org/p.pdf", page=37), starter_store)
    assert paper.url == "https://e.org/p.pdf#page=37"
    (text, _) = links_of(_claim("https://e.org/doc.rst"), starter_store)
    assert text.url == "https://e.org/doc.rst#:~:text=set%20it%20to%200.1%2C%20or%20less"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http:", ""])
def test_only_addresses_of_the_web_become_links(url: str, starter_store: RdfStore) -> None:
    assert links_of(_claim(url), starter_store) == ()
    assert links_of(_run(url, "x"), starter_store) == ()


def test_the_graph_can_be_walked_from_a_data_set_to_a_run_and_back(proposal: Proposal, starter_store: RdfStore) -> None:
    start = proposal.neighbours[0].dataset
    here = node(start, starter_store)
    summary = next(way for way in here.ways if "/run_summary/" in way.iri)
    there = node(summary.iri, starter_store)
    run = next(way for way in there.ways if "/run/" in way.iri)
    assert run.by == "rests on"
    assert [way.iri for way in node(run.iri, starter_store).ways] == [start]


def test_no_way_leads_to_where_one_stands(proposal: Proposal, starter_store: RdfStore) -> None:
    for iri in proposal.search_space.citations[:3]:
        assert iri not in {way.iri for way in node(iri, starter_store).ways}


def test_a_data_set_is_told_with_its_source(proposal: Proposal, starter_store: RdfStore) -> None:
    piece = told(starter_store.get(proposal.neighbours[0].dataset), starter_store)
    assert piece.kind == "data set"
    assert "licence: " in piece.where
