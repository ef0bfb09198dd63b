"""A kernel filter that lets a process open no socket, native code included (Linux, seccomp).

It stands beside the name spaces of `isolation`, for machines on which these are not allowed (most containers), and
needs no rights: the process gives up gaining any. What it starts inherits it, and nothing takes it off again.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

#: Machine -> its number for the kernel's audit (linux/audit.h) and its number of the call ``socket``.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
#: ``io_uring_setup``, through which sockets can be opened without the call; the same number everywhere.
_IO_URING_SETUP = 425
#: Calls from here on are those of another convention (x32), which would go around the numbers above.
_FOREIGN_CALLS = 0x40000000

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # the second is errno EACCES
#: Classic BPF (linux/bpf_common.h): load a word, jump if equal, jump if greater or equal, return.
_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _RETURN = 0x20, 0x15, 0x35, 0x06
#: Offsets of the number of the call and of the machine (linux/seccomp.h).
_CALL_OFFSET, _MACHINE_OFFSET = 0, 4


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seal() -> bool:
    """Refuse this process, and all that it will start, to open sockets; say whether the kernel took the filter."""
    if not sys.platform.startswith("linux") or platform.machine() not in _MACHINES:
        return False
    code = _filter(*_MACHINES[platform.machine()])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    return bool(
        libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program), zero, zero) == 0
    )


def _filter(machine: int, socket: int) -> bytes:
    """Return the filter's instructions: code, jump if true, jump if false (instructions to skip), operand."""
    instructions = (
        (_LOAD, 0, 0, _MACHINE_OFFSET),
        (_JUMP_EQUAL, 0, 5, machine),
        (_LOAD, 0, 0, _CALL_OFFSET),
        (_JUMP_ABOVE, 3, 0, _FOREIGN_CALLS),
        (_JUMP_EQUAL, 2, 0, socket),
        (_JUMP_EQUAL, 1, 0, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    )
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
