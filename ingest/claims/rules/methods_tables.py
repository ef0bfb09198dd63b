"""Claims in tables whose columns are methods, settings or cases, and in lists of settings with their values."""

from __future__ import annotations

import re

from ingest.claims.masking import Masked, masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import is_known_parameter, known_parameters, mentions_in
from ingest.claims.parameters import clean_name
from ingest.claims.rules.cells import (
    NAME_HEADER,
    SETTINGS_CAPTION,
    cell_domain,
    names_of,
)
from ingest.claims.rules.place import Place
from ingest.claims.rules.row_claims import row_claim
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

_MEASURE = re.compile(r"time|memory|accuracy|score|loss|error|speed|perplexity|latency|cost|result", re.IGNORECASE)
_RESULT_CAPTION = re.compile(
    r"\b(?:results?|accurac|error|scores?|performance|comparison|regret|runtime|datasets?|statistics"
    r"|characteristics|ranks?|ablation|AUC|RMSE)",
    re.IGNORECASE,
)
_ADVISED = re.compile(r"hyper-?\s?param|recommend|settings?\b|defaults|configuration|suggested", re.IGNORECASE)
#: Headers of columns that say something of a setting, and so name no method.
_COLUMN = re.compile(
    r"^\W*(?:range|type|default|description|info|values?|scale|space|note|comment|meaning)\b", re.IGNORECASE
)


def claims_by_methods(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
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
                found.append(row_claim(place, kind, parameter, method, domain))
    return found


def claims_by_settings(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
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
            found.append(row_claim(place, kind, name, method, domain).replace(condition=case))
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


def claims_of_pair(place: Place, cells: list[str]) -> list[FoundClaim]:
    """Read a row of two cells, of which the first is a setting that is known: ``Learning rate | 4e-4``."""
    parameters = [name for name in names_of(cells[0], sure=False) if plain_name(name) in known_parameters()]
    domain = cell_domain(cells[1], spoken=False) if parameters else None
    if not domain or domain.form == "words" or _RESULT_CAPTION.search(place.block.caption):
        return []
    kind: ClaimKind = "range" if domain.form in {"interval", "set", "spread", "list", "pair"} else "recommended_value"
    return [row_claim(place, kind, parameters[0], "", domain)]


def _only_method(head: Masked) -> str:
    mentions = mentions_in(head.plain)
    return mentions[0].name if mentions else ""
