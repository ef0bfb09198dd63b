"""The figures of the ablation: means, paired intervals, and the page for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.evidence.measuring import KS
from benchmarks.evidence.parts import ALONE, BY_TEXT, FULL, NOTHING, PAIR, WITHOUT
from benchmarks.recording import made_on

Array = npt.NDArray[np.float64]
#: One left-out data set: ``suite``, ``dataset``, ``variants``.
Row = Mapping[str, Any]

#: What is told beside the regrets of a study: column -> figure.
BESIDE = {
    "space holds": "inside",
    "its ceiling": "ceiling",
    "trials advised": "trials",
    "score foretold": "foretold",
    "interval held": "held",
    "width": "width",
    "off by": "off",
    "seconds foretold": "priced",
    "seconds off by factor": "price_factor",
    "screened": "screened",
    "seconds taken": "seconds",
    "rung ranks well": "ranks_well",
}
DRAWS = 2000


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return, for each suite and for all together, the figures of every variant, as JSON values."""
    suites = list(dict.fromkeys(row["suite"] for row in rows))
    parts = {name: [row for row in rows if row["suite"] == name] for name in suites}
    return {name: _part(part) for name, part in {**parts, "all": list(rows)}.items() if part}


def _part(rows: Sequence[Row]) -> dict[str, Any]:
    names = list(rows[0]["variants"])
    return {
        "n": len(rows),
        "asked": sorted({kind for row in rows for kind in row["variants"][FULL.name]["asked"]}),
        "variants": {name: _variant(rows, name) for name in names},
    }


def _variant(rows: Sequence[Row], name: str) -> dict[str, Any]:
    base = NOTHING.name if name.endswith("alone") else FULL.name
    clusters = [row["dataset"] for row in rows]
    curves = _regrets(rows, name)
    low, high = clustered(curves, clusters)
    difference = curves - _regrets(rows, base)
    d_low, d_high = clustered(difference, clusters)
    told = {"mean": curves.mean(0), "low": low, "high": high}
    told |= {"difference": difference.mean(0), "difference_low": d_low, "difference_high": d_high}
    return {
        "compared_with": base,
        **{key: [round(float(v), 4) for v in values] for key, values in told.items()},
        "same_study": int((difference == 0).all(1).sum()),
        "beside": {figure: _mean(rows, name, figure) for figure in BESIDE.values()},
        "counted": {figure: len(_values(rows, name, figure)) for figure in BESIDE.values()},
    }


def _regrets(rows: Sequence[Row], name: str) -> Array:
    return np.array([[row["variants"][name][f"regret_{k}"] for k in KS] for row in rows])


def _values(rows: Sequence[Row], name: str, figure: str) -> list[float]:
    return [row["variants"][name][figure] for row in rows if row["variants"][name].get(figure) is not None]


def _mean(rows: Sequence[Row], name: str, figure: str) -> float | None:
    values = _values(rows, name, figure)
    if not values:
        return None
    if figure == "price_factor":
        return round(float(np.exp(np.median(values))), 3)
    return round(float(np.median(values) if figure == "trials" else np.mean(values)), 4)


def clustered(values: Array, clusters: Sequence[str]) -> tuple[Array, Array]:
    """Return the 95 % percentile interval of the mean of each column; data sets are drawn, with all of their rows.

    A data set that several suites have counts once: what makes it odd makes it odd for all learners.
    """
    names = sorted(set(clusters))
    place = np.array([names.index(one) for one in clusters])
    sums = np.stack([np.bincount(place, column, len(names)) for column in values.T], axis=1)
    counts = np.bincount(place, minlength=len(names)).astype(float)
    drawn = np.random.default_rng(0).integers(0, len(names), (DRAWS, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)[:, None]
    return np.quantile(means, 0.025, axis=0), np.quantile(means, 0.975, axis=0)


def headline(found: Mapping[str, Any]) -> str:
    """Return what each part is worth, in a sentence: regret after ten trials without it, as a share of all."""
    variants = found["all"]["variants"]
    tenth = KS.index(10)
    whole = variants[FULL.name]["mean"][tenth]
    shares = [
        f"{name.removeprefix('without ')} {variants[name]['mean'][tenth] / whole:.2f}"
        + ("*" if _differs(variants[name], tenth) else "")
        for name in (variant.name for variant in WITHOUT)
        if variants[name]["same_study"] < found["all"]["n"]
    ]
    same = [v.name.removeprefix("without ") for v in WITHOUT if variants[v.name]["same_study"] == found["all"]["n"]]
    nothing = variants[NOTHING.name]["mean"][tenth] / whole
    return (
        f"Regret after 10 trials over that with everything, when left out: {', '.join(shares)}, all of it "
        f"{nothing:.2f}. No change to a study: {', '.join(same) or 'none'}."
    )


def markdown(content: Mapping[str, Any]) -> str:
    """Return the page for people."""
    found = content["found"]
    lines = [
        "# What each part of the evidence is worth",
        "",
        f"Made by `python -m benchmarks.evidence` on {made_on(content)}; all figures: "
        f"`evidence-{content['date']}.json`.",
        "",
        f"**{content['headline']}** (* where the 95 % interval of the paired difference excludes 0)",
        "",
        *PROTOCOL,
        "",
        "## In short",
        "",
        f"Regret over that with everything, all {found['all']['n']} together; figures as explained above.",
        "",
        *short_table(found),
        "",
    ]
    for name, part in found.items():
        title = "All together" if name == "all" else name
        lines += [f"## {title}, {part['n']} left out", "", *_regret_table(part), "", *_beside_table(part), ""]
    lines += ["## What composing looks at", "", _asked(found["all"]), ""]
    return "\n".join(lines)


PROTOCOL = (
    "Each data set is left out of the graph that ships, under all its names and versions, with all that was learnt "
    "from it. From what is left a proposal is composed for it: with everything, without one part, with one part "
    "alone, with nothing but what the learner registry says. The proposed study is run: its space, warm starts and "
    f"sampler, {KS[-1]} trials; each trial is answered by the nearest run of the left-out data set that was not used "
    "yet (at most 150, those that its response model keeps and the installed library could still make).",
    "",
    "* **k=1 ...**: regret `(best - best of first k) / (best - median)`, runs clipped at 2, mean over data sets [95 % "
    "interval, data sets drawn]; d: paired difference with *everything*, for *alone* with *nothing*; * where its "
    "interval excludes 0. *same*: data sets on which the study came to the same regrets.",
    "* **space holds**: share of the left-out runs inside the proposed space (less is narrower); **its ceiling**: "
    "regret that remains if all of the space were tried.",
    "* **score foretold**: share of data sets with a score foretold after 10 trials (nominal 90 %); **off by**: its "
    "distance from what the study reached, in the metric's unit.",
    "* **seconds**: of a trial, held against the data set's own cost profile (median factor); **seconds taken**: by "
    "halving from the proposed fidelity, over full runs, by the data set's own fidelity profile; **rung ranks "
    "well**: its rank correlation there is at least .8. What screening gives up in whole studies: "
    "[fidelity.md](fidelity.md).",
    "",
    "What it cannot say: published spaces and the constants of the rules were made by people who knew some of these "
    "data sets. Hyper-parameters that the left-out runs did not vary cannot show their worth, nor spaces that range "
    "over them. The learner is given, so results of whole systems, which choose it, are not measured. Most data sets "
    "have no description but their name.",
)


def _regret_table(part: Mapping[str, Any]) -> list[str]:
    head = "| regret | " + " | ".join(f"k={k}" for k in KS) + " | same |"
    shown, same = _told_apart(part)
    rows = [_regret_line(name, part["variants"][name], part["n"]) for name in shown]
    return [head, "|---" * (len(KS) + 2) + "|", *rows, "", *same]


def _told_apart(part: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the variants that have a study of their own, and in words those that have the same as another."""
    variants = part["variants"]
    names = [v.name for v in (FULL, *WITHOUT, *BY_TEXT, NOTHING, *ALONE, PAIR) if v.name in variants]
    same: dict[str, list[str]] = {}
    for name in names:
        told = variants[name]
        if name not in (FULL.name, NOTHING.name) and told["same_study"] == part["n"]:
            same.setdefault(told["compared_with"], []).append(name)
    shown = [name for name in names if not any(name in group for group in same.values())]
    return shown, [f"To the last digit as with *{base}*: {', '.join(group)}." for base, group in same.items()]


def _regret_line(name: str, told: Mapping[str, Any], n: int) -> str:
    cells = []
    for j in range(len(KS)):
        cell = f"{told['mean'][j]:.3f} [{told['low'][j]:.3f}, {told['high'][j]:.3f}]"
        if name != FULL.name:
            cell += f" d {told['difference'][j]:+.3f}{'*' if _differs(told, j) else ''}"
        cells.append(cell)
    same = "" if name == FULL.name else f"{told['same_study']} of {n}"
    return f"| {name} | " + " | ".join(cells) + f" | {same} |"


def _differs(told: Mapping[str, Any], j: int) -> bool:
    return bool(told["difference_low"][j] > 0 or told["difference_high"][j] < 0)


def _beside_table(part: Mapping[str, Any]) -> list[str]:
    """Return what goes with the study; variants in which nothing of it is another are left out."""
    variants = part["variants"]
    order = [v.name for v in (FULL, *WITHOUT, NOTHING, *ALONE, PAIR) if v.name in variants]
    shown = [
        name
        for name in order
        if name in (FULL.name, NOTHING.name)
        or variants[name]["beside"] != variants[variants[name]["compared_with"]]["beside"]
    ]
    columns = [
        title for title, figure in BESIDE.items() if any(variants[n]["beside"][figure] is not None for n in shown)
    ]
    lines = ["| beside | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in shown:
        told = variants[name]["beside"]
        cells = [_cell(BESIDE[title], told[BESIDE[title]]) for title in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def short_table(found: Mapping[str, Any]) -> list[str]:
    """Return a row a part: what its absence does to the regret, and to what goes with the study."""
    part = found["all"]
    whole, none = part["variants"][FULL.name], part["variants"][NOTHING.name]
    ks = [j for j, k in enumerate(KS) if k > 1]
    head = [f"regret without it, k={KS[j]}" for j in ks]
    lines = ["| part | " + " | ".join(head) + " | what else goes without it |", "|---" * (len(ks) + 2) + "|"]
    for name, told in [(v.name, part["variants"][v.name]) for v in WITHOUT] + [("without all of them", none)]:
        cells = [_times(told, whole, j) if told["same_study"] < part["n"] else "same" for j in ks]
        lost = _lost(whole["beside"], told["beside"])
        lines.append(f"| {name.removeprefix('without ')} | " + " | ".join(cells) + f" | {lost} |")
    return lines


def _times(told: Mapping[str, Any], whole: Mapping[str, Any], j: int) -> str:
    # Of the studies without everything the difference is to those with everything, too.
    return f"x {told['mean'][j] / whole['mean'][j]:.2f}{'*' if _differs(told, j) else ''}"


def _lost(whole: Mapping[str, float | None], told: Mapping[str, float | None]) -> str:
    changes = []
    for title, figure in BESIDE.items():
        before, after = _cell(figure, whole[figure]), _cell(figure, told[figure])
        if before != after:
            changes.append(f"{title} {before or '-'} to {after or '-'}")
    return "; ".join(changes) or "nothing"


_WAYS: Mapping[str, Callable[[float], str]] = {
    **dict.fromkeys(
        ("inside", "foretold", "held", "priced", "screened", "seconds", "ranks_well"), lambda v: f"{v:.0%}"
    ),
    "trials": lambda v: f"{v:.0f}",
    "price_factor": lambda v: f"{v:.2f}",
}


def _cell(figure: str, value: float | None) -> str:
    return "" if value is None else _WAYS.get(figure, lambda v: f"{v:.3f}")(value)


def _asked(part: Mapping[str, Any]) -> str:
    asked = part["asked"]
    return (
        f"Kinds of evidence that composing asked the graph for, with everything there: {', '.join(asked)}. What is not "
        "among them can change no composed proposal; claims, names and descriptions are shown and searched."
    )
