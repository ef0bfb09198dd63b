"""A listing: what its literals are, of which learner its arguments are, and the claims made of it."""

from __future__ import annotations

import re

from ingest.claims.domains import plain
from ingest.claims.masking import masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import hyperparameter_of, known_parameters, learner_of, mentions_in
from ingest.claims.numbers import numbers_in
from ingest.claims.rules.calls import literal_text, split_arguments
from ingest.claims.rules.place import QUOTE_LENGTH, Place
from kg.iris import plain_name
from kg.model import ParameterValue
from kg.model.evidence import ClaimKind

_TOY = re.compile(
    r"[a-bd-zA-BD-Z]\d?|x_?\d+|[xyz]\w?|foo|bar|param_?\w?\d?|p\d|float\w*|int\w*|cat\w*|const\w*", re.IGNORECASE
)
_LEARNER_CALL = re.compile(r"\b(?:lrn|makeLearner|lrns)\(\s*[\"'](?:(?:classif|regr|surv)\.)?(?P<name>\w+)")


def listing_claim(
    place: Place,
    kind: ClaimKind,
    parameter: str,
    span: tuple[int, int],
    fields: dict[str, ParameterValue],
    *,
    owner: str = "",
) -> FoundClaim:
    """Return a claim on `parameter`; `owner` is the learner that the program text itself ties it to."""
    start, end = span
    prefix, _, rest = parameter.rpartition("__")
    owners = _owners(masked(place.reading, code=True).plain, start, rest or parameter, prefix)
    method = place.method_for(rest or parameter, *([owner] if owner else []), *owners)
    shown = (start, min(end, start + QUOTE_LENGTH))
    return place.claim(kind, shown, method=method, parameter=rest if prefix else parameter, **fields)


def _owners(code: str, start: int, parameter: str, prefix: str) -> tuple[str, ...]:
    """Return the learners of the listing that `parameter` may be of, those that have it first, then the nearest."""
    called = [m for m in mentions_in(code) if re.match(r"\s?[(.]", code[m.end :])]
    quoted = re.compile(r"[\"']\w*$")
    mentions = called or [m for m in mentions_in(code) if not quoted.search(code[: m.start])]
    ordered = [m.name for m in reversed(mentions) if m.start < start] + [m.name for m in mentions if m.start >= start]
    ordered = [prefix, *ordered] if prefix and learner_of(prefix) else ordered
    ordered = [m["name"] for m in _LEARNER_CALL.finditer(code)] + ordered
    having = [name for name in ordered if (spec := learner_of(name)) and hyperparameter_of(spec.name, parameter)]
    others = [
        name
        for name in ordered
        if not learner_of(name) and not re.search(r"CV$|[Ss]earch|Sampler|Tuner|Optuna|Ray", name)
    ]
    return (*having, *others)


def is_toy(name: str) -> bool:
    """Say whether a name is of an example rather than of a learner (``x``, ``param1``)."""
    return bool(_TOY.fullmatch(name)) and plain_name(name) not in known_parameters()


def number_of(text: str) -> float | int | None:
    """Return the number that an argument is, also within a logarithm; None for anything else."""
    stripped = re.sub(r"^(?:(?:np|math|numpy)\.)?log\((.*)\)$", r"\1", text.strip().rstrip("L"))
    found = numbers_in(stripped)
    if len(found) != 1 or stripped[: found[0].start].strip() or stripped[found[0].end :].strip():
        return None
    return plain(found[0].value)


def value_of(text: str) -> ParameterValue:
    """Return a number, a truth value or the content of a string; None for anything else."""
    stripped = text.strip()
    if stripped in {"True", "TRUE", "true", "False", "FALSE", "false"}:
        return stripped.lower() == "true"
    number = number_of(stripped)
    return number if number is not None else literal_text(stripped) or None


def listed_values(text: str) -> dict[str, ParameterValue]:
    """Return the fields of a claim that a list of two literals or more gives; nothing for any other text."""
    if not re.match(r"c?[\[(]", text):
        return {}
    items = split_arguments(re.sub(r"^c?[\[(]|[\])]$", "", text.strip()))
    values = [value_of(item) for item in items]
    if len(values) < 2 or any(
        value is None and item not in {"None", "NULL"} for value, item in zip(values, items, strict=True)
    ):
        return {}
    shown = ", ".join(literal_text(item) or item for item in items)
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    fields: dict[str, ParameterValue] = {"value": "{" + shown + "}"}
    if len(numbers) == len(values):
        fields |= {"low": plain(min(numbers)), "high": plain(max(numbers))}
    return fields
