"""Which kind of claim a setting and the words around it make."""

from __future__ import annotations

import re

from kg.model.evidence import ClaimKind

_TERMINATION = re.compile(
    r"stopping(?!.*metric)|patience|^tol(?:erance)?$|no_?improv|n_iter_no_change|early_?stop|od_wait"
    r"|od_pval|terminat|min_delta",
    re.IGNORECASE,
)
_FIDELITY = re.compile(
    r"^(?:train_?size|trainsize|fidelity\w*|(?:min|max|minimum|maximum)[_ ]budget|(?:min|max"
    r"|grace)[_ ](?:resources?|period|t)|resources?"
    r"|budget_type|r_min|r_max|eta_min|n_examples)$",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"^(?:n_?trials|n_?calls|n_?iter|evaluations|trials|max_?(?:evals|models|runtime\w*|time\w*"
    r"|evaluations|trials|configs)"
    r"|n_params|time_?(?:limit|budget|out)\w*|timeout\w*|wall_?clock\w*|runtime\w*|generations"
    r"|memory[_ ]limit|\w*time_limit\w*"
    r"|per_run_time_limit|time_left_for_this_task|max_total_time|max_cost\w*|max_evaluations\w*|budgets?"
    r"|number of (?:function |hyperparameter )?(?:evaluations|trials|configurations)|function evaluations"
    r"|total number of trials|(?:time|trial|evaluation|runtime|wall-clock) (?:limit|budget)|hours?|minutes|seconds)$",
    re.IGNORECASE,
)


_SEARCH = re.compile(
    r"(?:factor|reduction_?factor|initial[_ ]design.*|n_(?:startup|initial)\w*|startup trials|population.*|iterations"
    r"|aggressiveness|min_points_in_model|bandwidth_factor|min_bandwidth|top_n_percent|n_candidates"
    r"|n_ei_candidates|acq_func|xi|kappa|max_iter(?:ations)?|number of iterations|sampler|pruner|evaluations?)$",
    re.IGNORECASE,
)


def kind_for(parameter: str, kind: ClaimKind) -> ClaimKind:
    """Return what a default or a recommended value of `parameter` is called: of a budget, it is a budget.

    Args:
        parameter: As in the text.
        kind: What the words around it make it.
    """
    if kind not in {"default", "recommended_value", "range"}:
        return kind
    if kind == "default" and not _TERMINATION.search(parameter) and not _BUDGET.match(parameter):
        return kind
    if kind != "range" and _TERMINATION.search(parameter):
        return "termination"
    if _FIDELITY.match(parameter):
        return "fidelity"
    if kind != "range" and _BUDGET.match(re.sub(r"\s+", " ", parameter)):
        return "budget"
    return kind


def is_of_search(parameter: str) -> bool:
    """Say whether `parameter` is a setting of a search rather than of a model."""
    return bool(_BUDGET.match(parameter) or _FIDELITY.match(parameter) or _SEARCH.match(parameter))


def is_budget(parameter: str) -> bool:
    """Say whether `parameter` is how much to spend."""
    return bool(_BUDGET.match(parameter))
