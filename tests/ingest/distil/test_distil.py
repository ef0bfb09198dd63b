"""Distilling turns a run table into evidence that cites runs, the same on every build."""

from datetime import date

from ingest.distil import distil
from kg.model import Run, Standing


def of_kind(evidence, kind, learner=None):
    return [e for e in evidence if getattr(e, "kind", "") == kind and learner in (None, e.learner)]


def test_the_same_runs_give_the_same_evidence_in_the_same_order(runs, evidence):
    """Those of openml-pimp are distilled again below."""
    again = distil(runs, (), retrieved=date(2026, 1, 2), sources=["pmlb-knowledgebase", "yahpo-derived"])
    assert tuple(again) == tuple(item for item in evidence if item.provenance.source != "openml-pimp")


def test_every_iri_names_one_thing(evidence):
    assert len({item.iri for item in evidence}) == len(evidence)


def test_every_run_that_is_cited_is_there_once_and_no_other(evidence):
    cited = {run for summary in of_kind(evidence, "run_summary") for run in summary.top_runs}
    assert cited == {item.iri for item in evidence if isinstance(item, Run)}


def test_standing_and_provenance_are_those_of_the_source(evidence):
    assert {item.standing for item in evidence if item.provenance.source == "yahpo-derived"} == {Standing.SURROGATE}
    assert {item.standing for item in evidence if item.provenance.source == "openml-pimp"} == {Standing.MEASURED}
    assert {item.provenance.retrieved for item in evidence} == {date(2026, 1, 2)}
    assert all(item.provenance.licence and item.provenance.url and item.provenance.locator for item in evidence)


def test_each_learner_has_the_kinds_of_evidence_that_its_runs_allow(evidence):
    def kinds(learner):
        return {item.kind for item in evidence if not isinstance(item, Run) and item.learner == learner}

    always = {"run_summary", "response_model", "parameter_importance"}
    assert kinds("random_forest") == kinds("knn") == always
    assert kinds("rpart") == kinds("shaped_mlp") == always | {"fidelity_profile", "fidelity_curve", "cost_profile"}


def test_progress_names_learner_and_source(runs):
    said = []
    for _ in distil(runs, (), retrieved=date(2026, 1, 2), progress=said.append):
        if said:
            break
    assert said == ["Distilling 1,200 scores of adaboost from openml-pimp"]


def test_only_the_sources_asked_for_are_distilled(runs, evidence):
    some = tuple(distil(runs, (), retrieved=date(2026, 1, 2), sources=["openml-pimp", "nobody"]))
    assert some == tuple(item for item in evidence if item.provenance.source == "openml-pimp")
    assert not tuple(distil(runs, (), retrieved=date(2026, 1, 2), sources=()))
