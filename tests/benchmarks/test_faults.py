"""The fault corpus, a small part of it: sound proposals pass, faults are found by their stage under their name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.faults.__main__ import KINDS, accepted
from benchmarks.faults.judging import Bench, Judged, free_faults
from benchmarks.faults.planting import FAULTS, Fault
from benchmarks.faults.report import BEGIN, END, markdown, row, sound_row, write_readme
from benchmarks.faults.sound import composed, defaults, published
from recommender.validation.stage import failed, noted, repaired
from recommender.validation.verdict import Outcome, StageResult, Verdict
from ui.compose import Settings, Tunegraph

EXAMPLE = Path(__file__).parents[2] / "examples" / "data" / "breast_cancer.csv"


def three_classes(path: Path) -> Path:
    """Write a table of three classes, one of them rare."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(90, 4)), columns=list("abcd"))
    frame["goal"] = np.repeat(["rare", "some", "most"], [6, 24, 60])
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def bench(starter_store, tmp_path_factory):
    tunegraph = Tunegraph(Settings(home=tmp_path_factory.mktemp("home")))
    tunegraph.store = starter_store
    return Bench(tunegraph, seed=1)


@pytest.fixture(scope="module")
def sounds(bench, tmp_path_factory):
    table = three_classes(tmp_path_factory.mktemp("tables") / "three.csv")
    wanted = ("xgboost", "random_forest", "svm", "decision_tree")
    return [*composed(bench.tunegraph, (EXAMPLE, table), wanted), *published(bench.tunegraph), *defaults()]


@pytest.fixture
def faults():
    assert KINDS
    return FAULTS


def verdict_of(*stages):
    results = [
        StageResult(
            name=name, outcome=max((f.outcome for f in found), key=list(Outcome).index), findings=found, seconds=0
        )
        for name, found in stages
    ]
    outcomes = {result.outcome for result in results}
    worst = next(o for o in (Outcome.FAILED, Outcome.REPAIRED, Outcome.PASS) if o in outcomes)
    return Verdict(outcome=worst, stages=tuple(results))


def test_no_sound_proposal_is_refused(bench, sounds):
    kept, rows = accepted(bench, sounds)
    assert [row["refusals"] for row in rows] == [[], [], []]
    assert len(kept) == len(sounds) > 100


def test_there_are_kinds_for_every_stage(faults):
    assert len(faults) >= 25
    stages = {stage for fault in faults.values() for stage in fault.stage.split("/")}
    assert stages == {"schema", "learner", "grounding", "sanity", "cost", "test_run", "worth"}
    assert all(fault.what and fault.codes for fault in faults.values())


@pytest.mark.parametrize("fault", free_faults(), ids=lambda fault: fault.name)
def test_a_fault_is_found_by_its_stage_under_its_name_before_any_fit(bench, sounds, fault):
    judged = bench.run(fault, sounds, 2)
    assert len(judged) == 2
    assert [one.found for one in judged if not (one.is_caught and one.is_named)] == []
    assert not any(one.would_fit and one.verdict.outcome is Outcome.FAILED for one in judged)


def test_faults_are_planted_by_seed(bench, sounds, faults):
    fault = faults["swapped_bounds"]
    first, again = ([draft for _, draft in bench.planted(fault, sounds, 5)] for _ in range(2))
    assert first == again
    other = Bench(bench.tunegraph, seed=2)
    assert [draft for _, draft in other.planted(fault, sounds, 5)] != first


def test_a_mutator_spoils_a_copy(bench, sounds, faults):
    for sound, draft in bench.planted(faults["absurd_budget"], sounds, 5):
        assert draft != sound.draft()


@pytest.fixture
def kind():
    return Fault("kind", "sanity", frozenset({"absurd"}), lambda _: None, "A kind")


@pytest.mark.parametrize(
    ("finding", "stage", "caught", "staged", "named"),
    [
        (failed("budget", "absurd", "."), "sanity", True, True, True),
        (failed("budget", "other", "."), "sanity", True, True, False),
        (failed("budget", "absurd", "."), "learner", True, False, False),
        (repaired("budget", "absurd", "."), "sanity", True, True, True),
        (repaired("budget", "other", "."), "sanity", False, True, False),
        (noted("budget", "absurd", "."), "sanity", False, False, False),
    ],
)
def test_what_counts_as_caught(kind, finding, stage, caught, staged, named):
    judged = Judged(kind, "one", verdict_of((stage, (finding,))), would_fit=False)
    assert (judged.is_caught, judged.is_staged, judged.is_named) == (caught, staged, named)


def test_the_report_names_what_was_missed(kind):
    missed = Judged(kind, "one on a table", verdict_of(("sanity", (noted("a", "b", "."),))), would_fit=True)
    found = Judged(kind, "another", verdict_of(("sanity", (failed("a", "absurd", "."),))), would_fit=False)
    figures = row(kind, [missed, found])
    assert (figures["planted"], figures["caught"], figures["named"]) == (2, 1, 1)
    sound = sound_row("default", [("odd", verdict_of(("learner", (failed("a", "wrong", "."),))))])
    text = markdown({"date": "today", "seed": 0, "seconds": 1, "sound": [sound], "kinds": [figures]})
    assert "2 faults of 1 kinds planted in sound proposals: 1 caught (50.0%)" in text
    assert "kind, missed: one on a table" in text
    assert "default: odd: wrong (a)" in text


def test_the_readme_has_a_row_a_stage_with_every_kind(tmp_path):
    def figures(kind, stage, caught):
        return {"kind": kind, "stage": stage, "planted": 20, "caught": caught, "by_stage": caught}

    kinds = [
        figures("late_one", "worth", 19),
        figures("swapped_bounds", "schema", 20),
        figures("no_json", "schema", 20),
    ]
    sound = [{"origin": "composed", "judged": 7, "refused": 0}]
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n")
    write_readme(readme, {"kinds": kinds, "sound": sound})
    text = readme.read_text()
    assert text.index("| schema | swapped bounds 20/20, no json 20/20 | 40 of 40 | 40 |") < text.index("| worth | late")
    assert "7 composed; none refused" in text
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="has no"):
        write_readme(readme, {"kinds": kinds, "sound": sound})
