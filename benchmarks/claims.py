"""How well claims are found: recall on gold claims, false alarms on hard negatives, a sample to read.

python -m benchmarks.claims FOLDER              FOLDER has gold_dev.jsonl, negatives_dev.jsonl and the documents
    --half development|held-out|both            documents are halved by a digest of their source's folder
    --misses                                    what was missed (of the development half only)
    --sample 100 --seed 7 --out sample.md       claims drawn at random, to be read against the documents

A gold claim is found where a claim of the same document has its kind, learner, hyper-parameter and numbers (to one part
in a million). *By name* takes a name as the same where case and punctuation are all that differs, for any of the names
that the gold gives (canonical, as written, in parentheses); *by words* also where the words of one are among the words
of the other (``iterations`` of ``minimum iterations before termination``). A negative counts as an alarm where a
claim's quote overlaps it by half and the claim's numbers stand in the overlap.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from benchmarks.recording import recorded
from ingest.claims import Claims, found_in
from ingest.claims.naming import hyperparameter_of, learner_of, mentions_in, usual_name
from ingest.claims.numbers import has_reading, numbers_in, readings
from ingest.claims.wording import word_set
from ingest.documents.model import squeezed
from ingest.documents.parsing import parse_document
from kg.iris import plain_name
from kg.model import Claim, Provenance

_SMALL = word_set("the a an of for per in to and or number value values rate size based search method methods i")


_SECONDS = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400}


def is_held_out(document: str) -> bool:
    """Say whether a document is of the half that the rules were not written on."""
    return hashlib.sha256(document.partition("/")[0].encode()).digest()[-1] % 2 == 0


def alternatives(name: str | None, *others: str | None) -> set[str]:
    """Return every name that `name` gives: whole, without parentheses, within them, on either side of a slash."""
    parts: set[str] = {other for other in others if other}
    if name:
        parts |= {name, re.sub(r"\s*\(.*?\)", "", name), *re.findall(r"\(([^()]*)\)", name)}
        parts |= {piece.strip() for part in list(parts) for piece in re.split(r"\s*[/,]\s*", part)}
    return {part for part in parts if part}


def same_name(wanted: set[str], given: set[str], *, by_words: bool) -> bool:
    """Say whether a name of `given` is one of `wanted`. Where none is wanted, any will do."""
    if not wanted:
        return True
    if {plain_name(name) for name in wanted} & {plain_name(name) for name in given} - {""}:
        return True
    return by_words and any(_overlap(a, b) for a in wanted for b in given)


def _overlap(one: str, other: str) -> bool:
    left, right = _words(one), _words(other)
    return bool(left and right) and (left <= right or right <= left)


def _words(name: str) -> set[str]:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", split.lower())} - _SMALL


def same_learner(gold: Mapping[str, Any], claim: Claim, *, by_words: bool) -> bool:
    """Say whether the claim's learner is the gold's, by the registry or as written."""
    wanted = alternatives(gold["algorithm"])
    if gold["kind"] == "algorithm_choice" and isinstance(gold["value"], str):
        wanted = alternatives(gold["value"])  # the method that is chosen; `algorithm` may be who chooses
    known = {spec.name for name in wanted if (spec := learner_of(name))}
    if claim.learner and claim.learner in known:
        return True
    if {usual_name(m.name) for name in wanted for m in mentions_in(name)} & {usual_name(claim.algorithm_name)}:
        return True
    return same_name(wanted, {claim.learner or "", claim.algorithm_name}, by_words=by_words)


def same_parameter(gold: Mapping[str, Any], claim: Claim, *, by_words: bool) -> bool:
    """Say whether the claim's hyper-parameter is the gold's, canonical or as written."""
    if gold["kind"] == "algorithm_choice":
        return True  # what is chosen is compared as the learner
    wanted = alternatives(gold["hyperparameter"], gold["canonical_hyperparameter"])
    given = {claim.hyperparameter or "", claim.parameter_name}
    known = {hyperparameter_of(claim.learner, name) for name in wanted} if claim.learner else set()
    return bool((known - {None}) & given) or same_name(wanted, given, by_words=by_words)


def same_numbers(gold: Mapping[str, Any], claim: Claim) -> bool:
    """Say whether each number of the gold is the claim's; a text is compared by its numbers."""
    if gold["log"] is True and claim.log is False:
        return False
    wanted = {field: gold[field] for field in ("low", "high", "value")}
    for bound in ("low", "high"):
        if wanted[bound] is not None and wanted[bound] == wanted["value"]:
            wanted[bound] = None  # said twice
    seconds = _SECONDS.get(claim.unit.lower().rstrip("s"), 1) if gold["unit"] == "seconds" else 1
    return all(_same(value, _times(getattr(claim, field), seconds), claim) for field, value in wanted.items())


def _times(value: Any, factor: int) -> Any:
    return value * factor if isinstance(value, int | float) and not isinstance(value, bool) else value


def _same(wanted: Any, given: Any, claim: Claim) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        if not isinstance(given, int | float):
            return False
        return abs(wanted - given) <= 1e-6 * max(abs(wanted), abs(given), 1e-300)
    numbers = {float(v) for v in wanted if isinstance(v, int | float)} if isinstance(wanted, list) else {
        number.value for number in numbers_in(str(wanted))}  # fmt: skip
    stated = readings(str(given)) | {float(v) for v in (claim.low, claim.high) if v is not None}
    return all(has_reading(number, stated) for number in numbers)


def is_found(gold: Mapping[str, Any], claims: Iterable[Claim], *, by_words: bool) -> bool:
    """Say whether one of the claims of the gold's document is the gold claim."""
    return any(
        claim.statement == gold["kind"]
        and same_numbers(gold, claim)
        and same_learner(gold, claim, by_words=by_words)
        and same_parameter(gold, claim, by_words=by_words)
        for claim in claims
    )


def is_alarm(negative: Mapping[str, Any], claim: Claim) -> bool:
    """Say whether `claim` takes the negative for one: quotes overlap, and its numbers stand in the overlap."""
    wanted, quote = squeezed(negative["quote"]), squeezed(claim.quote)
    if 2 * len(_longest(wanted, quote)) < min(len(wanted), len(quote)):
        return False
    shared = readings(_longest(wanted, quote))
    numbers = [v for v in (claim.low, claim.high, claim.value) if isinstance(v, int | float)]
    numbers += [n.value for n in numbers_in(claim.value)] if isinstance(claim.value, str) else []
    return bool(numbers) and all(has_reading(float(number), shared) for number in numbers)


def _longest(one: str, other: str) -> str:
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return one[match.a : match.a + match.size]


def read_all(folder: Path, names: Iterable[str]) -> dict[str, tuple[Claims, float]]:
    """Return name -> (claims, seconds) of the documents `names` below `folder`."""
    found = {}
    for name in names:
        document = parse_document(folder / name, name=name)
        provenance = Provenance(source=f"paper:{name}", licence="", url="", retrieved=datetime.now(UTC).date())
        start = time.perf_counter()
        found[name] = (found_in(document, provenance=provenance), time.perf_counter() - start)
    return found


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def table(gold: list[dict[str, Any]], found: Mapping[str, tuple[Claims, float]], key: str) -> list[str]:
    """Return Markdown rows: gold claims by `key` (``kind`` or ``doc``), found by name and by words."""
    rows = [f"| {key} | gold | found by name | found by words |", "| --- | --- | --- | --- |"]
    groups = [*sorted({item[key] for item in gold}), None]
    for group in groups:
        items = [item for item in gold if group is None or item[key] == group]
        counts = [
            sum(is_found(item, found[item["doc"]][0].claims, by_words=words) for item in items)
            for words in (False, True)
        ]
        shares = [f"{count} ({count / max(len(items), 1):.2f})" for count in counts]
        rows.append(f"| {group or '**all**'} | {len(items)} | {shares[0]} | {shares[1]} |")
    return rows


@dataclass(frozen=True)
class Read:
    """Documents that were read, and what a reader marked in them."""

    gold: list[dict[str, Any]]
    negatives: list[dict[str, Any]]
    found: Mapping[str, tuple[Claims, float]]


def read_half(folder: Path, half: str) -> Read:
    """Read the documents of one half, or both."""
    wanted = {"development": (False,), "held-out": (True,), "both": (False, True)}[half]
    gold = [item for item in _lines(folder, "gold_dev.jsonl") if is_held_out(item["doc"]) in wanted]
    negatives = [item for item in _lines(folder, "negatives_dev.jsonl") if is_held_out(item["doc"]) in wanted]
    return Read(gold, negatives, read_all(folder, sorted({item["doc"] for item in gold + negatives})))


def figures(read: Read) -> dict[str, Any]:
    """Return the counts of each half, as JSON values."""
    found = {}
    for half, held_out in (("development", False), ("held-out", True)):
        gold = [item for item in read.gold if is_held_out(item["doc"]) is held_out]
        negatives = [item for item in read.negatives if is_held_out(item["doc"]) is held_out]
        claims = {name: result.claims for name, (result, _) in read.found.items()}
        found[half] = {
            "gold": len(gold),
            "by_name": sum(is_found(item, claims[item["doc"]], by_words=False) for item in gold),
            "by_words": sum(is_found(item, claims[item["doc"]], by_words=True) for item in gold),
            "negatives": len(negatives),
            "alarms": sum(any(is_alarm(item, claim) for claim in claims[item["doc"]]) for item in negatives),
        }
    return {"documents": len(read.found), "halves": found}


def report(read: Read, half: str, *, misses: bool) -> list[str]:
    """Return the report on one half, or both, as lines of Markdown."""
    gold, negatives, found = read.gold, read.negatives, read.found
    alarms = [n for n in negatives if any(is_alarm(n, claim) for claim in found[n["doc"]][0].claims)]
    claims = [claim for result, _ in found.values() for claim in result.claims]
    dropped = Counter(reason for result, _ in found.values() for reason, _ in result.dropped)
    seconds = sum(seconds for _, seconds in found.values())
    lines = [f"### {half}: {len(found)} documents", "", *table(gold, found, "kind"), "", *table(gold, found, "doc"), ""]
    lines += [f"False alarms on negatives: {len(alarms)} of {len(negatives)}.", ""]
    lines += [
        f"{len(claims)} claims in {seconds:.1f} s (without reading the files): "
        f"{dict(Counter(c.statement for c in claims))}",
        "",
    ]
    lines += [f"Dropped by the check: {dict(dropped)}"]
    if misses:
        lines += ["", *(f"ALARM {item['doc']}: {item['quote']}" for item in alarms)]
        missed = [g for g in gold if not is_found(g, found[g["doc"]][0].claims, by_words=True)]
        lines += [_miss(item, found[item["doc"]][0]) for item in missed]
    return lines


def _miss(gold: Mapping[str, Any], result: Claims) -> str:
    fields = ("kind", "algorithm", "hyperparameter", "low", "high", "log", "value")
    near = [c for c in result.claims if len(_longest(squeezed(gold["quote"]), squeezed(c.quote))) > 20]
    said = "\n".join(
        f"      got {c.statement} {c.algorithm_name}/{c.learner} {c.parameter_name} {c.low} {c.high} {c.log} {c.value}"
        for c in near[:4]
    )
    return f"MISS {gold['id']} {gold['doc']}: {gold['quote'][:160]}\n     {[gold[f] for f in fields]}\n{said}"


def sample(folder: Path, n: int, seed: int, documents: Iterable[str]) -> list[str]:
    """Return `n` claims drawn at random, numbered, with what is needed to judge each against its document."""
    found = read_all(folder, documents)
    claims = [claim for name in sorted(found) for claim in found[name][0].claims]
    drawn = random.Random(seed).sample(claims, min(n, len(claims)))
    return [_shown(number, claim) for number, claim in enumerate(drawn, 1)]


def _shown(number: int, claim: Claim) -> str:
    scale = {None: "", True: " log", False: " linear"}[claim.log]
    stated = f"low={claim.low} high={claim.high}{scale} value={claim.value!r} {claim.unit}"
    place = f"{claim.document} p.{claim.page} [{claim.section[-70:]}]"
    names = f"{claim.algorithm_name} ({claim.learner}) . {claim.parameter_name} ({claim.hyperparameter})"
    return f"{number}. {claim.statement}: {names}: {stated}\n   {place}\n   > {claim.quote}\n   if: {claim.condition}"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("development", "held-out", "both"), default="development")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--record", type=Path, help="folder that the counts are written into, with day and versions")
    options = parser.parse_args()
    if options.sample:
        wanted = {"development": (False,), "held-out": (True,), "both": (False, True)}[options.half]
        gold = _lines(options.folder, "gold_dev.jsonl")
        names = sorted({item["doc"] for item in gold if is_held_out(item["doc"]) in wanted})
        lines = sample(options.folder, options.sample, options.seed, names)
    else:
        read = read_half(options.folder, options.half)
        lines = report(read, options.half, misses=options.misses)
        if options.record:
            path, content = options.record, recorded(figures(read))
            (path / f"claims-{content['date']}.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    text = "\n".join(lines) + "\n"
    if options.out:
        options.out.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
