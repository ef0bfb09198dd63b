"""Results say when, where and with what they were measured."""

import json
from importlib.metadata import version

from benchmarks.recording import installed, latest, made_on, recorded, surroundings, write_results


def test_surroundings_name_day_machine_cores_versions_and_seeds():
    found = surroundings(seeds=(0, 7))
    assert found["seeds"] == [0, 7]
    assert found["cores"] >= 1
    assert found["versions"]["numpy"] == version("numpy")
    assert found["machine"]
    assert len(found["date"]) == len("2026-01-02")


def test_what_is_not_installed_has_no_version():
    assert installed(["numpy", "no-such-distribution"]) == {"numpy": version("numpy")}


def test_what_the_content_says_itself_stands():
    assert recorded({"date": "2026-01-02"}, seeds=(1,))["date"] == "2026-01-02"


def test_the_newest_day_is_read_and_older_ones_stay(tmp_path):
    for day, value in (("2026-01-02", 1), ("2026-02-01", 2)):
        data, table = write_results(tmp_path / "results", "made", {"date": day, "value": value}, f"# {value}\n\n")
    assert latest(tmp_path / "results", "made")["value"] == 2
    assert len(list((tmp_path / "results").glob("made-*.json"))) == 2
    assert json.loads(data.read_text())["value"] == 2
    assert table.read_text() == "# 2\n"


def test_another_benchmark_of_a_longer_name_is_not_taken_for_it(tmp_path):
    write_results(tmp_path, "made-small", {"date": "2026-01-02"}, "")
    assert latest(tmp_path, "made") is None


def test_when_and_where_in_words():
    assert made_on({"date": "2026-01-02", "machine": "Linux", "cores": 2}) == "2026-01-02, Linux, 2 cores"
    assert made_on({"date": "2026-01-02"}) == "2026-01-02"
    assert made_on({"date": "2026-01-02", "commit": "abc1234"}) == "2026-01-02, figures of commit abc1234"
