"""The extractor that asks a language model. What it says is checked like anybody's (`ingest.claims.check`).

The document goes to the model part by part; each answer is a list of claims with verbatim quotes. A part that the model
does not answer is noted, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ingest.claims.model import ClaimExtractor, FoundClaim
from ingest.claims.prompts import prompt
from ingest.documents.model import Block, BlockKind, Document, squeezed
from kg.errors import ModelError
from kg.model import ClaimKind
from kg.model.base import Value

T = TypeVar("T", bound=BaseModel)

#: Characters of a part: about 2,000 tokens, so that an answer fits small models, too.
PART_CHARACTERS = 8_000
#: Name of the prompt.
PROMPT = "claims.1"


class Asks(Protocol):
    """Gives typed answers (`recommender.llm.model.LanguageModel` does)."""

    name: str

    def structured(self, instructions: str, content: str, schema: type[T]) -> T:
        """Return the answer to `instructions` about `content`.

        Raises:
            ModelError: There is none.
        """
        ...


class ExtractedClaim(BaseModel):
    """A claim as the model gives it. Fields that it makes up are passed over: only what is asked for is read."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    kind: ClaimKind
    quote: str
    algorithm_name: str = ""
    parameter_name: str = ""
    low: float | None = None
    high: float | None = None
    log: bool | None = None
    value: bool | float | str | None = None
    unit: str = ""
    condition: str = ""


class ExtractedClaims(BaseModel):
    """The claims of a part of a document."""

    model_config = ConfigDict(extra="ignore")

    claims: list[ExtractedClaim] = Field(default_factory=list)


class Part(Value):
    """Some blocks of a document that are asked about at once."""

    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """What the model is shown, as a reader sees it: headings where they change, rows under their header."""
        lines: list[str] = []
        section, header = None, ""
        for block in self.blocks:
            if block.section != section:
                lines.append(f"[section: {block.section}]")
            if block.header and block.header != header:
                lines.append(block.header)
            lines.append(block.reading)
            section, header = block.section, block.header
        return "\n".join(lines)


@dataclass
class ModelExtractor:
    """Asks `model` for the claims of a document."""

    model: Asks
    unanswered: list[str] = field(default_factory=list)
    """Why parts were not answered, one text a part."""

    @property
    def name(self) -> str:
        """The model and the prompt."""
        return f"{self.model.name}, {PROMPT}"

    def extract(self, document: Document) -> tuple[FoundClaim, ...]:
        """Return the claims that the model finds, part by part; parts that it does not answer are noted."""
        found: list[FoundClaim] = []
        for number, part in enumerate(parts_of(document), start=1):
            try:
                answer = self.model.structured(prompt(PROMPT), part.text, ExtractedClaims)
            except ModelError as error:
                self.unanswered.append(f"{document.name}, part {number}: {error}")
                continue
            found += (_placed(claim, part) for claim in answer.claims)
        return tuple(found)


def parts_of(document: Document) -> Iterator[Part]:
    """Yield the blocks of `document` in parts of about `PART_CHARACTERS`; references are left out."""
    blocks: list[Block] = []
    size = 0
    for block in document.blocks:
        if block.kind is BlockKind.REFERENCE:
            continue
        if blocks and size + len(block.text) > PART_CHARACTERS:
            yield Part(blocks=tuple(blocks))
            blocks, size = [], 0
        blocks.append(block)
        size += len(block.text)
    if blocks:
        yield Part(blocks=tuple(blocks))


def _placed(claim: ExtractedClaim, part: Part) -> FoundClaim:
    """Return `claim` with the place of the block that holds its quote, in the words of the document.

    What is in no block is left as it is, at the place of the part's first, for the check to drop.
    """
    held = ((block, words) for block in part.blocks if (words := block.words_for(claim.quote)) is not None)
    home, quote = next(held, (part.blocks[0], claim.quote))
    fields = claim.model_dump()
    whole = isinstance(claim.value, float) and claim.value.is_integer()
    value = int(claim.value) if whole and claim.value is not None else claim.value
    return FoundClaim(**{**fields, "quote": quote, "value": value, "section": home.section, "page": home.page})


@dataclass(frozen=True)
class Together:
    """Several extractors, one after the other; a claim that two of them find counts once."""

    extractors: tuple[ClaimExtractor, ...]

    @property
    def name(self) -> str:
        """All of them."""
        return " and ".join(extractor.name for extractor in self.extractors)

    def extract(self, document: Document) -> tuple[FoundClaim, ...]:
        """Return what each of them finds, in turn; not again what one before it found in the same words."""
        found: list[FoundClaim] = []
        for extractor in self.extractors:
            known = {_stated(claim) for claim in found}
            found += [claim for claim in extractor.extract(document) if _stated(claim) not in known]
        return tuple(found)


def _stated(claim: FoundClaim) -> tuple[object, ...]:
    return claim.kind, squeezed(claim.quote), claim.parameter_name, claim.low, claim.high, claim.value
