"""The parts of a card as model hubs have them: YAML front matter, headings, tables of hyper-parameters. Data, not code.

The YAML is read as texts, lists and mappings only (no tags, no types, no aliases, which can grow without bound).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from kg.errors import InputError

#: Characters of a card, and of its front matter, that are read.
MOST_CHARACTERS, MOST_FRONT = 1_000_000, 200_000
#: Settings that are read from one card.
MOST_SETTINGS = 500

_FRONT = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+)$", re.MULTILINE)
_SETTINGS = re.compile(r"(?i)hyper-?\s?param\w*|training (arguments|settings)|model parameters")
_ROW = re.compile(r"^\s*\|(.+)\|\s*$")
_BULLET = re.compile(r"^\s*[-*+]\s+[`*_]*([A-Za-z][\w .-]{0,60}?)[`*_]*\s*[:=]\s*[`*_]*(.{1,100}?)[`*_]*\s*$")


class _Loader(yaml.BaseLoader):
    """Reads every scalar as text, and no aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def front_matter(text: str) -> Mapping[str, Any]:
    """Return the YAML front matter of a card: texts, lists, mappings. Empty where it has none.

    Raises:
        InputError: The card is too long, or its front matter is no YAML mapping.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"{len(text):,} characters.", where="card", allowed=f"at most {MOST_CHARACTERS:,}")
    found = _FRONT.match(text)
    if found is None:
        return {}
    if len(found[1]) > MOST_FRONT:
        raise InputError(
            f"{len(found[1]):,} characters.", where="front matter of the card", allowed=f"at most {MOST_FRONT:,}"
        )
    try:
        read = yaml.load(found[1], Loader=_Loader)  # noqa: S506  # texts only, see above
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = " ".join(str(error).split())[:200]
        raise InputError(f"This is no YAML: {line}.", where="front matter of the card", allowed="YAML") from None
    if read in (None, ""):
        return {}
    if not isinstance(read, dict):
        raise InputError("This is no mapping.", where="front matter of the card", allowed="names and values")
    return {str(name): value for name, value in read.items()}


def body(text: str) -> str:
    """Return a card without its front matter."""
    found = _FRONT.match(text)
    return text[found.end() :] if found else text


def title(text: str) -> str:
    """Return the first heading of a card; '' where it has none."""
    found = _HEADING.search(body(text))
    return found[2].rstrip("# \t").strip() if found else ""


def settings(text: str) -> dict[str, str]:
    """Return what a card lists under a heading on hyper-parameters, by table or bullets: name -> text of value."""
    found: dict[str, str] = {}
    for section in _sections(body(text)):
        for line in section.splitlines():
            pair = _pair(line)
            if pair is not None and len(found) < MOST_SETTINGS:
                found.setdefault(*pair)
    return found


def _sections(text: str) -> Iterator[str]:
    """Yield what stands under headings on hyper-parameters, up to the next heading of that rank."""
    headings = list(_HEADING.finditer(text))
    for place, heading in enumerate(headings):
        if _SETTINGS.search(heading[2]):
            rest = (h.start() for h in headings[place + 1 :] if len(h[1]) <= len(heading[1]))
            yield text[heading.end() : next(rest, len(text))]


def _pair(line: str) -> tuple[str, str] | None:
    if (row := _ROW.match(line)) is not None:
        cells = [cell.strip().strip("`*").strip() for cell in row[1].split("|")]
        if len(cells) < 2 or not re.fullmatch(r"[A-Za-z][\w .-]{0,80}", cells[0]) or set(cells[1]) <= set(":- "):
            return None
        return None if cells[1].lower() in ("value", "values") else (cells[0], cells[1])
    bullet = _BULLET.match(line)
    return (bullet[1].strip(), bullet[2].strip()) if bullet else None
