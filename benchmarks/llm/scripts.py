"""What a scripted model does: it reads what the tools answered, as a model would, and writes a draft from it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

#: Tools that are called before a draft, in this order; each takes the learner but for the first two.
FIRST = ("similar_datasets", "compare_learners")
THEN = (
    "composed_draft",
    "evidence",
    "published_spaces",
    "top_configurations",
    "cost_and_fidelity",
    "past_studies",
    "claims",
)


@dataclass
class Seen:
    """What tool answers of a conversation hold, by tool."""

    answers: dict[str, Json] = field(default_factory=dict)

    def rows(self, tool: str) -> list[Json]:
        """Return the rows that a tool gave; none where it was not called."""
        found: list[Json] = self.answers.get(tool, {}).get("rows", [])
        return found

    @property
    def composed(self) -> Json:
        """The composed draft."""
        return self.answers.get("composed_draft", {})


def seen(messages: list[Json]) -> Seen:
    """Return what the tools answered in `messages`, as the chat API has them."""
    names = {call["id"]: call["function"]["name"] for m in messages for call in m.get("tool_calls") or ()}
    found = Seen()
    for message in messages:
        if message["role"] != "tool":
            continue
        name = names.get(message["tool_call_id"], "")
        try:
            answer = json.loads(message["content"])
        except (json.JSONDecodeError, TypeError):
            continue
        if isinstance(answer, dict) and "error" not in answer:
            found.answers[name] = answer
    return found


def honest_draft(known: Seen, rng: random.Random) -> Json:
    """Return a draft in which every value is one that the tools gave, with its label; some chance in which."""
    composed = known.composed
    learner = composed["learner"]
    parameters = []
    for parameter in (p for p in composed["parameters"] if p["kind"] != "constant"):
        wish = _from_runs(parameter, known, rng) if rng.random() < 0.5 else None
        if wish is None and rng.random() < 0.3:
            wish = _from_space(parameter, known, rng)
        parameters.append(wish or _as_composed(parameter))
    draft: Json = {
        "learner": learner,
        "learner_citations": composed["learner_cite"],
        "parameters": parameters,
        "rationale": f"Runs of {learner} on similar data sets were looked at.",
    }
    labels = [row["cite"] for row in (*composed["warm_starts"], *known.rows("top_configurations"))]
    inside = [
        row["cite"] for row in (*composed["warm_starts"], *known.rows("top_configurations")) if _fits(row, parameters)
    ]
    if labels and inside and rng.random() < 0.8:
        draft["warm_starts"] = inside[: rng.randint(1, 8)]
    summaries = [row for row in known.rows("evidence") if row["best_after_trials"]]
    if summaries and rng.random() < 0.4:
        draft["n_trials"] = rng.randint(20, 60)
        draft["n_trials_citations"] = [row["cite"] for row in summaries[:3]]
    return draft


def _as_composed(parameter: Json) -> Json:
    is_range = parameter["kind"] in ("int", "float")
    own = {"low": parameter["low"], "high": parameter["high"]} if is_range else {"choices": parameter["choices"]}
    return {
        "name": parameter["name"],
        "action": "range" if is_range else "choices",
        **own,
        "citations": parameter["cite"],
    }


def _from_runs(parameter: Json, known: Seen, rng: random.Random) -> Json | None:
    """Return the range in which the best runs on some near data sets lie."""
    name, kind = parameter["name"], parameter["kind"]
    rows = [(row["cite"], row["best_decile"][name]) for row in known.rows("evidence") if name in row["best_decile"]]
    rows = [(cite, found) for cite, found in rows if "low" in found and found["low"] < found["high"]]
    if not rows or kind not in ("int", "float"):
        return None
    some = rng.sample(rows, rng.randint(1, len(rows)))
    low, high = min(found["low"] for _, found in some), max(found["high"] for _, found in some)
    if kind == "int" and high - low < 2:
        return None
    why = f"The best runs there lie from {low:g} to {high:g}."
    return {"name": name, "action": "range", "low": low, "high": high, "citations": [c for c, _ in some], "why": why}


def _from_space(parameter: Json, known: Seen, rng: random.Random) -> Json | None:
    """Return the range of a published space."""
    found = [
        (row, p) for row in known.rows("published_spaces") for p in row["parameters"] if p["name"] == parameter["name"]
    ]
    found = [(row, p) for row, p in found if p["kind"] == parameter["kind"] and p["kind"] in ("int", "float")]
    found = [(row, p) for row, p in found if p["low"] >= parameter["low"] and p["high"] <= parameter["high"]]
    if not found:
        return None
    row, own = rng.choice(found)
    return {"name": own["name"], "action": "range", "low": own["low"], "high": own["high"], "citations": [row["cite"]]}


def _fits(row: Json, parameters: list[Json]) -> bool:
    """Say whether a configuration lies in the drafted ranges."""
    wishes = {wish["name"]: wish for wish in parameters}
    for name, value in row["configuration"].items():
        wish = wishes.get(name)
        if wish is None:
            continue
        if wish["action"] == "choices":
            if value not in wish["choices"]:
                return False
        elif not isinstance(value, int | float) or not wish["low"] <= value <= wish["high"]:
            return False
    return True
