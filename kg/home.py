"""Where a user's data lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: Environment variable that names the folder.
HOME_VARIABLE: Final = "TUNEGRAPH_HOME"


def home() -> Path:
    """Return the folder of the user's data: ``$TUNEGRAPH_HOME``, or where the platform keeps such data.

    The folder need not exist: what writes to it makes it.
    """
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named).expanduser().absolute()
    # Imported here: who sets the variable needs no such library.
    from platformdirs import user_data_path

    return user_data_path("tunegraph", appauthor=False)


def graph_path(folder: Path) -> Path:
    """Return the folder of the graph below `folder`, the user's home."""
    return folder / "graph"
