"""What is depended on: its lowest versions work, and its licences allow it. Writes the bill of materials."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.release.conftest import ROOT, Distributions, Environment, environment, ran, uv

pytestmark = pytest.mark.release

#: Tests that touch every library of the core and take seconds; they run against its lowest versions. None of them may
#: import the benchmarks: a package of that name comes with an old library and hides ours.
FAST_TESTS = (
    "tests/kg/learners/test_building.py", "tests/kg/learners/test_registry.py", "tests/kg/response",
    "tests/kg/test_landmarkers.py", "tests/kg/test_passages.py", "tests/kg/test_questions.py",
    "tests/kg/test_rdf_shapes.py", "tests/kg/test_rdf_store.py", "tests/kg/test_runs.py", "tests/kg/test_tables.py",
    "tests/recommender/test_grounding.py", "tests/recommender/test_proposal.py", "tests/recommender/test_retrieval.py",
    "tests/recommender/test_sampler.py", "tests/recommender/test_similarity.py",
    "tests/recommender/test_text_index.py", "tests/recommender/test_tuning.py",
)  # fmt: skip
#: Extras that the bill of materials speaks of, beside the core. Not: embeddings (torch is chosen by who installs it).
EXTRAS = "api,boost,distributed,llm,neo4j,openml,ui"
#: Licences that a dependency may have without a further look.
FREE = re.compile(
    r"\b(mit|mit-cmu|bsd|apache|isc|psf|python software foundation|python-2\.0|mpl|mozilla public|unlicense|zlib"
    r"|hpnd|cc0|0bsd|public domain|w3c|blueoak)",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General)", re.IGNORECASE)
#: Package -> why its licence, which is neither, is no obstacle.
SEEN = {
    "psycopg": "LGPL-3.0: a library that is used as it is, and only where PostgreSQL is",
    "psycopg-binary": "LGPL-3.0: as psycopg",
}


@pytest.fixture(scope="module")
def everything(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with its extras."""
    return environment(tmp_path_factory.mktemp("all") / "venv", f"{distributions.wheel}[{EXTRAS}]")


def test_the_lowest_versions_work(tmp_path: Path) -> None:
    made = environment(tmp_path / "venv", f"{ROOT}[boost]", resolution="lowest-direct")
    # The checkout is tested, not what was installed; the tools of the tests may be new.
    uv("pip", "uninstall", "--quiet", "--python", made.python, "tunegraph")
    uv("pip", "install", "--quiet", "--python", made.python, "pytest", "hypothesis")
    options = ("-q", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib", "-m", "not release")
    made.run("python", "-m", "pytest", *options, *FAST_TESTS, cwd=ROOT, TUNEGRAPH_HOME=str(tmp_path / "home"))


def test_every_licence_is_free_or_has_been_looked_at(everything: Environment) -> None:
    rows = json.loads(ran([tool("pip-licenses"), "--python", everything.python, "--format", "json"]))
    odd = {
        row["Name"]: row["License"]
        for row in rows
        if row["Name"].lower() not in (*SEEN, "tunegraph")
        and (not FREE.search(row["License"]) or COPYLEFT.search(row["License"]))
    }
    assert odd == {}


def test_the_bill_of_materials_names_all_dependencies(everything: Environment, project: dict[str, object]) -> None:
    path = ROOT / "dist" / "sbom.json"
    path.parent.mkdir(exist_ok=True)
    ran([tool("cyclonedx-py"), "environment", everything.python, "--output-reproducible", "-o", path])
    bill = json.loads(path.read_text(encoding="utf-8"))
    names = {component["name"].lower().replace("_", "-") for component in bill["components"]}
    wanted = {re.match(r"[\w.-]+", text)[0].lower().replace("_", "-") for text in project["dependencies"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert wanted - names == set()


def tool(name: str) -> str:
    """Return where a tool is; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: make release-check installs it")
    return found
