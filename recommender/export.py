"""A proposal as a script of its own: pandas, scikit-learn and Optuna, no import of Tunegraph.

Names and values from the data or the evidence enter the script as Python literals (`repr`) or as comments of printable
characters, never as code. The script holds copies of this package's small functions for reading and scoring, so that it
scores a configuration as the package does. It evaluates at full fidelity; the pruner looks at the folds.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from kg.learners.registry import learner_named
from kg.model import CategoricalParameter, Condition, FloatParameter, IntParameter, Parameter, SearchSpace
from kg.tables import Table, prepare_table
from recommender import scoring, study_parts
from recommender.export_code import building_code, carried_rules, is_recoded, reading_code, stopping_code, study_code
from recommender.export_rounds import RoundsCode, rounds_code
from recommender.first_trials import starting_order
from recommender.proposal import Grounding, Proposal

_WIDTH = 110
_STANDARD = ("argparse", "gzip", "math", "re", "time", "warnings")
_SKLEARN = (
    "sklearn.base.BaseEstimator",
    "sklearn.base.ClassifierMixin",
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.compose.ColumnTransformer",
    "sklearn.impute.SimpleImputer",
    "sklearn.model_selection.KFold",
    "sklearn.model_selection.StratifiedKFold",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing.OneHotEncoder",
    "sklearn.preprocessing.OrdinalEncoder",
    "sklearn.preprocessing.StandardScaler",
)
#: Learner -> the error of its library that is none of Python's kinds.
_ERRORS = {"lightgbm": "lightgbm.basic.LightGBMError", "catboost": "catboost.CatBoostError"}
_SCORING = (scoring.score, scoring.label_score, scoring.class_probabilities, scoring.probability_score)


def export_script(proposal: Proposal, data_path: str | Path, target: str) -> str:
    """Return the source of a script that runs the study of `proposal`.

    Args:
        proposal: What to tune and how.
        data_path: The table; the script holds its absolute path, and takes another by ``--data``.
        target: The column to predict.

    Raises:
        TableError: Nothing can be learnt from the table.
        InputError: The learner cannot be built.
    """
    table = prepare_table(data_path, target, proposal.task.task_type)
    rounds = rounds_code(proposal)
    blocks = [
        _constants(proposal, table, Path(data_path)),
        reading_code(table, Path(data_path)),
        *_copies([*_reading_parts(Path(data_path)), *_SCORING, *_calibration_parts(proposal)]),
        "\n".join(_suggest(proposal)),
        building_code(proposal),
        _FOLDS,
        rounds.functions,
        _objective(rounds, _failures(proposal)),
        stopping_code(proposal, with_first_rounds=bool(rounds.functions)),
        study_code(proposal),
    ]
    body = "\n\n\n".join(block.strip("\n") for block in blocks if block) + "\n"
    return f"{_heading(proposal)}\n\n{_imports(proposal, body)}\n\n{body}"


def comment(text: str, indent: str = "") -> Iterator[str]:
    """Yield `text` as comment lines of printable characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    for line in textwrap.wrap(" ".join(plain.split()), _WIDTH - len(indent)):
        yield f"{indent}# {line}"


def because(why: Grounding | None, indent: str = "") -> Iterator[str]:
    """Yield why a value is what it is, and its first citations, as comment lines."""
    if why is None:
        return
    yield from comment(why.rationale, indent)
    shown = why.citations[:3]
    for iri in shown:
        yield from comment(f"evidence: {iri}", indent)
    if len(why.citations) > len(shown):
        yield from comment(f"... and {len(why.citations) - len(shown)} more", indent)


def _heading(proposal: Proposal) -> str:
    lines = [
        '"""A hyper-parameter study, written by Tunegraph. Run it: python study.py [--trials N] [--time S]."""',
        "",
    ]
    lines += comment(f"Learner: {proposal.learner.value}. {proposal.learner.rationale}")
    lines += comment(f"Metric: {proposal.metric.value}. {proposal.metric.rationale}")
    if proposal.sampler.value.name == "transfer":
        lines += comment("Sampler: TPE, as this script stands alone; `tunegraph tune` learns from other data sets.")
    if left_out := set(proposal.termination.value.rules) - set(carried_rules(proposal)):
        kinds = ", ".join(sorted(rule.kind.replace("_", " ") for rule in left_out))
        lines += comment(
            f"Stopping: without the rule by {kinds}, which needs a Gaussian process; stagnation stands in."
        )
    for warning in proposal.warnings:
        lines += comment(f"Warning: {warning}")
    return "\n".join(lines)


def _imports(proposal: Proposal, body: str) -> str:
    """Return the imports of what `body` uses."""
    spec = learner_named(proposal.learner.value)
    paths = [spec.implementations[proposal.task.task_type]]
    paths += [component[proposal.task.task_type] for component in spec.components.values()]
    modules = [path.rpartition(".") for path in (*paths, *_SKLEARN, *_ERRORS.values())]
    lines = ["from __future__ import annotations", ""]
    lines += [f"import {name}" for name in _STANDARD if f"{name}." in body]
    lines += ["from typing import Any", "", "import numpy as np", "import optuna", "import pandas as pd"]
    return "\n".join(
        [*lines, *sorted({f"from {m} import {name}" for m, _, name in modules if re.search(rf"\b{name}\b", body)})]
    )


def _failures(proposal: Proposal) -> str:
    """Return the names of what fits raise: some libraries have kinds that are none of Python's."""
    pythons = ["ArithmeticError", "LookupError", "MemoryError", "RuntimeError", "TypeError", "ValueError"]
    theirs = _ERRORS.get(proposal.learner.value, "").rpartition(".")[2]
    return ", ".join([*pythons, *([theirs] if theirs else [])])


def _constants(proposal: Proposal, table: Table, path: Path) -> str:
    protocol, budget = proposal.protocol.value, proposal.budget.value
    lines = [
        f"DATA = {str(path.resolve())!r}",
        f"TARGET = {table.target_name!r}",
        f"METRIC = {proposal.metric.value!r}",
        f"SEED = {proposal.task.seed}",
        *comment(proposal.protocol.rationale),
        f"FOLDS, REPEATS, STRATIFIED, SHUFFLE = "
        f"{protocol.folds}, {protocol.repeats}, {protocol.stratified and bool(table.classes)}, {protocol.shuffle}",
        *comment(proposal.budget.rationale),
        f"N_TRIALS, SECONDS, SECONDS_A_TRIAL = {budget.n_trials}, {budget.wall_clock_s!r}, {budget.per_trial_s!r}",
        "# Hyper-parameters that are not worth tuning.",
        *because(proposal.fixed),
        f"FIXED = {dict(proposal.fixed.value.items())!r}",
        "# Configurations to try first, in this order.",
        *because(proposal.warm_starts),
        "WARM_STARTS = [",
    ]
    space = proposal.search_space.value
    for number in starting_order(proposal):
        start = proposal.warm_starts.value[number]
        if space.contains(start.root):
            lines += because(proposal.warm_starts.parts.get(str(number), None), "    ")
            lines.append(f"    { ({n: v for n, v in start.items() if space[n].kind != 'constant'})!r},")
    return "\n".join([*lines, "]"])


def _reading_parts(path: Path) -> list[Callable[..., Any]]:
    parts = study_parts
    readers: list[Callable[..., Any]] = [
        parts.read_arff,
        parts.arff_attribute,
        parts.arff_row,
        parts.arff_split,
        parts.arff_text,
    ]
    columns: list[Callable[..., Any]] = [parts.as_text, parts.as_categories, parts.as_numbers, parts.as_days]
    return [*(readers if ".arff" in path.name.lower() else []), *columns]


def _calibration_parts(proposal: Proposal) -> list[Callable[..., Any]]:
    parts: list[Callable[..., Any]] = []
    if proposal.metric.value in scoring.PROBABILITY_METRICS:
        parts.append(study_parts.CalibrationFolds)
    if is_recoded(learner_named(proposal.learner.value), proposal.task.task_type):
        # Imported here, because it imports scikit-learn.
        from recommender.recoding import RecodedClassifier

        parts.append(RecodedClassifier)
    return parts


def _copies(functions: Iterable[Callable[..., Any]]) -> Iterator[str]:
    for function in functions:
        yield re.sub(r"  # type: ignore.*", "", inspect.getsource(function))


def _suggest(proposal: Proposal) -> Iterator[str]:
    space = proposal.search_space.value
    yield "def suggest(trial: optuna.Trial) -> dict[str, Any]:"
    yield '    """Return a configuration by the sampler: hyper-parameters that have an effect only."""'
    yield from because(proposal.search_space, "    ")
    yield "    chosen: dict[str, Any] = {}"
    for parameter in space.ordered():
        conditions = [condition for condition in space.conditions if condition.child == parameter.name]
        yield from because(proposal.search_space.parts.get(parameter.name, None), "    ")
        if conditions:
            yield f"    if {' and '.join(_holds(condition) for condition in conditions)}:"
        yield f"    {'    ' if conditions else ''}chosen[{parameter.name!r}] = {_suggestion(parameter)}"
    yield from _forbidden(space)
    yield "    return chosen"


def _holds(condition: Condition) -> str:
    return f"{condition.parent!r} in chosen and chosen[{condition.parent!r}] in {condition.values!r}"


def _suggestion(parameter: Parameter) -> str:
    match parameter:
        case FloatParameter():
            return (
                f"trial.suggest_float({parameter.name!r}, {parameter.low!r}, {parameter.high!r}, log={parameter.log})"
            )
        case IntParameter():
            return f"trial.suggest_int({parameter.name!r}, {parameter.low!r}, {parameter.high!r}, log={parameter.log})"
        case CategoricalParameter():
            return f"trial.suggest_categorical({parameter.name!r}, {list(parameter.choices)!r})"
        case _:
            return repr(parameter.value)


def _forbidden(space: SearchSpace) -> Iterator[str]:
    for forbidden in space.forbidden:
        clauses = [f"chosen.get({name!r}, ...) in {values!r}" for name, values in forbidden.clauses.items()]
        yield from comment(f"Forbidden. {forbidden.reason}", "    ")
        yield f"    if {' and '.join(clauses)}:"
        yield "        raise optuna.TrialPruned"


_FOLDS = '''
def folds(target: Any) -> list[tuple[Any, Any]]:
    """Return the rows to train and to test on."""
    found = []
    n_folds = min(FOLDS, int(np.bincount(target).max())) if STRATIFIED else FOLDS
    for repeat in range(REPEATS):
        kind = StratifiedKFold if STRATIFIED else KFold
        splitter = kind(n_splits=n_folds, shuffle=SHUFFLE, random_state=SEED + repeat if SHUFFLE else None)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            found += list(splitter.split(np.zeros((len(target), 1)), target))
    return found
'''


def _objective(rounds: RoundsCode, failures: str) -> str:
    return f'''
def allowed(study: optuna.Study) -> float:
    """Return the seconds that a trial may take: all there are until one has succeeded, so that there is a result."""
    complete = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
    took = [t.duration.total_seconds() for t in complete if t.duration]
    return max(SECONDS_A_TRIAL, 2 * min(took)) if took else SECONDS


def objective(trial: optuna.Trial, features: pd.DataFrame, target: Any) -> float:
    """Return the mean score over the folds; NaN, which makes the trial a failed one, where a fit fails."""
    configuration = {{**FIXED, **suggest(trial)}}
    trial.set_user_attr("configuration", configuration)
    scores: list[float] = []
{rounds.before}    started, limit = time.monotonic(), allowed(trial.study)
    for number, (train, test) in enumerate(folds(target)):
        if time.monotonic() - started > limit:
            trial.set_user_attr("reason", f"more than {{limit:.3g}} s")
            return math.nan
        try:
            model = build(configuration).fit(features.iloc[train], target[train])
            scores.append(score(model, features.iloc[test], target[test], METRIC, len(CLASSES)))
        except ({failures}) as error:
            trial.set_user_attr("reason", f"{{type(error).__name__}}: {{error}}")
            return math.nan
{rounds.fold}        trial.report({rounds.told}[-1] if PAIRED else float(np.mean({rounds.told})), number + (not PAIRED))
        if trial.should_prune():
            raise optuna.TrialPruned
{rounds.end}    return float(np.mean(scores))
'''
