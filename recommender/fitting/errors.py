"""What a fit raises where a configuration, a fold or the machine does not suit it."""

from __future__ import annotations

import sys

#: Kinds of Python's own that learners, metrics and what they load raise; a fault beyond these is one of this program.
_PYTHONS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
#: Module and name of those kinds of the learners' libraries that are none of Python's.
_LIBRARIES = (("lightgbm.basic", "LightGBMError"), ("catboost", "CatBoostError"))


def fit_errors() -> tuple[type[Exception], ...]:
    """Return what fitting and scoring raise: Python's own kinds, and those of the libraries that are loaded."""
    loaded = [(sys.modules[module], name) for module, name in _LIBRARIES if module in sys.modules]
    return (*_PYTHONS, *(getattr(module, name) for module, name in loaded))


def in_words(error: BaseException) -> str:
    """Return the kind and the message of what a fit raised, at most 500 characters."""
    return f"{type(error).__name__}: {error}"[:500]
