"""Published search spaces under canonical names."""

from datetime import date
from pathlib import Path

import pytest

from ingest.records import Items
from ingest.sources._space_file import ParameterEntry, SpaceEntry, read_space_file, translate
from ingest.sources.published_spaces import PublishedSpaces
from kg.errors import InputError, RecordError
from kg.expressions import ExpressionError, bounded_space
from kg.learners.registry import learner_named
from kg.model import (
    CategoricalParameter,
    Condition,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    PublishedSpace,
    Standing,
    TaskType,
)

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def pages() -> list[Items]:
    return [page for page in PublishedSpaces().read(Path(), retrieved=DAY) if isinstance(page, Items)]


@pytest.fixture(scope="module")
def spaces(pages: list[Items]) -> list[PublishedSpace]:
    return [item for page in pages for item in page.items if isinstance(item, PublishedSpace)]


def the(spaces: list[PublishedSpace], name: str, learner: str, task: TaskType | None = None) -> PublishedSpace:
    (found,) = (s for s in spaces if (s.name, s.learner) == (name, learner) and task in (None, *s.task_types))
    return found


def test_every_space_of_the_files_is_translated(pages: list[Items], spaces: list[PublishedSpace]) -> None:
    assert [r for page in pages for r in page.rejected] == []
    assert len(spaces) == 53
    assert len({s.iri for s in spaces}) == 53
    assert {s.name.split(",")[0] for s in spaces} == {
        "AutoGluon tabular",
        "FLAML AutoML",
        "HPO-B observed",
        "LCBench",
        "TabArena v0.1",
        "TabR",
        "mlr3tuningspaces default",
        "mlr3tuningspaces rbv1",
        "mlr3tuningspaces rbv2",
    }


def test_what_has_no_counterpart_is_reported(pages: list[Items]) -> None:
    unmapped = {name for page in pages for name in page.unmapped or {}}
    assert {"AutoGluon tabular: NN_TORCH", "TabArena v0.1: EBM, RealMLP, TabM", "FLAML AutoML: LinearSVC"} <= unmapped


def test_every_space_has_full_provenance_and_a_citation(spaces: list[PublishedSpace]) -> None:
    for space in spaces:
        assert space.standing == Standing.PUBLISHED
        assert space.citation
        assert space.provenance.licence
        assert space.provenance.url.startswith("https://")
        assert space.provenance.version
        assert space.provenance.retrieved == DAY


def test_every_name_and_bound_is_legal_for_the_learner(spaces: list[PublishedSpace]) -> None:
    for space in spaces:
        spec = learner_named(space.learner)
        for parameter in space.space.parameters:
            values = {
                "categorical": lambda p: p.choices,
                "constant": lambda p: (p.value,),
            }.get(parameter.kind, lambda p: (p.low, p.high))(parameter)
            for value in values:
                assert all(spec[parameter.name].is_legal(value, task) for task in space.task_types)
        for name, value in (*space.initial.items(), *space.special_values.items()):
            assert name in space.space
            assert all(spec[name].is_legal(value, task) for task in space.task_types)


def test_initial_values_lie_in_their_range(spaces: list[PublishedSpace]) -> None:
    for space in spaces:
        assert all(space.space[name].contains(value) for name, value in space.initial.items())


def test_names_are_translated(spaces: list[PublishedSpace]) -> None:
    space = the(spaces, "mlr3tuningspaces rbv2", "xgboost").space
    assert space["learning_rate"] == FloatParameter(name="learning_rate", low=1e-4, high=1.0, log=True)
    assert space["n_estimators"] == IntParameter(name="n_estimators", low=7, high=2981, log=True)


def test_values_are_translated(spaces: list[PublishedSpace]) -> None:
    kernel = the(spaces, "mlr3tuningspaces default", "svm").space["kernel"]
    assert kernel == CategoricalParameter(name="kernel", choices=("poly", "rbf", "sigmoid", "linear"))
    penalty = the(spaces, "AutoGluon tabular", "logistic_regression").space
    assert penalty["l1_ratio"] == CategoricalParameter(name="l1_ratio", choices=(0.0, 1.0))
    assert penalty["solver"] == ConstantParameter(name="solver", value="saga")


def test_scales_are_translated(spaces: list[PublishedSpace]) -> None:
    lightgbm = the(spaces, "FLAML AutoML", "lightgbm")
    assert lightgbm.space["max_bin"] == IntParameter(name="max_bin", low=7, high=2047, log=True)
    assert lightgbm.initial["max_bin"] == 255


def test_conditions_come_from_the_registry(spaces: list[PublishedSpace]) -> None:
    space = the(spaces, "mlr3tuningspaces rbv2", "xgboost").space
    assert Condition(child="rate_drop", parent="booster", values=("dart",)) in space.conditions
    svm = the(spaces, "mlr3tuningspaces rbv2", "svm").space
    assert Condition(child="degree", parent="kernel", values=("poly",)) in svm.conditions


def test_what_is_not_identical_is_left_out_and_noted(spaces: list[PublishedSpace]) -> None:
    glmnet = the(spaces, "mlr3tuningspaces rbv2", "logistic_regression")
    assert "C" not in glmnet.space
    assert "not 1/C" in glmnet.notes[0]
    tree = the(spaces, "mlr3tuningspaces rbv2", "decision_tree")
    assert "ccp_alpha" not in tree.space
    assert any("cp" in note for note in tree.notes)


def test_a_parameter_of_one_task_type_makes_a_space_for_each(spaces: list[PublishedSpace]) -> None:
    forest = the(spaces, "FLAML AutoML", "random_forest", TaskType.CLASSIFICATION)
    assert "criterion" in forest.space
    assert "criterion" not in the(spaces, "FLAML AutoML", "random_forest", TaskType.REGRESSION).space


@pytest.mark.parametrize("n", [20, 1_000, 10**6])
def test_bounds_that_depend_on_the_data_can_be_put_in(spaces: list[PublishedSpace], n: int) -> None:
    with_expressions = [space for space in spaces if space.expressions]
    assert len(with_expressions) == 8
    for space in with_expressions:
        bounded = bounded_space(space.space, space.expressions, n=n, d=50)
        assert bounded.names == space.space.names
    leaves = the(spaces, "FLAML AutoML", "lightgbm")
    assert bounded_space(leaves.space, leaves.expressions, n=n, d=50)["num_leaves"].high == min(32768, n)


def entry(**parameters: ParameterEntry) -> SpaceEntry:
    return SpaceEntry(learner="xgboost", parameters=parameters)


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ({"made_up": ParameterEntry(kind="int", low=1, high=2)}, "made_up"),
        ({"subsample": ParameterEntry(kind="float", low=0, high=1)}, "not legal"),
        ({"subsample": ParameterEntry(kind="float", low=0.5)}, "lacks a bound"),
        (
            {
                "booster": ParameterEntry(kind="constant", value="gbtree"),
                "rate_drop": ParameterEntry(kind="float", low=0, high=1),
            },
            "no effect",
        ),
    ],
)
def test_what_cannot_be_translated_is_refused(parameter: dict[str, ParameterEntry], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        translate(entry(**parameter), "mlr", TaskType.CLASSIFICATION)


def test_a_hostile_expression_is_refused_while_it_is_read() -> None:
    hostile = ParameterEntry(kind="int", low=1, high=9, high_expression="__import__('os').getpid()")
    with pytest.raises(ExpressionError):
        translate(entry(max_depth=hostile), "mlr", TaskType.CLASSIFICATION)


def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    for text in ("name: only a name\n", "- a list\n", "{broken: [\n"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"odd\.yaml"):
            read_space_file(path)


def test_the_digest_is_of_the_content_and_not_of_the_folder(tmp_path: Path) -> None:
    assert PublishedSpaces().digest(tmp_path) == PublishedSpaces().digest(Path())
    assert PublishedSpaces().paths(tmp_path)
