"""Kinds of fault that a draft can hold: those of `benchmarks.faults` that a model can write, and citing wrongly."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from benchmarks.llm.scripts import Json, Seen

Lie = Callable[[Json, Seen, random.Random], bool]

#: Every kind of lie, by name. A lie that has no place in a draft says so by returning False.
LIES: dict[str, Lie] = {}


def lie(tell: Lie) -> Lie:
    """Register a kind of lie; its docstring says what is wrong."""
    LIES[tell.__name__] = tell
    return tell


def spoilt(draft: Json, known: Seen, rng: random.Random, rate: float) -> tuple[Json, list[str]]:
    """Return a draft with each kind of lie planted with probability `rate`, and the names of those that were."""
    found = copy.deepcopy(draft)
    names = [name for name in LIES if rng.random() < rate]
    rng.shuffle(names)
    return found, [name for name in names if LIES[name](found, known, rng)]


def _range(draft: Json, rng: random.Random) -> Json | None:
    found = [wish for wish in draft["parameters"] if wish["action"] == "range" and wish.get("low") is not None]
    return rng.choice(found) if found else None


def _any(draft: Json, rng: random.Random) -> Json | None:
    return rng.choice(draft["parameters"]) if draft["parameters"] else None


@lie
def citation_to_nothing(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A citation that was never shown."""
    wish = _any(draft, rng)
    if wish is None:
        return False
    wish["citations"] = [rng.choice(["E9999", "E0", "https://w3id.org/tunegraph/evidence/1", "[P3]", "Smith 2020"])]
    wish["high" if wish["action"] == "range" else "value"] = 12345.678
    return True


@lie
def citation_of_another_learner(draft: Json, known: Seen, rng: random.Random) -> bool:
    """A citation of evidence about another learner."""
    others = [row["cite"] for row in known.rows("compare_learners") if row["learner"] != draft["learner"]]
    wish = _range(draft, rng)
    if not others or wish is None:
        return False
    wish["citations"] = [rng.choice(others)]
    wish["high"] = wish["high"] * 3 + 1
    return True


@lie
def citation_of_no_bearing(draft: Json, known: Seen, rng: random.Random) -> bool:
    """A citation of a data set, which is no evidence of anything."""
    rows = known.rows("similar_datasets")
    wish = _any(draft, rng)
    if not rows or wish is None:
        return False
    wish["citations"] = [rng.choice(rows)["cite"]]
    return True


@lie
def no_citation(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A value that cites nothing."""
    wish = _range(draft, rng)
    if wish is None:
        return False
    wish["citations"], wish["low"] = [], wish["low"] / 7 - 0.001
    return True


@lie
def range_beyond_the_evidence(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A range that goes far beyond what it cites."""
    wish = _range(draft, rng)
    if wish is None:
        return False
    wish["high"] = wish["high"] * rng.choice([10, 1e6]) + 1
    return True


@lie
def range_missing_the_evidence(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A range that leaves out what its evidence found good."""
    wish = _range(draft, rng)
    if wish is None:
        return False
    wish["low"] = wish["high"] + 1
    wish["high"] = wish["high"] + 2
    return True


@lie
def swapped_bounds(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A range whose low is above its high."""
    wish = _range(draft, rng)
    if wish is None or wish["low"] == wish["high"]:
        return False
    wish["low"], wish["high"] = max(wish["low"], wish["high"]), min(wish["low"], wish["high"])
    return True


@lie
def one_point(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A range of a single point."""
    wish = _range(draft, rng)
    if wish is None:
        return False
    wish["high"] = wish["low"]
    return True


@lie
def invented_parameter(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A hyper-parameter that the learner does not have."""
    wish = _any(draft, rng)
    if wish is None:
        return False
    name = rng.choice(["dropout_rate", "warmup_steps", "n_qubits", "__class__", "C; rm -rf /"])
    draft["parameters"].append({**wish, "name": name})
    return True


@lie
def invented_choice(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A choice that the learner does not have."""
    found = [wish for wish in draft["parameters"] if wish["action"] == "choices" and wish.get("choices")]
    if not found:
        return False
    wish = rng.choice(found)
    wish["choices"] = [*wish["choices"], rng.choice(["quantum", 3.5, None, True])]
    return True


@lie
def fixed_without_reason(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A hyper-parameter set to a value that nothing cited has."""
    wish = _range(draft, rng)
    if wish is None:
        return False
    wish |= {"action": "fix", "value": wish["high"] * 5 + 3, "low": None, "high": None}
    return True


@lie
def parameter_twice(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A hyper-parameter that is there twice."""
    wish = _any(draft, rng)
    if wish is None:
        return False
    draft["parameters"].append(copy.deepcopy(wish))
    return True


@lie
def invented_learner(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A learner that does not exist, or cannot be had; seldom, since nothing is left of a draft without its learner."""
    if rng.random() > 0.1:
        return False
    draft["learner"] = rng.choice(["deep_forest_9000", "rpart", "", "__import__('os')"])
    return True


@lie
def invented_start(draft: Json, known: Seen, rng: random.Random) -> bool:
    """A warm start that is no configuration that was shown."""
    rows = known.rows("similar_datasets")
    wrong = [rows[0]["cite"]] if rows and rng.random() < 0.5 else ["E4711"]
    draft["warm_starts"] = [*draft.get("warm_starts", []), *wrong]
    return True


@lie
def degenerate_budget(draft: Json, known: Seen, rng: random.Random) -> bool:
    """No trials, or more than anybody can run, with nothing cited or something cited for it."""
    rows = known.rows("evidence")
    draft["n_trials"] = rng.choice([-5, 0, 1, 10**7])
    draft["n_trials_citations"] = [rows[0]["cite"]] if rows and rng.random() < 0.5 else []
    return True


@lie
def invented_fidelity(draft: Json, known: Seen, rng: random.Random) -> bool:
    """A fidelity that nothing was measured at."""
    rows = known.rows("cost_and_fidelity") or known.rows("evidence")
    draft["fidelity_parameter"] = rng.choice(["epochs", "training_fraction", "n_estimators"])
    draft["fidelity_min"] = rng.choice([-1.0, 0.0, 1e-6, 1.0, 1e9])
    draft["fidelity_citations"] = [rows[0]["cite"]] if rows else ["E1"]
    return True


@lie
def stops_at_once(draft: Json, known: Seen, rng: random.Random) -> bool:
    """A rule that stops at once or never."""
    draft["patience"] = rng.choice([0, 1, 10**9, 3])
    rows = known.rows("evidence")
    draft["patience_citations"] = [rows[0]["cite"]] if rows else []
    return True


@lie
def another_metric(draft: Json, _: Seen, rng: random.Random) -> bool:
    """Another metric than the task's."""
    draft["metric"] = rng.choice(["speed", "r2_adjusted", "cohen_kappa"])
    return True


@lie
def fabricated_score(draft: Json, _: Seen, rng: random.Random) -> bool:
    """A predicted score, which no draft has, and one in the words."""
    score = 0.9 + rng.random() / 11
    draft["prediction"] = {"scores": [{"k": 10, "expected": score}]}
    draft["rationale"] = f"It will reach {score:.6f}. As E9999 says, this is the best."
    return True


@lie
def fabricated_quote(draft: Json, _: Seen, rng: random.Random) -> bool:
    """Words that no text has."""
    wish = _any(draft, rng)
    if wish is None:
        return False
    wish["why"] = 'As the guide says: "this range has won every competition so far".'
    return True


@lie
def link_in_words(draft: Json, _: Seen, __: random.Random) -> bool:
    """Words that hold a link or markup."""
    draft["rationale"] = draft.get("rationale", "") + " See [here](https://example.org/x). <script>alert(1)</script>"
    return True
