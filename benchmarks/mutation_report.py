"""The figures of a mutation run: as JSON values, and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.mutants import BOUNDARIES, CHECKS
from benchmarks.mutation_fates import Fate

_HEADINGS = {
    CHECKS: (
        "Checks taken out",
        "Each `if` of the gate that never holds, each `yield` that yields nothing, each line that adds no findings.",
    ),
    BOUNDARIES: (
        "Limits moved by the least step",
        "Each `<` of the gate made `<=`, each `>=` made `>`, and the other way round. Where the value at the limit "
        "makes no difference to anybody, no test can see it; these are counted, not argued away.",
    ),
}


def summary(fates: Sequence[Fate]) -> dict[str, Any]:
    """Return the counts of `fates` by module, what survived, and what nobody can see with the reasons."""
    by_module: dict[str, Counter[str]] = {}
    for fate in fates:
        by_module.setdefault(fate.mutant.path, Counter())[_ending(fate)] += 1
    total = sum(by_module.values(), Counter())
    return {
        "mutants": len(fates),
        "caught": total["caught"],
        "equivalent": total["equivalent"],
        "survived": total["survived"],
        "equivalents": [{"where": _place(f), "why": f.why_equivalent} for f in fates if f.why_equivalent],
        "survivors": [_place(f) for f in fates if _ending(f) == "survived"],
        "seconds": round(sum(f.seconds for f in fates)),
        "modules": {path: {"mutants": sum(found.values()), **found} for path, found in by_module.items()},
    }


def table(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page: for each kind of change the counts, what survived, and a table by module."""
    parts = [
        "# The gate under mutation\n\n`make bench-mutation` changes the code of the gate (`recommender/validation`, "
        "`recommender/grounding.py`) in one place at a time and runs the tests that mirror the module. *Caught*: a "
        "test turned red that is green on the unchanged code.\n"
    ]
    for kind, report in reports.items():
        heading, words = _HEADINGS[kind]
        parts += [f"\n## {heading}\n\n{words}\n\n", *_counts(report)]
        parts += _listed("Survived", report["survivors"])
        parts += _listed(
            "Equivalent, and why", [f"{one['where']}: {one['why']}" for one in report["equivalents"]], code=False
        )
    return "".join(parts)


def _counts(report: Mapping[str, Any]) -> list[str]:
    columns = ("mutants", "caught", "equivalent", "survived")
    rows = [(path.removeprefix("recommender/"), found) for path, found in sorted(report["modules"].items())]
    lines = [f"| module | {' | '.join(columns)} |\n|---|---|---|---|---|\n"]
    for name, found in [*rows, ("**all**", report)]:
        lines.append(f"| {name} | {' | '.join(str(found.get(column, 0)) for column in columns)} |\n")
    return lines


def _listed(heading: str, places: Sequence[str], *, code: bool = True) -> list[str]:
    if not places:
        return []
    return [f"\n{heading}:\n\n", *(f"- `{place}`\n" if code else f"- {place}\n" for place in places)]


def _ending(fate: Fate) -> str:
    return "equivalent" if fate.why_equivalent else "survived" if fate.survived else "caught"


def _place(fate: Fate) -> str:
    mutant = fate.mutant
    return f"{mutant.path}:{mutant.line} {mutant.where}: {mutant.text}"
