"""The contract on Neo4j, and what only a server can do."""

import pytest

from kg.neo4j_store import Neo4jStore
from tests.kg.neo4j_server import server
from tests.kg.store_contract import StoreContract


@pytest.fixture
def store():
    server().empty()
    with Neo4jStore(server().connection()) as store:
        yield store


class TestNeo4jStore(StoreContract):
    EVERYTHING = "MATCH (n:Resource) OPTIONAL MATCH (n)-[r]->(o) RETURN n.iri AS s, type(r) AS p, o.iri AS o"
    ACTIVITIES = "MATCH (a:prov__Activity) RETURN a.`prov__startedAtTime@dateTime` AS when"
