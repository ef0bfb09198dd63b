"""Ask without showing the data: only a description of the table is used, under OpenML's names of qualities."""

from tunegraph import Request, Tunegraph

DESCRIPTION = {
    "NumberOfInstances": 40_000,
    "NumberOfFeatures": 24,  # OpenML counts the target, too
    "NumberOfClasses": 2,
    "MinorityClassPercentage": 7.5,
}

tunegraph = Tunegraph()
request = Request(learner="xgboost", metric="roc_auc", time_s=600, n_warm_starts=5)
task = tunegraph.task_of(DESCRIPTION, request)
answer = tunegraph.recommend(task, request)

if answer.proposal is None:
    raise SystemExit(f"Nothing passed the checks: {answer.verdict.outcome}")
for parameter in answer.proposal.search_space.value.tunable:
    print(f"{parameter.name}: {parameter.model_dump(exclude={'name', 'prior'}, exclude_none=True)}")
print(f"Nearest known data sets: {', '.join(near.name for near in answer.proposal.neighbours[:5])}")

# Without rows nothing can be test-run; the verdict says what was not checked.
for stage in answer.verdict.stages:
    print(f"{stage.name}: {stage.outcome}")
