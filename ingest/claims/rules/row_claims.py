"""A row of a table as a claim: which learner a setting in it is of."""

from __future__ import annotations

import re

from ingest.claims.domains import Domain
from ingest.claims.model import FoundClaim
from ingest.claims.naming import known_parameters, learner_of
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.place import Place, stated
from ingest.claims.wording import word_set
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

#: First words of R's dotted argument names.
_R_WORDS = word_set(
    "num n min max sample split respect regularization interaction bag train shrinkage mtry class "
    "case keep splitting replace"
)
#: In which case a setting of a row has an effect.
PARENT = re.compile(r"(?:⊢|\bif\b|\bonly if\b|\bactive if\b|\bdepends on\b)\s*(?P<parent>[\w.=\s'\"-]{2,60})")


def row_claim(
    place: Place, kind: ClaimKind, parameter: str, method: str, domain: Domain, *, span: tuple[int, int] | None = None
) -> FoundClaim:
    """Return a claim of a row.

    Args:
        place: The row.
        kind: What its cell states; of a budget it is a budget.
        parameter: As the row has it; a prefix (``svm.cost``) may name the learner.
        method: The learner that the row or its column names; empty where the table or what is around it tells.
        domain: The value or range.
        span: Part of the row to quote. Default: all of it.
    """
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
    if not method or learner_of(method):
        nearby = (method,) if method else place.tables.group_of(place.number) or _learner_by_rows(place)
        method = place.method_for(parameter, *nearby)
    quoted = span or (0, len(place.reading))
    return place.claim(kind_for(parameter, kind), quoted, method=method, parameter=parameter, **stated(domain))


def _learner_by_rows(place: Place) -> tuple[str, ...]:
    """Return the learner whose names the rows have, where neither headings nor the caption tell of which one it is."""
    told = place.context.names_near(place.number) and not place.tables.is_one_of_several(place.number)
    return () if told else place.tables.learner_of(place.number)
