"""``tunegraph passages``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.text import Text

from kg.errors import InputError


def passages_command(question: str, *, limit: int, as_json: bool, home: Path | None) -> int:
    """Find the passages that bear on a question, and print them. Returns the exit code.

    Raises:
        InputError: There are no passages.
    """
    from ui.cli.screen import console, progress_on
    from ui.compose import Settings, Tunegraph

    settings = Settings.from_environment(home)
    with progress_on(sys.stderr) as progress:
        index = Tunegraph(settings).text_index
        if not index.passages:
            raise InputError("No document was read.", where=str(settings.home), allowed="tunegraph ingest papers PATH")
        progress(f"Searching {len(index.passages):,} passages")
        hits = index.search(question, limit)
    if as_json:
        print(json.dumps({"passages": [hit.model_dump(mode="json") for hit in hits]}, indent=2, ensure_ascii=False))
        return 0
    screen = console()
    if not hits:
        screen.print("No passage has a word of that.")
    for number, hit in enumerate(hits, start=1):
        passage = hit.passage
        page = f", page {passage.page}" if passage.page is not None else ""
        # Text, for a document's words are not to be taken for markup.
        title = (f"{number}. {passage.title or passage.document}", "bold")
        screen.print(Text.assemble(title, f" ({passage.document}{page})"))
        if passage.section:
            screen.print(Text(passage.section, style="dim"))
        screen.print(Text(passage.text))
        screen.print()
    return 0
