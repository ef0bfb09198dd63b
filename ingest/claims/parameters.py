"""Where a text names a hyper-parameter or a setting: in code font, as an identifier, or in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.claims.masking import Masked
from ingest.claims.naming import known_parameters, mentions_in, setting_words
from ingest.claims.wording import word_set
from kg.iris import plain_name

_IDENTIFIER = re.compile(r"(?:--?)?[A-Za-z][\w.-]*")
_SNAKE = re.compile(
    r"(?<![\w./\\-])(?:--)?(?:[a-zA-Z][a-zA-Z0-9]*(?:\.[a-z]+)*(?:_+[a-zA-Z0-9]+)+|--[a-z][\w-]+)\b(?!\s?\()"
)
#: What is set in code font and is no hyper-parameter.
_NO_PARAMETER = word_set(
    "default value values range infty true false none null na nan inf auto yes no x y n d int float "
    "str bool list dict self import python bash r pip"
    " objective study trial trials model data dataset df train test fit predict score transform optimize install numpy"
    " pandas torch sklearn scipy xgboost lightgbm catboost optuna mse rmse mae auc accuracy logloss f1 gpu cpu cuda"
    " x_train y_train x_test y_test random_state seed n_jobs verbose verbosity num_workers filename path name"
)


#: Attributes of fitted objects, and files.
_NO_ENDINGS = ("_", ".py", ".yaml", ".csv", ".json")


@dataclass(frozen=True)
class ParameterMention:
    """A hyper-parameter or setting named in a text."""

    name: str
    """As the text has it, without markup."""
    start: int
    end: int
    is_code: bool = False
    """Whether it is an identifier rather than words."""


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    words = sorted(
        (word for word in setting_words() if " " in word or "-" in word or word in _ALONE), key=len, reverse=True
    )
    body = "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in words)
    return re.compile(rf"(?<![\w-])(?:{body})s?(?![\w-])", re.IGNORECASE)


#: Single words that name a setting even where they are not in code font.
_ALONE = word_set(
    "momentum epsilon dropout epochs activation optimizer optimiser patience tolerance temperature perplexity eta lr"
    " shrinkage kernel threshold timeout batchsize top_p beta1 beta2 beta_1 beta_2"
)


def parameters_in(text: Masked) -> tuple[ParameterMention, ...]:
    """Return the hyper-parameters and settings that `text` names, in order; none overlaps another."""
    found: list[ParameterMention] = []
    taken: set[int] = set()
    for mention in (*_in_code(text), *_identifiers(text), *_in_words(text)):
        if not taken.intersection(range(mention.start, mention.end)):
            found.append(mention)
            taken.update(range(mention.start, mention.end))
    return tuple(sorted(found, key=lambda mention: mention.start))


def is_parameter_name(name: str) -> bool:
    """Say whether an identifier may be the name of a hyper-parameter."""
    plain = name.strip("-_").lower()
    if plain in _NO_PARAMETER or not _IDENTIFIER.fullmatch(name) or name.endswith(_NO_ENDINGS):
        return False
    if plain_name(name) in known_parameters():
        return True
    # A class, a constant or a module is none.
    return not re.fullmatch(r"(?:[A-Z][a-z0-9]+){2,}|[A-Z][A-Z0-9_]{2,}|[A-Z][a-z]+|(?:\w+\.){2,}\w+", name)


def clean_name(raw: str) -> str:
    """Return a name without markup: ``--lr`` is ``lr``; backslashes before underscores go."""
    name = re.sub(r"\\(?=_|%|[a-z])|[`*${}\"']", "", raw).strip().lstrip("-")
    return re.sub(r"\s+", " ", name)


def _in_code(text: Masked) -> list[ParameterMention]:
    found = []
    for start, end in text.code:
        raw = text.raw[start:end]
        match = re.match(r"\s*(--)?(\\?[A-Za-z](?:[\w.-]|\\_)*)\s*(?==|$|<|>|:|≥|≤|\s)", raw)
        if not match or raw[match.end() :].lstrip().startswith("("):
            continue
        name = clean_name(match[2])
        if (
            text.raw[max(0, start - 2) : start] == "**"
            and "_" not in name
            and plain_name(name) not in known_parameters()
        ):
            continue  # bold, but a word
        if is_parameter_name(name) and not (mentions_in(name) and plain_name(name) not in known_parameters()):
            found.append(ParameterMention(name, start + match.start(2), start + match.end(2), is_code=True))
    return found


def _identifiers(text: Masked) -> list[ParameterMention]:
    found = []
    for match in _SNAKE.finditer(text.plain):
        name = clean_name(text.raw[match.start() : match.end()])
        is_letter = re.fullmatch(r"[A-Za-z]_\w", name)  # of a formula: ``L_p``
        if is_parameter_name(name) and not is_letter:
            found.append(ParameterMention(name, *match.span(), is_code=True))
    return found


def _in_words(text: Masked) -> list[ParameterMention]:
    return [
        ParameterMention(re.sub(r"\s+", " ", match[0]), *match.span())
        for match in _words().finditer(text.plain)
        if " " in match[0] or not _COMPOUND.match(text.plain[match.end() :])
    ]


#: A noun that makes a word part of another thing's name: ``kernel cache``, ``patience limit``.
_COMPOUND = re.compile(
    r"[ -](?!(?:is|are|was|of|to|and|or|in|for|with|as|at|by|on|from|between|values?|parameter"
    r"|hyperparameter|rate|term|set"
    r"|should|must|can|may|has|that|which|than|per|does|will|might|we|it|be|so|using|until|over|when|if|but|control\w*"
    r"|determin\w*|specif\w*)\b)[a-z]{2,}\b"
)
