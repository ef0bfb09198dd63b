"""Every rule by name: what a composed value may say that it was derived by."""

from __future__ import annotations

from recommender.composing import fixed_values, foresight, measured_space, measured_starts, plans, published
from recommender.composing.registry_space import default_warm_starts, predefined_default, wide_registry_space
from recommender.composing.rule import Rule

#: Rules that give a whole field.
RULES: dict[str, Rule] = {
    "best_learner": plans.learner,
    "task_metric": plans.metric,
    "folds": plans.protocol,
    "narrowed_space": measured_space.narrowed_space,
    "published_space": published.published_space,
    "registry_space": wide_registry_space,
    "covering_portfolio": measured_starts.covering_portfolio,
    "study_warm_starts": published.study_warm_starts,
    "default_warm_starts": default_warm_starts,
    "sampler": plans.sampler,
    "transfer_sampler": plans.transfer_sampler,
    "pruner": plans.pruner,
    "budget": foresight.budget,
    "fidelity": plans.fidelity,
    "termination": foresight.termination,
    "prediction": foresight.prediction,
    "fixed": fixed_values.fixed,
    "nothing_fixed": fixed_values.nothing_fixed,
    "advice": plans.advice,
    "predefined_default": predefined_default,
}

#: Rules that give a part of a field: a range, a warm start, a fixed value.
PART_RULES: dict[str, Rule] = {
    "narrowed_parameter": measured_space.narrowed_parameter,
    "support_point": measured_starts.support_point,
    "published_parameter": published.published_parameter,
    "fixed_value": fixed_values.fixed_value,
}
