"""``python -m benchmarks.tables [FOLDER]``: does `tunegraph recommend` answer on every real table, and how?

Each table of the folder is given to the command line in a process of its own, as a user would. Counted: validated
proposals by verdict, stated abstentions, tracebacks; and the wall clock beyond the test-run time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from ui.cli import main; main()", "recommend"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/raw-datasets"))
    parser.add_argument("--test-run-seconds", type=float, default=8.0)
    parser.add_argument("--out", type=Path, help="write the rows as JSON lines")
    arguments = parser.parse_args()
    tables = sorted(
        p for p in arguments.folder.iterdir() if p.name != "INDEX.csv" and p.suffix in {".gz", ".arff", ".csv"}
    )
    rows = []
    for number, table in enumerate(tables, 1):
        rows.append(recommended(table, arguments.test_run_seconds))
        print(f"{number}/{len(tables)}", json.dumps(rows[-1]), flush=True)
    if arguments.out is not None:
        arguments.out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(Counter(row["outcome"] for row in rows), "tracebacks:", sum(row["traceback"] for row in rows))
    print(Counter(row["learner"] for row in rows), Counter(row["proposer"] for row in rows))


def recommended(table: Path, test_run_seconds: float) -> dict[str, Any]:
    """Return how the command ended on `table`."""
    started = time.perf_counter()
    command = [*COMMAND, str(table), "--test-run-seconds", str(test_run_seconds), "--time", "2m", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout) if done.stdout.strip().startswith("{") else {}
    return {
        "table": table.name,
        "exit": done.returncode,
        "seconds": round(time.perf_counter() - started, 1),
        "outcome": answer.get("verdict", {}).get("outcome", "no answer"),
        "learner": answer.get("learner", {}).get("value"),
        "metric": answer.get("metric", {}).get("value"),
        "proposer": answer.get("proposer"),
        "advice": answer.get("advice", {}).get("value"),
        "traceback": "Traceback" in done.stderr,
    }


if __name__ == "__main__":
    main()
