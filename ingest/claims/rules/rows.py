"""Claims in the rows of tables: ``max_depth | integer | [1, 15] | log``."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.masking import Masked, masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import hyperparameter_of, known_parameters, learner_of, mentions_in
from ingest.claims.numbers import numbers_in
from ingest.claims.parameters import ParameterMention, clean_name, is_parameter_name, parameters_in
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.place import Place, stated
from ingest.documents.model import Block, BlockKind, cells_of
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

_NAME_HEADER = re.compile(
    r"param|hyper|^\s*(?:name|setting|option|argument|variable|flag|field|knob)s?\s*$", re.IGNORECASE
)
_CHOICE_HEADER = re.compile(
    r"(?:recommend|best|suggest|prefer)\w*\W.*(?:algorithm|sampler|pruner|method|optimi[sz]er|learner|model)",
    re.IGNORECASE,
)
_GROUP_HEADER = re.compile(
    r"learner|model|algorithm|method|classifier|task|estimator|optimi[sz]er|sampler", re.IGNORECASE
)
_DEFAULT_HEADER = re.compile(r"default", re.IGNORECASE)
_RANGE_HEADER = re.compile(
    r"range|search|space|domain|candidate|grid|searchable|bounds|choices|options|allowed|possible|interval|distribution",
    re.IGNORECASE,
)
_LOW_HEADER = re.compile(r"^\W*(?:min(?:imum)?|lower|low|from)\b", re.IGNORECASE)
_HIGH_HEADER = re.compile(r"^\W*(?:max(?:imum)?|upper|high|to)\b", re.IGNORECASE)
_VALUE_HEADER = re.compile(
    r"^\W*(?:value|setting|recommend|optimal|best|used|selected|chosen|final|suggested|typical|tuned|config)",
    re.IGNORECASE,
)
_SETTINGS_CAPTION = re.compile(r"hyper-?\s?param|search space|configuration space|settings?\b|tuning", re.IGNORECASE)
_ADVISED = re.compile(r"hyper-?\s?param|recommend|settings?\b|defaults|configuration|suggested", re.IGNORECASE)
_RESULT_CAPTION = re.compile(
    r"\b(?:results?|accurac|error|scores?|performance|comparison|regret|runtime|datasets?|statistics|characteristics|ranks?|ablation|AUC|RMSE)",
    re.IGNORECASE,
)
_PARENT = re.compile(r"(?:⊢|\bif\b|\bonly if\b|\bactive if\b|\bdepends on\b)\s*(?P<parent>[\w.=\s'\"-]{2,60})")
#: First words of R's dotted argument names.
_R_WORDS = frozenset(
    "num n min max sample split respect regularization interaction bag train shrinkage mtry class case keep splitting replace".split()
)
_MEASURE = re.compile(r"time|memory|accuracy|score|loss|error|speed|perplexity|latency|cost|result", re.IGNORECASE)
_FIXED = re.compile(r"hard[- ]?coded|\bfixed\b|\bconst(?:ant)?\b", re.IGNORECASE)


def row_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a row of a table."""
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
    if len(cells) == 2 and (found := _by_pair(place, cells)):
        return found
    return _line_claims(place)


def _by_columns(place: Place, header: list[str], cells: list[str]) -> list[FoundClaim]:
    """Read a row by what the header calls its columns."""
    heads = [masked(head).plain.strip() for head in header]
    if choices := _choices(place, heads, cells):
        return choices
    names = [i for i, head in enumerate(heads) if _NAME_HEADER.search(head)]
    column = names[0] if names else 0
    parameters = _names_of(cells[column], sure=bool(names))
    if not parameters:
        return []
    method = _row_method(heads, cells, column)
    found: list[FoundClaim] = []
    for parameter in parameters:
        found += _cell_claims(place, parameter, method, (heads, cells, column))
    return _marked(found, [cell for index, cell in enumerate(cells) if index != column])


def _marked(found: list[FoundClaim], cells: list[str]) -> list[FoundClaim]:
    """Return the claims of a row as its remarks make them: of a fidelity, or under a condition (in claims of its own)."""
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
    log = next((s for h, c in zip(heads, cells, strict=True) if (s := _cell_scale(h, c)) is not None), None)
    ends = _ends(heads, cells)
    found = []
    if ends:
        found.append(_made(place, "range", parameter, method, replace(ends, log=log)))
    for index, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        if index == column or not cell:
            continue
        kind = _column_kind(place, head, cell)
        domain = _cell_domain(cell, spoken=kind == "range") if kind else None
        if domain and domain.form == "words" and str(domain.value) in parameter:
            continue
        if kind and domain and not (ends and kind == "range"):
            domain = domain if domain.log is not None or not domain.is_range else replace(domain, log=log)
            found.append(_made(place, _settled(kind, domain, head), parameter, method, domain))
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


def _settled(kind: ClaimKind, domain: Domain, head: str) -> ClaimKind:
    if kind == "range" and not domain.is_range:
        return "default" if _DEFAULT_HEADER.search(head) else "recommended_value"
    if kind == "recommended_value" and domain.form in {"spread", "interval", "set", "half"}:
        return "range"
    return kind


def _column_kind(place: Place, head: str, cell: str) -> ClaimKind | None:
    if _DEFAULT_HEADER.search(head):
        spread = _RANGE_HEADER.search(head) and any(d.is_range for d in domains_in(masked(cell).plain))
        return "range" if spread else "default"
    if _RANGE_HEADER.search(head):
        return "range"
    if _VALUE_HEADER.search(head) and not re.search(r"type", head, re.IGNORECASE):
        about = place.block.caption + " " + place.block.section + " " + place.block.header
        return "recommended_value" if _SETTINGS_CAPTION.search(about) else None
    return None


def _cell_scale(head: str, cell: str) -> bool | None:
    if re.match(r"\W*log\b", cell, re.IGNORECASE):
        return True
    if re.search(r"scale|log|transform|prior|dist|type|sampling", head, re.IGNORECASE):
        if re.fullmatch(r"\W*(?:true|yes|✓|y|x)\W*", cell, re.IGNORECASE) and re.search("log", head, re.IGNORECASE):
            return True
        return scale_of(cell)
    return scale_of(cell) if re.fullmatch(r"\W*(?:log\w*|linear|uniform)\W*", cell, re.IGNORECASE) else None


def _ends(heads: list[str], cells: list[str]) -> Domain | None:
    low = next((c for h, c in zip(heads, cells, strict=True) if _LOW_HEADER.match(h)), "")
    high = next((c for h, c in zip(heads, cells, strict=True) if _HIGH_HEADER.match(h)), "")
    ends = [domains_in(masked(cell).plain) for cell in (low, high)]
    values = [end[0].value if len(end) == 1 and end[0].form == "single" else None for end in ends]
    if not all(isinstance(value, int | float) for value in values):
        return None
    least, most = (float(str(value)) for value in values)
    return Domain("interval", 0, 0, low=least, high=most) if least <= most else None


def _cell_domain(cell: str, *, spoken: bool) -> Domain | None:
    """Return the value or values that a cell states, or None where it states something else."""
    plain = masked(cell).plain
    if match := re.fullmatch(rf"\s*[–—]\s?(?P<high>\d[\d,.]*[kKM]?)\s*", plain):
        return Domain("below", *match.span(), high=numbers_in(match["high"])[0].value)
    if re.fullmatch(r"\s*(?:max|min|sqrt|log2?|round|ceil)\([^()]*\)\s*", plain) or re.fullmatch(
        r"[\w.]+\s?[*/+]{1,2}\s?[\w.]+", plain.strip()
    ):
        return Domain("expression", 0, len(plain), value=re.sub(r"\s+", " ", plain).strip())
    domains = domains_in(plain)
    if domains:
        first = next((d for d in domains if d.is_range), domains[0])
        words = re.findall(r"[A-Za-z]{3,}", plain[: first.start])
        if first.form == "single" and re.match(r"[A-Za-z]|\s?(?:GB|MB|GiB|min|sec|ms|x)\b", plain[first.end :]):
            return None
        lone = first.is_range or not re.search(r"\d|[()\[\]{}]", plain[: first.start] + plain[first.end :])
        return first if len(words) <= (12 if first.is_range else 4) and lone else None
    words = [clean_name(word) for word in re.split(r"\s*[,/]\s*|\s+or\s+", plain.strip(" {}[]()'\"."))]
    if not 1 <= len(words) <= 12 or any(
        not re.fullmatch(r"[\w.+-]{1,30}|[\w-]+ [\w-]+" if spoken else r"[\w.+-]{1,30}", word) for word in words
    ):
        return None
    if spoken and len(words) > 1:
        return Domain("set", 0, 0, value="{" + ", ".join(words) + "}")
    return Domain("words", 0, 0, value=words[0]) if len(words) == 1 and not spoken else None


def _names_of(cell: str, *, sure: bool) -> list[str]:
    """Return the hyper-parameters that a cell names: by its header (`sure`), or because they are known ones."""
    text = masked(cell)
    mentions = parameters_in(text)
    covered = sum(mention.end - mention.start for mention in mentions)
    bare = re.sub(r"\([^()]*\)", "", text.plain).strip()
    share = 0.5 if any(mention.is_code for mention in mentions) else 0.85
    if mentions and covered >= share * len(bare):
        return [mention.name for mention in mentions if mention.is_code] or [mentions[0].name]
    name = clean_name(cell)
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
    told_so = _SETTINGS_CAPTION.search(about + " " + header[0]) or re.search(r"recommend", cells[0], re.IGNORECASE)
    parameters = [_counted(cells[0], place.document.text)] if is_budget else _names_of(cells[0], sure=bool(told_so))
    told = bool(_NAME_HEADER.search(heads[0].plain)) and bool(_ADVISED.search(about))
    if told:
        if any(_MEASURE.search(head.plain) for head in heads[1:]):
            return []
        methods = [method or clean_name(head.raw) for method, head in zip(methods, heads, strict=True)]
    elif sum(bool(method) for method in methods[1:]) < 2 or _RESULT_CAPTION.search(place.block.caption):
        return []
    found = []
    for parameter in parameters[:1]:
        for method, cell in zip(methods[1:], cells[1:], strict=True):
            domain = _cell_domain(cell, spoken=False) if method else None
            if domain and domain.form != "words":
                kind: ClaimKind = "range" if domain.form in {"interval", "set", "spread"} else "recommended_value"
                kind = "budget" if is_budget else kind
                found.append(_made(place, kind, parameter, method, domain))
    return found


def _counted(cell: str, text: str) -> str:
    """Return what a cell on budgets counts: ``trials`` of ``Recommended budgets (#trials)``, else ``budget``."""
    match = re.search(r"\b(?:trials|evaluations|iterations|epochs|configurations)\b", cell, re.IGNORECASE)
    name = match[0].lower() if match else "budget"
    return f"n_{name}" if f"n_{name}" in text else name


def _by_pair(place: Place, cells: list[str]) -> list[FoundClaim]:
    """Read a row of two cells, of which the first is a setting that is known: ``Learning rate | 4e-4``."""
    parameters = [name for name in _names_of(cells[0], sure=False) if plain_name(name) in known_parameters()]
    domain = _cell_domain(cells[1], spoken=False) if parameters else None
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


_BRACKETED = re.compile(r"(?P<name>[A-Za-z][\w.\\-]*(?:\s[a-z][\w-]*){0,3})")


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
    nearby = (method,) if method else _group_of(place)
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


def _group_of(place: Place) -> tuple[str, ...]:
    """Return the learner that labels the group of rows which this one is in; none where the rows have no labels.

    A label is a line of its own above its group, or stands on the first row of its group, or, where its cell spans the
    group, on the row in the middle.
    """
    blocks, here = place.document.blocks, place.block
    first, last = place.number, place.number
    while first > 0 and _same_table(blocks[first - 1], here):
        first -= 1
    while last + 1 < len(blocks) and _same_table(blocks[last + 1], here):
        last += 1
    above = next((name for n in range(place.number - 1, first - 1, -1) if (name := _lone_label(blocks[n].reading))), "")
    if above:
        return (above,)
    labels = [(n - first, name) for n in range(first, last + 1) if (name := _label(blocks[n].reading))]
    if not labels:
        before = (name for n in range(first - 1, max(-1, first - 4), -1) if (name := _lone_label(blocks[n].reading)))
        return tuple(before)[:1]
    return (_nearest_label(labels, place.number - first, last - first),)


def _nearest_label(labels: list[tuple[int, str]], at: int, last: int) -> str:
    """Return the label of the group that row `at` is in, of labels with their rows, in a table with rows up to `last`."""
    start = 0
    for number, (position, label) in enumerate(labels):
        following = labels[number + 1][0] if number + 1 < len(labels) else last + 1
        end = 2 * position - start if start < position else following - 1
        if at <= end:
            return label
        start = end + 1
    return labels[-1][1]


def _same_table(one: Block, other: Block) -> bool:
    return all(getattr(one, f) == getattr(other, f) for f in ("kind", "header", "caption", "section", "page"))


def _lone_label(text: str) -> str:
    """Return the learner or scenario that a line names, where it says nothing else (``rbv2_svm``, ``Random forest``)."""
    plain = masked(text).plain.strip(" |:")
    if len(plain.split()) > 3 or not plain or re.search(r"\d\s|^\d", plain):
        return ""
    last = plain.split("_")[-1]
    if "_" in plain and " " not in plain:
        return last if learner_of(last) else plain if plain_name(plain) not in known_parameters() else ""
    mentions = mentions_in(plain)
    return mentions[0].name if mentions and mentions[0].end - mentions[0].start > 0.6 * len(plain) else ""


def _label(text: str) -> str:
    """Return the learner that a row names before anything else."""
    plain = masked(text).plain.strip(" |")
    mentions = mentions_in(plain)
    if mentions and mentions[0].start == 0 and plain[mentions[0].end : mentions[0].end + 1] not in {".", "_"}:
        spec = learner_of(mentions[0].name)
        following = plain[mentions[0].end :].split()
        if spec and following and hyperparameter_of(spec.name, plain.split()[0]):
            return ""
        return mentions[0].name
    return ""


def is_row(place: Place) -> bool:
    """Say whether the block is a row of a table."""
    return place.block.kind is BlockKind.ROW
