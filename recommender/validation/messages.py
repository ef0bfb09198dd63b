"""What a test process says, and what it is told: a line of JSON each, and nothing that it writes can do harm."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Bytes that one message of the process may have; more is a fault of the process.
MAX_MESSAGE_BYTES = 1_000_000


@dataclass
class Child:
    """One running test process."""

    process: subprocess.Popen[bytes]
    messages: int
    """Descriptor to read messages from."""
    lifeline: int
    """Descriptor whose closing ends the process."""
    token: str
    baseline_mb: float = 0.0
    """Resident memory when it was ready."""
    buffer: bytearray = field(default_factory=bytearray)
    is_silent: bool = False
    """Whether it has closed its end of `messages`."""


def send(child: Child, job: Mapping[str, Any]) -> bool:
    """Write a job; say whether the process was there to take it."""
    assert child.process.stdin is not None  # noqa: S101  # opened as a pipe
    try:
        child.process.stdin.write(json.dumps(job).encode() + b"\n")
        child.process.stdin.flush()
    except BrokenPipeError:
        return False
    return True


def messages_from(child: Child) -> Iterator[Mapping[str, Any]]:
    """Yield the whole messages that have arrived; what is no message is passed over."""
    with contextlib.suppress(BlockingIOError):
        while not child.is_silent and len(child.buffer) <= MAX_MESSAGE_BYTES:
            chunk = os.read(child.messages, 65536)
            child.is_silent = not chunk
            child.buffer += chunk
    while (end := child.buffer.find(b"\n")) >= 0:
        line = bytes(child.buffer[:end])
        del child.buffer[: end + 1]
        # No JSON, no UTF-8, a number of thousands of digits; brackets within brackets.
        with contextlib.suppress(ValueError, RecursionError):
            message = json.loads(line)
            if isinstance(message, dict):
                yield message


def is_endless(child: Child) -> bool:
    """Say whether more bytes have arrived than one message may have, and no end of it."""
    return len(child.buffer) > MAX_MESSAGE_BYTES


def is_fold(message: Mapping[str, Any]) -> bool:
    """Say whether `message` holds the figures of a fold: a score, and seconds that can have passed."""
    figures = message.get("score"), message.get("seconds")
    return (
        "fold" in message
        and all(isinstance(figure, int | float) and abs(figure) <= sys.float_info.max for figure in figures)
        and message["seconds"] > 0
    )
