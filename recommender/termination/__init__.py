"""When a study stops, and why: rules behind one function, each of which looks at the trace and says so in words."""

from recommender.termination.room import error_of_cross_validation, expected_minimum_regret, room_for_gain
from recommender.termination.rules import StopDecision, Trace, apply_rule, decide, needs_points, trials_without_gain

__all__ = [
    "StopDecision",
    "Trace",
    "apply_rule",
    "decide",
    "error_of_cross_validation",
    "expected_minimum_regret",
    "needs_points",
    "room_for_gain",
    "trials_without_gain",
]
