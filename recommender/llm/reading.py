"""From words to what they say of a task, by rules: numbers with units, and the words beside them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.model import TaskType, metric_named
from kg.model.base import FrozenMapping
from recommender.llm import cues
from recommender.llm.quantities import MOST_CHARACTERS, Quantity, quantities
from recommender.llm.stated import Reading, Said

#: What a count is of, by the words beside it.
_COUNTED: Mapping[str, str] = {
    "n_workers": r"(cpu |processor |physical )?cores?|cpus?|workers?|threads?|processes|processors",
    "n_trials": r"trials?|iterations?|evaluations?|configurations?|configs?|experiments?|attempts?|runs?",
    "n_columns": r"columns?|features?|variables?|attributes?|predictors?|fields?|inputs?|dimensions?|measurements",
    "n_classes": r"class(es)?|categories|labels|species|outcomes",
    "n_rows": r"rows?|records?|samples?|instances?|examples?|observations?|entries|lines|data ?points?|customers?|"
    r"patients?|transactions?|loans?|people|persons?|users?|houses?|homes?|cases?|images?|clients?|accounts?|"
    r"applicants?|applications?|orders?|texts?|documents?|events?|flights?|cars?|readings?|students?|employees?|borrowers?",
}
#: Words between a count and what it is of.
_WORDS_BETWEEN = 4
_HORIZON_BEFORE = re.compile(r"(next|last|past|previous|every|after|coming|older than|following|over the) *$")
_HORIZON_AFTER = re.compile(
    r"^[ -]*(ago|old|ahead|in advance|later|per\b|a trial|each|intervals?|windows?|horizon|earlier|before|"
    r"(worth )?of (data|history|logs|records|readings|sales))"
)
_MISSING = re.compile(r"missing|nulls?\b|nans?\b|empty|blank|gaps")
_OTHER_SHARE = re.compile(
    r"accura|precision|recall|auc|f1|test\b|validation|hold-?out|train|split|of the time|faster|better|improv|noise|"
    r"confidence|interest|cpu|of (my|the) (cores|memory|(rows|data)(?! (are|were|have|belong)))\b"
)
_OTHER_BEFORE = re.compile(
    r"(accura\w*|precision|recall|auc|f1|confidence|use|using|by)"
    r"( of| at| above| over| around| about| least| is| to| than)* *$"
)
_NOT_MEMORY = re.compile(r"^ *(of )?(data|csv|file|table|parquet|disk|storage|data ?set)")
_BY = re.compile(r" *([a-z]+ )?(x|×|by) *")
_OF_THEM = re.compile(
    r"^ *(of (them|which|these|those)|are|were|have|positives?|defaults?|defaulted|frauds?|fraudulent|churned|sick)\b"
)
_NAMED = re.compile(
    r"(?:called|named) [\"'“]?([A-Za-z][\w.-]{2,40})|(?:[Tt]he|[Mm]y) ([A-Za-z][\w-]{2,40}) data ?set\b"
)
_GENERIC = {"whole", "same", "following", "training", "test", "full", "own", "new", "given", "attached", "our", "small"}


@dataclass
class _Reader:
    """Reads one text."""

    words: str
    said: dict[str, Said] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    shaped: tuple[Quantity, ...] = ()
    """Counts that are read as rows by columns."""

    def __post_init__(self) -> None:
        self.lower = self.words.lower()
        self.found = quantities(self.words)

    def put(self, name: str, value: Any, quote: str, why: str = "") -> None:
        """Keep what was said first; what contradicts it is told."""
        if name in self.said:
            if self.said[name].value != value:
                self.notes.append(f"Both '{self.said[name].quote}' and '{quote}' are said; the first counts.")
            return
        self.said[name] = Said(value=value, quote=quote, why=why)

    def before(self, quantity: Quantity) -> str:
        """Return the words before a quantity, in lower case, back to a mark or another quantity."""
        start = max((q.end for q in self.found if q.end <= quantity.start), default=0)
        return re.split(r"[.;:,!?\n]", self.lower[start : quantity.start])[-1]

    def after(self, quantity: Quantity) -> str:
        """Return the words behind a quantity, in lower case, up to a mark or another quantity."""
        end = min((q.start for q in self.found if q.start >= quantity.end), default=len(self.lower))
        return re.split(r"[.;:,!?\n(]", self.lower[quantity.end : end])[0]


def read(words: str) -> Reading:
    """Return what `words` say of a task. What they do not say is absent; nothing is made up.

    Args:
        words: English; at most `MOST_CHARACTERS` of them are looked at.
    """
    reader = _Reader(words[:MOST_CHARACTERS])
    for step in _STEPS:
        step(reader)
    return Reading(said=FrozenMapping[str, Said](reader.said), notes=tuple(reader.notes))


def _read_counts(reader: _Reader) -> None:
    loose = []
    _read_shape(reader)
    for one in (q for q in reader.found if q.kind == "count" and q.value >= 1 and q not in reader.shaped):
        name = _role(reader, one)
        if name is not None and not (
            name == "n_rows" and "n_rows" in reader.said and _OF_THEM.match(reader.after(one))
        ):
            reader.put(name, round(one.value), _with_words(reader, one))
        elif name is None:
            loose.append(one)
    plural = [q for q in loose if q.value >= 50 and re.match(r" *(\w+ ){0,2}\w+s\b", reader.after(q))]
    if "n_rows" not in reader.said and plural:
        largest = max(plural, key=lambda q: q.value)
        quote = _with_words(reader, largest)
        reader.put("n_rows", round(largest.value), quote, f"'{quote}' are taken to be the rows")


def _read_shape(reader: _Reader) -> None:
    """Read ``500 samples x 20,000 genes`` and ``100k x 30``: rows, then columns."""
    for left, right in itertools.pairwise(reader.found):
        if left.kind == right.kind == "count" and _BY.fullmatch(reader.lower[left.end : right.start]):
            quote = reader.words[left.start : right.end]
            reader.put("n_rows", round(left.value), quote)
            reader.put("n_columns", round(right.value), quote)
            reader.shaped = (left, right)


def _role(reader: _Reader, one: Quantity) -> str | None:
    """Return what a count is of: what is named soonest behind it, or right before it."""
    words = " ".join(reader.after(one).split()[:_WORDS_BETWEEN])
    places = {name: re.search(rf"(?<![\w])(?:{nouns})(?![\w])", words) for name, nouns in _COUNTED.items()}
    behind = [(match.start(), name) for name, match in places.items() if match is not None]
    if behind:
        return min(behind)[1]
    ahead = reader.lower[max(0, one.start - 40) : one.start]
    for name, nouns in _COUNTED.items():
        if re.search(rf"(?<![\w])(?:{nouns}) *(is|are|=|:|about|of)? *$", ahead):
            return name
    return None


def _read_shares(reader: _Reader) -> None:
    shares: list[Quantity] = []
    for one in (q for q in reader.found if q.kind == "share" and 0 < q.value < 1):
        before, after = reader.before(one), " ".join(reader.after(one).split()[:5])
        if _MISSING.search(f"{' '.join(before.split()[-4:])} {after}"):
            reader.put("missing_share", one.value, _with_words(reader, one))
        elif _OTHER_SHARE.search(after) or _OTHER_BEFORE.search(before):
            reader.notes.append(f"'{_with_words(reader, one)}' is taken for no share of a class.")
        else:
            shares.append(one)
    _put_minority(reader, shares)
    rows = reader.said.get("n_rows")
    if "minority_share" in reader.said or rows is None or not isinstance(rows.value, int):
        return
    for one in (q for q in reader.found if q.kind == "count" and 0 < q.value < rows.value):
        if _OF_THEM.match(reader.after(one)):
            share = one.value / rows.value
            why = f"{one.text} of {rows.value:,} rows are {share:.2%}"
            reader.put("minority_share", min(share, 1 - share), _with_words(reader, one), why)


def _put_minority(reader: _Reader, shares: list[Quantity]) -> None:
    if not shares:
        return
    least = min(shares, key=lambda q: min(q.value, 1 - q.value))
    share = min(least.value, 1 - least.value)
    why = "" if share == least.value else f"the other class has {share:.1%}"
    reader.put("minority_share", round(share, 12), _with_words(reader, least), why)
    if len(shares) > 2 and abs(sum(q.value for q in shares) - 1) < 0.02:
        reader.put("n_classes", len(shares), f"{len(shares)} shares")


def _read_times(reader: _Reader) -> None:
    usable = []
    for one in (q for q in reader.found if q.kind == "seconds" and q.value > 0):
        if _HORIZON_BEFORE.search(reader.before(one)) or _HORIZON_AFTER.match(reader.after(one)):
            reader.notes.append(f"'{_with_words(reader, one)}' is taken for no limit on the time of tuning.")
        else:
            usable.append(one)
    if usable:
        cue = re.compile(r"\b(in|within|under|most|max\w*|budget|limit|only|for|takes?|have)\W*(of|about|the)?\W*$")
        limits = [q for q in usable if cue.search(reader.before(q))]
        chosen = (limits or usable)[0]
        reader.put("wall_clock_s", chosen.value, chosen.text)
    elif match := re.search(cues.OVERNIGHT, reader.lower):
        reader.put("wall_clock_s", 8 * 3600.0, match[0], f"'{match[0]}' is taken to be 8 hours")


def _read_machine(reader: _Reader) -> None:
    for one in (q for q in reader.found if q.kind == "megabytes"):
        if not _NOT_MEMORY.match(reader.after(one)):
            reader.put("memory_mb", one.value, one.text)
    for phrase, (workers, memory) in cues.MACHINES.items():
        for match, denied in cues.found(phrase, reader.lower):
            if denied:
                continue
            quote = reader.words[match.start() : match.end()]
            if "n_workers" not in reader.said:
                reader.put("n_workers", workers, quote, f"on a {quote}, {_side_by_side(workers)}")
            if "memory_mb" not in reader.said:
                reader.put("memory_mb", memory, quote, f"a {quote} is taken to have {memory / 1024:g} GB of memory")
    if cues.says(cues.GPU, reader.lower):
        reader.notes.append("No learner here uses a GPU.")


def _read_learners(reader: _Reader) -> None:
    taken: list[tuple[int, int]] = []
    wanted: dict[str, str] = {}
    unwanted: dict[str, str] = {}
    for phrase, names in cues.LEARNERS.items():
        for match, denied in cues.found(phrase, reader.lower):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue  # a longer phrase was found there
            taken.append(match.span())
            (unwanted if denied else wanted).update(dict.fromkeys(names, reader.words[match.start() : match.end()]))
    for name, found in (("learners", wanted), ("unwanted", unwanted)):
        if found:
            reader.put(name, tuple(found), ", ".join(dict.fromkeys(found.values())))
    for match, denied in cues.found(cues.EXPLAIN, reader.lower):
        if not denied:
            reader.put("interpretable", True, reader.words[match.start() : match.end()])
            break


def _read_metric(reader: _Reader) -> None:
    for phrase, (name, why) in cues.METRICS.items():
        for match, denied in cues.found(phrase, reader.lower):
            if not denied and "metric" not in reader.said:
                reader.put("metric", name, reader.words[match.start() : match.end()], why)


def _read_task_type(reader: _Reader) -> None:
    metric, said = reader.said.get("metric"), reader.said
    if metric is not None:
        reader.put("task_type", str(metric_named(str(metric.value)).task_type), metric.quote, "the metric is for it")
    elif first := next((said[n] for n in ("minority_share", "n_classes") if n in said), None):
        reader.put("task_type", str(TaskType.CLASSIFICATION), first.quote)
    else:
        hits = {t: [m for m, denied in cues.found(p, reader.lower) if not denied] for t, p in cues.TASK_TYPES.items()}
        most = max(hits, key=lambda t: len(hits[t]))
        if hits[most] and len(hits[most]) > min(len(found) for found in hits.values()):
            reader.put("task_type", str(most), reader.words[hits[most][0].start() : hits[most][0].end()])
    if cues.says(cues.RARE, reader.lower):
        reader.put("is_rare", True, "imbalanced or rare classes")
    elif "minority_share" not in said and (m := re.search(cues.BALANCED, reader.lower)):
        classes = said["n_classes"].value if "n_classes" in said else 2
        reader.put("minority_share", 1 / int(classes) if isinstance(classes, int) else 0.5, m[0])
        reader.put("task_type", str(TaskType.CLASSIFICATION), m[0])


def _read_name(reader: _Reader) -> None:
    for match in _NAMED.finditer(reader.words):
        name = (match[1] or match[2]).rstrip(".")
        if name.lower() not in _GENERIC:
            reader.put("name", name, match[0])


_STEPS: Iterable[Callable[[_Reader], None]] = (
    _read_counts,
    _read_shares,
    _read_times,
    _read_machine,
    _read_learners,
    _read_metric,
    _read_task_type,
    _read_name,
)


def _with_words(reader: _Reader, one: Quantity) -> str:
    """Return a quantity with the two words behind it, as they were said."""
    behind = reader.words[one.end : one.end + len(reader.after(one))]
    words = re.match(r"(?:[ -]*[\w%-]+){0,2}", behind)
    return f"{one.text}{words[0] if words else ''}".strip()


def _side_by_side(workers: int) -> str:
    return "one trial is run at a time" if workers == 1 else f"{workers} trials are run side by side"
