"""What is released is complete, says its version and licence, and does the main job where nothing else is installed."""

import re
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, VERSIONS, Distributions, environment

pytestmark = pytest.mark.release

PACKAGES = ("kg", "ingest", "recommender", "ui", "tunegraph")
#: Files of the repository that are no part of a release.
NOT_RELEASED = re.compile(r"\.gitignore|\.ci/.*|\.dockerignore|Dockerfile.*|docker/.*|deploy/.*")


@pytest.fixture(scope="module")
def in_wheel(distributions: Distributions) -> set[str]:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        return set(wheel.namelist())


def test_the_wheel_holds_every_file_of_the_packages(in_wheel: set[str], tracked: list[str]) -> None:
    wanted = {name for name in tracked if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    assert wanted - in_wheel == set()
    assert {f"{package}/py.typed" for package in PACKAGES} <= in_wheel
    assert "kg/starter/starter.nq.xz" in in_wheel


def test_the_wheel_holds_nothing_else(in_wheel: set[str]) -> None:
    others = {name for name in in_wheel if not name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    assert all(".dist-info/" in name for name in others), others
    assert {name.rpartition("/")[2] for name in others} >= {"LICENSE", "NOTICE", "METADATA", "entry_points.txt"}
    assert not [name for name in in_wheel if name.endswith((".pyc", ".log", ".db"))]


def test_the_source_distribution_holds_the_repository(distributions: Distributions, tracked: list[str]) -> None:
    with tarfile.open(distributions.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {name for name in tracked if not NOT_RELEASED.fullmatch(name)} - names == set()


def test_the_version_is_laid_down_once(distributions: Distributions, project: dict[str, object]) -> None:
    version = project["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", str(version))
    assert distributions.wheel.name.startswith(f"tunegraph-{version}-")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d[^\]]*)\]", changes, re.MULTILINE)[0] == version


@pytest.mark.parametrize("version", VERSIONS)
def test_the_main_job_is_done_where_nothing_else_is(
    version: str, distributions: Distributions, project: dict[str, object], tmp_path: Path
) -> None:
    made = environment(tmp_path / "venv", distributions.wheel, version=version)
    shutil.copy(ROOT / "examples" / "data" / "breast_cancer.csv", tmp_path / "mine.csv")
    home = {"TUNEGRAPH_HOME": str(tmp_path / "home")}
    assert made.run("tunegraph", "--version", cwd=tmp_path) == f"tunegraph {project['version']}\n"
    told = made.run(
        "tunegraph", "recommend", "mine.csv", "--target", "diagnosis", "--time", "1m",
        "--test-run-seconds", "30", "--export", "study.py", cwd=tmp_path, **home,
    )  # fmt: skip
    assert "Checked before it is shown: pass" in told or "Checked before it is shown: repaired" in told
    assert "Wrote study.py" in told
    assert "Best accuracy: 0.9" in made.run("python", "study.py", "--trials", "3", cwd=tmp_path)
    code = "import tunegraph; s = tunegraph.autoconfigure('mine.csv', test_run=False); print(len(s.get_trials()) > 0)"
    assert made.run("python", "-c", code, cwd=tmp_path, **home) == "True\n"
