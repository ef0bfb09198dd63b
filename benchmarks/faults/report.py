"""The benchmark's figures as JSON and as a Markdown table."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.faults.judging import Judged
from benchmarks.faults.planting import Fault
from recommender.validation.verdict import Outcome

#: What the table in the README stands between.
BEGIN, END = "<!-- gate: made by make bench-gate -->", "<!-- gate: end -->"
#: The stages in order.
STAGES = ("schema", "learner", "grounding", "sanity", "cost", "test_run", "worth")
#: Misses that are written out for a kind.
MOST_SHOWN = 5


def row(fault: Fault, judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of one kind, as JSON values."""
    missed = [one for one in judged if not one.is_caught]
    misnamed = [one for one in judged if one.is_caught and not one.is_named]
    return {
        "kind": fault.name,
        "what": fault.what,
        "stage": fault.stage,
        "codes": sorted(fault.codes),
        "needs_fit": fault.needs_fit,
        "planted": len(judged),
        "sound_proposals": len({one.sound for one in judged}),
        "caught": sum(one.is_caught for one in judged),
        "by_stage": sum(one.is_caught and one.is_staged for one in judged),
        "named": sum(one.is_caught and one.is_named for one in judged),
        "refused": sum(one.verdict.outcome is Outcome.FAILED for one in judged),
        "repaired": sum(one.verdict.outcome is Outcome.REPAIRED and one.is_named for one in judged),
        "refused_after_a_fit": sum(one.would_fit and one.verdict.outcome is Outcome.FAILED for one in judged),
        "missed": [f"{one.sound}: {one.found or 'nothing found'}" for one in missed[:MOST_SHOWN]],
        "misnamed": [f"{one.sound}: {one.found}" for one in misnamed[:MOST_SHOWN]],
    }


def sound_row(origin: str, verdicts: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return how the gate took the sound proposals of one origin, as JSON values."""
    outcomes = Counter(str(verdict.outcome) for _, verdict in verdicts)
    repairs = Counter(f.code for _, v in verdicts for f in v.findings if f.outcome is Outcome.REPAIRED)
    refused = [
        f"{name}: " + "; ".join(f"{f.code} ({f.field})" for f in v.findings if f.outcome is Outcome.FAILED)
        for name, v in verdicts
        if v.outcome is Outcome.FAILED
    ]
    return {
        "origin": origin,
        "judged": len(verdicts),
        "passed": outcomes["pass"],
        "repaired": outcomes["repaired"],
        "refused": outcomes["failed"],
        "repairs": dict(repairs.most_common()),
        "refusals": refused,
    }


def write_results(folder: Path, results: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write ``faults-<day>.json`` and ``faults.md`` into `folder`; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    day = date.today().isoformat()  # noqa: DTZ011 - a label, in the reader's own time zone
    content = {"date": day, "versions": _versions(), **results}
    data, table = folder / f"faults-{day}.json", folder / "faults.md"
    data.write_text(json.dumps(content, indent=1) + "\n")
    table.write_text(markdown(content))
    return data, table


def markdown(content: Mapping[str, Any]) -> str:
    """Return the tables for people."""
    kinds = content["kinds"]
    planted, caught = sum(k["planted"] for k in kinds), sum(k["caught"] for k in kinds)
    staged = sum(k["by_stage"] for k in kinds)
    lines = [
        "# Planted faults",
        "",
        f"Made by `python -m benchmarks.faults` on {content['date']} (seed {content['seed']}, {content['seconds']} s); "
        f"all figures: `faults-{content['date']}.json`.",
        "",
        f"**{planted:,} faults of {len(kinds)} kinds planted in sound proposals: {caught:,} caught "
        f"({caught / max(1, planted):.1%}), {staged:,} by the expected stage ({staged / max(1, planted):.1%}).** "
        "Caught: the proposal was refused, or the fault was repaired and named. A kind of stages 1 to 5 is judged with "
        f"a trip wire in place of the test run: {sum(k['refused_after_a_fit'] for k in kinds if not k['needs_fit'])} "
        "of the refused proposals came as far as a fit.",
        "",
        "## Sound proposals",
        "",
        "| origin | judged | passed | repaired | refused | repairs |",
        "|---|---|---|---|---|---|",
        *(_sound_line(one) for one in content["sound"]),
        "",
        *_refusals(content["sound"]),
        "## Kinds",
        "",
        "| stage | kind | planted | in proposals | caught | by its stage | by its name | refused, repaired |",
        "|---|---|---|---|---|---|---|---|",
        *(_line(one) for one in kinds),
        "",
        *_misses(kinds),
    ]
    return "\n".join(lines).rstrip() + "\n"


def write_readme(path: Path, content: Mapping[str, Any]) -> None:
    """Put the table by kind between the marks in the README.

    Raises:
        ValueError: The marks are not there.
    """
    text = path.read_text()
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{path} has no {BEGIN} ... {END}")
    path.write_text("".join((before, BEGIN, "\n", readme_table(content), END, after)))


def readme_table(content: Mapping[str, Any]) -> str:
    """Return a table with a row for each stage, in which every kind has its figures: caught of planted."""
    kinds = content["kinds"]
    lines = [
        "| stage | faults caught, by kind | caught | by its stage |",
        "|---|---|---|---|",
    ]
    for stage in dict.fromkeys(k["stage"] for k in sorted(kinds, key=_place)):
        own = [k for k in kinds if k["stage"] == stage]
        names = ", ".join(f"{k['kind'].replace('_', ' ')} {k['caught']}/{k['planted']}" for k in own)
        planted, caught, staged = (sum(k[n] for k in own) for n in ("planted", "caught", "by_stage"))
        lines.append(f"| {stage.replace('/', ', ')} | {names} | {caught:,} of {planted:,} | {staged:,} |")
    judged = {one["origin"]: f"{one['judged']} {one['origin']}" for one in content["sound"]}
    refused = sum(one["refused"] for one in content["sound"])
    lines += ["", f"Sound proposals: {', '.join(judged.values())}; {refused or 'none'} refused.", ""]
    return "\n".join(lines)


def _place(kind: Mapping[str, Any]) -> int:
    return STAGES.index(kind["stage"].partition("/")[0])


def _sound_line(one: Mapping[str, Any]) -> str:
    repairs = ", ".join(f"{code} {n}" for code, n in one["repairs"].items())
    return (
        "| "
        + " | ".join(str(one[k]) for k in ("origin", "judged", "passed", "repaired", "refused"))
        + f" | {repairs} |"
    )


def _line(one: Mapping[str, Any]) -> str:
    cells = [one["stage"], one["what"], *(str(one[k]) for k in ("planted", "sound_proposals", "caught"))]
    return (
        "| "
        + " | ".join([*cells, str(one["by_stage"]), str(one["named"]), f"{one['refused']}, {one['repaired']}"])
        + " |"
    )


def _refusals(sound: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"* {one['origin']}: {text}" for one in sound for text in one["refusals"]]
    return ["Refused:", "", *lines, ""] if lines else []


def _misses(kinds: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"* {one['kind']}, missed: {text}" for one in kinds for text in one["missed"]]
    lines += [f"* {one['kind']}, by another name: {text}" for one in kinds for text in one["misnamed"]]
    return ["## What was missed, or called by another name", "", *lines, ""] if lines else []


def _versions() -> dict[str, str]:
    names = ("numpy", "scikit-learn", "pandas", "xgboost", "xgboost-cpu", "lightgbm", "catboost")
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
