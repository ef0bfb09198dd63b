"""Opens the two graphs of a copy; what is wired together for it beside `ui.compose`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError
from kg.home import home_folder

if TYPE_CHECKING:
    from kg.copying import CopyReport


def copy_between(
    source: str, target: str, home: Path | None = None, *, replace: bool = False, progress: Callable[[str], None]
) -> CopyReport:
    """Copy the graph at `source` to `target`, and check that they are equal.

    Args:
        source: A URL, the home folder of a graph, or ``home``.
        target: The same; a graph that is not there is made.
        home: The user's home. Default: as the environment says.
        replace: Whether what only the target has is taken out.
        progress: Told what is being done.

    Raises:
        InputError: One cannot be opened as it is named, both are the same, or the target has sources of its own.
        StoreError: Something cannot be read or written, or the two are not equal at the end.
    """
    from kg.copying import copy_graph
    from kg.rdf_store import RdfStore
    from kg.stores import open_graph

    folder = home_folder(None if home is None else str(home))
    if source == target:
        raise InputError("A graph cannot be copied to itself.", where="TO", allowed="another graph than FROM")
    with (
        closing(open_graph(source, folder, progress=progress)) as first,
        closing(open_graph(target, folder, new=True, progress=progress)) as second,
    ):
        report = copy_graph(first, second, replace=replace, progress=progress)
        if isinstance(second, RdfStore):
            second.keep_vocabulary()
        return report
