"""``python -m benchmarks.million --data ../shared/data``: a million runs to Parquet and evidence, time and memory.

The real run tables are resampled (`benchmarks.resampling`) to 10,000, 100,000 and 1,000,000 runs, and each size is
ingested and distilled in a process of its own, from the tables' own files: read, normalise, judge, lay out in Parquet,
distil. Then it is ingested again, which changes nothing. Writes ``benchmarks/results/ingestion.md`` and a dated JSON.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.resampling import SCORE_JITTER, VALUE_JITTER, resample
from ingest.distil import MOST_WORKERS, SHARED_FROM, distil
from ingest.normalize import normalize
from ingest.records import RawRuns
from ingest.run import ingest
from ingest.sources.registry import source_named, sources
from kg.model import Run
from kg.runs import RunTable

SIZES = (10_000, 100_000, 1_000_000)
#: Sources of the tables, after the one that describes data sets.
SOURCES = ("datasets", "openml-pimp", "sklearn-bot", "pmlb-knowledgebase", "yahpo-derived")
#: Pages of each source by which the speed of normalising is measured.
PAGES = 6
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "pandas", "pyarrow", "duckdb", "ibis-framework", "scipy")


class Clock:
    """Time and memory that this process and those that it has waited for have taken."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(used.ru_utime + used.ru_stime for used in both)

    def lap(self) -> dict[str, float]:
        """Return wall and processor seconds since the last call, and the peak megabytes so far.

        The memory is that of this process, plus that of the largest child for each core.
        """
        wall, cpu = time.perf_counter(), self._used()
        unit = 1024 if sys.platform == "linux" else 1024**2  # Linux counts in kilobytes, macOS in bytes
        own, child = (resource.getrusage(w).ru_maxrss / unit for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        found = {
            "wall_s": round(wall - self._wall, 1),
            "cpu_s": round(cpu - self._cpu, 1),
            "own_mb": round(own),
            "child_mb": round(child),
        }
        self._wall, self._cpu = time.perf_counter(), self._used()
        return found


def measure(folder: Path, home: Path) -> dict[str, Any]:
    """Ingest and distil the tables in `folder`, in this process and its children, and return what it took."""
    clock = Clock()
    report = ingest(sources(SOURCES), folder, home)
    ingested = clock.lap()
    table = RunTable(home)
    with threadpool_limits(1):
        items = distil(table, (), retrieved=datetime.now(UTC).date())
        kinds = Counter("run" if isinstance(item, Run) else item.kind for item in items)
    distilled = clock.lap()
    again = ingest(sources(SOURCES), folder, home)
    unchanged = clock.lap()
    files = [table.home / file.path for manifest in table.manifests() for file in manifest.runs]
    rows = sum(manifest.rows for manifest in table.manifests())
    return {
        "scores": rows,
        "set_aside": sum(sum(source.quarantined.values()) for source in report.sources),
        "problems": [source.problem for source in report.sources if source.problem],
        "ingest": ingested,
        "distil": distilled,
        "again": {**unchanged, "changed_nothing": again.is_unchanged},
        "evidence": dict(sorted(kinds.items())),
        "parquet_bytes": sum(path.stat().st_size for path in files),
        "parquet_files": len(files),
        "normalise_runs_per_cpu_s": _normalising(folder),
    }


def _normalising(folder: Path) -> dict[str, int]:
    """Return, by source, how many runs are normalised in a second of processor time, one process."""
    speeds = {}
    for name in SOURCES[1:]:
        source = source_named(name)
        pages = list(islice(source.read(folder, retrieved=datetime.now(UTC).date()), PAGES))
        start = time.process_time()
        runs = sum(len(normalize(page, source).frame) for page in pages if isinstance(page, RawRuns))
        speeds[name] = round(runs / (time.process_time() - start))
    return speeds


def measured(data: Path, size: int) -> dict[str, Any]:
    """Resample the tables to about `size` runs and measure them in a new process."""
    with tempfile.TemporaryDirectory(prefix="tunegraph-million-") as scratch:
        folder, home = Path(scratch) / "data", Path(scratch) / "home"
        runs = resample(data, folder, size)
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.million", "--measure", str(folder), str(home)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, Any] = {"runs": runs, **json.loads(done.stdout.splitlines()[-1])}
        return found


def to_text(found: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    lines = [
        "# A million runs",
        "",
        f"Made by `make bench-ingest` on {found['date']}; all figures: `ingestion-{found['date']}.json`.",
        f"Machine: {found['machine']}, {found['cores']} cores; load {found['load'][0]} when it began and "
        f"{found['load'][1]} when it ended; "
        + ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        + ".",
        "",
        "The real run tables, resampled: a smaller size keeps whole data sets from the head of each table; a larger",
        "one keeps all data sets and repeats their runs, each copy with scores and costs moved by about",
        f"{SCORE_JITTER:.1%} and fractional hyper-parameters shrunk by up to {VALUE_JITTER:.0%}. Each size is read",
        "from files, normalised, judged, laid out in Parquet and distilled in a process of its own, which shares",
        f"distilling with a process a core from {SHARED_FROM:,} scores on. Memory is the peak of that process and,",
        "where it has children, the largest child's for each of them. Other work on the machine lengthens the wall",
        "time, and the processor time somewhat.",
        "",
        "| runs | scores in use | set aside | evidence | to Parquet: wall, CPU s | to evidence: wall, CPU s "
        "| both: wall, CPU s | peak MB, Parquet | peak MB, all | bytes a score | unchanged: s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(_line(row, found["cores"]) for row in found["sizes"]),
        "",
        *_ratios(found["sizes"], found["cores"]),
        "",
        "Normalised in a second of processor time, at the largest size: "
        + ", ".join(f"{n:,} runs of {s}" for s, n in found["sizes"][-1]["normalise_runs_per_cpu_s"].items())
        + ".",
        "",
    ]
    return "\n".join(lines)


def _peak(row: dict[str, Any], cores: int) -> int:
    children = row["distil"]["child_mb"] * min(cores, MOST_WORKERS)
    return int(row["distil"]["own_mb"] + children)


def _line(row: dict[str, Any], cores: int) -> str:
    first, second = row["ingest"], row["distil"]
    return (
        "| "
        + " | ".join(
            [
                f"{row['runs']:,}",
                f"{row['scores']:,}",
                f"{row['set_aside']:,}",
                f"{sum(row['evidence'].values()):,}",
                f"{first['wall_s']:.0f}, {first['cpu_s']:.0f}",
                f"{second['wall_s']:.0f}, {second['cpu_s']:.0f}",
                f"{first['wall_s'] + second['wall_s']:.0f}, {first['cpu_s'] + second['cpu_s']:.0f}",
                f"{first['own_mb']:,}",
                f"{_peak(row, cores):,}",
                f"{row['parquet_bytes'] / row['scores']:.1f}",
                f"{row['again']['wall_s']:.1f}",
            ]
        )
        + " |"
    )


def _ratios(rows: list[dict[str, Any]], cores: int) -> list[str]:
    """Say how time and memory grow from each size to the next."""
    told = []
    for less, more in pairwise(rows):
        cpu = [row["ingest"]["cpu_s"] + row["distil"]["cpu_s"] for row in (less, more)]
        told.append(
            f"* {less['runs']:,} to {more['runs']:,}: {more['runs'] / less['runs']:.1f} times the runs, "
            f"{cpu[1] / cpu[0]:.1f} times the processor time, "
            f"{more['ingest']['own_mb'] / less['ingest']['own_mb']:.2f} times the memory to Parquet, "
            f"{_peak(more, cores) / _peak(less, cores):.2f} times that in all."
        )
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--runs", type=int, nargs="+", default=SIZES)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--measure", type=Path, nargs=2, metavar=("DATA", "HOME"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return
    found: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "load": [round(os.getloadavg()[0], 1)],
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "sizes": [],
    }
    for size in given.runs:
        found["sizes"].append(measured(given.data, size))
        print(json.dumps(found["sizes"][-1]), flush=True)
    found["load"].append(round(os.getloadavg()[0], 1))
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / f"ingestion-{found['date']}.json").write_text(json.dumps(found, indent=1) + "\n")
    (given.output / "ingestion.md").write_text(to_text(found))


if __name__ == "__main__":
    main()
