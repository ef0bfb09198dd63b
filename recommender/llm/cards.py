"""Data cards and model cards (Markdown with YAML front matter, as on model hubs) as what somebody says of a task.

card = read_card(Path("README.md").read_text())
card.said["n_rows"], card.learner, card.configuration

What AutoML-GPT (Zhang et al. 2023) takes from cards: of the data card its task, size, features and classes; of the
model card its learner, metric and hyper-parameters. The prose of a card is not read, and none of a card is sent to a
model: its author is a stranger. Hyper-parameters that a card names are no evidence; they are told beside the proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from kg.errors import InputError
from kg.model import Configuration
from kg.model.base import FrozenMapping, ParameterValue, Value
from recommender.llm import card_text
from recommender.llm.card_data import data_said
from recommender.llm.card_model import model_said
from recommender.llm.card_values import SaidOfCard, texts_of
from recommender.llm.stated import Reading, Said
from recommender.llm.tools import short
from recommender.proposal import Proposal


class Card(Value):
    """What a card says."""

    kind: Literal["data", "model"]
    name: str = ""
    """Of the data set."""
    said: FrozenMapping[str, Said] = FrozenMapping({})
    """As for words (`recommender.llm.stated`): field -> what the card says of it, and where."""
    licence: str = ""
    language: tuple[str, ...] = ()
    learner: str | None = None
    """Canonical name of the learner of a model card; None where it names none that is known."""
    configuration: Configuration = Configuration({})
    """Hyper-parameters of a model card under canonical names, those that are legal."""
    reported: FrozenMapping[str, float] = FrozenMapping({})
    """Canonical metric -> score that a model card reports; nobody here has measured it."""
    notes: tuple[str, ...] = ()
    """What of the card is not used, and why."""


def read_card(text: str) -> Card:
    """Return what a data card or model card says.

    Args:
        text: Markdown, with or without front matter.

    Raises:
        InputError: It is too long, its front matter is no YAML, or it says nothing that could be used.
    """
    front = card_text.front_matter(text)
    is_model = any(name in front for name in ("model-index", "base_model", "library_name", "pipeline_tag")) or bool(
        card_text.settings(text)
    )
    if is_model and "dataset_info" not in front:
        found = model_said(front, text)
        parts = {"learner": found.learner, "configuration": found.configuration, "reported": found.reported}
        card = _card("model", front, found.said, **parts)
    else:
        card = _card("data", front, data_said(front, text))
    if not card.said and not card.configuration:
        raise InputError(
            "The card says nothing of a task.",
            where="card",
            allowed="task_categories, size_categories, dataset_info, model-index, metrics or hyper-parameters",
        )
    return card


def _card(kind: str, front: Mapping[str, Any], said: SaidOfCard, **parts: Any) -> Card:
    given = {
        "kind": kind,
        "name": said.found["name"].value if "name" in said.found else "",
        "said": said.found,
        "licence": short(", ".join(texts_of(front.get("license"))), 100),
        "language": [short(one, 40) for one in texts_of(front.get("language"))[:20]],
        "notes": said.notes,
    }
    return Card.model_validate(given | parts)


def joined(cards: Iterable[Card]) -> Reading:
    """Return what cards say together; the first that says something counts."""
    said: dict[str, Said] = {}
    notes: list[str] = []
    for card in cards:
        for name, one in card.said.items():
            if name in said and said[name].value != one.value:
                notes.append(f"Both {said[name].quote} and {one.quote} are said; the first counts.")
            said.setdefault(name, one)
        notes += card.notes
    return Reading(said=FrozenMapping[str, Said](said), notes=tuple(notes))


def beside(card: Card, proposal: Proposal) -> tuple[str, ...]:
    """Return how the hyper-parameters that a card names lie in the proposed search space, a line each."""
    if card.learner is None or not card.configuration:
        return ()
    if card.learner != proposal.learner.value:
        return (f"The card's hyper-parameters are of {card.learner}, and {proposal.learner.value} is proposed.",)
    space = proposal.search_space.value
    return tuple(_beside(name, value, space) for name, value in card.configuration.items())


def _beside(name: str, value: ParameterValue, space: Any) -> str:
    said = f"The card sets {name} = {value!r}: "
    if name not in space:
        return said + "it is not searched here."
    inside = space[name].contains(value)
    return said + ("within what is searched." if inside else "outside what is searched, which the evidence limits.")
