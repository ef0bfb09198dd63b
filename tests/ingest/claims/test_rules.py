"""The rules: the ways in which texts on configuring are written, each by an example."""

import pytest

from ingest.claims import RULES
from ingest.documents.model import Block, BlockKind, Document


def stated(claim):
    """Return what a claim states, without its place."""
    return (claim.statement, claim.parameter_name, claim.low, claim.high, claim.value)


HEAD = "Tuning XGBoost\n==============\n\n"


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


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        ("lr = trial.suggest_float('lr', 1e-5, 1e-1, log=True)", ("range", "lr", 1e-5, 0.1, None)),
        (
            "trial.suggest_categorical('booster', ['gbtree', 'dart'])",
            ("range", "booster", None, None, "{gbtree, dart}"),
        ),
        ("UniformIntegerHyperparameter('max_depth', lower=2, upper=9)", ("range", "max_depth", 2, 9, None)),
        ("space = {'eta': tune.loguniform(1e-4, 1e-1)}", ("range", "eta", 1e-4, 0.1, None)),
        ("space = {'eta': hp.loguniform('eta', np.log(0.01), np.log(0.3))}", ("range", "eta", 0.01, 0.3, None)),
        ("Real(1e-6, 1e-1, prior='log-uniform', name='alpha')", ("range", "alpha", 1e-6, 0.1, None)),
        ("hp.Int('units', min_value=32, max_value=512, step=32)", ("range", "units", 32, 512, None)),
        ("param_grid = {'clf__max_depth': [4, 6, 10]}", ("range", "max_depth", 4, 10, "{4, 6, 10}")),
        ("grid = {'gamma': np.logspace(-3, 3, 7)}", ("range", "gamma", 1e-3, 1e3, None)),
        ("makeNumericParam('cp', lower = 0.001, upper = 0.1)", ("range", "cp", 0.001, 0.1, None)),
        ("parser.add_argument('--batch_size', type=int, default=32)", ("default", "batch_size", None, None, 32)),
        ("def train(data, learning_rate=0.1, epochs=5):\n    pass", ("default", "learning_rate", None, None, 0.1)),
        ("python train.py --learning_rate=2e-5 --data_dir=3", ("recommended_value", "learning_rate", None, None, 2e-5)),
        ("n_trials = 94  # as many as fit into a night", ("budget", "n_trials", None, None, 94)),
        ("eta:\n  lower: 0.01\n  upper: 0.3\n  log: true", ("range", "eta", 0.01, 0.3, None)),
        (
            "parameters:\n  eta:\n    distribution: log_uniform_values\n    min: 0.01\n    max: 0.3\nmethod: bayes",
            ("range", "eta", 0.01, 0.3, None),
        ),
        (
            "parameters:\n  max_depth:\n    values:\n      - 3\n      - 5  # deep",
            ("range", "max_depth", 3, 5, "{3, 5}"),
        ),
        ("def f(eta: float  # a rate\n  = 0.1,\n  max_depth=6,  # , deep\n): ...", ("default", "eta", None, None, 0.1)),
        (
            "def f(eta: float  # a rate\n  = 0.1,\n  max_depth=6,  # deep\n): ...",
            ("default", "max_depth", None, None, 6),
        ),
        ("def f(color='#ff0000', eta=0.1):\n    ...", ("default", "eta", None, None, 0.1)),
        ("model = XGBRegressor(\n    eta=0.1,  # slow and sure\n)", ("recommended_value", "eta", None, None, 0.1)),
    ],
)
def test_program_text_states(claims_of, code, claim):
    text = HEAD + "Code::\n\n" + "\n".join(f"    {line}" for line in code.splitlines())
    assert claim in [stated(found) for found in claims_of(text)]


def test_a_mapping_around_others_has_no_ends_of_its_own(claims_of):
    text = "# XGBoost\n\n```yaml\nparameters:\n  eta:\n    min: 0.01\n    max: 0.3\n  gamma: {min: 0, max: 5}\n```\n"
    assert [stated(claim)[1:4] for claim in claims_of(text, ".md")] == [("eta", 0.01, 0.3), ("gamma", 0, 5)]


def test_a_default_in_a_signature_is_of_the_class_that_has_it(claims_of):
    text = '''class RandomForestClassifier(Forest):
    """Trees."""
    def __init__(self, max_depth=7):
        super().__init__(DecisionTreeClassifier())

class ExtraTreesClassifier(Forest):
    def __init__(self, max_depth=9):
        super().__init__(DecisionTreeClassifier())
'''
    assert [(c.learner, c.value) for c in claims_of(text, ".py")] == [("random_forest", 7), ("extra_trees", 9)]


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


@pytest.mark.parametrize(("cell", "log"), [("[0.01, 0.3] (log scale)", True), ("0.1–10, log", True), ("[1, 9]", None)])
def test_a_range_in_a_cell_may_be_followed_by_its_scale(claims_of, cell, log):
    [claim] = claims_of(f"# XGBoost\n\n| Parameter | Range |\n|---|---|\n| eta | {cell} |\n", ".md")
    assert claim.log is log


def test_a_condition_keeps_its_decimals(claims_of):
    [claim] = claims_of(HEAD + "We set ``eta`` to 0.1 for rates below 0.25, at least.")[:1]
    assert claim.condition == "for rates below 0.25, at least"


def test_the_arguments_of_a_class_that_is_not_known_are_of_no_other(claims_of):
    text = '''class LinearSVC(Base):
    """Like SVC, but for LogisticRegression's solver.

    Parameters
    ----------
    C : float, default=1.0
    """
'''
    assert [(c.learner, c.algorithm_name, c.value) for c in claims_of(text, ".py")] == [(None, "LinearSVC", 1)]


def test_the_rows_of_a_long_table_are_read_in_time(claims_of):
    rows = "".join(f"| max_depth{number} | [1, {number + 2}] |\n" for number in range(700))
    assert len(claims_of(f"# XGBoost\n\n| Parameter | Range |\n|---|---|\n{rows}", ".md")) == 700


@pytest.mark.parametrize(
    "code",
    [
        "x = trial.suggest_float('x', -10, 10)",
        "xs = [1, 2, 3]",
        "for i in range(1, 10):\n    pass",
        "float('0.5')",
        "plt.plot([1, 2], [3, 4])",
    ],
)
def test_a_toy_or_plain_program_states_nothing(claims_of, code):
    text = HEAD + "Code::\n\n" + "\n".join(f"    {line}" for line in code.splitlines())
    assert claims_of(text) == ()


def test_the_scale_of_a_space_is_kept(claims_of):
    text = HEAD + "Code::\n\n    t.suggest_float('eta', 0.1, 1.0, log=True)\n    t.suggest_float('gamma', 0.0, 1.0)\n"
    assert [(claim.parameter_name, claim.log) for claim in claims_of(text)] == [("eta", True), ("gamma", False)]


TABLE = """# Search spaces of XGBoost

| Hyperparameter | Type | Range | Scale | Default |
|---|---|---|---|---|
| eta | float | [0.001, 1] | log | 0.3 |
| max_depth | int | {3, 6, 9} | | 6 |
| booster | cat | gbtree, dart | | gbtree |
"""


def test_a_table_is_read_by_its_header(claims_of):
    found = [(*stated(claim), claim.log) for claim in claims_of(TABLE, ".md")]
    assert found == [
        ("range", "eta", 0.001, 1, None, True),
        ("default", "eta", None, None, 0.3, None),
        ("range", "max_depth", 3, 9, "{3, 6, 9}", None),
        ("default", "max_depth", None, None, 6, None),
        ("range", "booster", None, None, "{gbtree, dart}", None),
        ("default", "booster", None, None, "gbtree", None),
    ]


def test_a_table_of_methods_is_read_by_its_columns(claims_of):
    table = "| Parameter | LoRA | QLoRA |\n|---|---|---|\n| Learning rate | 2e-4 | 1e-4 |\n"
    text = f"# Recommended hyperparameters\n\n{table}"
    found = [(claim.algorithm_name, claim.parameter_name, claim.value) for claim in claims_of(text, ".md")]
    assert found == [("LoRA", "Learning rate", 2e-4), ("QLoRA", "Learning rate", 1e-4)]


@pytest.mark.parametrize(
    "table",
    [
        "# Results\n\n| Settings | Training time | Memory |\n|---|---|---|\n| Default | 1.3 min | 26 GB |\n",
        "# Data\n\n| dataset | n_rows | n_cols |\n|---|---|---|\n| credit | 1999 | 76 |\n",
    ],
)
def test_a_table_of_results_or_data_states_nothing(claims_of, table):
    assert claims_of(table, ".md") == ()


def row(text, **fields):
    return Block(
        kind=BlockKind.ROW,
        text=text,
        section="A",
        page=3,
        header="tasks | hyperparameter | search space | scale",
        **fields,
    )


def test_rows_of_a_page_belong_to_the_learner_that_labels_their_group():
    rows = [
        "eta | [0.1, 1] | log",
        "XGBoost | gamma | [1, 2] | log",
        "subsample | [0.5, 1] | linear",
        "n_estimators | [1, 8] | log",
        "RandomForest | max_depth | [1, 5] | log",
        "min_samples_split | [0.01, 0.5] | log",
    ]
    document = Document(name="p.pdf", blocks=tuple(row(text) for text in rows), text="\n".join(rows))
    found = [(claim.algorithm_name, claim.parameter_name, claim.log) for claim in RULES.extract(document)]
    assert found == [
        ("XGBoost", "eta", True),
        ("XGBoost", "gamma", True),
        ("XGBoost", "subsample", False),
        ("RandomForest", "n_estimators", True),
        ("RandomForest", "max_depth", True),
        ("RandomForest", "min_samples_split", True),
    ]


def test_a_remark_makes_a_row_a_fidelity_or_a_condition():
    rows = ("trainsize continuous [0.03, 1] budget", "degree integer [2, 5] ⊢ kernel")
    document = Document(name="p.pdf", blocks=tuple(row(text) for text in rows), text="\n".join(rows))
    found = [(claim.kind, claim.parameter_name, claim.condition) for claim in RULES.extract(document)]
    assert found == [
        ("fidelity", "trainsize", ""),
        ("range", "degree", "⊢ kernel"),
        ("condition", "degree", "⊢ kernel"),
    ]


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


def test_a_comment_of_a_listing_and_a_hidden_comment_are_read(claims_of):
    code = HEAD + "Code::\n\n    # A learning rate between 0.01 and 0.3 usually works well.\n    fit()\n"
    hidden = "# Tuning XGBoost\n\n<!-- The default of ``eta`` is 0.3. -->\n"
    assert [stated(c) for c in claims_of(code)] == [("recommended_value", "learning rate", 0.01, 0.3, None)]
    assert [stated(c) for c in claims_of(hidden, ".md")] == [("default", "eta", None, None, 0.3)]


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


def test_of_tables_side_by_side_each_is_of_the_learner_that_has_its_names():
    header = "Hyperparameter | Range"
    tables = (("cost", "gamma", "degree"), ("cp", "maxdepth", "minbucket"))
    caption = "Table 1: Search spaces."
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, text="We tune svm and rpart, and above all xgboost.", section="A > xgboost")
    ]
    for names in tables:
        blocks.append(Block(kind=BlockKind.ROW, text=header, section="A > xgboost", caption=caption))
        blocks += [
            Block(kind=BlockKind.ROW, text=f"{name} | [1, 30]", section="A > xgboost", caption=caption, header=header)
            for name in names
        ]
    found = RULES.extract(Document(name="a.md", blocks=tuple(blocks), text="\n".join(block.text for block in blocks)))
    assert {claim.parameter_name: claim.algorithm_name for claim in found} == {
        name: learner for learner, names in zip(("svm", "rpart"), tables, strict=True) for name in names
    }


def test_the_base_of_a_power_is_no_bound(claims_of):
    found = claims_of(HEAD + "``num_leaves`` must be at most ``2^max_depth``.")
    assert 2 not in [number for claim in found for number in (claim.high, claim.value)]
