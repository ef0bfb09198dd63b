"""What a model writes, piece by piece as it writes it: talk that nothing has checked, and no value of its draft.

A model's draft is told by the names of its fields alone; its values are shown when they are settled and judged.

transcript = Transcript()
agent = Agent(model, library, check, heard=transcript.hear)   # transcript.text grows while the model writes
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: What stands before a model's talk, wherever it is shown.
NOT_CHECKED = "not checked yet"
#: Characters of one turn's talk, and of one call's arguments, that are told.
MOST_TALK, MOST_ARGUMENTS = 2_000, 200
#: Characters of a token, roughly: for limits on what is under way, and where a provider counts nothing.
CHARACTERS_A_TOKEN = 4

#: ``words`` are prose; ``call`` is a tool that is called, and its arguments; ``end`` ends a turn, its text why if cut.
Kind: TypeAlias = Literal["words", "call", "end"]

#: Where a draft may begin in prose: from there on nothing is told.
_FORM = re.compile(r"[{`]")


@dataclass(frozen=True)
class Piece:
    """Some letters that a model has just written."""

    kind: Kind
    text: str


#: Is given each piece.
Heard: TypeAlias = Callable[[Piece], None]


@dataclass(frozen=True)
class CallPart:
    """Part of a tool call: its place among the calls of the turn; its name, where it begins; some of its arguments."""

    index: int
    name: str
    arguments: str


class CutOff(BaseException):  # not an error of the call: LangChain logs those, and this is meant
    """Ends a stream that nobody waits for any more, or that is beyond a limit. Closes the connection with it."""


@dataclass(frozen=True)
class Form:
    """The form of an answer: the tool whose arguments it is, and the names of its fields."""

    name: str
    fields: tuple[str, ...]


class Ear:
    """Hears one answer of a model, and tells it on.

    Args:
        heard: Is given the pieces.
        form: Of the answer, whose values are not told.
        is_open: Whether anybody still waits for the answer.
        most_tokens: That the answer may have, roughly.
    """

    def __init__(self, heard: Heard, form: Form, *, is_open: Callable[[], bool], most_tokens: int) -> None:
        self._heard, self._form = heard, form
        self._is_open, self._most_tokens = is_open, most_tokens
        self._parts, self._characters = 0, 0
        self._talk = _Talk()
        self._calls: dict[int, _Call | _Answer] = {}
        self._arguments: dict[int, list[str]] = {}
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def tokens(self) -> int:
        """Tokens of the answer so far, roughly: no fewer than one a part."""
        return max(self._parts, self._characters // CHARACTERS_A_TOKEN)

    @property
    def is_whole(self) -> bool:
        """Whether the arguments of every call so far are JSON to their end.

        LangChain completes what is cut in a stream, and would take half a number for a number.
        """
        return all(_is_json("".join(parts)) for parts in self._arguments.values())

    def hear(self, words: str, calls: Iterable[CallPart] = ()) -> None:
        """Take a part of the answer.

        Raises:
            CutOff: Nobody waits for it, or it is too long.
        """
        calls = tuple(calls)
        with self._lock:
            self._check()
            self._parts += bool(words or calls)
            self._characters += len(words) + sum(len(one.name) + len(one.arguments) for one in calls)
            for piece in self._pieces(words, calls):
                self._heard(piece)
        if self.tokens > self._most_tokens:
            raise CutOff(f"The limit of tokens is reached: {self.tokens:,} were written.")

    def end(self, why: str = "") -> None:
        """Close the ear: the turn is over, or is given up for the reason given."""
        with self._lock:
            if not self._is_closed and self._parts:
                self._heard(Piece("end", _line(why)))
            self._is_closed = True

    def _check(self) -> None:
        if self._is_closed or not self._is_open():
            raise CutOff("Nobody waits for this answer.")

    def _pieces(self, words: str, calls: Iterable[CallPart]) -> Iterator[Piece]:
        if told := self._talk.told(words):
            yield Piece("words", told)
        for one in calls:
            if one.index not in self._calls:
                is_answer = one.name == self._form.name
                self._calls[one.index] = _Answer(self._form.fields) if is_answer else _Call(one.name)
            self._arguments.setdefault(one.index, []).append(one.arguments)
            if told := self._calls[one.index].told(one.arguments):
                yield Piece("call", told)


class _Talk:
    """Prose, up to where a form may begin."""

    def __init__(self) -> None:
        self._left, self._is_form = MOST_TALK, False

    def told(self, words: str) -> str:
        if self._is_form or not words:
            return ""
        form = _FORM.search(words)
        self._is_form = form is not None
        text = _line(words[: form.start()] if form else words)[: max(0, self._left)]
        self._left -= len(text)
        return text + (" [writes a form]" if form else "")


class _Call:
    """A call of a tool in plain words: ``looks up evidence: learner svm, page 2``."""

    def __init__(self, name: str) -> None:
        self._name: str | None = name
        self._left = MOST_ARGUMENTS

    def told(self, arguments: str) -> str:
        head = ""
        if self._name is not None:
            head, self._name = f"looks up {_line(self._name).replace('_', ' ')[:40]} ", None
        plain = re.sub(r'[{}\[\]"\\]', "", arguments).replace(":", " ").replace("_", " ")
        text = _line(plain)[: max(0, self._left)]
        self._left -= len(text)
        return head + text


class _Answer:
    """An answer in its form: the fields that are begun, by name; what stands in them is not told."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._left = dict.fromkeys(fields)
        self._seen = ""
        self._is_begun = False

    def told(self, arguments: str) -> str:
        self._seen = self._seen[-80:] + arguments
        begun = [name for name in self._left if re.search(rf'"{re.escape(name)}"\s*:', self._seen)]
        for name in begun:
            del self._left[name]
        head = "" if self._is_begun else "writes its draft, which is shown once it is checked: "
        self._is_begun = True
        return head + "".join(f"{name.replace('_', ' ')} " for name in begun)


class Transcript:
    """What was heard, a line a turn, the last of which grows. Safe with many threads.

    Args:
        most_lines: Lines that are kept, the last ones.
    """

    def __init__(self, *, most_lines: int = 12) -> None:
        self._most = most_lines
        self._lines: list[str] = [""]
        self._lock = threading.Lock()

    def hear(self, piece: Piece) -> None:
        """Take a piece."""
        with self._lock:
            if piece.kind != "end":
                gap = " " if piece.text.startswith(("looks up ", "writes its draft")) and self._lines[-1] else ""
                self._lines[-1] += gap + piece.text
            else:
                self._lines[-1] += f" [{piece.text}]" if piece.text else ""
                self._lines = [*self._lines, ""][-self._most :]

    @property
    def lines(self) -> tuple[str, ...]:
        """The turns, without those that say nothing."""
        with self._lock:
            return tuple(line.strip() for line in self._lines if line.strip())

    @property
    def text(self) -> str:
        """The turns, a line each."""
        return "\n".join(self.lines)


def unheard(_: Piece) -> None:
    """Tell a piece to nobody."""


def _is_json(text: str) -> bool:
    """Say whether a text is JSON values one after another, or blank: some providers give all calls one place."""
    decoder, left = json.JSONDecoder(), text.strip()
    try:
        while left:
            left = left[decoder.raw_decode(left)[1] :].lstrip()
    except (ValueError, RecursionError):  # the second where it is nested without end
        return False
    return True


def _line(text: str) -> str:
    """Return a text without control characters, its line breaks as blanks; a piece keeps the blanks at its ends."""
    return "".join(c if c.isprintable() else " " for c in text)
