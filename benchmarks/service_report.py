"""What the checks of the service found, each in its section of one file; a command that is run again replaces its own.

keep("Load", "64 clients ...")
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parent / "results" / "service.md"
#: Sections in the order of the file.
SECTIONS: Final = ("Faults", "Load", "Requests made up from the document", "Hostile queries")
_TITLE: Final = "# The service under stress\n\nEach section is written by the command that it names."


def keep(section: str, text: str, *, command: str, path: Path = RESULTS) -> None:
    """Write a section, and leave the others as they are.

    Args:
        section: One of `SECTIONS`.
        text: Markdown: what was found.
        command: What was run, without ``python -m``.
        path: The file.
    """
    if section not in SECTIONS:
        raise ValueError(f"{section!r} is no section; there are {', '.join(SECTIONS)}")
    found = _read(path)
    day, where = datetime.now(UTC).date(), f"{os.cpu_count()} cores, Python {platform.python_version()}"
    found[section] = f"`python -m {command}`, {day}, {where}.\n\n{text.strip()}"
    parts = [_TITLE, *(f"## {name}\n\n{found[name]}" for name in SECTIONS if name in found)]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    _, *parts = path.read_text(encoding="utf-8").split("\n## ")
    return {name: text.strip() for name, _, text in (part.partition("\n") for part in parts)}
