"""Recommend how to tune a model on a table, and print what is recommended with the evidence behind it."""

from pathlib import Path

from tunegraph import recommend

TABLE = Path(__file__).parent / "data" / "breast_cancer.csv"

proposal = recommend(TABLE, "diagnosis", learner="random_forest", time_s=120, test_run_seconds=5)

budget = proposal.budget.value
print(f"Tune {proposal.learner.value} for {proposal.metric.value}")
print(f"At most {budget.n_trials} trials, {budget.wall_clock_s:.0f} s")

print("\nSearch space")
for parameter in proposal.search_space.value.tunable:
    why = proposal.search_space.parts[parameter.name]
    print(f"  {parameter.name}: {parameter.model_dump(exclude={'name', 'prior'}, exclude_none=True)}")
    print(f"    {why.rationale} [{len(why.citations)} citations, rule {why.derivation.rule}]")

print("\nFirst warm starts")
for number, configuration in enumerate(proposal.warm_starts.value[:3]):
    print(f"  {dict(configuration.items())}")
    print(f"    {proposal.warm_starts.parts[str(number)].rationale}")

for warning in proposal.warnings:
    print(f"\nMind: {warning}")

print("\nChecked before it is shown:")
for stage in proposal.verdict.stages:
    print(f"  {stage.name}: {stage.outcome}")
