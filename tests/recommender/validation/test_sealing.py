"""The kernel's filter is laid on only where it fits, and what the kernel says of it is believed."""

import struct
import sys

import pytest

from recommender.validation import sealing

NO_NEW_PRIVILEGES, FILTER = 38, 22


class Libc:
    """Answers ``prctl`` as it is told, and keeps what was asked."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def prctl(self, option, *_):
        self.asked.append(option)
        return self.answers.get({NO_NEW_PRIVILEGES: "privileges", FILTER: "filter"}[option], 0)


@pytest.fixture
def libc(monkeypatch):
    def given(platform="linux", machine="x86_64", **answers):
        found = Libc(**answers)
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(sealing.platform, "machine", lambda: machine)
        monkeypatch.setattr(sealing.ctypes, "CDLL", lambda *_, **__: found)
        return found

    return given


def test_rights_are_given_up_before_the_filter_is_laid_on(libc):
    asked = libc().asked
    assert sealing.seal() is True
    assert asked == [NO_NEW_PRIVILEGES, FILTER]


@pytest.mark.parametrize(("platform", "machine"), [("darwin", "x86_64"), ("linux", "riscv64")])
def test_elsewhere_nothing_is_tried(libc, platform, machine):
    asked = libc(platform, machine).asked
    assert sealing.seal() is False
    assert asked == []


def test_what_the_kernel_refuses_is_said(libc):
    asked = libc(privileges=-1).asked
    assert sealing.seal() is False
    assert asked == [NO_NEW_PRIVILEGES]
    libc(filter=-1)
    assert sealing.seal() is False


def run(code, machine, call):
    """Interpret the filter: return what it answers to a system call of a machine."""
    words, place, word = {0: call, 4: machine}, 0, 0
    while True:
        operation, if_true, if_false, operand = struct.unpack_from("HBBI", code, 8 * place)
        place += 1
        if operation == 0x20:
            word = words[operand]
        elif operation == 0x15:
            place += if_true if word == operand else if_false
        elif operation == 0x35:
            place += if_true if word >= operand else if_false
        else:
            return operand


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_sockets_by_whatever_way_and_nothing_else(machine):
    number, socket = sealing._MACHINES[machine]
    code = sealing._filter(number, socket)
    allowed, refused = 0x7FFF0000, 0x00050000 | 13
    assert run(code, number, socket) == refused
    assert run(code, number, 425) == refused, "io_uring"
    assert run(code, number, 0x40000000 | socket) == refused, "another convention"
    assert run(code, 0xDEAD, 0) == refused, "another machine's calls"
    assert {run(code, number, call) for call in (0, 1, 56, 202, 424, 426)} == {allowed}
