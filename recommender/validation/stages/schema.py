"""Stage 1: the draft is a proposal, and what stands where values belong are values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from kg.model import ParameterValue, SearchSpace
from recommender.proposal import Proposal
from recommender.validation.faults import MAX_FINDINGS, findings_of, guessed_types, refusal
from recommender.validation.prose import prose_faults, without_orders
from recommender.validation.stage import Draft, GateContext, StageVerdict, failed
from recommender.validation.verdict import Finding

#: Bytes of JSON beyond which a draft is not read; a proposal with 200 warm starts has about 100,000.
MAX_BYTES = 5_000_000
#: What a hyper-parameter's name or textual value looks like in every library of the registry.
PLAIN = re.compile(r"[A-Za-z0-9_.:+,()\[\]\-]{0,40}")


def parse(draft: Mapping[str, Any] | str | bytes) -> tuple[Proposal | None, tuple[Finding, ...]]:
    """Return the proposal in `draft`, or None and what is wrong with it. Raises nothing, whatever it is given.

    Types are not guessed: the text ``"3"`` is no number, and 1 is not true.
    """
    raw, finding = _raw(draft)
    if finding is not None:
        return None, (finding,)
    try:
        proposal = Proposal.model_validate_json(json.dumps(raw))
        guessed = tuple(guessed_types(raw, proposal.model_dump(mode="json")))[:MAX_FINDINGS]
    except ValidationError as error:
        return None, findings_of(error, raw)
    except RecursionError:
        return None, (refusal("", "no_json", "The draft is nested too deeply to be a proposal."),)
    return (None, guessed) if guessed else (proposal, ())


def _raw(draft: Mapping[str, Any] | str | bytes) -> tuple[Any, Finding | None]:
    try:
        text = json.dumps(draft) if isinstance(draft, Mapping) else draft
        if len(text) > MAX_BYTES:
            return None, refusal("", "too_large", f"The draft has {len(text):,} bytes.", allowed=f"{MAX_BYTES:,} bytes")
        raw = json.loads(text, object_pairs_hook=_unique, parse_int=_machine_int)
    except _SaidTwiceError as error:
        return None, refusal("", "said_twice", f"The draft has two values of {str(error)[:60]!r} in one object.")
    except OverflowError as error:
        return None, refusal("", "out_of_bounds", str(error), allowed="whole numbers of 64 bits")
    except (ValueError, TypeError, RecursionError) as error:
        return None, refusal("", "no_json", f"The draft is no JSON: {str(error)[:200]}.", allowed="one JSON object")
    if not isinstance(raw, dict):
        return None, refusal("", "no_json", f"The draft is a JSON {type(raw).__name__}.", allowed="one JSON object")
    return raw, None


class _SaidTwiceError(ValueError):
    """One name stands twice in an object: readers differ in which of the values they take."""


def _machine_int(digits: str) -> int:
    """Read a whole number; one that no library takes would end a later stage in the middle."""
    if len(digits) > 20 or abs(int(digits)) >= 2**63:
        raise OverflowError(f"The draft has a whole number of {len(digits)} digits.")
    return int(digits)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _SaidTwiceError(next(name for name in names if names.count(name) > 1))
    return found


class SchemaStage:
    """Reads a draft; refuses unknown fields, wrong types, numbers that are none, and prose where a value belongs."""

    name = "schema"

    def read(self, draft: Draft) -> StageVerdict:
        """Return the proposal in `draft` with what is wrong with it."""
        if isinstance(draft, Proposal):
            # It may have been built past the validators, so it takes the way of all drafts.
            draft = draft.model_dump(mode="json", exclude={"verdict"}, warnings=False)
        proposal, findings = parse(draft)
        if proposal is None:
            return StageVerdict(None, findings)
        # Only this gate says what this gate found.
        if crowded := tuple(_crowds(proposal)):
            return StageVerdict(proposal.replace(verdict=None), crowded)
        findings = tuple(_prose(proposal))
        proposal, told = without_orders(proposal.replace(verdict=None))
        return StageVerdict(proposal, (*findings, *told))

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:  # noqa: ARG002  # the stages' interface
        """Judge a proposal as `read` does a draft."""
        return self.read(proposal)


def _crowds(proposal: Proposal) -> Iterator[Finding]:
    """Find lists that are longer than anybody's, on which later stages would spend their time."""
    space = proposal.search_space.value
    for path, listed, most in (
        ("search_space.parameters", space.parameters, 200),
        ("search_space.conditions", space.conditions, 400),
        ("search_space.forbidden", space.forbidden, 400),
        ("warm_starts", proposal.warm_starts.value, 400),
        ("termination.rules", proposal.termination.value.rules, 50),
        ("prediction.scores", proposal.prediction.value.scores, 1_000),
        ("prediction.curve.levels", curve.levels if (curve := proposal.prediction.value.curve) else (), 1_000),
        ("neighbours", proposal.neighbours, 10_000),
    ):
        if len(listed) > most:
            yield failed(path, "too_large", f"{len(listed):,} of them.", value=len(listed), allowed=f"<= {most:,}")


def _prose(proposal: Proposal) -> Iterator[Finding]:
    for path, value in _values(proposal):
        if isinstance(value, str) and not PLAIN.fullmatch(value):
            yield failed(
                path, "text_in_value", "This is prose where a value belongs.", value=value, allowed=PLAIN.pattern
            )
    yield from prose_faults(proposal)


def _values(proposal: Proposal) -> Iterator[tuple[str, ParameterValue]]:
    """Yield the path and the value of all that is no prose."""
    yield "learner", proposal.learner.value
    yield "metric", proposal.metric.value
    yield from _space_values(proposal.search_space.value)
    configurations = {f"warm_starts.{i}": c for i, c in enumerate(proposal.warm_starts.value)}
    for path, configuration in (*configurations.items(), ("fixed", proposal.fixed.value)):
        for name, value in configuration.items():
            yield f"{path}.{name[:40]}", name
            yield f"{path}.{name[:40]}", value


def _space_values(space: SearchSpace) -> Iterator[tuple[str, ParameterValue]]:
    for parameter in space.parameters:
        path = f"search_space.parameters.{parameter.name[:40]}"
        yield f"{path}.name", parameter.name
        if parameter.kind == "categorical":
            yield from ((f"{path}.choices", choice) for choice in parameter.choices)
        elif parameter.kind == "constant":
            yield f"{path}.value", parameter.value
    for condition in space.conditions:
        yield from ((f"search_space.conditions.{condition.child[:40]}", value) for value in condition.values)
    for forbidden in space.forbidden:
        yield from (("search_space.forbidden", v) for values in forbidden.clauses.values() for v in values)
