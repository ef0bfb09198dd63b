"""Which hyper-parameter a value in a sentence is of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.claims.domains import Domain
from ingest.claims.masking import Masked
from ingest.claims.naming import known_parameters
from ingest.claims.parameters import ParameterMention, parameters_in
from ingest.claims.wording import word_set
from kg.iris import plain_name

#: Words that may stand between a name and its value with the one still being the other's.
_LINKS = word_set(
    "a an the is are was were be been being of to at as in by with between from and or value values "
    "parameter parameters"
    " hyperparameter hyperparameters hyper-parameter set sets should must can may could would usually typically often"
    " normally commonly around about approximately roughly default defaults fixed chosen equal "
    "equals range ranges ranging"
    " within has have had than greater larger smaller less more lower higher strictly lies lie falls "
    "up least most no not"
    " kept always only one selected defined given sampled drawn tuned searched varied over limited "
    "it its small large size"
    " number leq geq le ge it's which that used use using such on log uniformly log-uniform logarithmic scale uniform"
    " interval either integer float set, in, takes take also initial e.g e.g. i.e i.e. say like near close also we"
    " finite number say e.g. optimal good reasonable paper alias finite recommended suggested "
    "typical low high very high, low, exploration shouldn't shouldn be"
)
_RIGHT = word_set(
    "for the as of in a an your value values your to on per with base default number initial when is "
    "are good typical common reasonable sensible choice starting point usually often work works well "
    "recommended suggested"
)
_ASSIGNED = re.compile(
    r"(?<![\w\\.*/+^-])(?P<name>[A-Za-zα-ωΑ-Ω](?:_\{?[A-Za-z0-9]{1,4}\}?|\d)?|(?:alpha|beta|gamma"
    r"|delta|epsilon|eta|lambda|mu|nu|rho|sigma|tau|theta|kappa|omega)(?:_\{?\w+\}?)?)"
    r"\s*(?:=|≈|∈|:=|leq|geq|<|>|≤|≥|\bin\b)\s*(?=[\[{(\d.−-])"
)


@dataclass(frozen=True)
class Subject:
    """The name that a value belongs to, and how sure that is."""

    mention: ParameterMention
    is_close: bool
    """Whether nothing but linking words stands between the two."""


#: A bare letter is worth a claim only where somebody advises on it: most are of formulas.
_ADVISED = re.compile(
    r"\b(?:recommend\w*|typical\w*|usual\w*|common\w*|default|in practice|works? well|suggest\w*"
    r"|better generalization)\b",
    re.IGNORECASE,
)
#: Before a letter: what follows is a result that suffices, not a setting (``a cutoff rho > 0.7``).
_THRESHOLD = re.compile(r"\b(?:cut-?off|level|criterion)\s*$", re.IGNORECASE)
_NOUNS = r"(?P<name>(?:[A-Za-z][\w-]+\s+){0,3}?[A-Za-z][\w-]+)"
#: A name in words that no list has: ``the population factor is set to``, ``we set the number of particles to``.
_PHRASES = (
    re.compile(
        rf"\b(?:the|an?|our|its|with|,)\s+{_NOUNS}\s+(?:is|are|was|were)\s+(?:\w+ly\s+)?(?:set|fixed"
        rf"|selected|chosen|defined|limited"
        r"|equal|initiali[sz]ed|restricted|kept)\s+(?:to|as|at|be|by)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:set|setting|fix|fixing|limit|limiting|choose|initiali[sz]e|keep|restrict)\s+(?:the|an?"
        rf"|our)\s+{_NOUNS}\s+(?:to|as|=)\s",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:with|use|using|used|recommend|suggest|try|choose|set)\s+an?\s+{_NOUNS}\s+of\s+(?=[\d.])", re.IGNORECASE
    ),
    re.compile(
        r"\b(?P<name>[A-Z][A-Za-z]*[A-Z][A-Za-z]*)\s+(?:is|was)\s+(?:set|fixed|selected|chosen|defined"
        r"|limited)\s+(?:to|as|at)\b"
    ),
    re.compile(
        r"\b(?P<name>total number of \w+|number of \w+(?:\s\w+)?|initial design)\s+(?:is|was|of|to|=)\s+(?=[\d.])"
    ),
)
_NOT_NAMES = re.compile(
    r"\b(?:it|this|that|which|value|values|parameter|parameters|hyperparameters?|default|results?"
    r"|experiments?|methods?|maximum|minimum|following|and|or|score|accuracy|loss|error|data|dataset"
    r"|model|pipeline|process|training|search|user|system|size|algorithm|all|other|variable|seed"
    r"|random)\b|^(?:number|total|same|first|last)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=128)
def names_in(sentence: Masked) -> tuple[ParameterMention, ...]:
    """Return the hyper-parameters that a sentence names, with the letters that it gives values to (``sigma = 0.1``)."""
    found = list(parameters_in(sentence))
    for match in _ASSIGNED.finditer(sentence.plain):
        span = match.span("name")
        if not any(m.start < span[1] and m.end > span[0] for m in found):
            name = re.sub(r"[{}]", "", match["name"])
            before = _described(sentence.plain, span[0])
            advised = _ADVISED.search(sentence.plain) and not _THRESHOLD.search(sentence.plain[: span[0]])
            if before or (advised and not re.fullmatch(r"[a-z]", name)):
                found.append(before or ParameterMention(name, *span))
    for pattern in _PHRASES:
        for match in pattern.finditer(sentence.plain):
            span = match.span("name")
            free = not any(m.start < span[1] and m.end > span[0] for m in found)
            if free and not _NOT_NAMES.search(match["name"]):
                name = re.sub(r"^(?:the|an?)\s+", "", re.sub(r"\s+", " ", match["name"]))
                found.append(ParameterMention(name, *span))
    unique = {(mention.start, mention.end): mention for mention in found}
    return tuple(sorted(unique.values(), key=lambda mention: mention.start))


def _described(plain: str, end: int) -> ParameterMention | None:
    """Return the words that say what a letter stands for: ``the initial standard deviation s = 0.1``."""
    match = re.search(r"\b(?:the|an?|initial|with)\s+((?:[a-z-]{3,}\s+){1,3})$", plain[:end])
    if not match or re.search(
        r"\b(?:with|and|that|where|set|use|using|than|value|case|for|when|cutoff|levels?|quantiles?|loss|vector|matrix)\b",
        match[1],
    ):
        return None
    return ParameterMention(re.sub(r"\s+", " ", match[1]).strip(), match.start(1), end)


def main_name(plain: str, names: Sequence[ParameterMention]) -> ParameterMention | None:
    """Return the last of `names`, or the one before it of which it is an alias: ``eta`` (alias: ``learning_rate``)."""
    if len(names) > 1 and re.search(r"\(\s*alias\w*\W*$", plain[names[-2].end : names[-1].start], re.IGNORECASE):
        return names[-2]
    return names[-1] if names else None


def subject_of(domain: Domain, sentence: Masked, names: tuple[ParameterMention, ...]) -> Subject | None:
    """Return the name that `domain` belongs to, or None where none is near."""
    inside = [n for n in names if n.start >= domain.start and n.end <= domain.end and domain.form != "expression"]
    if inside:
        return Subject(inside[0], is_close=True)
    before = main_name(sentence.plain, [n for n in names if n.end <= domain.start])
    after = next((n for n in names if n.start >= domain.end), None)
    if before and _links(sentence.plain[before.end : domain.start], _LINKS):
        return Subject(before, is_close=True)
    if after and _follows(sentence.plain[domain.end : after.start], after):
        return Subject(after, is_close=True)
    if before and _VALUE_OF.search(sentence.plain[: domain.start]):
        return Subject(before, is_close=domain.start - before.end > (150 if len(names) == 1 else 80))
    if before and domain.start - before.end <= (150 if len(names) == 1 else 80):
        return Subject(before, is_close=False)
    return Subject(after, is_close=False) if after and after.start - domain.end <= 50 else None


_VALUE_OF = re.compile(r"\bvalues? (?:of|around|near|between)\s*$")


def _follows(gap: str, name: ParameterMention) -> bool:
    """Say whether a name belongs to the value before it: ``20 epochs``, ``a value of 0.1 for eta``."""
    countable = name.name.endswith("s") or " " in name.name
    if re.fullmatch(r"[-\s+\"')]*", gap) and not name.is_code and countable:
        return True
    known = plain_name(name.name) in known_parameters()
    return known and _links(gap, _RIGHT) and bool(re.search(r"\b(?:for|as|of|in|to)\b", gap))


def _links(gap: str, allowed: frozenset[str]) -> bool:
    """Say whether a gap is linking words, signs and asides in parentheses only."""
    if len(gap) > 90:
        return False
    bare = re.sub(r"\([^()]{0,40}\)", " ", gap)
    words = re.findall(r"[A-Za-z][\w'-]*", bare)
    return all(word.lower() in allowed for word in words) and not re.search(r"[.;!?]\s|\d", bare)


def default_subject(
    term: ParameterMention | None, subject: Subject | None, *, assigned: bool = False
) -> ParameterMention | None:
    """Return whose default it is: what is named close by, else what the item defines, else what is named at all.

    Args:
        term: What the item defines.
        subject: What is named near the value.
        assigned: Whether it is written ``default=...``, as in the head of a definition: then it is the term's.
    """
    if subject and subject.is_close and not (term and assigned):
        return subject.mention
    return term or (subject.mention if subject else None)
