"""What the cells of a table say: names, values, scales; and what its header makes of them."""

from __future__ import annotations

import re

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.masking import masked
from ingest.claims.naming import known_parameters
from ingest.claims.numbers import numbers_in
from ingest.claims.parameters import clean_name, parameters_in
from ingest.claims.rules.place import Place
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

NAME_HEADER = re.compile(
    r"param|hyper|^\s*(?:name|setting|option|argument|variable|flag|field|knob)s?\s*$", re.IGNORECASE
)
DEFAULT_HEADER = re.compile(r"default", re.IGNORECASE)
_RANGE_HEADER = re.compile(
    r"range|search|space|domain|candidate|grid|searchable|bounds|choices|options|allowed|possible"
    r"|interval|distribution",
    re.IGNORECASE,
)
_LOW_HEADER = re.compile(r"^\W*(?:min(?:imum)?|lower|low|from)\b", re.IGNORECASE)
_HIGH_HEADER = re.compile(r"^\W*(?:max(?:imum)?|upper|high|to)\b", re.IGNORECASE)
_VALUE_HEADER = re.compile(
    r"^\W*(?:value|setting|recommend|optimal|best|used|selected|chosen|final|suggested|typical|tuned|config)",
    re.IGNORECASE,
)
SETTINGS_CAPTION = re.compile(r"hyper-?\s?param|search space|configuration space|settings?\b|tuning", re.IGNORECASE)


def settled(kind: ClaimKind, domain: Domain, head: str) -> ClaimKind:
    """Return what a cell states, given what its column is of: a range of one value is a value, and many are a range."""
    if kind == "range" and not domain.is_range:
        return "default" if DEFAULT_HEADER.search(head) else "recommended_value"
    if kind == "recommended_value" and domain.form in {"spread", "interval", "set", "half"}:
        return "range"
    return kind


def column_kind(place: Place, head: str, cell: str) -> ClaimKind | None:
    """Return what the cells below `head` state, or None where they state something else."""
    if DEFAULT_HEADER.search(head):
        spread = _RANGE_HEADER.search(head) and any(d.is_range for d in domains_in(masked(cell).plain))
        return "range" if spread else "default"
    if _RANGE_HEADER.search(head):
        return "range"
    if _VALUE_HEADER.search(head) and not re.search(r"type", head, re.IGNORECASE):
        about = place.block.caption + " " + place.block.section + " " + place.block.header
        return "recommended_value" if SETTINGS_CAPTION.search(about) else None
    return None


def cell_scale(head: str, cell: str) -> bool | None:
    """Return whether a cell says that the scale is logarithmic (True) or linear (False); None where it does not say."""
    if re.match(r"\W*log\b", cell, re.IGNORECASE):
        return True
    if re.search(r"scale|log|transform|prior|dist|type|sampling", head, re.IGNORECASE):
        if re.fullmatch(r"\W*(?:true|yes|✓|y|x)\W*", cell, re.IGNORECASE) and re.search("log", head, re.IGNORECASE):
            return True
        return scale_of(cell)
    return scale_of(cell) if re.fullmatch(r"\W*(?:log\w*|linear|uniform)\W*", cell, re.IGNORECASE) else None


def ends_of(heads: list[str], cells: list[str]) -> Domain | None:
    """Return the range of a row whose bounds are in cells of their own, or None where it has none."""
    low = next((c for h, c in zip(heads, cells, strict=True) if _LOW_HEADER.match(h)), "")
    high = next((c for h, c in zip(heads, cells, strict=True) if _HIGH_HEADER.match(h)), "")
    ends = [domains_in(masked(cell).plain) for cell in (low, high)]
    values = [end[0].value if len(end) == 1 and end[0].form == "single" else None for end in ends]
    if not all(isinstance(value, int | float) for value in values):
        return None
    least, most = (float(str(value)) for value in values)
    return Domain("interval", 0, 0, low=least, high=most) if least <= most else None


def cell_domain(cell: str, *, spoken: bool) -> Domain | None:
    """Return the value or values that a cell states, or None where it states something else.

    Args:
        cell: Its text.
        spoken: Whether words are choices (in a column of ranges), rather than one value.
    """
    plain = masked(cell).plain
    if match := re.fullmatch(r"\s*[–—]\s?(?P<high>\d[\d,.]*[kKM]?)\s*", plain):
        return Domain("below", *match.span(), high=numbers_in(match["high"])[0].value)
    if _EXPRESSION.fullmatch(plain.strip()):
        return Domain("expression", 0, len(plain), value=re.sub(r"\s+", " ", plain).strip())
    domains = domains_in(plain)
    return _stated_number(plain, domains) if domains else _stated_words(plain, spoken=spoken)


_EXPRESSION = re.compile(r"(?:max|min|sqrt|log2?|round|ceil)\([^()]*\)|[\w.]+\s?[*/+]{1,2}\s?[\w.]+")
_MEASURED = re.compile(r"[A-Za-z]|\s?(?:GB|MB|GiB|min|sec|ms|x)\b")


def _stated_number(plain: str, domains: tuple[Domain, ...]) -> Domain | None:
    """Return the range of a cell, or its only number, unless that is a measurement or one of many words."""
    first = next((d for d in domains if d.is_range), domains[0])
    words = re.findall(r"[A-Za-z]{3,}", plain[: first.start])
    if first.is_range:
        return first if len(words) <= 12 else None
    others = plain[: first.start] + plain[first.end :]
    is_measured = first.form == "single" and _MEASURED.match(plain[first.end :])
    return None if is_measured or len(words) > 4 or re.search(r"\d|[()\[\]{}]", others) else first


def _stated_words(plain: str, *, spoken: bool) -> Domain | None:
    words = [clean_name(word) for word in re.split(r"\s*[,/]\s*|\s+or\s+", plain.strip(" {}[]()'\"."))]
    form = re.compile(r"[\w.+-]{1,30}|[\w-]+ [\w-]+" if spoken else r"[\w.+-]{1,30}")
    if not 1 <= len(words) <= 12 or not all(form.fullmatch(word) for word in words):
        return None
    if spoken and len(words) > 1:
        return Domain("set", 0, 0, value="{" + ", ".join(words) + "}")
    return Domain("words", 0, 0, value=words[0]) if len(words) == 1 and not spoken else None


def names_of(cell: str, *, sure: bool) -> list[str]:
    """Return the hyper-parameters that a cell names: by its header (`sure`), or because they are known ones."""
    text = masked(cell)
    mentions = parameters_in(text)
    covered = sum(mention.end - mention.start for mention in mentions)
    bare = re.sub(r"\([^()]*\)", "", text.plain).strip()
    share = 0.5 if any(mention.is_code for mention in mentions) else 0.85
    if mentions and covered >= share * len(bare):
        return [mention.name for mention in mentions if mention.is_code] or [mentions[0].name]
    name = clean_name(cell)
    if "=" in name:
        return []
    short = re.sub(r"\s*\(.*?\)", "", name).strip()
    if plain_name(short) in known_parameters():
        return [short]
    is_name = (
        bool(re.fullmatch(r"[A-Za-zα-ω][\w .*/()#-]*", short))
        and 1 <= len(short) <= 50
        and len(short.split()) <= 5
        and re.search(r"[A-Za-zα-ω]", short)
    )
    return [short] if sure and is_name and not domains_in(short) else []
