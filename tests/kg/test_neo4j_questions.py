"""Every question has the same answers on both stores, on a small graph, on generated ones and on the one that ships."""

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import model
from kg.errors import InputError
from kg.iris import dataset_iri
from kg.neo4j_store import Neo4jStore
from kg.questions import questions
from kg.rdf_store import RdfStore
from tests.kg import model_strategies, samples
from tests.kg.answers import assert_equal_answers
from tests.kg.neo4j_server import server
from tests.kg.test_questions import ANSWERABLE


@contextlib.contextmanager
def both(items):
    """Both stores with `items` in them and nothing else."""
    with Neo4jStore(server().connection()) as there, RdfStore() as here:
        here.add(items)
        if there.sources() != here.sources():
            for source in there.sources():
                there.remove_source(source)
            there.add(items)
        yield here, there


@pytest.fixture
def stores():
    with both(samples.small_graph()) as found:
        yield found


@pytest.mark.parametrize("name", sorted(questions()))
def test_a_question_is_answered_alike(stores, name):
    assert assert_equal_answers(*stores, name, ANSWERABLE[name])


@pytest.mark.parametrize("name", [name for name, asked in ANSWERABLE.items() if asked])
def test_a_question_about_another_subject_has_no_answer(stores, name):
    asked = {key: -1 if isinstance(value, int) else f"{value}-other" for key, value in ANSWERABLE[name].items()}
    assert assert_equal_answers(*stores, name, asked) == []


NAMES = st.sampled_from(["svm", 'quo"te', "a/b#c?d%20", "> <http://evil> .", "x"])
DATASETS = st.sampled_from([dataset_iri("one"), dataset_iri("two")])
#: Items whose names meet, so that questions find more than one.
MEETING = st.one_of(
    *(
        model_strategies.of(
            cls,
            **{"n": st.integers(1, 9)} if "n" in cls.model_fields else {},
            **{name: NAMES for name in ("learner", "metric", "suite", "name") if name in cls.model_fields},
            **{"dataset": DATASETS} if "dataset" in cls.model_fields else {},
            **{"iri": DATASETS} if cls is model.Dataset else {},
        )
        for cls in (
            model.Dataset,
            model.Run,
            model.ParameterImportance,
            model.FidelityProfile,
            model.CostProfile,
            model.StudySummary,
            model.PublishedSpace,
            model.Claim,
            model.SystemResult,
            model.SuiteResult,
        )
    ),
    model_strategies.fidelity_curves(n=st.integers(1, 9), learner=NAMES, metric=NAMES, dataset=DATASETS),
    *model_strategies.ITEMS.values(),
)


@settings(max_examples=12)
@given(st.lists(MEETING, min_size=1, max_size=8))
def test_generated_graphs_answer_alike(items):
    kept = list({item.iri: item for item in items}.values())
    with both(kept) as (here, there):
        assert there.sources() == here.sources()
        assert there.fingerprint() == here.fingerprint()
        assert there.counts() == here.counts()
        assert [there.get(item.iri) for item in kept] == [here.get(item.iri) for item in kept]
        for name, asked in asked_of(kept):
            assert_equal_answers(here, there, name, asked)


def asked_of(items):
    """Every question, about what stands in `items`."""
    first = items[0]
    known = {
        "iri": [first.iri],
        "learner": [*{item.learner for item in items if getattr(item, "learner", None)}][:2],
        "metric": [*{item.metric for item in items if getattr(item, "metric", None)}][:1],
        "text": ["x"],
        "number": [1.0],
    }
    for name, question in questions().items():
        needed = [parameter for parameter in question.parameters if not parameter.optional]
        for values in itertools.product(*(known[parameter.kind] for parameter in needed)):
            asked = dict(zip((parameter.name for parameter in needed), values, strict=True))
            yield name, asked
            for parameter in question.parameters:
                for value in known[parameter.kind][:1] if parameter.optional else ():
                    yield name, {**asked, parameter.name: value}


class TestFreeCypher:
    def test_what_matches_and_returns_is_answered(self, stores):
        rows = stores[1].ask(
            "MATCH (d:mls__Dataset) WHERE d.dcterms__title = $title RETURN d.iri AS d", {"title": "iris"}
        )
        assert list(rows) == [{"d": samples.IRIS}]

    @pytest.mark.parametrize(
        "query",
        [
            "CREATE (n:Run)",
            "MATCH (n) DETACH DELETE n",
            "match (n) set n.x = 1 return n",
            "MATCH (n) REMOVE n:Run",
            "MERGE (n:Run {iri: 'x'}) RETURN n",
            "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
            "CALL apoc.load.json('http://evil') YIELD value RETURN value",
            "/* RETURN */ DROP CONSTRAINT tunegraph_iri",
            "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
            "RETURN 1 UNION CREATE (n) RETURN 1",
            "MATCH (n) \\u0053ET n.x = 1 RETURN n",
            "RETURN '\\u0027 + 1 //' AS x",
            "MATCH (n RETURN n",
            "no query at all",
        ],
    )
    def test_what_writes_calls_or_is_no_query_is_refused(self, stores, query):
        before = stores[1].fingerprint()
        with pytest.raises(InputError):
            list(stores[1].ask(query))
        assert stores[1].fingerprint() == before

    @pytest.mark.parametrize(
        "query",
        [
            "MATCH (n:Set) WHERE n.create = 'DELETE' RETURN n.merge AS x // SET",
            'MATCH (n) WHERE n.`LOAD` = "CALL x()" RETURN n.iri AS x',
        ],
    )
    def test_the_words_elsewhere_are_no_matter(self, stores, query):
        assert list(stores[1].ask(query)) == []
