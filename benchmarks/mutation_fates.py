"""What became of mutants, kept from one run to the next as long as nothing changes that it hangs on."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.mutants import Mutant
from benchmarks.mutation_mirrors import EQUIVALENT, TESTS, tests_of
from benchmarks.mutation_runs import Trace


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    red: str
    """The test that turned red (``timeout``: they ran without end, ``crash``: their process died), or empty."""
    seconds: float

    @property
    def survived(self) -> bool:
        """Whether no test saw the change."""
        return not self.red

    @property
    def why_equivalent(self) -> str:
        """Why nobody can see the change; empty where somebody should."""
        found = (self.mutant.path, self.mutant.where, self.mutant.text)
        return EQUIVALENT.get(found, "") if self.survived else ""


class Notes:
    """What is known from earlier: fates that still hold, and which tests touch what.

    Args:
        root: The code that is judged.
        file: JSON lines to read and to add to; None: nothing is kept.
    """

    def __init__(self, root: Path, file: Path | None) -> None:
        self._root, self._file = root, file
        self._lines: dict[str, dict[str, Any]] = {}
        self._traces: dict[str, dict[str, Any]] = {}
        self._red_before: dict[tuple[str, str], list[str]] = {}
        lines = file.read_text().splitlines() if file is not None and file.exists() else []
        for line in lines:
            with contextlib.suppress(json.JSONDecodeError):  # the last line of a run that was killed
                self._take(json.loads(line))

    def fate(self, mutant: Mutant) -> Fate | None:
        """Return the fate of a mutant where it is known and nothing has changed that it hangs on."""
        line = self._lines.get(self._key(mutant))
        if line is None or line["tests"] != self._tests(mutant, line["red"]):
            return None
        return Fate(mutant, line["red"], line["seconds"])

    def keep(self, fate: Fate) -> None:
        """Write a fate down."""
        mutant = fate.mutant
        said = {k: v for k, v in asdict(mutant).items() if k != "source"} | {"red": fate.red, "seconds": fate.seconds}
        self._add({**said, "key": self._key(mutant), "tests": self._tests(mutant, fate.red)})

    def traces(self, path: str) -> dict[str, Trace]:
        """Return what is known of the files of tests that mirror a module, and have not changed since."""
        found = {test: self._traces[test] for test in tests_of(path) if test in self._traces}
        return {t: Trace(n["seconds"], n["touched"]) for t, n in found.items() if n["tests"] == self._digest(t)}

    def keep_trace(self, test: str, trace: Trace) -> None:
        """Write down what was seen of a file of tests."""
        self._add({"trace": test, "tests": self._digest(test), "seconds": trace.seconds, "touched": trace.touched})

    def red_before(self, path: str) -> dict[str, list[str]]:
        """Return, for each function of a module, the tests that saw changes of it, the latest last."""
        return {where: tests for (of, where), tests in self._red_before.items() if of == path}

    def _add(self, line: dict[str, Any]) -> None:
        self._take(line)
        if self._file is not None:
            with self._file.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def _take(self, line: dict[str, Any]) -> None:
        if "trace" in line:
            self._traces[line["trace"]] = line
            return
        self._lines[line["key"]] = line
        if "::" in line["red"]:
            self._red_before.setdefault((line["path"], line["where"]), []).append(line["red"])

    def _key(self, mutant: Mutant) -> str:
        return _digest_of(mutant.path, (self._root / mutant.path).read_text(), mutant.source)

    def _tests(self, mutant: Mutant, red: str) -> str:
        """Return the digest of the tests that a fate hangs on: the one that turned red, or all that did not."""
        return self._digest(*([red.split("::", maxsplit=1)[0]] if "::" in red else tests_of(mutant.path)))

    def _digest(self, *tests: str) -> str:
        shared = (p for p in sorted((self._root / TESTS).glob("*.py")) if not p.name.startswith("test_"))
        conftests = (self._root / "tests" / "conftest.py", self._root / "tests" / "recommender" / "conftest.py")
        files = (*shared, *conftests, *(self._root / test for test in tests))
        return _digest_of(*(file.read_text() for file in files))


def _digest_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]
