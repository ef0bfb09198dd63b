"""The rules: the ways in which texts on configuring are written, each by an example."""

import pytest

from tests.ingest.claims.stating import HEAD, stated


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("``C`` is ``1`` by default.", ("default", "C", None, None, 1)),
        ("The default value of ``eta`` is 0.3.", ("default", "eta", None, None, 0.3)),
        ("The ``booster`` parameter defaults to ``gbtree``.", ("default", "booster", None, None, "gbtree")),
        ("We recommend a learning rate between 0.01 and 0.2.", ("recommended_value", "learning rate", 0.01, 0.2, None)),
        ("Try ``min_samples_leaf=5`` as an initial value.", ("recommended_value", "min_samples_leaf", None, None, 5)),
        ("For ``eta``, a value of 0.1 usually works well.", ("recommended_value", "eta", None, None, 0.1)),
        ("``subsample`` must be in the range (0, 1].", ("range", "subsample", 0, 1, None)),
        ("``max_bin`` must be no larger than 255.", ("range", "max_bin", None, 255, None)),
        ("``max_bin`` must be not less than 2.", ("range", "max_bin", 2, None, None)),
        ("We search the batch size in {16, 32, 64}.", ("range", "batch size", 16, 64, "{16, 32, 64}")),
        (
            "Set ``a_size`` to be ``2*b_size``, it is usually fine.",
            ("recommended_value", "a_size", None, None, "2*b_size"),
        ),
        ("All methods were run for a total budget of 100 evaluations.", ("budget", "evaluations", None, None, 100)),
        ("We suggest a time limit of 4 hours.", ("budget", "time limit", None, None, 4)),
        ("We stop early, with a patience of 20 epochs.", ("termination", "patience", None, None, 20)),
        ("``gamma`` is critical to the performance.", ("importance", "gamma", None, None, None)),
        ("``rate_drop`` is ignored when ``booster=gbtree``.", ("condition", "rate_drop", None, None, None)),
        ("If you have noisy data you should decrease ``eta``.", ("condition", "eta", None, None, "decrease")),
        ("We increase the batch size from 32 to 64.", ("recommended_value", "batch size", None, None, 64)),
        (
            "The population factor is selected as 20 in all runs.",
            ("recommended_value", "population factor", None, None, 20),
        ),
    ],
)
def test_a_sentence_states(claims_of, sentence, claim):
    assert claim in [stated(found) for found in claims_of(HEAD + sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Figure 3 shows the learning rate.",
        "Since version 1.7 the ``eta`` parameter exists.",
        "We use the kernels of [3, 6, 19] and the learning rate of others.",
        "Our method reaches an accuracy of 0.93 with ``eta``.",
        "The data set has 60,000 images and 10 classes.",
        "If ``nfolds == 0``, then there are no metrics.",
        "For example, suppose ``eta=0.1`` and ten rounds.",
        "It was published in 2016.",
        "Is ``eta`` important?",
        "With 6 trials the ranges were larger than with 20 trials.",
        "1. ``other_page`` details the rest.",
    ],
)
def test_a_number_that_is_no_setting_is_no_claim(claims_of, sentence):
    assert claims_of(HEAD + sentence) == ()


@pytest.mark.parametrize(
    ("item", "claim"),
    [
        ("* ``eta`` [default=0.3, alias: ``learning_rate``]", ("default", "eta", None, None, 0.3)),
        ("* ``eta`` [default=0.3]\n\n  - range: [0, 1]", ("range", "eta", 0, 1, None)),
        ("* **Batch size**: 16, 32", ("range", "Batch size", 16, 32, "{16, 32}")),
        ("* Learning rate (Adam): 5e-5, 3e-5, 2e-5", ("range", "Learning rate", 2e-5, 5e-5, "{5e-5, 3e-5, 2e-5}")),
        ("* ``n_bins``: The number of bins. The default is 20.", ("default", "n_bins", None, None, 20)),
        ("* Use small ``max_bin``", ("condition", "max_bin", None, None, "small")),
        ("* Balance the weights via ``scale_pos_weight``", ("condition", "scale_pos_weight", None, None, None)),
        ("alpha : float, default=0.5\n    Strength of the penalty.", ("default", "alpha", None, None, 0.5)),
    ],
)
def test_an_item_defines(claims_of, item, claim):
    assert claim in [stated(found) for found in claims_of(HEAD + item)]


@pytest.mark.parametrize("what", ["1,", "{1,", "1 to ", "a.b:", "eta=1, "])
def test_a_long_series_is_no_sentence_and_takes_no_long(claims_of, what):
    assert claims_of(HEAD + (what * 20_000)[:19_000]) == ()


def test_of_several_numbers_the_first_is_what_is_recommended(claims_of):
    claims = claims_of(HEAD + "We recommend a learning rate of 0.1 in 3 of 5 cases.")
    assert [claim.value for claim in claims] == [0.1]


def test_a_default_may_stand_in_the_sentence_after(claims_of):
    claims = claims_of(HEAD + "``max_depth`` must be at least 1. The default is 6.")
    assert ("default", "max_depth", None, None, 6) in [stated(claim) for claim in claims]


def test_an_item_defines_what_stands_before_two_hyphens(claims_of):
    claims = claims_of("# LightGBM\n\n* `num_leaves`: int\n* `max_depth` -- default: `-1`\n", ".md")
    assert [stated(claim) for claim in claims] == [("default", "max_depth", None, None, -1)]


def test_a_condition_keeps_its_decimals(claims_of):
    [claim] = claims_of(HEAD + "We set ``eta`` to 0.1 for rates below 0.25, at least.")[:1]
    assert claim.condition == "for rates below 0.25, at least"


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("Guide\n=====\n\nFor CatBoost, we recommend a depth of 6.", "catboost"),
        ("Guide\n=====\n\nCatBoost\n--------\n\nWe recommend a depth of 6.", "catboost"),
        ("Tuning CatBoost\n===============\n\nWe recommend a depth of 6.", "catboost"),
        ("Guide\n=====\n\nCatBoost is strong.\n\nWe recommend a depth of 6.", "catboost"),
    ],
)
def test_the_learner_comes_from_the_sentence_the_heading_the_title_or_the_text_before(claims_of, text, method):
    assert [claim.learner for claim in claims_of(text)] == [method]


def test_a_learner_that_lacks_the_parameter_does_not_get_it(claims_of):
    text = "Guide\n=====\n\nSVM and XGBoost\n---------------\n\nWe recommend a ``max_depth`` of 6."
    assert [claim.learner for claim in claims_of(text)] == ["xgboost"]


def test_a_method_is_recommended_with_its_case(claims_of):
    [claim] = claims_of("Guide\n=====\n\nTPE is recommended when the number of trials is below 1000.")
    assert (claim.statement, claim.algorithm_name, claim.high) == ("algorithm_choice", "TPE", 1000)


def test_the_condition_is_kept_in_the_words_of_the_text(claims_of):
    [claim] = claims_of(HEAD + "The default of ``eta`` is 0.3 if the booster is a tree.")
    assert claim.condition == "if the booster is a tree"


def test_claims_come_in_the_order_of_the_text_each_once(claims_of):
    text = HEAD + "The default of ``eta`` is 0.3.\n\nThe default of ``gamma`` is 0.\n\nThe default of ``eta`` is 0.3.\n"
    assert [claim.parameter_name for claim in claims_of(text)] == ["eta", "gamma"]


#: As in the documentation of a class: definitions line by line, with no blank line between.
DEFINITIONS = """\
eta : float, default=0.3
    Step size. Must be no larger than 1.
max_depth : int or None, optional (default=6)
    Depth of a tree. For small datasets it is recommended to lower this value.
lambda_l1: float, [default=0.0]
    Penalty. range: [0,+inf)
n_jobs : int, default=4
    Threads.
"""


def test_each_definition_of_a_list_without_blank_lines_is_of_its_own_parameter(claims_of):
    assert [stated(found) for found in claims_of(HEAD + DEFINITIONS)] == [
        ("default", "eta", None, None, 0.3),
        ("range", "eta", None, 1, None),
        ("default", "max_depth", None, None, 6),
        ("condition", "max_depth", None, None, "lower"),
        ("default", "lambda_l1", 0, None, 0),
        ("range", "lambda_l1", 0, None, None),
    ]


def test_each_definition_is_quoted_from_its_own_start(claims_of):
    quotes = [found.quote for found in claims_of(HEAD + DEFINITIONS) if found.statement == "default"]
    assert [quote.split()[0].strip(":") for quote in quotes] == ["eta", "max_depth", "lambda_l1"]


def test_a_list_of_values_below_definitions_belongs_to_the_last_of_them(claims_of):
    text = "eta : float, default=0.3\n    Step size.\nalpha : float, default=0.5\n    Penalty.\n\n    - range: [0, 1]\n"
    assert ("range", "alpha", 0, 1, None) in [stated(found) for found in claims_of(HEAD + text)]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (
            "* ``max_size``: The largest size (**balance** must be enabled).",
            ("max_size", "balance must be enabled"),
        ),
        (
            "If ``eta`` is small, results are noisy. In that case, we usually increase the batch size.",
            ("batch size", "If eta is small, results are noisy"),
        ),
    ],
)
def test_the_case_of_advice_is_no_part_of_the_advice(claims_of, text, condition):
    told = [(found.parameter_name, " ".join(found.condition.split())) for found in claims_of(HEAD + text)]
    assert condition in told


@pytest.mark.parametrize(
    "sentence",
    [
        "* ``aucpr``: Area under the curve. For ranking, values must be labels :math:`y \\in [0, 1]`.",
        "We typically consider a cutoff ρ > 0.7 for including a surrogate.",
        ":math:`L_p` normalization, default is :math:`L_2`.",
        "``max_models`` must be used because the time is limited, meaning that if the machine is slow, it stops.",
        "Data should be unseen in the grid search: it is recommended to hold some out.",
    ],
)
def test_what_is_said_of_something_else_is_no_claim(claims_of, sentence):
    assert claims_of(HEAD + sentence) == ()


def test_the_base_of_a_power_is_no_bound(claims_of):
    found = claims_of(HEAD + "``num_leaves`` must be at most ``2^max_depth``.")
    assert 2 not in [number for claim in found for number in (claim.high, claim.value)]
