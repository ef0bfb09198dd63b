"""How long ingestion takes, and how much memory: ``python -m benchmarks.ingestion ../shared/data``.

Prints, for each source alone in a process of its own, rows, rows set aside, seconds of processor time and peak memory;
then the time that a second ingestion of all of them takes, which changes nothing.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from ingest.run import ingest
from ingest.sources.registry import SOURCES, sources


def measure(name: str, folder: Path, home: Path) -> dict[str, float | int | str]:
    """Ingest one source in this process and return what it took."""
    report = ingest(sources([name]), folder, home, retrieved=datetime.now(UTC).date()).sources[0]
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Linux counts in kilobytes, macOS in bytes.
    peak_mb = used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return {
        "source": name,
        "rows": report.added,
        "set_aside": sum(report.quarantined.values()),
        "rejected": sum(report.rejected.values()),
        "items": sum(report.items.values()),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(peak_mb),
    }


def main() -> None:
    """Measure all sources and print a table."""
    folder = Path(sys.argv[1])
    if len(sys.argv) == 4:
        print(json.dumps(measure(sys.argv[2], folder, Path(sys.argv[3]))))
        return
    with tempfile.TemporaryDirectory() as home:
        rows = []
        for name in SOURCES:
            command = [sys.executable, "-m", "benchmarks.ingestion", str(folder), name, home]
            rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
        for row in rows:
            print("| " + " | ".join(str(value) for value in row.values()) + " |")
        runs = [str(row["source"]) for row in rows if row["rows"]]
        start = time.perf_counter()
        report = ingest(sources(runs), folder, Path(home))
        print(f"again: {time.perf_counter() - start:.2f} s, changed nothing: {report.is_unchanged}")


if __name__ == "__main__":
    main()
