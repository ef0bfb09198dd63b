"""What a table may look like, and what is said where it may not."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from kg.columns import ColumnKind
from kg.errors import TableError, UnknownNameError
from kg.model import TaskType
from kg.table_files import MAX_COLUMNS, read_frame, read_options
from kg.tables import MIN_ROWS, prepare_table, read_table

N = 40


def frame(**columns):
    rng = np.random.default_rng(0)
    return pd.DataFrame({"a": rng.normal(size=N), "b": ["red", "blue"] * (N // 2), **columns})


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


CSV = "a,b,y\n" + "".join(f"{i * 0.5},v{i % 3},{i % 2}\n" for i in range(N))


class TestFiles:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, tmp_path, delimiter):
        read = read_frame(write(tmp_path / "t.csv", CSV.replace(",", delimiter)))
        assert list(read.columns) == ["a", "b", "y"]
        assert len(read) == N

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_is_read(self, tmp_path, encoding):
        read = read_frame(write(tmp_path / "t.csv", CSV.replace("v1", "Größe").encode(encoding)))
        assert "Größe" in set(read["b"])
        assert list(read.columns) == ["a", "b", "y"]

    def test_gzip_is_read_whatever_the_name(self, tmp_path):
        for name in ("t.csv.gz", "t.csv"):
            assert len(read_frame(write(tmp_path / name, gzip.compress(CSV.encode())))) == N

    def test_parquet_and_csv_hold_the_same(self, tmp_path):
        frame(y=[0, 1] * (N // 2)).to_parquet(tmp_path / "t.parquet")
        frame(y=[0, 1] * (N // 2)).to_csv(tmp_path / "t.csv", index=False)
        left, right = (read_table(tmp_path / name, target="y") for name in ("t.parquet", "t.csv"))
        assert left.kinds == right.kinds
        np.testing.assert_allclose(left.features["a"], right.features["a"])

    def test_a_decimal_comma_between_semicolons_is_read(self, tmp_path):
        text = "a;y\n" + "".join(f"{i},5;{i % 2}\n" for i in range(N))
        assert read_frame(write(tmp_path / "t.csv", text))["a"][3] == 3.5

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_a_line_that_tells_excel_the_delimiter_is_no_row(self, tmp_path, end, encoding):
        text = end.join(["sep=;", "a;b;y", *(f"{i},5;v{i % 3};{i % 2}" for i in range(N))])
        path = write(tmp_path / "t.csv", text.encode(encoding))
        read = read_frame(path)
        assert list(read.columns) == ["a", "b", "y"]
        assert read["a"][3] == 3.5
        pd.testing.assert_frame_equal(pd.read_csv(path, **read_options(path)), read)

    @pytest.mark.parametrize(
        ("name", "data", "says"),
        [
            ("t.csv", b"", "empty"),
            ("t.csv", b" \n \n", "white space"),
            ("t.csv", b"a,y\n1,\xe9\n", r"Byte 6 \(0xe9, in line 2\) is not UTF-8.*Allowed: UTF-8"),
            ("t.csv", b"a,b\x00\x01", "binary file: byte 3"),
            ("t.csv", b"PK\x03\x04rest", "ZIP archive or an Excel workbook"),
            ("t.csv.gz", gzip.compress(CSV.encode())[:-30], "gzip file is broken"),
            ("t.parquet", b"not parquet", "cannot be read as Parquet"),
            ("t.xlsx", b"x", r"'\.xlsx' cannot be read.*Allowed: CSV"),
            ("t.csv", b",".join(b"c%d" % i for i in range(20_000)) + b"\n", "20,000 columns.*at most 10,000"),
            ("t.csv", b"a,b,a\n1,2,3\n", "occur twice: 'a'"),
            ("t.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
            ("t.csv", b"a,b,c\n1,2,3\n1,2\n", "line 3 has 2 values.*Allowed: 3 values"),
            ("t.csv", b'a,b,c\n"1\n1",2,3\n1,2\n', "line 4 has 2 values"),
            ("t.csv", b"a,b\n1,2,3\n4,5,6\n", "first row has 3 values, but the header has 2 names"),
        ],
    )
    def test_a_file_that_is_no_table_is_refused(self, tmp_path, name, data, says):
        with pytest.raises(TableError, match=says):
            read_frame(write(tmp_path / name, data))

    def test_a_missing_file_names_the_close_one_and_a_folder_is_none(self, tmp_path):
        write(tmp_path / "churn.csv", CSV)
        with pytest.raises(TableError, match=r"no such file. Did you mean 'churn.csv'"):
            read_frame(tmp_path / "chrun.csv")
        with pytest.raises(TableError, match="folder"):
            read_frame(tmp_path)

    def test_the_text_of_a_table_is_no_path(self):
        with pytest.raises(TableError, match=r"cannot be read: "):
            read_frame(CSV * 100)


class TestTarget:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            (["yes", "no"] * 20, TaskType.CLASSIFICATION),
            ([True, False] * 20, TaskType.CLASSIFICATION),
            ([-1.87, 1.2] * 20, TaskType.CLASSIFICATION),
            ([3.0, 4.0, 7.0, 9.0] * 10, TaskType.CLASSIFICATION),
            (list(range(4)) * 10, TaskType.CLASSIFICATION),
            ([i * i for i in range(N)], TaskType.REGRESSION),
            ([i / 7 for i in range(N)], TaskType.REGRESSION),
        ],
    )
    def test_the_task_type_follows_from_the_values(self, values, expected):
        table = prepare_table(frame(y=values), "y")
        assert table.task_type is expected
        assert table.reason

    def test_classes_are_text_in_natural_order_and_encoded_by_it(self):
        table = prepare_table(frame(y=[10, 2, 2, 10] * 10), "y")
        assert table.classes == ("2", "10")
        assert table.encoded_target.tolist()[:4] == [1, 0, 0, 1]

    def test_a_given_task_type_overrules_the_guess(self):
        table = prepare_table(frame(y=list(range(4)) * 10), "y", "regression")
        assert table.task_type is TaskType.REGRESSION
        assert table.classes == ()

    def test_an_unknown_task_type_is_named_with_those_there_are(self):
        with pytest.raises(UnknownNameError, match=r"no task type 'classifier'.*Allowed: classification, regression"):
            prepare_table(frame(y=[0, 1] * 20), "y", "classifier")

    def test_a_column_of_a_frame_or_of_an_array_is_a_target(self):
        values = pd.DataFrame({"y": [0, 1] * 20})
        assert prepare_table(frame(), values).target_name == "y"
        assert prepare_table(frame(), values.to_numpy()).classes == ("0", "1")
        with pytest.raises(TableError, match=r"no column.*Allowed: one value a row"):
            prepare_table(frame(), np.zeros((N, 2)))

    def test_rows_without_a_target_and_of_rare_classes_are_dropped_and_reported(self):
        values = [None, *["x", "y"] * 19, "once"]
        table = prepare_table(frame(y=values), "y")
        assert table.n_rows == 38 == len(table.features)
        assert table.features["b"].tolist() == frame()["b"].tolist()[1:-1]
        assert any("1 rows have no target" in w for w in table.warnings)
        assert any("fewer than 2 rows" in w and "'once'" in w for w in table.warnings)

    def test_in_a_large_table_a_class_of_two_rows_is_dropped_too(self):
        target = ["x", "y"] * 1500 + ["twice"] * 2
        assert prepare_table(pd.DataFrame({"a": np.sin(range(3002)), "y": target}), "y").classes == ("x", "y")
        assert prepare_table(pd.DataFrame({"a": np.sin(range(102)), "y": target[-102:]}), "y").classes[0] == "twice"

    @pytest.mark.parametrize(
        ("values", "task_type", "says"),
        [
            (["x"] * N, None, "one class, 'x'"),
            ([1.0] * N, "regression", "All values are 1"),
            ([None] * N, None, "All values are missing"),
            ([np.inf, *np.arange(1.0, N)], "regression", "infinite"),
            ([f"name {i}" for i in range(N)], None, "looks like a name"),
            ([i / 7 for i in range(N)], "classification", "are no classes"),
            ([f"€ {i},000" for i in range(N)], None, r"look like numbers, in words.*Allowed: numbers as in 1234\.5"),
            (["x", "y"] * 20, "regression", "are words, such as 'x'"),
            (pd.date_range("2020-01-01", periods=N), None, "dates"),
        ],
    )
    def test_a_target_that_cannot_be_learnt_is_refused(self, values, task_type, says):
        with pytest.raises(TableError, match=says):
            prepare_table(frame(y=values), "y", task_type)

    def test_an_unknown_target_names_the_close_column(self):
        with pytest.raises(TableError, match=r"no column 'Churned'. Did you mean 'churn'.*Allowed: a, b, churn"):
            prepare_table(frame(churn=[0, 1] * 20), "Churned")

    def test_a_space_at_the_end_of_a_columns_name_is_not_asked_for(self):
        assert prepare_table(frame(**{"churn ": [0, 1] * 20}), "churn").target_name == "churn "
        assert prepare_table(frame(churn=[0, 1] * 20), " churn").target_name == "churn"
        with pytest.raises(TableError, match="no column 'y'"):  # it may be either
            prepare_table(frame(**{"y ": [0, 1] * 20, " y": [0, 1] * 20}), "y")

    def test_too_few_rows_are_refused_with_the_least_number(self):
        with pytest.raises(TableError, match=rf"3 rows.*at least {MIN_ROWS}"):
            prepare_table(frame(y=[0, 1] * 20).head(3), "y")

    def test_without_a_name_the_usual_names_and_then_the_last_column_are_taken(self):
        assert prepare_table(frame(Class=[0, 1] * 20, z=range(N))).target.name == "Class"
        table = prepare_table(frame(z=[0, 1] * 20))
        assert table.target.name == "z"
        assert "No target was named: 'z' was taken." in table.warnings


class TestFeatures:
    def test_kinds_are_recognised_and_what_is_left_out_is_said(self):
        table = prepare_table(
            frame(
                id=range(N),
                code=[f"u{i}" for i in range(N)],
                same=[1] * N,
                empty=[None] * N,
                flag=[True, False] * (N // 2),
                day=[f"2020-01-{i % 28 + 1:02d}" for i in range(N)],
                note=[f"the client number {i} called again today" for i in range(N)],
                y=[0, 1] * (N // 2),
            ),
            "y",
        )
        kinds = ColumnKind
        expected = [kinds.NUMERIC, kinds.CATEGORICAL, kinds.IDENTIFIER, kinds.IDENTIFIER, kinds.CONSTANT]
        expected += [kinds.CONSTANT, kinds.CATEGORICAL, kinds.DATETIME, kinds.TEXT]
        assert list(table.kinds.values()) == expected
        assert table.usable == ("a", "b", "flag", "day")
        for name in set(table.kinds) - set(table.usable):
            assert any(repr(name) in warning and "left out" in warning for warning in table.warnings), name

    def test_a_table_made_of_a_tables_frame_is_the_same(self):
        notes = [f"the client number {i} called again today" for i in range(N)]
        table = prepare_table(frame(note=notes, flag=[True, False] * 20, y=[3, 1] * 20), "y")
        again = prepare_table(table.frame, table.target_name)
        assert again.kinds == table.kinds
        assert again.classes == table.classes
        assert again.encoded_target.tolist() == table.encoded_target.tolist()

    def test_a_few_words_among_numbers_count_as_missing_and_are_named(self):
        values = [str(i / 3) for i in range(N - 1)] + ["n.k."]
        table = prepare_table(frame(c=values, y=[0, 1] * 20), "y")
        assert table.kinds["c"] is ColumnKind.NUMERIC
        assert table.features["c"].isna().sum() == 1
        assert any("'n.k.'" in warning for warning in table.warnings)

    @pytest.mark.parametrize(
        ("first", "second", "form"),
        [
            ("1.234,50", "12.000,00", "numbers"),
            ("6,97 %", "0,41 %", "numbers"),
            ("$1,000", "$2,500.75", "numbers"),
            ("1 234 567", "1 234 568", "numbers"),
            ("31.03.2026 09:00", "01.04.2026 10:30", "dates"),
            ("3/31/2026", "4/1/26", "dates"),
            ("2026/03/31", "2026/04/01", "dates"),
        ],
    )
    def test_numbers_and_dates_as_people_write_them_are_named(self, first, second, form):
        said = prepare_table(frame(c=[first, second] * 20, y=[0, 1] * 20), "y").warnings
        assert any(f"'c' looks like {form}, but is not written as in " in warning for warning in said)

    @pytest.mark.parametrize(
        "words", [("1-2", "3-4"), ("A1", "A2"), ("1.2.3", "1.2.4"), ("12:30", "12:31"), ("1", "x")]
    )
    def test_words_with_digits_are_words(self, words):
        assert prepare_table(frame(c=[*words] * 20, y=[0, 1] * 20), "y").warnings == ()

    def test_what_its_source_calls_nominal_is_nominal(self):
        column = pd.Categorical(["1,5", "2,5"] * 20)
        assert prepare_table(frame(c=column, y=[0, 1] * 20), "y").warnings == ()

    def test_numbers_and_words_mixed_are_one_category_by_text(self):
        table = prepare_table(frame(c=[1, "1", 1.0, "x"] * 10, y=[0, 1] * 20), "y")
        assert set(table.features["c"].cat.categories) == {"1", "x"}

    def test_nullable_sparse_and_unsigned_columns_become_plain_numbers(self):
        extra = {
            "i": pd.array([1, None, 3, 4] * 10, dtype="Int64"),
            "s": pd.arrays.SparseArray([0.0, 0.0, 2.0, 0.0] * 10),
            "u": np.arange(N, dtype="uint8")[::-1],
        }
        table = prepare_table(frame(**extra, y=[0, 1] * 20), "y")
        assert table.features["i"].isna().sum() == 10
        assert [table.kinds[name] for name in extra] == [ColumnKind.NUMERIC] * 3

    def test_arrays_and_sparse_matrices_are_tables_with_columns_x0_x1(self):
        values = np.random.default_rng(0).normal(size=(N, 3))
        for source in (values, sparse.csr_matrix(values)):
            table = prepare_table(source, np.array([0, 1] * 20))
            assert table.usable == ("x0", "x1", "x2")
            assert table.target.name == "target"

    def test_a_nominal_column_of_many_values_may_be_the_only_one(self):
        values = pd.Categorical([f"town {i % 25}" for i in range(N)])
        table = prepare_table(pd.DataFrame({"town": values, "y": [0, 1] * 20}), "y")
        assert table.usable == ("town",)

    def test_infinite_values_name_their_columns(self):
        with pytest.raises(TableError, match=r"Infinite values in: 'c'.*Allowed: finite"):
            prepare_table(frame(c=[np.inf, *range(N - 1)], y=[0, 1] * 20), "y")

    def test_no_features_too_many_and_only_constants_are_refused(self):
        with pytest.raises(TableError, match="no column beside the target"):
            prepare_table(pd.DataFrame({"y": [0, 1] * 20}), "y")
        with pytest.raises(TableError, match=rf"20,000 columns.*at most {MAX_COLUMNS:,}"):
            prepare_table(np.zeros((N, 20_000)), np.array([0, 1] * 20))
        with pytest.raises(TableError, match="all are constant"):
            prepare_table(pd.DataFrame({"c": [1] * N, "y": [0, 1] * 20}), "y")
        with pytest.raises(TableError, match="occur twice: 'a'"):
            prepare_table(pd.concat([frame(y=[0, 1] * 20), frame()[["a"]]], axis=1), "y")

    @given(st.lists(st.text(min_size=1, max_size=12), min_size=3, max_size=6, unique=True))
    def test_any_text_may_be_a_column_name(self, names):
        rng = np.random.default_rng(0)
        data = pd.DataFrame(rng.normal(size=(N, len(names))), columns=names)
        data[names[-1]] = [0, 1] * (N // 2)
        assert prepare_table(data, names[-1]).usable == tuple(names[:-1])


def test_every_table_of_the_evidence_is_read(shared_data):
    index = pd.read_csv(shared_data / "raw-datasets" / "INDEX.csv")
    regression = set()
    for _, row in index.iterrows():
        suffix = ".arff" if row["part"] == "ingest-arff" else ".tsv.gz"
        table = read_table(shared_data / "raw-datasets" / f"{row['name']}{suffix}")
        assert table.features.shape[1] == row["p"], row["name"]
        assert row["n"] - 5 <= table.n_rows <= row["n"], row["name"]
        if table.task_type is TaskType.REGRESSION:
            regression.add(row["name"])
        else:
            assert row["classes"] - 5 <= len(table.classes) <= row["classes"]
    assert regression == {n for n in index["name"] if n.split("_")[0].isdigit()} - {"1027_ESL"}
