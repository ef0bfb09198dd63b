"""Claims in the rows of tables: ``max_depth | integer | [1, 15] | log``."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.claims.domains import Domain, domains_in
from ingest.claims.masking import masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import mentions_in
from ingest.claims.rules.cells import (
    NAME_HEADER,
    cell_domain,
    cell_scale,
    column_kind,
    ends_of,
    names_of,
    settled,
)
from ingest.claims.rules.lines import line_claims
from ingest.claims.rules.methods_tables import claims_by_methods, claims_by_settings, claims_of_pair
from ingest.claims.rules.place import Place
from ingest.claims.rules.row_claims import PARENT, row_claim
from ingest.documents.model import cells_of

_CHOICE_HEADER = re.compile(
    r"(?:recommend|best|suggest|prefer)\w*\W.*(?:algorithm|sampler|pruner|method|optimi[sz]er|learner|model)",
    re.IGNORECASE,
)
_GROUP_HEADER = re.compile(
    r"learner|model|algorithm|method|classifier|task|estimator|optimi[sz]er|sampler", re.IGNORECASE
)


def row_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a row of a table."""
    return [claim for claim in _of_row(place) if not claim.parameter_name or _NAME.fullmatch(claim.parameter_name)]


def _of_row(place: Place) -> list[FoundClaim]:
    block = place.block
    cells = list(block.cells)
    if len(cells) < 2:
        return line_claims(place)
    header = list(cells_of(re.sub(r"\|(\w+)\|_", r" \1 ", block.header)))
    if len(header) == len(cells) + 1 and len(header) > 2 and _GROUP_HEADER.search(header[0]):
        cells = ["", *cells]  # the cell of the group stands on its first row only
    if len(header) == len(cells) and (found := _by_columns(place, header, cells)):
        return found
    if len(header) == len(cells) and (found := claims_by_methods(place, header, cells)):
        return found
    if len(header) == len(cells) and (found := claims_by_settings(place, header, cells)):
        return found
    if len(cells) == 2 and (found := claims_of_pair(place, cells)):
        return found
    return line_claims(place)


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
    parent = next((match for cell in cells if (match := PARENT.search(cell))), None)
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
        found.append(row_claim(place, "range", parameter, method, replace(ends, log=log)))
    for index, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        if index == column or not cell:
            continue
        kind = column_kind(place, head, cell)
        domain = cell_domain(cell, spoken=kind == "range") if kind else None
        if domain and domain.form == "words" and str(domain.value) in parameter:
            continue
        if kind and domain and not (ends and kind == "range"):
            if domain.is_range and domain.log is None:
                domain = replace(domain, log=_log_of(cell, domain) if log is None else log)
            found.append(row_claim(place, settled(kind, domain, head), parameter, method, domain))
    return [_with_limits(claim, cells) for claim in found]


#: A remark on the scale beside a range.
_LOG_REMARK = re.compile(r"\blog(?:arithmic|[- ]?(?:scale|uniform\w*))\b|[\])\d]\W*\blog\W*$", re.IGNORECASE)


def _log_of(cell: str, domain: Domain) -> bool | None:
    """Return the scale of a range by what its own cell says of it; None where it does not say."""
    return True if domain.low and domain.low > 0 and _LOG_REMARK.search(cell) else None


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
