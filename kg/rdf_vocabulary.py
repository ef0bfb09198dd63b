"""What the graph says of its own terms: learners, hyper-parameters and metrics of the registry, and the ontology."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kg.iris import BASE, hyperparameter_iri, learner_iri, metric_iri
from kg.learners.families import all_specs
from kg.model import METRICS
from kg.rdf_terms import LABEL, TYPE, Term, mls, text_term, tg

#: The named graph of the vocabulary: no source, so that no source takes it along.
VOCABULARY: Final = NamedNode(f"{BASE}vocabulary")


def vocabulary_quads() -> set[Quad]:
    """Return the quads of the vocabulary, in its named graph."""
    triples = [*_learners(), *_metrics(), *_ontology()]
    return {Quad(subject, predicate, value, VOCABULARY) for subject, predicate, value in triples}


def _learners() -> Iterator[tuple[NamedNode, NamedNode, Term]]:
    for spec in all_specs().values():
        learner = NamedNode(learner_iri(spec.name))
        yield learner, TYPE, mls("Implementation")
        yield learner, LABEL, text_term(spec.label)
        for hyperparameter in spec.hyperparameters:
            node = NamedNode(hyperparameter_iri(spec.name, hyperparameter.name))
            yield learner, mls("hasHyperParameter"), node
            yield node, TYPE, mls("HyperParameter")
            yield node, LABEL, text_term(hyperparameter.name)


def _metrics() -> Iterator[tuple[NamedNode, NamedNode, Term]]:
    for metric in METRICS.values():
        node = NamedNode(metric_iri(metric.name))
        yield node, TYPE, mls("EvaluationMeasure")
        yield node, LABEL, text_term(metric.name)
        yield node, tg("taskType"), tg(metric.task_type.value)
        yield node, tg("greaterIsBetter"), Literal(metric.greater_is_better)


def _ontology() -> Iterator[tuple[NamedNode, NamedNode, Term]]:
    text = resources.files("kg.ontology").joinpath("tunegraph.ttl").read_bytes()
    for triple in parse(text, RdfFormat.TURTLE):
        if isinstance(triple.subject, NamedNode):
            yield triple.subject, triple.predicate, triple.object
