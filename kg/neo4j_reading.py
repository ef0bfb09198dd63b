"""Items read from Neo4j: what is said of nodes, as the converter wants it (`kg.rdf_codecs.Reader`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode

from kg.errors import EvidenceError, RecordError, StoreError
from kg.iris import learner_iri, metric_iri
from kg.model import Iri
from kg.neo4j_rows import shared_root
from kg.neo4j_terms import DIGEST, MEMBER, OWNER, RESOURCE, SOURCE, from_property, iri_of, name_of, quoted
from kg.rdf_codecs import Properties, Reader
from kg.rdf_convert import read_item
from kg.rdf_items import KIND_CLASSES
from kg.rdf_mapping import LAYOUTS
from kg.rdf_terms import QUALITY, RDF, TYPE, Term

if TYPE_CHECKING:
    from kg.neo4j_connection import Tx

#: Items that are read at once.
CHUNK: Final = 500

_RETURN = "RETURN n.iri AS iri, labels(n) AS labels, properties(n) AS properties, " + (
    "[link IN collect([type(r), r.place, o.iri]) WHERE link[0] IS NOT NULL] AS links"
)
_NODES = f"UNWIND $iris AS iri MATCH (n:{RESOURCE} {{iri: iri}}) OPTIONAL MATCH (n)-[r]->(o) {_RETURN}"
_PARTS = f"UNWIND $iris AS iri MATCH (n:{RESOURCE} {{{OWNER}: iri}}) OPTIONAL MATCH (n)-[r]->(o) {_RETURN}"
_IS_ITEM = f"MATCH (n:{RESOURCE} {{iri: $iri}}) WHERE n.{DIGEST} IS NOT NULL RETURN count(n) AS n"
_AMONG = f"UNWIND $iris AS iri MATCH (n:{RESOURCE} {{iri: iri}}) WHERE n.{DIGEST} IS NOT NULL RETURN n.iri AS iri"
_CITED = f"""UNWIND $iris AS iri MATCH (n:{RESOURCE} {{iri: iri}})<--(by)
WHERE by.{SOURCE} IS NOT NULL AND by.{SOURCE} <> $beside RETURN DISTINCT iri"""
_ITEMS_OF = f"""MATCH (n:{RESOURCE} {{{SOURCE}: $source}}) WHERE n.{DIGEST} IS NOT NULL
RETURN n.iri AS iri, labels(n) AS labels"""
_KINDS: Final = {name_of(cls): kind for kind, cls in KIND_CLASSES.items()}
_FILTERS: Final = {
    "learner": f"MATCH (n)-[:learner]->(:{RESOURCE} {{iri: $learner}})",
    "metric": f"MATCH (n)-[:metric]->(:{RESOURCE} {{iri: $metric}})",
    "dataset": f"MATCH (n)-[:dataset]->(:{RESOURCE} {{iri: $dataset}})",
}
_EXACT: Final[dict[str, Callable[[str], str]]] = {"learner": learner_iri, "metric": metric_iri, "dataset": str}


class GraphReader:
    """Reads items; what they share by content is read once, for it never changes."""

    def __init__(self) -> None:
        self._shared_nodes: dict[str, dict[str, Properties]] = {}
        self._shared_values: dict[str, Any] = {}

    def items(self, tx: Tx, iris: Iterable[str]) -> Iterator[Any]:
        """Yield the items that `iris` name, in that order.

        Raises:
            EvidenceError: One is not there.
            StoreError: One was written by another version.
        """
        waiting = list(iris)
        for start in range(0, len(waiting), CHUNK):
            chunk = waiting[start : start + CHUNK]
            said = _fetch(tx, dict.fromkeys(chunk))
            self._fetch_shared(tx, said)
            for iri in chunk:
                yield self._item(iri, said)

    def _item(self, iri: str, said: dict[str, Properties]) -> Any:
        def properties(subject: NamedNode) -> Properties:
            root = shared_root(subject.value)
            return (said if root is None else self._shared_nodes[root]).get(subject.value, {})

        try:
            item = read_item(Reader(LAYOUTS, properties, self._shared_values), NamedNode(iri))
        except (RecordError, KeyError) as error:
            raise StoreError(
                f"{iri} is not as this version of Tunegraph writes it: {error}."
                " Copy or ingest its source anew: tunegraph forget, then tunegraph copy or ingest."
            ) from error
        except ValueError as error:
            raise EvidenceError(f"{iri!r} is no absolute IRI.") from error
        if item is None:
            raise EvidenceError(f"Nothing in the graph is named {iri}.")
        return item

    def _fetch_shared(self, tx: Tx, said: Mapping[str, Properties]) -> None:
        """Read the shared nodes that are pointed to, and those that these point to in turn."""
        wanted = _roots(said) - self._shared_nodes.keys()
        while wanted:
            found = _fetch(tx, wanted)
            for root in wanted:
                self._shared_nodes[root] = {iri: one for iri, one in found.items() if shared_root(iri) == root}
            wanted = _roots(found) - self._shared_nodes.keys()


def find_items(tx: Tx, kind: str, wanted: Mapping[str, str]) -> list[Iri]:
    """Return the IRIs of the items with label `kind` that have all the properties `wanted`, sorted."""
    parameters = {name: _EXACT[name](value) for name, value in wanted.items()}
    filters = " ".join(_FILTERS[name] for name in wanted)
    rows = tx.run(
        f"MATCH (n{quoted(kind)}) {filters} WITH n WHERE n.{DIGEST} IS NOT NULL RETURN n.iri AS iri", parameters
    )
    return sorted(Iri(row["iri"]) for row in rows)


def counts(tx: Tx) -> dict[str, int]:
    """Return how many items of each kind there are."""
    found = {}
    for label, kind in _KINDS.items():
        row = tx.run(f"MATCH (n{quoted(label)}) WHERE n.{DIGEST} IS NOT NULL RETURN count(n) AS n").single(strict=True)
        found[kind] = int(row["n"])
    return found


def kinds_of(tx: Tx, source: str) -> dict[Iri, str]:
    """Return the kind of every item of a source, by IRI."""
    rows = tx.run(_ITEMS_OF, source=source)
    return dict(sorted((Iri(row["iri"]), next(_KINDS[one] for one in row["labels"] if one in _KINDS)) for row in rows))


def cited(tx: Tx, iris: Iterable[str], *, beside: str) -> frozenset[Iri]:
    """Return those of `iris` that items of other sources than `beside` refer to."""
    return frozenset(Iri(row["iri"]) for row in tx.run(_CITED, iris=list(iris), beside=beside))


def is_item(tx: Tx, iri: str) -> bool:
    """Say whether `iri` names an item."""
    return bool(tx.run(_IS_ITEM, iri=iri).single(strict=True)["n"])


def among(tx: Tx, iris: Iterable[str]) -> list[str]:
    """Return those of `iris` that name items, in that order."""
    waiting = list(iris)
    found = {
        row["iri"]
        for start in range(0, len(waiting), CHUNK)
        for row in tx.run(_AMONG, iris=waiting[start : start + CHUNK])
    }
    return [iri for iri in waiting if iri in found]


def qualities(tx: Tx, names: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return those of the qualities `names` that are known of each data set, by IRI."""
    from kg.rdf_terms import child

    base = NamedNode(QUALITY.rstrip("/"))
    keys = {name_of(child(base, name).value): name for name in names}
    label = quoted(name_of(KIND_CLASSES["dataset"]))
    rows = tx.run(
        f"MATCH (n{label}) WHERE n.{DIGEST} IS NOT NULL RETURN n.iri AS iri, [key IN $keys | n[key]] AS found",
        keys=list(keys),
    )
    return {
        row["iri"]: {name: value for name, value in zip(keys.values(), row["found"], strict=True) if value is not None}
        for row in rows
    }


def _fetch(tx: Tx, roots: Iterable[str]) -> dict[str, Properties]:
    """Return what is said of the nodes `roots` and of their parts, by IRI."""
    iris = list(roots)
    found: dict[str, Properties] = {}
    for statement in (_NODES, _PARTS):
        for row in tx.run(statement, iris=iris):
            found[row["iri"]] = _properties(row["labels"], row["properties"], row["links"])
    return found


def _properties(labels: list[str], properties: Mapping[str, Any], links: list[list[Any]]) -> Properties:
    said: dict[str, list[Term]] = {TYPE.value: [NamedNode(iri_of(one)) for one in sorted(labels) if one != RESOURCE]}
    for name, value in properties.items():
        if name not in {"iri", SOURCE, DIGEST, OWNER}:
            predicate, literal = from_property(name, value)
            said.setdefault(predicate, []).append(literal)
    for kind, place, target in links:
        predicate = f"{RDF}_{place}" if kind == MEMBER else iri_of(kind)
        said.setdefault(predicate, []).append(NamedNode(target))
    return said


def _roots(said: Mapping[str, Properties]) -> set[str]:
    targets = (term.value for one in said.values() for terms in one.values() for term in terms)
    return {root for target in targets if (root := shared_root(target)) is not None}
