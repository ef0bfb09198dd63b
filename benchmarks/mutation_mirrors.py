"""Which modules of the gate are mutated, which tests mirror each, and which changes nobody can see."""

from __future__ import annotations

from pathlib import Path

TESTS = "tests/recommender/validation"
_GROUNDING = "tests/recommender/test_grounding.py"
#: Module -> the tests that mirror it; by their names below `TESTS`.
MIRRORS: dict[str, tuple[str, ...]] = {
    "grounding": (_GROUNDING, "claims_cited", "support", "arguments", "leeway", "overclaiming", "along_checked"),
    "arguments": ("arguments", _GROUNDING, "overclaiming"),
    "support": ("support", "overclaiming"),
    "spans": ("spans", "support"),
    "neighbours": (_GROUNDING, "overclaiming"),
    "cited_items": (_GROUNDING,),
    "claimed": ("claims_cited",),
    "quotes": ("claims_cited",),
    "leeway": ("leeway", "overclaiming", _GROUNDING),
    "shape": ("overclaiming", "leeway", "repairs"),
    "differing": ("differing",),
    "told_scores": ("told_scores",),
    "told_sources": ("told_sources",),
    "prose": ("prose", "stages"),
    "texts": ("prose", "told_scores", "told_sources", "stages"),
    "backing": ("told_scores", "told_sources"),
    "units": ("units", "sanity", "leeway"),
    "ranking": ("ranking",),
    "worth": ("worth", "ranking"),
    "comparable": ("worth", "ranking"),
    "foretold": ("worth",),
    "timing": ("worth", "cost"),
    "stages/worth": ("worth", "cost", "test_run_plan", "ranking"),
    "challenge": ("challenge",),
    "loop": ("loop", "challenge"),
    "data_fit": ("data_fit", "task_of_a_proposal", "planted_faults"),
    "row_bounds": ("data_fit", "probing"),
    "spending": ("cost", "worth"),
    "stages/cost": ("cost",),
    "repairs": ("repairs", "overclaiming", "along_checked", _GROUNDING),
    "comparing": ("comparing",),
    "points": ("sample_and_points", "probes"),
    "sample": ("sample_and_points",),
    "probing": ("probing", "test_run"),
    "probes": ("probes", "test_run"),
    "stages/test_run": ("test_run_plan", "test_run"),
    "stages/grounding": ("told_scores", "gate", "leeway"),
    "gate": ("gate", "loop"),
    "sandbox": ("sandbox_watch", "sandbox"),
    "messages": ("sandbox_watch", "sandbox"),
    "isolation": ("isolation", "sandbox_watch", "sandbox"),
    "sealing": ("sealing", "sandbox"),
    "trial_runner": ("trial_runner", "sandbox"),
    "domains": ("domains", "planted_faults"),
    "legalising": ("legalising", "planted_faults"),
    "starting": ("starting", "stages", "planted_faults"),
    "faults": ("faults", "stages", "planted_faults"),
    "stages/schema": ("stages", "prose", "planted_faults", "gate"),
    "stages/learner": ("stages", "planted_faults", "data_fit"),
    "stage": ("stages", "gate"),
    "jobs": ("sandbox_watch",),
    "verdict": ("verdict", "gate"),
    "sanity/task": ("task_of_a_proposal", "sanity"),
    "sanity/budget": (
        "sanity",
        "sanity_limits",
        "task_of_a_proposal",
        "overclaiming",
        "process_rules",
        "planted_faults",
    ),
    "sanity/prediction": ("sanity", "sanity_limits", "along_checked", "process_rules", "planted_faults"),
    "sanity/effort": ("sanity", "planted_faults"),
}
#: Tests of the modules below `sanity/`.
SANITY = ("sanity", "sanity_limits", "process_rules", "planted_faults")
#: Tests of all others: those of the stages that fit nothing.
FREE = ("stages", "planted_faults", "repairs", "gate")
#: Checks whose removal nobody can see, by module, function and first line of the statement, and why; none at present.
EQUIVALENT: dict[tuple[str, str, str], str] = {}


def modules(root: Path) -> list[str]:
    """Return the modules whose checks are taken out, from the root."""
    found = sorted((root / "recommender" / "validation").rglob("*.py"))
    return [str(p.relative_to(root)) for p in (root / "recommender" / "grounding.py", *found) if p.stat().st_size > 200]


def tests_of(path: str) -> list[str]:
    """Return the tests that mirror a module."""
    module = path.removeprefix("recommender/").removeprefix("validation/").removesuffix(".py")
    names = MIRRORS.get(module, SANITY if module.startswith("sanity/") else FREE)
    return [name if "/" in name else f"{TESTS}/test_{name}.py" for name in names]
