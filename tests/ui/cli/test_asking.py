"""``tunegraph ask`` and ``tunegraph log``."""

import json

import pytest

LOANS = "4,000 loan records, 3 % defaults, ten minutes on a laptop, a decision tree"


def test_a_task_in_words_and_what_is_said_next(command, at_home, tmp_path):
    session = tmp_path / "talk.json"
    ran = command("ask", LOANS, "--session", session)
    assert ran.code == 0
    assert "minority_share: 0.03  ('3 % defaults')" in ran.out
    assert "How many columns" in ran.out
    assert "Tune decision_tree for average_precision" in ran.out
    assert "Predicted training log" in ran.out
    more = command("ask", "half the time", "--session", session, "--json")
    assert json.loads(more.out)["changes"] == ["wall_clock_s: 600 -> 300 ('half the time')"]
    why = command("ask", "why this budget?", "--session", session)
    assert why.out.startswith("budget = ")


def test_too_little_is_no_answer(command, at_home):
    ran = command("ask", "predict who defaults")
    assert ran.code == 1
    assert "It would help to know" in ran.out


@pytest.mark.parametrize(
    ("words", "says"), [("", "Nothing was said"), ("predict house prices by logistic regression", "does regression")]
)
def test_what_cannot_be_is_told(command, at_home, words, says):
    ran = command("ask", words)
    assert ran.code == 2
    assert says in ran.err


def test_a_target_without_a_table_is_refused(command, empty_home):
    ran = command("ask", LOANS, "--target", "default")
    assert ran.code == 2
    assert "--target: A target needs a table" in ran.err
    assert not empty_home.exists()


def test_a_session_that_is_none_is_refused(command, at_home, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text("{}x", encoding="utf-8")
    ran = command("ask", LOANS, "--session", path)
    assert ran.code == 2
    assert "no conversation" in ran.err


def test_the_log_of_a_proposal(command, at_home, proposal_file):
    ran = command("log", proposal_file)
    assert ran.code == 0
    assert "After 1 trial" in ran.out or "No score is predicted" in ran.out
    found = json.loads(command("log", proposal_file, "--json").out)
    assert found["learner"] == "decision_tree"
    assert found["citations"]


def test_cards_are_enough_to_recommend_for(command, at_home, tmp_path):
    data, model = tmp_path / "README.md", tmp_path / "model.md"
    data.write_text("---\ntask_categories: [tabular-classification]\nsize_categories: [1K<n<10K]\n---\n", "utf-8")
    model.write_text(
        "---\nlibrary_name: sklearn\n---\n# A DecisionTreeClassifier\n\n## Hyperparameters\n\n"
        "| Hyperparameter | Value |\n|---|---|\n| max_depth | 4 |\n",
        "utf-8",
    )
    ran = command("recommend", "--card", data, "--card", model)
    assert ran.code == 0
    assert "Tune decision_tree for accuracy" in ran.out
    assert "size_categories: 1K<n<10K" in ran.out
    assert "The card sets max_depth = 4" in ran.out
    assert command("recommend", "--card", model).code == 1
    missing = command("recommend", "--card", tmp_path / "none.md")
    assert missing.code == 2
    assert "Cannot read" in missing.err
