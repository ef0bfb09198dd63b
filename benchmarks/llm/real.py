"""``python -m benchmarks.llm.real MODEL``: the same conversations with a real model, and what to look at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.faults.sound import TABLES
from benchmarks.llm.bench import Bench, Conversation
from kg.errors import InputError
from recommender.llm.providers import open_model
from recommender.llm.streaming import Piece
from recommender.llm.usage import Limits, Usage

#: Tokens of a conversation, at most, where nothing else is said.
TOKENS = 200_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold a conversation on each table and print what came of it; return 1 where a fault was found, 2 for no model."""
    given = _parser().parse_args(arguments)
    tables = [given.data / "raw-datasets" / name for name in TABLES][: given.tables]
    limits = Limits(
        seconds=given.seconds,
        tokens=given.tokens,
        money=given.money,
        prompt_price=given.prompt_price,
        answer_price=given.answer_price,
    )
    bench = Bench(given.home, tables)
    print(f"{len(tables)} conversations of at most {given.tokens:,} tokens and {given.seconds:g} s each.")
    found: list[tuple[Conversation, Usage]] = []
    for path in tables:
        try:
            model = open_model(given.model, base_url=given.base_url, limits=limits)
        except InputError as error:
            print(error, file=sys.stderr)
            return 2
        heard = hear if given.stream else None
        done = bench.converse_with(model, path, fit_seconds=given.fit_seconds, heard=heard)
        found.append((done, model.usage))
        print("\n".join(told(path.name, done)), flush=True)
    print("\n".join(summary(found)))
    return 1 if any(done.faults for done, _ in found) else 0


def hear(piece: Piece) -> None:
    """Print what the model writes while it writes it."""
    end = f" {piece.text}\n" if piece.kind == "end" else piece.text
    print(end, end="", flush=True, file=sys.stderr)


def told(name: str, done: Conversation) -> Iterable[str]:
    """Yield what came of a conversation, in lines."""
    proposal = done.shown.proposal
    yield (
        f"{name}: draft {'yes' if done.has_draft else 'no'}, shown: {proposal.proposer if proposal else 'nothing'}, "
        f"{len(done.notes)} repairs and drops, {done.labels} labels, {done.seconds:.1f} s, faults: {len(done.faults)}"
    )
    yield from (f"  {line}" for line in (*(proposal.assumptions[-1:] if proposal else ()), *done.notes, *done.faults))


def summary(found: Sequence[tuple[Conversation, Usage]]) -> Iterable[str]:
    """Yield what came of all conversations, in lines."""
    n = max(len(found), 1)
    drafts = sum(done.has_draft for done, _ in found)
    kept = sum(done.shown.proposal is not None and done.shown.proposal.proposer != "composer" for done, _ in found)
    usages = [usage for _, usage in found]
    yield ""
    yield f"drafts: {drafts} of {len(found)}; unchanged: {sum(done.is_unchanged for done, _ in found)}; shown: {kept}"
    yield f"citations that were never shown: {sum('was not shown' in note for done, _ in found for note in done.notes)}"
    tokens = [usage.tokens for usage in usages]
    yield f"tokens a conversation: {sum(tokens) / n:,.0f}; the most: {max(tokens, default=0):,}"
    yield f"calls a conversation: {sum(u.calls for u in usages) / n:.1f}, of all {sum(u.failed for u in usages)} failed"
    yield f"money: {sum(u.money for u in usages):.4g}; faults: {sum(len(done.faults) for done, _ in found)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="provider:model")
    parser.add_argument("--base-url", default=None, help="where a server speaks the provider's API")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=180.0, help="of a conversation, at most")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a conversation, at most")
    parser.add_argument("--prompt-price", type=float, default=0.0, help="of a million tokens of prompts")
    parser.add_argument("--answer-price", type=float, default=0.0, help="of a million tokens of answers")
    parser.add_argument("--money", type=float, default=None, help="of a conversation, at most, by these prices")
    parser.add_argument("--stream", action="store_true", help="print what it writes while it writes it")
    parser.add_argument(
        "--fit-seconds", type=float, default=0.0, help="test-run the draft beside the composed proposal"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
