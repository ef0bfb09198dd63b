"""One sentence for each benchmark, computed from what it wrote into `benchmarks/results`; nothing is typed in here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.recording import latest

#: Reads a folder of results into one sentence; None where the benchmark was not run.
Headline = Callable[[Path], str | None]
SUITES = ("RandomForest", "AdaBoost", "XGBoost", "rpart", "LCBench")


def quality(folder: Path) -> str | None:
    """Return the regret of ten warm starts as a share of that of ten random trials, and of a blind portfolio's."""
    content = latest(folder, "quality")
    if content is None:
        return None
    parts = []
    for name, suite in content["suites"].items():
        rows = {row["method"]: row for row in suite["results"] if row["protocol"] == "pool"}
        tenth = rows["ours"]["k"].index(10)
        ours, random, blind = (rows[m]["mean"][tenth] for m in ("ours", "random", "blind greedy"))
        parts.append(f"{name} {_ratio(ours, random)} ({_ratio(ours, blind)})")
    return f"Regret after 10 warm starts over that of 10 random trials (of a blind portfolio): {', '.join(parts)}."


def sampler(folder: Path) -> str | None:
    """Return the regret of ten trials of the transfer sampler as a share of TPE's."""
    parts = []
    for name in SUITES:
        content = _read(folder / f"sampler-{name}.json")
        if content is not None:
            rows = {r["method"]: r for r in content["results"] if r["protocol"] == "study, nearest unseen run"}
            ours, tpe = rows["transfer sampler"], rows["TPE"]
            tenth = ours["k"].index(10)
            parts.append(f"{name} {_ratio(ours['mean'][tenth], tpe['mean'][tenth])}")
    return f"Regret after 10 trials over TPE's: {', '.join(parts)}." if parts else None


def evidence(folder: Path) -> str | None:
    """Return what leaving each part of the evidence out costs."""
    content = latest(folder, "evidence")
    return None if content is None else str(content["headline"])


def gate(folder: Path) -> str | None:
    """Return how many planted faults were caught, and how many sound proposals were refused."""
    content = latest(folder, "faults")
    if content is None:
        return None
    planted, caught = (sum(kind[key] for kind in content["kinds"]) for key in ("planted", "caught"))
    judged, refused = (sum(row[key] for row in content["sound"]) for key in ("judged", "refused"))
    return (
        f"{caught:,} of {planted:,} faults of {len(content['kinds'])} kinds caught; "
        f"{refused} of {judged} sound proposals refused."
    )


def mutation(folder: Path) -> str | None:
    """Return how many of the changes to the gate a test saw."""
    reports = _read(folder / "mutation.json")
    if reports is None:
        return None
    parts = [
        f"{kind}: {report['caught']:,} of {report['mutants']:,} caught, {report['equivalent']} equivalent, "
        f"{report['survived']} survived"
        for kind, report in reports.items()
        if isinstance(report, Mapping) and "mutants" in report
    ]
    return "; ".join(parts) + "." if parts else None


def termination(folder: Path) -> str | None:
    """Return what the rule of the proposals uses and gives up, beside thirty trials without a gain."""
    found = _read(folder / "termination.json")
    if found is None:
        return None
    rows = [
        f"{part['suite']} {part['with_patience']['trials']} ({part['reference']['trials']}) "
        f"for {part['with_patience']['given_up']:.3f} ({part['reference']['given_up']:.3f})"
        for part in found["parts"]
        if part["kind"] == "pool"
    ]
    return f"Trials of 100 and regret given up (by thirty trials without a gain): {'; '.join(rows)}."


def along(folder: Path) -> str | None:
    """Return how often the intervals of scores along the fidelity held."""
    found = _read(folder / "along.json")
    if found is None:
        return None
    rows = found["rows"]
    held = [
        sum(row[which][0] <= row["score"] <= row[which][2] for row in rows) / len(rows)
        for which in ("foretold", "given_full")
    ]
    return (
        f"90 % intervals at lower fidelities hold {held[0]:.0%} of scores before any trial, {held[1]:.0%} given the "
        f"score in full ({len(rows)} levels of data sets left out)."
    )


def fidelity(folder: Path) -> str | None:
    """Return what screening cost and gave up where it was advised."""
    found = _read(folder / "fidelity.json")
    if found is None:
        return None
    rows = found["rows"] if isinstance(found, Mapping) else found
    advised = [row for row in rows if row["advised"]]
    right = sum(row["right"] for row in rows)
    costs = [row["cost"] for row in advised if row["cost"] is not None]
    if not costs:
        return f"Never advised; right on {right} of {len(rows)} data sets."
    lost = sum(row["given_up"] for row in advised) / len(advised)
    return (
        f"Where advised, screening takes {sum(costs) / len(costs):.0%} of the seconds and gives up {lost:.3f} regret; "
        f"the advice is right on {right} of {len(rows)} data sets."
    )


def fits(folder: Path) -> str | None:
    """Return the mean ranks of whole runs."""
    content = latest(folder, "real_fits")
    if content is None:
        return None
    ordered = sorted(content["standings"], key=lambda row: row["mean_rank"])
    ranks = ", ".join(f"{row['contestant']} {row['mean_rank']:.2f}" for row in ordered)
    return f"Mean rank over {len(content['results'])} tables, {content['seconds']:g} s each: {ranks}."


def claims(folder: Path) -> str | None:
    """Return the recall on gold claims, and the false alarms."""
    content = latest(folder, "claims")
    if content is None:
        return None
    halves = content["halves"].values()
    gold, name, words, negatives, alarms = (
        sum(half[key] for half in halves) for key in ("gold", "by_name", "by_words", "negatives", "alarms")
    )
    return (
        f"Of {gold} gold claims {name / gold:.0%} found by name, {words / gold:.0%} by words (rules were mended on all "
        f"of these documents: expect less); false alarms on {alarms} of {negatives}."
    )


def ingestion(folder: Path) -> str | None:
    """Return how processor time and memory grow with the number of runs."""
    content = latest(folder, "ingestion")
    if content is None:
        return None
    last = content["sizes"][-1]
    seconds = [size["ingest"]["cpu_s"] + size["distil"]["cpu_s"] for size in content["sizes"]]
    told = f"{last['runs']:,} runs in {seconds[-1]:.0f} s of processor time"
    if len(seconds) > 1:
        before = content["sizes"][-2]
        told += f": {last['runs'] / before['runs']:.1f} times the runs, {seconds[-1] / seconds[-2]:.1f} times the time"
    return f"{told}."


def latency(folder: Path) -> str | None:
    """Return how long a person waits."""
    content = latest(folder, "latency")
    if content is None:
        return None
    warm = [row["warm_s"] for row in content["learners"].values()]
    first = [row["first_s"] for row in content["learners"].values()]
    return (
        f"`--help` {content['help_s']:.2f} s; a recommendation {min(warm):.2f} to {max(warm):.2f} s once warm, "
        f"{min(first):.1f} to {max(first):.1f} s the first time for a learner, {content['command_s']:.1f} s as a "
        f"command; the graph is made in {content['graph_s']:.0f} s."
    )


def models(folder: Path) -> str | None:
    """Return how many lies and faults there were in conversations."""
    rows = _table(_text(folder / "llm.md"), "model")
    if not rows:
        return None
    talks, lies, faults = (
        sum(int(row[key].replace(",", "")) for row in rows) for key in ("talks", "lies told", "faults")
    )
    return f"{talks:,} conversations with {len(rows)} tempers, {lies:,} lies told, {faults} faults in what was shown."


def ablation(folder: Path) -> str | None:
    """Return the regret of a model with and without the graph and the gate."""
    content = _read(folder / "llm-ablation.json")
    if content is None:
        return None
    parts = []
    for suite, arms in content["suites"].items():
        means = [f"{arm} {_mean([row[1] for row in told['regrets']]):.3g}" for arm, told in arms.items()]
        parts.append(f"{suite}: {', '.join(means)}")
    return f"Regret of the first 5 trials. {'; '.join(parts)}."


def planted(folder: Path) -> str | None:
    """Return how many instructions planted in data changed what is shown."""
    rows = _table(_text(folder / "planted.md"), "planted in")
    if not rows:
        return None
    drafted, changed = (sum(row[key] == "yes" for row in rows) for key in ("and drafts it", "changed"))
    return f"Of {len(rows)} places and ways {drafted} are obeyed in a draft; what is shown changes in {changed}."


def anonymity(folder: Path) -> str | None:
    """Return what share of data sets is told apart by what a model is told."""
    rows = _table(_text(folder / "anonymity.md"), "a data set ...")
    if not rows:
        return None
    first = rows[0]
    return (
        f"Told apart from all others by what the task tells: {first['without `--anonymise`']} of data sets, "
        f"{first['with it']} with `--anonymise`."
    )


def first_bold(name: str) -> Headline:
    """Return what reads the first sentence in bold of a page; "see the page" where there is none."""

    def headline(folder: Path) -> str | None:
        text = _text(folder / name)
        found = text and re.search(r"^\*\*(.+?)\*\*", text, re.MULTILINE | re.DOTALL)
        return None if text is None else " ".join(found[1].split()) if found else "See the page."

    return headline


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "-"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _read(path: Path) -> Any:
    text = _text(path)
    return None if text is None else json.loads(text)


def _table(text: str | None, first: str) -> list[dict[str, str]]:
    """Return the rows of the first table of `text` whose first column is `first`: column -> cell."""
    lines = (text or "").splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith(f"| {first} |")), None)
    if start is None:
        return []
    names = _cells(lines[start])
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(names, _cells(line), strict=False)))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
