"""The first rounds of a boosted ensemble in an exported script: fewer rounds are tried by predictions alone.

As in a study (`recommender.early_rounds`): of an ensemble that does better with its first rounds, these become a
finished trial beside the budget. Carried for libraries whose predictions take a number of rounds; scikit-learn's own
ensembles would need another way of scoring, and have all their rounds in a script.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.learners.registry import learner_named
from kg.model import IntParameter, metric_named
from recommender.early_rounds import MOST
from recommender.proposal import Proposal

#: Learner -> the option by which it predicts with so many rounds, and when these are what fewer rounds would have
#: given: not where trees are dropped and scaled anew, nor where the learning rate follows from the number of rounds.
_CARRIED = {
    "xgboost": ("iteration_range=(0, rounds)", 'configuration.get("booster", "gbtree") == "gbtree"'),
    "lightgbm": ("num_iteration=rounds", 'configuration.get("boosting_type", "gbdt") == "gbdt"'),
    "catboost": ("ntree_end=rounds", '"learning_rate" in configuration'),
}
#: User attributes of trials of the script: of the first rounds of another one's fits, the number of that one; and of
#: that one, the score that it has with them.
PART_OF, EARLIER = "first_rounds_of", "with_first_rounds"


@dataclass(frozen=True)
class RoundsCode:
    """What a script needs for first rounds; all empty where it has none."""

    functions: str = ""
    before: str = ""
    """In the objective, before the folds."""
    fold: str = ""
    """In the objective, once a fold is scored."""
    end: str = ""
    """In the objective, once all folds are."""
    told: str = "scores"
    """What the pruner is told of."""


def rounds_code(proposal: Proposal) -> RoundsCode:
    """Return the code of first rounds for the script of `proposal`; empty where it searches no number of rounds."""
    learner, space = proposal.learner.value, proposal.search_space.value
    fidelity = learner_named(learner).fidelity
    name = fidelity.parameter if fidelity is not None else ""
    searched = next((parameter for parameter in space.parameters if parameter.name == name), None)
    if learner not in _CARRIED or not isinstance(searched, IntParameter):
        return RoundsCode()
    option, holds = _CARRIED[learner]
    better = "max" if metric_named(proposal.metric.value).greater_is_better else "min"
    return RoundsCode(
        functions=_functions(name, searched.low, holds, better),
        before="    fewer: dict[int, list[float]] = {rounds: [] for rounds in smaller_numbers(configuration)}\n",
        fold=f"""\
        learner, prepared = model["learn"], model["prepare"].transform(features.iloc[test]) if fewer else None
        for rounds, found in fewer.items():
            found.append(score(learner, prepared, target[test], METRIC, len(CLASSES), {option}))
        best = {better}([scores, *fewer.values()], key=np.mean)
""",
        end="    add_first_rounds(trial, configuration, fewer, scores)\n",
        told="best",
    )


def _functions(name: str, low: int, holds: str, better: str) -> str:
    return f'''
def smaller_numbers(configuration: dict[str, Any]) -> list[int]:
    """Return the smaller numbers of rounds whose scores the fits of a configuration hold, in geometric steps."""
    asked = configuration.get({name!r}, 0)
    has_parts = {holds}
    numbers = {{round(asked / 2 ** (place / 2)) for place in range(1, {MOST + 1})}}
    return sorted((number for number in numbers if has_parts and {low} <= number < asked), reverse=True)


def add_first_rounds(
    trial: optuna.Trial, configuration: dict[str, Any], fewer: dict[int, list[float]], scores: list[float]
) -> None:
    """Add the best smaller number of rounds to the study as a finished trial, where it is better than all rounds."""
    best = {better}([0, *fewer], key=lambda number: float(np.mean(fewer.get(number, scores))))
    if best in fewer:
        value = float(np.mean(fewer[best]))
        means = [float(np.mean(fewer[best][: fold + 1])) for fold in range(len(fewer[best]))]
        trial.set_user_attr({EARLIER!r}, value)
        trial.study.add_trial(
            optuna.trial.create_trial(
                value=value,
                params={{**trial.params, {name!r}: best}},
                distributions=trial.distributions,
                intermediate_values=dict(enumerate(fewer[best] if PAIRED else means, int(not PAIRED))),
                user_attrs={{"configuration": {{**configuration, {name!r}: best}}, {PART_OF!r}: trial.number}},
            )
        )
'''
