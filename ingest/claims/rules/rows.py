"""Claims in the rows of tables: ``max_depth | integer | [1, 15] | log``."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.masking import Masked, masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import is_known_parameter, known_parameters, learner_of, mentions_in
from ingest.claims.parameters import ParameterMention, clean_name, is_parameter_name, parameters_in
from ingest.claims.rules.cells import (
    NAME_HEADER,
    SETTINGS_CAPTION,
    cell_domain,
    cell_scale,
    column_kind,
    ends_of,
    names_of,
    settled,
)
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.place import Place, stated
from ingest.claims.wording import word_set
from ingest.documents.model import cells_of
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

_CHOICE_HEADER = re.compile(
    r"(?:recommend|best|suggest|prefer)\w*\W.*(?:algorithm|sampler|pruner|method|optimi[sz]er|learner|model)",
    re.IGNORECASE,
)
_GROUP_HEADER = re.compile(
    r"learner|model|algorithm|method|classifier|task|estimator|optimi[sz]er|sampler", re.IGNORECASE
)
_ADVISED = re.compile(r"hyper-?\s?param|recommend|settings?\b|defaults|configuration|suggested", re.IGNORECASE)
_RESULT_CAPTION = re.compile(
    r"\b(?:results?|accurac|error|scores?|performance|comparison|regret|runtime|datasets?|statistics"
    r"|characteristics|ranks?|ablation|AUC|RMSE)",
    re.IGNORECASE,
)
_PARENT = re.compile(r"(?:⊢|\bif\b|\bonly if\b|\bactive if\b|\bdepends on\b)\s*(?P<parent>[\w.=\s'\"-]{2,60})")
#: Headers of columns that say something of a setting, and so name no method.
_COLUMN = re.compile(
    r"^\W*(?:range|type|default|description|info|values?|scale|space|note|comment|meaning)\b", re.IGNORECASE
)
#: First words of R's dotted argument names.
_R_WORDS = word_set(
    "num n min max sample split respect regularization interaction bag train shrinkage mtry class "
    "case keep splitting replace"
)
_MEASURE = re.compile(r"time|memory|accuracy|score|loss|error|speed|perplexity|latency|cost|result", re.IGNORECASE)


def row_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a row of a table."""
    return [claim for claim in _of_row(place) if not claim.parameter_name or _NAME.fullmatch(claim.parameter_name)]


def _of_row(place: Place) -> list[FoundClaim]:
    block = place.block
    cells = list(block.cells)
    if len(cells) < 2:
        return _line_claims(place)
    header = list(cells_of(re.sub(r"\|(\w+)\|_", r" \1 ", block.header)))
    if len(header) == len(cells) + 1 and len(header) > 2 and _GROUP_HEADER.search(header[0]):
        cells = ["", *cells]  # the cell of the group stands on its first row only
    if len(header) == len(cells) and (found := _by_columns(place, header, cells)):
        return found
    if len(header) == len(cells) and (found := _by_methods(place, header, cells)):
        return found
    if len(header) == len(cells) and (found := _by_settings(place, header, cells)):
        return found
    if len(cells) == 2 and (found := _by_pair(place, cells)):
        return found
    return _line_claims(place)


#: What names of settings are made of; formulas are not.
_NAME = re.compile(r"[A-Za-zα-ω#][\w .,:*/()#\[\]+-]*")


def _by_columns(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
    """Read a row by what the header calls its columns."""
    heads = [masked(head).plain.strip() for head in header]
    if choices := _choices(place, heads, cells):
        return choices
    names = [i for i, head in enumerate(heads) if NAME_HEADER.search(head)]
    column = names[0] if names else 0
    parameters = names_of(cells[column], sure=bool(names))
    if not parameters:
        return []
    method = _row_method(heads, cells, column)
    found: list[FoundClaim] = []
    for parameter in parameters:
        found += _cell_claims(place, parameter, method, (heads, cells, column))
    return _marked(found, [cell for index, cell in enumerate(cells) if index != column])


def _marked(found: list[FoundClaim], cells: list[str]) -> list[FoundClaim]:
    """Return the claims of a row as its remarks make them: of a fidelity, or under a condition."""
    if any(re.fullmatch(r"\W*(?:budget|fidelity)(?: parameter)?\W*", cell, re.IGNORECASE) for cell in cells):
        return [claim.replace(kind="fidelity") for claim in found]
    parent = next((match for cell in cells if (match := _PARENT.search(cell))), None)
    if not parent:
        return found
    condition = re.sub(r"\s+", " ", parent[0]).strip()
    ranges = [claim.replace(condition=condition) for claim in found]
    return [*ranges, *(claim.replace(kind="condition") for claim in ranges if claim.kind == "range")]


def _cell_claims(
    place: Place, parameter: str, method: str, table: tuple[list[str], list[str], int]
) -> list[FoundClaim]:
    heads, cells, column = table
    log = next((s for h, c in zip(heads, cells, strict=True) if (s := cell_scale(h, c)) is not None), None)
    ends = ends_of(heads, cells)
    found = []
    if ends:
        found.append(_made(place, "range", parameter, method, replace(ends, log=log)))
    for index, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        if index == column or not cell:
            continue
        kind = column_kind(place, head, cell)
        domain = cell_domain(cell, spoken=kind == "range") if kind else None
        if domain and domain.form == "words" and str(domain.value) in parameter:
            continue
        if kind and domain and not (ends and kind == "range"):
            domain = domain if domain.log is not None or not domain.is_range else replace(domain, log=log)
            found.append(_made(place, settled(kind, domain, head), parameter, method, domain))
    return [_with_limits(claim, cells) for claim in found]


def _with_limits(claim: FoundClaim, cells: list[str]) -> FoundClaim:
    """Return the claim of a default with the range that another cell of its row gives in words."""
    if claim.kind != "default" or not isinstance(claim.value, int | float):
        return claim
    ranges = [
        d
        for cell in cells
        if re.search(r"\brange", cell)
        for d in domains_in(masked(cell).plain)
        if d.form == "interval"
    ]
    return claim.replace(low=ranges[0].low, high=ranges[0].high) if len(ranges) == 1 else claim


def _row_method(heads: list[str], cells: list[str], column: int) -> str:
    for index, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        about_method = _GROUP_HEADER.search(head)
        if index != column and about_method and (mentions := mentions_in(masked(cell).plain)):
            return mentions[0].name
    return ""


def _by_methods(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
    """Read a row of a table whose columns are methods and whose rows are settings."""
    heads = [masked(head) for head in header]
    methods = [_only_method(head) for head in heads]
    about = place.block.caption + " " + place.block.section
    is_budget = re.search(
        r"\bbudgets?\b|#\s?(?:trials|evaluations)|number of (?:trials|evaluations)", cells[0], re.IGNORECASE
    )
    told_so = SETTINGS_CAPTION.search(about + " " + header[0]) or re.search(r"recommend", cells[0], re.IGNORECASE)
    parameters = [_counted(cells[0], place.document.text)] if is_budget else names_of(cells[0], sure=bool(told_so))
    told = bool(NAME_HEADER.search(heads[0].plain)) and bool(_ADVISED.search(about))
    if told:
        if any(_COLUMN.match(head.plain) for head in heads[1:]) or any(
            _MEASURE.search(head.plain) for head in heads[1:]
        ):
            return []
        methods = [method or clean_name(head.raw) for method, head in zip(methods, heads, strict=True)]
    elif sum(bool(method) for method in methods[1:]) < 2 or _RESULT_CAPTION.search(place.block.caption):
        return []
    found = []
    for parameter in parameters[:1]:
        for method, cell in zip(methods[1:], cells[1:], strict=True):
            domain = cell_domain(cell, spoken=False) if method else None
            if domain and domain.form != "words":
                kind: ClaimKind = "range" if domain.form in {"interval", "set", "spread"} else "recommended_value"
                kind = "budget" if is_budget else kind
                found.append(_made(place, kind, parameter, method, domain))
    return found


def _by_settings(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
    """Read a row of a table whose columns are settings, or whose rows are and whose columns are cases (data, sizes)."""
    if _RESULT_CAPTION.search(place.block.caption):
        return []
    columns = [_known_name(head) for head in header]
    if not columns[0] and sum(bool(name) for name in columns[1:]) >= 2:
        named = mentions_in(masked(cells[0]).plain)
        pairs = [(name, cell) for name, cell in zip(columns, cells, strict=True) if name]
        return _settings(place, pairs, named[0].name if named else "", masked(cells[0]).plain.strip())
    name = _known_name(cells[0])
    if name and not any(_MEASURE.search(head) for head in header):
        found = []
        for head, cell in zip(header[1:], cells[1:], strict=True):
            found += _settings(place, [(name, cell)], _only_method(masked(head)), masked(head).plain.strip())
        return found
    return []


def _settings(place: Place, pairs: list[tuple[str, str]], method: str, case: str) -> list[FoundClaim]:
    found = []
    for name, cell in pairs:
        domain = cell_domain(cell, spoken=False)
        if domain and domain.form in {"single", "dash", "list", "pair", "set", "interval", "expression"}:
            kind: ClaimKind = "range" if domain.form in {"set", "interval"} else "recommended_value"
            found.append(_made(place, kind, name, method, domain).replace(condition=case))
    return found


def _known_name(cell: str) -> str:
    """Return the setting that a cell names and nothing else; empty where it is none that is known."""
    name = re.sub(r"^#\s*", "number of ", clean_name(cell))
    return name if is_known_parameter(name) and len(name) > 1 else ""


def _counted(cell: str, text: str) -> str:
    """Return what a cell on budgets counts: ``trials`` of ``Recommended budgets (#trials)``, else ``budget``."""
    match = re.search(r"\b(?:trials|evaluations|iterations|epochs|configurations)\b", cell, re.IGNORECASE)
    name = match[0].lower() if match else "budget"
    return f"n_{name}" if f"n_{name}" in text else name


def _by_pair(place: Place, cells: list[str]) -> list[FoundClaim]:
    """Read a row of two cells, of which the first is a setting that is known: ``Learning rate | 4e-4``."""
    parameters = [name for name in names_of(cells[0], sure=False) if plain_name(name) in known_parameters()]
    domain = cell_domain(cells[1], spoken=False) if parameters else None
    if not domain or domain.form == "words" or _RESULT_CAPTION.search(place.block.caption):
        return []
    kind: ClaimKind = "range" if domain.form in {"interval", "set", "spread", "list", "pair"} else "recommended_value"
    return [_made(place, kind, parameters[0], "", domain)]


def _choices(place: Place, heads: list[str], cells: list[str]) -> list[FoundClaim]:
    """Return the methods that a row recommends, with its other cells as the condition."""
    column = next((i for i, head in enumerate(heads) if _CHOICE_HEADER.search(head)), None)
    if column is None:
        return []
    condition = "; ".join(masked(cell).plain.strip() for i, cell in enumerate(cells) if i != column and cell)[:200]
    mentions = mentions_in(masked(cells[column]).plain)
    return [
        place.claim(
            "algorithm_choice", (0, len(place.reading)), method=m.name, parameter="", value=m.name, condition=condition
        )
        for m in mentions[:2]
    ]


def _only_method(head: Masked) -> str:
    mentions = mentions_in(head.plain)
    return mentions[0].name if mentions else ""


def _line_claims(place: Place) -> list[FoundClaim]:
    """Read a row as one line: a name, then an interval, set or distribution, and what stands around them."""
    text = masked(place.reading.replace(" | ", "   "))
    domains = [d for d in domains_in(text.plain) if d.form in {"interval", "set", "spread", "half"}]
    found: list[FoundClaim] = []
    for number, domain in enumerate(domains):
        start = domains[number - 1].end if number else 0
        end = domains[number + 1].start if number + 1 < len(domains) else len(text.plain)
        name = _line_name(text, start, domain.start)
        if name and not re.search(r"\d\s*$", text.plain[start : domain.start].split(name.name)[-1]):
            rest = text.plain[domain.end : end]
            rest = rest[: len(rest) - len(_next_name(rest))] if number + 1 < len(domains) else rest
            found += _line_claim(place, name, domain, (text.plain[name.end : domain.start], rest))
    return found


def _line_name(text: Masked, start: int, end: int) -> ParameterMention | None:
    """Return the name that stands before an interval in a row: the last identifier but for words of type."""
    part = text.part(start, end)
    mentions = [m for m in parameters_in(part) if len(part.plain[m.end :].split()) <= 3]
    if mentions:
        return replace(mentions[0], start=mentions[0].start + start, end=mentions[0].end + start)
    typed = r"(?:integer|int|continuous|float|real|double|numeric|num|discrete|log|linear|uniform|ordinal|:|=|∈|in|-|–)"
    match = re.search(rf"(?P<name>[A-Za-zα-ω][\w.]*)\s*(?:\b{typed}\s*)*[,:=∈]?\s*$", part.plain, re.IGNORECASE)
    if match and is_parameter_name(match["name"]) and not re.fullmatch(typed, match["name"], re.IGNORECASE):
        return ParameterMention(match["name"], start + match.start("name"), start + match.end("name"), is_code=True)
    return None


def _next_name(rest: str) -> str:
    """Return the end of what stands between two intervals that belongs to the second: its name and its type."""
    match = re.search(r"\s[A-Za-z][\w.]*\s+(?:integer|int|continuous|float|real|numeric|discrete)?\s*$", rest)
    return match[0] if match else ""


def _line_claim(place: Place, name: ParameterMention, domain: Domain, beside: tuple[str, str]) -> list[FoundClaim]:
    around, span = " ".join(beside), (name.start, domain.end + len(beside[1].rstrip()))
    log = domain.log if domain.log is not None else scale_of(around)
    if log is None and re.search(r"\b(?:continuous|integer|float|int|numeric|real)\b", around):
        log = False if domain.form == "interval" else None
    domain = replace(domain, log=log)
    if re.search(r"\b(?:budget|fidelity)\b", around):
        return [_made(place, "fidelity", name.name, "", domain, span=span)]
    parent = _PARENT.search(around)
    if not parent:
        return [_made(place, "range", name.name, "", domain, span=span)]
    condition = re.sub(r"\s+", " ", parent[0]).strip()
    claims = [_made(place, kind, name.name, "", domain, span=span) for kind in ("range", "condition")]
    return [claim.replace(condition=condition) for claim in claims]


def _learner_by_rows(place: Place) -> tuple[str, ...]:
    """Return the learner whose names the rows have, where neither headings nor the caption tell of which one it is."""
    told = place.context.names_near(place.number) and not place.tables.is_one_of_several(place.number)
    return () if told else place.tables.learner_of(place.number)


def _made(
    place: Place, kind: ClaimKind, parameter: str, method: str, domain: Domain, *, span: tuple[int, int] | None = None
) -> FoundClaim:
    prefix, _, rest = parameter.partition(".")
    if rest and (
        learner_of(prefix)
        or (
            re.fullmatch(r"[a-z]{2,12}", prefix)
            and plain_name(parameter) not in known_parameters()
            and prefix not in _R_WORDS
        )
    ):
        method, parameter = prefix, rest
    nearby = (method,) if method else place.tables.group_of(place.number) or _learner_by_rows(place)
    if method and not learner_of(method):
        return place.claim(
            kind_for(parameter, kind),
            span or (0, len(place.reading)),
            method=method,
            parameter=parameter,
            **stated(domain),
        )
    chosen = place.method_for(parameter, *nearby)
    return place.claim(
        kind_for(parameter, kind), span or (0, len(place.reading)), method=chosen, parameter=parameter, **stated(domain)
    )
