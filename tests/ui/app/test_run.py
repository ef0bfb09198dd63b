"""The page "Run": every state of a study, from nothing to start to what is learnt from it."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore
from recommender.proposal import Proposal
from recommender.validation.loop import Validated
from recommender.validation.verdict import Verdict
from ui.compose import Settings, Tunegraph
from ui.pages import keeping, run
from ui.request import Request
from ui.running import Studies
from ui.running import studies as starting
from ui.running.record import ENDED, WORKER, Ended, Worker, worker_in, write
from ui.session import Answer, Given, Session

#: A name that would be a picture, a link and a colour, were it markup.
NAME = "![x](http://x/y.png) :red[churn] <img src=x>"
PATIENCE_S = 120.0


class Forgetful(Tunegraph):
    """A recommender whose graph is empty and in memory."""

    store = RdfStore()


def page_of_run() -> None:
    from ui.pages import run

    run.page()


@pytest.fixture
def studies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tunegraph: Tunegraph, starter_home: Path
) -> Iterator[Studies]:
    """The studies of a fresh home; what samplers learn from is the graph that ships."""
    home = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setattr(run, "tunegraph", lambda: tunegraph)
    monkeypatch.setattr(keeping, "tunegraph", lambda: Forgetful(Settings(home=home)))
    found = Studies(home)
    yield found
    for record in found.records():
        worker = worker_in(found.root / record.name)
        if worker is not None and worker.pid != os.getpid():
            found.stop(record.name, at_once=True)


@pytest.fixture
def answered(proposal: Proposal, table: Path) -> Callable[..., Session]:
    """A visitor who was answered."""

    def visit(*, n_trials: int = 3, path: Path | None = table) -> Session:
        budget = proposal.budget
        short = proposal.replace(budget=budget.replace(value=budget.value.replace(n_trials=n_trials)))
        visit = Session()
        found = Validated(short, short.verdict or Verdict(stages=()))
        visit.take(Answer(0, Given(NAME, path, "diagnosis"), Request(), short.task, None, found, 1.0))
        return visit

    return visit


def opened(visit: Session | None = None, **address: str) -> AppTest:
    page = AppTest.from_function(page_of_run, default_timeout=120)
    if visit is not None:
        page.session_state["tunegraph"] = visit
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def told(page: AppTest) -> str:
    said = [*page.markdown, *page.caption, *page.text, *page.info, *page.error]
    return "\n".join(str(one.value) for one in said).replace("\\", "").replace("\u200b", "")


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def until(page: AppTest, state: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while state not in told(page):
        assert time.monotonic() < deadline, told(page)
        time.sleep(0.3)
        page.run()
    assert not page.exception


def test_without_a_proposal_there_is_nothing_to_start_and_no_dead_button(studies: Studies) -> None:
    page = opened()
    assert "Ask for one first" in told(page)
    assert not page.button
    assert not studies.root.exists()


def test_what_was_recommended_without_a_table_cannot_be_run(studies: Studies, answered: Callable[..., Session]) -> None:
    page = opened(answered(path=None))
    assert "nothing to tune on" in told(page)
    assert "run-start" not in keys(page)


def test_a_study_is_started_followed_found_again_learnt_from_and_removed(
    studies: Studies, answered: Callable[..., Session]
) -> None:
    page = press(opened(answered()), "run-start")
    (record,) = studies.records()
    assert page.query_params["study"] in (record.name, [record.name])
    until(page, "Finished")
    assert "3 of 3" in [metric.value for metric in page.metric]
    assert {"run-stop", "run-resume"} & keys(page) == set()
    shown = page.dataframe[0].value
    assert shown["best after"].iloc[0] == "1 trial"
    assert shown["held"].iloc[0] in ("yes", "no")

    again = opened(study=record.name)  # another visit, with the address alone
    assert "Finished" in told(again)
    assert [one.proto.label for one in again.get("download_button")] == ["study.py", "Proposal (JSON)", "Report (HTML)"]
    compile(keeping._script(str(studies.root.parent), record.name), "study.py", "exec")
    assert "<html" in keeping._report(str(studies.root.parent), record.name)

    press(again, "run-learn")
    assert "study_summary: 1 added" in told(again)
    press(again, "run-remove")
    assert studies.records() == ()
    assert "No study has been run" in told(again)


def test_a_study_is_stopped_goes_on_and_tells_how_it_failed(
    studies: Studies, answered: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Worker(pid=os.getpid(), created=psutil.Process().create_time())
    monkeypatch.setattr(starting, "_launched", lambda folder: here)  # this process is taken for the study's
    page = press(opened(answered()), "run-start")
    (record,) = studies.records()
    folder = studies.root / record.name
    assert "Running." in told(page)
    press(page, "run-stop")
    assert "Stopping" in told(page)
    assert [button.label for button in page.button if button.key == "run-stop"] == ["Stop at once"]
    write(folder / ENDED, Ended(pid=here.pid, reason="stopped by hand"))
    assert "Stopped by hand; it can go on" in told(page.run())
    press(page, "run-resume")
    assert "Running." in told(page)
    write(folder / ENDED, Ended(pid=here.pid, problem="[no](http://x) disk"))
    page.run()
    assert "Failed: [no](http://x) disk" in told(page)
    assert "](" not in "".join(str(one.value) for one in page.markdown)
    write(folder / WORKER, Worker(pid=here.pid, created=1.0))
    (folder / ENDED).unlink()
    assert "Interrupted; it can go on" in told(page.run())
    assert "run-resume" in keys(page)


def test_names_from_data_are_shown_as_they_are_written(studies: Studies, answered: Callable[..., Session]) -> None:
    page = opened(answered())
    markdown = "".join(str(one.value) for one in [*page.markdown, *page.caption])
    assert "churn" in markdown
    assert "](" not in markdown
    assert ":red[" not in markdown


def test_more_studies_than_may_run_are_refused_in_words(
    studies: Studies, answered: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "Studies", lambda home: Studies(home, most=0))
    page = press(opened(answered()), "run-start")
    assert "0 studies run already" in told(page)
    assert studies.records() == ()
