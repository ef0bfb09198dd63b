"""Search spaces in program text: the calls of the usual libraries, and dictionaries of lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.model import FoundClaim
from ingest.claims.naming import known_parameters
from ingest.claims.parameters import is_parameter_name
from ingest.claims.rules.calls import Call, calls_in, closing, literal_text, split_arguments
from ingest.claims.rules.listing import is_toy, listed_values, listing_claim, number_of, value_of
from ingest.claims.rules.place import QUOTE_LENGTH, Place
from kg.iris import plain_name
from kg.model import ParameterValue

_ENDS = re.compile(
    r"(?:q|n)?(?:log)?_?(?:uniform|randint|rand_?int|unif)(?:int|integer|float)?(?:hyperparameter"
    r"|parameter|_values)?|suggest_\w*(?:float|int|uniform)"
    r"|(?:float|int|integer|real|uniformfloat|uniforminteger)(?:hyperparameter|parameter|distribution|_param)?"
    r"|p_(?:dbl|int)|to_tune|make(?:numeric|integer)param|param(?:dbl|int)|add_(?:float|int)_param"
    r"|reciprocal|logspace|linspace"
    r"|(?:log_uniform|q_log_uniform|logfloat|logint|log_float|log_int)\w*|rangeparameter"
    r"|range_parameter|floatrange|intrange",
    re.IGNORECASE,
)
_CHOICES = re.compile(
    r"choice|suggest_categorical|categorical\w*|ordinal\w*|discrete\w*|p_fct|makediscreteparam"
    r"|paramfct|add_(?:discrete|categorical)_param"
    r"|grid_search|choiceparameter|boolean",
    re.IGNORECASE,
)
_CASTS = frozenset({"float", "int", "integer", "real", "discrete", "boolean", "uniform", "choice", "randint"})
LOW_NAMES = ("low", "lower", "min", "min_value", "lower_bound", "start", "minimum", "a")
HIGH_NAMES = ("high", "upper", "max", "max_value", "upper_bound", "stop", "end", "maximum", "b")
_LIST = re.compile(
    r"(?:[\"'](?P<key>[\w.:]+)[\"']|(?<![\w.\"'])(?P<var>[A-Za-z][\w.]*))\s*(?P<sign>:|=|<-)\s*(?P<open>\[|c\(|\()"
)
_SPACE = re.compile(r"grid|param|space|search|distribution|tune|sweep|choices|hyper", re.IGNORECASE)


#: The calls that lay down a command line's options.
_OPTION = re.compile(r"add_argument|DEFINE_\w+|option")


def _is_wanted(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_OPTION, _ENDS, _CHOICES))


def search_calls(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of calls that lay down a search space, and the defaults of a command line's options."""
    for call in calls_in(code, _is_wanted):
        if _OPTION.fullmatch(call.name):
            yield from _option_default(place, code, call)
            continue
        ends, choices = _ENDS.fullmatch(call.name), _CHOICES.fullmatch(call.name)
        parameter, values = _named(call)
        if not (ends or choices) or not parameter or is_toy(parameter):
            continue
        if call.name.lower() in _CASTS and not ("." in call.function or parameter == call.target or call.keywords):
            continue
        fields = _ends_of(call, values) if ends else _choices_of(call, values)
        if fields:
            yield listing_claim(place, "range", parameter, (call.start, call.end), fields)
        default = call.keywords.get("default", call.keywords.get("default_value", ""))
        if default and (value := value_of(default)) is not None and fields:
            yield listing_claim(place, "default", parameter, (call.start, call.end), {"value": value})


def _named(call: Call) -> tuple[str, tuple[str, ...]]:
    """Return the hyper-parameter that a call is about, and its other positional arguments."""
    for keyword in ("name", "id", "parameter"):
        if name := literal_text(call.keywords.get(keyword, "")):
            return name, call.positional
    if call.positional and (name := literal_text(call.positional[0])):
        return name, call.positional[1:]
    return call.target, call.positional


def _ends_of(call: Call, values: tuple[str, ...]) -> dict[str, ParameterValue]:
    pair = next((call.keywords[k] for k in ("bounds", "range", "bound") if k in call.keywords), "")
    if not pair and values and values[0].startswith(("(", "[", "c(")):
        pair = values[0]
    if pair:
        values = tuple(split_arguments(re.sub(r"^c?[\[(]|[\])]$", "", pair)))
    low = next((call.keywords[k] for k in LOW_NAMES if k in call.keywords), values[0] if values else "")
    high = next((call.keywords[k] for k in HIGH_NAMES if k in call.keywords), values[1] if len(values) > 1 else "")
    ends = [number_of(low), number_of(high)]
    log = _is_log(call)
    if call.name.lower() == "logspace":
        ends = [10.0**end if end is not None and abs(end) < 30 else None for end in ends]
    if ends[0] is None or ends[1] is None or ends[0] >= ends[1] or (log and ends[0] <= 0):
        return {}
    return {"low": ends[0], "high": ends[1], "log": log}


def _is_log(call: Call) -> bool:
    said = " ".join(call.keywords.get(k, "") for k in ("prior", "sampling", "scale", "scale_type", "distribution"))
    flags = " ".join(call.keywords.get(k, "") for k in ("log", "logscale", "log_scale", "is_log"))
    return bool(
        re.search(r"log|reciprocal", call.name, re.IGNORECASE)
        or re.search(r"log|exp", said, re.IGNORECASE)
        or re.search(r"true|t\b|1", flags, re.IGNORECASE)
    )


def _choices_of(call: Call, values: tuple[str, ...]) -> dict[str, ParameterValue]:
    given = next(
        (call.keywords[k] for k in ("choices", "values", "items", "levels", "feasible_values") if k in call.keywords),
        "",
    )
    given = given or (values[0] if values else "")
    return listed_values(given)


def _option_default(place: Place, code: str, call: Call) -> Iterator[FoundClaim]:
    """Yield the default of a command line's option: argparse, click, absl."""
    names = [name for part in call.positional if (name := literal_text(part))]
    name = next((n for n in names if n.startswith("--")), names[0] if names else "").lstrip("-")
    default = call.keywords.get("default", "")
    if call.name.startswith("DEFINE_") and len(call.positional) > 1:
        default = default or call.positional[1]
    if name and is_parameter_name(name) and (value := value_of(default)) is not None:
        at = code.rfind(default, call.start, call.end)
        end = call.end if call.end - call.start <= QUOTE_LENGTH or at < 0 else at + len(default)
        yield listing_claim(place, "default", name, (call.start, end), {"value": value})


def grid_claims(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of dictionaries of lists, where they are of a search or of known hyper-parameters."""
    is_space = bool(_SPACE.search(code))
    for match in _LIST.finditer(code):
        name = match["key"] or match["var"]
        end = closing(code, match.end() - 1)
        if end is None or is_toy(name) or not (match["key"] or plain_name(name) in known_parameters()):
            continue
        is_known = plain_name(name.split("__")[-1]) in known_parameters()
        if not is_known and not (is_space and is_parameter_name(name)):
            continue
        if (match["open"] == "(" and not is_known) or not (is_space or is_known):
            continue
        opening = "c(" if match["open"] == "c(" else match["open"]
        if fields := listed_values(opening + code[match.end() : end + 1]):
            yield listing_claim(place, "range", name, (match.start(), end + 1), fields)
