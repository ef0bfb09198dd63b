"""The competency questions of the documentation: each is answered by the graph that ships, as the page shows."""

import re
from pathlib import Path

import pytest
from pyoxigraph import Literal

from kg.rdf_terms import last_segment
from kg.sparql.answering import Limits, Wanted, answer_query
from kg.sparql.reading import Form, read_query

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"
PAGE = FOLDER / "competency-questions.md"
FILES = sorted((FOLDER / "competency").glob("*.rq"))
#: Rows that the page shows.
SHOWN = 5


def shown(term) -> str:
    """Return a term as the page shows it: numbers to three digits, things by the end of their IRI, short texts."""
    if term is None:
        return ""
    if isinstance(term, Literal):
        numeric = term.datatype.value.rsplit("#")[-1] in {"double", "decimal", "integer", "float"}
        text = f"{float(term.value):.3g}" if numeric and "integer" not in term.datatype.value else term.value
    else:
        text = last_segment(term.value.rpartition("#")[2])
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= 60 else text[:57] + "..."


def table(names, rows) -> str:
    """Return the first rows as the page shows them."""
    lines = [names, ["---"] * len(names), *([shown(term) for term in row] for row in rows[:SHOWN])]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def section(name: str) -> str:
    """Return what the page says of a query."""
    found = [
        part for part in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE) if f"competency/{name}" in part
    ]
    assert len(found) == 1
    return found[0]


def test_there_are_a_dozen():
    assert len(FILES) >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_endpoint_would_answer_it(path):
    assert read_query(path.read_text("utf-8")).form is Form.SELECT


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_page_asks_it_and_shows_what_the_graph_answers(starter_store, path):
    view = starter_store._view()
    found = view.query(path.read_text("utf-8"), use_default_graph_as_union=True)
    names = [variable.value for variable in found.variables]
    rows = [tuple(row) for row in found]

    said = section(path.name)
    question = path.read_text("utf-8").splitlines()[0].removeprefix("# ")
    assert rows
    assert said.startswith(question)
    assert table(names, rows) in said


def test_the_number_is_the_mean_of_the_evidence_behind_it(starter_store):
    """What is behind a number adds up to it."""
    behind = (FOLDER / "competency" / "evidence-behind-a-number.rq").read_text("utf-8")
    shares = [float(row["share"].value) for row in starter_store._view().query(behind, use_default_graph_as_union=True)]

    said = {
        row["hyperparameter"]: row
        for row in starter_store.ask("what_matters", {"learner": "xgboost", "metric": "accuracy"})
    }
    number = said["https://w3id.org/tunegraph/learner/xgboost/hyperparameter/reg_alpha"]
    assert number["meanShare"] == pytest.approx(sum(shares) / len(shares))


def test_no_answer_is_larger_than_the_endpoint_gives(starter_store):
    query = read_query((FOLDER / "competency" / "evidence-behind-a-number.rq").read_text("utf-8"))

    assert answer_query(starter_store._view(), query, Wanted("text/csv", None), Limits()).rows == 82
