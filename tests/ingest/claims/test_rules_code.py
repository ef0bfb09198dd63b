"""The rules for program text, each by an example."""

import pytest

from tests.ingest.claims.stating import HEAD, stated


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


def test_the_arguments_of_a_class_that_is_not_known_are_of_no_other(claims_of):
    text = '''class LinearSVC(Base):
    """Like SVC, but for LogisticRegression's solver.

    Parameters
    ----------
    C : float, default=1.0
    """
'''
    assert [(c.learner, c.algorithm_name, c.value) for c in claims_of(text, ".py")] == [(None, "LinearSVC", 1)]


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


def test_a_comment_of_a_listing_and_a_hidden_comment_are_read(claims_of):
    code = HEAD + "Code::\n\n    # A learning rate between 0.01 and 0.3 usually works well.\n    fit()\n"
    hidden = "# Tuning XGBoost\n\n<!-- The default of ``eta`` is 0.3. -->\n"
    assert [stated(c) for c in claims_of(code)] == [("recommended_value", "learning rate", 0.01, 0.3, None)]
    assert [stated(c) for c in claims_of(hidden, ".md")] == [("default", "eta", None, None, 0.3)]
