"""Run the benchmark: ``python -m benchmarks.faults [--data ../shared/data/raw-datasets] [--each 20] [--seconds 6]``."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.faults import (
    fit_faults,
    grounding_faults,
    learner_faults,
    overclaiming_faults,
    sanity_faults,
    schema_faults,
)
from benchmarks.faults.fitting import FitBench, fit_rows, sound_fits, sounds_on_tables
from benchmarks.faults.judging import Bench, free_faults
from benchmarks.faults.report import row, sound_row, write_readme, write_results
from benchmarks.faults.sound import TABLES, Sound, composed, defaults, published
from recommender.validation.verdict import Outcome
from ui.compose import Settings, Tunegraph

#: The kinds register themselves.
KINDS = (schema_faults, learner_faults, grounding_faults, overclaiming_faults, sanity_faults, fit_faults)
_EXAMPLE = Path(__file__).parents[2] / "examples" / "data" / "breast_cancer.csv"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/raw-datasets"), help="folder of real tables")
    parser.add_argument("--home", type=Path, help="folder of the graph; default: a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "results")
    parser.add_argument("--each", type=int, default=20, help="faults of each kind")
    parser.add_argument("--each-fit", type=int, default=20, help="faults of each kind that needs a test run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=8.0, help="test run of a kind that needs one; 0: none")
    parser.add_argument("--readme", type=Path, help="a Markdown file that the table by kind is put into")
    parser.add_argument("--kind", action="append", help="default: all")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tunegraph-faults-") as scratch:
        results = measured(arguments, arguments.home or Path(scratch))
    data, table = write_results(arguments.out, results)
    if arguments.readme is not None:
        write_readme(arguments.readme, results)
    print(table.read_text(), f"\nwritten to {data} and {table}", sep="")


def measured(arguments: argparse.Namespace, home: Path) -> dict[str, Any]:
    """Return every figure, as JSON values."""
    started = time.perf_counter()
    bench = Bench(Tunegraph(Settings(home=home)), arguments.seed)
    sounds = sound_proposals(bench.tunegraph, arguments.data)
    print(f"{len(sounds)} proposals after {time.perf_counter() - started:.0f} s", flush=True)
    kept, sound_rows = accepted(bench, sounds)
    print(f"{len(kept)} accepted after {time.perf_counter() - started:.0f} s", flush=True)
    rows = []
    for fault in free_faults():
        if not arguments.kind or fault.name in arguments.kind:
            rows.append(row(fault, bench.run(fault, kept, arguments.each)))
            print(f"{time.perf_counter() - started:5.0f} s", *_brief(rows[-1]), flush=True)
    if arguments.seconds > 0:
        fits = FitBench(bench, arguments.seconds)
        on_tables = list(sounds_on_tables(bench.tunegraph, arguments.data))
        sound_rows.append(sound_fits(fits, on_tables, arguments.each_fit))
        for found in fit_rows(fits, on_tables, arguments.each_fit, arguments.kind):
            rows.append(found)
            print(f"{time.perf_counter() - started:5.0f} s", *_brief(found), flush=True)
    seconds = round(time.perf_counter() - started)
    return {"seed": arguments.seed, "each": arguments.each, "seconds": seconds, "sound": sound_rows, "kinds": rows}


def sound_proposals(tunegraph: Tunegraph, data: Path) -> list[Sound]:
    """Return proposals composed on real tables, on every published space, and predefined ones."""
    tables = [path for path in (*(data / name for name in TABLES), _EXAMPLE) if path.is_file()]
    return [*composed(tunegraph, tables), *published(tunegraph), *defaults()]


def accepted(bench: Bench, sounds: Sequence[Sound]) -> tuple[list[Sound], list[dict[str, Any]]]:
    """Return the proposals that the gate lets through, and how it took those of each origin."""
    verdicts = [(sound, bench.judge(sound.json, sound.table)[0]) for sound in sounds]
    origins = dict.fromkeys(sound.origin for sound in sounds)
    rows = [sound_row(o, [(sound.name, verdict) for sound, verdict in verdicts if sound.origin == o]) for o in origins]
    return [sound for sound, verdict in verdicts if verdict.outcome is not Outcome.FAILED], rows


def _brief(found: dict[str, Any]) -> tuple[Any, ...]:
    figures = (found["planted"], found["caught"], found["by_stage"], found["named"])
    return (found["kind"], *figures, *found["missed"][:2], *found["misnamed"][:2])


if __name__ == "__main__":
    main()
