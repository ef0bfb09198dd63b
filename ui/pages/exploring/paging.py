"""Pages of a long list, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import streamlit as st

T = TypeVar("T")

#: Things of a list that are shown at a time.
_SIZE: Final = 5


def page_of(things: Sequence[T], *, key: str) -> Sequence[T]:
    """Let one choose a page of `things`, where they are more than one has; return what is on it."""
    n = len(things)
    n_pages = -(-n // _SIZE)
    page = 1
    if n_pages > 1:
        page = int(st.number_input(f"Page (of {n_pages})", min_value=1, max_value=n_pages, value=1, key=f"{key}-{n}"))
    return things[(page - 1) * _SIZE : page * _SIZE]
