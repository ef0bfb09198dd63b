"""The code blocks of a page, and how they are run: in order, in one folder, Python blocks in one namespace.

    ```console          each line after `$ ` is run; the lines below it must be in what it prints (`...` is anything)
    ```python           is executed; a block ```text title="output"``` right after it must be in what it prints
    ```X title="F"      is written to the file F first

`<!-- not run: why -->` on the line before a block keeps it from being run.
"""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

_BLOCK = re.compile(
    r'^(?:<!-- not run: (?P<why>.+?) -->\n\s*)?```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
#: Languages of blocks that do something.
RUN = ("console", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str
    title: str
    line: int
    """Of the page, from 1."""
    not_run: str
    """Why it is not run; empty where it is."""


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    for match in _BLOCK.finditer(page):
        line = page.count("\n", 0, match.start("text"))
        yield Block(match["language"], match["text"], match["title"] or "", line, match["why"] or "")


@dataclass
class Runner:
    """Runs the blocks of one page."""

    folder: Path
    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__page__"})
    printed: str = ""

    def run(self, block: Block) -> None:
        """Run one block; a wrong output is an AssertionError."""
        if block.title == "output":
            assert_printed(block.text, self.printed)
        elif block.title:
            (self.folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.not_run:
            pass
        elif block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(block.text, f"line {block.line}", "exec"), self.namespace)  # our own page
            self.printed = out.getvalue()
        elif block.language == "console":
            for command, expected in commands(block.text):
                assert_printed(expected, self._command(command))

    def _command(self, command: str) -> str:
        program, *arguments = shlex.split(command, comments=True)
        if ">" in arguments:
            (target,) = arguments[arguments.index(">") + 1 :]
            shown = self._command(shlex.join([program, *arguments[: arguments.index(">")]]))
            (self.folder / target).write_text(shown, encoding="utf-8")
            return shown
        if program == "python":
            done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
            return done.stdout
        assert program == "tunegraph", f"{command}: cannot be run here; say why not with <!-- not run: ... -->"
        return tunegraph(arguments)


def tunegraph(arguments: list[str]) -> str:
    """Run the command in this process; return what it printed. It must end well."""
    from ui.cli import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = patch.object(sys, "argv", ["tunegraph", *arguments])
    with argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    assert code == 0, f"tunegraph {shlex.join(arguments)} ended with {code}:\n{out.getvalue()}{err.getvalue()}"
    return out.getvalue()


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the lines that are shown below it."""
    before, *parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not before, f"a console block begins with `$ `, not with {before!r}"
    for part in parts:
        joined = part.replace("\\\n", " ")
        command, _, expected = joined.partition("\n")
        yield command, expected


def assert_printed(expected: str, printed: str) -> None:
    """Hold that every line of `expected` was printed; ``...`` stands for anything, runs of spaces for one."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    for line in expected.splitlines():
        plain = " ".join(line.split())
        pattern = ".*".join(re.escape(part.strip()) for part in plain.split("..."))
        assert any(re.search(pattern, one) for one in lines), f"{line!r} is not in:\n{printed}"
