"""The transcript of the README is what its command prints."""

import re
import shlex
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from kg.home import HOME_VARIABLE
from kg.rdf_store import RdfStore
from tests.docs.blocks import tunegraph

ROOT = Path(__file__).resolve().parents[2]
TRANSCRIPT = re.compile(
    r"^From `tunegraph (?P<command>[^`]+)`.*?^```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
#: What the test run comes to: it takes longer than all else, and examples and releases have it.
TEST_RUN = re.compile(r"^Checked .*|^  schema, learner, .*")


def flat(text: str) -> str:
    """Text as one line: where it was broken depends on the width."""
    return " ".join(text.split())


def shown(line: str) -> list[str]:
    """What has to be printed for a line of the transcript; ``...`` stands for anything."""
    return [part for each in TEST_RUN.sub("", line).split("...") if (part := flat(each).strip(" ,;"))]


def closest(part: str, printed: str) -> str:
    """What is printed in its place, for who brings the transcript up to date."""
    width = len(part)
    pieces = [printed[start : start + width] for start in range(0, len(printed), max(1, width // 4))]
    return max(pieces, key=lambda piece: SequenceMatcher(None, part, piece).ratio())


@pytest.fixture(scope="module")
def transcript() -> re.Match[str]:
    found = TRANSCRIPT.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    return found


def test_the_transcript_is_what_the_command_prints(
    transcript: re.Match[str], starter_store: RdfStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(HOME_VARIABLE, str(starter_store.path.parent))
    printed = flat(tunegraph([*shlex.split(transcript["command"]), "--no-test-run"]))
    parts = [part for line in transcript["text"].splitlines() for part in shown(line)]
    assert len(parts) > 30
    told = [f"{part!r}: it prints ...{closest(part, printed)}..." for part in parts if part not in printed]
    assert not told, "README.md says\n" + "\n".join(told)


def test_dots_stand_for_anything_and_what_is_not_printed_is_found() -> None:
    assert shown("  after 1 trial           accuracy 0.9  [0.8, 1]  ...") == ["after 1 trial accuracy 0.9 [0.8, 1]"]
    assert shown("Checked before it is shown: pass") == shown("  ...") == []
    assert "at most 64" in closest("at most 68 trials", "Tune it, at most 64 trials or 2 min.")
