"""What screening at a lower fidelity saves and gives up: ``python -m benchmarks.fidelity [--data ../shared/data]``.

Whole Optuna studies of the transfer sampler on left-out data sets, once in full and once with the fidelity and the
pruner that the composer's rule chooses from the other data sets' profiles. What is suggested is answered by the nearest
run that was not used yet, with its scores and seconds at each level. The evidence is predicted by published surrogates
(yahpo-derived), not measured.
"""

from __future__ import annotations

import os

# Small matrices: threads of the linear algebra only get in each other's way. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import optuna

from benchmarks.quality.methods import Fold, by_meta_features
from benchmarks.quality.suites import Suite, load_suites
from benchmarks.quality.warm_starts import bootstrap
from benchmarks.recording import recorded
from benchmarks.sampler.studies import space_of, transfer_study
from ingest.distil.fidelity import fidelity_profiles
from kg.model import FidelityProfile
from kg.response import scaled_distance
from recommender.composing.fidelity_choice import choose_fidelity, is_resumed
from recommender.objective import rungs, step_of
from recommender.proposal import Fidelity
from recommender.samplers import halving_pruner
from recommender.spaces import suggest

Array = npt.NDArray[np.float64]

#: Suites with runs at several fidelities, and each how-manieth of their data sets is a target.
EVERY = {"LCBench": 1, "XGBoost": 8, "rpart": 8}
N_TRIALS = 50
SEEDS = (0, 1)
#: What screening may give up, and cost, to have been right.
MOST_GIVEN_UP, MOST_COST = 0.02, 0.5


@dataclass(frozen=True)
class Curves:
    """Runs of a target at each level, the full one last; in the order of its pool."""

    levels: Array
    scores: Array
    """In the metric's unit, shape (runs, levels)."""
    seconds: Array
    """Shape (runs, levels)."""

    def at(self, run: int, level: float) -> tuple[float, float]:
        """Return score and seconds of a run at a level, between levels on the logarithm of the level."""
        where = np.log(self.levels)
        score = np.interp(np.log(level), where, self.scores[run])
        return float(score), float(np.interp(np.log(level), where, self.seconds[run]))


@dataclass(frozen=True)
class Spent:
    """What a study found and took."""

    regret: float
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the evidence")
    parser.add_argument("--home", type=Path, help="folder for the run table; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--suite", action="append", choices=list(EVERY), help="default: all")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="tunegraph-fidelity-") as scratch:
        suites = load_suites(arguments.data, arguments.home or Path(scratch), arguments.suite or list(EVERY))
        rows = [row for suite in suites for row in measured(suite)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "fidelity.json").write_text(json.dumps(recorded({"rows": rows}, seeds=SEEDS), indent=1) + "\n")
    table = arguments.out / "fidelity.md"
    table.write_text(markdown(rows))
    print(table.read_text(), f"\nwritten to {table}", sep="")


def measured(suite: Suite) -> list[dict[str, Any]]:
    """Return, for each target, what was advised, and what screening saved and gave up."""
    profiles = [p for p in fidelity_profiles(suite.batch) if p.metric == suite.metric]
    rows = []
    for target in range(0, len(suite.pools), EVERY[suite.name]):
        fold = Fold(suite, target)
        advised = advice(fold, profiles)
        tried = advised or _would_be(profiles)
        curves = curves_of(fold)
        pairs = [(run(fold, curves, None, seed), run(fold, curves, tried, seed)) for seed in SEEDS]
        cost = float(np.mean([less.seconds / full.seconds for full, less in pairs]))
        given_up = float(np.mean([less.regret - full.regret for full, less in pairs]))
        pays = given_up <= MOST_GIVEN_UP and cost <= MOST_COST
        rows.append(
            {
                "suite": suite.name,
                "dataset": fold.pool.dataset.name,
                "advised": advised is not None,
                "from": tried.min,
                "cost": round(cost, 4) if np.isfinite(cost) else None,
                "given_up": round(given_up, 4),
                "right": pays == (advised is not None),
            }
        )
        print(rows[-1], flush=True)
    return rows


def advice(fold: Fold, profiles: Sequence[FidelityProfile]) -> Fidelity | None:
    """Return what the composer's rule chooses from the profiles of the other data sets."""
    sources = [fold.suite.pools[i].dataset for i in fold.sources]
    weights = {d.iri: float(w) for d, w in zip(sources, by_meta_features()(fold), strict=True)}
    return choose_fidelity([p for p in profiles if p.dataset in weights], weights).fidelity


def run(fold: Fold, curves: Curves, fidelity: Fidelity | None, seed: int) -> Spent:
    """Return what a study of `N_TRIALS` trials found and took; in full where there is no fidelity."""
    study = transfer_study(fold, seed)
    study.pruner = optuna.pruners.NopPruner() if fidelity is None else halving_pruner(fidelity)
    used: list[int] = []
    seconds, best = 0.0, np.inf
    for _ in range(min(N_TRIALS, len(fold.pool.scores))):
        trial = study.ask()
        point = fold.suite.encode([suggest(trial, space_of(fold))])
        distance = scaled_distance(point, fold.pool.points, fold.suite.length_scales)[0]
        distance[used] = np.inf
        used.append(int(np.argmin(distance)))
        score, spent = _climbed(trial, curves, used[-1], fidelity)
        seconds += spent
        if score is None:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            continue
        study.tell(trial, score)
        best = min(best, fold.pool.regrets[used[-1]])
    return Spent(float(best), seconds)


def _climbed(trial: optuna.Trial, curves: Curves, row: int, fidelity: Fidelity | None) -> tuple[float | None, float]:
    """Return the score of a run in full, None where it is pruned, and the seconds that it took."""
    if fidelity is None:
        return float(curves.scores[row, -1]), float(curves.seconds[row, -1])
    spent = 0.0
    for level in rungs(fidelity):
        score, seconds = curves.at(row, level)
        # A fit that is gone on with costs what it adds.
        spent = seconds if is_resumed(fidelity.kind) else spent + seconds
        trial.report(score, step_of(fidelity, level))
        if level < fidelity.max and trial.should_prune():
            return None, spent
    return score, spent


def curves_of(fold: Fold) -> Curves:
    """Return the runs of a target at each level, in the order of its pool."""
    suite, dataset = fold.suite, fold.pool.dataset.iri
    rows = suite.batch.rows
    of_target = rows[(rows["dataset"] == dataset) & (rows["metric"] == suite.metric)]
    group = next(g for g in suite.batch.groups({suite.metric}) if g.dataset == dataset)
    order = group.rows["configuration"].to_numpy()
    low = of_target[of_target["fidelity_kind"].notna()]
    levels = sorted(low["fidelity_value"].unique())
    full = of_target[of_target["fidelity_kind"].isna()]
    parts = [(level, low[low["fidelity_value"] == level]) for level in levels if level < low["fidelity_full"].iloc[0]]
    parts.append((float(low["fidelity_full"].iloc[0]), full))
    means = [part.groupby("configuration")[["score", "seconds"]].mean().reindex(order) for _, part in parts]
    return Curves(
        np.array([level for level, _ in parts], dtype=float),
        np.stack([mean["score"].to_numpy(dtype=float) for mean in means], axis=1),
        np.stack([mean["seconds"].to_numpy(dtype=float) for mean in means], axis=1),
    )


def _would_be(profiles: Sequence[FidelityProfile]) -> Fidelity:
    """Return what screening would have been where it was refused: from the second level that was measured."""
    levels = sorted({level.value for profile in profiles for level in profile.levels})
    first = profiles[0]
    return Fidelity(parameter=first.parameter, kind=first.fidelity, min=levels[1], max=first.full)


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Return the table for people."""
    lines = [
        "# Screening at a lower fidelity, on data sets left out",
        "",
        f"Made by `python -m benchmarks.fidelity`. Studies of {N_TRIALS} trials of the transfer sampler, in full and "
        "with the fidelity that the rule chooses from the other data sets; where it refuses, with the one it refused. "
        "Given up: regret `(best - score) / (best - median)` of the best complete trial less that of the study in "
        f"full, mean of {len(SEEDS)} seeds [95 % bootstrap interval]; cost: seconds over those of the study in full. "
        f"Advice is right where screening gives up at most {MOST_GIVEN_UP} at a cost of at most {MOST_COST}, and was "
        "advised; or does not, and was refused. Data sets whose seconds are not all known are left out of the cost. "
        "The runs are predictions of published surrogates.",
        "",
        "| runs | data sets | advice | given up | cost | advice right |",
        "|---|---|---|---|---|---|",
    ]
    for suite in dict.fromkeys(row["suite"] for row in rows):
        for advised in (True, False):
            part = [row for row in rows if row["suite"] == suite and row["advised"] == advised]
            if not part:
                continue
            lost = np.array([row["given_up"] for row in part])
            cost = np.array([row["cost"] for row in part if row["cost"] is not None])
            low, high = bootstrap(lost[:, None])
            word = f"screen from {sorted({row['from'] for row in part})}" if advised else "refused"
            lines.append(
                f"| {suite} | {len(part)} | {word} | {lost.mean():+.3f} [{low[0]:+.3f}, {high[0]:+.3f}] | "
                f"{cost.mean():.0%} | {np.mean([row['right'] for row in part]):.0%} |"
            )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
