"""Claims in program text: search spaces of the usual libraries, grids, signatures, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.domains import plain
from ingest.claims.masking import masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import hyperparameter_of, is_known_parameter, known_parameters, learner_of, mentions_in
from ingest.claims.numbers import numbers_in
from ingest.claims.parameters import is_parameter_name
from ingest.claims.rules.calls import (
    Call,
    argument_spans,
    calls_in,
    closing,
    literal_text,
    split_arguments,
    uncommented,
)
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.place import QUOTE_LENGTH, Place
from kg.iris import plain_name
from kg.model import ParameterValue
from kg.model.evidence import ClaimKind

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
_LOW = ("low", "lower", "min", "min_value", "lower_bound", "start", "minimum", "a")
_HIGH = ("high", "upper", "max", "max_value", "upper_bound", "stop", "end", "maximum", "b")
_LIST = re.compile(
    r"(?:[\"'](?P<key>[\w.:]+)[\"']|(?<![\w.\"'])(?P<var>[A-Za-z][\w.]*))\s*(?P<sign>:|=|<-)\s*(?P<open>\[|c\(|\()"
)
_SPACE = re.compile(r"grid|param|space|search|distribution|tune|sweep|choices|hyper", re.IGNORECASE)
_TOY = re.compile(
    r"[a-bd-zA-BD-Z]\d?|x_?\d+|[xyz]\w?|foo|bar|param_?\w?\d?|p\d|float\w*|int\w*|cat\w*|const\w*", re.IGNORECASE
)
_FLAG = re.compile(
    r"(?<![\w-])--?(?P<name>[A-Za-z][\w-]{2,})(?:=|\s+)(?P<value>[-+]?[\d.]+(?:e[-+]?\d+)?)(?![\w.])", re.IGNORECASE
)
_SIGNATURE = re.compile(r"(?:^|\n)\s*(?:def|class|\.\. (?:py:)?(?:function|class|method)::)\s+(?P<name>[\w.]+)\s?\(")
#: An argument with its default, and its type, in a signature.
_DEFAULT = re.compile(r"(?P<name>[A-Za-z]\w*)\s*(?::[^=]+)?=\s*(?P<value>.+)$", re.DOTALL)
_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_NOTED = re.compile(
    r"^[ \t>.]*(?P<name>[a-z]\w*)[ \t]*=[ \t]*(?P<value>[^\n#=]{1,60}?)[ \t]*(?P<comma>,?)[ \t]*"
    r"(?:#[ \t]*(?P<note>[^\n]+))?$",
    re.MULTILINE,
)
_ADVICE = re.compile(r"rules?[- ]of[- ]thumb|recommend|best practice|guideline|heuristic|\btips?\b", re.IGNORECASE)
_MAPPING = re.compile(
    r"(?:^|\n)(?P<indent>[ \t]*)(?:-\s*)?[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?\s*:[ \t]*(?:\{"
    r"|\n)(?P<body>(?:(?P=indent)[ \t]+[^\n]+\n?)+|[^{}\n]+\})"
)
_ENTRY = re.compile(r"[\"']?(?P<key>\w+)[\"']?\s*[:=]\s*(?P<value>\[[^\]]*\]|[^,\n{}#]+)")


def code_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a listing."""
    code = masked(place.reading, code=True).plain
    return [
        *search_calls(place, code),
        *_grids(place, code),
        *_mappings(place, code),
        *_signatures(place, code),
        *_noted(place, code),
        *_settings(place, code),
        *_flags(place, code),
        *_help(place, code),
    ]


def search_calls(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of calls that lay down a search space, and the defaults of a command line's options."""
    for call in calls_in(code):
        if re.fullmatch(r"add_argument|DEFINE_\w+|option", call.name):
            yield from _argument_default(place, code, call)
            continue
        ends, choices = _ENDS.fullmatch(call.name), _CHOICES.fullmatch(call.name)
        parameter, values = _named(call)
        if not (ends or choices) or not parameter or _is_toy(parameter):
            continue
        if call.name.lower() in _CASTS and not ("." in call.function or parameter == call.target or call.keywords):
            continue
        fields = _ends_of(call, values) if ends else _choices_of(call, values)
        if fields:
            yield _code_claim(place, "range", parameter, (call.start, call.end), fields)
        default = call.keywords.get("default", call.keywords.get("default_value", ""))
        if default and (value := _value(default)) is not None and fields:
            yield _code_claim(place, "default", parameter, (call.start, call.end), {"value": value})


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
    low = next((call.keywords[k] for k in _LOW if k in call.keywords), values[0] if values else "")
    high = next((call.keywords[k] for k in _HIGH if k in call.keywords), values[1] if len(values) > 1 else "")
    ends = [_number(low), _number(high)]
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
    return _listed(given)


def _listed(text: str) -> dict[str, ParameterValue]:
    """Return the fields of a claim that a list of two literals or more gives; nothing for any other text."""
    if not re.match(r"c?[\[(]", text):
        return {}
    items = split_arguments(re.sub(r"^c?[\[(]|[\])]$", "", text.strip()))
    values = [_value(item) for item in items]
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


def _grids(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of dictionaries of lists, where they are of a search or of known hyper-parameters."""
    is_space = bool(_SPACE.search(code))
    for match in _LIST.finditer(code):
        name = match["key"] or match["var"]
        end = closing(code, match.end() - 1)
        if end is None or _is_toy(name) or not (match["key"] or plain_name(name) in known_parameters()):
            continue
        is_known = plain_name(name.split("__")[-1]) in known_parameters()
        if not is_known and not (is_space and is_parameter_name(name)):
            continue
        if (match["open"] == "(" and not is_known) or not (is_space or is_known):
            continue
        opening = "c(" if match["open"] == "c(" else match["open"]
        if fields := _listed(opening + code[match.end() : end + 1]):
            yield _code_claim(place, "range", name, (match.start(), end + 1), fields)


def _mappings(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of YAML and JSON: ``lr:`` with ``min:`` and ``max:``, or ``lower`` and ``upper``."""
    for match in _MAPPING.finditer(code):
        entries = {entry["key"].lower(): entry["value"].strip() for entry in _ENTRY.finditer(match["body"])}
        low = next((_number(entries[k]) for k in _LOW if k in entries), None)
        high = next((_number(entries[k]) for k in _HIGH if k in entries), None)
        if _is_toy(match["name"]):
            continue
        if low is not None and high is not None and low < high:
            said = " ".join(entries.get(k, "") for k in ("distribution", "type", "scale", "prior", "sampling"))
            log = "log" in said.lower() or entries.get("log", "").lower() == "true"
            fields: dict[str, ParameterValue] = {"low": low, "high": high, "log": log}
        else:
            fields = _listed(entries.get("values", entries.get("choices", "")))
        if fields:
            start = match.start("indent")
            yield _code_claim(place, "range", match["name"], (start, match.end()), fields)


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
            if (value := _value(uncommented(found["value"]))) is not None:
                first, last = (
                    match.end() + found.start(),
                    match.end() + found.start("value") + len(found["value"].rstrip()),
                )
                span = (match.start() if last - match.start() < QUOTE_LENGTH else first, last)
                yield _code_claim(place, "default", found["name"], span, {"value": value})


def _argument_default(place: Place, code: str, call: Call) -> Iterator[FoundClaim]:
    """Yield the default of a command line's option: argparse, click, absl."""
    names = [name for part in call.positional if (name := literal_text(part))]
    name = next((n for n in names if n.startswith("--")), names[0] if names else "").lstrip("-")
    default = call.keywords.get("default", "")
    if call.name.startswith("DEFINE_") and len(call.positional) > 1:
        default = default or call.positional[1]
    if name and is_parameter_name(name) and (value := _value(default)) is not None:
        end = call.end if call.end - call.start <= QUOTE_LENGTH else code.index(default, call.start) + len(default)
        yield _code_claim(place, "default", name, (call.start, end), {"value": value})


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
        value: ParameterValue = _value(match["value"])
        if value is None and re.search(r"\d|//|\*", match["value"]) and not re.search(r"[\[{\"']", match["value"]):
            value = match["value"].strip()
        if not (match["note"] or advised) or not is_parameter_name(name):
            continue
        if known and value is not None and not _is_toy(name) and not re.match(r"(?:noqa|type:)", match["note"] or ""):
            yield _code_claim(place, kind, name, match.span(), {"value": value})


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
    matches = [m for m in _SETTING.finditer(code) if is_known_parameter(m["name"]) and not _is_toy(m["name"])]
    if len({m["name"] for m in matches}) < _CONFIGURATION:
        return
    for match in matches:
        value = _number(match["value"])
        if value is not None:
            span = (match.start("name"), match.end("value"))
            kind = kind_for(match["name"], "recommended_value")
            yield _code_claim(place, kind, match["name"], span, {"value": value})


def _flags(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the values of known hyper-parameters on command lines."""
    for match in _FLAG.finditer(code):
        value = _number(match["value"])
        if is_known_parameter(match["name"]) and value is not None and "seed" not in match["name"]:
            kind = kind_for(match["name"], "recommended_value")
            yield _code_claim(place, kind, match["name"], match.span(), {"value": value})


_HELP = re.compile(
    r"^\s*--?(?P<name>[A-Za-z][\w-]*)[ ,=][^\n]*?(?:\[(?:default:?\s*)?(?P<a>[-+]?[\d.]+(?:e-?\d+)?)\]"
    r"|\(default[:=]?\s*(?P<b>[-+]?[\d.]+(?:e-?\d+)?)\))",
    re.MULTILINE | re.IGNORECASE,
)


def _help(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the defaults that a command's help prints: ``-lr  learning rate [0.1]``."""
    for match in _HELP.finditer(code):
        value = _number(match["a"] or match["b"])
        if value is not None and is_parameter_name(match["name"]):
            kind = kind_for(match["name"], "default")
            yield _code_claim(place, kind, match["name"], match.span(), {"value": value})


_LEARNER_CALL = re.compile(r"\b(?:lrn|makeLearner|lrns)\(\s*[\"'](?:(?:classif|regr|surv)\.)?(?P<name>\w+)")


def _code_claim(
    place: Place, kind: ClaimKind, parameter: str, span: tuple[int, int], fields: dict[str, ParameterValue]
) -> FoundClaim:
    start, end = span
    prefix, _, rest = parameter.rpartition("__")
    end = min(end, start + QUOTE_LENGTH) if end - start > QUOTE_LENGTH else end
    return place.claim(
        kind,
        (start, end),
        method=place.method_for(
            rest or parameter, *_owners(masked(place.reading, code=True).plain, start, rest or parameter, prefix)
        ),
        parameter=rest if prefix else parameter,
        **fields,
    )


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


def _is_toy(name: str) -> bool:
    """Say whether a name is of an example rather than of a learner (``x``, ``param1``)."""
    return bool(_TOY.fullmatch(name)) and plain_name(name) not in known_parameters()


def _number(text: str) -> float | int | None:
    stripped = re.sub(r"^(?:(?:np|math|numpy)\.)?log\((.*)\)$", r"\1", text.strip().rstrip("L"))
    found = numbers_in(stripped)
    if len(found) != 1 or stripped[: found[0].start].strip() or stripped[found[0].end :].strip():
        return None
    return plain(found[0].value)


def _value(text: str) -> ParameterValue:
    """Return a number, a truth value or the content of a string; None for anything else."""
    stripped = text.strip()
    if stripped in {"True", "TRUE", "true", "False", "FALSE", "false"}:
        return stripped.lower() == "true"
    number = _number(stripped)
    return number if number is not None else literal_text(stripped) or None
