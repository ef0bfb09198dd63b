"""From what pydantic says of a draft's JSON to findings: one a field, with a stable name, in the field's own path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from recommender.validation.verdict import Finding, Outcome, plain_value

#: Faults that are listed; a draft with more is not nearly a proposal.
MAX_FINDINGS = 50

#: Kind of pydantic error (a prefix) -> stable name of the fault, first match counts.
CODES: tuple[tuple[str, str], ...] = (
    ("missing", "missing_field"),
    ("extra_forbidden", "unknown_field"),
    ("finite_number", "not_finite"),
    ("json_invalid", "no_json"),
    ("union_tag", "unknown_kind"),
    ("literal_error", "value_not_allowed"),
    ("enum", "value_not_allowed"),
    ("greater_than", "out_of_bounds"),
    ("less_than", "out_of_bounds"),
    ("too_short", "wrong_length"),
    ("too_long", "wrong_length"),
    ("string_too", "wrong_length"),
    ("int_parsing_size", "out_of_bounds"),
    ("swapped_bounds", "swapped_bounds"),
    ("log_range_touches_zero", "log_range_touches_zero"),
    ("value_error", "inconsistent"),
)


def findings_of(error: ValidationError, raw: Any) -> tuple[Finding, ...]:
    """Return one finding for each field that `error` speaks of, in the order of the fields.

    Args:
        error: What validation found.
        raw: The JSON value that was validated.
    """
    found: dict[str, Finding] = {}
    for fault in error.errors(include_url=False, include_context=True):
        path, value = locate(fault["loc"], raw)
        code = code_of(fault["type"])
        # The members of a union each complain of the same field, and only one of them of what is really wrong.
        if path not in found or (code != "wrong_type" and found[path].code == "wrong_type"):
            found[path] = refusal(path, code, fault["msg"], value=value, allowed=_allowed(fault))
    return tuple(found.values())[:MAX_FINDINGS]


def guessed_types(raw: Any, read: Any, path: str = "") -> Iterator[Finding]:
    """Yield a finding for each value that was read as another type than it was written in: ``"3"`` as 3, 1 as True.

    Args:
        raw: The JSON value.
        read: The JSON value of what was read from it; fields with defaults may have been added.
        path: Where both are in the draft.
    """
    if isinstance(raw, Mapping) and isinstance(read, Mapping):
        for key in raw.keys() & read.keys():
            yield from guessed_types(raw[key], read[key], f"{path}.{key}" if path else str(key))
    elif isinstance(raw, list) and isinstance(read, list):
        for number, (left, right) in enumerate(zip(raw, read, strict=False)):
            yield from guessed_types(left, right, f"{path}.{number}")
    elif raw != read or isinstance(raw, bool) != isinstance(read, bool):
        message = f"It is written as {type(raw).__name__} and would be read as {type(read).__name__}."
        yield refusal(path, "wrong_type", message, value=raw, allowed=type(read).__name__)


def code_of(kind: str) -> str:
    """Return the stable name of a kind of pydantic error."""
    return next((code for prefix, code in CODES if kind.startswith(prefix)), "wrong_type")


def locate(location: Sequence[int | str], raw: Any) -> tuple[str, Any]:
    """Return the path of a location in the JSON, without the tags of unions that pydantic adds, and what is there."""
    path: list[str] = []
    for step in location:
        is_index = isinstance(raw, list) and isinstance(step, int) and step < len(raw)
        if is_index or (isinstance(raw, Mapping) and step in raw):
            raw = raw[step]
        elif step != location[-1] or not isinstance(raw, Mapping) or isinstance(step, int):
            continue
        else:
            raw = None
        path.append(str(step))
    return ".".join(path), raw


def raw_json(text: str | bytes) -> Any:
    """Return the JSON value of `text`, or None where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _allowed(fault: Mapping[str, Any]) -> str:
    """Return what pydantic says would have been right."""
    context = fault.get("ctx", {})
    for key, words in (("expected", "{}"), ("expected_tags", "{}"), ("ge", ">= {}"), ("gt", "> {}"), ("le", "<= {}")):
        if key in context:
            return words.format(context[key])
    return ""


def refusal(field: str, code: str, message: str, *, value: Any = None, allowed: str = "") -> Finding:
    """Return a finding that a draft cannot be read at `field`."""
    return Finding(
        field=field or "proposal",
        code=code,
        message=message[:500],
        value=plain_value(value),
        allowed=allowed[:500],
        outcome=Outcome.FAILED,
    )


def describe(findings: Sequence[Finding], limit: int = 5) -> str:
    """Return the first findings in one line, for an error message."""
    words = [f"{f.field}: {f.message}" for f in findings if f.outcome is Outcome.FAILED][:limit]
    more = len(findings) - len(words)
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")
