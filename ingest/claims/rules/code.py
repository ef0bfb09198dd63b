"""Claims in program text: search spaces, signatures, settings with a remark, configurations, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.masking import masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import is_known_parameter, known_parameters, learner_of
from ingest.claims.parameters import is_parameter_name
from ingest.claims.rules.calls import argument_spans, closing, uncommented
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.listing import is_toy, listing_claim, number_of, value_of
from ingest.claims.rules.mappings import mapping_claims
from ingest.claims.rules.place import QUOTE_LENGTH, Place
from ingest.claims.rules.search_spaces import grid_claims, search_calls
from kg.iris import plain_name
from kg.model import ParameterValue

_FLAG = re.compile(
    r"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{2,})(?:=|\s+)(?P<value>[-+]?[\d.]+(?:e[-+]?\d+)?)(?![\w.])", re.IGNORECASE
)
_SIGNATURE = re.compile(r"(?:^|\n)[ \t]*(?:def|class|\.\. (?:py:)?(?:function|class|method)::)\s+(?P<name>[\w.]+)\s?\(")
_CLASS = re.compile(r"(?:^|\n)[ \t]*class\s+(\w+)")
#: An argument with its default, and its type, in a signature.
_DEFAULT = re.compile(r"(?P<name>[A-Za-z]\w*)\s*(?::[^=]+)?=\s*(?P<value>.+)$", re.DOTALL)
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_NOTED = re.compile(
    r"^[ \t>.]*(?P<name>[a-z]\w*)[ \t]*=[ \t]*(?P<value>[^\n#=]{1,60}?)[ \t]*(?P<comma>,?)[ \t]*"
    r"(?:#[ \t]*(?P<note>[^\n]+))?$",
    re.MULTILINE,
)
_ADVICE = re.compile(r"rules?[- ]of[- ]thumb|recommend|best practice|guideline|heuristic|\btips?\b", re.IGNORECASE)


def code_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a listing."""
    code = masked(place.reading, code=True).plain
    return [
        *search_calls(place, code),
        *grid_claims(place, code),
        *mapping_claims(place, code),
        *_signatures(place, code),
        *_noted(place, code),
        *_settings(place, code),
        *_flags(place, code),
        *_help(place, code),
    ]


def _signatures(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the defaults of functions and classes that the listing defines."""
    for match in _SIGNATURE.finditer(code):
        end = closing(code, match.end() - 1)
        if end is None or match["name"] in {"objective", "main", "test"}:
            continue
        inside = code[match.end() : end]
        for start, stop in argument_spans(inside):
            begun = _BLANK.match(inside, start, stop)
            found = _DEFAULT.match(inside, begun.end() if begun else start, stop)
            if not found or not is_parameter_name(found["name"]) or plain_name(found["name"]) not in known_parameters():
                continue
            if (value := value_of(uncommented(found["value"]))) is not None:
                first, last = (
                    match.end() + found.start(),
                    match.end() + found.start("value") + len(found["value"].rstrip()),
                )
                span = (match.start() if last - match.start() < QUOTE_LENGTH else first, last)
                owner = _class_around(place, code, match)
                yield listing_claim(place, "default", found["name"], span, {"value": value}, owner=owner)


def _class_around(place: Place, code: str, signature: re.Match[str]) -> str:
    """Return the class whose signature it is: its own name, that of the class around it, or that of the section."""
    above = _CLASS.findall(code, 0, signature.end())
    section = place.block.section.partition(" > ")[0]
    return next((name for name in (*reversed(above), section) if name and learner_of(name)), "")


def _noted(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield assignments that a comment explains, or that stand below a heading that promises advice."""
    advised = bool(_ADVICE.search(place.block.section.rpartition(" > ")[2]))
    defines = bool(_SIGNATURE.search(code))
    for match in _NOTED.finditer(code):
        name = match["name"]
        if match["comma"] and defines:
            continue  # a default
        kind = kind_for(name, "recommended_value")
        known = plain_name(name) in known_parameters() or kind != "recommended_value" or advised
        value: ParameterValue = value_of(match["value"])
        if value is None and re.search(r"\d|//|\*", match["value"]) and not re.search(r"[\[{\"']", match["value"]):
            value = match["value"].strip()
        if not (match["note"] or advised) or not is_parameter_name(name):
            continue
        if known and value is not None and not is_toy(name) and not re.match(r"(?:noqa|type:)", match["note"] or ""):
            yield listing_claim(place, kind, name, match.span(), {"value": value})


_SETTING = re.compile(
    r"(?:^|[\n{(,])[ \t>.]*[\"']?(?P<name>[A-Za-z][\w-]*)[\"']?\s*[:=]\s*(?P<value>[-+]?(?:\d+\.?\d*"
    r"|\.\d+)(?:e[-+]?\d+)?)(?=\s*(?:[,}\n)#]|$))"
)
#: A listing with this many known settings is a configuration, not an example of one call.
_CONFIGURATION = 3


def _settings(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the values of a listing that is a configuration."""
    if _SIGNATURE.search(code):
        return
    matches = [m for m in _SETTING.finditer(code) if is_known_parameter(m["name"]) and not is_toy(m["name"])]
    if len({m["name"] for m in matches}) < _CONFIGURATION:
        return
    for match in matches:
        value = number_of(match["value"])
        if value is not None:
            span = (match.start("name"), match.end("value"))
            kind = kind_for(match["name"], "recommended_value")
            yield listing_claim(place, kind, match["name"], span, {"value": value})


def _flags(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the values of known hyper-parameters on command lines."""
    for match in _FLAG.finditer(code):
        value = number_of(match["value"])
        if is_known_parameter(match["name"]) and value is not None and "seed" not in match["name"]:
            kind = kind_for(match["name"], "recommended_value")
            yield listing_claim(place, kind, match["name"], match.span(), {"value": value})


_HELP = re.compile(
    r"^[ \t]*--?(?P<name>[A-Za-z][\w-]*)[ ,=][^\n]*?(?:\[(?:default:?\s*)?(?P<a>[-+]?[\d.]+(?:e-?\d+)?)\]"
    r"|\(default[:=]?\s*(?P<b>[-+]?[\d.]+(?:e-?\d+)?)\))",
    re.MULTILINE | re.IGNORECASE,
)


def _help(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the defaults that a command's help prints: ``-lr  learning rate [0.1]``."""
    for match in _HELP.finditer(code):
        value = number_of(match["a"] or match["b"])
        if value is not None and is_parameter_name(match["name"]):
            kind = kind_for(match["name"], "default")
            yield listing_claim(place, kind, match["name"], match.span(), {"value": value})
