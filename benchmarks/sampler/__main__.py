"""Run the benchmark: ``python -m benchmarks.sampler [--data ../shared/data] [--suite RandomForest ...]``."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.methods import KS, PORTFOLIOS, Fold, order_of
from benchmarks.quality.suites import SUITES, Suite, load_suites
from benchmarks.quality.warm_starts import bootstrap
from benchmarks.recording import made_on, recorded
from benchmarks.sampler.others import (
    FLAML,
    library_space,
    portfolio_then_plain,
    random_curve,
    recommended_space,
    zero_shot_curve,
)
from benchmarks.sampler.pool import PLAIN, distorted_order, negated, process_order, shuffled
from benchmarks.sampler.studies import (
    Start,
    curve,
    curve_by_function,
    portfolio_tpe_study,
    tpe_study,
    transfer_study,
)
from kg.model import SearchSpace

Curve = Callable[[Fold], list[float]]
#: Seeds of the samplers that draw at random; their curves are averaged.
SEEDS = (0, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sampler", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the evidence")
    parser.add_argument("--home", type=Path, help="folder for the run table; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="default: all")
    parser.add_argument(
        "--only", action="append", default=[], help="measure methods that have this in their names; others stay as kept"
    )
    parser.add_argument("--peers", default="", help="python of an environment with flaml[automl]; default: no FLAML")
    arguments = parser.parse_args()
    names = arguments.suite or list(SUITES)
    with tempfile.TemporaryDirectory(prefix="tunegraph-sampler-") as scratch:
        suites = load_suites(arguments.data, arguments.home or Path(scratch), names)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for suite in suites:
        started = time.perf_counter()
        file = arguments.out / f"sampler-{suite.name}.json"
        kept = json.loads(file.read_text()) if arguments.only and file.exists() else {}
        results = measured(suite, arguments.peers, only=arguments.only, kept=kept_rows(kept))
        told = {"suite": suite.name, "seconds": round(time.perf_counter() - started), "results": results}
        content = recorded(told | {key: kept[key] for key in ("note",) if key in kept}, seeds=SEEDS)
        file.write_text(json.dumps(content, indent=1) + "\n")
    found = [
        json.loads((arguments.out / f"sampler-{name}.json").read_text())
        for name in SUITES
        if (arguments.out / f"sampler-{name}.json").exists()
    ]
    table = arguments.out / "sampler.md"
    table.write_text(markdown(found))
    print(table.read_text(), f"\nwritten to {table}", sep="")


#: Protocol -> method -> curve. The first of a protocol is what the others are compared with.
PROTOCOLS: Mapping[str, Mapping[str, Curve]] = {
    "study, nearest unseen run": {
        "TPE": lambda fold: _mean(curve, tpe_study, fold),
        "TPE, library's wide space": lambda fold: _mean(curve, tpe_study, fold, library_space(fold)),
        "TPE, recommended space": lambda fold: _mean(curve, tpe_study, fold, recommended_space(fold)),
        "portfolio of 10, then TPE": lambda fold: _mean(curve, portfolio_tpe_study, fold),
        "transfer sampler": lambda fold: curve(transfer_study, fold, 0),
    },
    "study, own function": {
        "TPE": lambda fold: _mean(curve_by_function, tpe_study, fold),
        "portfolio of 10, then TPE": lambda fold: _mean(curve_by_function, portfolio_tpe_study, fold),
        "transfer sampler": lambda fold: curve_by_function(transfer_study, fold, 0),
    },
    "pool": {
        "blind greedy": lambda fold: _best(fold, order_of(PORTFOLIOS[0], fold)),
        "random": random_curve,
        "portfolio of 5, then plain process": lambda fold: _best(fold, portfolio_then_plain(fold)),
        "portfolio": lambda fold: _best(fold, order_of(next(p for p in PORTFOLIOS if p.label == "ours"), fold)),
        "transfer process": lambda fold: _best(fold, process_order(fold)),
        "transfer process, 1 warm start": lambda fold: _best(fold, process_order(fold, n_starts=1)),
        "transfer process, 2 warm starts": lambda fold: _best(fold, process_order(fold, n_starts=2)),
    },
    "pool, sources negated": {
        "plain process": lambda fold: _best(fold, distorted_order(fold, negated, PLAIN)),
        "transfer process": lambda fold: _best(fold, distorted_order(fold, negated)),
    },
    "pool, sources shuffled": {
        "plain process": lambda fold: _best(fold, distorted_order(fold, shuffled, PLAIN)),
        "transfer process": lambda fold: _best(fold, distorted_order(fold, shuffled)),
    },
}


def kept_rows(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an earlier result, each with the day on which it was measured."""
    day = {"date": content["date"]} if "date" in content else {}
    return [day | row for row in content.get("results", [])]


def measured(
    suite: Suite, peers: str = "", *, only: Sequence[str] = (), kept: Sequence[dict[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return every figure of one suite, as JSON values.

    Args:
        suite: The runs.
        peers: Python of an environment with FLAML.
        only: Parts of names of the methods to measure; the figures of others are taken from `kept`. Empty: all.
        kept: Figures of an earlier run.
    """
    known = {(row["protocol"], row["method"]): row for row in kept}
    folds = [Fold(suite, t) for t in range(len(suite.pools))]
    rows = []
    for protocol, usual in PROTOCOLS.items():
        base, methods = None, dict(usual)
        if protocol == "pool" and peers and suite.name in FLAML:
            methods["FLAML zero-shot, then random"] = lambda fold: zero_shot_curve(fold, peers)
        for method, compute in methods.items():
            with warnings.catch_warnings():
                # No sampler may stand in for the one that is measured.
                warnings.simplefilter("error", UserWarning)
                row = known.get((protocol, method))
                is_new = row is None or not only or any(part in method for part in only)
                regrets = np.array([compute(fold) for fold in folds] if is_new else row["regrets"])
            base = regrets if base is None else base
            day = {} if is_new or "date" not in row else {"date": row["date"]}
            rows.append(_row(protocol, method, regrets, base) | day)
            print(f"{suite.name} {protocol} {method}: {rows[-1]['mean']}", flush=True)
    return rows


def markdown(found: list[dict[str, Any]]) -> str:
    """Return the tables for people."""
    lines = [
        "# The transfer sampler on data sets left out",
        "",
        "Made by `python -m benchmarks.sampler`. Normalised regret `(best - best of first k) / (best - median)` in the "
        "left-out data set's own pool, mean over data sets; 0 is best. [95 % bootstrap interval]; d: paired difference "
        "with the first row, * where its interval excludes 0. The data set is left out under all its names and "
        "versions. *Study*: real Optuna studies over the space of the published runs, answered by the nearest run not "
        "used yet, or by the data set's own function, fitted to all of its runs (regret may be below 0); TPE: mean of "
        "two seeds; the median over data sets is in round brackets. *Pool*: candidates are the left-out data set's "
        "runs. *Negated*, *shuffled*: the sources are made "
        "to mislead; the plain process has the same, misled, first trial.",
        "",
    ]
    for suite in found:
        lines += [f"## {suite['suite']}", "", *([suite["note"], ""] if "note" in suite else [])]
        lines += [f"Measured {made_on(suite)}.", ""] if "date" in suite else []
        for protocol in PROTOCOLS:
            rows = [row for row in suite["results"] if row["protocol"] == protocol]
            lines += [f"| {protocol} | " + " | ".join(f"k={k}" for k in KS) + " |", "|---" * (len(KS) + 1) + "|"]
            days = [
                f" ({row['date']})" if row.get("date", suite.get("date")) != suite.get("date") else "" for row in rows
            ]
            lines += [_line(row, day, is_base=row is rows[0]) for row, day in zip(rows, days, strict=True)] + [""]
    return "\n".join(lines)


def _mean(
    measure: Callable[..., list[float]], start: Start, fold: Fold, space: SearchSpace | None = None
) -> list[float]:
    options = {} if space is None else {"space": space}
    return [float(value) for value in np.mean([measure(start, fold, seed, **options) for seed in SEEDS], axis=0)]


def _best(fold: Fold, order: list[int]) -> list[float]:
    best = np.minimum.accumulate(fold.pool.regrets[order])
    return [float(best[min(k, len(best)) - 1]) for k in KS]


def _row(protocol: str, method: str, regrets: Any, base: Any) -> dict[str, Any]:
    (low, high), (d_low, d_high) = bootstrap(regrets), bootstrap(regrets - base)
    figures = {
        "mean": regrets.mean(0),
        "median": np.median(regrets, axis=0),
        "low": low,
        "high": high,
        "difference": (regrets - base).mean(0),
        "difference_low": d_low,
        "difference_high": d_high,
    }
    # One row a data set, so that any two methods can be compared in pairs.
    each = [[round(float(value), 4) for value in one] for one in regrets]
    return {"protocol": protocol, "method": method, "k": list(KS), "regrets": each} | {
        name: [round(float(value), 4) for value in values] for name, values in figures.items()
    }


def _line(row: Mapping[str, Any], day: str, *, is_base: bool) -> str:
    cells = []
    for j in range(len(KS)):
        cell = f"{row['mean'][j]:.3f} ({row['median'][j]:.3f}) [{row['low'][j]:.3f}, {row['high'][j]:.3f}]"
        low, high = row["difference_low"][j], row["difference_high"][j]
        cells.append(cell if is_base else f"{cell} d {row['difference'][j]:+.3f}{'*' if low > 0 or high < 0 else ''}")
    return f"| {row['method']}{day} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
