"""What a transaction writes to Neo4j: batches by UNWIND, values as parameters only.

The text of a statement holds nothing but names of our own vocabulary (`kg.neo4j_terms.quoted`). Every change can be
made again without harm, so a transaction that the server cut can be repeated from its beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kg.iris import source_iri
from kg.neo4j_rows import Labels, Row, Rows, Staged, rows_of, shared_root
from kg.neo4j_terms import DIGEST, MEMBER, OWNER, RESOURCE, SOURCE, quoted
from kg.rdf_items import MODULUS

if TYPE_CHECKING:
    from kg.neo4j_connection import Tx

T = TypeVar("T")

#: Rows of one statement.
BATCH: Final = 2_000

_KNOWN = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) RETURN iri, n.{SOURCE} AS source, n.{DIGEST} AS digest"
_ITEMS_OF = f"MATCH (n:{RESOURCE} {{{SOURCE}: $source}}) WHERE n.{DIGEST} IS NOT NULL RETURN n.iri AS iri"
_PARTS = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{{OWNER}: iri}}) RETURN n.iri AS iri"
_TARGETS = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}})-[r]->(o) RETURN collect(DISTINCT o.iri) AS targets"
_LABELS = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) RETURN iri, labels(n) AS labels"
_BARE = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) SET n = {{iri: iri}}"
_REPLACE = f"UNWIND $rows AS row MATCH (n:{RESOURCE} {{iri: row.iri}}) SET n = row"
_DELETE = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) DETACH DELETE n"
_INCOMING = f"""UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}})<-[r]-(m:{RESOURCE})
RETURN m.iri AS from, iri AS to, type(r) AS type, r.place AS place"""
_IS_BARE = (
    f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) WHERE size(keys(n)) = 1 AND size(labels(n)) > 1 RETURN iri"
)
_UNLINK = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}})-[r]->() DELETE r"
_UNUSED = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) WHERE NOT (n)<--() RETURN iri"
_SWEEP = f"UNWIND $rows AS iri MATCH (n:{RESOURCE} {{iri: iri}}) WHERE size(keys(n)) = 1 AND NOT (n)--() DELETE n"
_LOCK = "MERGE (s:TunegraphStore {name: 'store'}) SET s.writer = $writer"
_SUMS = "MATCH (s:TunegraphSource) RETURN s.name AS name, s.fingerprint AS fingerprint"
_KEEP_SUMS = "UNWIND $rows AS row MERGE (s:TunegraphSource {name: row.name}) SET s.fingerprint = row.fingerprint"
_DROP_SUMS = "UNWIND $rows AS name MATCH (s:TunegraphSource {name: name}) DELETE s"


class Writing:
    """One transaction that changes the graph.

    Args:
        tx: The open transaction.
        writer: Names it among all transactions. Writing that first makes the server let one writer in at a time.
    """

    def __init__(self, tx: Tx, writer: str) -> None:
        self.tx = tx
        self._sums: dict[str, int] = defaultdict(int)
        self._loose: set[str] = set()
        tx.run(_LOCK, writer=writer).consume()

    def add(self, items: Sequence[Staged]) -> None:
        """Add or replace items; what is there already as it should be is left alone."""
        last = {item.iri: item for item in items}
        there = {row["iri"]: row for row in self._ask(_KNOWN, last)}
        new = [item for item in last.values() if not _is_same(item, there.get(item.iri))]
        self.remove(item.iri for item in new if _is_item(there.get(item.iri)))
        for batch in _batches(new):
            rows = rows_of(batch)
            self._write_nodes(rows)
            self._write_links(rows)
        for item in new:
            self._sums[item.source] += item.digest

    def remove(self, iris: Iterable[str]) -> int:
        """Take out items; return how many there were."""
        there = [row for row in self._ask(_KNOWN, dict.fromkeys(iris)) if _is_item(row)]
        self._strip([row["iri"] for row in there])
        for row in there:
            self._sums[row["source"]] -= int(row["digest"], 16)
        return len(there)

    def remove_source(self, source: str) -> int:
        """Take out all items of a source; return how many there were."""
        return self.remove([row["iri"] for row in self.tx.run(_ITEMS_OF, source=source)])

    def settle(self) -> None:
        """Take out shared nodes that nothing uses any more, and what is bare; keep the fingerprints."""
        shared = {iri for iri in self._loose if shared_root(iri) == iri}
        self._strip([row["iri"] for row in self._ask(_UNUSED, shared)])
        self._do(_SWEEP, self._loose)
        self._remake({(RESOURCE,): [{"iri": row["iri"]} for row in self._ask(_IS_BARE, self._loose)]})
        self._loose.clear()
        after = self.fingerprints()
        kept = [{"name": name, "fingerprint": after[name]} for name in self._sums if name in after]
        self._do(_KEEP_SUMS, kept)
        self._do(_DROP_SUMS, [name for name in self._sums if name not in after])
        self._sums.clear()

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each source as it would be now."""
        sums = fingerprints(self.tx)
        for name, change in self._sums.items():
            total = (int(sums.get(name, "0"), 16) + change) % MODULUS
            sums[name] = f"{total:032x}"
        return {name: text for name, text in sums.items() if int(text, 16)}

    def _strip(self, iris: list[str]) -> None:
        """Make nodes and their parts bare: nothing is left but what others say of them, and labels until `settle`."""
        owned = [*iris, *(row["iri"] for row in self._ask(_PARTS, iris))]
        for row in self._ask(_TARGETS, owned):
            self._loose.update(row["targets"])
        self._loose.update(owned)
        self._do(_UNLINK, owned)
        self._do(_BARE, owned)

    def _remake(self, nodes: Mapping[Labels, Iterable[Row]]) -> None:
        """Make nodes anew with other labels; what points to them stays.

        Labels are not changed in place, for some servers cannot do so within the transaction that made a node.
        """
        every = [row["iri"] for rows in nodes.values() for row in rows]
        links: dict[str, list[Row]] = defaultdict(list)
        for row in self._ask(_INCOMING, every):
            links[row["type"]].append({"from": row["from"], "to": row["to"], "place": row["place"]})
        self._do(_DELETE, every)
        for labels, rows in nodes.items():
            self._create(labels, rows)
        for kind, rows in links.items():
            self._link(kind, rows)

    def _write_nodes(self, rows: Rows) -> None:
        every = [iri for nodes in rows.nodes.values() for iri in nodes]
        there = {row["iri"]: frozenset(row["labels"]) for row in self._ask(_LABELS, every)}
        others: dict[Labels, list[Row]] = {}
        for labels, nodes in rows.nodes.items():
            self._create(labels, [row for iri, row in nodes.items() if iri not in there])
            self._do(_REPLACE, [row for iri, row in nodes.items() if there.get(iri) == frozenset(labels)])
            others[labels] = [row for iri, row in nodes.items() if iri in there and there[iri] != frozenset(labels)]
        self._remake(others)

    def _write_links(self, rows: Rows) -> None:
        ends = {target: None for links in rows.links.values() for _, target, _ in links}
        self._do(f"UNWIND $rows AS iri MERGE (:{RESOURCE} {{iri: iri}})", ends)
        for kind, links in rows.links.items():
            self._link(kind, [{"from": start, "to": end, "place": at} for start, end, at in links])

    def _create(self, labels: Labels, rows: Iterable[Row]) -> None:
        self._do(f"UNWIND $rows AS row CREATE (n{quoted(*labels)} {{iri: row.iri}}) SET n = row", rows)

    def _link(self, kind: str, rows: Iterable[Row]) -> None:
        place = " {place: row.place}" if kind == MEMBER else ""
        self._do(
            f"UNWIND $rows AS row MATCH (a:{RESOURCE} {{iri: row.from}}) MATCH (b:{RESOURCE} {{iri: row.to}}) "
            f"MERGE (a)-[{quoted(kind)}{place}]->(b)",
            rows,
        )

    def _ask(self, statement: str, rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for batch in _batches(rows):
            yield from self.tx.run(statement, rows=batch).data()

    def _do(self, statement: str, rows: Iterable[Any]) -> None:
        for batch in _batches(rows):
            self.tx.run(statement, rows=batch).consume()


def fingerprints(tx: Tx) -> dict[str, str]:
    """Return the fingerprint of each source as it is kept, by name."""
    return {row["name"]: row["fingerprint"] for row in tx.run(_SUMS)}


def source_key(name: str) -> str:
    """Return what the embedded store knows a source by: digests over all sources are the same in both."""
    return source_iri(name)


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _is_item(row: dict[str, Any] | None) -> bool:
    return row is not None and row["digest"] is not None


def _is_same(item: Staged, row: dict[str, Any] | None) -> bool:
    return row is not None and row["digest"] == f"{item.digest:032x}" and row["source"] == item.source
