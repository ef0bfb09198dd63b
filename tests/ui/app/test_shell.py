"""The application around the pages, and what one visitor does not see of another."""

import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.compose import Tunegraph
from ui.session import Session


def test_the_application_opens_at_the_page_that_asks(shared_tunegraph: Tunegraph) -> None:
    app = AppTest.from_string("from ui.app import main\nmain()", default_timeout=60).run()
    assert not app.exception
    assert [title.value for title in app.title] == ["What to tune, and how?"]


def test_the_script_that_is_launched_has_no_pages_beside_it() -> None:
    from ui import launch

    (folder,) = map(Path, launch.__path__)
    assert not (folder / "pages").exists()
    assert (folder / "tunegraph.py").is_file()


def test_two_visitors_share_nothing(open_page: Callable[..., AppTest], table: Path) -> None:
    one, other = open_page("ask"), open_page("ask")
    one.file_uploader(key="upload").set_value(("a.csv", table.read_bytes(), "text/csv")).run()
    mine, theirs = one.session_state["tunegraph"], other.session_state["tunegraph"]
    assert mine.folder != theirs.folder
    assert mine.uploads
    assert not theirs.uploads
    assert theirs.looked is None


def test_files_go_with_the_session() -> None:
    visit = Session()
    (visit.folder / "upload.csv").write_text("a,b\n1,2\n")
    folder = visit.folder
    del visit
    gc.collect()
    assert not folder.exists()


def test_files_go_when_the_visitor_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.session.GRACE_S", 0.01)
    visit = Session()
    visit.leave()
    assert visit._leaving is not None
    visit._leaving.join(5)
    assert not visit.folder.exists()


def test_files_stay_when_the_visitor_comes_back() -> None:
    visit = Session()
    visit.leave()
    timer = visit._leaving
    visit.stay()
    assert timer is not None
    timer.join(5)
    assert visit.folder.exists()


def test_nobody_else_can_read_the_files_of_a_session() -> None:
    assert Session().folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("n", [0, 1])
def test_less_than_two_proposals_cannot_be_compared(
    n: int, open_page: Callable[..., AppTest], answered: Callable[..., Session]
) -> None:
    app = open_page("compare", answered() if n else None)
    assert not app.exception
    assert "Two proposals can be compared" in app.info[0].value


def test_answers_of_a_session_are_compared(
    open_page: Callable[..., AppTest], answered: Callable[..., Session], answer: object, proposal: object
) -> None:
    visit = answered()
    visit.take(answer)  # type: ignore[arg-type]
    app = open_page("compare", visit)
    assert not app.exception
    assert app.caption[0].value.startswith("0 of ")
    app = app.toggle(key="differing").set_value(False).run()
    assert "learner" in list(app.dataframe[0].value["what"])


def test_a_kept_proposal_is_compared_and_a_broken_one_refused(
    open_page: Callable[..., AppTest], answered: Callable[..., Session], proposal_file: Path
) -> None:
    app = open_page("compare", answered())
    files = [("p.json", proposal_file.read_bytes(), "application/json"), ("x.json", b"{}", "application/json")]
    app = app.file_uploader(key="kept").set_value(files).run()
    assert not app.exception
    assert "This is no proposal" in app.error[0].value.replace("\\", "")
    assert len(app.multiselect(key="compared").options) == 2
