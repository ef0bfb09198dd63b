"""What somebody says becomes a task; nothing is made up, and what is missing is asked for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError
from kg.model import TaskType
from recommender.llm.providers import open_model
from recommender.llm.reading import read
from recommender.llm.understanding import MOST_QUESTIONS, understand
from recommender.llm.understanding_by_model import UNDERSTAND
from recommender.llm.usage import Limits
from tests.recommender.llm.openai_server import serving

LOANS = "I have 40,000 loan records, 3 % defaults, need it in ten minutes on a laptop and must explain it"


def said(words):
    return {name: one.value for name, one in read(words).said.items()}


class TestTheExample:
    def test_every_figure_is_read(self):
        stated = understand(LOANS).stated
        assert (stated.n_rows, stated.minority_share, stated.wall_clock_s) == (40_000, 0.03, 600)
        assert (stated.n_workers, stated.memory_mb) == (1, 8192)

    def test_the_metric_is_average_precision_and_it_says_why(self):
        found = understand(LOANS)
        assert found.metric == "average_precision"
        assert "3.0% of the rows are of the rarer class" in found.metric_reason

    def test_only_learners_that_people_can_read_are_left(self):
        found = understand(LOANS)
        assert found.stated.candidates(TaskType.CLASSIFICATION) == ("decision_tree", "logistic_regression")
        assert found.stated.candidates(TaskType.REGRESSION) == ("decision_tree", "elastic_net")

    def test_what_is_taken_for_granted_is_listed_and_what_is_missing_is_asked(self):
        found = understand(LOANS)
        assert "A laptop is taken to have 8 GB of memory." in found.assumptions
        assert "It is taken to have two classes." in found.assumptions
        assert found.questions == ("How many columns has the table, without the target?",)

    def test_each_field_names_the_words_it_rests_on(self):
        found = understand(LOANS)
        assert all(one.quote in LOANS for one in found.said.values())

    def test_the_meta_features_are_openmls(self):
        features = understand(f"{LOANS}, 20 columns").stated.meta_features()
        assert features["NumberOfFeatures"] == 21
        assert features["MinorityClassPercentage"] == pytest.approx(3)
        assert features["Dimensionality"] == pytest.approx(21 / 40_000)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("1.2M customers with 45 features", {"n_rows": 1_200_000, "n_columns": 45}),
        ("5,000 wines in three classes", {"n_rows": 5_000, "n_classes": 3, "task_type": "classification"}),
        ("rows: 300, columns = 12", {"n_rows": 300, "n_columns": 12}),
        ("8 cores, 32 GB of RAM, at most 100 trials", {"n_workers": 8, "memory_mb": 32_768, "n_trials": 100}),
        ("a 2 GB csv file", {}),
        ("10,000 rows of which 120 are fraudulent", {"n_rows": 10_000, "minority_share": 0.012}),
        ("97 % good and the rest bad", {"minority_share": 0.03}),
        ("60 % a, 30 % b and 10 % c", {"minority_share": 0.1, "n_classes": 3}),
        ("5 % missing values", {"missing_share": 0.05}),
        ("reach 80 % accuracy", {"metric": "accuracy"}),
        ("an hour to predict churn in the next 30 days", {"wall_clock_s": 3600, "task_type": "classification"}),
        ("run it overnight", {"wall_clock_s": 8 * 3600}),
        ("predict house prices", {"task_type": "regression"}),
        ("classify e-mails as spam", {"task_type": "classification"}),
        ("maximise recall", {"metric": "balanced_accuracy"}),
        ("the classes are balanced", {"minority_share": 0.5}),
        ("not accuracy but AUC", {"metric": "roc_auc"}),
        ("xgboost or random forests, no neural networks", {"learners": ("xgboost", "random_forest"),
                                                           "unwanted": ("mlp",)}),
        ("anything but SVMs", {"unwanted": ("svm",)}),
        ("gradient boosting only", {"learners": ("xgboost", "lightgbm", "catboost", "hist_gradient_boosting",
                                                 "gradient_boosting")}),
        ("the titanic dataset", {"name": "titanic"}),
        ("500 samples x 20,000 genes", {"n_rows": 500, "n_columns": 20_000}),
        ("100k x 30", {"n_rows": 100_000, "n_columns": 30}),
        ("an accuracy of at least 80 %", {"metric": "accuracy"}),
        ("high recall on the 2 % positives", {"metric": "balanced_accuracy", "minority_share": 0.02}),
        ("spam or not), F1 as the metric", {"metric": "f1"}),
        ("one fraud in a thousand transactions; 800k transactions", {"minority_share": 0.001, "n_rows": 800_000}),
        ("half of the rows are positive", {"minority_share": 0.5}),
        ("no need to hurry", {}),
    ],
)  # fmt: skip
def test_what_is_said_is_read(words, expected):
    found = said(words)
    for name, value in expected.items():
        assert found[name] == (pytest.approx(value) if isinstance(value, float) else value)
    assert set(found) - set(expected) <= {"task_type"}


def test_what_is_not_used_is_told():
    assert any("30 days" in note for note in read("churn in the next 30 days").notes)
    assert any("GPU" in note for note in read("on a GPU").notes)
    assert any("Both '10 rows' and '20 rows'" in note for note in read("10 rows, or 20 rows").notes)


def test_at_most_three_questions_the_most_important_first():
    found = understand("help me")
    assert len(found.questions) == MOST_QUESTIONS
    assert found.questions[0].startswith("Is the target a class")
    assert "It is taken to be classification." in found.assumptions


def test_a_rare_class_without_a_figure_still_chooses_the_metric():
    found = understand("2,000 rows, highly imbalanced")
    assert found.metric == "average_precision"
    assert found.stated.minority_share is None


def test_average_precision_of_three_classes_becomes_balanced_accuracy():
    found = understand("three classes, average precision")
    assert found.metric == "balanced_accuracy"
    assert any("needs two classes" in note for note in found.notes)


def test_named_learners_count_beside_the_wish_to_explain():
    assert understand("xgboost, must be interpretable").stated.candidates(TaskType.CLASSIFICATION) == ("xgboost",)
    assert any("nobody can read" in text for text in understand("xgboost, must be interpretable").assumptions)
    trees = understand("only trees, must be interpretable").stated
    assert trees.candidates(TaskType.CLASSIFICATION) == ("decision_tree",)


@given(st.text(max_size=300))
def test_any_words_can_be_understood_or_are_refused_plainly(words):
    try:
        found = understand(words)
    except InputError:
        return
    assert len(found.questions) <= MOST_QUESTIONS
    assert not found.stated.meta_features().get("NumberOfInstances", 1) < 1


class TestWithAModel:
    WORDS = "About 40k borrowers; roughly one in thirty does not pay back. Two features per month for a year."

    @pytest.fixture(autouse=True)
    def _langchain(self):
        pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

    def understood(self, *read_, words=WORDS):
        answer = json.dumps({"read": [dict(zip(("field", "value", "quote"), one, strict=True)) for one in read_]})
        with serving(lambda _: answer) as server:
            self.server = server
            return understand(words, model=open_model("openai:m", base_url=server.url))

    def test_what_reaches_the_model_is_the_prompt_and_the_words(self):
        self.understood()
        roles = {m["role"]: m["content"] for m in self.server.asked[0]["messages"]}
        assert roles["user"] == self.WORDS
        assert "guess nothing" in roles["system"]
        assert UNDERSTAND == "understand.2"

    def test_it_adds_what_the_rules_did_not_see_and_that_is_told(self):
        words = "the table is wide: there are as many as 24 of them, all numeric"
        found = self.understood(("n_columns", 24, "as many as 24 of them"), words=words)
        assert found.stated.n_columns == 24
        assert any(
            text.startswith("Read by openai:m in 'as many as 24 of them': n_columns = 24") for text in found.assumptions
        )

    @pytest.mark.parametrize(
        ("field", "value", "quote", "why"),
        [
            ("n_rows", 50_000, "About 40k borrowers", "does not stand in its quote"),
            ("n_columns", 24, "24 columns", "quote does not stand in the words"),
            ("n_trials", 40, "40", "does not stand in its quote"),
            ("wall_clock_s", 600, "for a year", "does not stand in its quote"),
            ("minority_share", 0.05, "one in thirty", "does not stand in its quote"),
            ("metric", "hit_rate", "does not pay back", "no name known here"),
            ("learner", "deep_forest", "borrowers", "no name known here"),
        ],
    )
    def test_a_figure_that_was_not_said_is_dropped_and_that_is_said(self, field, value, quote, why):
        found = self.understood((field, value, quote))
        plain = understand(self.WORDS)
        assert found.stated == plain.stated
        assert any(field in note and "dropped" in note and why in note for note in found.notes)

    def test_the_rules_stand_where_the_two_differ(self):
        found = self.understood(("n_rows", 30, "one in thirty"), ("minority_share", 1 / 30, "one in thirty"))
        assert found.stated.n_rows == 40_000
        assert found.stated.minority_share == pytest.approx(1 / 30)

    @pytest.mark.parametrize("answer", [500, "no idea", '{"read": [{"field": "budget", "value": 1, "quote": "x"}]}'])
    def test_a_model_that_fails_costs_a_note(self, answer):
        with serving(lambda _: answer) as server:
            model = open_model("openai:m", base_url=server.url, limits=Limits(seconds=20))
            found = understand(LOANS, model=model)
        assert found.stated == understand(LOANS).stated
        assert any("did not help" in note for note in found.notes)
