"""The rules for tables, each by an example."""

import pytest

from ingest.claims import RULES
from ingest.documents.model import Block, BlockKind, Document
from tests.ingest.claims.stating import stated


def row(text, **fields):
    return Block(
        kind=BlockKind.ROW,
        text=text,
        section="A",
        page=3,
        header="tasks | hyperparameter | search space | scale",
        **fields,
    )


@pytest.mark.parametrize(("cell", "log"), [("[0.01, 0.3] (log scale)", True), ("0.1–10, log", True), ("[1, 9]", None)])
def test_a_range_in_a_cell_may_be_followed_by_its_scale(claims_of, cell, log):
    [claim] = claims_of(f"# XGBoost\n\n| Parameter | Range |\n|---|---|\n| eta | {cell} |\n", ".md")
    assert claim.log is log


def test_the_rows_of_a_long_table_are_read_in_time(claims_of):
    rows = "".join(f"| max_depth{number} | [1, {number + 2}] |\n" for number in range(700))
    assert len(claims_of(f"# XGBoost\n\n| Parameter | Range |\n|---|---|\n{rows}", ".md")) == 700


TABLE = """# Search spaces of XGBoost

| Hyperparameter | Type | Range | Scale | Default |
|---|---|---|---|---|
| eta | float | [0.001, 1] | log | 0.3 |
| max_depth | int | {3, 6, 9} | | 6 |
| booster | cat | gbtree, dart | | gbtree |
"""


def test_a_table_is_read_by_its_header(claims_of):
    found = [(*stated(claim), claim.log) for claim in claims_of(TABLE, ".md")]
    assert found == [
        ("range", "eta", 0.001, 1, None, True),
        ("default", "eta", None, None, 0.3, None),
        ("range", "max_depth", 3, 9, "{3, 6, 9}", None),
        ("default", "max_depth", None, None, 6, None),
        ("range", "booster", None, None, "{gbtree, dart}", None),
        ("default", "booster", None, None, "gbtree", None),
    ]


def test_a_table_of_methods_is_read_by_its_columns(claims_of):
    table = "| Parameter | LoRA | QLoRA |\n|---|---|---|\n| Learning rate | 2e-4 | 1e-4 |\n"
    text = f"# Recommended hyperparameters\n\n{table}"
    found = [(claim.algorithm_name, claim.parameter_name, claim.value) for claim in claims_of(text, ".md")]
    assert found == [("LoRA", "Learning rate", 2e-4), ("QLoRA", "Learning rate", 1e-4)]


@pytest.mark.parametrize(
    "table",
    [
        "# Results\n\n| Settings | Training time | Memory |\n|---|---|---|\n| Default | 1.3 min | 26 GB |\n",
        "# Data\n\n| dataset | n_rows | n_cols |\n|---|---|---|\n| credit | 1999 | 76 |\n",
    ],
)
def test_a_table_of_results_or_data_states_nothing(claims_of, table):
    assert claims_of(table, ".md") == ()


def test_rows_of_a_page_belong_to_the_learner_that_labels_their_group():
    rows = [
        "eta | [0.1, 1] | log",
        "XGBoost | gamma | [1, 2] | log",
        "subsample | [0.5, 1] | linear",
        "n_estimators | [1, 8] | log",
        "RandomForest | max_depth | [1, 5] | log",
        "min_samples_split | [0.01, 0.5] | log",
    ]
    document = Document(name="p.pdf", blocks=tuple(row(text) for text in rows), text="\n".join(rows))
    found = [(claim.algorithm_name, claim.parameter_name, claim.log) for claim in RULES.extract(document)]
    assert found == [
        ("XGBoost", "eta", True),
        ("XGBoost", "gamma", True),
        ("XGBoost", "subsample", False),
        ("RandomForest", "n_estimators", True),
        ("RandomForest", "max_depth", True),
        ("RandomForest", "min_samples_split", True),
    ]


def test_a_remark_makes_a_row_a_fidelity_or_a_condition():
    rows = ("trainsize continuous [0.03, 1] budget", "degree integer [2, 5] ⊢ kernel")
    document = Document(name="p.pdf", blocks=tuple(row(text) for text in rows), text="\n".join(rows))
    found = [(claim.kind, claim.parameter_name, claim.condition) for claim in RULES.extract(document)]
    assert found == [
        ("fidelity", "trainsize", ""),
        ("range", "degree", "⊢ kernel"),
        ("condition", "degree", "⊢ kernel"),
    ]


def test_of_tables_side_by_side_each_is_of_the_learner_that_has_its_names():
    header = "Hyperparameter | Range"
    tables = (("cost", "gamma", "degree"), ("cp", "maxdepth", "minbucket"))
    caption = "Table 1: Search spaces."
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, text="We tune svm and rpart, and above all xgboost.", section="A > xgboost")
    ]
    for names in tables:
        blocks.append(Block(kind=BlockKind.ROW, text=header, section="A > xgboost", caption=caption))
        blocks += [
            Block(kind=BlockKind.ROW, text=f"{name} | [1, 30]", section="A > xgboost", caption=caption, header=header)
            for name in names
        ]
    found = RULES.extract(Document(name="a.md", blocks=tuple(blocks), text="\n".join(block.text for block in blocks)))
    assert {claim.parameter_name: claim.algorithm_name for claim in found} == {
        name: learner for learner, names in zip(("svm", "rpart"), tables, strict=True) for name in names
    }
