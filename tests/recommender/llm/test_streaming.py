"""What a model writes is told while it writes it, over real server-sent events; of its draft no value is."""

import json
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.llm import tempers
from kg.errors import ModelError
from recommender.llm import providers
from recommender.llm.agent import Agent
from recommender.llm.privacy import Mask, WithheldModel
from recommender.llm.providers import open_model
from recommender.llm.streaming import CallPart, CutOff, Ear, Form, Piece, Transcript, unheard
from recommender.llm.usage import Limits
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import Calls, DropsOut, Hangs, Raw, serving

LOOK = (("similar_datasets", "{}"),)
SVM = '{"learner": "svm", "n_trials": 7777, "rationale": "It has 8888 wins."}'


@pytest.fixture
def agent(small_composer):
    """Return what makes an agent that streams, about a small task."""
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

    def make(server, heard, *, mask=None, **limits):
        talk = Talk(small_composer, "svm", name="zebrafish")
        model = open_model("openai:m", base_url=server.url, limits=Limits(**limits))
        model = model if mask is None else WithheldModel(model, mask)
        return Agent(model, talk.library, talk.check, most_steps=8, heard=heard)

    return make


def in_turn(*replies):
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


class TestOverTheWire:
    def test_words_and_calls_are_told_piece_by_piece_in_the_thread_that_waits(self, agent):
        heard: list[tuple[Piece, int]] = []
        with serving(in_turn(Calls(LOOK, words="I look at 3 data sets first."), Calls((("Draft", SVM),)))) as server:
            agent(server, lambda piece: heard.append((piece, threading.get_ident()))).propose()
        words = [piece.text for piece, _ in heard if piece.kind == "words"]
        assert len(words) > 3
        assert "".join(words) == "I look at 3 data sets first."
        assert {thread for _, thread in heard} == {threading.get_ident()}
        assert all(body["stream"] for body in server.asked)

    def test_a_piece_is_heard_before_the_answer_is_over(self, agent):
        """The server goes on only when what it has written so far was heard."""
        first = threading.Event()

        def answer(body):
            if any(m["role"] == "tool" for m in body["messages"]):
                assert first.wait(5)
                return Calls((("Draft", SVM),))
            return Calls(LOOK, words="Looking.")

        with serving(answer) as server:
            agent(server, lambda _: first.set()).propose()

    def test_no_value_of_a_draft_is_told_whatever_form_it_has(self, agent):
        for draft in (Calls((("Draft", SVM),)), f"My proposal:\n```json\n{SVM}\n```", f"So: {SVM}"):
            transcript = Transcript()
            with serving(in_turn(Calls(LOOK), draft)) as server:
                assert agent(server, transcript.hear).propose().proposal.learner.value == "svm"
            assert "7777" not in transcript.text
            assert "8888" not in transcript.text
            assert "looks up similar datasets" in transcript.lines[0]

    def test_streamed_or_not_the_same_comes_of_it_and_the_same_is_counted(self, agent):
        found = []
        for heard in (None, Transcript().hear):
            with serving(tempers.honest(1)) as server:
                one = agent(server, heard)
                found.append((one.propose().proposal, one.usage.replace(seconds=0.0)))
        assert found[0] == found[1]

    def test_names_that_are_withheld_are_back_in_what_is_told(self, agent):
        transcript = Transcript()
        words = "On dataset_1, trees do well."
        with serving(in_turn(Calls(LOOK, words=words), Calls((("Draft", SVM),)))) as server:
            agent(server, transcript.hear, mask=Mask({"zebrafish": "dataset_1"})).propose()
        assert transcript.lines[0].startswith("On zebrafish, trees do well.")
        assert "zebrafish" not in json.dumps(server.asked)


class TestFailing:
    @pytest.mark.parametrize("is_quiet", [False, True])
    def test_an_answer_that_breaks_off_is_told_and_asked_for_again(self, agent, is_quiet):
        transcript = Transcript()
        broken = DropsOut("I begin to say", is_quiet=is_quiet)
        with serving(in_turn(broken, Calls(LOOK), Calls((("Draft", SVM),)))) as server:
            one = agent(server, transcript.hear)
            one.propose()
        assert transcript.lines[0] == "I begin to say [the answer broke off]"
        assert one.usage.failed == 1
        assert one.usage.answer_tokens > 10

    def test_a_draft_that_breaks_off_is_not_completed(self, agent):
        """Of ``7777`` there is ``77`` when the connection is lost."""
        broken = DropsOut(calls=(("Draft", SVM[: SVM.index("77, ")]),), is_quiet=True)
        with serving(in_turn(broken, Calls((("Draft", SVM),)))) as server:
            one = agent(server, Transcript().hear)
            one.propose()
        assert len(server.asked) == 2
        assert one.usage.failed == 1

    def test_a_draft_that_ends_in_no_form_is_the_models_fault_and_it_is_told(self, agent):
        """Nothing is made of half a draft, streamed or not."""
        broken = Calls((("Draft", SVM[: SVM.index("77, ")]),))

        def answer(body):
            return broken if len(body["messages"]) <= 2 else Calls((("Draft", SVM),))

        with serving(answer) as server:
            agent(server, Transcript().hear).propose()
        assert [bool(body.get("stream")) for body in server.asked] == [True, False, True]

    def test_one_that_always_breaks_off_is_given_up(self, agent):
        with serving(lambda _: DropsOut("Well")) as server, pytest.raises(ModelError):
            agent(server, Transcript().hear).propose()
        assert len(server.asked) == providers.RETRIES + 1

    def test_a_stream_that_never_ends_is_cut_off_in_time(self, agent):
        started = time.monotonic()
        with serving(lambda _: Hangs()) as server, pytest.raises(ModelError):
            agent(server, Transcript().hear, call_seconds=0.3, seconds=1.0).propose()
        assert time.monotonic() - started < 10

    def test_more_than_the_tokens_that_are_left_are_not_read(self, agent):
        transcript = Transcript()
        with serving(lambda _: "word " * 20_000) as server, pytest.raises(ModelError, match="limit of tokens"):
            agent(server, transcript.hear, tokens=200).propose()
        assert len(transcript.text) < 2_000
        assert len(server.asked) == 1

    @pytest.mark.parametrize("status", [400, 404])
    def test_a_server_that_cannot_stream_is_asked_without(self, agent, status):
        honest = tempers.honest(1)
        with serving(lambda body: status if body.get("stream") else honest(body)) as server:
            agent(server, Transcript().hear).propose()
        assert sum(bool(body.get("stream")) for body in server.asked) == 1

    def test_one_that_answers_at_once_where_it_should_stream_is_asked_without(self, agent):
        honest = tempers.honest(1)
        with serving(lambda body: Raw(b"{}") if body.get("stream") else honest(body)) as server:
            assert agent(server, Transcript().hear).propose().proposal

    def test_a_wrong_key_is_not_tried_again(self, agent):
        with serving(lambda _: 401) as server, pytest.raises(ModelError):
            agent(server, Transcript().hear).propose()
        assert len(server.asked) == 1

    def test_what_was_given_up_is_heard_no_more(self, agent):
        def slowly(_):
            time.sleep(0.4)
            return Calls(LOOK, words="Too late.")

        transcript = Transcript()
        with serving(slowly) as server:
            with pytest.raises(ModelError):
                agent(server, transcript.hear, seconds=0.2).propose()
            time.sleep(0.4)
        assert "late" not in transcript.text


class TestTheEar:
    def ear(self, heard, *, is_open=lambda: True, most=1_000):
        return Ear(heard, Form("Draft", ("learner", "n_trials")), is_open=is_open, most_tokens=most)

    @given(st.lists(st.integers(1, 9), max_size=20))
    def test_however_a_draft_is_cut_its_fields_are_told_and_its_values_are_not(self, cuts):
        text, told = '{"learner": "secret", "n_trials": 4711}', []
        ear, at = self.ear(told.append), 0
        ear.hear("", [CallPart(0, "Draft", "")])
        for cut in [*cuts, len(text)]:
            ear.hear("", [CallPart(0, "", text[at : at + cut])])
            at += cut
        said = "".join(piece.text for piece in told)
        assert said == "writes its draft, which is shown once it is checked: learner n trials "

    def test_a_call_is_told_in_plain_words(self):
        transcript = Transcript()
        self.ear(transcript.hear).hear("", [CallPart(0, "top_configurations", '{"learner": "svm", "page": 2}')])
        assert transcript.text == "looks up top configurations learner  svm, page  2"

    @pytest.mark.parametrize("words", ["\x1b[2Jall gone", "a\rb\nc\x07"])
    def test_nothing_that_a_terminal_obeys_is_told(self, words):
        transcript = Transcript()
        self.ear(transcript.hear).hear(words)
        assert transcript.text.isprintable()

    @pytest.mark.parametrize(
        ("arguments", "is_whole"),
        [
            ("", True),
            ("{}", True),
            (' {"a": 1} ', True),
            ('{"a": 1}{}', True),
            ('{"a": 1', False),
            ("{}{", False),
            ("[" * 100_000, False),
        ],
    )
    def test_calls_are_whole_where_their_arguments_are_json(self, arguments, is_whole):
        ear = Ear(unheard, Form("Draft", ()), is_open=lambda: True, most_tokens=999_999)
        for start in range(0, len(arguments), 3):
            ear.hear("", [CallPart(0, "", arguments[start : start + 3])])
        assert ear.is_whole is is_whole

    def test_a_closed_ear_ends_the_stream(self):
        told = []
        ear = self.ear(told.append)
        ear.end()
        with pytest.raises(CutOff):
            ear.hear("more")
        assert told == []

    def test_who_talks_on_and_on_is_told_in_part(self):
        told = []
        self.ear(told.append, most=10**9).hear("x" * 100_000)
        assert len(told[0].text) == 2_000
