"""``python -m benchmarks.real_fits --data FOLDER --peers PYTHON``; see the package."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.real_fits.standing import naive_score, page, score_of, standings
from benchmarks.real_fits.tables import TABLES, LaidOut, lay_out, read_predictions
from benchmarks.recording import latest, recorded, write_results
from ui.compose import Settings, Tunegraph

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results"
OURS, PEERS = ("tunegraph", "tpe_wide"), ("flaml", "flaml_zero_shot", "hgb_default")
NOTE = (
    "Contestants ran one after the other, beside other work on the machine. A table's own data set is left out of our "
    "graph, under all its names; what other packages bring with them is as it is."
)
#: What a process may take beyond its seconds before it is ended: start, last fit, predictions.
SLACK_S = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of tables")
    parser.add_argument("--peers", default="", help="python of an environment with flaml[automl] and packaging")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tables", type=int, default=len(TABLES), help="only so many")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--only", action="append", choices=[*OURS, *PEERS], help="run these; the others stay as kept")
    parser.add_argument("--home", type=Path, help="home of the graph; default: a new one of the starter graph")
    options = parser.parse_args()
    contestants = [*OURS, *(PEERS if options.peers else PEERS[-1:])]
    before = latest(options.results, "real_fits") if options.only else None
    kept = {result["table"]: result for result in before["results"]} if before else {}
    with tempfile.TemporaryDirectory(prefix="tunegraph-fits-") as scratch:
        home = options.home or Path(scratch) / "home"
        _open(home)
        results = []
        for file, task_type in TABLES[: options.tables]:
            table = lay_out(options.data / file, task_type, Path(scratch) / file, seed=options.seed)
            found = _compared(table, options.only or contestants, options, home)
            results.append(beside(kept.get(table.name, {}), found))
            print(json.dumps({k: v for k, v in results[-1].items() if k != "chosen"}), flush=True)
    settings = {"seconds": options.seconds, "threads": options.threads, "seed": options.seed, "cpus": os.cpu_count()}
    found = {**settings, "standings": standings(results, contestants), "results": results}
    note = f" {', '.join(options.only)} alone were run then, the others on {before['date']}." if before else ""
    content = recorded({**found, "note": NOTE + note}, seeds=(options.seed,))
    write_results(options.results, "real_fits", content, page(content))
    print(page(content))


def beside(kept: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found on a table, with what is kept of other contestants on the same table."""
    parts = ("scores", "seconds", "chosen", "errors")
    others = {part: {k: v for k, v in kept.get(part, {}).items() if k not in found["scores"]} for part in parts}
    return {**found, **{part: {**others[part], **found[part]} for part in parts}}


def _open(home: Path) -> None:
    """Make the graph, which takes some seconds once and for all."""
    store = Tunegraph(Settings(home=home)).store
    store.close()


def _compared(table: LaidOut, contestants: list[str], options: argparse.Namespace, home: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"scores": {}, "seconds": {}, "chosen": {}, "errors": {}}
    for name in contestants:
        error = _run(table, name, options, home)
        if error:
            found["scores"][name], found["errors"][name] = None, error
            continue
        found["scores"][name] = score_of(table, read_predictions(table.folder, name))
        told = json.loads((table.folder / f"{name}.json").read_text())
        found["seconds"][name], found["chosen"][name] = told["seconds"], told["chosen"]
    return {"table": table.name, "metric": table.metric, "naive": naive_score(table), **found}


def _run(table: LaidOut, name: str, options: argparse.Namespace, home: Path) -> str:
    """Run one contestant; return what went wrong, or nothing."""
    numbers = [str(options.seconds), str(options.seed), str(options.threads)]
    if name in OURS:
        command = [sys.executable, "-m", "benchmarks.real_fits.ours", str(table.folder), name, *numbers, str(home)]
    else:
        command = [options.peers or sys.executable, str(HERE / "peers.py"), str(table.folder), name, *numbers]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    try:
        limit = options.seconds + SLACK_S
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"did not end within {SLACK_S:g} s after its time"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no message"])[-1][:500]


if __name__ == "__main__":
    main()
