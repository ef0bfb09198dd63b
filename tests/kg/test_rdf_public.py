"""Who may not see private studies reads a copy of the graph in which there are none."""

from pathlib import Path

import pytest

from kg.errors import EvidenceError
from kg.model.provenance import OWN_SOURCE
from kg.rdf_public import PublicCopy
from kg.rdf_store import RdfStore
from tests.kg import samples

OWN = f"{OWN_SOURCE}loans-12345678"
RUN = samples.run(7, source=OWN)
SUMMARY = samples.evidence("cost_profile", "own", source=OWN, seconds=(1.0, 2.0, 3.0))
EVERYTHING = "SELECT ?g ?s ?p ?o WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@pytest.fixture(params=["disk", "memory"])
def whole(request: pytest.FixtureRequest, tmp_path: Path):
    with RdfStore(tmp_path / "graph" if request.param == "disk" else None) as store:
        store.add(samples.small_graph())
        yield store


@pytest.fixture
def public(whole: RdfStore, tmp_path: Path):
    copy = PublicCopy(whole, tmp_path / "public")
    yield copy
    copy.close()


def test_without_studies_it_is_the_same_graph(whole: RdfStore, public: PublicCopy):
    assert public.current().fingerprint() == whole.fingerprint()
    assert public.current().datasets() == whole.datasets()


def test_studies_are_not_there_whatever_is_asked(whole: RdfStore, public: PublicCopy):
    before = public.current().counts()
    whole.add([RUN, SUMMARY])
    whole.keep_note("starter", f"names {OWN}")
    seen = public.current()
    assert seen.counts() == before
    assert not seen.has(RUN.iri)
    assert OWN not in seen.sources()
    assert seen.evidence("cost_profile") == tuple(e for e in whole.evidence("cost_profile") if e != SUMMARY)
    with pytest.raises(EvidenceError):
        seen.get(SUMMARY.iri)
    told = [str(value) for row in seen.ask(EVERYTHING) for value in row.values()]
    assert told
    assert not [text for text in told if "loans-12345678" in text or RUN.iri in text]


def test_it_follows_the_public_sources(whole: RdfStore, public: PublicCopy):
    seen = public.current()
    whole.add([samples.run(8)])
    whole.remove([samples.run(0).iri])
    assert public.current() is seen
    assert seen.has(samples.run(8).iri)
    assert not seen.has(samples.run(0).iri)
    assert seen.sources() == whole.sources()


def test_a_study_that_is_taken_out_at_that_very_moment_does_not_slip_through(whole: RdfStore, tmp_path: Path):
    class TakenOut(PublicCopy):
        def _is_behind(self) -> bool:
            behind = super()._is_behind()
            seen = whole._backend.reading()
            whole._backend.reading = lambda: seen  # what is copied was looked up just before
            whole.sources = lambda: {"bench": ""}  # and the study is gone right after
            return behind

    whole.add([RUN])
    copy = TakenOut(whole, tmp_path / "late")
    assert not copy.current().has(RUN.iri)
    assert copy.current().has(samples.run(0).iri)
    copy.close()


def test_a_study_alone_changes_nothing_in_it(whole: RdfStore, public: PublicCopy):
    before = public.current().fingerprint()
    whole.add([RUN])
    assert public.current().fingerprint() == before
