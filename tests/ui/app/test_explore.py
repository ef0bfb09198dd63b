"""The page "Explore": each part shows what the graph holds, and nothing that it holds becomes markup."""

import pytest
from streamlit.testing.v1 import AppTest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore


def explore() -> None:
    from ui.pages import explore

    explore.page()


@pytest.fixture
def page(at_home: object) -> AppTest:
    """The page over the graph that ships, no part chosen yet."""
    found = AppTest.from_function(explore, default_timeout=120).run()
    assert not found.exception
    return found


@pytest.fixture(scope="module")
def n_datasets(starter_store: RdfStore) -> int:
    return starter_store.counts()["dataset"]


def part(page: AppTest, name: str) -> AppTest:
    page.radio(key="explore-part").set_value(name).run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    """All that the page says, escapes taken out."""
    said = [*page.markdown, *page.caption, *page.text, *page.warning, *page.error, *page.code]
    return "\n".join(str(one.value) for one in said).replace("\\", "")


def test_a_data_set_is_found_by_its_name_and_tells_what_is_known_of_it(page: AppTest, n_datasets: int) -> None:
    page.text_input(key="explore-dataset-words").set_value("tic-tac-toe").run()
    assert not page.exception
    assert f"of {n_datasets} data sets" in told(page)
    assert all("tic-tac-toe" in label for label in page.selectbox(key="explore-dataset").options)
    assert "run summary" in page.selectbox(key="explore-dataset-kind").options
    page.selectbox(key="explore-dataset-kind").set_value("run_summary").run()
    assert "runs of" in told(page)
    assert page.get("link_button"), "a citation leads on"


def test_words_that_nothing_has_leave_no_table(page: AppTest, n_datasets: int) -> None:
    page.text_input(key="explore-dataset-words").set_value("<b>no such thing</b>").run()
    assert f"0 of {n_datasets}" in told(page)
    assert not page.selectbox


def test_ranges_stand_side_by_side_and_conflicts_are_marked(page: AppTest) -> None:
    part(page, "Learners")
    page.selectbox(key="explore-learner").set_value("svm").run()
    page.selectbox(key="explore-parameter-svm").set_value("gamma").run()
    assert not page.exception
    table = page.dataframe[-1].value
    assert {"published space", "best tenth of runs", "claimed in a text"} <= set(table["basis"])
    disagreeing = table[table["conflict"] != ""]
    assert len(disagreeing) >= 2
    assert "hardly overlaps with" in disagreeing["conflict"].iloc[0]
    assert f"{len(disagreeing)} hardly overlap" in page.warning[0].value
    assert page.get("arrow_vega_lite_chart") or page.get("vega_lite_chart")


def test_claims_are_filtered_and_quoted_word_for_word(page: AppTest) -> None:
    part(page, "Papers and claims")
    page.selectbox(key="explore-claim-learner").set_value("random_forest").run()
    page.selectbox(key="explore-claim-statement").set_value("range").run()
    assert not page.exception
    table = page.dataframe[-1].value
    assert set(table["states"]) == {"range"}
    assert set(table["learner"]) == {"random_forest"}
    assert table["document"].iloc[0] in told(page)


def test_a_question_in_sparql_is_answered(page: AppTest, n_datasets: int) -> None:
    part(page, "SPARQL")
    page.text_area(key="explore-query").set_value("SELECT (COUNT(?d) AS ?n) WHERE { ?d a mls:Dataset }").run()
    page.button(key="explore-ask").click().run()
    assert not page.exception
    assert page.dataframe[-1].value["n"].tolist() == [n_datasets]
    page.selectbox(key="explore-example").set_value(1).run()
    assert "?pieces" in page.text_area(key="explore-query").value


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE WHERE { ?s ?p ?o }", "update"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "server"),
        ("SELECT [click](http://x) :red[a]", "cannot be parsed"),
    ],
)
def test_what_is_no_question_is_refused_in_words(page: AppTest, query: str, said: str) -> None:
    part(page, "SPARQL")
    page.text_area(key="explore-query").set_value(query).run()
    page.button(key="explore-ask").click().run()
    assert not page.exception
    assert said in page.error[0].value
    assert "](" not in page.error[0].value


def test_a_home_that_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "file"))
    page = AppTest.from_function(explore, default_timeout=60).run()
    assert not page.exception
    assert page.error
