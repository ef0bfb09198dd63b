"""Faults of stage 3: evidence that is not there, is about something else, or says something else."""

from __future__ import annotations

from typing import Any

from benchmarks.faults.planting import Json, Plot, fault

_FIELDS = ("search_space", "warm_starts", "budget", "termination", "prediction", "protocol", "sampler")


def _cited(plot: Plot) -> Json:
    """Return a field or a part of one that cites evidence."""
    found: list[Json] = []
    for name in _FIELDS:
        field = plot.draft[name]
        found += [one for one in (field, *field["parts"].values()) if one["citations"]]
    picked: Json = plot.pick(found)
    return picked


@fault("grounding", "citation_to_nothing")
def citation_to_nothing(plot: Plot) -> None:
    """A citation of evidence that the graph does not hold."""
    cited = plot.draft[plot.pick(_FIELDS)]
    wrong = f"https://w3id.org/tunegraph/evidence/{plot.rng.randrange(10**12)}"
    cited["citations"] = [*cited["citations"], wrong]


@fault("grounding", "citation_to_nothing")
def mangled_citation(plot: Plot) -> None:
    """A citation with some characters changed."""
    cited = _cited(plot)
    place = plot.rng.randrange(len(cited["citations"]))
    text = cited["citations"][place]
    cited["citations"][place] = text[:-4] + "".join(plot.rng.choices("0123456789abcdef", k=4)) + "x"


@fault("grounding", "citation_beside_the_point")
def citation_of_another_learner(plot: Plot) -> None:
    """A citation of evidence about another learner."""
    others = [iri for learner, iris in plot.world.evidence.items() if learner != plot.learner for iri in iris]
    name = plot.pick(["search_space", "warm_starts", "budget", "prediction", "termination"])
    plot.draft[name]["citations"] = [*plot.draft[name]["citations"], plot.pick(others)]


@fault("grounding", "citation_beside_the_point")
def citation_of_no_bearing(plot: Plot) -> None:
    """A citation for what follows from no evidence."""
    name = plot.pick(["metric", "protocol", "sampler", "pruner"])
    known = [iri for iris in plot.world.evidence.values() for iri in iris]
    plot.needs(plot.draft[name]["derivation"]["rule"] != "predefined_default")
    plot.draft[name]["citations"] = [plot.pick(known)]


@fault("grounding", "value_differs", "not_derivable")
def citation_that_says_otherwise(plot: Plot) -> None:
    """A range that is said to come from evidence that gives another one."""
    field = plot.draft["search_space"]
    plot.needs(field["citations"] and field["derivation"]["rule"] in ("narrowed_space", "published_space"))
    others = [iri for iri in plot.world.evidence.get(plot.learner, ()) if iri not in field["citations"]]
    field["citations"] = [plot.pick(others)]


@fault("grounding", "value_differs", "not_derivable")
def range_missing_the_evidence(plot: Plot) -> None:
    """A range that leaves out most of what its evidence found good."""
    parameter = plot.numeric()
    low, high = parameter["low"], parameter["high"]
    plot.needs(high - low >= 4)
    if parameter["kind"] == "int":
        parameter["low"] = high - max(1, (high - low) // 10)
    else:
        parameter["low"] = high - (high - low) / 10
    for start in plot.starts:
        if isinstance(start.get(parameter["name"]), int | float):
            start[parameter["name"]] = max(start[parameter["name"]], parameter["low"])


@fault("grounding", "value_differs")
def fabricated_score(plot: Plot) -> None:
    """Predicted scores that no evidence gives."""
    prediction = plot.value("prediction")
    if not prediction["scores"]:
        prediction["scores"] = [{"k": 1, "low": 0.71, "expected": 0.78, "high": 0.84}]
        return
    for score in prediction["scores"]:
        for end in ("low", "expected", "high"):
            score[end] *= 0.97


@fault("grounding", "score_not_in_evidence")
def fabricated_score_in_words(plot: Plot) -> None:
    """A score in a rationale that nothing in the graph has."""
    score = 0.9 + plot.rng.randrange(1, 99_999) / 1e6
    told = plot.pick([f"It reached an accuracy of {score:.5f}.", f"AUC {score:.5f} there.", f"It scored {score:.3%}."])
    plot.draft[plot.pick(_FIELDS)]["rationale"] += f" {told}"


@fault("grounding", "value_differs")
def fabricated_start(plot: Plot) -> None:
    """A warm start that no cited run has."""
    parameter = plot.numeric(kind="float")
    start = plot.pick([s for s in plot.starts if isinstance(s.get(parameter["name"]), float)])
    low, high = parameter["low"], parameter["high"]
    value = low + plot.rng.uniform(0.2, 0.8) * (high - low)
    start[parameter["name"]] = value


@fault("grounding", "neighbour_differs")
def fabricated_neighbour(plot: Plot) -> None:
    """A similar data set that is not as similar, or does not weigh as much, as is said."""
    neighbour = plot.pick(plot.draft["neighbours"][:10])
    if plot.rng.random() < 0.5 and neighbour["distance"] is not None:
        neighbour["distance"] = neighbour["distance"] / 2 - 0.01
    else:
        neighbour["weight"] = min(1.0, neighbour["weight"] * 1.5 + 0.05)


@fault("grounding", "neighbour_differs")
def fabricated_novelty(plot: Plot) -> None:
    """A task that is said to be more, or less, like the known ones than it is."""
    novelty = plot.draft["novelty"]
    plot.needs(novelty is not None)
    plot.draft["novelty"] = novelty + 0.3 if novelty < 0.5 else novelty - 0.3


@fault("grounding", "citation_to_nothing", "neighbour_differs")
def invented_neighbour(plot: Plot) -> None:
    """A similar data set that does not exist."""
    neighbours = plot.draft["neighbours"]
    plot.needs(neighbours)
    plot.pick(neighbours)["dataset"] = "https://www.openml.org/d/99999999"


@fault("grounding", "not_grounded")
def value_without_a_reason(plot: Plot) -> None:
    """A value that names no rule that it follows from."""
    plot.draft[plot.pick([name for name in _FIELDS if _says_something(plot.draft[name]["value"])])]["derivation"] = None


def _says_something(value: Any) -> bool:
    """Say whether a value needs a reason: no warm starts and no predicted scores need none."""
    return bool(value) and not (isinstance(value, dict) and value.get("scores") == [])


@fault("grounding", "unknown_rule")
def invented_rule(plot: Plot) -> None:
    """A value by a rule that does not exist."""
    plot.draft[plot.pick(_FIELDS)]["derivation"] = {"rule": "expert_intuition", "arguments": {}}


@fault("grounding", "not_derivable", "value_differs")
def another_rule(plot: Plot) -> None:
    """A value by a rule that gives another one, or none."""
    field = plot.draft["search_space"]
    field["derivation"] = {"rule": plot.pick(["budget", "covering_portfolio", "pruner"]), "arguments": {}}


@fault("grounding", "confidence_overstated")
def overstated_confidence(plot: Plot) -> None:
    """More confidence than the cited evidence supports."""
    field = plot.draft[plot.pick(_FIELDS)]
    plot.needs(field["confidence"] < 0.9)
    field["confidence"] = 0.99


@fault("grounding", "not_grounded")
def account_of_nothing(plot: Plot) -> None:
    """An account of a part that the value does not have."""
    field = plot.draft["search_space"]
    field["parts"]["not_there"] = {key: field[key] for key in ("citations", "derivation", "rationale", "confidence")}


@fault("grounding", "argument_not_supported")
def tighter_than_the_data_bear(plot: Plot) -> None:
    """A space that is cut tighter than its evidence bears, by an argument of its rule."""
    field = plot.draft["search_space"]
    plot.needs(field["derivation"]["rule"] == "narrowed_space")
    for one in (field, *field["parts"].values()):
        one["derivation"]["arguments"]["level"] = plot.pick([0.3, 0.4, 0.45])


@fault("grounding", "argument_not_supported")
def made_up_time_of_a_trial(plot: Plot) -> None:
    """A budget that rests on seconds of a trial that nothing measured."""
    derivation = plot.draft["budget"]["derivation"]
    plot.needs(derivation["rule"] == "budget")
    derivation["arguments"]["trial_s"] = plot.pick([0.01, 40.0, 1000.0])


@fault("grounding", "argument_not_supported", "value_differs", "not_derivable")
def argument_of_another_field(plot: Plot) -> None:
    """A rule that is told other warm starts, trials or folds than the proposal has."""
    places = [
        (field, key)
        for field in ("budget", "termination", "sampler", "pruner", "advice")
        for key in ("n_warm_starts", "n_trials", "folds")
        if key in plot.draft[field]["derivation"]["arguments"]
    ]
    field, key = plot.pick(places)
    plot.draft[field]["derivation"]["arguments"][key] += plot.rng.randint(1, 30)


def _part(plot: Plot, *, other: bool = False) -> tuple[Json, Json]:
    """Return the account of a searched parameter, and a claim about it (or about another one)."""
    parts = plot.draft["search_space"]["parts"]
    known = {claim.hyperparameter: claim for claim in plot.world.claims if claim.learner == plot.learner}
    names = [p["name"] for p in plot.parameters if p["name"] in parts and p["name"] in known and "low" in p]
    name = plot.pick(names)
    if other:
        return parts[name], known[plot.pick([n for n in known if n != name])].model_dump(mode="json")
    return parts[name], known[name].model_dump(mode="json")


def _cite(part: Json, claim: Json) -> None:
    part["citations"] = [*part["citations"], claim["iri"]]
    part["confidence"] = 0.0


@fault("grounding", "citation_beside_the_point")
def claim_about_another_parameter(plot: Plot) -> None:
    """A citation of a claim about another hyper-parameter."""
    part, claim = _part(plot, other=True)
    _cite(part, claim)


@fault("grounding", "citation_says_otherwise")
def claim_that_says_otherwise(plot: Plot) -> None:
    """A citation of a claim whose numbers do not support the range."""
    parts = plot.draft["search_space"]["parts"]
    contrary = {claim.hyperparameter: claim for claim in plot.world.contrary if claim.learner == plot.learner}
    name = plot.pick([p["name"] for p in plot.parameters if p["name"] in parts and p["name"] in contrary])
    _cite(parts[name], contrary[name].model_dump(mode="json"))


@fault("grounding", "quote_not_found")
def quote_not_in_its_paper(plot: Plot) -> None:
    """A claim whose quote does not stand in its document, or words that no cited text has."""
    part, claim = _part(plot)
    if plot.rng.random() < 0.5:
        parts = plot.draft["search_space"]["parts"]
        forged = [c for c in plot.world.forged if c.learner == plot.learner and c.hyperparameter in parts]
        claim = plot.pick(forged).model_dump(mode="json")
        part = parts[claim["hyperparameter"]]
    else:
        part["rationale"] = f'As the guide says: "{plot.pick(_INVENTED)}"'
    _cite(part, claim)


_INVENTED = (
    "this range has won every competition so far",
    "values outside of these bounds are never any good",
    "we found these ends to be optimal on all data sets",
)
