"""The benchmarks, one question each: with which command it is asked, what that writes, and what came of it last."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import headlines
from benchmarks.headlines import Headline


@dataclass(frozen=True)
class Benchmark:
    """One question."""

    name: str
    question: str
    command: str
    """What repeats it."""
    files: tuple[str, ...]
    """What it writes into the folder of results: patterns."""
    headline: Headline


BENCHMARKS = (
    Benchmark(
        "quality",
        "How good are warm starts, narrowed spaces and predicted scores on data sets left out?",
        "make bench-quality",
        ("quality-*.json", "quality.md"),
        headlines.quality,
    ),
    Benchmark(
        "sampler",
        "How much sooner does the transfer sampler find good configurations than TPE?",
        "make bench-sampler",
        ("sampler-*.json", "sampler.md"),
        headlines.sampler,
    ),
    Benchmark(
        "evidence",
        "What is each part of the evidence worth to a proposal?",
        "make bench-evidence",
        ("evidence-*.json", "evidence.md"),
        headlines.evidence,
    ),
    Benchmark(
        "termination",
        "What do stopping rules save, and what do they give up?",
        "make bench-termination",
        ("termination.json", "termination.md", "termination-optuna.md"),
        headlines.termination,
    ),
    Benchmark(
        "fidelity",
        "Does screening at a lower fidelity pay where it is advised?",
        "make bench-fidelity",
        ("fidelity.json", "fidelity.md"),
        headlines.fidelity,
    ),
    Benchmark(
        "along",
        "Do the scores that are foretold along the fidelity hold?",
        "python -m benchmarks.along",
        ("along.json", "along.md"),
        headlines.along,
    ),
    Benchmark(
        "fits",
        "How do whole runs compare with other systems at equal wall clock?",
        "make bench-fits",
        ("real_fits-*.json", "real_fits.md"),
        headlines.fits,
    ),
    Benchmark(
        "gate",
        "How many faults does the gate catch, and how many sound proposals does it refuse?",
        "make bench-gate",
        ("faults-*.json", "faults.md"),
        headlines.gate,
    ),
    Benchmark(
        "mutation",
        "Can a check of the gate be taken out with the tests still green?",
        "make bench-mutation",
        ("mutation.json", "mutation.md"),
        headlines.mutation,
    ),
    Benchmark(
        "llm",
        "Does anything unsupported get past the gate when a model lies?",
        "make bench-llm",
        ("llm.md", "llm-2*.json"),
        headlines.models,
    ),
    Benchmark(
        "ablation",
        "What are graph and gate worth to a model?",
        "make bench-ablation",
        ("llm-ablation.json", "llm-ablation.md"),
        headlines.ablation,
    ),
    Benchmark(
        "planted",
        "Do instructions planted in data reach what is shown?",
        "python -m benchmarks.llm.planted",
        ("planted.md", "planted*.json"),
        headlines.planted,
    ),
    Benchmark(
        "anonymity",
        "Could a model know an anonymised data set again?",
        "python -m benchmarks.llm.anonymity",
        ("anonymity.md", "anonymity*.json"),
        headlines.anonymity,
    ),
    Benchmark(
        "claims",
        "How many claims of papers and guides do rules find?",
        "make bench-claims",
        ("claims-*.json", "claims.md"),
        headlines.claims,
    ),
    Benchmark(
        "ingestion",
        "How do time and memory of ingesting grow with the runs?",
        "make bench-ingest",
        ("ingestion-*.json", "ingestion.md"),
        headlines.ingestion,
    ),
    Benchmark(
        "graph",
        "How do the stores of the graph compare, and how do they grow?",
        "make bench-graph",
        ("graph*.json", "graph*.md"),
        headlines.first_bold("graph-scale.md"),
    ),
    Benchmark(
        "latency",
        "How long does a person wait?",
        "make bench-latency",
        ("latency-*.json", "latency.md"),
        headlines.latency,
    ),
    Benchmark(
        "service",
        "Does the service stand load, faults and hostile requests?",
        "python -m benchmarks.api_load",
        ("service*.md", "service*.json"),
        headlines.first_bold("service.md"),
    ),
)
