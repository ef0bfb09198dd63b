"""``python -m benchmarks.graph_scale --data ../shared/data``: the graph at 10,000, 100,000 and 1,000,000 runs.

The real run tables are resampled (`benchmarks.resampling`), ingested and distilled at each size, in two ways: with more
runs on the same data sets, and with more data sets as well. Each graph is then held by our embedded store, by plain
rdflib in memory, and by a server that speaks Bolt and Cypher, each in a process of its own (`benchmarks.graph_asked`).
The sizes of a store are asked in turn (`benchmarks.graph_turns`) the ten questions that a recommendation rests on, told
the same at every size. Writes ``benchmarks/results/graph-scale.md`` and a dated JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store

from benchmarks.graph_asked import PATIENCE_S, Asked
from benchmarks.graph_stores import values_in
from benchmarks.graph_turns import asked_in_turn, holding
from benchmarks.million import SOURCES
from benchmarks.recording import RESULTS, made_on, recorded, write_results
from benchmarks.resampling import resample
from ingest.run import ingest
from ingest.sources.registry import sources
from kg.home import graph_path
from kg.rdf_store import RdfStore
from kg.runs import RunTable

SIZES = (10_000, 100_000, 1_000_000)
STORES = {
    "oxigraph": "Oxigraph (ours), on disk",
    "rdflib": "rdflib, in memory",
    "neo4j": "ArcadeDB, as Neo4j",
}
#: What the sizes have in common, and what the first of them is drawn from.
SERIES = {
    "runs": "more runs on the same data sets",
    "datasets": "more runs and more data sets",
}
#: The ten questions behind a recommendation -> what they are told: what is near, which learner, and the evidence on it.
TEN = {
    "datasets_by_size": ("min_rows", "max_rows"),
    "modelled_learners": (),
    "tuned_against_default": ("metric",),
    "evidence_of_learner": ("learner", "metric"),
    "what_matters": ("learner", "metric"),
    "good_ranges": ("learner", "metric", "name"),
    "fidelity_of_learner": ("learner",),
    "cost_of_learner": ("learner",),
    "published_ranges": ("learner", "name"),
    "runs_behind": ("evidence",),
}
#: How often each question is asked.
ASKED = 20
#: The p95 of the ten may grow by this factor from the smallest size to the largest.
AIM = 1.5
SEED = 0


def main() -> int:
    """Measure all sizes; return 1 where our p95 grows by more than `AIM` with more runs on the same data sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--runs", type=int, nargs="+", default=SIZES)
    parser.add_argument("--series", nargs="+", choices=SERIES, default=list(SERIES))
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--prepare", type=Path, nargs=2, metavar=("DATA", "HOME"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.prepare:
        print(json.dumps(prepare(*given.prepare)))
        return 0
    with tempfile.TemporaryDirectory(prefix="tunegraph-scale-") as scratch:
        rows = measure(given.data, Path(scratch), tuple(sorted(given.runs)), given.series, given.stores)
    found = recorded({"questions": TEN, "asked": ASKED, "rows": rows}, seeds=[SEED])
    write_results(given.output, "graph-scale", found, to_text(found))
    grown = growth(rows, "runs", "oxigraph")
    return 1 if grown is not None and grown > AIM else 0


def measure(
    data: Path, scratch: Path, sizes: tuple[int, ...], series: list[str], stores: list[str]
) -> list[dict[str, Any]]:
    """Return a row a size, series and store."""
    rows: list[dict[str, Any]] = []
    asked: list[Asked] = []
    least = scratch / "least"
    for kind in series:
        graphs = []
        for size in sizes:
            folder, home = scratch / "data", scratch / f"home-{size}"
            # The smallest size keeps whole data sets; growing it from there keeps these.
            n = resample(least if kind == "runs" and size > sizes[0] else data, folder, size, seed=SEED)
            graphs.append({"series": kind, "size": size, "runs": n, **_prepared(folder, home)})
            asked = asked or questions_for(home)
            if kind == "runs" and size == sizes[0]:
                folder.rename(least)
            shutil.rmtree(folder, ignore_errors=True)
        homes = [scratch / f"home-{size}" for size in sizes]
        for store in stores:
            found = _of_store(store, homes, asked)
            rows += [{**graph, "store": store, **of} for graph, of in zip(graphs, found, strict=True)]
            for row in rows[-len(found) :]:
                print(json.dumps({k: v for k, v in row.items() if k != "times_ms"}), flush=True)
        for home in homes:
            shutil.rmtree(home)
    return rows


def prepare(folder: Path, home: Path) -> dict[str, Any]:
    """Ingest the tables in `folder` into a new graph, write it as N-Quads, and say what it holds."""
    started = time.process_time()
    with RdfStore(graph_path(home)) as store:
        report = ingest(sources([*SOURCES, "published-spaces", "reference-results"]), folder, home, store=store)
        counts = store.counts()
    path = graph_path(home)
    view = Store.read_only(str(path / (path / "CURRENT").read_text().strip()))
    view.dump(home / "graph.nq", format=RdfFormat.N_QUADS)
    return {
        "scores": sum(manifest.rows for manifest in RunTable(home).manifests()),
        "items": sum(counts.values()),
        "evidence": sum(n for kind, n in counts.items() if kind not in {"dataset", "run"}),
        "quads": len(view),
        "ingest_cpu_s": round(time.process_time() - started, 1),
        "problems": [source.problem for source in report.sources if source.problem],
    }


def questions_for(home: Path) -> list[Asked]:
    """Draw what the ten questions are told: values that the smallest graph has, so that every other has them too."""
    rng = random.Random(SEED)
    with RdfStore(graph_path(home)) as store:
        values = {name: sorted(some) for name, some in values_in(store).items()}
        values["learner"] = sorted({row["learner"].rsplit("/", 1)[-1] for row in store.ask("modelled_learners")})
        values["dataset"] = sorted({str(getattr(one, "dataset", "")) for one in store.evidence("run_summary")})
        results = sorted({str(getattr(one, "metric", "")) for one in store.evidence("system_result")})
    values["tuned_against_default.metric"] = results or values["metric"]
    return [
        (name, {one: rng.choice(values.get(f"{name}.{one}", values[one])) for one in told})
        for _ in range(ASKED)
        for name, told in TEN.items()
    ]


def _of_store(store: str, homes: list[Path], asked: list[Asked]) -> list[dict[str, Any]]:
    """Hold all sizes at once and ask them in turn, so that what else the machine does meets them alike."""
    # Our store is loaded by one process and asked by the next.
    loads = [_last_line("benchmarks.graph_asked", "load", home) for home in homes] if store == "oxigraph" else []
    with holding(store, homes) as processes:
        found = asked_in_turn(processes, asked)
        facts = [process.end() for process in processes]
    return [{**of, **fact, **load} for of, fact, load in zip(found, facts, loads or [{}] * len(found), strict=True)]


def _prepared(folder: Path, home: Path) -> dict[str, Any]:
    return _last_line("benchmarks.graph_scale", "--prepare", folder, home)


def _last_line(module: str, *arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def quantile(row: dict[str, Any], share: float, question: str | None = None) -> float | None:
    """Return a quantile of the milliseconds of one question or all ten; None where one was given up."""
    times = row["times_ms"]
    if row["given_up"] if question is None else question in row["given_up"]:
        return None
    pooled = sorted(ms for name, some in times.items() if question in (None, name) for ms in some)
    return statistics.quantiles(pooled, n=100, method="inclusive")[round(100 * share) - 1] if len(pooled) > 1 else None


def growth(rows: list[dict[str, Any]], series: str, store: str, question: str | None = None) -> float | None:
    """Return the p95 at the largest size over that at the smallest; None where one is missing."""
    of = sorted((r for r in rows if (r["series"], r["store"]) == (series, store)), key=lambda row: row["size"])
    ends = [quantile(row, 0.95, question) for row in (of[0], of[-1])] if len(of) > 1 else [None, None]
    return None if ends[0] is None or ends[1] is None else ends[1] / ends[0]


def to_text(found: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    rows = found["rows"]
    parts = [
        "# The graph at scale",
        "",
        *_headline(rows),
        f"Made by `make bench-graph` on {made_on(found)}; load {found['load']} when it ended. All figures:",
        f"`graph-scale-{found['date']}.json`.",
        "",
        "The real run tables, resampled, ingested and distilled. Each store is loaded and asked in a process of its",
        f"own; ten questions that a recommendation rests on, each {found['asked']} times, told the same at every size:",
        f"values that the smallest graph has. Answers are waited for {PATIENCE_S:g} s. Milliseconds are wall time, so",
        "other work on the machine is in them; all sizes of a store are up at once and asked in turn, so that it meets",
        "them alike. A p95 is over all answers to the ten. Memory is the peak of the process that asks (of the server,",
        "where there is one); Oxigraph is loaded by another process than the one that asks.",
        "",
    ]
    for series in dict.fromkeys(row["series"] for row in rows):
        some = [row for row in rows if row["series"] == series]
        parts += [f"## With {SERIES[series]}", "", *_sizes(some), "", *_stores(some), ""]
        parts += [f"p95 of each question, ms, from {some[0]['runs']:,} to {some[-1]['runs']:,} runs:", ""]
        parts += [*_questions(some), ""]
    return "\n".join(parts)


def _headline(rows: list[dict[str, Any]]) -> list[str]:
    """Say by how much the p95 of the ten questions grows, a sentence in bold; nothing of a single size."""
    told = []
    for series in dict.fromkeys(row["series"] for row in rows):
        grown = {title: growth(rows, series, store) for store, title in STORES.items()}
        some = ", ".join(f"{value:.2f} times on {title}" for title, value in grown.items() if value is not None)
        ends = [row["runs"] for row in rows if row["series"] == series]
        if some:
            told.append(f"with {SERIES[series]}, {min(ends):,} to {max(ends):,}: {some}")
    return [f"**The p95 of the ten questions grows by: {'; '.join(told)}.**", ""] if told else []


def _sizes(rows: list[dict[str, Any]]) -> list[str]:
    of = {row["size"]: row for row in rows}.values()
    return [
        "| runs | scores in use | evidence | items | quads |",
        "|---|---|---|---|---|",
        *(f"| {r['runs']:,} | {r['scores']:,} | {r['evidence']:,} | {r['items']:,} | {r['quads']:,} |" for r in of),
    ]


def _stores(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| store | runs | load s | on disk MB | peak MB | p50 ms | p95 ms | p95 / smallest |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for store, title in STORES.items():
        of = [row for row in rows if row["store"] == store]
        for row in of:
            grown = growth([of[0], row], row["series"], store)
            told = [row["load_s"], row.get("disk_mb"), row.get("peak_mb"), quantile(row, 0.5), quantile(row, 0.95)]
            lines.append(f"| {title} | {row['runs']:,} | {' | '.join(map(_figure, told))} | {_figure(grown)} |")
    return lines


def _questions(rows: list[dict[str, Any]]) -> list[str]:
    stores = [store for store in STORES if any(row["store"] == store for row in rows)]
    lines = [
        f"| question | rows | {' | '.join(STORES[store] for store in stores)} |",
        "|---|---" + "|---" * len(stores) + "|",
    ]
    for name in TEN:
        cells: list[str] = []
        counts: list[str] = []
        for store in stores:
            of = [row for row in rows if row["store"] == store]
            cells.append(", ".join(_figure(quantile(row, 0.95, name)) for row in of))
            counts = counts or [f"{row['rows'].get(name, 0):,}" for row in of]
        lines.append(f"| {name} | {', '.join(counts)} | {' | '.join(cells)} |")
    return lines


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
