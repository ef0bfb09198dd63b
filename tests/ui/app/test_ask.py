"""The page that recommends: what is asked, watched, seen and changed, and what bad input gets."""

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from kg.errors import TableError
from recommender.llm.streaming import Piece, Transcript
from recommender.proposal import Advice, Proposal
from ui.jobs import Job
from ui.options import MODEL_VARIABLE
from ui.plain import ZERO_WIDTH_SPACE
from ui.session import Session

Open = Callable[..., AppTest]
Answered = Callable[..., Session]

NASTY = "<img src=x onerror=alert(1)> **b** [l](http://e.org) :red[r] $x$"


def _said(app: AppTest) -> str:
    """Return all texts of a page as they are read."""
    kinds = ("title", "subheader", "markdown", "caption", "text", "error", "warning", "info")
    texts = [element.value for kind in kinds for element in getattr(app, kind)]
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", "\n".join(texts)).replace(ZERO_WIDTH_SPACE, "")


def _visit(app: AppTest) -> Session:
    found = app.session_state["tunegraph"]
    assert isinstance(found, Session)
    return found


def _finished(app: AppTest) -> AppTest:
    """Wait for the work that goes on, and look again."""
    if (job := _visit(app).job) is not None:
        assert job.wait(60)
        return app.run()
    return app


def _upload(app: AppTest, name: str, content: bytes) -> AppTest:
    return app.file_uploader(key="upload").set_value((name, content, "application/octet-stream")).run()


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page("ask")


def test_nothing_can_be_asked_before_something_is_given(page: AppTest) -> None:
    assert not page.exception
    assert "recommend" not in [button.key for button in page.button]


def test_target_and_task_are_guessed_and_shown(page: AppTest, table: Path) -> None:
    page = _upload(page, "breast.csv", table.read_bytes())
    assert not page.exception
    assert "569 rows, 30 usable columns. Classification: " in _said(page)
    assert "accuracy: The classes are of similar size" in _said(page)
    assert page.button(key="recommend").label == "Recommend"


def test_another_target_is_another_task(page: AppTest, table: Path) -> None:
    page = _upload(page, "breast.csv", table.read_bytes())
    target = next(box for box in page.selectbox if box.label == "Column to predict")
    assert target.value == "diagnosis"
    page = target.set_value("mean radius" if "mean radius" in target.options else target.options[0]).run()
    assert "Regression: " in _said(page)
    assert "Root mean squared error" in _said(page)


def test_a_named_metric_that_does_not_fit_is_refused(page: AppTest) -> None:
    page = page.radio(key="way").set_value("Only its size").run()
    page = page.number_input(key="classes").set_value(4).run()
    page = page.selectbox(key="metric-classification").set_value("average_precision").run()
    assert "needs two classes" in _said(page)
    assert "recommend" not in [button.key for button in page.button]


def test_limits_become_the_request_and_the_answer_is_shown(page: AppTest) -> None:
    page = page.radio(key="way").set_value("Only its size").run()
    page.slider(key="test-run").set_value(0)
    page.select_slider(key="trials").set_value(25)
    page.multiselect(key="learners").set_value(["decision_tree"])
    page = page.button(key="recommend").click().run()
    page = _finished(page)
    assert not page.exception
    shown = _visit(page).shown
    assert shown is not None
    assert (shown.request.n_trials, shown.request.learners, shown.request.test_run) == (25, ("decision_tree",), False)
    assert "Tune decision_tree for accuracy" in _said(page)


def test_cancelling_ends_the_work(open_page: Open, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    import threading

    go_on = threading.Event()

    def slow(*_: object, progress: Callable[[str], None], **__: object) -> object:
        progress("Slow")
        go_on.wait(10)
        progress("On")
        return answer

    monkeypatch.setattr("ui.pages.ask.recommended", slow)
    page = open_page("ask").radio(key="way").set_value("Only its size").run()
    page = page.button(key="recommend").click().run()
    assert "Slow (…)" in _said(page)
    job = _visit(page).job
    page = page.button(key="cancel").click().run()
    go_on.set()
    assert job is not None
    assert job.wait(5)
    page = page.run()
    assert "Cancelled after" in _said(page)
    assert _visit(page).answers == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(40), "This is an image, whatever its name says"),
        ("blank.csv", b"  \n", "nothing but white space"),
        ("one_class.csv", _csv(pd.DataFrame({"a": range(40), "class": ["x"] * 40})), "class"),
        ("few.csv", _csv(pd.DataFrame({"a": [1, 2], "class": ["x", "y"]})), "What helps: "),
        ("wide.csv", (",".join(f"c{i}" for i in range(20_000)) + "\n").encode(), "20,000 columns"),
    ],
)
def test_a_bad_file_gets_a_sentence_that_helps(name: str, content: bytes, says: str, page: AppTest) -> None:
    page = _upload(page, name, content)
    assert not page.exception
    (error,) = page.error
    assert says in _said(page)
    assert "tunegraph-session" not in error.value
    assert "recommend" not in [button.key for button in page.button]


def test_names_and_values_from_data_are_never_markup(page: AppTest) -> None:
    frame = pd.DataFrame({NASTY: range(60), "b": [0.5 * i for i in range(60)], "class": [NASTY, "other"] * 30})
    page = _upload(page, f"{NASTY}.csv", _csv(frame))
    assert not page.exception
    for kind in ("markdown", "caption", "error", "warning", "info"):
        for element in getattr(page, kind):
            assert "<img" not in element.value.replace("\\<img", "")
            assert "**b**" not in element.value
            assert ":red[" not in element.value
            assert not getattr(element, "allow_html", False)


def test_an_upload_replaces_the_one_before(page: AppTest, table: Path) -> None:
    frame = pd.DataFrame({"a": range(30), "b": [i % 7 for i in range(30)], "class": ["x", "y"] * 15})
    page = _upload(_upload(page, "one.csv", table.read_bytes()), "two.csv", _csv(frame))
    kept = [path.name for path in _visit(page).folder.rglob("*") if path.is_file()]
    assert kept == ["two.csv"]
    assert "30 rows" in _said(page)


def test_an_upload_is_there_when_the_visitor_comes_back_from_another_page(page: AppTest, table: Path) -> None:
    page = _upload(page, "one.csv", table.read_bytes())
    page = page.file_uploader(key="upload").set_value(None).run()
    assert "one.csv, as you uploaded it before." in _said(page)
    assert page.button(key="recommend")
    page = page.button(key="forget").click().run()
    assert not [path for path in _visit(page).folder.rglob("*") if path.is_file()]


def test_an_excel_table_is_read(page: AppTest) -> None:
    content = io.BytesIO()
    pd.DataFrame({"a": range(30), "b": [i % 7 for i in range(30)], "y": [1.5 * i for i in range(30)]}).to_excel(
        content, index=False
    )
    assert "30 rows" in _said(_upload(page, "t.xlsx", content.getvalue()))


def test_a_model_is_offered_only_where_one_is_configured(
    page: AppTest, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page.radio(key="way").set_value("Only its size").run()
    assert not page.toggle
    monkeypatch.setenv(MODEL_VARIABLE, "ollama:small")
    page = open_page("ask").radio(key="way").set_value("Only its size").run()
    assert page.toggle(key="model").value is False


def test_the_answer_says_all_that_stands_behind_it(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered())
    assert not page.exception
    said = _said(page)
    for part in (
        "Tune decision_tree for accuracy",
        "Begin with",
        "Most alike in",
        "Checks: passed",
        "**Learner** passed",
    ):
        assert part in said
    assert [tab.label for tab in page.tabs] == [
        "Search space", "Warm starts", "Expected score", "Similar data sets", "Verdict", "Graph",
    ]  # fmt: skip


def test_warnings_and_assumptions_cannot_be_missed(open_page: Open, answered: Answered, proposal: Proposal) -> None:
    page = open_page("ask", answered(proposal.replace(warnings=(f"Beware {NASTY}",), assumptions=("An assumption.",))))
    assert "Beware <img src=x onerror=alert(1)>" in re.sub(r"\\(.)", r"\1", page.warning[0].value)
    assert any("An assumption" in info.value for info in page.info)


@pytest.mark.parametrize(
    ("advice", "says"),
    [
        (Advice.DO_NOT_TUNE, "Do not tune: take the library's defaults."),
        (Advice.ABSTAIN, "I do not know what is good here."),
    ],
)
def test_other_answers_are_answers(
    advice: Advice, says: str, open_page: Open, answered: Answered, proposal: Proposal
) -> None:
    changed = proposal.replace(advice=proposal.advice.replace(value=advice))
    page = open_page("ask", answered(changed))
    assert not page.exception
    assert says in _said(page)
    assert "This is an answer in its own right" in _said(page)


def test_nothing_sound_is_an_answer(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered(None))
    assert not page.exception
    assert "I do not know: nothing that was proposed passed the checks." in _said(page)


def test_any_range_can_be_looked_behind(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered())
    box = page.selectbox(key="behind")
    for name in box.options[:3]:
        page = page.selectbox(key="behind").set_value(name).run()
        assert not page.exception
        assert "pieces of evidence by the rule" in _said(page)


def test_the_graph_can_be_walked(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered())
    page = page.button(key="walk-on").click().run()
    assert not page.exception
    assert len(_visit(page).walked) == 2
    page = page.button(key="walk-back").click().run()
    assert len(_visit(page).walked) == 1


def test_a_change_is_judged_again_and_priced(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered())
    page = page.radio(key="change-1").set_value("Half the budget").run()
    page = page.button(key="check-1").click().run()
    page = _finished(page)
    assert not page.exception
    shown = _visit(page).shown
    assert shown is not None
    assert shown.number == 2
    assert "What the last change costs" in _said(page)
    assert "grounding" not in [stage.name for stage in shown.verdict.stages]


def test_a_change_that_cannot_be_is_refused_with_words(open_page: Open, answered: Answered) -> None:
    page = open_page("ask", answered())
    page.selectbox(key="range-of-1").set_value("min_weight_fraction_leaf").run()
    page.number_input(key="low-1-min_weight_fraction_leaf").set_value(0.3).run()
    page = page.number_input(key="high-1-min_weight_fraction_leaf").set_value(0.1).run()
    page = page.button(key="check-1").click().run()
    assert "0.3 to 0.1 is no range" in _said(page)
    assert _visit(page).job is None


def test_an_earlier_answer_can_be_looked_at_again(open_page: Open, answered: Answered, answer: object) -> None:
    visit = answered()
    visit.take(answer)  # type: ignore[arg-type]
    page = open_page("ask", visit)
    assert _visit(page).selected == 2
    page = page.selectbox(key="answer-of-2").set_value(1).run()
    assert _visit(page).selected == 1


def test_what_is_wrong_with_the_request_is_told(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TableError("Nothing to learn.", where="t", allowed="more")

    monkeypatch.setattr("ui.pages.ask.recommended", refuse)
    page = open_page("ask").radio(key="way").set_value("Only its size").run()
    page = page.button(key="recommend").click().run()
    page = _finished(page)
    assert "t: Nothing to learn. What helps: more." in _said(page)


def test_words_are_understood_and_asked_back(page: AppTest) -> None:
    page = page.radio(key="way").set_value("In words").run()
    page = page.text_area(key="words").set_value("40,000 loan records, 3 % defaults, ten minutes on a laptop").run()
    assert not page.exception
    assert "Understood: classification, average_precision." in _said(page)
    assert page.button(key="recommend")


def test_words_are_answered(page: AppTest) -> None:
    page = page.radio(key="way").set_value("In words").run()
    page.text_area(key="words").set_value("1,000 rows, 20 columns, two classes, a decision tree, five minutes").run()
    page = page.button(key="recommend").click().run()
    page = _finished(page)
    assert not page.exception
    assert "Tune decision_tree" in _said(page)
    assert page.info


def test_one_can_talk_only_where_a_model_is_configured(
    open_page: Open, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page("ask", answered()).chat_input
    monkeypatch.setenv(MODEL_VARIABLE, "ollama:small")
    assert open_page("ask", answered()).chat_input


def test_why_is_answered_from_the_evidence(
    open_page: Open, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODEL_VARIABLE, "ollama:small")
    monkeypatch.setattr("ui.conversation.reading_model", lambda _: None)
    page = open_page("ask", answered())
    page = page.chat_input[0].set_value("why this range of criterion?").run()
    page = _finished(page)
    assert not page.exception
    assert [message.name for message in page.chat_message][:2] == ["user", "assistant"]
    assert "criterion" in " ".join(text for _, text in _visit(page).talk[1:])


def test_what_a_model_writes_is_shown_as_unchecked_talk_while_it_writes(open_page: Open, answered: Answered) -> None:
    """Plain text, whatever it writes: a page must not take it for markup."""
    go_on = threading.Event()
    visit = answered()
    visit.transcript = Transcript()
    visit.transcript.hear(Piece("words", "I look at <b>similar</b> tables"))
    visit.job = Job(lambda _: go_on.wait(30) and None).start()
    page = open_page("ask", visit)
    assert any("not checked yet" in caption.value for caption in page.caption)
    assert any(text.value == "I look at <b>similar</b> tables" for text in page.text)
    go_on.set()
    assert visit.job is not None
    visit.job.wait(5)
    page.run()
    assert visit.transcript is None
