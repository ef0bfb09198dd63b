"""Which field of a proposal a question is about: ``why this range of max_depth?`` -> ``search_space.max_depth``.

What is answered comes from the evidence (`recommender.explain`), never from a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from kg.errors import InputError, ModelError
from kg.learners.registry import learner_named
from recommender.explain import Account, grounded_fields
from recommender.llm.model import LanguageModel
from recommender.llm.prompts import prompt
from recommender.proposal import Proposal

#: Name of the prompt, with its version.
WHICH_FIELD = "which_field.1"
_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\bwhat (is|are) .*\b(based|rest|rests)\b|\b(on|by) what evidence\b|\bwhat evidence\b|"
    r"\bwhere do(es)? .*\bcome from\b|\bjustify\b|\breasons? (for|behind)\b",
    re.IGNORECASE,
)
#: Field -> words for it; the first that is found counts.
_WORDS = {
    "warm_starts": r"warm[- ]?starts?|starts? \d+|starting (points?|configurations?)|first configurations?",
    "termination": r"stop\w*|terminat\w*|patience",
    "fidelity": r"fidelity|fidelities|screening|epochs|successive halving",
    "prediction": r"predict\w*|expected score|score|training log",
    "protocol": r"folds?|cross[- ]validation|protocol|evaluat\w+",
    "sampler": r"sampler|tpe|gaussian process",
    "pruner": r"pruner|pruning|hyperband",
    "metric": r"metric|average precision|accuracy|auc|rmse|log loss|balanced accuracy",
    "budget": r"budget|trials|time|minutes|hours|long",
    "fixed": r"fixed|not tuned|constants?",
    "advice": r"advice|tune at all|do not tune",
    "search_space": r"range|ranges|space|bounds?|limits?|hyper-?parameters?",
    "learner": r"learner|model|algorithm|method",
}


class WhichField(BaseModel):
    """The field of the proposal that a question is about."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(max_length=200, description="One of the fields that are listed, exactly.")


def is_why(words: str) -> bool:
    """Say whether words ask why a proposal is as it is."""
    return _WHY.search(words) is not None


def field_of(words: str, proposal: Proposal, *, model: LanguageModel | None = None) -> str:
    """Return the field that a question is about, as `recommender.explain.account_of` takes it.

    Args:
        words: The question.
        proposal: What is asked about.
        model: Chooses among the fields where rules find none.

    Raises:
        InputError: It is about none that can be told; names the fields.
    """
    allowed = tuple(_fields(proposal))
    found = _by_rules(words.lower(), proposal)
    if found is None and model is not None:
        found = _by_model(words, allowed, model)
    if found not in allowed:
        names = ", ".join(grounded_fields(proposal))
        raise InputError("It is not clear what this asks about.", where=repr(words[:80]), allowed=names)
    return found


def told(account: Account) -> tuple[str, ...]:
    """Return an account in sentences: what, why, by which rule, on what evidence."""
    lines = [f"{account.field} = {account.value}"]
    if account.rationale:
        lines.append(account.rationale)
    if account.n_citations:
        pieces = f"{account.n_citations} piece{'s' if account.n_citations > 1 else ''} of evidence"
        lines.append(f"It rests on {pieces}" + (f", by the rule {account.rule}:" if account.rule else ":"))
    elif account.rule:
        lines.append(f"It rests on no evidence: the rule {account.rule} follows from what you said and the table.")
    lines += [f"- {cited.text} ({cited.source})" if cited.source else f"- {cited.text}" for cited in account.citations]
    if account.n_citations > len(account.citations):
        lines.append(f"- and {account.n_citations - len(account.citations)} more")
    return tuple(lines)


def absent(words: str, proposal: Proposal) -> str:
    """Return what is to be said where words name a hyper-parameter that the proposal does not hold; '' where none."""
    held = {*proposal.search_space.value.names, *proposal.fixed.value}
    for name in sorted((h.name for h in learner_named(proposal.learner.value).hyperparameters), key=len, reverse=True):
        if name not in held and _names(name, words.lower()):
            return f"{name} is not in this search space: it keeps the library's default."
    return ""


def _names(name: str, words: str) -> bool:
    spelt = re.escape(name.lower()).replace("_", "[ _-]?")
    return re.search(rf"(?<!\w){spelt}(?!\w)", words) is not None


def _fields(proposal: Proposal) -> Iterator[str]:
    for name, whole in grounded_fields(proposal).items():
        yield name
        yield from (f"{name}.{part}" for part in whole.parts)


def _by_rules(words: str, proposal: Proposal) -> str | None:
    for name in ("search_space", "fixed"):
        parts = grounded_fields(proposal)[name].parts
        for part in sorted(parts, key=len, reverse=True):
            if _names(part, words):
                return f"{name}.{part}"
    if _names(proposal.learner.value, words):
        return "learner"
    for name, phrase in _WORDS.items():
        if re.search(rf"(?<!\w)(?:{phrase})(?!\w)", words):
            return _start(words, proposal) if name == "warm_starts" else name
    return None


def _start(words: str, proposal: Proposal) -> str:
    number = re.search(r"start\w*\D{0,3}(\d+)", words)
    part = "" if number is None else str(int(number[1]) - 1)
    return f"warm_starts.{part}" if part in proposal.warm_starts.parts else "warm_starts"


def _by_model(words: str, allowed: tuple[str, ...], model: LanguageModel) -> str | None:
    content = "Fields:\n" + "\n".join(allowed) + f"\n\nQuestion:\n{words}"
    try:
        return model.structured(prompt(WHICH_FIELD), content, WhichField).field
    except ModelError:
        return None
