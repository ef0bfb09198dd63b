"""The page of all benchmarks: ``python -m benchmarks.index`` writes the table of questions and results into its README.

The table is made from what the benchmarks wrote into `benchmarks/results`; ``--check`` writes nothing and fails where
the page says something else than the results do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.questions import BENCHMARKS, Benchmark
from benchmarks.recording import RESULTS

PAGE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results: made by python -m benchmarks.index -->", "<!-- results: end -->"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is not up to date")
    given = parser.parse_args()
    before = PAGE.read_text(encoding="utf-8")
    after = with_table(before, table(RESULTS))
    if given.check:
        sys.exit(0 if before == after else f"{PAGE} does not say what the results do: run python -m benchmarks.index")
    PAGE.write_text(after, encoding="utf-8")
    print(table(RESULTS))


def table(folder: Path, benchmarks: Sequence[Benchmark] = BENCHMARKS) -> str:
    """Return a row a question, in Markdown: what came of it, with which command, when and where."""
    head = ["| question | command | what came of it | measured |", "|---|---|---|---|"]
    return "\n".join([*head, *(_row(folder, one) for one in benchmarks)])


def with_table(page: str, rows: str) -> str:
    """Return `page` with `rows` between the marks.

    Raises:
        ValueError: The page lacks a mark.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{rows}\n{END}{after}"


def unknown_results(folder: Path, benchmarks: Sequence[Benchmark] = BENCHMARKS) -> list[str]:
    """Return the files in the folder of results that no benchmark says it writes."""
    known = {path for one in benchmarks for pattern in one.files for path in folder.glob(pattern)}
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path not in known)


def _row(folder: Path, one: Benchmark) -> str:
    told = one.headline(folder) or "Not run yet."
    pages = sorted(path.name for pattern in one.files for path in folder.glob(pattern) if path.suffix == ".md")
    links = ", ".join(f"[{name}](results/{name})" for name in pages)
    return f"| {one.question} | `{one.command}` | {told} {links} | {_measured(folder, one)} |"


def _measured(folder: Path, one: Benchmark) -> str:
    """Return day and cores of the newest result that tells them."""
    files = [path for pattern in one.files for path in folder.glob(pattern) if path.suffix == ".json"]
    found = [content for path in files if "date" in (content := _content(path))]
    if not found:
        return "see the page"
    content = max(found, key=lambda each: str(each["date"]))
    cores = content.get("cores") or content.get("cpus")
    return ", ".join([str(content["date"]), *([f"{cores} cores"] if cores else [])])


def _content(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


if __name__ == "__main__":
    main()
