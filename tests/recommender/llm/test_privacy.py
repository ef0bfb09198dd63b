"""Names are withheld from the model, whatever is sent, and are back in what it answers."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.llm import tempers
from kg.tables import prepare_table
from recommender.llm import privacy
from recommender.llm.agent import Agent
from recommender.llm.draft import Draft
from recommender.llm.privacy import Mask, WithheldModel, warning
from recommender.llm.providers import open_model
from recommender.recognition import Recognised
from recommender.validation.stage import failed
from tests.recommender.composing import world
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import serving

NAMES = ("Zebrafish Study 7", "Gillian's weight", "fin_colour", "turquoise", "mauve", "Zielgröße")


def frame():
    rows = range(60)
    return pd.DataFrame(
        {
            "Gillian's weight": [i * 0.5 for i in rows],
            "fin_colour": ["turquoise" if i % 3 else "mauve" for i in rows],
            "Zielgröße": ["turquoise" if i % 2 else "mauve" for i in rows],
        }
    )


@pytest.fixture
def mask():
    task = world.task(name="Zebrafish Study 7", target="Zielgröße")
    return Mask.of(task, prepare_table(frame(), "Zielgröße"))


def reached(server):
    return json.dumps([server.asked, server.headers], ensure_ascii=False).lower()


class TestTheMask:
    def test_each_name_has_a_stand_in_and_comes_back(self, mask):
        said = "In Zebrafish Study 7, fin_colour is turquoise or mauve; predict Zielgröße from Gillian's weight."
        hidden = mask.hidden(said)
        assert not any(name.lower() in hidden.lower() for name in NAMES)
        assert mask.shown(hidden) == said

    @pytest.mark.parametrize(
        "spelt", ["zebrafish study 7", "Zebrafish_Study_7", "ZebrafishStudy7", "zebrafish-study-7"]
    )
    def test_other_spellings_are_withheld_too(self, mask, spelt):
        assert mask.hidden(f"on {spelt}.") == "on dataset_1."

    def test_a_name_that_is_cut_short_is_withheld(self, mask):
        assert "ebra" not in mask.hidden('{"name": "Zebrafish St..."}')

    def test_numbers_are_no_names(self):
        table = prepare_table(pd.DataFrame({"7": [i / 7 for i in range(60)], "y": [i % 2 for i in range(60)]}), "y")
        mask = Mask.of(world.task(target="y"), table)
        assert mask.hidden("0.7 of 1, and column 7") == "0.7 of 1, and column 7"

    def test_the_names_of_a_wide_table_are_each_looked_at_a_few_times(self, monkeypatch):
        """Not once for each other name: a table of ten thousand columns would keep its user waiting for minutes."""
        folded, asked = privacy._folded, []
        monkeypatch.setattr(privacy, "_folded", lambda name: asked.append(name) or folded(name))
        wide = pd.DataFrame({"sick": [i % 2 for i in range(40)]} | {f"gene {i}": [0.5, 1.5] * 20 for i in range(300)})
        mask = Mask.of(world.task(target="sick"), prepare_table(wide, "sick"))
        assert mask.names["gene 299"] == "column_301"
        assert len(asked) < 5 * len(mask.names)

    def test_two_spellings_of_a_name_have_one_stand_in(self):
        mask = Mask.of(world.task(name="credit_g", target="Credit G"), None)
        assert dict(mask.names) == {"credit_g": "dataset_1"}

    def test_a_name_within_a_word_is_none(self):
        assert Mask({"age": "column_1"}).hidden("the average age of age_max, aged") == (
            "the average column_1 of column_1_max, aged"
        )

    def test_public_names_of_the_data_set_are_withheld_as_well(self):
        mask = Mask.of(world.task(name="mine.csv"), None, [Recognised(world.dataset(3), by_name=False)])
        assert mask.hidden_datasets('{"name": "source 3"}') == '{"name": "dataset_2"}'

    def test_columns_stay_in_what_the_graph_answers(self):
        mask = Mask.of(world.task(name="zebra", target="alpha"), None)
        assert mask.hidden_datasets("zebra: alpha from 0 to 1") == "dataset_1: alpha from 0 to 1"
        assert mask.hidden("zebra: alpha") == "dataset_1: column_1"

    @given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30), st.text(max_size=60))
    def test_no_spelling_breaks_it(self, name, text):
        mask = Mask.of(world.task(name=name), None)
        assert isinstance(mask.hidden(json.dumps({"name": name, "text": text}, ensure_ascii=False)), str)

    @given(st.from_regex(r"[A-Za-z][A-Za-z0-9 _-]{3,20}[A-Za-z]", fullmatch=True))
    def test_a_name_never_stands_in_what_is_sent(self, name):
        hidden = Mask.of(world.task(name=name), None).hidden(f"the data set {name} is here")
        assert hidden == "the data set dataset_1 is here"


class TestWhatReachesTheServer:
    @pytest.fixture(autouse=True)
    def _langchain(self):
        pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

    def agent(self, composer, server, mask):
        talk = Talk(composer, "svm", name="Zebrafish Study 7", target="Zielgröße")
        model = open_model("openai:m", base_url=server.url)
        return Agent(model if mask is None else WithheldModel(model, mask), talk.library, talk.check)

    @pytest.fixture
    def finding(self):
        message = "could not convert 'turquoise' of column fin_colour (Gillian's weight) in Zebrafish Study 7"
        return failed("warm_starts", "error", message)

    def test_no_name_in_a_whole_conversation_with_a_revision(self, small_composer, mask, finding):
        with serving(tempers.honest(1)) as server:
            agent = self.agent(small_composer, server, mask)
            first = agent.propose().proposal
            agent.revise(first, (finding,))
        assert len(server.asked) > 3
        assert not any(name.lower() in reached(server) for name in NAMES)
        assert "dataset_1" in reached(server)
        assert first.task.name == "Zebrafish Study 7"

    def test_without_a_mask_the_names_do_reach_it(self, small_composer, finding):
        with serving(tempers.honest(1)) as server:
            agent = self.agent(small_composer, server, None)
            agent.revise(agent.propose().proposal, (finding,))
        assert all(name.lower() in reached(server) for name in ("zebrafish study 7", "turquoise", "fin_colour"))

    def test_what_the_model_says_of_stand_ins_comes_back_with_the_names(self, mask):
        reply = Draft(learner="svm", rationale="On dataset_1, class_1 is rare.").model_dump_json()
        with serving(lambda _: reply) as server:
            model = WithheldModel(open_model("openai:m", base_url=server.url), mask)
            draft = model.structured("Propose.", "for Zebrafish Study 7", Draft)
        assert draft.rationale == f"On Zebrafish Study 7, {mask.shown('class_1')} is rare."
        assert "zebrafish" not in reached(server)

    def test_the_graph_does_not_name_the_data_set_either(self, small_composer):
        known = [Recognised(world.dataset(3), by_name=False)]
        with serving(tempers.honest(1)) as server:
            talk = Talk(small_composer, "svm", name="mine")
            model = WithheldModel(open_model("openai:m", base_url=server.url), Mask.of(talk.library.task, None, known))
            Agent(model, talk.library, talk.check).propose()
        assert "source 4" in reached(server)
        assert "source 3" not in reached(server)


def test_the_risk_is_told_with_what_gave_it_away():
    known = (Recognised(world.dataset(3), by_name=True), replace(Recognised(world.dataset(3), by_name=False), equal=9))
    assert "source 3: its name" in warning(known, anonymised=False)
    assert "With --anonymise" in warning(known, anonymised=False)
    assert "were withheld" in warning(known, anonymised=True)
    assert warning((), anonymised=False) == ""
