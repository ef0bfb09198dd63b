"""A free query of the store asks no other server either."""

import pytest

from kg.errors import InputError
from kg.rdf_store import RdfStore


def test_a_comment_ends_with_a_carriage_return_too():
    # To the engine it does: what follows it is part of the query.
    query = "SELECT * WHERE { ?s ?p ?o # \r SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } \n }"

    with RdfStore() as store, pytest.raises(InputError, match="another server"):
        list(store.ask(query))
