"""Search spaces in YAML and JSON: a name, and below it or in braces its ends or choices, as in a sweep's file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.model import FoundClaim
from ingest.claims.rules.listing import is_toy, listed_values, listing_claim, number_of
from ingest.claims.rules.place import Place
from ingest.claims.rules.search_spaces import HIGH_NAMES, LOW_NAMES
from kg.model import ParameterValue

#: A mapping within braces, or one whose entries are on lines of their own, indented more than its name.
_MAPPING = re.compile(
    r"(?:^|\n)(?P<indent>[ \t]*)(?:-\s*)?[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?\s*:[ \t]*(?:\{(?P<braces>[^{}\n]+)\}"
    r"|(?=\n(?P=indent)[ \t]))"
)
_LINE = re.compile(r"\n(?P<indent>[ \t]*)(?P<words>[^\n]*)")
_ENTRY = re.compile(r"[\"']?(?P<key>\w+)[\"']?[ \t]*[:=][ \t]*(?P<value>\[[^\]]*\]|[^,\n{}#]+)")
_LISTED_LINE = re.compile(r"-[ \t]+[\"']?(?P<item>[\w.+-]+)[\"']?\s*(?:#.*)?")


def mapping_claims(place: Place, code: str) -> Iterator[FoundClaim]:
    """Yield the ranges of YAML and JSON: ``lr:`` with ``min:`` and ``max:``, or ``lower`` and ``upper``."""
    for match in _MAPPING.finditer(code):
        body, end = (match["braces"], match.end()) if match["braces"] else _block_below(code, match)
        entries = {entry["key"].lower(): entry["value"].strip() for entry in _ENTRY.finditer(body)}
        low = next((number_of(entries[k]) for k in LOW_NAMES if k in entries), None)
        high = next((number_of(entries[k]) for k in HIGH_NAMES if k in entries), None)
        if is_toy(match["name"]):
            continue
        if low is not None and high is not None and low < high:
            said = " ".join(entries.get(k, "") for k in ("distribution", "type", "scale", "prior", "sampling"))
            log = "log" in said.lower() or entries.get("log", "").lower() == "true"
            fields: dict[str, ParameterValue] = {"low": low, "high": high, "log": log}
        else:
            fields = listed_values(entries.get("values", entries.get("choices", "")))
        if fields:
            start = match.start("indent")
            yield listing_claim(place, "range", match["name"], (start, end), fields)


def _block_below(code: str, head: re.Match[str]) -> tuple[str, int]:
    """Return the entries of a mapping on the lines below its name, those of mappings in it left out, and where it ends.

    A list with an item a line becomes one in brackets.
    """
    lines: list[str] = []
    inner, end = "", head.end()
    for line in _LINE.finditer(code, head.end()):
        indent, words = line["indent"], line["words"].strip()
        if words and len(indent) <= len(head["indent"]):
            break
        end = line.end()
        inner = inner or indent
        item = _LISTED_LINE.fullmatch(words)
        if item and lines and lines[-1].endswith((":", "]")):
            head_of, sign = (lines[-1], " [") if lines[-1].endswith(":") else (lines[-1][:-1], ", ")
            lines[-1] = f"{head_of}{sign}{item['item']}]"
        elif indent == inner:
            lines.append(re.sub(r"\{[^{}]*\}", "", words))
    return "\n".join(lines), end
