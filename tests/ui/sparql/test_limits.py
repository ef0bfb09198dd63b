"""No query takes more than it may, and whatever one does, the next is answered."""

import threading
import time

import psutil
import pytest

from benchmarks.hostile_queries import hostile_queries
from benchmarks.sparql_hostile import check
from kg.errors import StoreError
from tests.ui.sparql.conftest import LIMITS
from ui.sparql.limits import BusyError
from ui.sparql.pool import QueryPool
from ui.sparql.process import Job
from ui.sparql.shared import pool_of

ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
#: One of each kind of harm: seconds, memory, rows, bytes, depth.
HARMS = {
    "seconds": ENDLESS,
    "memory": 'SELECT ?a30 WHERE { BIND("aaaaaaaaaaaaaaaa" AS ?a0) '
    + " ".join(f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(30))
    + "}",
    "rows": "SELECT * WHERE { ?s ?p ?o }",
    "bytes": 'SELECT ?x WHERE { BIND("aaaaaaaaaaaaaaaa" AS ?a0) '
    + " ".join(f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(15))
    + " BIND(?a15 AS ?x) }",
}


def ask(endpoint):
    def send(text):
        answer = endpoint.post("/sparql", data={"query": text})
        return answer.status_code, answer.text

    return send


@pytest.mark.parametrize("harm", HARMS)
def test_a_query_that_takes_too_much_is_ended_and_told(endpoint, harm):
    started = time.monotonic()
    answer = endpoint.post("/sparql", data={"query": HARMS[harm]})

    assert answer.status_code == 422
    assert answer.json()["where"] == "query"
    assert time.monotonic() - started < 60  # not for ever: the limit is 2 s
    assert endpoint.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"] is True


def answering():
    """Return the processes that answer queries; other tests may have left others of their own."""
    found = psutil.Process().children(recursive=True)
    return {process for process in found if any("ui.sparql.worker" in part for part in command(process))}


def command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_what_was_ended_is_gone(endpoint):
    endpoint.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})
    before = answering()
    endpoint.post("/sparql", data={"query": ENDLESS})

    # Services of other tests may have processes of their own that wait.
    gone, _ = psutil.wait_procs(before, timeout=5)
    assert gone


def test_one_of_each_kind_of_hostile_queries_does_no_harm(endpoint):
    some = {
        query.kind: query for query in hostile_queries() if query.kind in {"services", "updates", "broken", "nested"}
    }

    tallies = check(ask(endpoint), tuple(some.values()))

    assert [fault for tally in tallies.values() for fault in tally.faults] == []
    assert len(tallies) == 4


def job(query):
    return Job(query, private=False, rows_type="text/csv", graph_type=None)


def test_who_finds_the_queue_full_is_turned_away(endpoint, endpoint_graph):
    endpoint.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})  # a process is there
    threads = [
        threading.Thread(target=endpoint.post, args=("/sparql",), kwargs={"data": {"query": ENDLESS}}) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    answers = []
    while any(thread.is_alive() for thread in threads):
        answers.append(endpoint.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}))
        time.sleep(0.1)

    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert int(refused[0].headers["retry-after"]) > 0
    assert endpoint.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).status_code == 200


def test_a_closed_pool_answers_nothing_and_leaves_no_process(endpoint_graph):
    pool = QueryPool(lambda _: endpoint_graph.store.path, LIMITS)
    before = set(psutil.Process().children(recursive=True))
    assert pool.answer(job("ASK { ?s ?p ?o }")).body == b"true\n"
    assert set(psutil.Process().children(recursive=True)) > before

    pool.close()

    assert set(psutil.Process().children(recursive=True)) <= before
    with pytest.raises(StoreError, match="closed"):
        pool.answer(job("ASK { ?s ?p ?o }"))


def test_the_queue_says_when_to_come_again():
    assert BusyError("Full.", retry_s=20).retry_s == 20


def test_routes_over_one_graph_share_their_processes(endpoint, endpoint_graph):
    assert pool_of(endpoint_graph, LIMITS) is pool_of(endpoint_graph, LIMITS)
