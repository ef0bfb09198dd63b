"""The parts of an exported script that depend on the table, the learner and the rules."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from kg.columns import ColumnKind
from kg.learners.registry import estimator, learner_named
from kg.learners.spec import LearnerSpec
from kg.model import TaskType, metric_named
from kg.table_files import read_options
from kg.tables import Table
from recommender.defaults import PATIENCE
from recommender.export_rounds import EARLIER, PART_OF
from recommender.pipeline import MAX_CATEGORIES
from recommender.proposal import (
    Cost,
    MaxTrials,
    Proposal,
    Rule,
    Stagnation,
    TargetReached,
    WallClock,
    stand_in_startup,
)
from recommender.samplers import pruner_options
from recommender.scoring import PROBABILITY_METRICS


def reading_code(table: Table, path: Path) -> str:
    """Return the code that reads the table: ``load(path)`` gives features and encoded target."""
    names = {
        kind: [name for name, found in table.kinds.items() if found is kind]
        for kind in (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.DATETIME)
    }
    return f'''
NUMERIC = {names[ColumnKind.NUMERIC]!r}
CATEGORICAL = {names[ColumnKind.CATEGORICAL]!r}
DATES = {names[ColumnKind.DATETIME]!r}
# Classes in order; empty in regression. Rows of other classes, or without one, are left out.
CLASSES = {list(table.classes)!r}


def load(path: str) -> tuple[pd.DataFrame, Any]:
    """Return the features and the target: positions in CLASSES, or numbers."""
    frame = {_reader(path)}.rename(columns=str)
    target = as_categories(frame[TARGET]) if CLASSES else as_numbers(frame[TARGET])
    rows = (target.isin(CLASSES) if CLASSES else target.notna()).to_numpy()
    features = pd.DataFrame(
        {{name: as_numbers(frame[name]) for name in NUMERIC}}
        | {{name: as_categories(frame[name]) for name in CATEGORICAL}}
        | {{name: as_days(frame[name]) for name in DATES}}
    )
    encoded = target[rows].map({{name: i for i, name in enumerate(CLASSES)}}) if CLASSES else target[rows]
    return features[rows].reset_index(drop=True), encoded.to_numpy(dtype=int if CLASSES else float)
'''


def building_code(proposal: Proposal) -> str:
    """Return the code that builds the pipeline: ``build(configuration)``."""
    spec = learner_named(proposal.learner.value)
    task_type = proposal.task.task_type
    calibrated = proposal.metric.value in PROBABILITY_METRICS and task_type is TaskType.CLASSIFICATION
    lines = [
        "def build(configuration: dict[str, Any]) -> Pipeline:",
        '    """Return the unfitted pipeline of a configuration."""',
        *_learner_lines(proposal, spec),
        *(["    if not hasattr(learner, 'predict_proba'):"] if calibrated else []),
        *(
            ["        learner = CalibratedClassifierCV(learner, ensemble=False, cv=CalibrationFolds())"]
            if calibrated
            else []
        ),
        *(["    learner = RecodedClassifier(learner)"] if is_recoded(spec, task_type) else []),
        *_preprocessing_lines(spec),
        "    steps = [step for step in steps if step[2]]",
        '    prepare = ColumnTransformer(steps, remainder="drop", verbose_feature_names_out=False)',
        '    return Pipeline([("prepare", prepare), ("learn", learner)])',
    ]
    return "\n".join(lines)


def is_recoded(spec: LearnerSpec, task_type: TaskType) -> bool:
    """Say whether the learner must be given its classes as 0, 1, 2, ..."""
    return spec.needs.target_encoded and task_type is TaskType.CLASSIFICATION


#: What takes the place of rules that need a Gaussian process: Optuna's own patience.
STAND_IN = Stagnation(patience=PATIENCE)


def carried_rules(proposal: Proposal) -> tuple[Rule, ...]:
    """Return the rules that the script has: where one needs a process that it lacks, stagnation stands in for it."""
    rules = proposal.termination.value.rules
    kept = tuple(rule for rule in rules if isinstance(rule, Stagnation | TargetReached | WallClock | Cost | MaxTrials))
    has_stand_in = len(kept) == len(rules) or any(isinstance(rule, Stagnation) for rule in kept)
    return kept if has_stand_in else (*kept, STAND_IN)


def stopping_code(proposal: Proposal, *, with_first_rounds: bool = False) -> str:
    """Return the code of the stopping rules: ``stop(study, trial)``, a callback.

    Args:
        proposal: Holds the rules.
        with_first_rounds: Whether the script adds trials that are the first rounds of others (`rounds_code`). These
            count no more than what they add to the others' scores.
    """
    termination, sign = proposal.termination.value, 1 if metric_named(proposal.metric.value).greater_is_better else -1
    rules = ",\n        ".join(_rule_code(rule, sign) for rule in carried_rules(proposal))
    counts = f" and {PART_OF!r} not in t.user_attrs" if with_first_rounds else ""
    value = f"t.user_attrs.get({EARLIER!r}, t.value)" if with_first_rounds else "t.value"
    return f'''
STARTED = time.monotonic()


def without_gain(gains: list[float], tolerance: float) -> int:
    """Return the trials since the best last rose by more than `tolerance`."""
    best, since = -math.inf, 0
    for gain in gains:
        best, since = (gain, 0) if gain > best + tolerance else (best, since + 1)
    return since


def stop(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    """Stop the study when {"any rule" if termination.combine == "any" else "every rule"} says so."""
    finished = [t for t in study.trials if t.state.is_finished(){counts}]
    complete = optuna.trial.TrialState.COMPLETE
    gains = [{sign} * {value} if t.state == complete and t.value is not None else -math.inf for t in finished]
    rules = [
        {rules},
    ]
    if {termination.combine}(holds for holds, _ in rules):
        study.set_user_attr("stop_reason", "; ".join(reason for holds, reason in rules if holds))
        study.stop()
'''


def study_code(proposal: Proposal) -> str:
    """Return the code that makes and runs the study."""
    direction = "maximize" if metric_named(proposal.metric.value).greater_is_better else "minimize"
    return f'''
# Whether the pruner compares trials fold by fold.
PAIRED = {proposal.pruner.value.name == "wilcoxon"}


def main() -> None:
    """Run the study and print the best configuration."""
    options = argparse.ArgumentParser(description="Run the study.")
    options.add_argument("--data", default=DATA)
    options.add_argument("--trials", type=int, default=N_TRIALS)
    options.add_argument("--time", type=float, default=SECONDS, help="seconds")
    options.add_argument("--storage", default=None, help="Optuna storage URL; default: in memory")
    given = options.parse_args()
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    features, target = load(given.data)
    study = optuna.create_study(
        storage=given.storage,
        direction={direction!r},
        sampler={_sampler_code(proposal)},
        pruner={_pruner_code(proposal)},
    )
    for configuration in WARM_STARTS:
        study.enqueue_trial(configuration)
    study.optimize(
        lambda trial: objective(trial, features, target),
        n_trials=given.trials,
        timeout=given.time,
        n_jobs={proposal.budget.value.n_workers},
        callbacks=[stop],
    )
    ended = [trial for trial in study.trials if trial.state.is_finished()]
    if not any(trial.state == optuna.trial.TrialState.COMPLETE for trial in ended):
        raise SystemExit("No trial succeeded: " + str(study.trials[0].user_attrs.get("reason", "")))
    print("Stopped because:", study.user_attrs.get("stop_reason", "the budget is spent"))
    print(f"Best {{METRIC}}: {{study.best_value:.6g}} (trial {{study.best_trial.number + 1}} of {{len(ended)}})")
    print("Best configuration:", study.best_trial.user_attrs["configuration"])


if __name__ == "__main__":
    main()
'''


def _reader(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes[-1:] == [".arff"]:
        return "read_arff(path)"
    if suffixes[-1:] in ([".parquet"], [".pq"]):
        return "pd.read_parquet(path)"
    options = "".join(f", {name}={value!r}" for name, value in read_options(path).items())
    return f'pd.read_csv(path{options}, na_values=["?"], skipinitialspace=True, low_memory=False)'


def _learner_lines(proposal: Proposal, spec: LearnerSpec) -> Iterator[str]:
    task_type = proposal.task.task_type
    accepted = _accepted(spec, task_type)
    names = {*proposal.search_space.value.names, *proposal.fixed.value}
    composed = {name for name in names if spec[name].composed_into}
    nested = {name: value for name, value in spec.effective({}, task_type).items() if "__" in name}
    yield f"    settings = {{**{nested!r}, **configuration}}" if nested else "    settings = dict(configuration)"
    for name in sorted(names - accepted - composed):
        yield f"    settings.pop({name!r}, None)  # the installed library has it no more"
    if composed:
        width = spec.effective({}, task_type)
        yield (
            f'    layers = (settings.pop("hidden_layer_width", {width["hidden_layer_width"]!r}),)'
            f' * settings.pop("n_hidden_layers", {width["n_hidden_layers"]!r})'
        )
        yield '    settings["hidden_layer_sizes"] = layers'
    for dependency in spec.conditions:
        if dependency.refused and dependency.child in names & accepted:
            default = spec.effective({}, task_type).get(dependency.parent)
            values, wrong = (dependency.values, "not in") if dependency.values else (dependency.unless, "in")
            yield f"    if settings.get({dependency.parent!r}, {default!r}) {wrong} {values!r}:"
            yield f"        settings.pop({dependency.child!r}, None)  # refused beside it"
    arguments = [f"{name}={value!r}" for name, value in spec.fixed.items()]
    arguments += [f"{n}={paths[task_type].rpartition('.')[2]}()" for n, paths in spec.components.items()]
    arguments += [f"{spec.seed_parameter}=SEED"] if spec.seed_parameter else []
    class_name = spec.implementations[task_type].rpartition(".")[2]
    if nested:
        yield '    parts = {name: settings.pop(name) for name in list(settings) if "__" in name}'
    yield f"    learner: Any = {class_name}({', '.join([*arguments, '**settings'])})"
    if nested:
        yield "    learner.set_params(**parts)"


def _accepted(spec: LearnerSpec, task_type: TaskType) -> set[str]:
    """Return the names that the installed library takes; CatBoost tells of what is set only, XGBoost takes any."""
    built = estimator(spec, task_type, {}, seed=0)
    return {*built.get_params(), *inspect.signature(type(built).__init__).parameters}


def _preprocessing_lines(spec: LearnerSpec) -> Iterator[str]:
    impute = 'SimpleImputer(strategy="median", keep_empty_features=True)'
    steps = [f'("impute", {impute})'] if spec.needs.imputed else []
    steps += ['("scale", StandardScaler())'] if spec.needs.scaled else []
    numbers = f"Pipeline([{', '.join(steps)}])" if steps else '"passthrough"'
    missing = "-2" if spec.needs.imputed else "np.nan"
    words = (
        f'OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories={MAX_CATEGORIES})'
        if spec.needs.scaled
        else f'OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value={missing})'
    )
    yield "    steps: list[tuple[str, Any, list[str]]] = ["
    yield f'        ("numeric", {numbers}, NUMERIC),'
    yield f'        ("categorical", {words}, CATEGORICAL),'
    yield f'        ("datetime", {numbers}, DATES),'
    yield "    ]"


def _rule_code(rule: Rule, sign: int) -> str:
    match rule:
        case Stagnation():
            return (
                f"(without_gain(gains, {rule.tolerance!r}) >= {rule.patience},"
                f' "{rule.patience} trials without a gain above {rule.tolerance!r}")'
            )
        case TargetReached():
            return f'(max(gains) >= {sign * rule.score!r}, "the score {rule.score!r} is reached")'
        case WallClock():
            return f'(time.monotonic() - STARTED >= {rule.seconds!r}, "{rule.seconds!r} seconds are over")'
        case Cost():
            took = "sum(t.duration.total_seconds() for t in finished if t.duration)"
            return f'({took} >= {rule.seconds!r}, "the trials took {rule.seconds!r} seconds")'
        case MaxTrials():
            return f'(len(finished) >= {rule.n_trials}, "{rule.n_trials} trials are finished")'
        case _:
            raise AssertionError(f"{rule.kind} is not carried")


def _sampler_code(proposal: Proposal) -> str:
    sampler = proposal.sampler.value
    if sampler.name == "random":
        return "optuna.samplers.RandomSampler(seed=SEED)"
    n_startup = stand_in_startup(proposal) if sampler.name == "transfer" else sampler.n_startup_trials
    return (
        f"optuna.samplers.TPESampler(n_startup_trials={n_startup}, multivariate={sampler.multivariate},"
        f" group={sampler.multivariate}, constant_liar={proposal.budget.value.n_workers > 1}, seed=SEED)"
    )


def _pruner_code(proposal: Proposal) -> str:
    name, options = pruner_options(proposal, fidelity=None)
    return f"optuna.pruners.{name}({', '.join(f'{option}={value!r}' for option, value in options.items())})"
