"""What every result of a benchmark is kept with: the day, the machine, the versions and the seeds.

content = recorded({"rows": rows}, seeds=(0, 1))
data, table = write_results(folder, "quality", content, text)
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Where results are kept.
RESULTS = Path(__file__).parent / "results"
#: Packages that decide figures; those that are not installed are left out.
PACKAGES = (
    "tunegraph",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "optuna",
    "duckdb",
    "ibis-framework",
    "pyoxigraph",
    "rdflib",
    "xgboost-cpu",
    "xgboost",
    "lightgbm",
    "catboost",
)


def surroundings(*, seeds: Iterable[int] = (), packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Return what a figure depends on beside the code, as JSON values.

    Args:
        seeds: Seeds of all that was drawn at random; none where nothing was.
        packages: Distributions whose versions are told.

    Returns:
        ``date`` (UTC, ISO), ``machine``, ``cores``, ``load`` (mean number of running processes over the last minute:
        what else went on), ``versions``, ``seeds``.
    """
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "versions": {"python": platform.python_version(), **installed(packages)},
        "seeds": list(seeds),
    }


def installed(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of each of `packages` that is installed."""
    found = {}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def recorded(content: Mapping[str, Any], *, seeds: Iterable[int] = ()) -> dict[str, Any]:
    """Return `content` with its surroundings before it; what `content` says itself stands."""
    return {**surroundings(seeds=seeds), **content}


def write_results(folder: Path, name: str, content: Mapping[str, Any], text: str) -> tuple[Path, Path]:
    """Write ``<name>-<date>.json`` and ``<name>.md`` into `folder`; older days stay.

    Args:
        folder: Where; made where it is not there.
        name: Of the benchmark.
        content: JSON values, as `recorded` gives them.
        text: The table for people.

    Returns:
        Both paths, data first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, table = folder / f"{name}-{content['date']}.json", folder / f"{name}.md"
    data.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    table.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return data, table


def latest(folder: Path, name: str) -> dict[str, Any] | None:
    """Return the newest of the dated results of a benchmark; None where there is none."""
    files = sorted(folder.glob(f"{name}-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"))
    if not files:
        return None
    content: dict[str, Any] = json.loads(files[-1].read_text(encoding="utf-8"))
    return content


def made_on(content: Mapping[str, Any]) -> str:
    """Return, in words, when and where `content` was measured; a commit stands for what was not recorded then."""
    where = f", {content['machine']}" if "machine" in content else ""
    cores = f", {content['cores']} cores" if content.get("cores") else ""
    commit = f", figures of commit {content['commit']}" if "commit" in content else ""
    return f"{content['date']}{where}{cores}{commit}"
