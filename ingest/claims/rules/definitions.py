"""Where the definitions of parameters start that follow each other without a blank line.

The documentation of a class (numpydoc, https://numpydoc.readthedocs.io/en/latest/format.html, section *Parameters*)
lists ``name : type, default=value`` line by line. Where such a list is one block of text, each of its definitions is
about a parameter of its own.
"""

from __future__ import annotations

import itertools
import re

from ingest.claims.masking import Masked

_TYPE = (
    r"(?:(?:an?|array|list|sequence|tuple|dict)\s+of\b|(?:int(?:eger)?|float|double|number|numeric|str(?:ing)?"
    r"|bool(?:ean)?|list|tuple|dict|callable|function|object|array(?:-like)?|nd-?array|numpy|pandas|sequence|iterable"
    r"|estimator|None|RandomState)\b|\{|['\"][\w.-]+['\"](?=,|\s+or\b|\s*\|))"
)
#: A name, a colon, and a type: with a space before the colon, or with a default behind.
_DEFINITION = re.compile(
    rf"(?<!\S)(?P<name>[A-Za-z]\w*)(?:\s:\s{_TYPE}|:\s{_TYPE}[^.:]{{0,80}}?\b(?:default\b|optional\b|synonym\b))"
)


def definitions(text: Masked) -> list[tuple[int, int]]:
    """Return where each definition of `text`, and what stands before the first, starts and ends.

    Args:
        text: A block; one span, all of it, where it defines nothing or one parameter at its start.
    """
    starts = [match.start() for match in _DEFINITION.finditer(text.raw)]
    if not starts or text.raw[: starts[0]].strip():
        starts = [0, *starts]
    return list(itertools.pairwise([*starts, len(text.raw)]))
