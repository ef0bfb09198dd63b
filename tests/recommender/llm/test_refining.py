"""What is said next edits what was said before; a question finds the field that it is about."""

import pytest

from kg.errors import InputError
from recommender.explain import account_of
from recommender.llm.providers import open_model
from recommender.llm.reading import read
from recommender.llm.refining import refined
from recommender.llm.understanding import understanding_of
from recommender.llm.why import absent, field_of, is_why, told
from recommender.proposal import Budget
from tests.recommender.composing import world
from tests.recommender.llm.openai_server import serving

FIRST = "40,000 rows, 3 % defaults, ten minutes, at most 60 trials, must be interpretable"
PLANNED = Budget(n_trials=50, wall_clock_s=900, per_trial_s=60, binding="n_trials")


def after(words, first=FIRST):
    found = refined(read(first), words, planned=PLANNED)
    return {name: one.value for name, one in found.reading.said.items()}, found.changes


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("half the time", "wall_clock_s", 300),
        ("halve the time please", "wall_clock_s", 300),
        ("twice the trials", "n_trials", 120),
        ("more trials", "n_trials", 120),
        ("fewer trials", "n_trials", 30),
        ("three times as many trials", "n_trials", 180),
        ("ten times as many trials", "n_trials", 600),
        ("50 % more time", "wall_clock_s", 900),
        ("10 % fewer trials", "n_trials", 54),
        ("faster", "wall_clock_s", 300),
        ("2 hours", "wall_clock_s", 7200),
        ("at most 20 trials", "n_trials", 20),
        ("maximise recall", "metric", "balanced_accuracy"),
        ("use 4 cores", "n_workers", 4),
        ("it's 5 % defaults, not 3", "minority_share", 0.05),
        ("no xgboost", "unwanted", ("xgboost",)),
    ],
)
def test_one_thing_changes_and_the_rest_stays(words, field, value):
    before, (now, changes) = {n: one.value for n, one in read(FIRST).said.items()}, after(words)
    assert now[field] == pytest.approx(value) if isinstance(value, float) else now[field] == value
    assert len(changes) == 1
    assert changes[0].startswith(f"{field}: ")
    assert {n: v for n, v in now.items() if n != field} == {n: v for n, v in before.items() if n != field}


def test_half_of_what_nobody_said_is_half_of_what_is_planned():
    now, _ = after("half the time", first="40,000 rows")
    assert now["wall_clock_s"] == 450


def test_limits_and_wishes_can_be_taken_back():
    now, changes = after("no time limit, and it need not be explained")
    assert "wall_clock_s" not in now
    assert "interpretable" not in now
    assert len(changes) == 2


def test_learners_are_set_added_and_taken_away():
    first = refined(read("1000 rows"), "only xgboost and random forests").reading
    second = refined(first, "also lightgbm").reading
    assert second.said["learners"].value == ("xgboost", "random_forest", "lightgbm")
    third = refined(second, "no xgboost").reading
    assert third.said["learners"].value == ("random_forest", "lightgbm")
    fourth = refined(third, "any learner").reading
    assert "learners" not in fourth.said
    assert "unwanted" not in fourth.said


def test_several_things_change_at_once():
    now, changes = after("only trees, and half the time")
    assert "random_forest" in now["learners"]
    assert now["wall_clock_s"] == 300
    assert len(changes) == 2


@pytest.mark.parametrize("words", ["thanks", "40,000 rows", "hm"])
def test_what_changes_nothing_says_nothing(words):
    assert after(words)[1] == ()


def test_a_metric_that_does_not_fit_the_task_is_refused():
    regression = read("predict house prices, 500 rows")
    with pytest.raises(InputError, match="is for classification"):
        understanding_of(refined(regression, "maximise AUC").reading)


@pytest.fixture(scope="module")
def proposal(small_composer):
    return small_composer.compose(world.task("svm"))


class TestWhy:
    @pytest.mark.parametrize(
        "words", ["why this range of C?", "How come?", "on what evidence?", "What is that based on"]
    )
    def test_questions_are_told_from_wishes(self, words):
        assert is_why(words)
        assert not is_why("only trees, and half the time")

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            ("why this range of C?", "search_space.C"),
            ("why gamma", "search_space.gamma"),
            ("why 40 trials?", "budget"),
            ("why svm?", "learner"),
            ("why this model?", "learner"),
            ("why start 2?", "warm_starts.1"),
            ("why these warm starts", "warm_starts"),
            ("why stop so early?", "termination"),
            ("why this metric", "metric"),
            ("why that range?", "search_space"),
        ],
    )
    def test_the_field_is_found(self, proposal, words, field):
        assert field_of(words, proposal) == field

    def test_the_answer_is_the_evidence(self, proposal, small_composer):
        account = account_of(proposal, field_of("why this range of C?", proposal), small_composer.store)
        lines = told(account)
        assert lines[0].startswith("search_space.C = ")
        assert any("answers to its configuration" in line for line in lines)
        assert any("piece" in line and "of evidence" in line for line in lines)

    def test_a_hyper_parameter_that_is_not_there_is_said(self, proposal):
        assert "coef0 is not in this search space" in absent("why this range of coef0?", proposal)
        assert absent("why this range of C?", proposal) == ""

    def test_what_cannot_be_told_names_what_can(self, proposal):
        with pytest.raises(InputError, match="search_space"):
            field_of("why oh why", proposal)

    @pytest.mark.parametrize(
        ("answer", "field"), [('{"field": "budget"}', "budget"), ('{"field": "x"}', None), (500, None)]
    )
    def test_a_model_may_choose_among_the_fields_and_nothing_else(self, proposal, answer, field):
        pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
        with serving(lambda _: answer) as server:
            model = open_model("openai:m", base_url=server.url)
            if field is None:
                with pytest.raises(InputError):
                    field_of("why oh why", proposal, model=model)
            else:
                assert field_of("why oh why", proposal, model=model) == field
        assert "why oh why" in server.asked[0]["messages"][-1]["content"]
