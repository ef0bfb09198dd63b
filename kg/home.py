"""Where a user's data lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: Environment variable that names the folder.
HOME_VARIABLE: Final = "TUNEGRAPH_HOME"


def home_folder(named: str | None = None) -> Path:
    """Return the folder of the user's data: `named`, else ``$TUNEGRAPH_HOME``, else where the platform keeps such data.

    The folder need not exist: what writes to it makes it.
    """
    if chosen := named or os.environ.get(HOME_VARIABLE):
        return Path(chosen).expanduser().absolute()
    # Imported here: who names the folder needs no such library.
    from platformdirs import user_data_path

    return user_data_path("tunegraph", appauthor=False)


def graph_path(folder: Path) -> Path:
    """Return the folder of the graph below `folder`, the user's home."""
    return folder / "graph"
